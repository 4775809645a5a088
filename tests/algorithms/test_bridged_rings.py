"""Several rings as one, and back."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from labelwidgets.algorithms import mask_to_polygons, polygon_to_mask
from labelwidgets.algorithms.bridged_rings import bridge_rings, unbridge_ring

OUTER = [(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)]
HOLE = [(2.0, 2.0), (2.0, 4.0), (4.0, 4.0)]
ISLAND = [(2.5, 2.75), (2.5, 3.5), (3.25, 3.5)]
FAR = [(20.0, 0.0), (30.0, 0.0), (25.0, 9.0)]


def alike(ring: list[tuple[float, float]]) -> list[tuple[float, float]]:
    start = ring.index(min(ring))
    return ring[start:] + ring[:start]


def test_holes_parts_and_what_is_in_holes_come_apart_again() -> None:
    parts = unbridge_ring(bridge_rings([OUTER, HOLE, ISLAND, FAR]))
    assert [[alike(ring) for ring in part] for part in parts] == [
        [alike(OUTER), alike(HOLE)],
        [alike(ISLAND)],
        [alike(FAR)],
    ]


def test_a_ring_by_itself_stays_as_it_is() -> None:
    assert bridge_rings([OUTER]) == OUTER
    assert unbridge_ring(OUTER) == [[OUTER]]


def test_a_line_there_and_back_has_no_area() -> None:
    assert unbridge_ring([(0.0, 0.0), (1.0, 0.0)]) == []
    assert unbridge_ring([(0.0, 0.0), (1.0, 0.0), (2.0, 0.0), (1.0, 0.0)]) == []
    assert unbridge_ring([(1.0, 1.0)] * 5) == []


def test_a_ring_that_meets_itself_in_a_corner_is_two() -> None:
    eight = [(0.0, 0.0), (4.0, 0.0), (2.0, 2.0), (4.0, 4.0), (0.0, 4.0), (2.0, 2.0)]
    assert [len(part[0]) for part in unbridge_ring(eight)] == [3, 3]


@settings(max_examples=40)
@given(arrays(bool, (9, 12), elements=st.booleans()).filter(np.any))
def test_the_pixels_of_a_mask_are_the_same_as_one_ring_and_come_back(mask: np.ndarray) -> None:
    rings = [ring for part in mask_to_polygons(mask) for ring in part]
    joined = bridge_rings(rings)
    assert np.array_equal(polygon_to_mask([joined], mask.shape), mask)
    parts = unbridge_ring(joined)
    assert np.array_equal(polygon_to_mask(parts, mask.shape), mask)
