"""Records of COCO that are looked at many at once are those that are looked at one by one."""

from __future__ import annotations

import gc
import json
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import labelwidgets as lw
from labelwidgets.errors import GeometryError, LabelwidgetsError
from labelwidgets.formats.coco import outlines_read, records
from labelwidgets.schema.collecting import no_collecting
from labelwidgets.schema.geometry import Polygon
from labelwidgets.schema.ids import ids_ahead, is_id
from labelwidgets.schema.validity import are_simple, check_geometry

# Few places, so that rings close, cross, and have points twice; some are off the picture.
NUMBER = st.sampled_from([-1.5, -1, 0, 1, 2, 3.5, 7, 8, 9, 9.5, 2e9])
INSIDE = st.integers(0, 8)
SQUARE = [1, 1, 7, 1, 7, 7, 1, 7]
RING = st.one_of(
    st.just(SQUARE),
    st.just([*SQUARE, 1, 1]),
    st.lists(INSIDE, min_size=6, max_size=12),
    st.lists(NUMBER, max_size=10),
)
SEGMENTATION = st.one_of(
    st.lists(RING, min_size=1, max_size=1),
    st.lists(RING, max_size=3),
    RING,
    st.sampled_from([None, "a", [[["x"]]], {"size": [8, 8], "counts": [64]}, [[1, "1", 2]]]),
)
OWN = st.fixed_dictionaries(
    {"id": st.sampled_from(["a", "b"])},
    optional={"type": st.sampled_from(["polygon", "rectangle", "mask"])},
)


@st.composite
def label(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a record that is right, or wrong in some way."""
    made: dict[str, Any] = {
        "id": draw(st.one_of(st.integers(1, 40), st.integers(1, 4), st.sampled_from(["x", 1.5]))),
        "image_id": draw(st.sampled_from([1, 1, 1, 2, 3])),
        "category_id": draw(st.sampled_from([1, 1, 2, 9])),
        "segmentation": draw(SEGMENTATION),
        "bbox": draw(st.sampled_from([[1, 1, 6, 6], [1, 1, 6.005, 6], [2, 2, 1, 1], [], None])),
        "area": draw(st.sampled_from([36, 36.005, 20, None, "many"])),
    }
    more = st.fixed_dictionaries(
        {},
        optional={
            "iscrowd": st.sampled_from([0, 1]),
            "score": st.sampled_from([0.5, 7]),
            "keypoints": st.sampled_from([[1, 1, 2, 2, 2, 1], [0, 0, 0, 0, 0, 0], [1]]),
            "attributes": st.sampled_from([{"color": "red"}, []]),
            "track_id": st.sampled_from([4, "t"]),
            "labelwidgets": OWN,
        },
    )
    return made | draw(st.one_of(st.just({}), more))


def document(labels: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a file of two pictures and two classes, of which one has joints."""
    return {
        "images": [
            {"id": 1, "file_name": "a.png", "width": 8, "height": 8},
            {"id": 2, "file_name": "b.png"},
        ],
        "categories": [
            {"id": 1, "name": "car"},
            {"id": 2, "name": "fly", "keypoints": ["head", "tail"]},
        ],
        "annotations": labels,
    }


def read(path: Path, **options: Any) -> Any:
    """Return what is read but for ids that are new, or the error."""
    try:
        found = lw.formats.read(path, "coco", **options)
    except LabelwidgetsError as error:
        return type(error), str(error)
    made = [
        msgspec.structs.replace(one, id="x") if one.origin.kind == "import" else one
        for one in found.annotations
    ]
    return made, found.left_out.to_dict("records"), found.mended, found.categories.to_dict()


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(labels=st.lists(label(), max_size=8), asked=st.booleans(), repair=st.booleans())
def test_records_read_together_are_those_read_one_by_one(
    labels: list[dict[str, Any]], asked: bool, repair: bool, tmp_path: Path
) -> None:
    path = tmp_path / "labels.json"
    path.write_text(json.dumps(document(labels)))
    options: dict[str, Any] = {"repair": repair}
    if asked:
        options["ontology"] = lw.Ontology([lw.ObjectClass("car")])
    for errors in ("raise", "collect"):
        together = read(path, errors=errors, **options)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(outlines_read, "decode_each", lambda raws, kind: [None] * len(raws))
            assert together == read(path, errors=errors, **options)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(labels=st.lists(label(), max_size=8))
def test_shapes_of_a_frame_are_checked_together_as_one_by_one(
    labels: list[dict[str, Any]], tmp_path: Path
) -> None:
    path = tmp_path / "labels.json"
    path.write_text(json.dumps(document(labels)))

    def told() -> tuple[str, str]:
        found = lw.formats.read_frame(path, "coco", errors="collect", check=True)
        rows = found.annotations.drop(columns="id").astype({"geometry": object})
        return str(rows.to_dict("records")), str(found.left_out.to_dict("records"))

    together = told()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outlines_read, "decode_each", lambda raws, kind: [None] * len(raws))
        assert together == told()


