"""What is written to COCO comes back, and pycocotools agrees with it."""

from __future__ import annotations

import json
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO

from labelwidgets import formats
from labelwidgets.algorithms import decode_rle, polygon_to_mask
from labelwidgets.errors import FormatError, SourceError
from labelwidgets.formats import FormatWarning
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import (
    Ellipse,
    Keypoints,
    Mask,
    Point,
    Polygon,
    Rectangle,
    Tag,
)
from labelwidgets.schema.ontology import ObjectClass, Ontology
from tests.formats.labels import CLASSES, HEIGHT, ONTOLOGY, WIDTH, any_label, items


def label(geometry: Any, class_name: str | None = "car", **fields: Any) -> Annotation:
    """Return a record on item ``a``."""
    return Annotation(**{"item_id": "a", "class_name": class_name, "geometry": geometry, **fields})


def by_id(records: list[Annotation]) -> dict[str, Annotation]:
    """Return records by their id."""
    return {record.id: record for record in records}


def load(path: Path) -> COCO:
    """Load a file into pycocotools."""
    return COCO(str(path))


def pixels(loaded: COCO, record: dict[str, Any]) -> NDArray[np.bool_]:
    """Return the mask that pycocotools sees."""
    code = loaded.annToRLE(record)
    return decode_rle({"size": code["size"], "counts": code["counts"]})


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(any_label("a", "b"), max_size=6))
def test_every_field_of_every_label_comes_back(
    tmp_path_factory: pytest.TempPathFactory, labels: list[Annotation]
) -> None:
    path = tmp_path_factory.mktemp("coco") / "labels.json"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FormatWarning)
        formats.write(labels, path, "coco", items=items("a", "b"), ontology=ONTOLOGY)
    back = formats.read(path, items=items("a", "b"))
    assert by_id(back.annotations) == by_id(labels)
    assert back.left_out.empty
    assert back.unmatched.empty
    assert back.ontology == ONTOLOGY

    loaded = load(path)
    for record in loaded.dataset["annotations"]:
        assert pixels(loaded, record).shape == (HEIGHT, WIDTH)
        assert set(record) >= {"id", "image_id", "category_id", "bbox", "area", "iscrowd"}


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(any_label("a", "b"), max_size=4))
def test_the_same_labels_give_the_same_bytes(
    tmp_path_factory: pytest.TempPathFactory, labels: list[Annotation]
) -> None:
    folder = tmp_path_factory.mktemp("coco")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FormatWarning)
        for name in ("one.json", "two.json"):
            formats.write(labels, folder / name, "coco", items=items("a", "b"), ontology=ONTOLOGY)
    assert (folder / "one.json").read_bytes() == (folder / "two.json").read_bytes()


def test_pycocotools_sees_the_pixels_of_each_shape(tmp_path: Path) -> None:
    size = 400
    frame = items("a")
    frame["metadata"] = [{"width": size, "height": size}]
    turn = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    outer = np.stack([200 + 150 * np.cos(turn), 200 + 120 * np.sin(turn)], axis=1)
    hole = [(150.5, 150.25), (250, 160), (240, 230)]
    box = Rectangle(20.5, 30.25, 200, 150)
    turned = Rectangle(100, 100, 200, 120, 33)
    ellipse = Ellipse(200, 190, 150, 80, 25)
    y, x = np.mgrid[:size, :size] + 0.5
    cos, sin = np.cos(np.radians(25)), np.sin(np.radians(25))
    u, v = (x - 200) * cos + (y - 190) * sin, (y - 190) * cos - (x - 200) * sin
    expected = [
        (box, polygon_to_mask([box.corners], (size, size))),
        (turned, polygon_to_mask([turned.corners], (size, size))),
        (Polygon([[outer]]), polygon_to_mask([outer], (size, size))),
        (Polygon([[outer, hole]]), polygon_to_mask([outer, hole], (size, size))),
        (Polygon([[outer / 2], [outer / 2 + 190]]), None),
        (ellipse, (u / 150) ** 2 + (v / 80) ** 2 <= 1),
    ]
    path = tmp_path / "labels.json"
    ontology = Ontology([ObjectClass("car")])
    labels = [label(shape) for shape, _ in expected]
    formats.write(labels, path, "coco", items=frame, ontology=ontology)
    loaded = load(path)
    for record, (shape, mask) in zip(loaded.dataset["annotations"], expected, strict=True):
        if mask is None:
            mask = polygon_to_mask(shape.parts, (size, size))
        seen = pixels(loaded, record)
        # pycocotools rounds edges to a grid of a fifth of a pixel, with its own half pixel rule.
        assert (seen & mask).sum() / (seen | mask).sum() > 0.99
        assert record["bbox"] == list(shape.bounds)
        assert record["area"] == shape.area
    holes = loaded.dataset["annotations"][3]
    np.testing.assert_array_equal(pixels(loaded, holes), expected[3][1])


