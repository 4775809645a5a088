"""What the polygon tools do, against the table that the browser shares, and their promises."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from labelwidgets import algorithms as do
from labelwidgets.algorithms.sculptor import MIN_SPACING
from labelwidgets.errors import GeometryError
from tests.golden import make, shaping

COORDINATES = st.integers(0, 6000).map(lambda n: n / 100)
COARSE = st.integers(0, 8).map(float)
RINGS = st.lists(st.tuples(COORDINATES, COORDINATES), min_size=3, max_size=9) | st.lists(
    st.tuples(COARSE, COARSE), min_size=3, max_size=9
)
POLYGONS = st.lists(st.lists(RINGS, min_size=1, max_size=3), min_size=1, max_size=2)
SQUARE = shaping.box(0, 0, 10, 10)


def covered(parts: Any) -> shapely.geometry.base.BaseGeometry:
    return shapely.MultiPolygon([shapely.Polygon(part[0], part[1:]) for part in parts])


def test_the_table_is_what_its_maker_makes() -> None:
    table = make.text_of("cases", shaping.cases())
    assert table == make.SHAPING.read_text(encoding="utf-8")


def test_the_table_holds_every_tool_done_and_refused() -> None:
    rows = json.loads(make.SHAPING.read_text(encoding="utf-8"))["cases"]
    tools = {"unite", "subtract", "intersect", "split", "simplify", "outline", "sculpt"}
    assert {row["does"] for row in rows} == tools | {"trace", "move"}
    assert {row["does"] for row in rows if row["made"] is None} >= {"intersect", "split"}


@given(POLYGONS, POLYGONS)
@settings(max_examples=40, deadline=None)
def test_results_are_valid_on_the_grid_and_areas_add_up(one: Any, other: Any) -> None:
    def area(call: Any, *shapes: Any) -> float:
        try:
            parts = call(*shapes)
        except GeometryError:
            return 0.0
        assert all(shapely.Polygon(part[0], part[1:]).is_valid for part in parts)
        flat = np.concatenate([np.asarray(ring) for part in parts for ring in part])
        assert np.array_equal(np.round(flat, 2), flat)
        return float(sum(shapely.Polygon(part[0], part[1:]).area for part in parts))

    whole = area(do.unite_polygons, [one, other])
    pieces = area(do.subtract_polygons, one, [other]) + area(do.subtract_polygons, other, [one])
    pieces += area(do.intersect_polygons, [one, other])
    # Slivers below a pixel are dropped, and edges may move by half a step of the grid.
    assert whole == pytest.approx(pieces, abs=12)


def test_a_line_across_splits_and_one_that_ends_within_does_not() -> None:
    left, right = do.split_polygon([SQUARE], [(4, -1), (4, 11)])
    assert (covered(left).area, covered(right).area) == (60, 40)
    with pytest.raises(GeometryError, match="does not cut"):
        do.split_polygon([SQUARE], [(4, -1), (4, 5)])


def test_polygons_join_along_borders_only_and_lines_at_their_nearer_ends() -> None:
    beside, corner = shaping.box(10, 2, 4, 4), shaping.box(14, 6, 4, 4)
    whole, used = do.join_polygons([[SQUARE], [corner], [beside]])
    assert used == [0, 2]
    assert covered(whole).area == 116
    with pytest.raises(GeometryError, match="do not touch"):
        do.join_polygons([[SQUARE], [corner]])
    line = do.join_lines([[(0, 0), (1, 0)], [(5, 0), (1, 0)], [(9, 0), (5, 1)]])
    assert line.tolist() == [[0, 0], [1, 0], [5, 0], [5, 1], [9, 0]]


@given(RINGS, st.floats(0, 30))
@settings(max_examples=60, deadline=None)
def test_simplifying_keeps_a_valid_polygon_valid_and_three_points(ring: Any, far: float) -> None:
    before = shapely.Polygon(ring)
    try:
        parts = do.simplify_polygon(ring, far)
    except GeometryError:
        assert not before.is_valid
        return
    assert all(len(one) >= 3 for part in parts for one in part)
    if before.is_valid:
        assert covered(parts).is_valid
        assert shapely.hausdorff_distance(covered(parts).boundary, before.boundary) <= far + 1e-6


@given(st.lists(st.tuples(COORDINATES, COORDINATES), max_size=12))
@settings(max_examples=60, deadline=None)
def test_whatever_a_hand_draws_becomes_one_simple_ring_or_is_refused(line: Any) -> None:
    try:
        ring = do.freehand_outline(line, 0.5)
    except GeometryError as error:
        assert "less than one pixel" in str(error)  # noqa: PT017
        return
    shape = shapely.Polygon(ring)
    assert shape.is_valid
    assert shape.area >= 1


@given(
    st.integers(0, 10_000),
    st.floats(0, 2 * math.pi),
    st.floats(0.2, 1.6),
    st.floats(1, 25),
)
@settings(max_examples=80, deadline=None)
def test_the_sculptor_leaves_no_point_within_its_radius(
    seed: int, angle: float, out: float, radius: float
) -> None:
    import random

    ring = shaping.star(random.Random(seed), 30, 25, 22, 3 + seed % 20)
    centre = (30 + 15 * out * math.cos(angle), 25 + 15 * out * math.sin(angle))
    before = shapely.Polygon(ring)
    ((made, *_), *_) = do.sculpt(ring, centre, radius, shaping.SIZE)
    assert len(made) >= 3
    if made == ring or not before.is_valid:
        return
    assert shapely.Polygon(made).is_valid
    width, height = shaping.SIZE
    fresh = [point for point in made if point not in ring]
    for x, y in fresh:
        assert 0 <= x <= width
        assert 0 <= y <= height
    for x, y in made:
        on_border = x in (0, width) or y in (0, height)
        assert on_border or math.hypot(x - centre[0], y - centre[1]) >= radius - 0.01
    for x, y in fresh:
        on_border = x in (0, width) or y in (0, height)
        far = math.hypot(x - centre[0], y - centre[1])
        assert on_border or far <= radius + max(radius, 2 * MIN_SPACING)


def test_the_sculptor_is_as_large_as_its_distance_to_the_contour() -> None:
    assert do.tool_radius([SQUARE], (3, 5)) == 3
    assert do.tool_radius([SQUARE], (0.2, 5)) == MIN_SPACING
    assert do.tool_radius([SQUARE], (14, 5)) == 4
    assert do.tool_radius([SQUARE], (40, 5)) == 5


def test_bad_input_is_refused_by_name() -> None:
    with pytest.raises(GeometryError, match="finite"):
        do.unite_polygons([[[(0, 0), (1, math.nan), (1, 1)]]])
    with pytest.raises(GeometryError, match="tolerance"):
        do.simplify_polygon([SQUARE], -1)
    with pytest.raises(GeometryError, match="radius"):
        do.sculpt([SQUARE], (0, 0), math.inf, (10, 10))
    with pytest.raises(GeometryError, match="is not there"):
        do.sculpt([SQUARE], (0, 0), 2, (10, 10), ring=3)
    with pytest.raises(GeometryError, match="no common ring"):
        do.trace_border([SQUARE], (0, 0), (5, 5))
    with pytest.raises(GeometryError, match="no area"):
        do.intersect_polygons([[SQUARE], [shaping.box(20, 20, 4, 4)]])


@given(st.integers(0, 2**31), st.integers(0, 3), st.integers(0, 3))
@settings(max_examples=60, deadline=None)
def test_a_shared_vertex_moves_without_a_gap_or_an_overlap(seed: int, i: int, j: int) -> None:
    import random

    dice = random.Random(seed)
    at = {(x, y): (10.0 * x, 10.0 * y) for x in range(4) for y in range(4)}
    cells = {
        f"{x} {y}": [[[at[x, y], at[x + 1, y], at[x + 1, y + 1], at[x, y + 1]]]]
        for x in range(3)
        for y in range(3)
        if dice.random() < 0.8
    }
    x, y = at[i, j]
    to = (x + dice.uniform(-4, 4), y + dice.uniform(-4, 4))
    moved = cells | do.move_shared_vertex(cells, at[i, j], to)
    before = shapely.union_all([covered(parts) for parts in cells.values()])
    after = [covered(parts) for parts in moved.values()]
    whole = shapely.union_all(after)
    assert sum(one.area for one in after) == pytest.approx(whole.area)
    if 0 < i < 3 and 0 < j < 3 and len(cells) == 9:
        assert whole.symmetric_difference(before).area == pytest.approx(0, abs=1e-9)
