"""Labels as they are and as they were."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from labelwidgets.schema.annotation import Annotation, OriginKind
from labelwidgets.store import history, log
from labelwidgets.store.clock import from_datetime
from labelwidgets.store.database import Database
from labelwidgets.store.edits import Edit
from labelwidgets.store.first_labels import (
    read_deleted_by_hand,
    read_first,
    read_from_pages,
    read_touched,
)
from labelwidgets.store.moves import read_annotations, read_largest, read_named
from labelwidgets.store.records import Held
from labelwidgets.store.reversal import read_reversal
from labelwidgets.store.usage import read_counts

if TYPE_CHECKING:
    from labelwidgets.store.moment import Moment
    from labelwidgets.store.snapshot import Snapshot


class LabelReading(Database):
    """The labels of tasks now and then, and what can be taken back."""

    def read(
        self, task_id: str | None = None, ids: Collection[str] | None = None
    ) -> list[Annotation]:
        """Return annotations in the order they were made: all, of a task, or by id."""
        with self.reading() as connection:
            if ids is not None:
                return read_named(connection, ids)
            return read_annotations(connection, task_id)

    def read_main(self) -> list[Annotation]:
        """Return what projects come to: the annotations of main tasks, without opinions."""
        with self.reading() as connection:
            return read_annotations(connection, main=True)

    def largest(self, task_id: str, most: int) -> tuple[list[Annotation], int]:
        """Return the largest shapes of a task and its tags, and how many shapes it has."""
        with self.reading() as connection:
            return read_largest(connection, task_id, most)

    def read_first(self, origin: OriginKind) -> list[Annotation]:
        """Return the labels of an origin as they were first made; see `first_labels`."""
        with self.reading() as connection:
            return read_first(connection, origin)

    def from_pages(self, ids: Collection[str]) -> set[str]:
        """Return those of labels that a person made, or took, on a page."""
        with self.reading() as connection:
            return read_from_pages(connection, ids)

    def deleted_by_hand(self, ids: Collection[str]) -> set[str]:
        """Return those of deleted labels whose deletion did not take back what made them."""
        with self.reading() as connection:
            return read_deleted_by_hand(connection, ids)

    def touched(self, ids: Collection[str]) -> set[str]:
        """Return those of labels that were edited since they were made; see `read_touched`."""
        if not ids:
            return set()
        with self.reading() as connection:
            return read_touched(connection, ids)

    def held(self, ids: Collection[str]) -> dict[str, Held]:
        """Return what is held under annotation ids, deleted ones too."""
        with self.reading() as connection:
            return log.read_held(connection, ids)

    def counts(self) -> dict[str, dict[str, int]]:
        """Return the number of tasks by state, and of annotations by class."""
        with self.reading() as connection:
            return read_counts(connection)

    def moment(self, kind: str, until: datetime | None = None, *, frames: bool = False) -> Moment:
        """Return what the project comes to, now or then; see `labelwidgets.store.moment`."""
        from labelwidgets.store.moment import read_moment

        aware = until if until is None or until.tzinfo else until.replace(tzinfo=UTC)
        with self.reading() as connection:
            return read_moment(connection, kind, aware, frames=frames)

    def at(self, time: datetime) -> Snapshot:
        """Return the store as it was, by replay of the events up to and with that moment.

        Parameters
        ----------
        time
            A datetime; one without a time zone is in UTC.
        """
        from labelwidgets.store.snapshot import take

        aware = time if time.tzinfo else time.replace(tzinfo=UTC)
        with self.reading() as connection:
            return take(connection, aware, from_datetime(aware))

    def history(self, task_id: str, actor: str, limit: int | None = None) -> history.History:
        """Return what a person can undo and redo on a task, the next gesture last."""
        with self.reading() as connection:
            return history.read_history(connection, task_id, actor, limit)

    def taking_back(self, actor: str, task_id: str | None = None) -> list[Edit]:
        """Return the edits that undo the last gesture of a person, none if there is none.

        Parameters
        ----------
        actor
            Whose gesture.
        task_id
            Of one task; None of all, and then on every task where it can be undone.
        """
        with self.reading() as connection:
            return read_reversal(connection, actor, task_id, undo=True)

    def bringing_again(self, actor: str, task_id: str | None = None) -> list[Edit]:
        """Return the edits that redo what a person undid last; see `taking_back`."""
        with self.reading() as connection:
            return read_reversal(connection, actor, task_id, undo=False)
