"""Opinions, what is made of them, and what leaves the project."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import labelwidgets as lw
from labelwidgets.errors import WorkflowError

PEOPLE = ("ana", "bob", "cy")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Three people have drawn one box each on one picture."""
    Image.fromarray(np.zeros((60, 80, 3), np.uint8)).save(tmp_path / "a.png")
    path = tmp_path / "cars.db"
    dataset = lw.Dataset.open(str(tmp_path / "a.png"))
    lw.Project.create(path, dataset, ["car"], lw.workflow.consensus(3), user="lead").close()
    for number, name in enumerate(PEOPLE):
        with lw.Project.open(path, user=name) as project:
            task = project.session().open().task
            box = lw.Rectangle(10 + number, 10, 30, 30)
            made = lw.Annotation(
                item_id=task["item_id"], task_id=task["id"], class_name="car", geometry=box
            )
            project.add([made])
            project.submit(task["id"])
    return path


def exported(project: lw.Project, folder: Path) -> list[list[float]]:
    project.export("coco", folder / "out.json")
    written = json.loads((folder / "out.json").read_text("utf-8"))
    return [one["bbox"] for one in written["annotations"]]


def test_opinions_are_not_exported_and_what_they_come_to_is(place: Path, tmp_path: Path) -> None:
    with lw.Project.open(place, user="rex") as project:
        assert exported(project, tmp_path) == []
        project.fuse()
        assert exported(project, tmp_path) == [[11, 10, 30, 30]]
        assert len(project.annotations) == 4


def test_a_consensus_is_fused_taken_back_fused_again_and_accepted(place: Path) -> None:
    with lw.Project.open(place, user="rex") as project:
        main = project.tasks.query("copy == 0")["id"].iloc[0]
        project.fuse()
        project.undo()
        assert set(project.annotations["author"]) == set(PEOPLE)
        project.fuse()
        project.fuse()
        fused = project.annotations.query("origin == 'consensus'")
        assert fused["task_id"].tolist() == [main], "a second one takes the place of the first"
        project.accept(main, score=8)
        row = project.tasks.set_index("id").loc[main]
        assert (row["stage"], row["state"], row["score"]) == ("done", "done", 8)
        with pytest.raises(WorkflowError, match="closed"):
            project.undo()
        assert len(project.annotations.query("origin == 'consensus'")) == 1
