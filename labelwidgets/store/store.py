"""The store of a project: every label, and everything that ever happened to it."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from datetime import datetime
from typing import Any

from labelwidgets.schema.issue import Issue
from labelwidgets.schema.ontology import Ontology
from labelwidgets.schema.renames import Renames
from labelwidgets.store import log
from labelwidgets.store.arrival import take_in
from labelwidgets.store.clock import from_datetime
from labelwidgets.store.edits import Applied, Check, Edit, Outcome
from labelwidgets.store.front.frames import TableFrames
from labelwidgets.store.front.labels import LabelReading
from labelwidgets.store.front.moves import TaskMoves
from labelwidgets.store.front.navigator import Navigation
from labelwidgets.store.front.people import Team
from labelwidgets.store.front.queue import Queueing
from labelwidgets.store.front.rulebook import Rulebook
from labelwidgets.store.front.talk import Talking
from labelwidgets.store.front.tasks import TaskReading
from labelwidgets.store.location import Location
from labelwidgets.store.migrations import Migration
from labelwidgets.store.news import News
from labelwidgets.store.notes import Note, put_note, read_notes
from labelwidgets.store.ontologies import Rules
from labelwidgets.store.watch import Observer, Observers


class Store(
    LabelReading,
    Navigation,
    Queueing,
    Rulebook,
    TableFrames,
    Talking,
    TaskMoves,
    TaskReading,
    Team,
):
    """The tables of one project; make one with `create` or `open`.

    A store may be used from several threads, and by several processes at once. Each method is one
    transaction, whose work is done in a room of its own. The methods are in rooms by what they are
    about; those for edits, and for who wants to hear of them, are here.
    """

    def __init__(
        self, location: Location, wait: float, migrations: Mapping[int, Migration], newest: int
    ) -> None:
        super().__init__(location, wait, migrations, newest)
        self._news = News(self)
        self._observers = Observers()

    def apply(
        self,
        edits: Sequence[Edit],
        actor: str,
        client: str | None = None,
        check: Check | None = None,
        authors: Mapping[str, str] | None = None,
        within: Container[str] | None = None,
        renames: Renames | None = None,
        rules: Rules | None = None,
        growth: Callable[[Ontology], Ontology] | None = None,
    ) -> list[Outcome]:
        """Apply edits in one transaction, durable when this returns.

        Parameters
        ----------
        edits
            A gesture's edits are applied all or none; edits with an id that was applied
            before are acknowledged again and change nothing.
        actor
            Who makes them.
        client
            From which view.
        check
            Called for each edit that would be applied; raises `WorkflowError` for what is
            forbidden and another `LabelwidgetsError` for what is invalid.
        authors
            Authors of created annotations by id, where it is not the actor (an import).
        within
            Ids of the only tasks that may be edited; outcomes show nothing of others.
        renames
            Former names, which edits may still have.
        rules
            What `check` and `renames` are made from.
        growth
            What the ontology becomes with the edits, in the same transaction; where none of them
            is applied, it stays as it is.

        Returns
        -------
        list of Applied or Refused
            One for each edit, in their order.

        Raises
        ------
        StoreLockedError, StoreFullError, StoreReadOnlyError
            In which case nothing was applied.
        RulesMovedError
            If `rules` are no longer the current ones; nothing was applied.
        """
        edits = list(edits)
        if not edits:
            return []
        self.make_ready()
        with self.writing() as connection:
            outcomes, applied = take_in(
                connection, edits, actor, client, check, authors, within, renames, rules, growth
            )
        if applied:
            self._observers.tell(applied)
        return outcomes

    def changes(self, after_seq: int) -> list[Applied]:
        """Return the edits of any process that were applied after a sequence number."""
        return self._news.edits(after_seq)

    def issues_since(self, after_seq: int) -> tuple[list[Issue], int]:
        """Return issues that anybody said something of since, as they are now, and the last seq."""
        return self._news.issues(after_seq)

    def last_seq(self) -> int:
        """Return the sequence number of the last event."""
        with self.reading() as connection:
            return log.last_seq(connection)

    def subscribe(self, callback: Observer) -> Callable[[], None]:
        """Call back with the edits that this object applies, after each commit.

        Returns
        -------
        callable
            Ends the subscription.
        """
        return self._observers.add(callback)

    def put_note(self, kind: str, actor: str, payload: Mapping[str, Any]) -> None:
        """Put on record what is about the project as a whole; see `labelwidgets.store.notes`."""
        with self.writing() as connection:
            put_note(connection, kind, actor, payload)

    def notes(self, kind: str, until: datetime | None = None) -> list[Note]:
        """Return what was put on record, of a kind, up to a moment."""
        with self.reading() as connection:
            return read_notes(connection, kind, None if until is None else from_datetime(until))
