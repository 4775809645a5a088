"""Answers to what pages ask of tasks: to open one, to list them, to hand one in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any, TypeAlias

import msgspec

from labelwidgets.errors import RightsError
from labelwidgets.schema.annotation import Annotation
from labelwidgets.widgets import messages
from labelwidgets.widgets.item_info import item_info
from labelwidgets.widgets.label_info import label_info
from labelwidgets.widgets.pages import Pages
from labelwidgets.widgets.reading import FindLoop
from labelwidgets.widgets.task_info import navigator_info, task_info
from labelwidgets.workflow.session import OpenTask, Session
from labelwidgets.workflow.stages import QUEUED

# So many of the pictures that are read ahead are decoded in the page too.
SHOWN_NEXT = 3

About: TypeAlias = (
    messages.Showing
    | messages.Queue
    | messages.Tasks
    | messages.Submit
    | messages.Skip
    | messages.Reopen
)


class TaskAnswers:
    """Opens tasks for pages, and knows which of them the pages have.

    Parameters
    ----------
    session
        Who works, and on what.
    pages
        Who is told.
    find_loop
        Returns the event loop; where there is none, nothing is read ahead.
    on_open
        Told the item of each task that is opened.
    """

    def __init__(
        self,
        session: Session,
        pages: Pages,
        find_loop: FindLoop,
        on_open: Callable[[str], None] | None,
    ) -> None:
        self._session = session
        self._pages = pages
        self._find_loop = find_loop
        self._on_open = on_open
        self._opened: set[str] = set()
        # Opened ahead, and not shown yet.
        self._early: set[str] = set()
        # Only looked at: nobody's until the first edit.
        self._waiting: set[str] = set()
        # The task that is shown, and the claim that it is this person's by.
        self._held: tuple[str, int | None] | None = None
        # Items that are likely to be wanted after the one that is shown.
        self._next: list[str] = []

    def answer(self, message: About) -> None:
        """Do what a page asks of tasks, other than to open one."""
        session = self._session
        match message:
            case messages.Showing():
                self._showing(message.task)
            case messages.Queue():
                waiting = session.waiting()
                content = {"type": "queue", "request": message.request, "waiting": waiting}
                self._pages.tell(content)
            case messages.Tasks():
                self._pages.tell(navigator_info(session, message))
            case messages.Submit():
                self._tell_moved(message.request, session.submit(message.task))
            case messages.Skip():
                self._tell_moved(message.request, session.skip(message.task, message.reason))
            case messages.Reopen():
                self._tell_moved(message.request, session.reopen(message.task))

    def open(self, message: messages.Open, seq: int) -> None:
        """Open a task and tell what is on it.

        Parameters
        ----------
        message
            What is asked for.
        seq
            Up to which event others' edits have been told, which a page hears even where there
            is no task.
        """
        session = self._session
        if message.ahead and message.task is not None:
            self._peek(message.request, message.task, message.step, seq)
            return
        if message.ahead:
            early = session.ahead(message.known)
            if early is not None:
                self._early.add(early.task["id"])
                self._tell_opened(message.request, early)
                return
        wanted = message.task
        if wanted is not None and message.step:
            wanted = session.neighbour(wanted, message.step) or wanted
        if message.ahead or (wanted is None and session.next_task() is None):
            self._tell_nothing(message.request, seq)
            return
        opened = session.open(wanted)
        self._early.discard(opened.task["id"])
        self._hold(opened.task)
        self._prefetch(opened)
        if self._on_open is not None:
            self._on_open(opened.item["id"])
        self._tell_opened(message.request, opened)

    def has(self, task: str) -> bool:
        """Say whether a page has opened a task."""
        return task in self._opened

    def labels_of(self, item: str) -> list[Annotation]:
        """Return the labels of the task that a page shows of an item, as the store has them."""
        shown = [] if self._held is None else [self._held[0]]
        for task in [*shown, *sorted(self._opened - set(shown))]:
            if self._session.item_of(task) == item:
                return self._session.look(task)[1]
        return []

    def tell_taken(self, edited: Iterable[str]) -> None:
        """Tell of edited tasks that were only looked at before: they are this person's now."""
        for task in self._waiting.intersection(edited):
            self._waiting.discard(task)
            self._pages.tell({"type": "moved", "task": task_info(self._session.task(task))})

    def beat(self) -> None:
        """Give a sign of life: the task that is shown, and those opened ahead, stay theirs."""
        shown = [] if self._held is None else [self._held]
        for task, claim in [*shown, *((early, None) for early in self._early)]:
            self._session.renew(task, claim)

    def close(self) -> None:
        """Give tasks that were opened ahead back to the queue, and read nothing more ahead."""
        # Of somebody who was removed, nothing is left to be given back.
        with suppress(RightsError):
            self._session.release(self._early)
        self._session.dataset.prefetch([])

    def _peek(self, request: int, task: str, step: int, seq: int) -> None:
        """Say what a task is that may be shown later; nothing else follows from it."""
        found = self._session.neighbour(task, step)
        if found is None:
            self._tell_nothing(request, seq)
        else:
            self._tell_opened(request, self._session.open(found), ahead=True)

    def _prefetch(self, opened: OpenTask) -> None:
        """Read what is shown now, and what is likely to be next; all else is given up on.

        Without an event loop nothing is read beside the answers.
        """
        session = self._session
        # Of a scan nobody knows which slice is looked at first: its headers say so.
        coming = session.upcoming(opened.task["id"])
        self._next = [item for item in coming if not session.opens_first(item)]
        if self._find_loop() is not None:
            session.prefetch([opened.item["id"], *self._next])

    def _showing(self, task: str) -> None:
        row = self._session.task(task)
        self._early.discard(task)
        self._hold(row)
        if self._on_open is not None:
            self._on_open(row["item_id"])

    def _hold(self, task: Mapping[str, Any]) -> None:
        """Remember the task that is shown, which a sign of life is given of."""
        mine = task["assignee"] == self._session.user
        self._held = (task["id"], task["lease_seq"] if mine else None)

    def _tell_nothing(self, request: int, seq: int) -> None:
        _, total = self._session.tasks(limit=0)
        nothing = {"type": "opened", "request": request, "task": None, "item": None}
        self._pages.tell({**nothing, "total": total, "index": 0, "seq": seq})

    def _tell_opened(self, request: int, opened: OpenTask, ahead: bool = False) -> None:
        session = self._session
        self._opened.add(opened.task["id"])
        if opened.task["state"] == QUEUED:
            self._waiting.add(opened.task["id"])
        index, total = session.place(opened.task["id"])
        body = {
            "annotations": [label_info(made) for made in opened.annotations],
            "undo": opened.undo,
            "redo": opened.redo,
            "deleted": opened.deleted,
        }
        content = {
            "type": "opened",
            "request": request,
            "task": {
                **task_info({**opened.task, "folder": opened.item["folder"]}),
                "scope": session.scope_of(opened.task),
            },
            "item": item_info(opened.item),
            "index": index,
            "total": total,
            "seq": opened.seq,
            **({} if ahead else {"next": self._next[:SHOWN_NEXT]}),
        }
        self._pages.tell(content, [msgspec.json.encode(body)])

    def _tell_moved(self, request: int, task: Mapping[str, Any]) -> None:
        self._pages.tell({"type": "moved", "request": request, "task": task_info(task)})
