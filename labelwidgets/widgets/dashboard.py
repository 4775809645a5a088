"""How a project goes: stages, people, pace; each number leads to the tasks behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import Any, Protocol

import ipywidgets
import pandas as pd
from pandas.api.types import is_numeric_dtype

from labelwidgets.errors import LabelwidgetsError
from labelwidgets.numbered import numbered
from labelwidgets.workflow.charts import shares, stacked_bars
from labelwidgets.workflow.page_tables import CELL, scrolled

BREAKDOWNS = {"person": "person", "class": "class", "day": "day", "task": "task"}
PERIODS = {"hours": "h", "days": "D", "weeks": "7D"}
_COUNTED = ("submit", "accept", "reject", "skip")
# More rows than these say nothing to the eye; `Project.performance` has all.
MOST_ROWS = 50
MOST_BARS = 60


class Watched(Protocol):
    """Whose work is looked at; `labelwidgets.Project` is one."""

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def tasks(self) -> pd.DataFrame:
        """One row a task."""

    @property
    def annotations(self) -> pd.DataFrame:
        """One row an annotation."""

    def performance(self, by: str | Sequence[str] = ..., idle: float = ...) -> pd.DataFrame:
        """Return who did what."""

    def throughput(self, freq: str = ...) -> pd.DataFrame:
        """Return how much was done in each period."""

    def forecast(self, days: int = ...) -> pd.DataFrame:
        """Return when all will be done."""

    def annotate(self, query: Any = ...) -> Any:
        """Return the widget to label with."""


class Dashboard(ipywidgets.VBox):  # type: ignore[misc]
    """How a project goes, in a notebook cell.

    Where the tasks are, who did what and how well, the pace, and when all will be done. A row that
    is chosen leads to the tasks behind it.

    Parameters
    ----------
    project
        What is looked at; read anew with the button *Refresh*.

    Attributes
    ----------
    table : pandas.DataFrame
        The numbers that are shown, as `Project.performance` returns them.
    """

    def __init__(self, project: Watched) -> None:
        self._project = project
        self.table = pd.DataFrame()
        self._head = ipywidgets.HTML()
        # As wide as the rest: what is wider scrolls by itself.
        self._people = ipywidgets.HTML(layout={"overflow": "auto hidden"})
        self._pace = ipywidgets.HTML()
        self._by = ipywidgets.Dropdown(options=BREAKDOWNS, value="person", description="Rows")
        self._period = ipywidgets.Dropdown(options=PERIODS, value="D", description="Pace by")
        self._row = ipywidgets.Dropdown(description="Tasks of")
        self._open = ipywidgets.Button(description="Open", tooltip="Look at the tasks behind a row")
        refresh = ipywidgets.Button(description="Refresh", icon="refresh")
        self._out = ipywidgets.Output()
        self._by.observe(lambda _: self._safely(self._show_people), "value")
        self._period.observe(lambda _: self._safely(self._show_pace), "value")
        self._open.on_click(lambda _: self._safely(self._show_tasks))
        refresh.on_click(lambda _: self.refresh())
        super().__init__(
            [
                self._head,
                ipywidgets.HBox([self._by, self._row, self._open, refresh]),
                self._people,
                self._period,
                self._pace,
                self._out,
            ]
        )
        self.refresh()

    def refresh(self) -> None:
        """Read everything anew."""
        self._safely(self._show_head)
        self._safely(self._show_people)
        self._safely(self._show_pace)

    def tasks_of(self, value: Any) -> list[str]:
        """Return the ids of the tasks behind a row of `table`."""
        by = self._by.value
        if by == "task":
            return [str(value)]
        if by == "class":
            made = self._project.annotations
            found = made.loc[made["class_name"] == value, "task_id"]
        elif by == "person":
            made, tasks = self._project.annotations, self._project.tasks
            mine = (tasks["assignee"] == value) | (tasks["maker"] == value)
            found = pd.concat(
                [tasks.loc[mine.fillna(False), "id"], made.loc[made["author"] == value, "task_id"]]
            )
        else:
            made = self._project.annotations
            found = made.loc[made["created_at"].dt.floor("D") == value, "task_id"]
        return [str(name) for name in found.drop_duplicates()]

    def _safely(self, show: Callable[[], None]) -> None:
        self._out.clear_output()
        try:
            show()
        except LabelwidgetsError as error:
            self._out.append_display_data(ipywidgets.HTML(f"<p>{escape(str(error))}</p>"))

    def _show_head(self) -> None:
        tasks = self._project.tasks
        main = tasks[tasks["copy"] == 0]
        places = main["stage"] + ": " + main["state"].str.replace("_", " ")
        ahead = self._project.forecast().iloc[0]
        when = (
            "No forecast yet: nothing was finished in the last days."
            if pd.isna(ahead["finish"])
            else f"At {ahead['per_day']:.1f} tasks a day all will be done about "
            f"{ahead['finish']:%Y-%m-%d}."
        )
        if ahead["remaining"] == 0:
            when = "All tasks are done."
        counts = {str(place): int(count) for place, count in places.value_counts().items()}
        self._head.value = (
            f"<b>{escape(self._project.name)}</b>: {ahead['finished']} of "
            f"{numbered(ahead['tasks'], 'task')} "
            f"finished. {when}{shares(counts, 'Tasks by stage and state')}"
        )

    def _show_people(self) -> None:
        by = self._by.value
        self.table = self._project.performance(by)
        shown = self.table.sort_values("labels", ascending=False).head(MOST_ROWS)
        self._people.value = _table(shown, f"Work by {by}")
        if len(self.table) > MOST_ROWS:
            self._people.value += (
                f"<p>The first {MOST_ROWS} of {numbered(len(self.table), 'row')}.</p>"
            )
        self._row.options = [(_cell(value), value) for value in shown[by]]
        self._row.value = None if shown.empty else shown[by].iloc[0]
        self._row.disabled = self._open.disabled = shown.empty

    def _show_pace(self) -> None:
        found = self._project.throughput(self._period.value).tail(MOST_BARS)
        form = "%H:00" if self._period.value == "h" else "%m-%d"
        self._pace.value = stacked_bars(
            [f"{begins:{form}}" for begins in found["begins"]],
            {name: found[name].astype(float).tolist() for name in _COUNTED},
            "Moves of tasks over time",
        )

    def _show_tasks(self) -> None:
        widget = self._project.annotate(self.tasks_of(self._row.value))
        self._out.append_display_data(widget)


def _table(frame: pd.DataFrame, title: str) -> str:
    """Return a frame as a table of HTML, numbers on the right; what people wrote is escaped."""
    sides = ["right" if is_numeric_dtype(kind) else "left" for kind in frame.dtypes]

    def cells(kind: str, texts: Iterable[str]) -> str:
        return "".join(
            f'<{kind} style="{CELL}; text-align: {side}; white-space: nowrap">'
            f"{escape(text)}</{kind}>"
            for side, text in zip(sides, texts, strict=True)
        )

    head = cells("th", (str(name).replace("_", " ") for name in frame.columns))
    body = "".join(
        f"<tr>{cells('td', map(_cell, row))}</tr>"
        for row in frame.itertuples(index=False, name=None)
    )
    return scrolled(f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>", title)


def _cell(value: Any) -> str:
    if value is None or pd.isna(value):
        return ""
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}" if value == value.normalize() else f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".") or "0"
    return str(value)
