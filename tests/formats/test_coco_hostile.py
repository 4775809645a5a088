"""COCO files that are broken, by accident or on purpose."""

from __future__ import annotations

import contextlib
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labelwidgets import formats
from labelwidgets.errors import FormatError, LabelwidgetsError, LimitError, SourceError
from labelwidgets.formats import coco
from labelwidgets.schema.geometry import Keypoints, Polygon, Rectangle
from labelwidgets.schema.ontology import ObjectClass, Ontology, Radio
from tests.formats.labels import items

IMAGE = {"id": 7, "file_name": "a.jpg", "width": 60, "height": 50}
SQUARE = [1, 1, 9, 1, 9, 9, 1, 9]
DIGITS = "9" * 5000


def document(*labels: dict[str, Any], **parts: Any) -> dict[str, Any]:
    """Return a file with these annotations on image 7."""
    made = [{"id": n, "image_id": 7, "category_id": 3} | label for n, label in enumerate(labels, 1)]
    plain = {
        "images": [IMAGE],
        "annotations": made,
        "categories": [{"id": 3, "name": "car", "supercategory": "vehicle"}],
    }
    return plain | parts


def save(folder: Path, data: Any) -> Path:
    """Write a file: a dict as JSON, text and bytes as they are."""
    path = folder / "labels.json"
    text = json.dumps(data) if isinstance(data, dict | list) else data
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


GOOD = {"bbox": [1, 2, 3, 4]}
BAD_LABELS: list[tuple[dict[str, Any], str]] = [
    ({"bbox": [1, 2, -3, 4]}, "bbox, width"),
    ({"bbox": [1, 2, 3, 0]}, "bbox, height"),
    ({"bbox": [1, 2, 3]}, "bbox"),
    ({"bbox": [1, 2, 3, True]}, r"bbox\[3\]"),
    ({"bbox": [1, 2, 3, "4"]}, r"bbox\[3\]"),
    ({"bbox": [1, 2, 3, None]}, r"bbox\[3\]"),
    ({"bbox": [1, 2, float("nan"), 4]}, r"bbox\[2\]"),
    ({"bbox": [1, 2, float("inf"), 4]}, r"bbox\[2\]"),
    ({"bbox": [1, 2, 1e12, 4]}, "bbox, width"),
    ({"bbox": [58, 2, 30, 4]}, "geometry"),
    ({"bbox": [-20, 2, 30, 4]}, "geometry"),
    ({"bbox": {"x": 1}}, "bbox"),
    ({}, "bbox"),
    ({"segmentation": []}, "bbox"),
    ({"segmentation": [SQUARE, [1, 2, 3, 4, 5]]}, r"segmentation\[1\]"),
    ({"segmentation": [[1, 2, 3, 4]]}, r"segmentation\[0\]"),
    ({"segmentation": [[1, 1, 1, 1, 1, 1]]}, r"segmentation\[0\]"),
    ({"segmentation": [[]]}, r"segmentation\[0\]"),
    ({"segmentation": [[1, 1, 9, 9, 9, 1, 1, 9]]}, r"segmentation\[0\]: crosses itself"),
    ({"segmentation": [[1, 1, 200, 1, 200, 9]]}, "geometry"),
    ({"segmentation": [[1, 1, "x", 1, 9, 9]]}, "segmentation"),
    ({"segmentation": [[1, 1, True, 1, 9, 9]]}, "segmentation"),
    ({"segmentation": [[1, 1, float("-inf"), 1, 9, 9]]}, "segmentation"),
    ({"segmentation": "[[1,1]]"}, "segmentation"),
    ({"segmentation": 5}, "segmentation"),
    ({"segmentation": {"size": [50, 60], "counts": [2999]}}, "segmentation, counts"),
    ({"segmentation": {"size": [50, 60], "counts": [3001, -1]}}, "segmentation, counts"),
    ({"segmentation": {"size": [50, 60], "counts": "abc"}}, "segmentation, counts"),
    ({"segmentation": {"size": [50, 60], "counts": "\u00fc"}}, "segmentation, counts"),
    ({"segmentation": {"size": [5, 6], "counts": [30]}}, "rle.size"),
    ({"segmentation": {"size": [50], "counts": [50]}}, "segmentation, size"),
    ({"segmentation": {"size": [50, 60]}}, "segmentation"),
    ({"segmentation": {"size": [-50, -60], "counts": [3000]}}, "segmentation, size"),
    ({"image_id": 8, **GOOD}, "image_id"),
    ({"image_id": True, **GOOD}, "image_id"),
    ({"image_id": None, **GOOD}, "image_id"),
    ({"category_id": 9, **GOOD}, "category_id"),
    ({"category_id": False, **GOOD}, "category_id"),
    ({"id": True, **GOOD}, "id"),
    ({"score": 1.5, **GOOD}, "score"),
    ({"score": "high", **GOOD}, "score"),
    ({"attributes": [1], **GOOD}, "attributes"),
    ({"labelwidgets": 5, **GOOD}, "labelwidgets"),
    ({"labelwidgets": {"id": "../x"}, **GOOD}, "labelwidgets"),
    ({"labelwidgets": {"state": "stolen"}, **GOOD}, "labelwidgets"),
    ({"labelwidgets": {"geometry": {"type": "blob"}}, **GOOD}, "labelwidgets.geometry"),
    ({"labelwidgets": {"revision": True}, **GOOD}, "labelwidgets"),
]


