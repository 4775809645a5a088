"""The same project twice: one person in two notebooks, two people, two ontologies, two clocks."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from labelwidgets.errors import OntologyError
from labelwidgets.schema.ontology import ObjectClass, Radio
from labelwidgets.store import clock
from labelwidgets.store.store import Store
from labelwidgets.workflow.session import Session
from tests.store.making import applied, create, delete, make_store, rectangle, refused, update
from tests.workflow.pictures import BlankPictures


@pytest.fixture
def path(tmp_path: Path) -> Path:
    make_store(tmp_path / "cars.db").close()
    return tmp_path / "cars.db"


@pytest.fixture
def pair(path: Path) -> Iterator[tuple[Session, Session]]:
    """The same person twice, each with a store of its own, as two kernels have."""
    with Store.open(path) as here, Store.open(path) as there:
        yield Session(here, BlankPictures(), "ana"), Session(there, BlankPictures(), "ana")


def test_one_person_in_two_notebooks_goes_on_with_one_task(pair: tuple[Session, Session]) -> None:
    here, there = pair
    task = here.open().task["id"]
    assert there.open().task["id"] == task
    made = create(task)
    applied(here.apply([made], "here")[0])
    assert there.apply([made], "there") == here.apply([made], "here"), "one edit, wherever sent"
    applied(there.apply([update(task, made.annotation, 1, {"geometry": rectangle(9)})], "there")[0])
    lost = refused(
        here.apply([update(task, made.annotation, 1, {"geometry": rectangle(5)})], "here")[0],
        "conflict",
    )
    assert lost.current is not None
    assert lost.current["geometry"]["x"] == 9
    assert [edit.client for edit in here.changes(0)] == ["here", "there"]


def test_both_undo_one_stack(pair: tuple[Session, Session]) -> None:
    here, there = pair
    task = here.open().task["id"]
    first, second = create(task), create(task)
    here.apply([first])
    there.apply([second])
    assert applied(here.undo(task)[0]).undoes == second.id
    assert applied(there.undo(task)[0]).undoes == first.id
    assert here.undo(task) == there.undo(task) == []
    assert applied(here.redo(task)[0]).redoes == first.id


def test_what_one_submits_the_other_cannot_edit(pair: tuple[Session, Session]) -> None:
    here, there = pair
    task = here.open().task["id"]
    about = {"class_name": None, "geometry": {"type": "tag"}, "attributes": {"weather": "dry"}}
    here.apply([create(task, f"{task}:image", after=about)])
    here.submit(task)
    answer = refused(there.apply([create(task)])[0], "forbidden")
    assert "reopen it first" in answer.message
    there.reopen(task)
    applied(here.apply([create(task)])[0])


def test_an_ontology_that_grows_while_both_work(pair: tuple[Session, Session]) -> None:
    here, there = pair
    task = here.open().task["id"]
    old = create(task, after={"attributes": {"occluded": "no"}})
    here.apply([old])
    boat = ObjectClass("boat", attributes=[Radio("sail", ["yes", "no"], required=True)])
    there.store.change_ontology(lambda now: now.extend([boat]), "ana")
    applied(here.apply([create(task, after={"class_name": "boat"})])[0])
    applied(here.apply([update(task, old.annotation, 1, {"geometry": rectangle(5)})])[0])
    assert [made.class_name for made in here.look(task)[1]] == ["car", "boat"]
    with pytest.raises(OntologyError, match="missing in the new ontology"):
        there.store.change_ontology(lambda now: type(now)(now.classes[1:]), "ana")
    with pytest.raises(OntologyError, match="twice"):
        here.store.change_ontology(lambda now: now.extend([boat]), "ana")


def test_both_make_the_same_shape_and_both_delete_it(pair: tuple[Session, Session]) -> None:
    here, there = pair
    task = here.open().task["id"]
    mine = create(task)
    here.apply([mine])
    refused(there.apply([create(task, mine.annotation)])[0], "conflict")
    applied(there.apply([delete(task, mine.annotation, 1)])[0])
    lost = refused(here.apply([delete(task, mine.annotation, 1)])[0], "conflict")
    assert (lost.current, lost.revision) == (None, 2)
    applied(here.apply([create(task, mine.annotation, 2)])[0])
    assert len(there.look(task)[1]) == 1


def test_a_clock_that_was_set_back(
    pair: tuple[Session, Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = pair
    task = here.open().task["id"]
    here.apply([create(task)])
    before = here.store.events["time"].iloc[-1]
    year = 365 * 86_400 * 10**6
    monkeypatch.setattr(clock, "now", lambda connection: time.time_ns() // 1000 - year)
    monkeypatch.setattr("labelwidgets.store.log.now", clock.now)
    made = create(task)
    applied(there.apply([made])[0])
    assert applied(there.undo(task)[0]).undoes == made.id, "the last is still the last"
    there.redo(task)
    times = here.store.events["time"]
    assert times.is_monotonic_increasing
    assert times.iloc[-1] == before
    assert len(here.store.at(before.to_pydatetime()).annotations) == 2
    assert len(here.changes(0)) == 4
    assert there.skip(task, "dark")["state"] == "skipped"
