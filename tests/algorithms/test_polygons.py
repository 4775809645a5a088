"""Polygons to masks and back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray
from pycocotools import mask as coco

from labelwidgets.algorithms import mask_to_polygons, polygon_to_mask
from labelwidgets.errors import GeometryError

MASKS = arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=14))
# Quarters are exact in binary, so that centres lie on edges often.
COORDINATES = st.integers(-20, 80).map(lambda n: n / 4)
RINGS = st.lists(st.tuples(COORDINATES, COORDINATES), min_size=3, max_size=9)
SQUARE = [(0, 0), (4, 0), (4, 4), (0, 4)]


def inside(ring: list[tuple[float, float]], x: float, y: float) -> bool:
    """Even-odd rule for one point: crossings of the ray to the left, upper ends included."""
    odd = False
    for (xa, ya), (xb, yb) in zip(ring, ring[1:] + ring[:1], strict=True):
        if (ya <= y) == (yb <= y):
            continue
        if ya > yb:
            xa, ya, xb, yb = xb, yb, xa, ya
        if xa + (y - ya) * ((xb - xa) / (yb - ya)) <= x:
            odd = not odd
    return odd


def regions(mask: NDArray[np.bool_]) -> int:
    """Count 4-connected regions by flooding."""
    left = {(int(y), int(x)) for y, x in np.argwhere(mask)}
    count = 0
    while left:
        count += 1
        queue = [left.pop()]
        while queue:
            y, x = queue.pop()
            for neighbour in ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)):
                if neighbour in left:
                    left.remove(neighbour)
                    queue.append(neighbour)
    return count


@given(RINGS)
def test_a_pixel_is_set_when_its_centre_is_inside(ring: list[tuple[float, float]]) -> None:
    mask = polygon_to_mask([ring], (15, 17))
    expected = [[inside(ring, x + 0.5, y + 0.5) for x in range(17)] for y in range(15)]
    np.testing.assert_array_equal(mask, expected)


@given(MASKS)
def test_outline_and_back_is_the_same_mask(mask: NDArray[np.bool_]) -> None:
    parts = mask_to_polygons(mask)
    np.testing.assert_array_equal(polygon_to_mask(parts, mask.shape), mask)


@given(MASKS)
def test_outlines_are_valid_one_a_region_with_the_area_of_the_mask(
    mask: NDArray[np.bool_],
) -> None:
    parts = mask_to_polygons(mask)
    shapes = [shapely.Polygon(part[0], part[1:]) for part in parts]
    assert len(shapes) == regions(mask)
    assert all(shape.is_valid for shape in shapes)
    assert sum(shape.area for shape in shapes) == mask.sum()
    for part in parts:
        # y points down, so that what shapely calls anticlockwise is clockwise on the screen.
        assert shapely.LinearRing(part[0]).is_ccw
        assert not any(shapely.LinearRing(hole).is_ccw for hole in part[1:])


@settings(max_examples=60)
@given(MASKS, st.sampled_from([0.3, 1.0, 2.5, 50.0]))
def test_thinned_outlines_are_valid(mask: NDArray[np.bool_], tolerance: float) -> None:
    parts = mask_to_polygons(mask, tolerance)
    exact = mask_to_polygons(mask)
    assert len(parts) == len(exact)
    for part, before in zip(parts, exact, strict=True):
        shape = shapely.Polygon(part[0], part[1:])
        assert shape.is_valid
        assert shape.exterior.hausdorff_distance(shapely.LinearRing(before[0])) <= tolerance + 1e-9


def test_thinning_drops_vertices_of_a_disc() -> None:
    y, x = np.mgrid[:200, :200]
    disc = (x - 100) ** 2 + (y - 100) ** 2 < 80**2
    exact, thin = mask_to_polygons(disc)[0][0], mask_to_polygons(disc, 1.0)[0][0]
    assert len(thin) < len(exact) / 5
    again = polygon_to_mask([thin], disc.shape)
    assert (again & disc).sum() / (again | disc).sum() > 0.98


def test_a_hole_with_an_island() -> None:
    mask = np.zeros((9, 9), bool)
    mask[1:8, 1:8] = True
    mask[2:7, 2:7] = False
    mask[4, 4] = True
    parts = mask_to_polygons(mask)
    assert parts == [
        [[(1, 1), (8, 1), (8, 8), (1, 8)], [(2, 2), (2, 7), (7, 7), (7, 2)]],
        [[(4, 4), (5, 4), (5, 5), (4, 5)]],
    ]


def test_pixels_that_meet_at_a_corner_are_two_parts() -> None:
    assert len(mask_to_polygons(np.eye(3))) == 3


def test_a_ring_of_pixels_that_closes_at_a_corner_has_a_hole() -> None:
    mask = np.array([[1, 1, 1], [1, 0, 1], [1, 1, 0]])
    parts = mask_to_polygons(mask)
    assert [len(part) for part in parts] == [2]
    assert shapely.Polygon(parts[0][0], parts[0][1:]).is_valid


def test_an_empty_mask_has_no_parts() -> None:
    assert mask_to_polygons(np.zeros((3, 4))) == []
    assert not polygon_to_mask([], (3, 4)).any()


def test_ring_rings_and_parts_are_told_apart() -> None:
    hole = [(1, 1), (3, 1), (3, 3), (1, 3)]
    far = [(6, 6), (8, 6), (8, 8), (6, 8)]
    ring, rings, parts = SQUARE, [SQUARE, hole], [[SQUARE, hole], [far]]
    assert polygon_to_mask(ring, (9, 9)).sum() == 16
    assert polygon_to_mask(np.array(ring), (9, 9)).sum() == 16
    assert polygon_to_mask(rings, (9, 9)).sum() == 12
    assert polygon_to_mask(parts, (9, 9)).sum() == 16


def test_parts_that_overlap_are_united() -> None:
    other = [(2, 2), (6, 2), (6, 6), (2, 6)]
    assert polygon_to_mask([[SQUARE], [other]], (8, 8)).sum() == 28


def test_neighbours_share_no_pixel_and_leave_no_gap() -> None:
    rng = np.random.default_rng(5)
    for _ in range(50):
        a, b = rng.uniform(0, 30, (2, 2))
        left = [(-50, -50), (a[0], -50), a, b, (b[0], 80), (-50, 80)]
        right = [(90, -50), (a[0], -50), a, b, (b[0], 80), (90, 80)]
        if a[1] > b[1]:
            continue
        one, two = polygon_to_mask([left], (30, 30)), polygon_to_mask([right], (30, 30))
        assert not (one & two).any()
        assert (one | two).all()


def test_what_lies_outside_is_cut_off() -> None:
    ring = [(-1e8, -1e8), (1e8, -1e8), (1e8, 1e8), (-1e8, 1e8)]
    assert polygon_to_mask([ring], (3, 4)).all()
    assert not polygon_to_mask([[(9, 9), (12, 9), (12, 12)]], (3, 4)).any()


def test_big_shapes_agree_with_pycocotools() -> None:
    angle = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    radius = 150 + 40 * np.sin(5 * angle)
    ring = np.stack([256 + radius * np.cos(angle), 256 + radius * np.sin(angle)], axis=1)
    ours = polygon_to_mask([ring], (512, 512))
    theirs = coco.decode(coco.frPyObjects([ring.ravel().tolist()], 512, 512))[:, :, 0] > 0
    assert (ours & theirs).sum() / (ours | theirs).sum() > 0.99


@pytest.mark.parametrize(
    "rings",
    [
        [[(0, 0), (1, float("nan")), (1, 1)]],
        [[(0, 0), (1, float("inf")), (1, 1)]],
        [[(0, 0), (1, 1)]],
        [[(0, 0, 1), (1, 1, 1), (2, 0, 1)]],
        [[("a", "b"), (1, 1), (2, 0)]],
        "ring",
        5,
        [[[[[0]]]]],
    ],
)
def test_what_is_no_polygon_is_refused(rings: Any) -> None:
    with pytest.raises(GeometryError):
        polygon_to_mask(rings, (5, 5))


@pytest.mark.parametrize("shape", [(0, 5), (5, -1), (10**7, 1), (10**6, 10**6)])
def test_impossible_sizes_are_refused(shape: tuple[int, int]) -> None:
    with pytest.raises(GeometryError, match="shape"):
        polygon_to_mask([SQUARE], shape)


@pytest.mark.parametrize("tolerance", [-1.0, float("nan"), float("inf")])
def test_impossible_tolerances_are_refused(tolerance: float) -> None:
    with pytest.raises(GeometryError, match="tolerance"):
        mask_to_polygons(np.eye(3), tolerance)