@pytest.mark.parametrize(("bad", "field"), BAD_LABELS)
def test_a_bad_label_is_named_or_left_out(tmp_path: Path, bad: dict[str, Any], field: str) -> None:
    path = save(tmp_path, document(GOOD, {"id": 70} | bad, {"bbox": [5, 5, 5, 5]}))
    with pytest.raises(FormatError, match=field) as caught:
        formats.read(path, "coco", items=items("a"))
    assert str(path) in str(caught.value)
    assert "annotations[1]" in str(caught.value)
    read = formats.read(path, "coco", items=items("a"), errors="collect")
    assert [made.geometry for made in read.annotations] == [
        Rectangle(1, 2, 3, 4),
        Rectangle(5, 5, 5, 5),
    ]
    assert read.left_out["record"].tolist() == ["annotations[1]"]
    assert read.left_out["reason"].str.len().min() > 5


@pytest.mark.parametrize("value", [DIGITS, f"-{DIGITS}", "1e999", f"0.{DIGITS}e99999"])
@pytest.mark.parametrize("field", ["id", "image_id", "bbox"])
def test_enormous_numbers(tmp_path: Path, field: str, value: str) -> None:
    text = json.dumps(document(GOOD, GOOD | {"id": 70}))
    before, after = text.rsplit('{"id": 70', 1)
    record = json.dumps({"id": 70, "image_id": 7, "category_id": 3, **GOOD})
    old = {"id": '"id": 70', "image_id": '"image_id": 7', "bbox": "[1, 2, 3"}[field]
    new = f"[1, 2, {value}" if field == "bbox" else f'"{field}": {value}'
    path = save(tmp_path, before + record.replace(old, new) + after[after.index("}") + 1 :])
    with pytest.raises(FormatError, match=rf"annotations\[1\].*{field}"):
        formats.read(path, "coco", items=items("a"))
    assert len(formats.read(path, "coco", errors="collect").annotations) == 1


@pytest.mark.parametrize(
    ("parts", "match"),
    [
        ({"images": [IMAGE, IMAGE]}, r"images\[1\] \(id 7\), id"),
        ({"images": [IMAGE | {"width": 0}]}, r"images\[0\] \(id 7\), width"),
        ({"images": [IMAGE | {"width": -60}]}, "width"),
        ({"images": [IMAGE | {"width": True}]}, "width"),
        ({"images": [IMAGE | {"height": 10**30}]}, "height"),
        ({"images": [IMAGE | {"width": 61}]}, "61 x 50"),
        ({"images": [{"file_name": "a.jpg"}]}, r"images\[0\]"),
        ({"images": [[]]}, r"images\[0\]"),
        ({"images": [IMAGE | {"labelwidgets": {"item": 5}}]}, "labelwidgets"),
        ({"images": [IMAGE | {"labelwidgets": {"item": "a", "frame": -1}}]}, "frame"),
        (
            {"images": [IMAGE | {"labelwidgets": {"item": "a", "annotations": [5]}}]},
            r"images\[0\].labelwidgets.annotations\[0\]",
        ),
        ({"categories": [{"id": 3, "name": "car"}, {"id": 3, "name": "bus"}]}, r"categories\[1\]"),
        ({"categories": [{"id": 3, "name": "car"}, {"id": 4, "name": "car"}]}, "name"),
        ({"categories": [{"id": 3, "name": ""}]}, "name"),
        ({"categories": [{"id": 3, "name": "a\nb"}]}, "name"),
        ({"categories": [{"id": 3}]}, r"categories\[0\]"),
        (
            {
                "categories": [
                    {"id": 3, "name": "car", "supercategory": "bus"},
                    {"id": 4, "name": "bus", "supercategory": "car"},
                ]
            },
            "circle: car > bus > car",
        ),
        ({"categories": [{"id": 3, "name": "car", "keypoints": ["a", "a"]}]}, "keypoints"),
        (
            {"categories": [{"id": 3, "name": "c", "keypoints": ["a"], "skeleton": [[1, 9]]}]},
            "keypoints",
        ),
        ({"labelwidgets": {"version": 99}}, "newer"),
        ({"labelwidgets": {"version": 1, "ontology": {"classes": 5}}}, "ontology"),
    ],
)
def test_bad_images_and_categories(tmp_path: Path, parts: dict[str, Any], match: str) -> None:
    path = save(tmp_path, document(GOOD, **parts))
    with pytest.raises(FormatError, match=match):
        formats.read(path, "coco", items=items("a"))
    read = formats.read(path, "coco", items=items("a"), errors="collect")
    assert len(read.left_out) >= 1


