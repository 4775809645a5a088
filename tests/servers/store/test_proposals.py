"""Moves that are judged before the line of writers, and what goes to a server as one text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from labelwidgets.schema.ids import new_id
from labelwidgets.store.among import Among
from labelwidgets.store.claims import Wanted, look
from labelwidgets.store.moves import Move, find_family
from labelwidgets.store.proposals import propose
from labelwidgets.store.store import Store
from tests.servers.conftest import running
from tests.servers.postgres import Postgres
from tests.store.making import NewPlace, applied, create, make_store, update

OPEN = Move("open", {"state": "in_progress", "assignee": "ana"}, {})


@pytest.fixture
def lazy_server() -> Iterator[Postgres]:
    """A server that writes its log to the disk for nobody who does not wait for it."""
    yield from running(lambda home: Postgres(home, settings=("wal_writer_delay=10s",)))


def test_a_move_is_not_made_where_something_came_between(store: Store, task: str) -> None:
    with store.proposing() as connection:
        family = find_family(connection, task)
        applied(store.apply([create(task)], "ben")[0])
        last = store.last_seq()
        assert propose(connection, family, "ana", OPEN) is None
    assert store.last_seq() == last
    assert store.task(task)["state"] == "queued"


def test_a_move_is_not_made_where_the_rules_have_changed(store: Store, task: str) -> None:
    with store.proposing() as connection:
        family = find_family(connection, task)
        store.put_instructions("Label what is red.", "ben")
        assert propose(connection, family, "ana", OPEN) is None
    assert store.task(task)["assignee"] is None


def test_a_move_is_made_where_others_have_worked_elsewhere(store: Store, task: str) -> None:
    other = store.task_ids()[1]
    with store.proposing() as connection:
        family = find_family(connection, task)
        applied(store.apply([create(other)], "ben")[0])
        made = propose(connection, family, "ana", OPEN)
    assert made == store.task(task)
    assert made["assignee"] == "ana"
    assert made["lease_seq"] == store.last_seq()
    assert store.events["seq"].tolist() == list(range(1, store.last_seq() + 1))


def test_who_looks_for_a_task_passes_over_what_another_is_about_to_take(store: Store) -> None:
    def wanted(actor: str) -> Wanted:
        return Wanted(actor, ["in_progress"], ["queued"], None, (), Among())

    with store.proposing() as one, store.proposing() as two:
        first = look(one, wanted("ana"), before_line=True).family
        second = look(two, wanted("ben"), before_line=True).family
    assert first is not None
    assert second is not None
    assert [first.task["id"], second.task["id"]] == store.task_ids()[:2]
    with store.proposing() as later:
        again = look(later, wanted("eva"), before_line=True).family
    assert again is not None
    assert again.task["id"] == first.task["id"], "nothing was taken"


def test_what_is_acknowledged_is_on_the_disk_of_the_server(lazy_server: Postgres) -> None:
    place = lazy_server.database()

    def waiting() -> int:
        """Bytes of the log that are not on the disk."""
        left = "pg_current_wal_insert_lsn() - pg_current_wal_flush_lsn()"
        return int(lazy_server.do(f"SELECT {left}", place)[0][0])

    with make_store(place) as store:
        task = store.task_ids()[0]
        for _ in range(5):
            # Written with so much that it would show, were it still to be written.
            made = [create(task, after={"attributes": {"parts": ["a"]}}) for _ in range(40)]
            assert all(map(applied, store.apply(made, "ana")))
            assert waiting() < 2_000
            store.move(task, "ana", lambda *_: Move("note", {"batch": new_id() * 100}, {}))
            assert waiting() < 2_000
            # Sent again, it is acknowledged again, and is on the disk all the same.
            store.apply(made, "ana")
            assert waiting() < 2_000


def test_many_edits_are_one_transaction(new_place: NewPlace) -> None:
    with make_store(new_place()) as store:
        task = store.task_ids()[0]
        gesture = new_id()
        edits: list[Any] = [create(task, gesture=gesture) for _ in range(250)]
        edits += [update(task, edits[0].annotation, 1, {"frame": 1}, gesture=gesture)]
        assert all(map(applied, store.apply(edits, "ana")))
        assert len(store.annotations) == 250
        # The last one fails, and so do all.
        more = [create(task, gesture="again") for _ in range(250)]
        store.apply([*more, create(task, edits[0].annotation, gesture="again")], "ana")
        assert len(store.annotations) == 250
