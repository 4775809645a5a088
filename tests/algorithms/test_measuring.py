"""Lengths, angles, areas and statistics, against the table that the browser is held to."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwidgets.algorithms.measuring import (
    angle_between,
    ellipse_area,
    ellipse_to_mask,
    path_length,
    statistics,
    two_axes,
)
from tests.golden.measures import HEIGHT, WIDTH, pixels

CASES = json.loads((Path(__file__).parents[1] / "golden" / "measures.json").read_text())["measures"]
VALUES = np.array(pixels()).reshape(HEIGHT, WIDTH)


@pytest.mark.parametrize("case", [one for one in CASES if one["kind"] == "line"])
def test_lines_are_the_golden_ones(case: dict[str, Any]) -> None:
    points, spacing = [tuple(one) for one in case["points"]], tuple(case["spacing"])
    assert path_length(points, spacing) == pytest.approx(case["length"], rel=1e-12)
    if "angle" in case:
        assert angle_between(points, spacing) == pytest.approx(case["angle"], abs=1e-5)
    if "axes" in case:
        assert two_axes(points, spacing) == pytest.approx(case["axes"], rel=1e-12)


@pytest.mark.parametrize("case", [one for one in CASES if one["kind"] == "ellipse"])
def test_ellipses_are_the_golden_ones(case: dict[str, Any]) -> None:
    made = case["ellipse"]
    area = ellipse_area(made["rx"], made["ry"], tuple(case["spacing"]))
    assert area == pytest.approx(case["area"], rel=1e-12)
    told = statistics(VALUES[ellipse_to_mask(**made, shape=VALUES.shape)])
    assert told.count == case["count"]
    if told.count:
        wanted = [case[name] for name in ("mean", "sd", "least", "most")]
        assert [told.mean, told.sd, told.least, told.most] == pytest.approx(wanted, rel=1e-12)
    else:
        assert math.isnan(told.mean)
        assert math.isnan(told.most)


def test_what_is_no_angle_and_no_pair_of_axes_is_none() -> None:
    assert math.isnan(angle_between([(0, 0), (1, 1)]))
    assert math.isnan(angle_between([(1, 1), (1, 1), (2, 3)]))
    assert all(map(math.isnan, two_axes([(0, 0), (1, 1)])))
    assert path_length([(3, 3)]) == 0


@given(st.lists(st.tuples(*[st.floats(-1e4, 1e4)] * 2), min_size=3, max_size=3), st.floats(0.1, 9))
def test_an_angle_does_not_depend_on_the_size_of_square_pixels(points: Any, spacing: float) -> None:
    found = angle_between(points), angle_between(points, (spacing, spacing))
    assert np.isnan(found[0]) == np.isnan(found[1])
    if not np.isnan(found[0]):
        assert found[1] == pytest.approx(found[0], abs=1e-6)


def test_no_value_is_no_statistics() -> None:
    assert statistics(np.array([np.nan, np.inf])).count == 0
