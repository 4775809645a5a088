"""The queue of a person, the tasks in it, and a navigator through them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from labelwidgets.errors import WorkflowError
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.ids import is_id
from labelwidgets.workflow.moving import Moving


class OpenTask(msgspec.Struct, frozen=True):
    """A task as a widget shows it.

    Parameters
    ----------
    task
        Row of the task: id, item_id, position, title, stage, state, assignee, priority,
        batch, score, updated_at, revision.
    item
        Row of its item: id, kind, title, folder, urls, metadata, status.
    annotations
        In the order they were made.
    deleted
        Revisions of the deleted ones by id, to bring them back on.
    undo, redo
        Ids of the gestures that this person can undo and redo here, the next one last.
    seq
        Place in the event log; ask `Session.changes` from here on.
    """

    task: dict[str, Any]
    item: dict[str, Any]
    annotations: list[Annotation]
    deleted: dict[str, int]
    undo: list[str]
    redo: list[str]
    seq: int


class Queueing(Moving):
    """What a person is given to do, and what there is to look at."""

    def open(self, task_id: str | None = None) -> OpenTask:
        """Open a task. The next of the queue becomes this person's, in progress.

        A task that is named is only looked at; it becomes this person's with the first
        edit.

        Parameters
        ----------
        task_id
            Which; None for the one this person has in progress, else the next in the queue,
            else the first of the work list, if the session has one.

        Raises
        ------
        WorkflowError
            If there is no such task, or none is left in the queue.
        """
        if task_id is None:
            claimed = self._claim()
            found = str(claimed["id"]) if claimed else self._first()
            if found is None:
                raise WorkflowError(
                    "No task is left in the queue.",
                    where=f"project {self.project_name!r}",
                    hint="Name a task to look at it again.",
                )
            task_id = found
        else:
            self._check_within(task_id)
        return self._opened(task_id)

    def _claim(self, but: Sequence[str] = ()) -> dict[str, Any] | None:
        active, waiting = self._states
        return self.store.claim(
            self._user,
            active,
            waiting,
            self._begin,
            within=self._work,
            but=but,
            among=self._among,
        )

    def _opened(self, task_id: str) -> OpenTask:
        opened = self.store.opened(task_id, self._user)
        undo, redo = opened.stacks
        return OpenTask(
            opened.task, opened.item, opened.annotations, opened.deleted, undo, redo, opened.seq
        )

    def ahead(self, known: Sequence[str]) -> OpenTask | None:
        """Open the task of the queue that comes after those that are known; None if none does.

        It becomes this person's, so that nobody else labels it meanwhile; see `release`.

        Parameters
        ----------
        known
            Ids of tasks that are open, or were opened ahead before.
        """
        claimed = self._claim(known)
        return None if claimed is None else self._opened(str(claimed["id"]))

    def task(self, task_id: str) -> dict[str, Any]:
        """Return the row of a task as it is now."""
        self._check_within(task_id)
        return self.store.task(task_id)

    def look(self, task_id: str) -> tuple[dict[str, Any], list[Annotation]]:
        """Return the item and the annotations of a task, without opening it."""
        self._check_within(task_id)
        opened = self.store.opened(task_id, self._user)
        return opened.item, opened.annotations

    def largest(self, task_id: str, most: int) -> tuple[list[Annotation], int]:
        """Return the largest shapes of a task and its tags, and how many shapes it has."""
        self._check_within(task_id)
        return self.store.largest(task_id, most)

    def item_of(self, task_id: str) -> str:
        """Return the item that a task is about."""
        self._check_within(task_id)
        return str(self.store.task(task_id)["item_id"])

    def labels_of(self, task_id: str, ids: Sequence[str]) -> dict[str, Annotation]:
        """Return those of a task's annotations that are named and there, by id."""
        self._check_within(task_id)
        found = self.store.read(ids=[name for name in ids if is_id(name)])
        return {made.id: made for made in found if made.task_id == task_id}

    # The navigator

    def upcoming(self, task_id: str, limit: int = 8) -> list[str]:
        """Return items whose pictures are likely to be wanted after a task; none is claimed.

        Those of the queue, and of the neighbours of the task in the order of the dataset.
        """
        active, waiting = self._states
        return self.store.upcoming(
            self._user,
            active,
            waiting,
            self._work,
            task=task_id,
            limit=limit,
            among=self._among,
            sight=self._sight,
        )

    def next_task(self) -> str | None:
        """Return the task that `open` would open, without opening it; None if none is left."""
        active, waiting = self._states
        found = self.store.next_task(self._user, active, waiting, self._work, self._among)
        return found or self._first()

    def waiting(self, limit: int = 1000) -> int:
        """Return how many tasks wait for this person, those begun included, up to a limit."""
        active, waiting = self._states
        return self.store.count_waiting(
            self._user, active, waiting, self._work, limit=limit, among=self._among
        )

    def _first(self) -> str | None:
        # A list that was asked for is shown, though nothing in it may be left to do.
        rows = [] if self._work is None else self.tasks(limit=1)[0]
        return str(rows[0]["id"]) if rows else None

    def place(self, task_id: str, folder: str | None = None) -> tuple[int | None, int]:
        """Return the index of a task among those of `tasks`, and how many there are in all."""
        return self.store.index(task_id, folder, self._work, self._sight)

    def tasks(
        self, folder: str | None = None, offset: int = 0, limit: int = 200
    ) -> tuple[list[dict[str, Any]], int]:
        """Return rows of tasks in the order of the dataset, and how many there are in all.

        Parameters
        ----------
        folder
            Only tasks of this folder; None for all.
        offset, limit
            Which page; at most 1000 rows.
        """
        at, most = max(0, offset), min(max(0, limit), 1000)
        return self.store.page(folder, self._work, at, most, self._sight)

    def folders(self) -> list[dict[str, Any]]:
        """Return the folders, each with `folder`, `total`, and counts by state in `states`."""
        return self.store.folders(self._work, self._sight)

    def neighbour(self, task_id: str, step: int) -> str | None:
        """Return the task `step` places on in the order of the dataset, None beyond the ends."""
        return self.store.neighbour(task_id, step, self._work, self._sight)
