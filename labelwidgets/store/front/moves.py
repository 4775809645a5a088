"""Tasks that are made and moved, and the log of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from labelwidgets.store import gold_tasks, log, moving
from labelwidgets.store.database import Database
from labelwidgets.store.intake import Opinions, add_items
from labelwidgets.store.more_tasks import Plan, add_beside
from labelwidgets.store.moves import Decide, Move

if TYPE_CHECKING:
    import pandas as pd


class TaskMoves(Database):
    """How tasks come to be, and what becomes of them."""

    def move(self, task_id: str, actor: str, decide: Decide) -> dict[str, Any]:
        """Move a task in one transaction, and return it as it is then.

        Parameters
        ----------
        task_id
            Which.
        actor
            Who moves it.
        decide
            Called with the task and a function that gets its annotations; returns the
            move, or None to leave the task, or raises.

        Raises
        ------
        WorkflowError
            If there is no such task, or as `decide` raises it.
        """
        return moving.move(self, task_id, actor, decide)

    def move_all(self, task_ids: Sequence[str], actor: str, decide: Decide) -> int:
        """Move tasks in one transaction, all or none, and return how many moved; see `move`."""
        with self.writing() as connection:
            return moving.move_all(connection, task_ids, actor, decide)

    def add_beside(
        self,
        main_ids: Sequence[str],
        actor: str,
        plan: Plan,
        move: Decide,
        note: Mapping[str, Any],
    ) -> int:
        """Add tasks beside main tasks, in one transaction, and return how many.

        See `labelwidgets.store.more_tasks.add_beside`.
        """
        with self.writing() as connection:
            return add_beside(connection, main_ids, actor, plan, move, note)

    def put_workflow(
        self, change: Callable[[str], tuple[str, Mapping[str, Move]]], actor: str
    ) -> None:
        """Replace the workflow in one transaction, and move tasks with it.

        Parameters
        ----------
        change
            From the workflow as JSON to the new one, and moves of tasks by their ids.
        actor
            Who does it.
        """
        with self.writing() as connection:
            moving.put_workflow(connection, change, actor)

    def add_items(
        self,
        items: pd.DataFrame,
        initial: Mapping[str, Any],
        actor: str,
        opinions: Opinions | None = None,
    ) -> int:
        """Add those items of a frame that are not in the store yet; return how many."""
        with self.writing() as connection:
            head = log.take_head(connection)
            return add_items(connection, head, items, initial, actor, opinions)

    def place_gold(
        self, item_ids: Sequence[str], start: Mapping[str, Any], actor: str
    ) -> dict[str, str]:
        """Return the tasks for golden answers of items, made where there was none, by item."""
        with self.writing() as connection:
            return gold_tasks.place_gold(connection, item_ids, start, actor)

    def place_probes(
        self, probes: Sequence[gold_tasks.Probe], start: Mapping[str, Any], actor: str
    ) -> int:
        """Make probes; see `labelwidgets.store.gold_tasks.place_probes`."""
        with self.writing() as connection:
            return gold_tasks.place_probes(connection, probes, start, actor)

    def read_moves(
        self, kinds: Sequence[str] | None = None, task: str | None = None
    ) -> list[dict[str, Any]]:
        """Return the moves of tasks in their order: seq, time, actor, task, kind and payload.

        Parameters
        ----------
        kinds
            Only events of these kinds; None for all that are no edits.
        task
            Only those of this task.
        """
        with self.reading() as connection:
            return log.read_moves(connection, kinds, task)
