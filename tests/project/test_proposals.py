"""What became of what models proposed: the origin stays, the log says the rest."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest
from PIL import Image

import labelwidgets as lw
from labelwidgets.errors import RightsError, SchemaError
from labelwidgets.schema.ids import new_id
from labelwidgets.store.edits import Edit

ONTOLOGY = lw.Ontology(
    [lw.ObjectClass("car"), lw.ObjectClass("tree")],
    [lw.Radio("light", ["day", "night"]), lw.Dropdown("weather", ["dry", "rain"])],
)


def net(pixels: Any) -> Any:
    return [
        (lw.Rectangle(1, 1, 9, 9), "car", 0.9),
        (lw.Rectangle(20, 20, 9, 9), "tree", 0.6),
        {"attributes": {"light": "night", "weather": "rain"}, "score": 0.8},
    ]


@pytest.fixture
def project(tmp_path: Path) -> Iterator[lw.Project]:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(3):
        Image.fromarray(np.full((48, 64), number, np.uint8)).save(folder / f"{number}.png")
    dataset = lw.Dataset.open(folder)
    with lw.Project.create(tmp_path / "a.db", dataset, ONTOLOGY, user="ana") as made:
        yield made


def became(project: lw.Project, task: str) -> dict[str, str]:
    frame = project.proposals.query("task_id == @task")
    names = frame["class_name"].fillna(frame["question"])
    return dict(zip(names, frame["became"], strict=True))


def test_what_is_proposed_waits_until_it_is_changed_or_handed_in(project: lw.Project) -> None:
    assert project.proposals.empty
    assert project.acceptance().empty
    project.predict(lw.assistant(net, version="3"), progress=False)
    tasks = list(project.tasks.id)
    kept, changed, waits = tasks
    assert set(project.proposals["became"]) == {"waiting"}
    car, tree, said = (one for one in project.records() if one.task_id == changed)
    better = msgspec.structs.replace(car, geometry=lw.Rectangle(2, 1, 9, 9))
    project.update(better)
    project.delete(tree)
    project.update(msgspec.structs.replace(said, attributes={"light": "day"}))
    assert became(project, changed) == {
        "car": "corrected",
        "tree": "deleted",
        "light": "corrected",
        "weather": "deleted",
    }
    assert {one.origin.kind for one in project.records()} == {"model"}, "the origin stays"
    project.submit(kept)
    assert set(became(project, kept).values()) == {"accepted"}
    assert set(became(project, waits).values()) == {"waiting"}
    (row,) = project.acceptance().itertuples()
    assert (row.model, row.version, row.proposed) == ("net", "3", 12)
    assert (row.accepted, row.corrected, row.deleted, row.waiting) == (4, 2, 2, 4)
    assert row.acceptance_rate == 0.5
    by_class = project.acceptance("class_name").set_index("class_name")
    assert by_class.loc["car", ["accepted", "corrected", "waiting"]].tolist() == [1, 1, 1]
    some = project.acceptance(["model", "task_id"]).set_index("task_id")
    assert pd.isna(some.loc[waits, "acceptance_rate"])
    joined = project.annotations.merge(project.proposals[["id", "became"]], on="id", how="left")
    assert "corrected" in set(joined["became"])
    assert project.records("origin == 'hand'") == []


def test_a_change_that_is_taken_back_is_none_and_a_run_that_is_undone_never_was(
    project: lw.Project,
) -> None:
    project.predict(net, progress=False)
    (car, *_) = project.records("class_name == 'car'")
    project.update(msgspec.structs.replace(car, geometry=lw.Rectangle(2, 1, 9, 9)))
    assert project.acceptance("class_name").corrected.sum() == 1
    project.undo()
    assert project.acceptance("class_name").corrected.sum() == 0
    project.undo()
    assert project.proposals.empty
    project.add(lw.Annotation(item_id=car.item_id, class_name="car", geometry=car.geometry))
    assert project.proposals.empty, "what a person drew was not proposed"


def test_what_is_taken_on_a_page_is_accepted_at_once(project: lw.Project) -> None:
    task = project.tasks.id[0]
    origin = {"kind": "model", "name": "net", "version": "3"}
    geometry = {"type": "rectangle", "x": 1, "y": 1, "width": 5, "height": 5}
    after = {"class_name": "car", "geometry": geometry, "confidence": 0.7, "origin": origin}
    edit = Edit(id=new_id(), task=task, kind="create", annotation=new_id(), base=0, after=after)
    project.session().apply([edit], client="a page")
    assert became(project, task) == {"car": "accepted"}


def test_answers_beside_those_of_a_person_are_told_apart(project: lw.Project) -> None:
    task, item = project.tasks.id[0], project.tasks.item_id[0]
    project.add(lw.Annotation(item_id=item, geometry=lw.Tag(), attributes={"light": "day"}))
    project.predict(net, [task], beside=True, progress=False)
    assert became(project, task) == {"car": "waiting", "tree": "waiting", "weather": "waiting"}
    project.submit(task)
    assert became(project, task) == {"car": "accepted", "tree": "accepted", "weather": "accepted"}
    (row,) = project.proposals.query("question == 'weather'").itertuples()
    assert (row.model, row.confidence) == ("net", 0.8)


def test_wrong_groups_are_named_and_annotators_see_no_rates(
    project: lw.Project, tmp_path: Path
) -> None:
    path = tmp_path / "a.db"
    for wrong in ("person", [], ["model", "became"]):
        with pytest.raises(SchemaError, match=r"must be of model, version"):
            project.acceptance(wrong)
    project.add_person("ben", "annotator")
    with lw.Project.open(path, user="ben") as ben:
        with pytest.raises(RightsError):
            ben.acceptance()
        with pytest.raises(RightsError):
            _ = ben.proposals
