"""The tasks in the order of the dataset."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from labelwidgets.store import navigator, task_items
from labelwidgets.store.among import Sight
from labelwidgets.store.database import Database


class Navigation(Database):
    """Pages of tasks, and the way from one to the next."""

    def page(
        self,
        folder: str | None = None,
        within: Collection[str] | None = None,
        offset: int = 0,
        limit: int = 200,
        sight: Sight | None = None,
    ) -> tuple[list[dict[str, Any]], int]:
        """Return one page of tasks for a navigator, and how many there are in all."""
        with self.reading() as connection:
            return navigator.read_page(connection, folder, within, offset, limit, sight)

    def folders(
        self, within: Collection[str] | None = None, sight: Sight | None = None
    ) -> list[dict[str, Any]]:
        """Return the folders, each with `folder`, `total` and the counts by state in `states`."""
        with self.reading() as connection:
            return navigator.read_folders(connection, within, sight)

    def neighbour(
        self,
        task_id: str,
        step: int,
        within: Collection[str] | None = None,
        sight: Sight | None = None,
    ) -> str | None:
        """Return the task `step` places on in the order of the dataset, None beyond the ends."""
        if step == 0:
            return task_id
        with self.reading() as connection:
            return navigator.find_neighbour(connection, task_id, step, within, sight)

    def index(
        self,
        task_id: str,
        folder: str | None = None,
        within: Collection[str] | None = None,
        sight: Sight | None = None,
    ) -> tuple[int | None, int]:
        """Return the index of a task among those of `page`, and how many there are in all."""
        with self.reading() as connection:
            return navigator.find_index(connection, task_id, folder, within, sight)

    def task_ids(self) -> list[str]:
        """Return the ids of all tasks, in the order of the dataset."""
        with self.reading() as connection:
            return task_items.read_task_ids(connection)

    def seen(self, sight: Sight, task_ids: Collection[str] | None = None) -> set[str]:
        """Return those of these tasks, or of all, that a person may see."""
        with self.reading() as connection:
            return task_items.read_seen(connection, sight, task_ids)
