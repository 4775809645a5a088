"""Opinions that are asked for later, at any time."""

from __future__ import annotations

from pathlib import Path

import pytest

import labelwidgets as lw
from labelwidgets.errors import WorkflowError
from tests.workflow.test_opinions import box, project


def give(tmp_path: Path, who: str, x: float = 1) -> str:
    with lw.Project.open(tmp_path / "p.db", user=who) as own:
        session = own.session(role="annotator")
        task = session.open().task
        label = box(task["item_id"], x)
        own.add([lw.Annotation.from_dict({**label.to_dict(), "task_id": task["id"]})])
        session.submit(task["id"])
        return str(task["id"])


def test_what_one_person_made_becomes_one_opinion_among_others(tmp_path: Path) -> None:
    with project(tmp_path, lw.workflow.maker_only(), "lead") as made:
        give(tmp_path, "ana")
        main, item = made.tasks[["id", "item_id"]].iloc[0]
        assert made.ask_opinions([main], 1, ["ben"]) == 1
        tasks = made.tasks[made.tasks["item_id"] == item]
        assert tasks["copy"].tolist() == [0, 1, 2]
        assert tasks["state"].tolist() == ["waiting", "submitted", "queued"]
        assert tasks["maker"].tolist()[1] == "ana"
        assert made.annotations["task_id"].tolist() == [tasks["id"].iloc[1]], (
            "labels are there once"
        )
        assert made.annotations["author"].tolist() == ["ana"]
        give(tmp_path, "ben", 3)
        assert made.store.task(main)["state"] == "submitted"
        assert made.agreement(by="pair")[["rater_a", "rater_b"]].to_numpy().tolist() == [
            ["ana", "ben"]
        ]
        made.fuse(item=item)
        done = made.accept(main)
        assert (done["stage"], done["state"]) == ("annotate", "submitted"), "as one person's work"
        with lw.Project.open(tmp_path / "p.db", user="ana") as ana:
            assert ana.session().next_task() == made.tasks["id"].iloc[-1], "the other item"


def test_the_stop_rule_asks_again_until_enough_have_said_it(tmp_path: Path) -> None:
    with project(tmp_path, lw.workflow.consensus(2), "lead") as made:
        for who, x in (("ana", 1), ("ben", 40)):
            give(tmp_path, who, x)
            give(tmp_path, who, 1)
        items = made.agreed().items
        assert items["enough"].tolist() == [False, True]
        assert made.ask_opinions(items.query("not enough"), 1) == 1
        assert made.tasks.query("copy == 0")["state"].tolist() == ["waiting", "submitted"]
        give(tmp_path, "cy", 1)
        assert made.tasks.query("copy == 0")["state"].tolist() == ["submitted", "submitted"]
        with pytest.raises(WorkflowError, match="opinion of ana already"):
            made.ask_opinions(made.tasks.query("copy == 0"), 1, ["ana"])
        assert len(made.tasks) == 7


def test_opinions_can_be_compared_while_the_main_task_stays_as_it_is(tmp_path: Path) -> None:
    with project(tmp_path, lw.workflow.maker_only(), "lead") as made:
        give(tmp_path, "ana")
        main = made.tasks["id"].iloc[0]
        made.ask_opinions([main], 1, ["ben"], wait=False)
        ben = made.session(user="ben", role="annotator")
        assert main not in {row["id"] for row in ben.tasks()[0]}, "ben is blind until he is done"
        give(tmp_path, "ben", 3)
        assert made.store.task(main)["state"] == "submitted"
        pairs = made.agreement(by="pair")
        assert pairs[["rater_a", "rater_b"]].to_numpy().tolist() == [["ana", "ben"]]


def test_nobody_is_asked_about_what_somebody_is_at_work_on(tmp_path: Path) -> None:
    with project(tmp_path, lw.workflow.maker_reviewer(), "lead") as made:
        made.session(user="ana").open()
        with pytest.raises(WorkflowError, match="worked on by ana"):
            made.ask_opinions(made.tasks, 2)
        assert made.tasks["copy"].tolist() == [0, 0]
        for wrong in (0, True, 1000):
            with pytest.raises(WorkflowError, match="whole number"):
                made.ask_opinions(made.tasks, wrong)
        with pytest.raises(WorkflowError, match="twice"):
            made.ask_opinions(made.tasks, 2, ["ben", "ben"])
        with pytest.raises(WorkflowError, match="asked for"):
            made.ask_opinions(made.tasks, 2, ["ben"])


def test_what_was_asked_is_in_the_past_as_it_was(tmp_path: Path) -> None:
    with project(tmp_path, lw.workflow.maker_only(), "lead") as made:
        give(tmp_path, "ana")
        made.ask_opinions(made.tasks.iloc[:1], 1)
        now = made.at(made.events["time"].iloc[-1])
        columns = ["id", "stage", "state", "copy", "assignee", "maker", "n_annotations"]
        assert now.tasks[columns].equals(made.tasks[columns])
        before = made.at(made.events.query("kind == 'submit'")["time"].iloc[0])
        assert len(before.tasks) == 2
