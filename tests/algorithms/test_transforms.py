"""Shapes turned and scaled: the table that the browser shares, and what has to hold for any."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwidgets.algorithms import cuboids, skeletons, transforms
from labelwidgets.errors import GeometryError
from labelwidgets.schema.geometry import Ellipse, Rectangle
from tests.golden import make

CASES: list[dict[str, Any]] = json.loads(make.TRANSFORMS.read_text(encoding="utf-8"))["transforms"]

coordinate = st.integers(-100, 100).map(float)
place = st.tuples(coordinate, coordinate)
length = st.integers(1, 100).map(float)
angle = st.integers(-180, 180).map(float)
factor = st.floats(0.1, 10)
boxes = st.tuples(coordinate, coordinate, length, length, angle)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["do"])
def test_the_table_says_what_the_kernel_does(case: dict[str, Any]) -> None:
    (home,) = (it for it in (transforms, cuboids, skeletons) if hasattr(it, case["do"]))
    made = getattr(home, case["do"])(*case["arguments"])
    assert np.asarray(made, float) == pytest.approx(np.array(case["made"]), abs=1e-8)


def test_the_table_has_every_transform() -> None:
    names = {case["do"] for case in CASES}
    assert len(names) == 10


@given(boxes, place, st.floats(-720, 720))
def test_a_turned_rectangle_has_its_corners_turned(box: Any, centre: Any, degrees: float) -> None:
    corners = Rectangle(*box).corners
    wanted = transforms.rotate_points(corners, centre, degrees)
    made = transforms.rotate_rectangle(box, centre, degrees)
    assert -180 < made.angle <= 180
    assert np.allclose(Rectangle(*made).corners, wanted, atol=1e-6)


@given(boxes, place, factor)
def test_scaling_alike_on_both_axes_moves_the_corners_exactly(
    box: Any, anchor: Any, by: float
) -> None:
    wanted = transforms.scale_points(Rectangle(*box).corners, anchor, by, by)
    made = transforms.scale_rectangle(box, anchor, by, by)
    assert np.allclose(Rectangle(*made).corners, wanted, atol=1e-6)


@given(boxes, place, factor, factor)
def test_a_scaled_ellipse_goes_through_the_scaled_points(
    ellipse: Any, anchor: Any, sx: float, sy: float
) -> None:
    x, y, rx, ry, turned = ellipse
    t = np.linspace(0, 2 * math.pi, 16)
    around = np.column_stack([x + rx * np.cos(t), y + ry * np.sin(t)])
    points = transforms.scale_points(
        transforms.rotate_points(around, (x, y), turned), anchor, sx, sy
    )
    made = transforms.scale_ellipse(ellipse, anchor, sx, sy)
    upright = transforms.rotate_points(points, (made.x, made.y), -made.angle)
    u, v = (upright[:, 0] - made.x) / made.rx, (upright[:, 1] - made.y) / made.ry
    assert np.allclose(u**2 + v**2, 1, atol=1e-6)
    assert Ellipse(*made).area == pytest.approx(Ellipse(*ellipse).area * sx * sy, rel=1e-6)


@given(boxes, st.floats(0.2, 5))
def test_an_axis_of_an_upright_ellipse_stays_that_axis(box: Any, sx: float) -> None:
    upright = (*box[:4], 0.0)
    made = transforms.scale_ellipse(upright, (0.0, 0.0), sx, 1.0)
    assert made.rx == pytest.approx(box[2] * sx)
    assert made.ry == pytest.approx(box[3])


@given(place, place, place)
def test_a_rectangle_from_a_side_has_both_ends_among_its_corners(
    start: Any, end: Any, reach: Any
) -> None:
    made = transforms.rectangle_from_side(start, end, reach)
    if made.width == 0 or made.height == 0:
        return
    corners = np.array(Rectangle(*made).corners)
    for point in (start, end):
        assert np.hypot(*(corners - point).T).min() < 1e-6
    side = np.subtract(end, start) / made.width
    gaps = (corners - reach) @ np.array([-side[1], side[0]])
    assert np.abs(gaps).min() < 1e-6, "The far side goes through the third place."


@given(st.integers(0, 3), place)
def test_a_dragged_front_corner_leaves_the_faces_parallel(index: int, to: Any) -> None:
    before = cuboids.cuboid_from_front(10, 10, 20, 30, (5, -7))
    made = cuboids.move_cuboid_corner(before, index, to)
    assert np.allclose(made[4:] - made[:4], (5, -7))
    assert np.allclose(made[index], to)
    assert np.allclose(made[(index + 2) % 4], before[(index + 2) % 4])


@pytest.mark.parametrize(
    ("call", "where"),
    [
        (lambda: transforms.rotate_points([[0, math.nan]], (0, 0), 1), "points"),
        (lambda: transforms.rotate_points([[0, 0, 0]], (0, 0), 1), "points"),
        (lambda: transforms.rotate_points("ab", (0, 0), 1), "points"),
        (lambda: transforms.rotate_points([[0, 0]], (0,), 1), "centre"),  # type: ignore[arg-type]
        (lambda: transforms.rotate_points([[0, 0]], (0, 0), math.inf), "degrees"),
        (lambda: transforms.scale_points([[0, 0]], (0, 0), 0, 1), "sx"),
        (lambda: transforms.scale_points([[0, 0]], (0, 0), 1, -1), "sy"),
        (lambda: transforms.scale_rectangle((0, 0, 1, math.nan), (0, 0), 1, 1), "height"),
        (lambda: transforms.scale_ellipse((0, 0, 1, 1), (0, 0), 1, math.nan), "sy"),
        (lambda: cuboids.move_cuboid_corner([[0, 0]], 0, (0, 0)), "corners"),
        (lambda: cuboids.move_cuboid_corner([[0, 0]] * 8, 8, (0, 0)), "index"),
        (lambda: skeletons.fit_template([], 0, 0, 1, 1), "positions"),
        (lambda: skeletons.fit_template([[math.nan, 0]], 0, 0, 1, 1), "positions"),
    ],
)
def test_what_cannot_be_is_refused_by_name(call: Any, where: str) -> None:
    with pytest.raises(GeometryError, match=where):
        call()


def test_no_points_are_no_points() -> None:
    assert transforms.rotate_points([], (0, 0), 5).shape == (0, 2)
