"""A store as one file, and its end."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from sqlalchemy import select

import labelwidgets as lw
from labelwidgets.errors import (
    ConflictError,
    FormatError,
    NotAStoreError,
    StoreError,
    StoreLockedError,
)
from labelwidgets.store.backup import read_backup, restore_backup, write_backup
from labelwidgets.store.store import Store
from labelwidgets.store.tables import metadata
from labelwidgets.workflow.session import Session
from tests.store.making import NewPlace, applied, create, make_store
from tests.workflow.pictures import BlankPictures


def contents(store: Store) -> dict[str, list[tuple[object, ...]]]:
    with store.reading() as connection:
        return {
            table.name: [
                tuple(row)
                for row in connection.execute(select(table).order_by(*table.primary_key.columns))
            ]
            for table in metadata.sorted_tables
        }


def worked_on(place: str) -> Store:
    store = make_store(place)
    session = Session(store, BlankPictures(), "ana")
    task = session.open().task["id"]
    applied(session.apply([create(task)], "tab")[0])
    return store


def left(place: str) -> None:
    """Make a store that somebody has labelled in, and that nobody is at."""
    with worked_on(place) as store:
        session = Session(store, BlankPictures(), "ana")
        session.skip(session.open().task["id"], "dark")


def test_a_backup_is_made_a_store_again_with_all_that_was_in_it(
    new_place: NewPlace, tmp_path: Path
) -> None:
    path = tmp_path / "cars.backup"
    with worked_on(new_place()) as store:
        with store.reading() as connection:
            made = write_backup(connection, path)
        assert made == read_backup(path)
        assert made.rows["annotations"] == 1
        there = new_place()
        restore_backup(path, there)
        with Store.open(there) as other:
            assert contents(other) == contents(store)
            assert (other.uid, other.name) == (store.uid, store.name)
            session = Session(other, BlankPictures(), "ana")
            applied(session.apply([create(session.open().task["id"], "another")], "tab")[0])
            other.put_instructions("Numbered on.", "ana")
        with store.reading() as connection, pytest.raises(StoreError, match="is there already"):
            write_backup(connection, path)
        with pytest.raises(StoreError, match="already"):
            restore_backup(path, there)


def test_a_backup_that_is_not_whole_is_none(new_place: NewPlace, tmp_path: Path) -> None:
    path, bad = tmp_path / "cars.backup", tmp_path / "bad.backup"
    with worked_on(new_place()) as store, store.reading() as connection:
        write_backup(connection, path)
    lines = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
    for damaged in (
        gzip.compress(b"".join(lines[:-1])),
        gzip.compress(b"".join(lines).replace(b"queued", b"quexed")),
        gzip.compress(b"".join([*lines[:5], *lines[6:]])),
        path.read_bytes()[:-20],
        b"no backup",
        b"",
    ):
        bad.write_bytes(damaged)
        with pytest.raises(FormatError, match=r"no backup|not whole"):
            read_backup(bad)
        place = new_place()
        with pytest.raises(FormatError):
            restore_backup(bad, place)
        with pytest.raises(NotAStoreError):
            Store.open(place)


def test_a_project_is_deleted_once_it_is_exported_and_named(
    new_place: NewPlace, tmp_path: Path
) -> None:
    place, path = new_place(), tmp_path / "cars.backup"
    left(place)
    with Store.open(place) as store:
        name, before = store.name, contents(store)
    with pytest.raises(StoreError, match="is called"):
        lw.Project.destroy(place, name=name.upper() + "x", exported=path, user="lead")
    assert not path.exists()
    kept = lw.Project.destroy(place, name=name, exported=path, user="lead")
    assert kept.rows["annotations"] == 1
    with pytest.raises(NotAStoreError):
        Store.open(place)
    there = new_place()
    with lw.Project.from_backup(path, there, user="lead") as project:
        assert contents(project.store) == before


def test_what_has_changed_since_it_was_exported_is_not_deleted(
    new_place: NewPlace, tmp_path: Path
) -> None:
    place, path = new_place(), tmp_path / "cars.backup"
    left(place)
    with Store.open(place) as store:
        name = store.name
        with store.reading() as connection:
            write_backup(connection, path)
        store.put_instructions("Look twice.", "lead")
    with pytest.raises(ConflictError, match="changed since"):
        lw.Project.destroy(place, name=name, exported=path, user="lead")
    other = new_place()
    left(other)
    with Store.open(other) as store:
        name = store.name
    with pytest.raises(ConflictError, match="backup of"):
        lw.Project.destroy(other, name=name, exported=path, user="lead")
    for still in (place, other):
        Store.open(still).close()


def test_what_others_are_at_is_not_deleted_unless_it_is_forced(
    new_place: NewPlace, tmp_path: Path
) -> None:
    place, path = new_place(), tmp_path / "cars.backup"
    with worked_on(place) as store:
        name = store.name
        with pytest.raises(StoreLockedError, match="worked on by ana"):
            lw.Project.destroy(place, name=name, exported=path, user="lead")
        session = Session(store, BlankPictures(), "ana")
        session.skip(session.open().task["id"], "dark")
        with pytest.raises(StoreLockedError, match="open elsewhere"):
            lw.Project.destroy(place, name=name, exported=path, user="lead")
        assert len(store.tasks) > 0, "it is still there, and whole"
        lw.Project.destroy(place, name=name, exported=path, user="lead", force=True)
    with pytest.raises(NotAStoreError):
        Store.open(place)
