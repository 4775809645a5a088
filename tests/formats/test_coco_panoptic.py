"""Panoptic COCO: ids of pixels are those that its own rule finds, and come back."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import labelwidgets as lw
from labelwidgets import formats
from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.schema.geometry import Rectangle
from labelwidgets.schema.ontology import ObjectClass, Ontology
from tests.formats.labels import items

CAR, SKY = 3 + 256 * 7, 65536 * 200
PIXELS = np.zeros((50, 60), np.uint32)
PIXELS[5:20, 10:30] = CAR
PIXELS[30:, :] = SKY


def rgb_of(ids: Any) -> Any:
    """Return the colours of ids, as panopticapi's `id2rgb` does."""
    return np.stack([ids % 256, ids // 256 % 256, ids // 65536], -1).astype(np.uint8)


def ids_of(png: bytes) -> Any:
    """Return the ids of a PNG, as panopticapi's `rgb2id` does."""
    color = np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(np.uint32)
    return color[..., 0] + 256 * color[..., 1] + 65536 * color[..., 2]


def document(**changes: Any) -> dict[str, Any]:
    """Return a file of one picture."""
    segments = [
        {"id": CAR, "category_id": 1, "area": 300, "bbox": [10, 5, 20, 15], "iscrowd": 0},
        {"id": SKY, "category_id": 9, "area": 1200, "bbox": [0, 30, 60, 20], "iscrowd": 1},
    ]
    return {
        "images": [{"id": 7, "file_name": "a.jpg", "width": 60, "height": 50}],
        "annotations": [{"image_id": 7, "file_name": "a.png", "segments_info": segments}],
        "categories": [
            {"id": 1, "name": "car", "supercategory": "vehicle", "isthing": 1, "color": [1, 2, 3]},
            {"id": 9, "name": "sky", "supercategory": "", "isthing": 0},
        ],
    } | changes


def put(folder: Path, made: Any = None, pixels: Any = PIXELS) -> Path:
    """Write it, with its PNG."""
    text = made if isinstance(made, bytes) else json.dumps(made or document()).encode()
    (folder / "panoptic_val").mkdir(parents=True, exist_ok=True)
    (folder / "panoptic_val.json").write_bytes(text)
    Image.fromarray(rgb_of(pixels)).save(folder / "panoptic_val/a.png")
    return folder


def masks(found: formats.Imported) -> list[tuple[str, Any]]:
    """Return classes and pixels."""
    decode = lw.algorithms.decode_rle
    return [
        (one.class_name or "", decode(one.geometry.rle.to_coco()))  # type: ignore[union-attr]
        for one in found.annotations
    ]


@pytest.mark.parametrize("place", ["", "panoptic_val.json"])
def test_segments_are_the_pixels_of_their_ids(tmp_path: Path, place: str) -> None:
    found = formats.read(put(tmp_path) / place)
    assert found.format == "coco_panoptic"
    (car, cars), (sky, skies) = masks(found)
    assert (car, sky) == ("car", "sky")
    assert (cars == (PIXELS == CAR)).all()
    assert (skies == (PIXELS == SKY)).all()
    assert found.annotations[1].origin.parameters == {"id": SKY, "iscrowd": 1}
    one, other = found.ontology.classes
    assert (one.instances, one.color, other.instances) == (True, "#010203", False)
    assert found.supercategories == {"car": "vehicle"}


def test_ids_come_back(tmp_path: Path) -> None:
    found = formats.read(put(tmp_path))
    formats.write(found, tmp_path / "out.zip", "coco_panoptic")
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert (ids_of(archive.read("panoptic/a.png")) == PIXELS).all()
        said = json.loads(archive.read("panoptic.json"))
    (segments,) = [one["segments_info"] for one in said["annotations"]]
    was = document()["annotations"][0]["segments_info"]
    for before, after in zip(was, segments, strict=True):
        assert before | {"category_id": 0} == {key: after[key] for key in before} | {
            "category_id": 0
        }
    assert [one["isthing"] for one in said["categories"]] == [1, 0]
    back = formats.read(tmp_path / "out.zip")
    assert back.annotations == found.annotations
    assert back.ontology == found.ontology


def test_real_segments_are_those_of_their_pictures(shared_data: Path, tmp_path: Path) -> None:
    folder = shared_data / "coco_panoptic"
    found = formats.read(folder)
    assert (len(found.annotations), len(found.items)) == (181, 12)
    assert found.left_out.empty
    said = json.loads((folder / "panoptic.json").read_text())
    areas = {
        (one["file_name"][:-4], segment["id"]): segment["area"]
        for one in said["annotations"]
        for segment in one["segments_info"]
    }
    mine = {
        (one.item_id[:-4], one.origin.parameters["id"]): one.geometry.area
        for one in found.annotations
    }
    assert mine == areas
    formats.write(found, tmp_path / "out", "coco_panoptic")
    for png in sorted(folder.glob("panoptic/*.png")):
        made = (tmp_path / "out/panoptic" / png.name).read_bytes()
        assert (ids_of(made) == ids_of(png.read_bytes())).all()


def test_datumaros_layout_is_read(shared_data: Path, tmp_path: Path) -> None:
    folder = shared_data / "imports/datumaro/coco_panoptic"
    # The mask of its other picture is of another size than that picture.
    found = formats.read(folder, errors="collect")
    assert [one.class_name for one in found.annotations] == ["a", "b"]
    assert "is 5 x 5 pixels, its picture is 10 x 5" in found.left_out["reason"][0]
    with pytest.raises(FormatError, match="5 x 5 pixels") as caught:
        formats.read(folder)
    assert str(caught.value).count("coco_panoptic") == 1


def test_later_labels_are_above_and_what_is_covered_is_said(tmp_path: Path) -> None:
    made = [
        lw.Annotation(item_id="a", class_name="car", geometry=Rectangle(5, 5, 10, 10)),
        lw.Annotation(item_id="a", class_name="car", geometry=Rectangle(0, 0, 30, 30)),
    ]
    with pytest.warns(formats.FormatWarning, match="1 object wholly under later labels"):
        formats.write(made, tmp_path / "out", "coco_panoptic", items=items("a"))
    (only,) = formats.read(tmp_path / "out", items=items("a")).annotations
    assert only.id == made[1].id
    assert only.geometry.area == 900
    assert not (tmp_path / "out/panoptic/b.png").exists()


def test_strictly_nothing_is_written_where_something_is_lost(tmp_path: Path) -> None:
    made = [lw.Annotation(item_id="a", class_name="car", geometry=Rectangle(5, 5, 10, 10))]
    with pytest.raises(FormatError, match="no place for"):
        formats.write(made, tmp_path / "out", "coco_panoptic", items=items("a"), strict=True)
    assert not (tmp_path / "out").exists()
    with pytest.raises(FormatError, match="must be a folder"):
        formats.write(made, tmp_path / "out.json", "coco_panoptic", items=items("a"))


def segment(**fields: Any) -> dict[str, Any]:
    """Return a file whose first segment is otherwise."""
    made = document()
    made["annotations"][0]["segments_info"][0] |= fields
    return made


def annotation(**fields: Any) -> dict[str, Any]:
    """Return a file whose annotation is otherwise."""
    made = document()
    made["annotations"][0] |= fields
    return made


WRONG: list[tuple[Any, str]] = [
    (segment(id=5), "has no pixels in a.png"),
    (segment(id=SKY), "must be a number that no segment before has"),
    (segment(id="x"), "must be a number"),
    (segment(id=-1), "has no pixels"),
    (segment(category_id=5), "is not the id of a category"),
    (segment(category_id=[1]), "is not the id of a category"),
    (segment(attributes=[1]), "must be an object"),
    (annotation(file_name="../a.png"), "must be the name of a PNG beside"),
    (annotation(file_name="/etc/passwd"), "must be the name of a PNG beside"),
    (annotation(file_name="b.png"), "'b.png' is not there"),
    (annotation(image_id=8), "is not the id of an image"),
    (annotation(segments_info=None), "segments_info"),
    (annotation(segments_info=[]), "lacks 2 segments"),
    (document(annotations=document()["annotations"] * 2), "has an annotation before it"),
    (document(images=document()["images"] * 2), "is the id of an image before it"),
    (document(categories=[{"id": 1, "name": "a", "supercategory": "b"},
                          {"id": 2, "name": "b", "supercategory": "a"}]), "leads in a circle"),
    (document(images=[{"id": 7, "file_name": "a.jpg", "width": 6, "height": 5}]), "60 x 50 pixels"),
]  # fmt: skip


@pytest.mark.parametrize(("made", "reason"), WRONG)
def test_what_is_wrong_is_named_and_left_out(tmp_path: Path, made: Any, reason: str) -> None:
    folder = put(tmp_path, made)
    with pytest.raises(LabelwidgetsError, match=r"annotations|images|categories") as caught:
        formats.read(folder, "coco_panoptic")
    found = formats.read(folder, "coco_panoptic", errors="collect")
    assert reason in " ".join(found.left_out["reason"] + found.left_out["field"])
    assert reason in str(caught.value) or len(found.left_out) > 1


HUGE = "9" * 5000
TEXTS: list[bytes] = [
    json.dumps(document()).encode()[:-20],
    b"[" * 1_000_000,
    b"",
    b"\x00" * 50,
    b"[]",
    b'{"images": [], "annotations": [], "categories": [], "x": ' + b"[" * 100_000,
    json.dumps(segment(id=0)).replace(': 0, "cat', f': {HUGE}, "cat').encode(),
    json.dumps(segment(area=float("nan"), id=float("nan"))).encode(),
]


@pytest.mark.parametrize("data", TEXTS)
def test_files_that_are_broken_are_typed_errors(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(LabelwidgetsError, match=r"panoptic_val\.json|no JSON"):
        formats.read(put(tmp_path, data) / "panoptic_val.json", "coco_panoptic")


def test_utf_16_is_read(tmp_path: Path) -> None:
    text = json.dumps(document())
    for encoding in ("utf-16", "utf-8-sig"):
        folder = put(tmp_path / encoding, text.encode(encoding))
        assert len(formats.read(folder, "coco_panoptic").annotations) == 2


def test_a_png_that_is_none_is_left_out(tmp_path: Path) -> None:
    folder = put(tmp_path)
    (folder / "panoptic_val/a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"x" * 100)
    found = formats.read(folder, errors="collect")
    assert not found.annotations
    assert len(found.left_out) == 1
    assert set(found.items["id"]) == {"a.jpg"}


def test_pictures_of_the_dataset_are_found_by_their_names(tmp_path: Path) -> None:
    known = items("a", "b")
    found = formats.read(put(tmp_path), items=known, ontology=Ontology([ObjectClass("car")]))
    assert {one.item_id for one in found.annotations} == {"a"}
    assert [made.name for made in found.missing(Ontology([ObjectClass("car")]))] == ["sky"]
    shutil.rmtree(tmp_path / "panoptic_val")
    with pytest.raises(FormatError, match="Lay the PNGs into a folder panoptic_val"):
        formats.read(tmp_path / "panoptic_val.json", "coco_panoptic")
