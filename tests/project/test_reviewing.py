"""Verdicts by script, what they have on record, and what one who judges is shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import labelwidgets as lw
from labelwidgets.errors import LinkError, WorkflowError
from labelwidgets.media import Dataset
from labelwidgets.widgets.link import Link
from labelwidgets.workflow import maker_reviewer
from labelwidgets.workflow.reviewing import review_of


@pytest.fixture
def project(tmp_path: Path, dataset: Dataset) -> Iterator[lw.Project]:
    flow = maker_reviewer()
    with lw.Project.create(tmp_path / "cars.db", dataset, ["car"], flow, user="ana") as made:
        for item in made.tasks["item_id"]:
            box = lw.Rectangle(1, 1, 20, 20)
            made.add(lw.Annotation(item_id=item, class_name="car", geometry=box))
        for task in made.tasks["id"]:
            made.submit(task)
        yield made


def of(project: lw.Project, user: str) -> lw.Project:
    return lw.Project.open(project.store.location.path, user=user, dataset=project.dataset)


def move(project: lw.Project, task: str, by: float) -> None:
    [car] = [one for one in project.records() if one.task_id == task]
    box = {"type": "rectangle", "x": 1 + by, "y": 1, "width": 20, "height": 20}
    project.update(lw.Annotation.from_dict(car.to_dict() | {"geometry": box}))


class Page:
    """A page that sends what a test wants and keeps all that it hears."""

    def __init__(self, session: Any) -> None:
        self.heard: list[dict[str, Any]] = []
        self.buffers: list[list[bytes]] = []
        self.link = Link(session, self._hear, find_loop=lambda: None)

    def _hear(self, content: dict[str, Any], buffers: list[bytes]) -> None:
        self.heard.append(content)
        self.buffers.append(buffers)

    def say(self, **content: Any) -> dict[str, Any]:
        self.link.receive({"request": 1, **content})
        return self.heard[-1]


def test_a_verdict_has_what_the_reviewer_changed(project: lw.Project) -> None:
    task, other = project.tasks["id"][:2]
    rex = of(project, "rex")
    move(rex, task, 4)
    assert rex.difference(task)["kind"].tolist() == ["moved"]
    assert rex.difference(other).empty
    page = Page(rex.review_session())
    said = page.say(type="judge", task=task, verdict="accept", score=9, tags=["Loose outline"])
    assert said["type"] == "moved"
    (row,) = project.reviews.itertuples()
    assert (row.diff, row.score, row.tags) == ({"moved": 1}, 9.0, ["Loose outline"])


def test_what_comes_back_shows_its_maker_the_verdict_and_no_more(project: lw.Project) -> None:
    task = project.tasks["id"][0]
    rex = of(project, "rex")
    shown = review_of(rex.review_session(), task)
    assert shown.judges
    assert shown.before is not None
    assert len(shown.before) == 1
    rex.reject(task, score=3, comment="Too small.")
    told = review_of(project.session(), task)
    assert not told.judges
    assert told.before is None
    assert told.rounds == 1
    (verdict,) = told.verdicts
    assert (verdict.kind, verdict.reviewer, verdict.maker) == ("reject", "rex", "ana")
    assert (verdict.score, verdict.comment, verdict.stage) == (3.0, "Too small.", "review")


def test_who_made_a_task_is_not_shown_the_means_to_judge_it(project: lw.Project) -> None:
    task = project.tasks["id"][0]
    assert review_of(project.session(), task).actions == []
    annotator = of(project, "bob").session(role="annotator")
    assert review_of(annotator, task).actions == []
    page = Page(project.session())
    assert page.say(type="judge", task=task, verdict="accept")["type"] == "failed"
    assert project.reviews.empty


def test_all_that_wait_are_accepted_and_what_is_not_says_why(project: lw.Project) -> None:
    rex = of(project, "rex")
    first, *others = project.tasks["id"]
    found = rex.accept_all([first])
    assert found["accepted"].tolist() == [True]
    page = Page(rex.review_session())
    said = page.say(type="acceptall", tasks=[first, *others])
    assert said["accepted"] == len(others)
    assert [one["task"] for one in said["left"]] == [first]
    assert "done" in said["left"][0]["reason"]
    assert set(project.tasks["stage"]) == {"done"}
    assert rex.accept_all().empty


def test_issues_come_and_go_over_the_wire_and_the_same_twice_is_one(project: lw.Project) -> None:
    task = project.tasks["id"][0]
    [car] = [one for one in project.records() if one.task_id == task]
    page = Page(of(project, "rex").review_session())
    pin = {
        **{"type": "pin", "task": task, "id": "i1", "comment": "c1", "text": "Too small."},
        **{"annotation": car.id, "x": 0.5, "y": 0.5},
    }
    assert page.say(**pin)["issue"]["author"] == "rex"
    page.say(**pin)
    assert project.issues[["x", "y"]].to_numpy().tolist() == [[11, 11]]
    reply = {"type": "say", "issue": "i1", "how": "say", "comment": "c2", "text": "No."}
    page.say(**reply)
    assert len(page.say(**reply)["issue"]["thread"]) == 2
    resolved = page.say(type="say", issue="i1", how="resolve", comment="c3")
    assert resolved["issue"]["state"] == "resolved"
    assert resolved["issue"]["resolved_by"] == "rex"
    assert page.say(type="review", task=task)["issues"][0]["id"] == "i1"


@pytest.mark.parametrize(
    "content",
    [
        {"type": "judge", "task": "t", "verdict": "approve"},
        {"type": "judge", "task": "t", "verdict": "accept", "score": 11},
        {"type": "judge", "task": "t", "verdict": "accept", "score": "10"},
        {"type": "judge", "task": "t", "verdict": "accept", "tags": "all"},
        {"type": "judge", "task": "t", "verdict": "accept", "comment": "x" * 4001},
        {"type": "pin", "task": "t", "id": "i", "comment": "c", "text": 3},
        {"type": "pin", "task": "t", "id": "i" * 65, "comment": "c", "text": "Wrong."},
        {"type": "say", "issue": "i", "how": "delete", "comment": "c"},
        {"type": "acceptall", "tasks": []},
        {"type": "acceptall", "tasks": ["t"] * 1001},
    ],
)
def test_malformed_messages_are_refused_and_change_nothing(
    project: lw.Project, content: dict[str, Any]
) -> None:
    page = Page(of(project, "rex").review_session())
    with pytest.raises(LinkError):
        page.say(**content)
    assert page.heard[-1]["type"] == "failed"
    assert project.reviews.empty
    assert project.issues.empty


def test_nobody_speaks_in_the_name_of_another(project: lw.Project) -> None:
    task = project.tasks["id"][0]
    page = Page(of(project, "rex").review_session())
    forged = {"author": "ana", "user": "ana", "actor": "ana", "role": "admin"}
    page.say(type="pin", task=task, id="i1", comment="c1", text="Wrong.", **forged)
    page.say(type="judge", task=task, verdict="reject", reviewer="ana", maker="bob", **forged)
    assert project.issues["author"].tolist() == ["rex"]
    (row,) = project.reviews.itertuples()
    assert (row.reviewer, row.maker) == ("rex", "ana")
    other = Page(of(project, "bob").session())
    assert other.say(type="pin", task=task, id="i1", comment="c9", text="Mine.")["type"] == "failed"
    assert project.issues["author"].tolist() == ["rex"]


def test_a_session_with_a_work_list_judges_nothing_else(project: lw.Project) -> None:
    mine, other = project.tasks["id"][:2]
    rex = of(project, "rex")
    page = Page(rex.review_session([mine]))
    for content in (
        {"type": "review", "task": other},
        {"type": "judge", "task": other, "verdict": "accept"},
        {"type": "pin", "task": other, "id": "i1", "comment": "c1", "text": "Wrong."},
    ):
        assert page.say(**content)["type"] == "failed"
    assert page.say(type="acceptall", tasks=[other])["accepted"] == 0
    with pytest.raises(WorkflowError, match="not in the work list"):
        review_of(page.link.session, other)
    assert project.reviews.empty