def test_masks_and_their_boxes_are_exact_in_pycocotools(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[10:30, 20:50] = rng.random((20, 30)) < 0.4
    code = coco_mask.encode(np.asfortranarray(mask, dtype=np.uint8))
    shape = Mask({"size": code["size"], "counts": code["counts"].decode()})  # type: ignore[arg-type]
    formats.write([label(shape)], tmp_path / "a.json", "coco", items=items("a"))
    loaded = load(tmp_path / "a.json")
    record = loaded.dataset["annotations"][0]
    np.testing.assert_array_equal(pixels(loaded, record), mask)
    assert record["bbox"] == coco_mask.toBbox(code).tolist()
    assert record["area"] == mask.sum()


def test_keypoints_are_cocos_own(tmp_path: Path) -> None:
    shape = Keypoints([(10, 12, 2), (0, 0, 0), (30, 40, 1)])
    done = formats.write(
        [label(shape, "fly")], tmp_path / "a.json", "coco", items=items("a"), ontology=ONTOLOGY
    )
    assert done.counts == {
        "images": 1,
        "annotations": 1,
        "categories": 5,
        "extension_only": 0,
        "items_left_out": 0,
    }
    loaded = load(tmp_path / "a.json")
    record = loaded.dataset["annotations"][0]
    assert record["keypoints"] == [10, 12, 2, 0, 0, 0, 30, 40, 1]
    assert record["num_keypoints"] == 2
    assert record["bbox"] == [10, 12, 20, 28]
    category = loaded.loadCats(record["category_id"])[0]
    assert category["keypoints"] == ["head", "thorax", "tip"]
    assert category["skeleton"] == [[1, 2], [2, 3]]


def test_what_coco_cannot_hold_is_kept_and_counted(tmp_path: Path) -> None:
    labels = [
        label(Point(1, 2)),
        label(Point(3, 4)),
        label(Tag()),
        label(Tag(), None, attributes={"weather": "rain"}, id="t:image"),
        label(Rectangle(1, 2, 3, 4)),
    ]
    path = tmp_path / "a.json"
    with pytest.warns(FormatWarning, match="2 points, 1 tag"):
        done = formats.write(labels, path, "coco", items=items("a"))
    assert done.counts["annotations"] == 1
    assert done.counts["extension_only"] == 4
    assert len(load(path).dataset["annotations"]) == 1
    assert by_id(formats.read(path, items=items("a")).annotations) == by_id(labels)
    with pytest.raises(FormatError, match="point"):
        formats.write(labels, tmp_path / "b.json", "coco", items=items("a"), strict=True)
    assert not (tmp_path / "b.json").exists()


def test_strict_writes_answers_to_image_attributes(tmp_path: Path) -> None:
    tag = label(Tag(), None, attributes={"weather": "rain"})
    formats.write([tag], tmp_path / "a.json", "coco", items=items("a"), strict=True)
    assert formats.read(tmp_path / "a.json", items=items("a")).annotations == [tag]


def test_ids_count_from_one_and_follow_the_items(tmp_path: Path) -> None:
    labels = [
        label(Rectangle(1, 1, 2, 2), "人", item_id="b"),
        label(Rectangle(1, 1, 2, 2), item_id="c"),
        label(Rectangle(1, 1, 2, 2), item_id="b", frame=7),
    ]
    frame = items("c", "a", "b", folder="night/1")
    formats.write(labels, tmp_path / "a.json", "coco", items=frame, ontology=ONTOLOGY)
    data = json.loads((tmp_path / "a.json").read_bytes())
    assert [(image["id"], image["file_name"]) for image in data["images"]] == [
        (1, "night/1/c.jpg"),
        (2, "night/1/a.jpg"),
        (3, "night/1/b.jpg"),
        (4, "night/1/b.jpg/frame_000007.png"),
    ]
    assert [(r["id"], r["image_id"], r["category_id"]) for r in data["annotations"]] == [
        (1, 3, CLASSES.index("人") + 1),
        (2, 1, 1),
        (3, 4, 1),
    ]


def test_what_another_tool_changed_counts(tmp_path: Path) -> None:
    labels = [
        label(Rectangle(1, 2, 3, 4), author="ana"),
        label(Rectangle(20, 20, 10, 5, 30)),
        label(Polygon([[[(1, 1), (9, 1), (9, 9)]]]), attributes={"occluded": "no"}),
    ]
    path = tmp_path / "a.json"
    formats.write(labels, path, "coco", items=items("a"), ontology=ONTOLOGY)
    data = json.loads(path.read_bytes())
    box, turned, polygon = data["annotations"]
    box["bbox"] = [5, 6, 7, 8]
    turned["bbox"], turned["segmentation"] = [1, 1, 4, 4], [[1, 1, 5, 1, 5, 5]]
    polygon["category_id"], polygon["attributes"] = 2, {"occluded": "fully"}
    path.write_text(json.dumps(data), encoding="utf-8")
    back = formats.read(path, items=items("a")).annotations
    assert [made.id for made in back] == [made.id for made in labels]
    assert back[0].geometry == Rectangle(5, 6, 7, 8)
    assert back[0].author == "ana"
    assert back[1].geometry == Polygon([[[(1, 1), (5, 1), (5, 5)]]])
    assert back[2].class_name == CLASSES[1]
    assert back[2].attributes == {"occluded": "fully"}


def test_frame_and_result_are_written_like_records(tmp_path: Path) -> None:
    import pandas as pd

    labels = [label(Rectangle(1, 2, 3, 4), author="ana"), label(Point(1, 1), frame=2)]
    rows = [
        {
            "id": made.id,
            "task_id": None,
            "item_id": made.item_id,
            "class_name": made.class_name,
            "geometry_type": made.geometry.type,
            "geometry": made.geometry,
            "attributes": made.attributes,
            "frame": made.frame,
            "author": made.author,
            "origin": made.origin.kind,
            "confidence": float("nan"),
            "created_at": pd.Timestamp("2026-01-02", tz="UTC"),
            "updated_at": pd.NaT,
            "revision": 0,
            "x": 1.0,
        }
        for made in labels
    ]
    frame = pd.DataFrame(rows).astype({"frame": "Int64"})
    path = tmp_path / "a.json"
    with pytest.warns(FormatWarning):
        formats.write(frame, path, "coco", items=items("a"))
    first = formats.read(path, items=items("a"))
    assert [made.geometry for made in first.annotations] == [Point(1, 1), Rectangle(1, 2, 3, 4)]
    assert [made.author for made in first.annotations] == [None, "ana"]
    with pytest.warns(FormatWarning):
        formats.write(first, tmp_path / "b.json", "coco")
    assert formats.read(tmp_path / "b.json").annotations == first.annotations
    with pytest.raises(FormatError, match="geometry"):
        formats.write(frame.drop(columns="geometry"), path, "coco", items=items("a"))
    frame["class_name"] = ["car", 5]
    with pytest.raises(FormatError, match="row 1"):
        formats.write(frame, path, "coco", items=items("a"))


def test_a_frame_alone_is_written_without_sizes(tmp_path: Path) -> None:
    with pytest.warns(FormatWarning, match="1 image without a known size"):
        formats.write([label(Rectangle(1, 2, 3, 4))], tmp_path / "a.json", "coco")
    record = load(tmp_path / "a.json").dataset["images"][0]
    assert "width" not in record
    assert formats.read(tmp_path / "a.json").annotations[0].item_id == "a"


def test_sizes_come_from_the_items_or_are_asked_for(tmp_path: Path) -> None:
    frame = items("a", "b")
    frame["metadata"] = [{}, None]
    made = [label(Rectangle(1, 2, 3, 4))]
    path = tmp_path / "a.json"
    with pytest.raises(FormatError, match="item 'a'"):
        formats.write(made, path, "coco", items=frame)
    formats.write(made, path, "coco", items=frame, size_of=lambda id: (len(id), 9))
    assert [(r["width"], r["height"]) for r in load(path).dataset["images"]] == [(1, 9), (1, 9)]


def test_unlabelled_items_of_unknown_size_are_counted(tmp_path: Path) -> None:
    frame = items("a", "b")
    frame["metadata"] = [{"width": 60, "height": 50}, {}]
    with pytest.warns(FormatWarning, match="1 item without labels left out"):
        done = formats.write([label(Rectangle(1, 2, 3, 4))], tmp_path / "x", "coco", items=frame)
    assert done.counts["items_left_out"] == 1


@pytest.mark.parametrize(
    ("labels", "match"),
    [
        ([label(Rectangle(1, 2, 3, 4), item_id="z")], "item_id"),
        ([label(Rectangle(1, 2, 3, 4), "lorry")], "lorry"),
        ([label(Point(1, 1), id="x"), label(Point(2, 2), id="x")], "twice"),
        ([label(Mask({"size": [2, 2], "counts": [1, 3]}))], "2 x 2"),  # type: ignore[arg-type]
        (["no label"], r"annotations\[0\]"),
        (5, "int"),
    ],
)
def test_what_cannot_be_written_leaves_the_old_file(
    tmp_path: Path, labels: Any, match: str
) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"old")
    with pytest.raises(FormatError, match=match):
        formats.write(labels, path, "coco", items=items("a"), ontology=ONTOLOGY)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_move_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"old")

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(SourceError, match="No space left"):
        formats.write([], path, "coco", items=items("a"))
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_replaced_file_keeps_its_mode_and_links(tmp_path: Path) -> None:
    path, link = tmp_path / "a.json", tmp_path / "link.json"
    path.write_bytes(b"old")
    path.chmod(0o640)
    link.symlink_to(path)
    formats.write([], link, "coco", items=items("a"))
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o640
    assert path.read_bytes() != b"old"


