"""Routers and a consensus that go by how far people agree."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import labelwidgets as lw
from labelwidgets.errors import WorkflowError
from labelwidgets.workflow.stages import Stage, Workflow
from labelwidgets.workflow.tables import workflow

PEOPLE = ("ana", "ben")


def project(tmp_path: Path, flow: Workflow, count: int = 2) -> lw.Project:
    for number in range(count):
        Image.fromarray(np.zeros((60, 80, 3), np.uint8)).save(tmp_path / f"{number}.png")
    data = lw.Dataset.open(str(tmp_path / "*.png"))
    return lw.Project.create(tmp_path / "p.db", data, ["car", "tree"], flow, user="lead")


def label(made: lw.Project, who: str, item: str, boxes: Iterable[tuple[str, float]]) -> None:
    with lw.Project.open(made.store.location.path, user=who) as own:
        session = own.session(role="annotator")
        while (task := session.open().task)["item_id"] != item:
            session.release([task["id"]])
        own.add(
            [
                lw.Annotation(
                    item_id=item,
                    task_id=task["id"],
                    class_name=name,
                    geometry=lw.Rectangle(x, 10, 30, 30),
                )
                for name, x in boxes
            ]
        )
        session.submit(task["id"])


def everybody(made: lw.Project, *shifts: float, name: str = "car") -> list[str]:
    """Label the items in their order, those of the second person moved by so many pixels."""
    items = made.tasks.query("copy == 0")["item_id"].tolist()
    for item, shift in zip(items, shifts, strict=True):
        for who, x in zip(PEOPLE, (10, 10 + shift), strict=True):
            label(made, who, item, [(name, x)])
    return made.tasks.query("copy == 0")["id"].tolist()


def note(made: lw.Project, task: str) -> dict[str, Any]:
    found: dict[str, Any] = made.history(task).query("kind == 'route'")["note"].iloc[-1]
    return found


def test_where_people_agree_labels_are_fused_and_else_somebody_adjudicates(tmp_path: Path) -> None:
    with project(tmp_path, lw.workflow.consensus(2, threshold=0.7)) as made:
        same, other = everybody(made, 0, 25)
        assert set(made.tasks.query("copy == 0")["state"]) == {"routing"}
        moved = made.advance()
        assert moved.set_index("task_id").stage.to_dict() == {same: "done", other: "adjudicate"}
        assert made.annotations.query("origin == 'consensus'")["task_id"].tolist() == [same]
        assert note(made, same)["agreement"] == 1
        assert note(made, other)["agreement"] == pytest.approx(5 / 55)
        assert not note(made, other)["holds"]
        assert made.review_session(user="rex", role="reviewer").open().task["id"] == other
        with lw.Project.open(tmp_path / "p.db", user="rex") as rex:
            assert rex.accept(other)["stage"] == "done"
            assert rex.tasks.set_index("id").maker[other] == "rex"


def test_what_a_reviewer_changes_of_fused_labels_is_told(tmp_path: Path) -> None:
    flow = lw.workflow.consensus(2, threshold=0.7)
    with project(tmp_path, flow) as made:
        same, _ = everybody(made, 0, 25)
        made.advance()
        assert made.difference(same).empty
        made.reopen(same)
        made.delete(made.annotations.query("task_id == @same")["id"].tolist())
        assert made.difference(same)["kind"].tolist() == ["removed"]


def test_what_was_fused_can_be_taken_back_once_the_task_is_open_again(tmp_path: Path) -> None:
    with project(tmp_path, lw.workflow.consensus(2, threshold=0.7), 1) as made:
        (task,) = everybody(made, 1)
        made.advance()
        made.reopen(task)
        made.undo(task)
        assert len(made.annotations.query("origin == 'consensus'")) == 0
        made.redo(task)
        assert len(made.annotations.query("origin == 'consensus'")) == 1


def test_who_opens_the_review_settles_what_waits(tmp_path: Path) -> None:
    with project(tmp_path, lw.workflow.consensus(2, threshold=0.7), 1) as made:
        (task,) = everybody(made, 25)
        assert made.review_session(user="rex").next_task() == task


def test_an_opinion_that_is_taken_back_before_makes_the_main_task_wait(tmp_path: Path) -> None:
    with project(tmp_path, lw.workflow.consensus(2, threshold=0.7), 1) as made:
        (task,) = everybody(made, 0)
        opinion = made.tasks.query("maker == 'ana'")["id"].iloc[0]
        with lw.Project.open(tmp_path / "p.db", user="ana") as ana:
            ana.reopen(opinion)
            assert made.store.task(task)["state"] == "waiting"
            assert len(made.advance()) == 0
            ana.submit(opinion)
        assert made.advance().stage.tolist() == ["done"]


def test_thresholds_are_by_class(tmp_path: Path) -> None:
    flow = lw.workflow.consensus(2, threshold={"car": 0.9, "*": 0.1})
    with project(tmp_path, flow, 1) as made:
        item = made.tasks.query("copy == 0")["item_id"].iloc[0]
        label(made, "ana", item, [("car", 10), ("tree", 10)])
        label(made, "ben", item, [("car", 10), ("tree", 25)])
        assert made.advance().stage.tolist() == ["done"]
        task = made.tasks["id"].iloc[0]
        assert note(made, task)["agreement"]["tree"] == pytest.approx(1 / 3)
    (tmp_path / "p.db").unlink()
    flow = lw.workflow.consensus(2, threshold={"tree": 0.9})
    with project(tmp_path, flow, 1) as made:
        everybody(made, 15, name="tree")
        assert made.advance().stage.tolist() == ["adjudicate"]


def test_of_distances_less_is_better_and_two_empty_answers_agree(tmp_path: Path) -> None:
    flow = lw.workflow.consensus(2, threshold=4, agreement="hd")
    with project(tmp_path, flow, 3) as made:
        near, far, empty = made.tasks.query("copy == 0")["item_id"]
        for item, x in ((near, 13), (far, 30)):
            label(made, "ana", item, [("car", 10)])
            label(made, "ben", item, [("car", x)])
        label(made, "ana", empty, [])
        label(made, "ben", empty, [])
        assert made.advance().stage.tolist() == ["done", "adjudicate", "done"]


def test_on_agreement_the_champion_wins(tmp_path: Path) -> None:
    stages = [
        Stage("opinions", "annotate", {"overlap": 2, "blind": True}),
        Stage(
            "consensus",
            "consensus",
            {
                "agreement": "iou",
                "threshold": 0.5,
                "champion": ["zoe", "ben"],
                "then": "done",
                "next": "adjudicate",
            },
        ),
        Stage("adjudicate", "review"),
        Stage("done", "done"),
    ]
    with project(tmp_path, workflow("ours", stages), 1) as made:
        (task,) = everybody(made, 4)
        assert made.advance().stage.tolist() == ["done"]
        (won,) = [one for one in made.records() if one.task_id == task]
        assert won.geometry == lw.Rectangle(14, 10, 30, 30)
        assert (won.origin.kind, won.origin.parameters["person"]) == ("consensus", "ben")
        assert note(made, task)["champion"] == "ben"


def test_a_router_goes_by_agreement_and_an_annotator_does_not_ask_it(tmp_path: Path) -> None:
    rule = {"agreement": "percent", "on": "class", "threshold": 1, "then": "done"}
    stages = [
        Stage("opinions", "annotate", {"overlap": 2, "blind": True}),
        Stage("consensus", "consensus", {"fuse": "majority", "next": "agree"}),
        Stage("agree", "router", {**rule, "next": "adjudicate"}),
        Stage("adjudicate", "review"),
        Stage("done", "done"),
    ]
    with project(tmp_path, workflow("ours", stages), 2) as made:
        items = made.tasks.query("copy == 0")["item_id"]
        for item, names in zip(items, (("car", "car"), ("car", "tree")), strict=True):
            for who, name in zip(PEOPLE, names, strict=True):
                label(made, who, item, [(name, 10)])
        made.advance()
        assert made.tasks.query("copy == 0")["stage"].tolist() == ["done", "adjudicate"]
        assert len(made.annotations.query("origin == 'consensus'")) == 2, "fused before"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"agreement": "iou", "then": "done"}, "threshold"),
        ({"agreement": "iou", "threshold": 0.5}, "then"),
        ({"agreement": "likeness", "threshold": 0.5, "then": "done"}, "one of"),
        ({"agreement": "vitality", "threshold": 0.5, "then": "done"}, "not told"),
        ({"fuse": "dice"}, "one of"),
        ({"fuse": "majority", "champion": "ana"}, "not both"),
        ({"agreement": "iou", "threshold": "high", "then": "done"}, "number"),
    ],
)
def test_what_a_consensus_cannot_go_by_is_refused(options: dict[str, object], said: str) -> None:
    stages = [
        Stage("opinions", "annotate", {"overlap": 2}),
        Stage("done", "done"),
    ]
    with pytest.raises(WorkflowError, match=said):
        workflow("ours", [stages[0], Stage("consensus", "consensus", options), stages[1]])


def test_a_workflow_by_agreement_is_drawn_and_comes_back_from_its_dict() -> None:
    flow = lw.workflow.consensus(3, threshold={"car": 0.5})
    assert Workflow.from_dict(flow.to_dict()) == flow
    drawn = flow._repr_html_()
    assert "consensus, iou by class" in drawn
    assert "adjudicate" in drawn
