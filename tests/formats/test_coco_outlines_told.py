"""Outlines and masks beside joints come back as they were, and pycocotools agrees."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pycocotools.coco import COCO

import labelwidgets as lw
from labelwidgets import formats
from labelwidgets.algorithms.masks import encode_rle

RING = [1.0, 1.0, 21.0, 1.0, 21.0, 21.5]
RUNS = {"size": [50, 60], "counts": [60, 20, 2920]}
CODE = dict(encode_rle(np.eye(50, 60) > 0))
EMPTY = dict(encode_rle(np.zeros((50, 60), bool)))
CROSSED = [5.0, 5.0, 25.0, 25.0, 25.0, 5.0, 5.0, 25.0]
READS: list[Any] = [formats.read, formats.read_frame]


def put(path: Path, segmentation: Any, **fields: Any) -> Path:
    """Write a file of joints with a segmentation beside them, after a plain outline."""
    plain = {"image_id": 1, "iscrowd": 0, "bbox": [1, 1, 20, 20.5], "area": 205.0}
    joints = {"keypoints": [5, 5, 2, 9, 8, 2], "num_keypoints": 2, "segmentation": segmentation}
    file = {
        "images": [{"id": 1, "file_name": "a.png", "width": 60, "height": 50}],
        "categories": [
            {"id": 1, "name": "cup"},
            {"id": 2, "name": "fly", "keypoints": ["a", "b"], "skeleton": [[1, 2]]},
        ],
        "annotations": [
            plain | {"id": 1, "category_id": 1, "segmentation": [RING]},
            plain | {"id": 2, "category_id": 2} | joints | fields,
        ],
    }
    path.write_text(json.dumps(file))
    return path


def label_in(path: Path) -> dict[str, Any]:
    """Return the second annotation of a file."""
    made: dict[str, Any] = json.loads(path.read_text())["annotations"][1]
    return made


def masks_of(path: Path) -> list[Any]:
    """Return what pycocotools makes of each label of a file."""
    with contextlib.redirect_stdout(io.StringIO()):
        file = COCO(str(path))
    return [file.annToMask(one) for one in file.dataset["annotations"]]


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize("given", [[RING], [RING, CROSSED], RUNS, CODE])
def test_what_is_beside_joints_comes_back_as_it_was(tmp_path: Path, given: Any, read: Any) -> None:
    found = read(put(tmp_path / "a.json", given))
    shapes = [getattr(one, "geometry", one) for one in labels_of(found)]
    assert [one.type for one in shapes] == ["polygon", "keypoints"]
    formats.write(found, tmp_path / "b.json", "coco")
    for one in ("segmentation", "keypoints", "bbox", "area"):
        assert label_in(tmp_path / "b.json")[one] == label_in(tmp_path / "a.json")[one]
    before, after = masks_of(tmp_path / "a.json"), masks_of(tmp_path / "b.json")
    assert all(map(np.array_equal, before, after))
    assert after[1].any()
    # It is in the file once.
    assert "segmentation" not in json.dumps(label_in(tmp_path / "b.json")["labelwidgets"])
    formats.write(read(tmp_path / "b.json"), tmp_path / "c.json", "coco")
    assert label_in(tmp_path / "c.json") == label_in(tmp_path / "b.json")


def labels_of(found: Any) -> list[Any]:
    """Return the labels that were read, or the shapes of a frame."""
    made = found.annotations
    return made if isinstance(made, list) else list(made["geometry"])


def test_labels_with_outlines_are_the_very_same_again(tmp_path: Path) -> None:
    found = formats.read(put(tmp_path / "a.json", [RING], iscrowd=1))
    assert found.annotations[1].origin.parameters["segmentation"] == [RING]
    formats.write(found, tmp_path / "b.json", "coco")
    assert formats.read(tmp_path / "b.json").annotations == found.annotations


def test_joints_that_were_changed_have_no_outline(tmp_path: Path) -> None:
    Image.new("RGB", (60, 50)).save(tmp_path / "a.png")
    with lw.Project.create(tmp_path / "a.db", lw.Dataset.open(tmp_path / "*.png"), []) as project:
        project.import_annotations(put(tmp_path / "a.json", [RING]), add_classes=True)
        project.export("coco", tmp_path / "b.json")
        assert label_in(tmp_path / "b.json")["segmentation"] == [RING]
        assert label_in(tmp_path / "b.json")["area"] == 205
        joints = project.records()[1]
        project.update(joints.replace(geometry=lw.Keypoints([(6, 5, 2), (9, 8, 2)])))
        project.export("coco", tmp_path / "c.json")
    assert not masks_of(tmp_path / "c.json")[1].any()
    again = formats.read(tmp_path / "c.json").annotations[1]
    assert "segmentation" not in again.origin.parameters


def test_what_was_beside_the_shape_is_not_written_with_another_one(tmp_path: Path) -> None:
    found = formats.read(put(tmp_path / "a.json", [RING], area=300, attributes={"x": 1}))
    crowd, fly = found.annotations
    assert (crowd.revision, fly.revision) == (0, 0)
    moved = fly.replace(geometry=lw.Keypoints([(5, 5, 2), (9, 9, 2)]))
    known: Any = {"items": found.items, "ontology": found.ontology}
    formats.write([crowd, moved], tmp_path / "b.json", "coco", **known)
    assert label_in(tmp_path / "b.json")["area"] == 16
    assert label_in(tmp_path / "b.json")["bbox"] == [5, 5, 4, 4]
    assert not masks_of(tmp_path / "b.json")[1].any()
    # Of the joints that they were, it is true again, whatever else was changed.
    back = moved.replace(geometry=fly.geometry, revision=7, attributes={})
    formats.write([crowd, back], tmp_path / "c.json", "coco", **known)
    assert label_in(tmp_path / "c.json")["segmentation"] == [RING]
    assert label_in(tmp_path / "c.json")["area"] == 300


def test_an_import_that_is_undone_and_done_again_keeps_all(tmp_path: Path) -> None:
    Image.new("RGB", (60, 50)).save(tmp_path / "a.png")
    with lw.Project.create(tmp_path / "a.db", lw.Dataset.open(tmp_path / "*.png"), []) as project:
        project.import_annotations(put(tmp_path / "a.json", CODE, area=300), add_classes=True)
        project.export("coco", tmp_path / "b.json")
        for _ in range(2):
            project.undo()
            project.redo()
        project.export("coco", tmp_path / "c.json")
        assert project.records()[1].revision > 1
        before, after = label_in(tmp_path / "b.json"), label_in(tmp_path / "c.json")
        for one in ("segmentation", "area", "bbox"):
            assert before[one] == after[one]
        assert (after["segmentation"], after["area"]) == (CODE, 300)


def test_older_labels_that_say_no_shape_keep_it_while_nobody_changed_them(tmp_path: Path) -> None:
    found = formats.read(put(tmp_path / "a.json", [RING]))
    first, fly = found.annotations
    said = {name: one for name, one in fly.origin.parameters.items() if name != "shape"}
    old = fly.replace(origin=lw.Origin("import", "coco", parameters=said))
    known: Any = {"items": found.items, "ontology": found.ontology}
    for revision, wanted in ((0, True), (1, True), (2, False)):
        formats.write([first, old.replace(revision=revision)], tmp_path / "b.json", "coco", **known)
        assert (label_in(tmp_path / "b.json")["segmentation"] == [RING]) == wanted


def test_the_area_of_an_outline_that_was_mended_stays(tmp_path: Path) -> None:
    file = json.loads(put(tmp_path / "a.json", []).read_text())
    file["annotations"][0] |= {"segmentation": [CROSSED], "area": 230.5, "bbox": [5, 5, 20, 20]}
    (tmp_path / "a.json").write_text(json.dumps(file))
    formats.write(formats.read(tmp_path / "a.json", repair=True), tmp_path / "b.json", "coco")
    assert json.loads((tmp_path / "b.json").read_text())["annotations"][0]["area"] == 230.5


def test_an_outline_that_another_tool_has_drawn_since_counts(tmp_path: Path) -> None:
    formats.write(formats.read(put(tmp_path / "a.json", [RING])), tmp_path / "b.json", "coco")
    file = json.loads((tmp_path / "b.json").read_text())
    file["annotations"][1]["segmentation"] = CODE
    (tmp_path / "b.json").write_text(json.dumps(file))
    again = formats.read(tmp_path / "b.json")
    assert again.annotations[1].origin.parameters["segmentation"] == CODE


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize(
    "given",
    [
        None, [], [[]], EMPTY, {"size": [50, 60], "counts": [3000]}, {}, "", 5, [["a"]],
        [[float("nan")] * 6], {"size": [50, 60], "counts": [10**30, 5]}, [[[1.0]]],
    ],
)  # fmt: skip
def test_what_says_nothing_of_pixels_is_not_kept(tmp_path: Path, given: Any, read: Any) -> None:
    found = read(put(tmp_path / "a.json", given))
    formats.write(found, tmp_path / "b.json", "coco")
    assert not masks_of(tmp_path / "b.json")[1].any()
    assert "segmentation" not in formats.read(tmp_path / "b.json").annotations[1].origin.parameters


@pytest.mark.parametrize(
    "given", [[RING, [1.0, 2.0]], {"size": [9, 9], "counts": "?"}, {"size": [1], "counts": [5]}]
)
def test_what_is_wrong_beside_joints_costs_neither_them_nor_the_file(
    tmp_path: Path, given: Any
) -> None:
    found = formats.read(put(tmp_path / "a.json", given))
    formats.write(found, tmp_path / "b.json", "coco")
    assert label_in(tmp_path / "b.json")["segmentation"] == given


@pytest.mark.parametrize("read", READS)
def test_persons_of_a_real_file_keep_their_outlines(
    shared_data: Path, tmp_path: Path, read: Any
) -> None:
    path = shared_data / "coco/person_keypoints.json"
    # Of the persons without joints there is an outline that crosses itself.
    found = read(path, errors="collect")
    formats.write(found, tmp_path / "b.json", "coco")
    file, left_out = json.loads(path.read_text()), set(found.left_out["id"].astype(str))
    file["annotations"] = [one for one in file["annotations"] if str(one["id"]) not in left_out]
    (tmp_path / "a.json").write_text(json.dumps(file))
    before, after = masks_of(tmp_path / "a.json"), masks_of(tmp_path / "b.json")
    assert len(before) == len(after) == 64
    assert all(map(np.array_equal, before, after))
    back = json.loads((tmp_path / "b.json").read_text())["annotations"]
    assert [one["iscrowd"] for one in back] == [one["iscrowd"] for one in file["annotations"]]
    joints = [one["segmentation"] for one in file["annotations"] if any(one["keypoints"])]
    assert [one["segmentation"] for one in back if "keypoints" in one] == joints
    assert len(joints) == 27
