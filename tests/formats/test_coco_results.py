"""Results of COCO, lists of detections, are read with what tells what their ids mean."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import labelwidgets as lw
from labelwidgets import formats
from labelwidgets.errors import FormatError
from labelwidgets.schema.geometry import Keypoints, Mask, Rectangle

TRUTH = {
    "images": [
        {"id": 71, "file_name": "000000000139.jpg", "width": 60, "height": 50},
        {"id": 9, "file_name": "b.jpg", "width": 60, "height": 50},
    ],
    "annotations": [{"id": 1, "image_id": 71, "category_id": 90, "bbox": [1, 2, 3, 4]}],
    "categories": [{"id": 90, "name": "cup"}, {"id": 3, "name": "fork"}],
}
BOX = {"image_id": 71, "category_id": 90, "bbox": [5, 5, 20.5, 10], "score": 0.75}
ITEMS = pd.DataFrame(
    {
        "id": ["m", "n"],
        "kind": "image",
        "title": ["000000000139.jpg", "b.jpg"],
        "metadata": [{"width": 60, "height": 50}] * 2,
    }
)


def put(folder: Path, results: list[Any], truth: Any = None) -> Path:
    """Write results, and what they are measured by."""
    (folder / "truth.json").write_text(json.dumps(truth or TRUTH))
    (folder / "results.json").write_text(json.dumps(results))
    return folder / "results.json"


def test_results_are_read_with_their_ground_truth(tmp_path: Path) -> None:
    mask = lw.algorithms.encode_rle(np.ones((50, 60), bool))
    mask = {"size": list(mask["size"]), "counts": str(mask["counts"])}
    results = [BOX, {"image_id": 9, "category_id": 3, "segmentation": mask, "score": 0.5}]
    path = put(tmp_path, results)
    for read in (formats.read, formats.read_frame):
        found = read(path, items=ITEMS, ground_truth=tmp_path / "truth.json")
        assert found.format == "coco"
        table = found.annotations
        rows = table if isinstance(table, list) else table.itertuples()
        told = [(one.item_id, one.class_name, one.confidence) for one in rows]
        assert told == [("m", "cup", 0.75), ("n", "fork", 0.5)]
    one, other = formats.read(path, items=ITEMS, ground_truth=tmp_path / "truth.json").annotations
    assert one.geometry == Rectangle(5, 5, 20.5, 10)
    assert isinstance(other.geometry, Mask)


def test_ids_may_be_told_by_mappings(tmp_path: Path) -> None:
    path = put(tmp_path, [BOX, BOX | {"image_id": 9}])
    told: dict[Any, str] = {"71": "000000000139.jpg", "9": "n"}
    found = formats.read(path, items=ITEMS, images=told, categories={90: "cup"})
    assert [one.item_id for one in found.annotations] == ["m", "n"]


def test_an_image_id_may_be_the_name_of_a_file(tmp_path: Path) -> None:
    path = put(tmp_path, [BOX | {"image_id": 139}, BOX | {"image_id": "n"}, BOX | {"image_id": 5}])
    found = formats.read(path, items=ITEMS, categories={90: "cup"}, errors="collect")
    assert [one.item_id for one in found.annotations] == ["m", "n"]
    assert found.unmatched["id"].tolist() == ["5"]


def test_joints_have_the_skeleton_of_the_class(tmp_path: Path) -> None:
    points = [1, 2, 2, 3, 4, 2]
    path = put(tmp_path, [{"image_id": 71, "category_id": 1, "keypoints": points, "score": 1}])
    fly = lw.ObjectClass("fly", tool="keypoints", skeleton=lw.Skeleton(["a", "b"], [(0, 1)]))
    (made,) = formats.read(
        path, items=ITEMS, ontology=lw.Ontology([fly]), categories={1: "fly"}, images={71: "m"}
    ).annotations
    assert made.geometry == Keypoints([(1, 2, 2), (3, 4, 2)])


@pytest.mark.parametrize(
    ("results", "options", "said"),
    [
        ([BOX], {}, "does not say what its ids mean"),
        ([BOX], {"categories": {1: "cup"}, "images": {71: "m"}}, "90 is not the id of a category"),
        ([BOX | {"score": 2}], {"categories": {90: "cup"}, "images": {71: "m"}}, "score"),
        ([BOX, 5], {"categories": {90: "cup"}, "images": {71: "m"}}, r"annotations\[1\]"),
    ],
)
def test_results_that_are_wrong_are_said(
    tmp_path: Path, results: Any, options: Any, said: str
) -> None:
    with pytest.raises(FormatError, match=said):
        formats.read(put(tmp_path, results), items=ITEMS, **options)


def test_what_is_for_results_is_for_no_other_file(tmp_path: Path) -> None:
    put(tmp_path, [BOX])
    for read in (formats.read, formats.read_frame):
        with pytest.raises(FormatError, match="is for a list of results, which this file is not"):
            read(tmp_path / "truth.json", items=ITEMS, categories={90: "cup"})


def test_results_become_predictions_of_a_project(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    for name in ("000000000139.jpg", "b.jpg"):
        Image.new("RGB", (60, 50)).save(tmp_path / "photos" / name)
    dataset = lw.Dataset.open(str(tmp_path / "photos"))
    project = lw.Project.create(str(tmp_path / "cups.db"), dataset, ["cup", "fork"])
    put(tmp_path, [BOX, BOX | {"image_id": 9}])
    project.import_annotations(tmp_path / "truth.json")
    options: Any = {"as_": "predictions", "model": "net 3", "ground_truth": tmp_path / "truth.json"}
    found = project.import_annotations(tmp_path / "results.json", **options)
    assert (found.added, found.annotations[0].origin.name) == (1, "net 3")
    assert [one.confidence for one in found.annotations] == [0.75, 0.75]
    # The other picture has a label of the file already.
    assert found.left_alone is not None
    assert len(found.left_alone) == 1
    assert project.import_annotations(tmp_path / "results.json", **options).added == 0