@pytest.mark.parametrize("key", ["images", "annotations"])
@pytest.mark.parametrize("value", [None, 5, {}, "absent"])
def test_lists_that_are_none(tmp_path: Path, key: str, value: Any) -> None:
    data = document(GOOD, **{key: value})
    if value == "absent":
        del data[key]
        # As COCO's own image_info files: pictures without labels are none without classes.
        data = data | ({"categories": []} if key == "annotations" else {})
    with pytest.raises(FormatError, match=key):
        formats.read(save(tmp_path, data), "coco")


def test_ids_that_are_there_twice(tmp_path: Path) -> None:
    path = save(tmp_path, document(GOOD, GOOD | {"id": 1}))
    with pytest.raises(FormatError, match=r"annotations\[1\] \(id 1\), id"):
        formats.read(path)
    kept = {"labelwidgets": {"id": "x"}}
    path = save(tmp_path, document(GOOD | kept, GOOD | kept))
    with pytest.raises(FormatError, match=r"labelwidgets\.id"):
        formats.read(path)


@pytest.mark.parametrize("opening", ["[", '{"a":'])
@pytest.mark.parametrize("place", ["file", "annotation", "segmentation", "extension"])
def test_a_hundred_thousand_brackets(tmp_path: Path, place: str, opening: str) -> None:
    deep = opening * 100_000
    around = {
        "file": "%s",
        "annotation": '{"images":[],"annotations":[%s',
        "segmentation": '{"images":[],"annotations":[{"segmentation":%s',
        "extension": '{"labelwidgets":%s',
    }[place]
    with pytest.raises(FormatError):
        formats.read(save(tmp_path, around % deep), "coco")


def test_deep_but_complete_nesting_in_a_field(tmp_path: Path) -> None:
    deep = "[" * 900 + "]" * 900
    text = json.dumps(document(GOOD | {"attributes": {"a": 0}})).replace("0}", deep + "}")
    with pytest.raises(FormatError):
        formats.read(save(tmp_path, text), "coco", items=items("a"))


@pytest.mark.parametrize("fraction", [0.05, 0.3, 0.5, 0.7, 0.95, 0.999])
def test_half_a_file(tmp_path: Path, fraction: float) -> None:
    text = json.dumps(document(GOOD, GOOD))
    path = save(tmp_path, text[: int(len(text) * fraction)])
    with pytest.raises(FormatError, match="ends in the middle"):
        formats.read(path, "coco", errors="collect")


