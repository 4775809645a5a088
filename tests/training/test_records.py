"""What a model was trained on can be built again later, and proved."""

from __future__ import annotations

import json
import re
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image

from labelwidgets.errors import (
    FormatError,
    MissingFileError,
    RightsError,
    SchemaError,
    WorkflowError,
)
from labelwidgets.media import Dataset
from labelwidgets.project import Project
from labelwidgets.schema.annotation import Annotation, Origin
from labelwidgets.schema.geometry import Keypoints, Rectangle
from labelwidgets.schema.ontology import Ontology
from labelwidgets.training.choice import Choice
from labelwidgets.training.records import label_version


def boxes(project: Project, **options: object) -> list[list[list[float]]]:
    pictures = project.training_set(**options).to_torch()  # type: ignore[arg-type]
    return [pictures[at][1]["boxes"].tolist() for at in range(len(pictures))]


def test_a_training_set_is_built_again_after_the_work_went_on(
    project: Project, tmp_path: Path
) -> None:
    project.split({"train": 0.5, "test": 0.5})
    training = project.training_set("train", query="class_name == 'tree'", classes=["tree"])
    before = [training.to_torch()[at][1]["boxes"].tolist() for at in range(len(training))]
    record = project.record_run(training, tmp_path / "model.json", model="tiny", loss=0.25)
    # The work goes on: edits, new labels, a new split, new names.
    for task in project.tasks["id"][:11]:
        project.reopen(task)
    project.update(
        [
            msgspec.structs.replace(one, geometry=Rectangle(1, 1, 5, 5))
            for one in project.records("class_name == 'tree'")
        ]
    )
    project.split({"train": 0.25, "test": 0.75}, anew=True)
    project.rename_class("tree", "oak")
    assert boxes(project, query="class_name == 'oak'", states=None) != before
    again = project.rebuild_training_set(tmp_path / "model.json")
    pictures = again.to_torch()
    assert [pictures[at][1]["boxes"].tolist() for at in range(len(again))] == before
    assert again.version == record.label_version
    assert again.classes == ("tree",)
    assert project.rebuild_training_set(record).version == again.version


def test_the_record_is_beside_the_model_and_in_the_project(
    project: Project, tmp_path: Path
) -> None:
    assert project.runs.empty
    training = project.training_set()
    record = project.record_run(training, tmp_path / "model.json", loss=0.5)
    said = json.loads((tmp_path / "model.json").read_text())
    assert said["format"] == "labelwidgets training set"
    assert said["items"] == 11
    assert said["labels"] == 15
    assert said["classes"] == ["car", "tree"]
    assert said["choice"]["states"] == ["submitted"]
    assert re.fullmatch("[0-9a-f]{64}", said["label_version"])
    (row,) = project.runs.to_dict("records")
    assert row["run"] == {"loss": 0.5}
    assert row["user"] == "ana"
    assert row["label_version"] == record.label_version == training.version
    (event,) = project.events.query("kind == 'trained'")["payload"]
    assert event["data_hash"] == record.data_hash


def test_a_run_is_told_in_plain_numbers(project: Project, tmp_path: Path) -> None:
    training = project.training_set()
    numbers = {"iou": np.float32(0.5), "per_class": np.array([0.25, 0.75]), "folder": tmp_path}
    record = project.record_run(training, **numbers)
    assert record.run == {"iou": 0.5, "per_class": [0.25, 0.75], "folder": str(tmp_path)}
    with pytest.raises(SchemaError, match="run: object"):
        project.record_run(training, tmp_path / "model.json", net=object())
    with pytest.raises(WorkflowError, match="must be a training set, not str"):
        project.record_run("tiny")  # type: ignore[arg-type]
    assert len(project.runs) == 1
    assert not (tmp_path / "model.json").exists()


def test_the_version_is_of_what_labels_say(
    project: Project, photos: Path, ontology: Ontology, tmp_path: Path
) -> None:
    with Project.create(tmp_path / "b.db", Dataset.open(photos), ontology, user="ben") as other:
        made = list(reversed(project.records()))
        other.add([msgspec.structs.replace(one, id=f"copy{at}") for at, one in enumerate(made)])
        one, two = project.training_set(states=None), other.training_set(states=None)
        assert one.version == two.version
        assert one.record().data_hash == two.record().data_hash
        other.delete(other.annotations.head(1))
        assert other.training_set(states=None).version != one.version
        assert project.training_set(states=None, classes=["car"]).version != one.version


