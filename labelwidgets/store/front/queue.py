"""What a person is given to do next."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from labelwidgets.store import late, leases, moving, queue
from labelwidgets.store.among import Among, Sight
from labelwidgets.store.claims import Wanted
from labelwidgets.store.database import Database
from labelwidgets.store.moves import Decide
from labelwidgets.store.waiting import count_waiting


class Queueing(Database):
    """Who is given which task, and for how long."""

    def claim(
        self,
        actor: str,
        active: Sequence[str],
        waiting: Sequence[str],
        decide: Decide,
        within: Collection[str] | None = None,
        but: Collection[str] = (),
        among: Among | None = None,
    ) -> dict[str, Any] | None:
        """Move the next task of a person, that nobody else can take at the same moment.

        See `labelwidgets.store.queue.ways` for which that is.

        Returns
        -------
        dict or None
            The task as it is then; None if none is left.
        """
        wanted = Wanted(actor, active, waiting, within, but, among or Among())
        return moving.claim(self, wanted, decide)

    def renew(self, task_id: str, actor: str, lease_seq: int | None = None) -> bool:
        """Show a sign of life: a task stays this person's for another ten minutes.

        Parameters
        ----------
        task_id
            Which.
        actor
            Whose it is.
        lease_seq
            Of the claim, as in the row of the task; None for whichever the person has.

        Returns
        -------
        bool
            False if it is no longer this person's, or not by that claim.
        """
        with self.writing() as connection:
            return leases.renew(connection, task_id, actor, lease_seq)

    def next_task(
        self,
        actor: str,
        active: Sequence[str],
        waiting: Sequence[str],
        within: Collection[str] | None = None,
        among: Among | None = None,
    ) -> str | None:
        """Return the task that `claim` would take, without taking it."""
        with self.reading() as connection:
            return queue.find_next(connection, actor, active, waiting, within, (), among)

    def count_waiting(
        self,
        actor: str,
        active: Sequence[str],
        waiting: Sequence[str],
        within: Collection[str] | None = None,
        *,
        limit: int,
        among: Among | None = None,
    ) -> int:
        """Return how many tasks wait for a person, counted up to a limit."""
        with self.reading() as connection:
            return count_waiting(connection, actor, active, waiting, within, limit, among)

    def upcoming(
        self,
        actor: str,
        active: Sequence[str],
        waiting: Sequence[str],
        within: Collection[str] | None = None,
        *,
        task: str,
        limit: int,
        among: Among | None = None,
        sight: Sight | None = None,
    ) -> list[str]:
        """Return the items that are likely to be wanted after a task; none is claimed."""
        with self.reading() as connection:
            return queue.find_upcoming(
                connection, actor, active, waiting, within, task, limit, among, sight
            )

    def lost(self, task_id: str, actor: str) -> bool:
        """Say whether a person had a task until their lease ended, and somebody else has it now."""
        with self.reading() as connection:
            return task_id in late.find_lost(connection, [task_id], actor)