def outlines(segmentations: list[Any]) -> list[outlines_read.Outline | None]:
    texts = [json.dumps({"image_id": 1, "segmentation": one}).encode() for one in segmentations]
    return [outline for _, _, outline in outlines_read.decoded([msgspec.Raw(t) for t in texts])]


def test_plain_outlines_are_measured_together() -> None:
    bow = [0, 0, 4, 4, 4, 0, 0, 4]
    several = [SQUARE, [10.5, 10, 12, 10, 12, 14]]
    square, closed, both, crossed, odd, few, empty = outlines(
        [[SQUARE], [[*SQUARE, 1, 1]], several, [bow], [[*SQUARE, 3]], [[1, 1, 2, 2]], []]
    )
    assert square is not None
    assert closed is not None
    assert both is not None
    assert square.geometry == closed.geometry == Polygon([[[(1, 1), (7, 1), (7, 7), (1, 7)]]])
    assert square[1:] == closed[1:] == ((1, 1, 6, 6), 36)
    assert both[1:] == (both.geometry.bounds, both.geometry.area) == ((1, 1, 11, 13), 39)
    assert crossed is odd is few is empty is None


@pytest.mark.parametrize("most", [1, 2, 3, 4])
def test_outlines_are_the_same_however_many_are_looked_at_together(
    most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = [[SQUARE], [SQUARE * 20], [SQUARE], [[*SQUARE, 3]], [SQUARE]]
    together = outlines(given)
    assert [one is not None for one in together] == [True, False, True, False, True]
    monkeypatch.setattr(outlines_read, "_RECORDS", most)
    assert outlines(given) == together
    monkeypatch.setattr(outlines_read, "_RECORDS", 9)
    monkeypatch.setattr(outlines_read, "_BYTES", most * 100)
    assert outlines(given) == together


def test_too_large_a_record_is_an_error_among_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outlines_read, "_BYTES", 400)
    monkeypatch.setattr(records, "MAX_RECORD_BYTES", 400)
    large = {"id": 2, "image_id": 1, "category_id": 1, "segmentation": [SQUARE * 50]}
    small = {"image_id": 1, "category_id": 1, "segmentation": [SQUARE]}
    path = tmp_path / "labels.json"
    path.write_text(json.dumps(document([small, small, large, small])))
    found = lw.formats.read(path, "coco", errors="collect")
    assert len(found.annotations) == 3
    assert "more than 400 bytes" in found.left_out["reason"][0]


@settings(max_examples=40, deadline=None)
@given(rings=st.lists(st.lists(st.tuples(INSIDE, INSIDE), min_size=3, max_size=8), min_size=1))
def test_rings_are_simple_together_as_they_are_one_by_one(
    rings: list[list[tuple[float, float]]],
) -> None:
    polygons = []
    for ring in rings:
        try:
            polygons.append(Polygon([[ring]]))
        except GeometryError:
            # A line or a point.
            continue
    kept = [polygon.parts[0][0] for polygon in polygons]
    points = np.array([point for ring in kept for point in ring], np.float64).reshape(-1, 2)
    told = are_simple(points, np.array([len(ring) for ring in kept], np.int64))
    for polygon, simple in zip(polygons, told, strict=True):
        if simple:
            check_geometry(polygon)
        else:
            with pytest.raises(GeometryError):
                check_geometry(polygon)


def test_ids_made_ahead_are_ids_and_new() -> None:
    stream = ids_ahead()
    made = [next(stream) for _ in range(2500)]
    assert len(set(made)) == 2500
    assert all(type(one) is str and is_id(one) and len(one) == 20 for one in made)


def test_what_was_made_without_collecting_is_collected_once_it_is_garbage() -> None:
    class Node:
        gone = 0
        other: Node

        def __del__(self) -> None:
            Node.gone += 1

    with no_collecting():
        assert not gc.isenabled()
        one, two = Node(), Node()
        one.other, two.other = two, one
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
    del one, two
    gc.collect()
    assert Node.gone == 2
