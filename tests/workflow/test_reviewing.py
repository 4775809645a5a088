"""Makers submit, reviewers accept or give back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from labelwidgets.errors import WorkflowError
from labelwidgets.store.store import Store
from labelwidgets.workflow.move_frames import history_frame, review_frame
from labelwidgets.workflow.presets import maker_reviewer, maker_reviewer_qc
from labelwidgets.workflow.session import Session
from labelwidgets.workflow.stages import Workflow
from tests.store.making import applied, create, refused, store_of
from tests.workflow.pictures import BlankPictures

WEATHER = {"class_name": None, "geometry": {"type": "tag"}, "attributes": {"weather": "rain"}}


def make(path: Path, workflow: Workflow, count: int = 4) -> Store:
    return store_of(path / "cars.db", workflow, count)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with make(tmp_path, maker_reviewer()) as made:
        yield made


def maker(store: Store, user: str = "ana", role: str | None = "annotator") -> Session:
    return Session(store, BlankPictures(), user, role=role)


def judge(store: Store, user: str = "ben", stages: tuple[str, ...] = ("review",)) -> Session:
    role = "qc" if "qc" in stages else "reviewer"
    return Session(store, BlankPictures(), user, role=role, stages=stages)


def submit(session: Session, task: str | None = None) -> str:
    task = session.open(task).task["id"]
    if not session.look(task)[1]:
        applied(session.apply([create(task, f"{task}:image", after=WEATHER)], "tab")[0])
    session.submit(task)
    return task


def test_what_is_submitted_waits_for_somebody_else(store: Store) -> None:
    ana, ben = maker(store), judge(store)
    with pytest.raises(WorkflowError, match="No task is left"):
        ben.open()
    task = submit(ana)
    row = store.task(task)
    assert (row["stage"], row["state"], row["assignee"]) == ("review", "submitted", None)
    assert row["maker"] == "ana"
    assert judge(store, "ana").next_task() is None, "nobody reviews what is their own"
    assert ana.next_task() != task
    opened = ben.open()
    assert opened.task["id"] == task
    assert (opened.task["state"], opened.task["assignee"]) == ("in_review", "ben")
    assert judge(store, "cem").next_task() is None, "it is being reviewed"
    with pytest.raises(WorkflowError, match="being reviewed by ben"):
        judge(store, "cem").accept(task)


def test_a_verdict_is_on_record(store: Store) -> None:
    task = submit(maker(store))
    done = judge(store).accept(task, 8, "good", ["loose box"], {"moved": 1})
    assert (done["stage"], done["state"], done["score"]) == ("done", "done", 8)
    note = store.events.query("kind == 'accept'").iloc[0].payload
    said = {name: note[name] for name in ("score", "comment", "tags", "diff", "maker")}
    assert said == {
        "score": 8.0,
        "comment": "good",
        "tags": ["loose box"],
        "diff": {"moved": 1},
        "maker": "ana",
    }
    row = review_frame(store).iloc[0]
    assert (row.verdict, row.reviewer, row.maker, row.score) == ("accept", "ben", "ana", 8)
    assert (row.stage, row["round"], row.tags) == ("review", 0, ["loose box"])


def test_what_is_given_back_comes_first_to_its_maker_alone(store: Store) -> None:
    ana, ben = maker(store), judge(store)
    first = submit(ana)
    second = ana.open().task["id"]
    back = ben.reject(first, 2, "the wheel is missing")
    assert (back["stage"], back["state"], back["assignee"]) == ("annotate", "queued", "ana")
    assert back["rounds"] == 1
    assert maker(store, "dan").open().task["id"] not in (first, second)
    assert ana.next_task() == first, "before what is begun, and all others"
    assert submit(ana) == first
    assert ben.open().task["id"] == first
    ben.accept(first)
    frame = review_frame(store)
    assert frame.verdict.tolist() == ["reject", "accept"]
    assert frame["round"].tolist() == [0, 1]
    history = history_frame(store, first)
    assert history.kind.tolist() == [
        "open",
        "submit",
        "reject",
        "open",
        "submit",
        "open",
        "accept",
    ]
    assert history.stage.tolist()[-1] == "done"
    assert history.note[2]["comment"] == "the wheel is missing"


def test_a_maker_edits_no_more_what_was_submitted_unless_it_is_reopened(store: Store) -> None:
    ana, ben = maker(store), judge(store)
    task = submit(ana)
    closed = refused(ana.apply([create(task)])[0], "forbidden")
    assert "closed" in closed.message
    ana.reopen(task)
    applied(ana.apply([create(task, after={"attributes": {"occluded": "no"}})])[0])
    ana.submit(task)
    ben.open(task)
    applied(ben.apply([create(task)], "tab")[0])
    assert store.task(task)["state"] == "in_review", "a reviewer edits in place"
    with pytest.raises(WorkflowError, match="cannot reopen"):
        ana.reopen(task)
    ben.accept(task)
    for one in (ana, ben):
        refused(one.apply([create(task)])[0], "forbidden")
    with pytest.raises(WorkflowError, match="takes reviewer"):
        ana.reopen(task)
    assert ben.reopen(task)["state"] == "in_progress"


def test_nobody_judges_what_is_their_own(store: Store) -> None:
    task = submit(maker(store))
    everything = Session(store, BlankPictures(), "ana")
    for move in (everything.accept, everything.reject):
        with pytest.raises(WorkflowError, match="made by ana"):
            move(task)
    with pytest.raises(WorkflowError, match="takes reviewer"):
        maker(store, "ben").accept(task)
    assert store.task(task)["state"] == "submitted"


def test_an_illegal_move_names_the_task_its_state_and_what_is_possible(store: Store) -> None:
    task = submit(maker(store))
    ben = judge(store)
    with pytest.raises(WorkflowError, match=rf"{task} .*is submitted in stage review.*accept"):
        ben.submit(task)
    for wrong in (-1, 11, float("nan"), "8", True):
        with pytest.raises(WorkflowError, match="score"):
            ben.accept(task, wrong)  # type: ignore[arg-type]
    with pytest.raises(WorkflowError, match="tags"):
        ben.accept(task, tags="bad")
    with pytest.raises(WorkflowError, match="comment"):
        ben.reject(task, comment="x" * 10_001)


def test_strict_reviewers_judge_and_do_not_edit(tmp_path: Path) -> None:
    with make(tmp_path, maker_reviewer(strict=True)) as store:
        task = submit(maker(store))
        ben = judge(store)
        ben.open()
        assert "not changed" in refused(ben.apply([create(task)])[0], "forbidden").message
        ben.reject(task)


def test_only_a_share_is_reviewed_and_always_the_same(tmp_path: Path) -> None:
    workflow = maker_reviewer(share=0.5, seed=1)
    with make(tmp_path, workflow, 40) as store:
        ana = maker(store)
        stages = [store.task(submit(ana))["stage"] for _ in range(40)]
    assert 10 < stages.count("review") < 30
    assert set(stages) == {"review", "done"}
    again = tmp_path / "again"
    again.mkdir()
    with make(again, workflow, 40) as store:
        ana = maker(store)
        assert [store.task(submit(ana))["stage"] for _ in range(40)] == stages


def test_a_sample_of_what_was_accepted_is_looked_at_again(tmp_path: Path) -> None:
    with make(tmp_path, maker_reviewer_qc(sample=0.5), 20) as store:
        ana, ben, quinn = maker(store), judge(store), judge(store, "quinn", ("qc",))
        for _ in range(20):
            submit(ana)
        stages = [ben.accept(ben.open().task["id"])["stage"] for _ in range(20)]
        assert 4 < stages.count("qc") < 16
        with pytest.raises(WorkflowError, match="No task is left"):
            ben.open()
        task = quinn.open().task["id"]
        assert quinn.reject(task)["assignee"] == "ana"
        assert quinn.accept(quinn.open().task["id"])["stage"] == "done"
