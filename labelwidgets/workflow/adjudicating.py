"""Settling what several people say of an item: the items most disputed first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from labelwidgets.errors import LimitError, WorkflowError
from labelwidgets.schema.mode import Mode
from labelwidgets.store.item_metadata import size_of
from labelwidgets.workflow.disagreement import Disagreement, disagreement
from labelwidgets.workflow.disputes import Dispute, disputes, frame_of, most_disputed
from labelwidgets.workflow.gate import guarded
from labelwidgets.workflow.reviewing import may_judge
from labelwidgets.workflow.session import Session

if TYPE_CHECKING:
    from labelwidgets.store.store import Store

# Pixels of all people's layers together, of a byte each.
_MOST = 2**29


class Adjudication(msgspec.Struct, frozen=True):
    """What people said of a task's item.

    Parameters
    ----------
    people
        Whose opinions there are, in the order of their tasks.
    method
        How votes became answers.
    disputes
        Those they agree least about first.
    """

    people: list[str]
    method: str
    disputes: list[Dispute]


@guarded("Session")
class Adjudicator(Session):
    """A hold on the tasks that several people's opinions wait at, in an order of its own.

    For parameters see `Hold`; `work` is in the order in which tasks are given out.
    """

    def __init__(
        self, store: Store, dataset: Any, user: str, work: Sequence[str], *args: Any, **options: Any
    ) -> None:
        self.method = options.pop("method", "majority")
        self._order = list(work)
        super().__init__(store, dataset, user, work, *args, **options)

    def in_mode(self, mode: Mode) -> Session:
        """Return the same hold on the work, with another mode."""
        return Adjudicator(
            self.store,
            self.dataset,
            self._user,
            self._order,
            mode,
            self._given[0],
            self._stages,
            self._given[1],
            method=self.method,
        )

    def next_task(self) -> str | None:
        """Return the task that `open` would open, without opening it; None if none is left."""
        return self._next() or self._first()

    def _next(self, but: Collection[str] = ()) -> str | None:
        active, waiting = self._states
        mine = self.store.next_task(self._user, active, [], self._work, self._among)
        if mine is not None and mine not in but:
            return mine
        gone = set()
        for task in self._order:
            if task in but:
                continue
            only = frozenset([task])
            if self.store.next_task(self._user, active, waiting, only, self._among) is not None:
                break
            if self.store.task(task)["stage"] not in self.stages:
                gone.add(task)
        else:
            task = None
        # What is settled needs not be asked about again.
        self._order = [one for one in self._order if one not in gone]
        return task

    def _claim(self, but: Sequence[str] = ()) -> dict[str, Any] | None:
        active, waiting = self._states
        seen = set(but)
        while (task := self._next(seen)) is not None:
            only = frozenset([task])
            claimed = self.store.claim(
                self._user, active, waiting, self._begin, within=only, among=self._among
            )
            if claimed is not None:
                return claimed
            # Somebody else was faster.
            seen.add(task)
        return None


def adjudication_of(session: Session, task_id: str) -> Adjudication | None:
    """Return what people said of a task's item, for one who may judge it; None where none did."""
    task = session.task(task_id)
    if not may_judge(session, task):
        return None
    opinions = session.store.opinions(task_id)
    if not opinions:
        return None
    method = session.method if isinstance(session, Adjudicator) else "majority"
    people = list(dict.fromkeys(one.author for one in opinions))
    return Adjudication(people, method, disputes({task["item_id"]: opinions}, method))


def disagreement_on(session: Session, task_id: str, frame: int | None) -> Disagreement:
    """Return where people differ on a picture of a task's item, for one who may judge it.

    Raises
    ------
    WorkflowError
        If the person may not judge it.
    SchemaError
        If less than two people have labelled it.
    """
    task = session.task(task_id)
    if not may_judge(session, task):
        raise WorkflowError("is not yours to judge.", where=f"task {task_id[:80]}")
    opinions = session.store.opinions(task_id)
    item = task["item_id"]
    labels = frame_of([(item, one.author, made) for one in opinions for made in one.annotations])
    size = _size_of(session, item, frame)
    if size[0] * size[1] * len(opinions) > _MOST:
        raise LimitError(
            f"is too large for a map of where people differ: {size[1]} x {size[0]} pixels.",
            where=f"item {item}",
        )
    return disagreement(labels, [one.author for one in opinions], item, size, frame)


def _size_of(session: Session, item_id: str, frame: int | None) -> tuple[int, int]:
    """Return (height, width) of a picture, from its file where nothing else is known."""
    item = session.store.item(item_id)
    known = size_of(item["metadata"], frame) if item else None
    if known is not None:
        return known[1], known[0]
    shape = session.pixels(item_id, frame or 0).shape
    return shape[0], shape[1]


def by_dispute(store: Store, task_ids: Collection[str], method: str) -> list[str]:
    """Return those tasks about whose items people gave opinions, the most disputed first.

    Parameters
    ----------
    store
        The project's.
    task_ids
        Main tasks.
    method
        Of `consensus`.
    """
    tasks = {}
    opinions = {}
    for task_id in task_ids:
        found = store.opinions(task_id)
        if found:
            item = store.task(task_id)["item_id"]
            tasks[item] = task_id
            opinions[item] = found
    if not tasks:
        return []
    return [tasks[item] for item in most_disputed(disputes(opinions, method), tasks)]