def test_places_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="folder"):
        formats.write([], tmp_path / "none" / "a.json", "coco", items=items("a"))
    with pytest.raises(SourceError, match="IsADirectory"):
        formats.write([], tmp_path, "coco", items=items("a"))


def test_any_file_system_will_do() -> None:
    url = "memory://labels/a.json"
    made = [label(Rectangle(1, 2, 3, 4))]
    formats.write(made, url, "coco", items=items("a"))
    assert formats.read(url, items=items("a")).annotations == made


def test_the_real_file_keeps_every_mask(shared_data: Path, tmp_path: Path) -> None:
    source = shared_data / "coco" / "instances.json"
    original = load(source)
    read = formats.read(source, errors="collect")
    assert read.left_out["id"].tolist() == ["1284587"]
    assert len(read.annotations) == len(original.dataset["annotations"]) - 1
    names = {category["id"]: category["name"] for category in original.dataset["categories"]}
    counted = Counter(
        names[record["category_id"]]
        for record in original.dataset["annotations"]
        if record["id"] != 1284587
    )
    assert Counter(made.class_name for made in read.annotations) == counted
    assert read.categories.set_index("name")["annotations"].to_dict() == {
        name: counted.get(name, 0) for name in names.values()
    }
    crowds = [made for made in read.annotations if made.origin.parameters.get("iscrowd")]
    assert len(crowds) == 5

    path = tmp_path / "again.json"
    done = formats.write(read, path, "coco")
    assert done.counts["annotations"] == len(read.annotations)
    again = load(path)
    groups = {c["name"]: c["supercategory"] for c in original.dataset["categories"]}
    assert {c["name"]: c["supercategory"] for c in again.dataset["categories"]} == groups
    for made, record in zip(read.annotations, again.dataset["annotations"], strict=True):
        before = original.anns[made.origin.parameters["id"]]
        assert record["iscrowd"] == before["iscrowd"]
        np.testing.assert_array_equal(pixels(again, record), pixels(original, before))
        # COCO's own boxes of crowds end at the last pixel instead of after it.
        slack = 1 if before["iscrowd"] else 0.51
        assert record["bbox"] == pytest.approx(before["bbox"], abs=slack)
    assert formats.read(path).annotations == read.annotations


def test_the_real_skeletons_come_back(shared_data: Path, tmp_path: Path) -> None:
    source = shared_data / "coco" / "person_keypoints.json"
    read = formats.read(source, errors="collect")
    kinds = Counter(made.geometry.type for made in read.annotations)
    assert kinds["keypoints"] == 27
    assert len(read.ontology["person"].skeleton.joints) == 17  # type: ignore[union-attr]
    formats.write(read, tmp_path / "a.json", "coco")
    again, before = load(tmp_path / "a.json"), load(source)
    assert (
        again.dataset["categories"][0]["skeleton"] == (before.dataset["categories"][0]["skeleton"])
    )
    assert formats.read(tmp_path / "a.json").annotations == read.annotations
