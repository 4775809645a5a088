"""A project's opinions become new labels in one gesture, which can be taken back."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

import labelwidgets as lw
from labelwidgets.errors import SchemaError, WorkflowError
from labelwidgets.project import Project
from labelwidgets.store.tables import tasks


def label(project: Project, path: Path, who: str, x: float, name: str = "car") -> None:
    item = project.tasks["item_id"][0]
    with Project.open(path, user=who) as own:
        own.add(lw.Annotation(item_id=item, class_name=name, geometry=lw.Rectangle(x, 5, 20, 20)))


@pytest.fixture
def labelled(project: Project, tmp_path: Path) -> Project:
    for who, x, name in (("ben", 10, "car"), ("cy", 11, "car"), ("dan", 12, "tree")):
        if name == "tree":
            item = project.tasks["item_id"][0]
            ring = [(x, 5), (x + 20, 5), (x + 20, 25), (x, 25)]
            with Project.open(tmp_path / "cars.db", user=who) as own:
                shape = lw.Polygon([[ring]])
                own.add(lw.Annotation(item_id=item, class_name="tree", geometry=shape))
        else:
            label(project, tmp_path / "cars.db", who, x, name)
    return project


def test_to_look_writes_nothing(labelled: Project) -> None:
    before = len(labelled.events)
    found = labelled.consensus()
    assert found["class_name"].tolist() == ["car"]
    assert found["posterior"].tolist() == pytest.approx([2 / 3])
    assert found["raters"].tolist() == [3]
    assert len(labelled.events) == before


def test_fused_labels_are_new_and_one_gesture_takes_them_back(labelled: Project) -> None:
    before = labelled.annotations
    applied = labelled.fuse()
    assert len(applied) == 1
    after = labelled.annotations
    assert len(after) == len(before) + 1
    (made,) = labelled.records("origin == 'consensus'")
    assert made.author == "ana"
    assert made.geometry == lw.Rectangle(10.5, 5, 20, 20)
    assert set(made.origin.parameters["from"]) == set(before["id"])
    labelled.undo()
    assert set(labelled.annotations["id"]) == set(before["id"])
    labelled.redo()
    assert "consensus" in set(labelled.annotations["origin"])


def test_to_fuse_again_replaces_what_was_fused_and_undo_brings_it_back(
    labelled: Project, tmp_path: Path
) -> None:
    labelled.fuse()
    (first,) = labelled.records("origin == 'consensus'")
    label(labelled, tmp_path / "cars.db", "eve", 12)
    labelled.fuse()
    (second,) = labelled.records("origin == 'consensus'")
    assert second.geometry == lw.Rectangle(11, 5, 20, 20)
    assert first.id != second.id
    labelled.undo()
    assert [made.id for made in labelled.records("origin == 'consensus'")] == [first.id]


def test_opinions_are_compared_where_there_are_some_and_the_main_task_gets_the_answer(
    project: Project, tmp_path: Path
) -> None:
    store = project.store
    main = project.tasks.iloc[0]
    with store.writing() as connection:
        row = dict(
            connection.execute(select(tasks).where(tasks.c.id == main["id"])).mappings().one()
        )
        for copy, maker in ((1, "ben"), (2, "cy"), (3, "dan"), (-1, None)):
            more = {"id": f"opinion{copy}", "copy": copy, "maker": maker, "position": 900 + copy}
            connection.execute(insert(tasks).values({**row, **more}))
    shapes = {"opinion1": 10, "opinion2": 12, "opinion-1": 40, main["id"]: 30}
    for task, x in shapes.items():
        shape = lw.Rectangle(x, 5, 20, 20)
        project.add(
            lw.Annotation(item_id=main["item_id"], task_id=task, class_name="car", geometry=shape)
        )
    with store.writing() as connection:
        connection.execute(update(tasks).where(tasks.c.copy > 0).values(state="submitted"))
    found = project.consensus()
    assert found["raters"].tolist() == [3]
    assert found["drawn_by"].tolist() == [["ben", "cy"]]
    project.fuse()
    (made,) = project.records("origin == 'consensus'")
    assert made.task_id == main["id"]
    assert made.geometry == lw.Rectangle(11, 5, 20, 20)
    able = project.ability("majority").set_index("rater")
    assert able.loc["dan", "recall"] == 0
    with store.writing() as connection:
        connection.execute(update(tasks).where(tasks.c.id == "opinion3").values(maker=None))
    assert project.consensus()["raters"].tolist() == [2]


def test_what_nobody_is_sure_of_is_not_written(labelled: Project) -> None:
    with pytest.raises(WorkflowError, match="nothing to write"):
        labelled.fuse(quorum=1.0, overlap=0.99)
    assert "consensus" not in set(labelled.annotations["origin"])


def test_ability_and_heat_map_are_there_for_the_asking(labelled: Project) -> None:
    able = labelled.ability()
    assert set(able["rater"]) == {"ben", "cy", "dan"}
    item = labelled.tasks["item_id"][0]
    found = labelled.disagreement(item)
    assert found.values.shape == (48, 64)
    assert found.raters == ["ben", "cy", "dan"]
    assert found.values.max() > 0
    with pytest.raises(SchemaError, match="two are needed"):
        labelled.disagreement(labelled.tasks["item_id"][1])