@pytest.mark.parametrize("piece", [b"x", b'\\"', b"[", b'{"a":', b"9", b"\0", b" "])
def test_megabytes_of_one_thing_take_little_time_and_memory(tmp_path: Path, piece: bytes) -> None:
    text = b'{"images": [NaN], "annotations": [], "categories": ["'
    for begin in (text, text[:-1]):
        path = save(tmp_path, begin + piece * (8_000_000 // len(piece)))
        tracemalloc.start()
        with pytest.raises(FormatError, match=r"labels\.json"):
            formats.read(path, "coco")
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 80_000_000


def test_malformed_json_is_found_by_line_and_column(tmp_path: Path) -> None:
    path = save(tmp_path, '{"images": [],\n "annotations": [,]}')
    with pytest.raises(FormatError, match="line 2, column 18"):
        formats.read(path, "coco")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_any_unicode_encoding(tmp_path: Path, encoding: str) -> None:
    data = document(GOOD, categories=[{"id": 3, "name": "Straße"}])
    path = save(tmp_path, json.dumps(data, ensure_ascii=False).encode(encoding))
    assert formats.read(path).annotations[0].class_name == "Straße"


@pytest.mark.parametrize("data", [b"", b"\xff\xfe\x00", b"\x00" * 99, b"\x89PNG\r\n\x1a\n", b"[]"])
def test_what_is_no_coco(tmp_path: Path, data: bytes) -> None:
    path = save(tmp_path, data)
    with pytest.raises(FormatError, match=r"labels\.json"):
        formats.read(path, "coco")
    words = "Known are .*coco"
    if not data.strip(b"\0"):
        words = "all of its 99 bytes are zeros" if data else "is empty"
    with pytest.raises(FormatError, match=words):
        formats.read(path)


def test_text_that_is_no_utf8(tmp_path: Path) -> None:
    text = json.dumps(document(GOOD)).encode().replace(b'"car"', b'"c\xffr"')
    with pytest.raises(FormatError, match=r"categories\[0\]"):
        formats.read(save(tmp_path, text), "coco")


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    path = save(tmp_path, document(GOOD))
    with pytest.raises(LimitError, match="more than 50 bytes"):
        coco.read(path, max_bytes=50)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="not there"):
        formats.read(tmp_path / "none.json")
    with pytest.raises(SourceError, match=r"none\.json"):
        formats.read("memory://none.json", "coco")
    with pytest.raises(FormatError, match="has no file of COCO"):
        formats.read(tmp_path, "coco")
    with pytest.raises(SourceError, match="could not be read"):
        formats.read("nonsense://x.json", "coco")


def test_keys_in_a_url_are_not_shown() -> None:
    with pytest.raises(SourceError) as caught:
        formats.read("memory://ana:secret@bucket/none.json?signature=hidden", "coco")
    assert "secret" not in str(caught.value)
    assert "hidden" not in str(caught.value)


def test_unknown_formats_list_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"Use one of: .*coco"):
        formats.read(tmp_path, "koko")
    with pytest.raises(FormatError, match=r"Use one of: .*coco"):
        formats.write([], tmp_path / "a", "os")
    with pytest.raises(ValueError, match="collect"):
        formats.read(tmp_path, errors="ignore")  # type: ignore[arg-type]


@pytest.mark.parametrize("key", ["info", "images", "annotations", "categories", "licenses"])
def test_coco_is_seen_by_its_first_key(tmp_path: Path, key: str) -> None:
    data = document(GOOD)
    first = {key: data.get(key, [])}
    assert formats.read(save(tmp_path, first | data)).format == "coco"


def test_images_are_matched_by_url_path_name_or_id(tmp_path: Path) -> None:
    frame = items("a", "b", "9", "d", folder="x")
    frame.at[1, "urls"] = ["https://host/photos/b%20b.jpg"]
    frame.at[3, "urls"] = ["s3://bucket/one/same.jpg"]
    frame.loc[4] = frame.loc[3].to_dict() | {
        "id": "e",
        "title": "e",
        "urls": ["s3://bucket/two/same.jpg"],
    }
    images = [
        {"id": 1, "file_name": "C:\\photos\\x\\a.jpg"},
        {"id": 2, "file_name": "none.jpg", "coco_url": "https://host/photos/b%20b.jpg"},
        {"id": 9, "file_name": "renamed.jpg"},
        {"id": 4, "file_name": "two/same.jpg"},
        {"id": 5, "file_name": "../../one/same.jpg"},
        {"id": 6, "file_name": "three/same.jpg"},
        {"id": 7, "file_name": "unknown.jpg"},
        {"id": 8, "file_name": "x/a.jpg"},
    ]
    labels = [GOOD | {"image_id": image["id"]} for image in images]
    read = formats.read(save(tmp_path, document(*labels, images=images)), items=frame)
    assert [made.item_id for made in read.annotations] == ["a", "b", "9", "e", "d"]
    assert read.unmatched["id"].tolist() == ["6", "7", "8"]
    assert read.unmatched["record"].tolist() == ["images[5]", "images[6]", "images[7]"]
    assert read.unmatched["annotations"].tolist() == [1, 1, 1]
    assert "2 items" in read.unmatched["reason"][0]
    assert "images[0]" in read.unmatched["reason"][2]
    assert len(read.items) == 5


def test_no_image_that_matches_is_an_error(tmp_path: Path) -> None:
    path = save(tmp_path, document(GOOD))
    with pytest.raises(FormatError, match="its one image is not"):
        formats.read(path, items=items("z"))
    read = formats.read(path, items=items("z"), errors="collect")
    assert read.annotations == []
    assert read.unmatched["annotations"].tolist() == [1]


def test_a_group_of_its_own_name_is_fine(tmp_path: Path) -> None:
    data = document(GOOD, categories=[{"id": 3, "name": "person", "supercategory": "person"}])
    assert formats.read(save(tmp_path, data)).supercategories == {"person": "person"}


