"""Strokes against the table that the browser shares, and against plain distances."""

from __future__ import annotations

import json
import math
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwidgets.algorithms import decode_rle, encode_rle, stroke_to_mask
from labelwidgets.errors import GeometryError
from tests.golden import make, painting

CASES: list[dict[str, Any]] = json.loads(make.STROKES.read_text(encoding="utf-8"))["strokes"]
POINTS = st.lists(
    st.tuples(*(st.floats(-1e4, 1e4, allow_nan=False) for _ in range(2))), min_size=1, max_size=4
)


def test_the_table_is_what_its_maker_makes() -> None:
    assert make.text_of("strokes", painting.strokes()) == make.STROKES.read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_stroke_covers_the_pixels_of_the_table(case: dict[str, Any]) -> None:
    mask = stroke_to_mask(case["path"], case["size"], radius=case["radius"], tip=case["tip"])
    assert encode_rle(mask) == {"size": case["size"], "counts": case["counts"]}


@given(POINTS, st.floats(0.01, 500), st.sampled_from(["round", "square"]))
def test_any_path_gives_a_mask_and_the_way_back_the_same(
    path: list[tuple[float, float]], radius: float, tip: Literal["round", "square"]
) -> None:
    mask = stroke_to_mask(path, (40, 60), radius=radius, tip=tip)
    assert mask.shape == (40, 60)
    back = stroke_to_mask(path[::-1], (40, 60), radius=radius, tip=tip)
    # Centres within rounding of the rim may fall on either side.
    assert np.count_nonzero(mask != back) <= 2


def test_more_points_on_a_straight_line_cover_the_same() -> None:
    ends = [(10.0, 10.0), (90.0, 50.0)]
    between = [(10 + 8 * step, 10 + 4 * step) for step in range(11)]
    one = stroke_to_mask(ends, (64, 100), radius=7.3)
    assert np.array_equal(one, stroke_to_mask(between, (64, 100), radius=7.3))


def test_a_stroke_on_a_long_strip() -> None:
    mask = stroke_to_mask([(0, 50), (20_000, 50)], (100, 20_000), radius=10)
    assert mask.sum() == 20 * 20_000
    assert decode_rle(encode_rle(mask)).sum() == mask.sum()


@pytest.mark.parametrize(
    ("field", "arguments"),
    [
        ("path", {"path": []}),
        ("path", {"path": [(1, 2, 3)]}),
        ("path", {"path": [(math.nan, 1)]}),
        ("path", {"path": "no points"}),
        ("radius", {"radius": 0}),
        ("radius", {"radius": math.inf}),
        ("radius", {"radius": "wide"}),
        ("tip", {"tip": "star"}),
        ("shape", {"shape": (0, 5)}),
        ("shape", {"shape": (10**6, 10**6)}),
        ("shape", {"shape": (5, 5, 3)}),
    ],
)
def test_an_impossible_stroke_is_refused_by_name(field: str, arguments: dict[str, Any]) -> None:
    given: dict[str, Any] = {"path": [(1, 1)], "shape": (5, 5), "radius": 1.0, **arguments}
    with pytest.raises(GeometryError) as raised:
        stroke_to_mask(given.pop("path"), given.pop("shape"), **given)
    assert raised.value.where == field
