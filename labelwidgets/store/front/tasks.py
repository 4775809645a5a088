"""Tasks as they are, and the items that they are about."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from labelwidgets.store import task_items
from labelwidgets.store.database import Database
from labelwidgets.store.golden import read_golden
from labelwidgets.store.moves import find_siblings, find_task
from labelwidgets.store.opened import Opened, read_opened
from labelwidgets.store.seen_frames import put_seen_frames, read_seen_frames


class TaskReading(Database):
    """What there is to be known of a task and of its item."""

    def opened(self, task_id: str, actor: str) -> Opened:
        """Return all that is to be seen of a task at one moment.

        Parameters
        ----------
        task_id
            Which.
        actor
            Whose undo and redo stacks come along.

        Raises
        ------
        WorkflowError
            If there is no such task.
        """
        with self.reading() as connection:
            return read_opened(connection, task_id, actor)

    def task(self, task_id: str) -> dict[str, Any]:
        """Return one task; `WorkflowError` if there is no such."""
        with self.reading() as connection:
            return find_task(connection, task_id)

    def siblings(self, task_id: str) -> list[dict[str, Any]]:
        """Return the other tasks of the item of a task, in their order."""
        with self.reading() as connection:
            return find_siblings(connection, find_task(connection, task_id))

    def golden(self, item_ids: Collection[str] | None = None) -> dict[str, str]:
        """Return the tasks with golden answers that are in force, by item."""
        with self.reading() as connection:
            return read_golden(connection, item_ids)

    def tasks_of_items(self, item_ids: Collection[str]) -> dict[str, list[str]]:
        """Return the tasks of each item, by item."""
        with self.reading() as connection:
            return task_items.read_tasks_of_items(connection, item_ids)

    def item(self, item_id: str) -> dict[str, Any] | None:
        """Return one item, None if there is no such."""
        with self.reading() as connection:
            return task_items.find_item(connection, item_id)

    def items_of_tasks(self, task_ids: Collection[str]) -> set[str]:
        """Return the items that tasks are about."""
        with self.reading() as connection:
            return task_items.read_items_of_tasks(connection, task_ids)

    def videos_of_tasks(self, task_ids: Collection[str]) -> dict[str, str]:
        """Return the videos that tasks are about, by task; tasks about others are not in it."""
        with self.reading() as connection:
            return task_items.read_videos_of_tasks(connection, task_ids)

    def seen_frames(self, item_id: str) -> dict[int, tuple[int | None, str, datetime]]:
        """Return the frames of an item that were looked at, with timestamp, hash and time."""
        with self.reading() as connection:
            return read_seen_frames(connection, item_id)

    def put_seen_frames(
        self, item_id: str, seen: Mapping[int, tuple[int | None, str, datetime]]
    ) -> None:
        """Remember frames of an item as they are now; those that are known stay as they were."""
        with self.writing() as connection:
            put_seen_frames(connection, item_id, seen)
