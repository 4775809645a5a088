"""Segment Anything: a file a picture, masks that pycocotools decodes to the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pycocotools import mask as coco

import labelwidgets as lw
from labelwidgets import formats
from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.schema.geometry import Mask
from tests.formats.labels import items

PIXELS = np.zeros((50, 60), np.uint8)
PIXELS[5:20, 10:30] = 1


def code() -> dict[str, Any]:
    """Return a run-length code as pycocotools makes it."""
    made = coco.encode(np.asfortranarray(PIXELS))
    return {"size": made["size"], "counts": made["counts"].decode()}


def mask(**fields: Any) -> dict[str, Any]:
    """Return a mask as Segment Anything writes it."""
    return {
        "id": 5,
        "segmentation": code(),
        "bbox": [10.0, 5.0, 20.0, 15.0],
        "area": 300,
        "predicted_iou": 0.5,
        "stability_score": 0.75,
        "crop_box": [0.0, 0.0, 60.0, 50.0],
        "point_coords": [[12.0, 7.0]],
    } | fields


def document(*masks: Any, **image: Any) -> dict[str, Any]:
    """Return a file of one picture."""
    own = {"image_id": 1, "width": 60, "height": 50, "file_name": "a.jpg"} | image
    return {"image": own, "annotations": list(masks)}


def put(path: Path, made: Any) -> Path:
    """Write a file."""
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(made if isinstance(made, bytes) else json.dumps(made).encode())
    return path


def test_masks_are_read_with_what_is_said_of_them(tmp_path: Path) -> None:
    path = put(tmp_path / "a.json", document(mask()))
    (only,) = formats.read(path, class_name="thing").annotations
    assert isinstance(only.geometry, Mask)
    assert (coco.decode(only.geometry.rle.to_coco()) == PIXELS).all()
    assert (only.class_name, only.item_id, only.confidence) == ("thing", "a.jpg", 0.5)
    assert only.origin.parameters["stability_score"] == 0.75
    assert only.origin.parameters["point_coords"] == [[12.0, 7.0]]


def test_what_was_read_is_written_again(tmp_path: Path) -> None:
    put(tmp_path / "in/a.json", document(mask()))
    put(tmp_path / "in/b.json", document(file_name="b.jpg"))
    found = formats.read(tmp_path / "in")
    assert sorted(found.items["id"]) == ["a.jpg", "b.jpg"]
    formats.write(found, tmp_path / "out", "segment_anything")
    said = json.loads((tmp_path / "out/a.json").read_text())
    (made,) = said["annotations"]
    own = made.pop("labelwidgets")
    assert own["class_name"] == "object"
    assert made == mask()
    assert said["image"] == {"image_id": 1, "file_name": "a.jpg", "width": 60, "height": 50}
    assert formats.read(tmp_path / "out").annotations == found.annotations
    with pytest.raises(FormatError, match="several pictures"):
        formats.write(found, tmp_path / "out.json", "segment_anything")


def test_a_file_is_found_by_its_name_where_it_names_no_picture(tmp_path: Path) -> None:
    path = put(tmp_path / "a.json", document(mask(), file_name=""))
    (only,) = formats.read(path, items=items("a", "b")).annotations
    assert only.item_id == "a"


def test_datumaros_files_are_read(shared_data: Path) -> None:
    folder = shared_data / "imports/datumaro/segment_anything"
    # The mask of its other picture is turned on its side.
    found = formats.read(folder, errors="collect")
    assert found.format == "segment_anything"
    assert [(one.item_id, one.geometry.area) for one in found.annotations] == [("a.jpg", 4.0)]
    assert "is 10 x 5 pixels, the image is 5 x 10" in found.left_out["reason"][0]


WRONG = [
    (mask(segmentation={"size": [50, 60], "counts": [5, 5]}), "runs of 10 pixels in all"),
    (mask(segmentation={"size": [5, 6], "counts": [30]}), "6 x 5 pixels"),
    (mask(segmentation={"size": [50, 60], "counts": [-1, 3001]}), "annotations"),
    (mask(segmentation={"size": [50, 60], "counts": "~~~~"}), "annotations"),
    (mask(segmentation=None), "is empty"),
    (mask(segmentation=[]), "is empty"),
    (mask(segmentation=[[1, 2, float("nan")]]), "annotations"),
    (mask(labelwidgets=[1]), "must be an object"),
    (5, "annotations"),
]


@pytest.mark.parametrize(("made", "reason"), WRONG)
def test_a_wrong_mask_is_named_and_left_out(tmp_path: Path, made: Any, reason: str) -> None:
    path = put(tmp_path / "a.json", document(mask(), made))
    with pytest.raises(LabelwidgetsError, match=r"a\.json, annotations\[1\]") as caught:
        formats.read(path, "segment_anything")
    assert reason in str(caught.value)
    found = formats.read(path, "segment_anything", errors="collect")
    assert (len(found.annotations), len(found.left_out)) == (1, 1)


TEXTS = [
    json.dumps(document(mask())).encode()[:-9],
    b"[" * 1_000_000,
    b"[]",
    b"",
    b'{"image": {"width": ' + b"9" * 5000 + b'}, "annotations": []}',
    json.dumps(document(mask(), width=-1)).encode(),
    json.dumps(document(mask(), image_id=10**50)).encode(),
]


@pytest.mark.parametrize("data", TEXTS)
def test_files_that_are_broken_are_typed_errors(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(LabelwidgetsError, match=r"a\.json"):
        formats.read(put(tmp_path / "a.json", data), "segment_anything")
    put(tmp_path / "in/b.json", document(mask(), file_name="b.jpg"))
    put(tmp_path / "in/a.json", data[:200_000])
    found = formats.read(tmp_path / "in", "segment_anything", errors="collect")
    assert len(found.annotations) == 1


def test_utf_16_is_read(tmp_path: Path) -> None:
    path = put(tmp_path / "a.json", json.dumps(document(mask())).encode("utf-16"))
    assert len(formats.read(path).annotations) == 1


def test_tracks_are_masks_on_frames_with_one_id(tmp_path: Path) -> None:
    known = items("v")
    known["kind"] = "video"
    known["metadata"] = [{"width": 60, "height": 50, "frames": 5, "fps": 1.0}]
    track = lw.Track({0: lw.Keyframe(lw.Rectangle(1, 1, 9, 9)), 4: lw.Keyframe(None, outside=True)})
    made = [lw.Annotation(item_id="v", class_name="car", geometry=track)]
    with pytest.warns(formats.FormatWarning, match="1 track"):
        formats.write(made, tmp_path / "out", "segment_anything", items=known)
    back = formats.read(tmp_path / "out", items=known).annotations
    assert {one.track_id for one in back} == {made[0].id}
    assert [one.frame for one in back] == [0, 1, 2, 3]


def test_pictures_of_one_name_are_told_apart_by_the_folders_of_their_files(tmp_path: Path) -> None:
    for folder in ("train", "val"):
        put(tmp_path / folder / "a.json", document(mask()))
    frame = items("train-a", "val-a").assign(
        title="a.jpg", folder=["train", "val"], urls=[["train/a.jpg"], ["val/a.jpg"]]
    )
    found = formats.read(tmp_path, "segment_anything", items=frame)
    assert [one.item_id for one in found.annotations] == ["train-a", "val-a"]
