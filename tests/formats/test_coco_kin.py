"""Files that are nearly COCO: captions, LVIS, TAO."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import labelwidgets as lw
from labelwidgets import formats
from labelwidgets.errors import FormatError
from labelwidgets.schema.attributes import Text
from labelwidgets.schema.ontology import ObjectClass, Ontology
from labelwidgets.schema.tracks import Track


def lines_of(path: Path) -> list[tuple[int, str, str]]:
    """Return id, picture and words of captions."""
    said = json.loads(path.read_text())
    names = {one["id"]: one["file_name"] for one in said["images"]}
    rows = ((one["id"], names[one["image_id"]], one["caption"]) for one in said["annotations"])
    return sorted(rows)


def test_captions_are_answers_and_come_back(shared_data: Path, tmp_path: Path) -> None:
    path = shared_data / "coco/captions.json"
    found = formats.read(path)
    assert (len(found.annotations), len(found.items)) == (26, 26)
    assert [one.name for one in found.ontology.image_attributes] == ["caption"]
    assert sum(len(str(one.attributes["caption"]).split("\n")) for one in found.annotations) == 130
    formats.write(found, tmp_path / "captions.json", "coco", captions=True)
    assert lines_of(tmp_path / "captions.json") == lines_of(path)
    formats.write(found, tmp_path / "all.json", "coco")
    back = {one.id: one for one in formats.read(tmp_path / "all.json").annotations}
    assert back == {one.id: one for one in found.annotations}
    assert len(formats.read_frame(path).annotations) == 26


def captions() -> dict[str, Any]:
    """Return a file of two captions."""
    return {
        "images": [{"id": 1, "file_name": "a.jpg", "width": 60, "height": 50}],
        "annotations": [
            {"id": 5, "image_id": 1, "caption": "A cup."},
            {"id": 6, "image_id": 1, "caption": "A red cup."},
        ],
    }


def test_a_caption_that_is_changed_is_written_changed(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(captions()))
    asked = Ontology([ObjectClass("cup")], [Text("caption")])
    (only,) = formats.read(tmp_path / "a.json", ontology=asked).annotations
    assert only.attributes == {"caption": "A cup.\nA red cup."}
    data = only.to_dict() | {"attributes": {"caption": "A cup.\nA blue cup."}}
    changed = lw.Annotation.from_dict(data)
    formats.write([changed], tmp_path / "b.json", "coco", ontology=asked, captions=True)
    assert [row[2] for row in lines_of(tmp_path / "b.json")] == ["A blue cup.", "A cup."]
    unasked = Ontology([ObjectClass("cup")])
    (only,) = formats.read(tmp_path / "a.json", ontology=unasked).annotations
    assert only.attributes == {}
    formats.write([only], tmp_path / "c.json", "coco", captions=True)
    assert [row[0] for row in lines_of(tmp_path / "c.json")] == [5, 6]


def test_what_is_no_caption_is_counted(tmp_path: Path) -> None:
    made = [lw.Annotation(item_id="a", class_name="cup", geometry=lw.Rectangle(1, 2, 3, 4))]
    with pytest.warns(formats.FormatWarning, match="1 rectangle"):
        formats.write(made, tmp_path / "a.json", "coco", captions=True)
    with pytest.raises(FormatError, match="no place for"):
        formats.write(made, tmp_path / "b.json", "coco", captions=True, strict=True)


@pytest.mark.parametrize("caption", [5, None, ["a"]])
def test_a_caption_that_is_none_is_named(tmp_path: Path, caption: Any) -> None:
    said = captions()
    said["annotations"][1]["caption"] = caption
    (tmp_path / "a.json").write_text(json.dumps(said))
    with pytest.raises(FormatError, match=r"annotations\[1\]"):
        formats.read(tmp_path / "a.json")
    found = formats.read(tmp_path / "a.json", errors="collect")
    assert (len(found.annotations), len(found.left_out)) == (1, 1)


def lvis() -> dict[str, Any]:
    """Return a file as LVIS has it: no file names, and classes that are known not to be there."""
    url = "http://images.cocodataset.org/train2017/000000000071.jpg"
    image = {"id": 71, "coco_url": url, "width": 60, "height": 50}
    ring = [1, 1, 20, 1, 20, 20]
    label = {"image_id": 71, "segmentation": [ring], "bbox": [1, 1, 19, 19], "area": 180.5}
    return {
        "images": [image | {"neg_category_ids": [3, 9], "not_exhaustive_category_ids": [1]}],
        "annotations": [label | {"id": 1, "category_id": 1}, label | {"id": 2, "category_id": 2}],
        "categories": [
            {"id": id, "name": name, "synset": f"{name}.n.01", "frequency": "f", "def": "It is."}
            for id, name in ((1, "cup"), (2, "fork"), (3, "car"))
        ],
    }


def test_what_lvis_says_of_pictures_is_kept_and_written(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(lvis()))
    found = formats.read(tmp_path / "a.json")
    assert found.items["title"].tolist() == ["000000000071.jpg"]
    one, other = found.annotations
    assert one.origin.parameters["neg_category_ids"] == ["car"]
    assert one.origin.parameters["not_exhaustive_category_ids"] == ["cup"]
    assert "neg_category_ids" not in other.origin.parameters
    formats.write(found, tmp_path / "b.json", "coco", ontology=lw.Ontology(
        [ObjectClass("car"), ObjectClass("cup"), ObjectClass("fork")]))  # fmt: skip
    said = json.loads((tmp_path / "b.json").read_text())
    (image,) = said["images"]
    assert (image["neg_category_ids"], image["not_exhaustive_category_ids"]) == ([1], [2])
    assert [made.geometry for made in formats.read(tmp_path / "b.json").annotations] == [
        made.geometry for made in found.annotations
    ]
    assert len(formats.read_frame(tmp_path / "a.json").annotations) == 2


def test_tracks_of_tao_are_tracks(tmp_path: Path) -> None:
    video = {"id": 0, "name": "train/YFCC100M/v_1", "width": 60, "height": 50}
    images = [
        {"id": n, "video": video["name"], "video_id": 0, "frame_index": at, "width": 60,
         "height": 50, "file_name": f"train/YFCC100M/v_1/frame{at:04}.jpg"}
        for n, at in enumerate((30, 60, 90))
    ]  # fmt: skip
    labels = [
        {"id": n, "image_id": n, "track_id": 4, "video_id": 0, "category_id": 7, "iscrowd": 0,
         "bbox": [1 + n, 2, 10, 10], "segmentation": [], "area": 100}
        for n in range(3)
    ]  # fmt: skip
    said = {
        "videos": [video | {"neg_category_ids": [8], "not_exhaustive_category_ids": []}],
        "images": images,
        "annotations": labels,
        "tracks": [{"id": 4, "category_id": 7, "video_id": 0}],
        "categories": [{"id": 7, "name": "dog"}, {"id": 8, "name": "cat"}],
    }
    (tmp_path / "a.json").write_text(json.dumps(said))
    for found in (formats.read(tmp_path / "a.json"), formats.read_frame(tmp_path / "a.json")):
        assert len(found.annotations) == 1
    (only,) = formats.read(tmp_path / "a.json").annotations
    assert isinstance(only.geometry, Track)
    assert [only.geometry.at(at) is not None for at in (30, 60, 90)] == [True] * 3
    assert only.origin.parameters["id"] == 4
