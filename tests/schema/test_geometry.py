"""Shapes: what they are, what they refuse, and that JSON keeps them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given

from labelwidgets.errors import GeometryError
from labelwidgets.schema.geometries import AnyGeometry
from labelwidgets.schema.geometry import (
    RLE,
    Cuboid,
    Ellipse,
    Geometry,
    Keypoints,
    Mask,
    Point,
    Polygon,
    Polyline,
    Rectangle,
    Tag,
    VolumeMask,
)
from tests.formats.labels import JOINTS, SHAPES

SQUARE = [(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0)]
HOLE = [(1.0, 1.0), (2.0, 1.0), (2.0, 2.0), (1.0, 2.0)]


@given(SHAPES | JOINTS)
def test_json_keeps_every_shape(geometry: Geometry) -> None:
    text = msgspec.json.encode(geometry)
    assert msgspec.json.decode(text, type=AnyGeometry) == geometry
    assert msgspec.json.decode(text)["type"] == geometry.type


@given(SHAPES | JOINTS)
def test_the_bounds_hold_the_corners_and_the_area_is_not_negative(geometry: Geometry) -> None:
    assert geometry.area >= 0
    if geometry.bounds is not None and not isinstance(geometry, VolumeMask):
        _, _, width, height = geometry.bounds
        assert geometry.area <= width * height * (1 + 1e-9) + 1e-9


@pytest.mark.parametrize(
    ("geometry", "bounds", "area"),
    [
        (Rectangle(1, 2, 3, 4), (1, 2, 3, 4), 12),
        (Rectangle(0, 0, 4, 2, 90), (1, -1, 2, 4), 8),
        (Ellipse(5, 5, 3, 2), (2, 3, 6, 4), 6 * math.pi),
        (Ellipse(5, 5, 3, 2, 90), (3, 2, 4, 6), 6 * math.pi),
        (Polygon([[SQUARE]]), (0, 0, 4, 4), 16),
        (Polygon([[SQUARE, HOLE]]), (0, 0, 4, 4), 15),
        (Polygon([[SQUARE], [[(9, 9), (10, 9), (9, 10)]]]), (0, 0, 10, 10), 16.5),
        (Polyline([(0, 0), (3, 4)]), (0, 0, 3, 4), 0),
        (Point(7, 8), (7, 8, 0, 0), 0),
        (Keypoints([(1, 1, 2), (5, 6, 1), (90, 90, 0)]), (1, 1, 4, 5), 0),
        (Cuboid([*SQUARE, *[(x + 2, y + 1) for x, y in SQUARE]]), (0, 0, 6, 5), 0),
        (Mask(RLE((2, 3), "123")), (0, 0, 2, 2), 2),
        (Tag(), None, 0),
    ],
)
def test_bounds_and_area(geometry: Geometry, bounds: Any, area: float) -> None:
    if bounds is None:
        assert geometry.bounds is None
    else:
        assert geometry.bounds == pytest.approx(bounds)
    assert geometry.area == pytest.approx(area)


def test_a_turned_rectangle_turns_clockwise_about_its_centre() -> None:
    corners = Rectangle(0, 0, 4, 2, 90).corners
    assert np.allclose(corners, [(3, -1), (3, 3), (1, 3), (1, -1)])


def test_a_closing_point_is_dropped_and_arrays_are_taken() -> None:
    closed = Polygon([[[*SQUARE, SQUARE[0]]]])
    assert closed == Polygon([[SQUARE]])
    assert Polygon([[np.array(SQUARE)]]) == closed  # type: ignore[list-item]


def test_counts_may_come_as_numbers_or_bytes() -> None:
    assert RLE((2, 3), [1, 2, 3]) == RLE((2, 3), b"123") == RLE((2, 3), "123")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("make", "where"),
    [
        (lambda: Rectangle(math.nan, 0, 1, 1), "x"),
        (lambda: Rectangle(0, math.inf, 1, 1), "y"),
        (lambda: Rectangle(0, 0, 1e308, 1), "width"),
        (lambda: Rectangle(0, 0, 1, 0), "height"),
        (lambda: Rectangle(0, 0, -1, 1), "width"),
        (lambda: Rectangle("0", 0, 1, 1), "x"),  # type: ignore[arg-type]
        (lambda: Rectangle(True, 0, 1, 1), "x"),
        (lambda: Rectangle(0, 0, 1, 1, math.nan), "angle"),
        (lambda: Ellipse(0, 0, 0, 1), "rx"),
        (lambda: Polygon([]), "parts"),
        (lambda: Polygon([[]]), "parts[0]"),
        (lambda: Polygon([[[(0, 0), (1, 1)]]]), "parts[0][0]"),
        (lambda: Polygon([[[(0, 0), (1, 1), (0, 0), (1, 1)]]]), "parts[0][0]"),
        (lambda: Polygon([[SQUARE, [(0, 0), (1, math.nan), (2, 2)]]]), "parts[0][1][1].y"),
        (lambda: Polygon([[[(0, 0), (1, 1, 1), (2, 2)]]]), "parts[0][0][1]"),  # type: ignore[list-item]
        (lambda: Polygon("no"), "parts"),  # type: ignore[arg-type]
        (lambda: Polyline([(0, 0)]), "points"),
        (lambda: Keypoints([(0, 0, 3)]), "points[0].visibility"),
        (lambda: Keypoints([]), "points"),
        (lambda: Keypoints([(0, 0, True)]), "points[0].visibility"),
        (lambda: Keypoints([(0, 0, math.nan)]), "points[0].visibility"),  # type: ignore[list-item]
        (lambda: Keypoints([(0, 0, 2), (0, 1)]), "points[1]"),  # type: ignore[list-item]
        (lambda: Keypoints([(math.inf, 0, 2)]), "points[0].x"),
        (lambda: Cuboid(SQUARE), "points"),
        (lambda: Cuboid([*SQUARE, *SQUARE, (0, 0)]), "points"),
        (lambda: Cuboid([*SQUARE, *SQUARE[:3], (0, math.nan)]), "points[7].y"),
        (lambda: Ellipse(0, 0, 1, math.inf), "ry"),
        (lambda: Point(0, "1"), "y"),  # type: ignore[arg-type]
        (lambda: RLE((2, 3), "12"), "counts"),
        (lambda: RLE((2, 3), [1, -1, 6]), "counts"),  # type: ignore[arg-type]
        (lambda: RLE((2, 3), "1~3"), "counts"),
        (lambda: RLE((0, 3), ""), "size"),
        (lambda: Mask({"size": [2, 3]}), "rle"),  # type: ignore[arg-type]
        (lambda: VolumeMask({-1: RLE((2, 3), "123")}), "slices[-1]"),
        (lambda: VolumeMask({0: RLE((2, 3), "123"), 1: RLE((1, 6), "123")}), "slices"),
    ],
)
def test_impossible_shapes_are_refused_by_the_name_of_the_field(
    make: Callable[[], Geometry], where: str
) -> None:
    with pytest.raises(GeometryError) as caught:
        make()
    assert caught.value.where == where
    assert str(caught.value).startswith(f"{where}: ")


def test_a_bad_shape_in_json_names_its_field_too() -> None:
    text = b'{"type": "rectangle", "x": 1, "y": 2, "width": -3, "height": 1}'
    with pytest.raises(msgspec.ValidationError, match="width: must be greater than 0"):
        msgspec.json.decode(text, type=AnyGeometry)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -2e9, "1", None, True])
def test_a_long_ring_is_held_to_what_a_short_one_is(bad: Any) -> None:
    ring: list[Any] = [(float(i), float(i * i % 97)) for i in range(3000)]
    assert Polygon([[ring]]).parts[0][0] == ring
    for place in (0, 1500, 2999):
        wrong = list(ring)
        wrong[place] = (1.0, bad)
        with pytest.raises(GeometryError, match=rf"parts\[0\]\[0\]\[{place}\].y"):
            Polygon([[wrong]])
    with pytest.raises(GeometryError, match="pair"):
        Polygon([[[*ring, (1.0, 2.0, 3.0)]]])
    with pytest.raises(GeometryError, match="3 different"):
        Polygon([[[(1.0, 2.0), (3.0, 4.0)] * 1500]])


def test_box_and_area_of_a_long_ring_are_those_of_its_short_twin() -> None:
    side = [(float(i), 0.0) for i in range(2000)]
    ring = [*side, (2000.0, 0.0), (2000.0, 30.0), (0.0, 30.0)]
    made = Polygon([[ring]])
    assert made.bounds == (0, 0, 2000, 30)
    assert made.area == pytest.approx(60_000)


@pytest.mark.parametrize("parts", [SQUARE, [SQUARE], [(1, 2), (3, 4), (5, 6)]])
def test_of_a_polygon_in_too_few_lists_it_is_said_how_one_ring_is_written(parts: Any) -> None:
    with pytest.raises(GeometryError, match=r"list of parts.*one ring is Polygon\(\[\[\["):
        Polygon(parts)


def test_of_a_polygon_that_is_wrong_otherwise_that_is_not_said() -> None:
    for parts in ([[[(1, 2), (3, "a"), (5, 6)]]], [[[(1, 2)]]], [], [[]], "parts"):
        with pytest.raises(GeometryError) as caught:
            Polygon(parts)  # type: ignore[arg-type]
        assert caught.value.hint is None


def test_a_long_run_length_code_is_not_shown_whole() -> None:
    counts = [1] * 10_000
    noise = RLE((100, 100), counts)
    assert len(repr(noise)) < 100
    assert "characters" in repr(noise)
    assert repr(RLE((2, 2), [4])) == "RLE(size=(2, 2), counts='4')"