def test_foreign_answers_go_where_the_ontology_asks(tmp_path: Path) -> None:
    data = document(
        GOOD | {"attributes": {"occluded": True, "speed": 3, "plate": ["x"]}, "score": 0.5}
    )
    ontology = Ontology([ObjectClass("car", attributes=[Radio("occluded", ["yes", "no"])])])
    made = formats.read(save(tmp_path, data), ontology=ontology).annotations[0]
    assert made.attributes == {"occluded": "yes"}
    assert made.confidence == 0.5
    assert (made.origin.kind, made.origin.name) == ("import", "coco")
    others = {"speed": 3, "plate": ["x"]}
    category = {"supercategory": "vehicle"}
    assert made.origin.parameters == {"id": 1, "attributes": others, "category": category}


def test_classes_that_a_project_lacks(tmp_path: Path) -> None:
    read = formats.read(save(tmp_path, document({"segmentation": [SQUARE]})), items=items("a"))
    missing = read.missing(Ontology(["lorry"]))  # type: ignore[list-item]
    assert [(made.name, made.tool) for made in missing] == [("car", "polygon")]
    assert read.missing(Ontology(missing)) == []
    assert read.annotations[0].geometry == Polygon([[[(1, 1), (9, 1), (9, 9), (1, 9)]]])


def test_skeletons_with_edges_from_zero(tmp_path: Path) -> None:
    category = {"id": 3, "name": "fly", "keypoints": ["a", "b"], "skeleton": [[0, 1]]}
    label = {"keypoints": [1, 2, 2, 3, 4, 0], "bbox": [1, 2, 3, 4]}
    read = formats.read(save(tmp_path, document(label, categories=[category])))
    assert read.annotations[0].geometry == Keypoints([(1, 2, 2), (3, 4, 0)])
    skeleton = read.ontology["fly"].skeleton
    assert skeleton is not None
    assert skeleton.edges == [(0, 1)]


@pytest.mark.parametrize("keypoints", [[1, 2, 2], [1, 2, 2, 3], [1, 2, 2, 3, 4, 7]])
def test_bad_joints(tmp_path: Path, keypoints: list[float]) -> None:
    category = {"id": 3, "name": "fly", "keypoints": ["a", "b"]}
    path = save(tmp_path, document({"keypoints": keypoints}, categories=[category]))
    with pytest.raises(FormatError, match="keypoints"):
        formats.read(path)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["id", "image_id", "bbox", "segmentation", "size", "counts", "name"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(JSON, max_size=3), st.lists(JSON, max_size=3), st.dictionaries(st.text(), JSON))
def test_any_json_is_read_or_refused_with_a_typed_error(
    tmp_path_factory: pytest.TempPathFactory,
    annotations: list[Any],
    images: list[Any],
    extension: dict[str, Any],
) -> None:
    folder = tmp_path_factory.mktemp("coco")
    good = GOOD | {"labelwidgets": extension} | {"segmentation": annotations}
    data = document(good)
    data["annotations"] += annotations
    data["images"] += images
    path = save(folder, data)
    with contextlib.suppress(LabelwidgetsError):
        formats.read(path, "coco")
    read = formats.read(path, "coco", errors="collect")
    total = len(read.annotations) + len(read.left_out) + int(read.unmatched["annotations"].sum())
    assert total >= len(data["annotations"])
    frame = formats.read_frame(path, "coco", errors="collect", check=True)
    assert frame.left_out.equals(read.left_out)
    assert frame.annotations["geometry"].tolist() == [one.geometry for one in read.annotations]


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_flipped_bytes_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("coco")
    text = bytearray(json.dumps(document(GOOD, {"segmentation": [SQUARE]})).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        text[data.draw(st.integers(0, len(text) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(FormatError):
        read = formats.read(save(folder, bytes(text)), "coco", errors="collect")
        assert len(read.annotations) <= 2


@pytest.mark.parametrize("odd", ["NaN", "-Infinity"])
def test_what_is_no_finite_number_is_called_by_its_name(tmp_path: Path, odd: str) -> None:
    label = f'{{"id": 1, "image_id": 1, "category_id": 1, "bbox": [{odd}, 1, 2, 3]}}'
    images = '[{"id": 1, "file_name": "a.png", "width": 9, "height": 9}]'
    classes = '[{"id": 1, "name": "car"}]'
    text = f'{{"images": {images}, "categories": {classes}, "annotations": [{label}]}}'
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(FormatError, match=rf"bbox\[0\]: is {odd}, not a finite number"):
        formats.read(tmp_path / "a.json", "coco")
