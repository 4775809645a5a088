"""Several people label one item, blind, and the main task waits for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from labelwidgets.errors import WorkflowError
from labelwidgets.store.store import Store
from labelwidgets.workflow.presets import consensus, maker_reviewer_qc
from labelwidgets.workflow.session import Session
from labelwidgets.workflow.stages import Workflow
from tests.store.making import applied, create, refused, store_of
from tests.store.test_leases import expire
from tests.workflow.pictures import BlankPictures

WEATHER = {"class_name": None, "geometry": {"type": "tag"}, "attributes": {"weather": "rain"}}


def make(path: Path, workflow: Workflow, count: int = 2) -> Store:
    return store_of(path / "cars.db", workflow, count)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with make(tmp_path, consensus(2)) as made:
        yield made


def maker(store: Store, user: str) -> Session:
    return Session(store, BlankPictures(), user, role="annotator")


def give(session: Session) -> str:
    task = session.open().task["id"]
    applied(session.apply([create(task, f"{task}:image", after=WEATHER)], "tab")[0])
    session.submit(task)
    return task


def test_the_main_task_waits_until_distinct_people_have_said_what_they_think(store: Store) -> None:
    frame = store.tasks
    assert frame["copy"].tolist() == [0, 1, 2, 0, 1, 2]
    assert frame.state.tolist() == ["waiting", "queued", "queued"] * 2
    main = frame.id[0]
    ana, ben = maker(store, "ana"), maker(store, "ben")
    first, second = give(ana), give(ana)
    assert frame.set_index("id").item_id[[first, second]].tolist() == ["item0", "item1"]
    assert ana.next_task() is None, "one opinion an item is all that a person gives"
    assert store.task(main)["state"] == "waiting"
    give(ben)
    assert store.task(main)["state"] == "submitted"
    everything = Session(store, BlankPictures(), "lead")
    applied(everything.apply([create(main)])[0])
    assert everything.accept(main)["stage"] == "done"
    with pytest.raises(WorkflowError, match="gone on"):
        ana.reopen(first)


def test_others_opinions_can_be_neither_listed_nor_opened_nor_edited(store: Store) -> None:
    ana, ben = maker(store, "ana"), maker(store, "ben")
    task = give(ana)
    label = f"{task}:image"
    assert [row["id"] for row in ben.tasks()[0]] == []
    mine = ben.open().task["id"]
    assert [row["id"] for row in ben.tasks()[0]] == [mine]
    for look in (ben.open, ben.look, ben.task, lambda t: ben.largest(t, 3), ben.submit):
        with pytest.raises(WorkflowError, match="not shown"):
            look(task)
    answer = refused(ben.apply([create(task, label, after=WEATHER)])[0], "forbidden")
    assert answer.current is None
    assert set(ben.annotations().task_id) <= {mine}
    assert all(made.task != task for made in ben.changes(0))
    assert len(Session(store, BlankPictures(), "lead", role="reviewer").look(task)[1]) == 1


def test_an_opinion_that_is_taken_back_makes_the_main_task_wait_again(store: Store) -> None:
    main = store.tasks.id[0]
    ana, ben = maker(store, "ana"), maker(store, "ben")
    task = give(ana)
    give(ben)
    ana.reopen(task)
    assert store.task(main)["state"] == "waiting"
    ana.submit(task)
    assert store.task(main)["state"] == "submitted"


def test_where_all_skip_the_main_task_is_skipped_too(store: Store) -> None:
    main = store.tasks.id[0]
    for user in ("ana", "ben"):
        session = maker(store, user)
        session.skip(session.open().task["id"], "blurred")
    assert store.task(main)["state"] == "skipped"


def test_a_share_of_the_items_has_several_labelers_and_the_past_knows(tmp_path: Path) -> None:
    with make(tmp_path, maker_reviewer_qc(overlap=0.4, labelers=3), 50) as store:
        frame = store.tasks
        counts = frame.groupby("item_id").size()
        assert set(counts) == {1, 4}
        assert 8 < (counts == 4).sum() < 32
        give(maker(store, "ana"))
        then = store.at(datetime.now(UTC)).tasks
        same = ["id", "stage", "state", "copy", "maker"]
        assert then[same].equals(store.tasks[same])
        start = store.at(store.events.time[0].to_pydatetime()).tasks
        assert len(start) in (0, len(frame))


def test_an_opinion_that_is_submitted_too_late_is_kept_beside_that_of_who_took_it_over(
    tmp_path: Path,
) -> None:
    with make(tmp_path, consensus(2), count=1) as store:
        ana, ben = maker(store, "ana"), maker(store, "ben")
        task = ana.open().task["id"]
        applied(ana.apply([create(task, f"{task}:image", after=WEATHER)], "tab")[0])
        expire(store, task)
        assert ben.open().task["id"] == task
        late = ana.submit(task)
        assert late["id"] != task
        assert (late["maker"], late["state"], late["copy"]) == ("ana", "submitted", 3)
        assert [made.author for made in store.read(late["id"])] == ["ana"]
        assert store.task(task)["assignee"] == "ben"
        with pytest.raises(WorkflowError, match="opinion of ben"):
            ana.submit(task)
        assert len(store.task_ids()) == 4, "to send again adds nothing"
