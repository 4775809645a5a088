"""Several people's versions of the objects of an item, those they agree least about first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import labelwidgets as lw
from labelwidgets.errors import WorkflowError
from labelwidgets.schema.verdict import Opinion
from labelwidgets.workflow.adjudicating import (
    Adjudicator,
    adjudication_of,
    by_dispute,
    disagreement_on,
)
from labelwidgets.workflow.disputes import disputes, most_disputed

SIZE = (120, 90)


def box(left: float, name: str = "car", top: float = 10, **more: object) -> lw.Annotation:
    shape = lw.Rectangle(left, top, 30, 20)
    return lw.Annotation(item_id="one", class_name=name, geometry=shape, **more)


def opinion(author: str, *labels: lw.Annotation) -> Opinion:
    return Opinion(author, list(labels))


@pytest.fixture
def project(tmp_path: Path) -> Iterator[lw.Project]:
    """Two pictures: of the first all say the same, of the second ben has not seen the tree."""
    photos = tmp_path / "photos"
    photos.mkdir()
    for name in ("one", "two"):
        Image.fromarray(np.full((SIZE[1], SIZE[0], 3), 90, np.uint8)).save(photos / f"{name}.png")
    dataset = lw.Dataset.open(photos)
    place, flow = tmp_path / "labels.db", lw.workflow.consensus(2)
    with lw.Project.create(place, dataset, ["car", "tree"], flow, user="lead") as made:
        items = made.tasks.query("copy == 0")["item_id"].tolist()
        for who in ("ana", "ben"):
            with lw.Project.open(place, user=who, dataset=dataset) as own:
                for _ in items:
                    task = own.session(role="annotator").open().task
                    at = {"item_id": task["item_id"], "task_id": task["id"]}
                    seen = [
                        lw.Annotation(class_name="car", geometry=lw.Rectangle(5, 5, 30, 20), **at)
                    ]
                    if task["item_id"] == items[1] and who == "ana":
                        tree = lw.Rectangle(60, 40, 40, 40)
                        seen.append(lw.Annotation(class_name="tree", geometry=tree, **at))
                    own.add(seen)
                    own.submit(task["id"])
        yield made


def mains(project: lw.Project) -> list[str]:
    ids: list[str] = project.tasks.query("copy == 0")["id"].tolist()
    return ids


def hold(project: lw.Project, user: str = "lead") -> Adjudicator:
    order = by_dispute(project.store, mains(project), "majority")
    return Adjudicator(project.store, project.dataset, user, order, stages=["consensus"])


def test_objects_come_by_how_little_people_agree_with_everybodys_version_and_the_fused_one() -> (
    None
):
    found = disputes(
        {
            "one": [
                opinion("ana", box(10), box(60), box(60, top=60)),
                opinion("ben", box(10), box(60, "tree")),
                opinion("cy", box(12), box(60, "tree")),
            ]
        }
    )
    assert [one.class_name for one in found] == ["car", "tree", "car"]
    alone, named, clear = found
    assert (alone.agreement, alone.kept, list(alone.versions)) == (0, False, ["ana"])
    assert alone.fused is not None, "what is not kept can be taken all the same"
    assert named.agreement == 1
    assert named.differs == ["class"]
    assert named.same == pytest.approx(1 / 3)
    assert list(clear.versions) == ["ana", "ben", "cy"]
    assert clear.fused is not None
    assert clear.fused.origin.parameters["from"] == list(clear.versions.values())
    assert [one.alike for one in found] == sorted(one.alike for one in found)


def test_answers_that_differ_are_named() -> None:
    found = disputes(
        {
            "one": [
                opinion("ana", box(10, attributes={"occluded": "yes", "side": "left"})),
                opinion("ben", box(10, attributes={"occluded": "no", "side": "left"})),
            ]
        }
    )
    (one,) = found
    assert one.differs == ["occluded"]
    assert one.same == pytest.approx(2 / 3)


def test_answers_about_the_image_are_a_dispute_of_their_own() -> None:
    def rain(author: str, value: str) -> Opinion:
        made = lw.Annotation(
            item_id="one", class_name=None, geometry=lw.Tag(), attributes={"weather": value}
        )
        return opinion(author, made)

    (one,) = disputes({"one": [rain("ana", "rain"), rain("ben", "dry"), rain("cy", "dry")]})
    assert one.class_name is None
    assert one.differs == ["weather"]
    assert one.alike == pytest.approx(1 / 3)
    assert one.fused is not None
    assert one.fused.attributes == {"weather": "dry"}


def test_an_item_that_all_left_empty_is_disputed_least() -> None:
    opinions = {
        "empty": [opinion("ana"), opinion("ben")],
        "one": [opinion("ana", box(10)), opinion("ben", box(14))],
    }
    assert most_disputed(disputes(opinions), opinions) == ["one", "empty"]


def test_the_most_disputed_item_is_given_out_first_and_then_the_next(project: lw.Project) -> None:
    first, second = mains(project)
    lead = hold(project)
    assert lead.next_task() == second
    assert lead.open().task["id"] == second
    assert hold(project, "cy").next_task() == first, "each is one person's"
    found = adjudication_of(lead, second)
    assert found is not None
    assert found.people == ["ana", "ben"]
    assert [one.class_name for one in found.disputes] == ["tree", "car"]
    lead.accept(second)
    assert lead.open().task["id"] == first
    lead.accept(first)
    assert project.tasks.query("copy == 0")["stage"].tolist() == ["done", "done"]
    with pytest.raises(WorkflowError, match="not yours to judge"):
        disagreement_on(lead, first, None)


def test_who_still_has_to_judge_nothing_is_told_nothing(project: lw.Project) -> None:
    task = mains(project)[1]
    project.accept(task)
    assert adjudication_of(project.session(), task) is None


def test_where_people_differ_is_a_layer_that_is_clear_where_they_agree(project: lw.Project) -> None:
    lead = hold(project)
    made = disagreement_on(lead, mains(project)[1], None).overlay()
    assert made.shape == (SIZE[1], SIZE[0], 4)
    assert made[60, 80, 3] > 200, "only ana has the tree"
    assert made[10, 10, 3] == 0, "both have the car"
    small = disagreement_on(lead, mains(project)[1], None).overlay(edge=30)
    assert small.shape == (23, 30, 4)
    assert small[15, 20, 3] > 200


def test_what_was_chosen_is_not_fused_over(project: lw.Project) -> None:
    main = mains(project)[1]
    tree = project.annotations.query("class_name == 'tree'")["id"].iloc[0]
    item = project.tasks.set_index("id").item_id[main]
    origin = lw.Origin(
        kind="consensus", name="adjudication", parameters={"from": [tree], "of": [tree]}
    )
    mine = lw.Annotation(
        item_id=item,
        task_id=main,
        class_name="tree",
        geometry=lw.Rectangle(61, 41, 38, 38),
        origin=origin,
    )
    project.add(mine)
    project.fuse()
    project.fuse()
    there = project.annotations.query("task_id == @main")
    assert sorted(there["class_name"]) == ["car", "tree"]
    assert mine.id in set(there["id"])