def test_the_box_around_joints_is_a_part_of_what_a_label_says() -> None:
    joints = Keypoints([(10, 10, 2), (20, 30, 2)])

    def version(**parameters: object) -> str:
        origin = Origin("coco", parameters=parameters)
        label = Annotation(item_id="i", class_name="person", geometry=joints, origin=origin)
        return label_version([label], "ontology", None, Choice())

    plain = version()
    assert version(bbox=[5, 5, 40, 40]) not in (plain, version(bbox=[5, 5, 40, 41]))
    # What else a file said changes nothing that a model is trained with.
    assert version(area=3) == plain


def test_pictures_that_were_replaced_are_found_out(project: Project, photos: Path) -> None:
    training = project.training_set()
    light, full = project.record_run(training), project.record_run(training, files=True)
    project.rebuild_training_set(full)
    noise = np.random.default_rng(0).integers(0, 255, (48, 64, 3), np.uint8)
    Image.fromarray(noise).save(photos / "a" / "01.png")
    project.rebuild_training_set(light)
    with pytest.raises(FormatError, match="files that were replaced"):
        project.rebuild_training_set(full)
    (photos / "a" / "01.png").unlink()
    with pytest.raises(MissingFileError, match=r"01\.png"):
        project.rebuild_training_set(full)


def test_a_moment_can_be_named(project: Project) -> None:
    then = project.events["time"].iloc[-1]
    before = project.training_set().version
    item = project.tasks["item_id"][11]
    project.add(Annotation(item_id=item, class_name="car", geometry=Rectangle(1, 1, 2, 2)))
    project.submit(project.tasks["id"][11])
    now = project.training_set()
    assert len(now) == 12
    assert project.training_set(at=then).version == before != now.version
    assert project.training_set(at=project.events["time"].iloc[-1]).version == now.version


def test_a_record_of_something_else_is_refused(project: Project, tmp_path: Path) -> None:
    record = project.record_run(project.training_set(), tmp_path / "model.json")
    said = json.loads((tmp_path / "model.json").read_text())
    wrong = tmp_path / "wrong.json"
    for change, words in [
        ({"format": "coco"}, "no record"),
        ({"version": 2}, "version 2"),
        ({"time": "noon"}, "time"),
        ({"label_version": "0" * 64}, "other labels"),
        ({"project": "another"}, "another project"),
    ]:
        wrong.write_text(json.dumps({**said, **change}))
        with pytest.raises(FormatError, match=words):
            project.rebuild_training_set(wrong)
    assert project.rebuild_training_set(tmp_path / "model.json").version == record.label_version


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"states": ("doen",)}, "'doen'.*States are"),
        ({"states": "skipped"}, "11 submitted"),
        ({"part": "train"}, "not split"),
        ({"query": "class_name == 'tree' and area < 0"}, "about no task"),
        ({"classes": ["car", "car"]}, "classes: has a class twice"),
    ],
)
def test_what_leaves_nothing_is_said(
    project: Project, options: dict[str, object], words: str
) -> None:
    with pytest.raises(WorkflowError, match=words):
        project.training_set(**options)  # type: ignore[arg-type]
    project.split({"train": 0.5, "test": 0.5})
    with pytest.raises(WorkflowError, match="'train', 'test'"):
        project.training_set("val")


def test_a_part_has_the_pictures_of_the_split_and_of_the_query(project: Project) -> None:
    split = project.split({"train": 0.5, "test": 0.5})
    wanted = set(split.loc[split["part"] == "train", "item_id"])
    done = set(project.training_set(states=None).items["id"])
    chosen = project.training_set("train", states=None)
    assert set(chosen.items["id"]) == wanted & done
    assert wanted & done
    assert done - wanted
    one = min(done - wanted)
    with pytest.raises(WorkflowError, match="nothing is left"):
        project.training_set("train", states=None, query=f"item_id == {one!r}")
    assert list(project.training_set("test", query=f"item_id == {one!r}").items["id"]) == [one]


def test_who_labels_does_not_train(project: Project, tmp_path: Path) -> None:
    project.split({"train": 0.5, "test": 0.5})
    project.add_people({"ben": "annotator", "rea": "reviewer"})
    with Project.open(tmp_path / "cars.db", user="ben") as ben:
        for door in (ben.to_torch, ben.training_set, lambda: ben.splits, lambda: ben.runs):
            with pytest.raises(RightsError):
                door()
        with pytest.raises(RightsError):
            ben.split({"train": 1})
    with Project.open(tmp_path / "cars.db", user="rea") as rea:
        training = rea.training_set("train")
        rea.record_run(training, loss=1)
        assert rea.runs["user"].tolist() == ["rea"]
        with pytest.raises(RightsError):
            rea.split({"train": 1}, anew=True)
    seen = project.access.query("person == 'rea' and action == 'exported'")
    assert len(seen) == 1
