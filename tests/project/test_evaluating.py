"""Models measured by what people made of their proposals."""

from __future__ import annotations

import msgspec
import pytest

from labelwidgets import Annotation, Origin, Project, Rectangle, Tag
from labelwidgets.errors import SchemaError, WorkflowError


def proposal(item: str, x: float, id: str, confidence: float = 0.9) -> Annotation:
    return Annotation(
        item_id=item,
        class_name="car",
        geometry=Rectangle(x, 0, 10, 10),
        id=id,
        confidence=confidence,
        origin=Origin("model", "net"),
    )


@pytest.fixture
def corrected(project: Project) -> Project:
    """Of five proposals one was right, one moved, one deleted, one taken back, one unfinished."""
    first, second, _ = project.tasks["item_id"]
    project.add(
        [proposal(first, 20 * n, name) for n, name in enumerate(("right", "moved", "gone"))]
    )
    project.add(proposal(first, 50, "undone"))
    project.undo()
    project.add(proposal(second, 0, "unfinished"))
    (moved,) = project.records("id == 'moved'")
    project.update(msgspec.structs.replace(moved, geometry=Rectangle(20, 30, 10, 10)))
    project.delete("gone")
    return project


def hand_in(project: Project, number: int = 0) -> None:
    task = project.tasks.iloc[number]
    answers = Annotation(item_id=task["item_id"], geometry=Tag(), attributes={"weather": "dry"})
    project.add(answers)
    project.submit(task["id"])


def test_a_model_is_measured_by_what_people_made_of_its_proposals(corrected: Project) -> None:
    with pytest.raises(WorkflowError, match="handed in"):
        corrected.evaluate()
    hand_in(corrected)
    found = corrected.evaluate()
    assert found.classes.loc["car", ["tp", "fp", "fn"]].tolist() == [1, 2, 1]
    assert sorted(found.matches["id"].dropna()) == ["gone", "moved", "right"]
    tasks = corrected.tasks
    assert found.items["task_id"].tolist() == [tasks["id"][0]]
    assert found.items["title"].tolist() == [tasks["title"][0]]
    widget = corrected.annotate(found.items, task=found.items["task_id"][0])
    assert widget.task == tasks["id"][0]
    widget.close()


def test_predictions_may_come_from_anywhere(corrected: Project) -> None:
    hand_in(corrected)
    first = corrected.tasks["item_id"][0]
    found = corrected.evaluate([proposal(first, 0, "a"), proposal(first, 1, "b", 0.2)])
    assert found.classes.loc["car", ["tp", "fp", "fn"]].tolist() == [1, 1, 1]
    asked = corrected.evaluate("id == 'right'", score_threshold=0.5)
    assert asked.classes.loc["car", ["predictions", "truth"]].tolist() == [1, 1]
    among = corrected.evaluate("id == 'right'", "id != 'right' and class_name == 'car'")
    assert among.classes.loc["car", ["tp", "fp", "fn"]].tolist() == [0, 1, 2]


def test_golden_answers_are_held_to_be_true(corrected: Project) -> None:
    with pytest.raises(WorkflowError, match="golden"):
        corrected.evaluate(truth="gold")
    hand_in(corrected)
    corrected.set_gold([corrected.tasks["id"][0]])
    found = corrected.evaluate(truth="gold")
    assert found.classes.loc["car", ["tp", "fp", "fn"]].tolist() == [1, 2, 1]


def test_a_class_that_was_renamed_is_the_same_class(corrected: Project) -> None:
    hand_in(corrected)
    corrected.rename_class("car", "vehicle")
    assert corrected.evaluate().classes.loc["vehicle", "tp"] == 1


def test_items_that_are_not_there_are_refused(corrected: Project) -> None:
    hand_in(corrected)
    title = corrected.tasks["title"][0]
    for items in ([title], title):
        with pytest.raises(SchemaError, match=f"items: '{title}' is no item.*titles are no ids"):
            corrected.evaluate(items=items)
