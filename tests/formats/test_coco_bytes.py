"""COCO of many labels at once: the bytes are those of one label after the other."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import labelwidgets as lw
from labelwidgets import formats
from labelwidgets.algorithms import encode_rle
from labelwidgets.errors import FormatError
from labelwidgets.formats.coco import (
    frame_writing,
    number_texts,
    row_texts,
    text_columns,
    writer,
)
from labelwidgets.formats.coco.mask_columns import mask_columns
from labelwidgets.formats.coco.outline_measures import measures, point_array
from labelwidgets.formats.coco.plain_labels import PlainLabels
from labelwidgets.formats.coco.record_texts import no_records
from labelwidgets.schema.annotation import Origin
from labelwidgets.schema.geometry import Geometry, Mask, Polygon

MANY = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
NUMBERS = st.one_of(
    st.floats(-2000, 2000, allow_nan=False),
    st.integers(-3000, 3000).map(lambda n: n / 10),
    st.sampled_from([0.0, -0.0, 1e-5, 9e-6, 1e-7, 0.009, 1e8, 123456.789012345, 0.1 + 0.2]),
)
POINTS = st.tuples(NUMBERS, NUMBERS)
RINGS = st.lists(POINTS, min_size=3, max_size=7, unique=True)
SIDES = st.one_of(st.floats(1e-3, 900), st.sampled_from([1.0, 0.3, 33.25]))
# Of the size of the pictures below.
MASK, EMPTY = (Mask(encode_rle(np.arange(7200).reshape(80, 90) % 7 > least)) for least in (4, 6))
SHAPES = st.one_of(
    RINGS.map(lambda ring: [[ring]]),
    st.lists(RINGS.map(lambda ring: [ring]), min_size=1, max_size=2),
    st.tuples(NUMBERS, NUMBERS, SIDES, SIDES),
    st.just("tag"),
    st.sampled_from([MASK, EMPTY]),
)


@st.composite
def labels(draw: st.DrawFn) -> lw.Annotation:
    """Draw a label of any fields."""
    given_shape = draw(SHAPES)
    shape: Geometry = lw.Tag()
    try:
        if isinstance(given_shape, Mask):
            shape = given_shape
        elif isinstance(given_shape, tuple):
            shape = lw.Rectangle(*given_shape)
        elif given_shape != "tag":
            shape = Polygon(given_shape)
    except lw.errors.GeometryError:
        shape = lw.Rectangle(1, 2, 3, 4)
    more: dict[str, Any] = {}
    if draw(st.booleans()):
        more = draw(
            st.fixed_dictionaries(
                {},
                optional={
                    "attributes": st.sampled_from([{"é": 'a"b'}, {"a": ["x", "y"]}]),
                    "confidence": st.sampled_from([0.0, 1, 0.25]),
                    "track_id": st.just("7"),
                    "task_id": st.just("t"),
                    "author": st.just('an"a'),
                    "state": st.just("locked"),
                    "revision": st.just(3),
                    "created_at": st.just(datetime(2026, 5, 4, 3, 2, 1, 5, tzinfo=UTC)),
                    "origin": st.sampled_from(
                        [
                            Origin(),
                            Origin("model", "net"),
                            Origin("import", "coco", parameters={"id": 4}),
                            Origin("import", "coco", parameters={"iscrowd": 1}),
                            Origin("import", "coco", parameters={"neg_category_ids": ["b"]}),
                        ]
                    ),
                },
            )
        )
    name = draw(st.sampled_from(["a", "b"]))
    return lw.Annotation(
        item_id=draw(st.sampled_from(["p", "q"])), class_name=name, geometry=shape, **more
    )


ITEMS = pd.DataFrame(
    {"id": ["p", "q"], "kind": "image", "metadata": [{"width": 90, "height": 80}] * 2}
)
CLASSES = lw.Ontology(["a", "b"])


# With pyarrow, and without it.
FEW = st.sampled_from([0, 1000])


@pytest.mark.filterwarnings("ignore::labelwidgets.formats.FormatWarning")
@MANY
@given(several=st.lists(labels(), max_size=9), few=FEW)
def test_labels_at_once_give_the_bytes_of_one_after_the_other(
    tmp_path: Path, several: list[lw.Annotation], few: int
) -> None:
    quick, plain = tmp_path / "quick.json", tmp_path / "plain.json"
    known: Any = {"items": ITEMS, "ontology": CLASSES}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writer, "PIECE", 4)
        patch.setattr(text_columns, "FEW_ROWS", few)
        formats.write(several, quick, "coco", **known)
        patch.setattr(
            PlainLabels, "records", lambda self, some: (no_records(), [False] * len(some))
        )
        formats.write(several, plain, "coco", **known)
    assert quick.read_bytes() == plain.read_bytes()


def test_a_mask_of_another_size_than_its_picture_is_said_among_others(tmp_path: Path) -> None:
    other = Mask(encode_rle(np.ones((2, 2), bool)))
    several = [
        lw.Annotation(item_id="p", class_name="a", geometry=shape) for shape in (MASK, other, MASK)
    ]
    with pytest.raises(FormatError, match="is 2 x 2 pixels, the image is 90 x 80"):
        formats.write(several, tmp_path / "a.json", "coco", items=ITEMS, ontology=CLASSES)
    assert not (tmp_path / "a.json").exists()


def test_hundreds_of_masks_are_measured_as_each_is() -> None:
    bits = np.random.default_rng(5).random((300, 9, 11)) > 0.9
    masks = [Mask(encode_rle(one)) for one in bits]
    found = mask_columns(masks, [(11, 9)] * 299 + [(9, 11)])
    assert found.there.tolist() == [*(one.area > 0 for one in masks[:299]), False]
    there = [one for one, is_there in zip(masks, found.there, strict=True) if is_there]
    assert found.areas.tolist() == [one.area for one in there]
    assert found.boxes.tolist() == [list(one.bounds) for one in there]
    assert found.texts == [msgspec.json.encode(one.rle) for one in there]


TEXTS = st.one_of(
    NUMBERS.map(repr),
    st.sampled_from(
        ["5", "5.0", "5.00", "50", "1e2", "1E2", "0.5", "-0.5", "-0.0", "0.00001", "0.010", "-7.25"]
    ),
    st.sampled_from(["123456789.123456789", "0.1000000000000000055", "100.10", "100.0", "20.05"]),
)


# Nothing need be done to these.
CLEAN = st.integers(100, 99999).map(lambda n: repr(n / 100))


@st.composite
def segmentations(draw: st.DrawFn) -> str:
    """Draw a segmentation as a file may have it."""
    comma = draw(st.sampled_from([",", ", ", ",\n  ", " ,"]))
    if draw(st.integers(0, 5)) == 0:
        return draw(
            st.sampled_from(
                [
                    '{"size": [2, 3], "counts": "123"}',
                    '{"counts":"123", "size":[2,3]}',
                    '{"size": [2, 3], "counts": [1, 2, 3]}',
                    '{"counts": "\\u0031\\u0032\\u0033", "size": [2, 3]}',
                ]
            )
        )
    rings = []
    numbers = draw(st.sampled_from([TEXTS, CLEAN]))
    for _ in range(draw(st.integers(1, 2))):
        ring = draw(
            st.lists(numbers, min_size=6, max_size=10).filter(lambda some: not len(some) % 2)
        )
        if draw(st.booleans()):
            ring += ring[:2]
        rings.append(f"[{comma.join(ring)}]")
    return f"[{comma.join(rings)}]"


@MANY
@given(several=st.lists(segmentations(), min_size=1, max_size=6), few=FEW)
def test_outlines_that_lie_in_a_file_are_written_as_they_lie_and_codes_as_they_are_decoded(
    tmp_path: Path, several: list[str], few: int
) -> None:
    path, out = tmp_path / "a.json", tmp_path / "b.json"
    records = [
        f'{{"id": {n}, "image_id": 1, "category_id": {n % 2 + 1}, "segmentation": {text}, '
        f'"bbox": [0, 0, 2.5, 2], "area": {n}.10, "iscrowd": 0}}'
        for n, text in enumerate(several, 1)
    ]
    path.write_text(
        '{"images": [{"id": 1, "file_name": "p.jpg", "width": 3, "height": 2}], "categories": '
        '[{"id": 1, "name": "a"}, {"id": 2, "name": "b"}], "annotations": ['
        f"{', '.join(records)}]}}"
    )
    found = formats.read_frame(path)
    shapes: list[Geometry] = []
    for place in range(len(several)):
        try:
            shapes.append(found.annotations["geometry"].iloc[place])
        except FormatError:
            # A shape that is none is none to write either, where it is looked at.
            return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(frame_writing, "ROWS", 4)
        patch.setattr(text_columns, "FEW_ROWS", few)
        formats.write(found, out, "coco")
    again = formats.read_frame(out).annotations["geometry"]
    for number, (row, shape) in enumerate(
        zip(found.annotations.to_dict("records"), shapes, strict=True), 1
    ):
        assert again.iloc[number - 1] == shape
        segmentation: Any = msgspec.Raw(several[number - 1].encode())
        if isinstance(shape, Mask):
            segmentation = shape.rle
        plain = {
            "id": number,
            "image_id": 1,
            "category_id": " ab".index(row["class_name"]),
            "bbox": [0.0, 0.0, 2.5, 2.0],
            "area": number + 0.1,
            "segmentation": segmentation,
            "iscrowd": 0,
            "labelwidgets": {"type": shape.type, "id": row["id"], "origin": Origin("import")},
        }
        assert msgspec.json.encode(plain) in out.read_bytes()


@MANY
@given(numbers=st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_numbers_are_the_same_with_orjson_and_without(numbers: list[float]) -> None:
    pytest.importorskip("orjson")
    values = np.array(numbers)
    runs, pairs = np.concatenate([values, [math.nan], values]), np.stack([values, values], axis=1)

    def texts() -> list[Any]:
        ended = [number_texts.ended_texts(one) for one in (values, pairs)]
        found = [text_columns.rows([one], len(values)) for one in ended]
        return [text_columns.list_of(number_texts.run_texts(runs, 2), 2), *found]

    with_orjson = texts()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(number_texts, "_orjson", lambda: None)
        assert with_orjson == texts()
    assert [float(one.removesuffix(b",")) for one in with_orjson[1]] == numbers
    assert [json.loads(one.removesuffix(b",")) for one in with_orjson[2]] == pairs.tolist()


TEXT = st.binary(max_size=3)


@MANY
@given(texts=st.lists(TEXT, min_size=1, max_size=9), one=TEXT, start=st.integers(0, 2000))
def test_columns_are_joined_with_pyarrow_as_they_are_without(
    texts: list[bytes], one: bytes, start: int
) -> None:
    pytest.importorskip("pyarrow")
    count = len(texts)
    numbers = np.arange(count)[::-1] % 2
    columns = [
        one,
        texts,
        range(start, start + count),
        text_columns.Few([b"a", b"bc"], numbers),
        text_columns.Run(b"".join(texts), np.cumsum([len(text) for text in texts])),
    ]
    wanted = [
        one + text + b"%d" % (start + row) + [b"a", b"bc"][numbers[row]] + text
        for row, text in enumerate(texts)
    ]
    for few in (0, count + 1):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(text_columns, "FEW_ROWS", few)
            assert (text_columns.arrow(count) is None) == bool(few)
            assert text_columns.rows(columns, count) == wanted
            assert bytes(text_columns.joined(columns, count)) == b"".join(wanted)


@pytest.mark.parametrize("count", [0, 1, 15, 16, 300, 70_000])
def test_points_are_an_array_bit_by_bit(count: int) -> None:
    numbers = np.random.default_rng(count).normal(size=(count, 2)) * 1e3
    numbers[1:3] = [-0.0, 1e-300]
    given_points = [(x, y) for x, y in numbers.tolist()]
    assert point_array(given_points).tobytes() == numbers.tobytes()


@MANY
@given(rings=st.lists(RINGS, min_size=1, max_size=6))
def test_outlines_at_once_measure_what_each_does(rings: list[list[Any]]) -> None:
    shapes = []
    for ring in rings:
        try:
            shapes.append(Polygon([[[(x + 0.0, y + 0.0) for x, y in ring]]]))
        except lw.errors.GeometryError:
            continue
    if not shapes:
        return
    own = [one.parts[0][0] for one in shapes]
    found = measures(
        np.array([point for ring in own for point in ring]), np.array([*map(len, own)])
    )
    assert found.boxes.tolist() == [list(one.bounds) for one in shapes]
    assert found.areas.tolist() == [one.area for one in shapes]


def test_an_id_that_is_none_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.json").write_text(
        json.dumps(
            {
                "images": [{"id": 1, "file_name": "p.jpg", "width": 3, "height": 2}],
                "categories": [{"id": 1, "name": "a"}],
                "annotations": [
                    {"id": 1, "image_id": 1, "category_id": 1, "bbox": [0, 0, 1, 1],
                     "segmentation": [[0.5, 0.5, 1.5, 0.5, 1.5, 1.5]], "area": 0.5, "iscrowd": 0}
                ],
            }
        )
    )  # fmt: skip
    found = formats.read_frame(tmp_path / "a.json")
    frame = found.annotations.assign(id="no id")
    for few in (0, 1000):
        monkeypatch.setattr(text_columns, "FEW_ROWS", few)
        with pytest.raises(FormatError, match="'no id' is not an identifier"):
            formats.write(
                frame, tmp_path / "b.json", "coco", items=found.items, ontology=found.ontology
            )


@pytest.mark.parametrize("few", [0, 1000])
@pytest.mark.parametrize("texts", [["b", "b", "a", "b"], ["a", None, "a"], ["a"]])
def test_texts_of_a_column_are_numbered(
    texts: list[Any], few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_columns, "FEW_ROWS", few)
    found = row_texts.factors(pd.Series(texts, dtype="string"))
    assert [[*found.texts, None][number] for number in found.numbers] == texts
    assert len(set(found.texts)) == len(found.texts)


@pytest.mark.parametrize("few", [0, 1000])
def test_ids_of_rows_are_those_that_may_be_written(
    few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_columns, "FEW_ROWS", few)

    def found(ids: list[Any], dtype: Any) -> Any:
        made = row_texts.row_ids(pd.Series(ids, dtype=dtype))
        return made.to_pylist() if hasattr(made, "to_pylist") else made

    for dtype in ("string", object):
        assert found(["a", "Z9._:-"], dtype) == [b"a", b"Z9._:-"]
        for wrong in (["a", "a"], ["a", None], ["-"], ["a\n"], [""], ["é"], ["a" * 65]):
            assert found(wrong, dtype) is None
