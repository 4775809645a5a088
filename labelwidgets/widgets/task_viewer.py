"""All tasks at a glance: small pictures with state, people and score; a click opens one."""

from __future__ import annotations

import io
from collections.abc import Callable
from html import escape
from typing import Any, Protocol

import ipycanvas
import ipywidgets
import numpy as np
import numpy.typing as npt
import pandas as pd
from PIL import Image

from labelwidgets.errors import LabelwidgetsError

EDGE = 128
_GAP, _TEXT = 8, 46
_CELL = (EDGE + _GAP, EDGE + _TEXT)
COLUMNS, ROWS = 6, 3
_STATES = {
    "queued": "#999999",
    "in_progress": "#e69f00",
    "submitted": "#0072b2",
    "skipped": "#d55e00",
    "done": "#009e73",
}


class Thumbnails(Protocol):
    """Where small pictures come from; `labelwidgets.media.Dataset` is one."""

    def thumbnail(self, item_id: str, edge: int = ..., /) -> Any:
        """Return an item as an encoded picture of at most `edge` pixels."""


class Viewed(Protocol):
    """Whose tasks are looked at; `labelwidgets.Project` is one."""

    @property
    def dataset(self) -> Any:
        """Where pixels come from."""

    @property
    def tasks(self) -> pd.DataFrame:
        """One row a task."""

    def annotate(self, query: Any = ..., task: Any = ...) -> Any:
        """Return the widget to label with."""


class TaskViewer(ipywidgets.VBox):  # type: ignore[misc]
    """The tasks of a project as a page of small pictures, in a notebook cell.

    Parameters
    ----------
    project
        Whose tasks.
    find
        From a query to the ids of the tasks that it is about; see `Project.annotate` for what a
        query may be.
    query
        The first one; None for all tasks.

    Attributes
    ----------
    page : pandas.DataFrame
        The tasks that are on the canvas, in their order.
    """

    def __init__(
        self, project: Viewed, find: Callable[[Any], list[str]], query: str | None = None
    ) -> None:
        self._project, self._find = project, find
        self._rows = project.tasks
        self._first = 0
        self.page = self._rows.iloc[:0]
        width, height = _CELL
        self._canvas = ipycanvas.Canvas(width=COLUMNS * width, height=ROWS * height)
        self._canvas.on_mouse_down(self._pressed)
        self._query = ipywidgets.Text(
            value=query or "",
            placeholder="state == 'submitted' and score < 5",
            description="Query",
            continuous_update=False,
            layout=ipywidgets.Layout(width="50%"),
        )
        self._query.observe(lambda _: self._filter(), "value")
        self._said = ipywidgets.HTML()
        back = ipywidgets.Button(icon="chevron-left", tooltip="Page before", layout=_small())
        on = ipywidgets.Button(icon="chevron-right", tooltip="Next page", layout=_small())
        back.on_click(lambda _: self.turn(-1))
        on.on_click(lambda _: self.turn(1))
        self._out = ipywidgets.Output()
        super().__init__(
            [ipywidgets.HBox([self._query, back, on, self._said]), self._canvas, self._out]
        )
        self._filter()

    def turn(self, pages: int) -> None:
        """Go on by so many pages."""
        size = COLUMNS * ROWS
        last = max(0, (len(self._rows) - 1) // size * size)
        self._first = min(max(0, self._first + pages * size), last)
        self._paint()

    def show(self, task: str) -> None:
        """Show a task below, with all its labels."""
        self._out.clear_output()
        self._out.append_display_data(self._project.annotate(None, task))

    def _filter(self) -> None:
        rows = self._project.tasks
        try:
            if self._query.value.strip():
                wanted = set(self._find(self._query.value))
                rows = rows[rows["id"].isin(wanted)]
        except LabelwidgetsError as error:
            self._said.value = f"<span>{escape(str(error))}</span>"
            return
        self._rows, self._first = rows.reset_index(drop=True), 0
        self._paint()

    def _paint(self) -> None:
        self.page = self._rows.iloc[self._first : self._first + COLUMNS * ROWS]
        total = len(self._rows)
        first = self._first + 1 if total else 0
        self._said.value = f"{first} to {self._first + len(self.page)} of {total}"
        with ipycanvas.hold_canvas():
            self._canvas.clear()
            for number, row in enumerate(self.page.to_dict("records")):
                self._paint_task(row, *_place(number))

    def _paint_task(self, row: dict[Any, Any], x: float, y: float) -> None:
        canvas = self._canvas
        try:
            pixels = _decoded(self._project.dataset.thumbnail(row["item_id"], EDGE).data)
        except LabelwidgetsError:
            # The table says what is wrong with it; here it is a plain grey tile.
            pixels = np.full((EDGE, EDGE, 3), 128, np.uint8)
        height, width = pixels.shape[:2]
        canvas.put_image_data(pixels, x + (EDGE - width) // 2, y + (EDGE - height) // 2)
        canvas.fill_style = _STATES.get(row["state"], "#56b4e9")
        canvas.fill_rect(x, y + EDGE + 2, EDGE, 4)
        # A middle grey is read on light and on dark ground.
        canvas.fill_style = "#808080"
        canvas.font = "11px sans-serif"
        people = " ".join(str(row[name]) for name in ("maker", "assignee") if _there(row[name]))
        score = f", score {row['score']:g}" if _there(row["score"]) else ""
        lines = [str(row["title"]), f"{row['stage']}: {row['state']}{score}", people]
        for number, line in enumerate(lines):
            canvas.fill_text(line[:24], x, y + EDGE + 18 + 13 * number, max_width=EDGE)

    def _pressed(self, x: float, y: float) -> None:
        column, line = int(x // _CELL[0]), int(y // _CELL[1])
        number = line * COLUMNS + column
        if 0 <= column < COLUMNS and 0 <= number < len(self.page):
            self.show(str(self.page.iloc[number]["id"]))


def _place(number: int) -> tuple[int, int]:
    line, column = divmod(number, COLUMNS)
    return column * _CELL[0], line * _CELL[1]


def _decoded(data: bytes) -> npt.NDArray[np.uint8]:
    with Image.open(io.BytesIO(data), formats=["JPEG", "PNG", "WEBP"]) as image:
        return np.asarray(image.convert("RGB"))


def _there(value: Any) -> bool:
    return not pd.isna(value)


def _small() -> ipywidgets.Layout:
    return ipywidgets.Layout(width="40px")
