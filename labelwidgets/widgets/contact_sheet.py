"""Many pictures with their labels at a glance, page by page, read when they are looked at."""

from __future__ import annotations

import base64
import os
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from html import escape
from typing import NamedTuple

from labelwidgets.errors import LabelwidgetsError, LimitError
from labelwidgets.media.whole_files import write_bytes
from labelwidgets.numbered import numbered
from labelwidgets.widgets.still import still
from labelwidgets.workflow.page_files import document
from labelwidgets.workflow.page_tables import FAINT, LINE, STYLE
from labelwidgets.workflow.session import Session

# Pictures that are read at once, and of a page.
_AT_ONCE = 8
_MOST = 200


class _Cell(NamedTuple):
    """One picture: a JPEG file or why there is none, and what is said of it."""

    title: str
    state: str
    counts: str
    data: bytes
    error: str


class ContactSheet:
    """Pictures of tasks with their labels; made by `project.contact_sheet`. Shows its page.

    Parameters
    ----------
    session
        Reads pictures and labels.
    tasks
        Ids, in their order.
    columns, rows
        Of a page, at most 200 pictures together.
    edge
        Most pixels of the longer side of a picture, from 16 to 1024.
    page
        Which one is shown, from 1.

    Raises
    ------
    LimitError
        If a number is out of range.
    """

    def __init__(
        self,
        session: Session,
        tasks: Sequence[str],
        columns: int = 4,
        rows: int = 4,
        edge: int = 320,
        page: int = 1,
    ) -> None:
        last = max(1, -(-len(tasks) // max(1, columns * rows)))
        for name, value, most in (
            ("columns", columns, 20),
            ("rows", rows, _MOST // max(1, columns)),
            ("edge", edge, 1024),
            ("page", page, last),
        ):
            least = 16 if name == "edge" else 1
            if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
                raise LimitError(
                    f"must be a whole number from {least} to {most}, not {value!r:.60}.", where=name
                )
        self.columns, self.rows, self.edge, self.number = columns, rows, edge, page
        self._session, self._tasks = session, list(tasks)
        self._cells: list[_Cell] | None = None

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-len(self._tasks) // (self.columns * self.rows)))

    def __len__(self) -> int:
        return len(self._tasks)

    def __repr__(self) -> str:
        return f"ContactSheet({numbered(len(self), 'task')}, page {self.number} of {self.pages})"

    def page(self, number: int) -> ContactSheet:
        """Return the sheet opened at a page, from 1."""
        return ContactSheet(
            self._session, self._tasks, self.columns, self.rows, self.edge, page=number
        )

    @property
    def tasks(self) -> list[str]:
        """The ids of the tasks on the page."""
        many = self.columns * self.rows
        return self._tasks[(self.number - 1) * many : self.number * many]

    def _repr_html_(self) -> str:
        cells = "".join(_figure(cell) for cell in self._read())
        grid = f"display: grid; gap: 8px; grid-template-columns: repeat({self.columns}, 1fr)"
        foot = ""
        if self.pages > 1:
            foot = (
                f'<p style="color: {FAINT}">page {self.number:,} of {self.pages:,} '
                f"({numbered(len(self), 'task')}): .page(n) opens another</p>"
            )
        return f'<div style="{STYLE}"><div style="{grid}">{cells}</div>{foot}</div>'

    def save(self, path: str | os.PathLike[str], **storage_options: object) -> None:
        """Write the page as HTML that needs no other file, whole or not at all."""
        title = f"page {self.number} of {self.pages}"
        write_bytes(path, document(title, self._repr_html_()).encode(), **storage_options)

    def _read(self) -> list[_Cell]:
        """Read the pictures of the page, several at once; they are kept."""
        if self._cells is None:
            with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="labelwidgets-sheet") as pool:
                self._cells = list(pool.map(self._cell, self.tasks))
        return self._cells

    def _cell(self, task: str) -> _Cell:
        known = self._session.task(task)
        labels, total = self._session.largest(task, 1000)
        named = Counter(made.class_name for made in labels if made.class_name is not None)
        told = [f"{count} {name}" for name, count in named.most_common(4)]
        if len(named) > 4 or total > 1000:
            told.append("...")
        data, error = b"", ""
        try:
            data = still(self._session, task, edge=self.edge)
        except LabelwidgetsError as failure:
            error = str(failure)
        return _Cell(str(known["title"]), str(known["state"]), ", ".join(told), data, error)


def _figure(cell: _Cell) -> str:
    title = escape(cell.title)
    if cell.data:
        source = base64.b64encode(cell.data).decode()
        shown = (
            f'<img src="data:image/jpeg;base64,{source}" alt="{title}" '
            'style="width: 100%; height: 100%; object-fit: contain">'
        )
    else:
        shown = f'<span style="color: {FAINT}; padding: 8px">{escape(cell.error[:300])}</span>'
    frame = (
        f"aspect-ratio: 4 / 3; display: flex; align-items: center; justify-content: center; "
        f"overflow: hidden; border: 1px solid {LINE}"
    )
    told = escape(f"{cell.state.replace('_', ' ')}{': ' if cell.counts else ''}{cell.counts}")
    cut = "overflow: hidden; text-overflow: ellipsis; white-space: nowrap"
    return (
        f'<figure style="margin: 0; min-width: 0"><div style="{frame}">{shown}</div>'
        f'<figcaption><div style="{cut}" title="{title}">{title}</div>'
        f'<div style="{cut}; color: {FAINT}" title="{told}">{told}</div></figcaption></figure>'
    )
