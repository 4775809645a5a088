"""A store in which something else has written: its file and the record are named."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from labelwidgets.errors import NotAStoreError, StoreError
from labelwidgets.media import Dataset
from labelwidgets.project import Project
from labelwidgets.store.store import Store
from tests.store.making import create, items, make_store

DAMAGE = {
    "no meta": "DELETE FROM meta",
    "a workflow cut short": "UPDATE meta SET workflow = '{'",
    "a version in words": "UPDATE meta SET schema_version = 'one'",
    "no ontology": "DELETE FROM ontologies",
    "an ontology that is none": "UPDATE ontologies SET json = 'nope'",
    "a shape cut short": "UPDATE annotations SET geometry = '{'",
    "an impossible shape": 'UPDATE annotations SET geometry = \'{"type":"rectangle","x":1,"y":1,'
    '"width":-1,"height":2}\'',
    "answers that are none": "UPDATE annotations SET attributes = '[]'",
    "a confidence in words": "UPDATE annotations SET confidence = 'high'",
    "a frame before the first": "UPDATE annotations SET frame = -1",
    "a time in words": "UPDATE annotations SET created_at = 'yesterday'",
    "a time past all times": "UPDATE annotations SET created_at = 9000000000000000000",
    "an edit cut short": "UPDATE events SET payload = '{' WHERE kind = 'create'",
    "an item cut short": "UPDATE items SET metadata = '['",
    "a table gone": "DROP TABLE events",
}


def read_all(path: Path, task: str) -> None:
    with Project.open(path, user="ana", dataset=Dataset.from_items(items(4))) as project:
        assert project.ontology
        project.session().open(task)
        assert len(project.annotations) == len(project.records())
        project.at("2100-01-01")


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_record_is_a_typed_error(tmp_path: Path, name: str) -> None:
    path = tmp_path / "cars.db"
    with make_store(path) as store:
        task = store.task_ids()[0]
        store.apply([create(task)], "ana")
    with sqlite3.connect(path) as harm:
        harm.execute("PRAGMA foreign_keys = OFF")
        harm.execute(DAMAGE[name])
    harm.close()
    with pytest.raises(StoreError, match=r"cars\.db"):
        read_all(path, task)


def test_the_annotation_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "cars.db"
    with make_store(path) as store:
        first, second = store.task_ids()[:2]
        broken = create(first)
        store.apply([broken, create(second)], "ana")
        with sqlite3.connect(path) as harm:
            harm.execute("UPDATE annotations SET geometry = '{' WHERE id = ?", (broken.annotation,))
        harm.close()
        with pytest.raises(NotAStoreError, match=f"annotation {broken.annotation} cannot be read"):
            store.opened(first, "ana")
        assert len(store.opened(second, "ana").annotations) == 1, "other tasks go on"
        store.apply([create(second)], "ana")


def test_a_file_that_only_begins_like_a_store(tmp_path: Path) -> None:
    path = tmp_path / "cars.db"
    with make_store(path) as store:
        store.apply([create(store.task_ids()[0])], "ana")
    path.write_bytes(b"SQLite format 3\x00" + bytes(5000))
    with pytest.raises(NotAStoreError, match=r"cars\.db"):
        Store.open(path)
