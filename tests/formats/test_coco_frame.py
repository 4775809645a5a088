"""A COCO file as a frame: what `read` finds, its shapes decoded when they are looked at."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import labelwidgets as lw
from labelwidgets import formats
from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.holds import Holds
from labelwidgets.formats.label_frames import DTYPES, frame_of
from labelwidgets.formats.lazy_shapes import ShapeArray
from labelwidgets.schema.geometry import Mask, Polygon, Rectangle
from labelwidgets.schema.ids import is_id, new_ids
from tests.formats.specimens import ONTOLOGY, specimen

RING = [10.0, 10.0, 50.0, 10.0, 50.0, 60.5]


def label(id: Any, **fields: Any) -> dict[str, Any]:
    """Return an annotation with a triangle."""
    own = {"id": id, "image_id": 1, "category_id": 1, "segmentation": [RING], "iscrowd": 0}
    return own | {"bbox": [10, 10, 40, 50.5], "area": 1010.0} | fields


WHOLE = [0, 0, 200, 100]
STRIP = {"size": [100, 200], "counts": [19000, 1000]}
LABELS = [
    label(1),
    label(2, segmentation=[], bbox=[1, 2, 3, 4]),
    label(3, segmentation={"size": [100, 200], "counts": [0, 20000]}, iscrowd=1, bbox=WHOLE),
    label(4, segmentation=STRIP, score=0.25, bbox=[190, 0, 10, 100]),
    label(5, category_id=2, keypoints=[1, 2, 2, 3, 4, 1], num_keypoints=2),
    label(6, category_id=2, keypoints=[0, 0, 0, 0, 0, 0]),
    label(7, attributes={"pose": "left", "n": 3}, track_id=9),
    label(8, image_id=2, segmentation=RING),
    label("nine", segmentation=None, bbox=[5, 5, 6, 7]),
    {"image_id": 1, "category_id": 1, "bbox": [0, 0, 9, 9]},
]


def document(labels: list[Any]) -> dict[str, Any]:
    """Return a file with two pictures and a skeleton."""
    return {
        "images": [
            {"id": 1, "file_name": "a.jpg", "width": 200, "height": 100},
            {"id": 2, "file_name": "b.jpg", "width": 200, "height": 100},
        ],
        "categories": [
            {"id": 1, "name": "car", "supercategory": "vehicle"},
            {"id": 2, "name": "person", "keypoints": ["head", "foot"], "skeleton": [[1, 2]]},
        ],
        "annotations": labels,
    }


def put(path: Path, labels: list[Any], indent: int | None = None) -> Path:
    """Write a file."""
    path.write_text(json.dumps(document(labels), indent=indent))
    return path


def compare(frame: pd.DataFrame, annotations: list[lw.Annotation]) -> None:
    """Raise unless a frame says what records do, but for ids that are new at each reading."""
    other = frame_of(annotations)
    assert list(frame.columns) == list(other.columns)
    assert frame.dtypes.to_dict() == other.dtypes.to_dict()
    assert len(frame) == len(other)
    assert frame["geometry"].tolist() == other["geometry"].tolist()
    assert frame["id"].map(is_id).all()
    for name in set(DTYPES) - {"id", "geometry", "x", "y", "width", "height", "area"}:
        pd.testing.assert_series_equal(frame[name], other[name])
    for name in ("x", "y", "width", "height"):
        np.testing.assert_allclose(frame[name], other[name])


@pytest.mark.parametrize("indent", [None, 2])
def test_a_frame_says_what_the_records_say(tmp_path: Path, indent: int | None) -> None:
    path = put(tmp_path / "a.json", LABELS, indent)
    found, read = formats.read_frame(path), formats.read(path)
    compare(found.annotations, read.annotations)
    assert found.categories.equals(read.categories)
    assert found.ontology == read.ontology
    assert found.items.equals(read.items)
    assert found.supercategories == {"car": "vehicle"}
    assert {one.name for one in found.missing(lw.Ontology())} == {"car", "person"}
    assert repr(found).startswith("ImportedFrame(")


def test_columns_are_those_of_a_project(tmp_path: Path) -> None:
    made = lw.Annotation(item_id="a", class_name="car", geometry=Rectangle(1, 2, 3, 4))
    own = formats.read_frame(put(tmp_path / "a.json", LABELS[:1])).annotations
    from labelwidgets.store.frame_columns import ANNOTATION_COLUMNS
    from labelwidgets.store.frames import frame

    empty = frame(ANNOTATION_COLUMNS, {name: [] for name in ANNOTATION_COLUMNS})
    for table in (own, frame_of([made]), frame_of([])):
        assert list(table.columns) == list(empty.columns)
        for name in set(table) - {"geometry"}:
            assert table[name].dtype == empty[name].dtype, name


def test_a_polygon_is_decoded_when_it_is_looked_at(tmp_path: Path) -> None:
    labels = [label(1), label(2, segmentation=[[1, 2, 3]]), label(3)]
    path = put(tmp_path / "a.json", labels)
    frame = formats.read_frame(path).annotations
    assert isinstance(frame["geometry"][0], Polygon)
    with pytest.raises(FormatError, match=r"a\.json, annotations\[1\] \(id 2\), segmentation\[0\]"):
        frame["geometry"][1]
    with pytest.raises(FormatError, match=r"annotations\[1\]"):
        formats.read_frame(path, check=True)
    kept = formats.read_frame(path, check=True, errors="collect")
    assert kept.annotations["geometry"].tolist() == [frame["geometry"][0]] * 2
    assert kept.left_out["record"].tolist() == ["annotations[1]"]


@pytest.mark.parametrize(
    "wrong",
    [
        label(1, bbox=[10, 10, 400, 50]),
        label(1, bbox=[10, 10, 40, -5], segmentation=[]),
        label(1, segmentation={"size": [10, 10], "counts": [100]}),
        label(1, image_id=9),
        label(1, category_id=9),
        label(1, score=2),
        label(1, segmentation="x"),
        label(1, segmentation=5),
        label(1, bbox=None, segmentation=None),
        label(10**40),
        label(2),
        5,
    ],
)
def test_what_is_wrong_outside_of_shapes_is_found_at_once(tmp_path: Path, wrong: Any) -> None:
    path = put(tmp_path / "a.json", [label(2), wrong, label(3)])
    read: Any = None
    try:
        read = formats.read(path, errors="collect")
    except LabelwidgetsError as error:
        with pytest.raises(type(error)):
            formats.read_frame(path, errors="collect")
        return
    found = formats.read_frame(path, errors="collect")
    assert found.left_out.equals(read.left_out)
    assert len(found.annotations) == len(read.annotations)


def test_a_frame_is_written_as_it_lies_in_the_file(tmp_path: Path) -> None:
    found = formats.read_frame(put(tmp_path / "a.json", LABELS * 1))
    done = formats.write(found, tmp_path / "b.json", "coco")
    assert done.counts["annotations"] == len(LABELS)
    back = formats.read(tmp_path / "b.json")
    assert [one.id for one in back.annotations] == found.annotations["id"].tolist()
    assert [one.geometry for one in back.annotations] == found.annotations["geometry"].tolist()
    crowd, lost = back.annotations[2].origin.parameters, back.annotations[6].origin.parameters
    assert crowd["iscrowd"] == 1
    assert lost["attributes"] == {"pose": "left", "n": 3}
    again = formats.read_frame(tmp_path / "b.json")
    assert again.annotations["id"].tolist() == found.annotations["id"].tolist()
    assert again.annotations["geometry"].tolist() == found.annotations["geometry"].tolist()
    assert again.items["id"].tolist() == ["a.jpg", "b.jpg"]


def test_what_was_changed_in_a_frame_is_written(tmp_path: Path) -> None:
    found = formats.read_frame(put(tmp_path / "a.json", [label(k) for k in range(1, 8)]))
    frame = found.annotations.copy()
    frame.loc[1, "class_name"] = "person"
    frame.loc[2, "geometry"] = Rectangle(1, 1, 5, 5)
    frame.loc[3, "confidence"] = 0.5
    frame.loc[4, "author"] = "ana"
    frame.loc[5, "state"] = "locked"
    frame.loc[6, "attributes"]["pose"] = "left"
    chosen = frame[frame.index != 0]
    options = {"items": found.items, "ontology": found.ontology}
    formats.write(chosen, tmp_path / "b.json", "coco", **options)
    back = formats.read(tmp_path / "b.json")
    one, two, three, four, five, six = back.annotations
    assert one.class_name == "person"
    assert two.geometry == Rectangle(1, 1, 5, 5)
    assert three.confidence == 0.5
    assert (four.author, five.state) == ("ana", "locked")
    assert six.origin.parameters.get("attributes", six.attributes) == {"pose": "left"}
    assert six.geometry == found.annotations["geometry"][6]


def test_ids_that_were_put_in_another_order_are_written_in_it(tmp_path: Path) -> None:
    found = formats.read_frame(put(tmp_path / "a.json", [label(k) for k in range(1, 8)]))
    frame, known = found.annotations, {"items": found.items, "ontology": found.ontology}
    turned = frame.assign(id=frame["id"].to_numpy()[::-1])
    for table in (frame, frame[::-1], frame[2:5], turned, pd.concat([frame[4:], frame[:4]])):
        formats.write(table, tmp_path / "b.json", "coco", **known)
        back = formats.read(tmp_path / "b.json").annotations
        assert [one.id for one in back] == table["id"].tolist()
    twice = pd.concat([frame, frame[:1]])
    with pytest.raises(FormatError, match="there twice"):
        formats.write(twice, tmp_path / "b.json", "coco", **known)


def test_who_made_a_label_when_comes_back_through_frames(tmp_path: Path) -> None:
    made = lw.Annotation(
        item_id="a.jpg",
        class_name="car",
        geometry=Polygon([[[(1, 1), (9, 1), (9, 9)]]]),
        author="ana",
        created_at=datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC),
        revision=3,
    )
    items = pd.DataFrame({"id": ["a.jpg"], "metadata": [{"width": 20, "height": 20}]})
    formats.write([made], tmp_path / "a.json", "coco", items=items)
    found = formats.read_frame(tmp_path / "a.json")
    formats.write(found, tmp_path / "b.json", "coco")
    assert formats.read(tmp_path / "b.json").annotations == [made]


def test_a_frame_with_a_wrong_row_is_not_written(tmp_path: Path) -> None:
    found = formats.read_frame(put(tmp_path / "a.json", [label(1), label(2)]))
    (tmp_path / "b.json").write_text("old")
    frame = found.annotations.copy()
    frame.loc[1, "item_id"] = "nowhere.jpg"
    options = {"items": found.items, "ontology": found.ontology}
    with pytest.raises(FormatError, match=r"nowhere\.jpg"):
        formats.write(frame, tmp_path / "b.json", "coco", **options)
    frame = found.annotations.assign(id=found.annotations["id"].iloc[0])
    with pytest.raises(FormatError, match="there twice"):
        formats.write(frame, tmp_path / "b.json", "coco", **options)
    assert (tmp_path / "b.json").read_text() == "old"


@pytest.mark.parametrize("feature", ["volume mask", "track", "image answers", "tag", "ellipse"])
def test_what_is_not_plain_is_decoded_at_once(tmp_path: Path, feature: str) -> None:
    kind: Any = {"volume mask": "scans", "track": "videos"}.get(feature, "pictures")
    made = specimen(feature, Holds("x", kind))
    with pytest.warns() if feature == "tag" else pytest.MonkeyPatch.context():
        formats.write(made.labels, tmp_path / "a.json", "coco", items=made.items, ontology=ONTOLOGY)
    known: Any = {"items": made.items, "ontology": ONTOLOGY}
    read = formats.read(tmp_path / "a.json", "coco", **known).annotations
    frame = formats.read_frame(tmp_path / "a.json", "coco", **known).annotations
    compare(frame, read)
    assert frame["id"].tolist() == [one.id for one in read]


def test_other_formats_give_frames_too(tmp_path: Path) -> None:
    made = specimen("rectangle", Holds("x", "pictures"))
    formats.write(made.labels, tmp_path / "a.json", "createml", items=made.items)
    found = formats.read_frame(tmp_path / "a.json", items=made.items)
    assert found.format == "createml"
    compare(found.annotations, formats.read(tmp_path / "a.json", items=made.items).annotations)


def test_a_column_of_shapes_does_what_columns_do() -> None:
    box, other = Rectangle(1, 2, 3, 4), Rectangle(1, 2, 3, 5)
    mask = Mask(lw.algorithms.encode_rle(np.ones((2, 2), bool)))
    column = pd.Series(ShapeArray._from_sequence([box, None, mask]))
    assert column.isna().tolist() == [False, True, False]
    assert (column == box).tolist() == [True, False, False]
    assert pd.concat([column, column])[2].tolist() == [mask, mask]
    assert column.iloc[[2, 0]].tolist() == [mask, box]
    assert column[column.notna()].tolist() == [box, mask]
    column[1] = other
    column[[0, 2]] = [other, other]
    assert column.tolist() == [other] * 3
    assert column.astype(object).tolist() == [other] * 3
    assert "Rectangle" in str(column)
    assert column.copy().reindex([0, 5]).isna().tolist() == [False, True]
    with pytest.raises(TypeError, match="must be a shape"):
        column[0] = ["box"]


def test_many_ids_are_made_at_once() -> None:
    made = {one.decode() for one in new_ids(10_000).tolist()}
    assert len(made) == 10_000
    assert all(map(is_id, made))
