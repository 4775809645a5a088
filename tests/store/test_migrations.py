from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from labelwidgets.errors import NotAStoreError, StoreVersionError
from labelwidgets.store.migrations import MIGRATIONS
from labelwidgets.store.store import Store
from labelwidgets.store.tables import SCHEMA_VERSION
from labelwidgets.workflow.presets import maker_only
from tests.store.making import applied, create, items, make_store

NEWEST = SCHEMA_VERSION + 2


def add_plans(connection: Connection) -> None:
    connection.execute(text("CREATE TABLE plans (id VARCHAR(64) PRIMARY KEY, state TEXT)"))


def make_a_plan(connection: Connection) -> None:
    connection.execute(text("INSERT INTO plans VALUES ('first', 'open')"))


STEPS = {SCHEMA_VERSION + 1: add_plans, NEWEST: make_a_plan}


def drop_frames(raw: sqlite3.Connection) -> None:
    raw.execute("DROP TABLE seen_frames")
    raw.execute("ALTER TABLE annotations DROP COLUMN pts")


def drop_people(raw: sqlite3.Connection) -> None:
    for table in ("access", "people"):
        raw.execute(f"DROP TABLE {table}")


def drop_team(raw: sqlite3.Connection) -> None:
    drop_people(raw)
    for column in ("copy", "maker", "rounds", "lease_until", "lease_seq"):
        raw.execute(f"ALTER TABLE tasks DROP COLUMN {column}")
    raw.execute("UPDATE tasks SET position = position / 1024")
    for table in ("comments", "issues"):
        raw.execute(f"DROP TABLE {table}")


def query(path: Path, sql: str) -> list[tuple[object, ...]]:
    raw = sqlite3.connect(path)
    try:
        return raw.execute(sql).fetchall()
    finally:
        raw.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with make_store(tmp_path / "cars.db") as store:
        store.apply([create(store.task_ids()[0])], "ana")
    return tmp_path / "cars.db"


def test_every_version_has_its_step() -> None:
    assert set(MIGRATIONS) == set(range(2, SCHEMA_VERSION + 1))


def test_an_older_store_is_brought_up_to_date_step_by_step(path: Path) -> None:
    with Store.open(path, migrations=STEPS, newest=NEWEST) as store:
        assert len(store.read()) == 1
        applied(store.apply([create(store.task_ids()[0])], "ana")[0])
    assert query(path, "SELECT * FROM plans") == [("first", "open")]
    assert query(path, "SELECT schema_version FROM meta") == [(NEWEST,)]
    Store.open(path, migrations=STEPS, newest=NEWEST).close()
    assert query(path, "SELECT * FROM plans") == [("first", "open")], "each step is done once"
    with pytest.raises(StoreVersionError):
        Store.open(path)


def test_a_migration_that_fails_leaves_the_store_as_it_was(path: Path) -> None:
    def fail(connection: Connection) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Store.open(path, migrations={**STEPS, NEWEST: fail}, newest=NEWEST)
    assert query(path, "SELECT schema_version FROM meta") == [(SCHEMA_VERSION,)]
    assert query(path, "SELECT name FROM sqlite_master WHERE name = 'plans'") == []
    with Store.open(path) as store:
        assert len(store.read()) == 1


def test_a_version_that_never_was_is_refused(path: Path) -> None:
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE meta SET schema_version = 0")
    raw.close()
    with pytest.raises(NotAStoreError, match="version 0"):
        Store.open(path)


def test_the_items_of_a_store_from_before_trust_are_trusted(path: Path) -> None:
    with sqlite3.connect(path) as raw:
        raw.execute("ALTER TABLE items DROP COLUMN trusted")
        drop_team(raw)
        drop_frames(raw)
        raw.execute("UPDATE meta SET schema_version = 2")
    raw.close()
    with Store.open(path) as store:
        assert store.items()["trusted"].tolist() == [True] * 4
        store.add_items(items(5, trusted=False), maker_only().initial, "ana")
        assert store.items()["trusted"].tolist() == [False] * 5


def test_the_labels_of_a_store_from_before_videos_stay_and_have_no_timestamps(path: Path) -> None:
    with sqlite3.connect(path) as raw:
        drop_team(raw)
        drop_frames(raw)
        raw.execute("UPDATE meta SET schema_version = 3")
    raw.close()
    with Store.open(path) as store:
        (made,) = store.read()
        assert made.pts is None
        assert query(path, "SELECT count(*) FROM seen_frames") == [(0,)]


def test_the_tasks_of_a_store_from_before_teams_keep_their_order_and_are_main_ones(
    path: Path,
) -> None:
    with Store.open(path) as store:
        before = store.tasks
    with sqlite3.connect(path) as raw:
        drop_team(raw)
        raw.execute("UPDATE meta SET schema_version = 4")
    raw.close()
    with Store.open(path) as store:
        assert store.tasks.equals(before)
        assert set(store.tasks["copy"]) == {0}
        store.add_items(items(5), maker_only().initial, "ana")
        assert store.tasks["title"].tolist() == items(5)["title"].tolist()


def test_a_store_from_before_roles_has_nobody_in_it_and_its_labels_stay(path: Path) -> None:
    with sqlite3.connect(path) as raw:
        drop_people(raw)
        raw.execute("UPDATE meta SET schema_version = 5")
    raw.close()
    with Store.open(path) as store:
        assert len(store.read()) == 1
    assert query(path, "SELECT * FROM people") == query(path, "SELECT * FROM access") == []


def test_nothing_is_taken_out_of_the_access_log(path: Path) -> None:
    with sqlite3.connect(path) as raw:
        raw.execute("INSERT INTO access VALUES (1, 2, 'ana', 'denied', NULL, '{}')")
        raw.commit()
        for change in ("UPDATE access SET person = 'ben'", "DELETE FROM access"):
            with pytest.raises(sqlite3.IntegrityError, match="only added"):
                raw.execute(change)
    raw.close()
    assert query(path, "SELECT person FROM access") == [("ana",)]
