"""Outlines between two others: which points go together, and where they are in between."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwidgets.algorithms.in_between import (
    angle_between,
    match_lines,
    match_rings,
    nearest_pairs,
)

coordinate = st.integers(-400, 400).map(lambda n: n / 4)
point = st.tuples(coordinate, coordinate)


def points(least: int) -> st.SearchStrategy[list[tuple[float, float]]]:
    return st.lists(point, min_size=least, max_size=9, unique=True)


def passes(line: np.ndarray, through: np.ndarray, closed: bool) -> bool:
    """Say whether a line passes through points, one after the other."""
    ends = np.roll(line, -1, axis=0) if closed else line[1:]
    starts = line if closed else line[:-1]
    for at in through:
        along = ends - starts
        length = (along**2).sum(axis=1)
        part = np.clip(((at - starts) * along).sum(axis=1) / np.where(length, length, 1), 0, 1)
        gap = np.hypot(*(starts + along * part[:, None] - at).T)
        if gap.min() > 1e-6:
            return False
    return True


@given(st.floats(-1000, 1000), st.floats(-1000, 1000), st.floats(0, 1))
def test_angles_go_the_short_way_round(before: float, after: float, part: float) -> None:
    def apart(a: float, b: float) -> float:
        return abs((a - b + 180) % 360 - 180)

    made = angle_between(before, after, part)
    assert -180 < made <= 180
    assert apart(made, before) <= 180 * part + 1e-6
    assert apart(made, before) + apart(made, after) == pytest.approx(apart(before, after), abs=1e-6)


@given(points(2), points(2))
def test_lines_have_their_own_shapes_at_either_end(
    before: list[tuple[float, float]], after: list[tuple[float, float]]
) -> None:
    one, other = match_lines(before, after)
    assert one.shape == other.shape
    assert one[0].tolist() == list(before[0])
    assert one[-1].tolist() == list(before[-1])
    assert {tuple(other[0]), tuple(other[-1])} == {tuple(after[0]), tuple(after[-1])}
    for made, given_ in ((one, before), (other, after)):
        assert passes(made, np.array(given_), closed=False)
        assert passes(np.array(given_), made, closed=False)


@given(points(3), points(3))
def test_rings_have_their_own_shapes_at_either_end(
    before: list[tuple[float, float]], after: list[tuple[float, float]]
) -> None:
    one, other = match_rings(before, after)
    assert one.shape == other.shape
    for made, given_ in ((one, before), (other, after)):
        assert passes(made, np.array(given_), closed=True)
        assert passes(np.array(given_), made, closed=True)


@given(st.integers(3, 9), st.integers(0, 8), st.booleans(), point)
def test_a_ring_with_points_that_change_nothing_is_the_same_ring_that_moves(
    count: int, start: int, turned: bool, by: tuple[float, float]
) -> None:
    # A star is no outline twice over, so that only one way of laying it on itself is the best.
    star = [
        (
            (5 + 2 * i) * math.cos(math.tau * i / count) * 8,
            (5 + 2 * i) * math.sin(math.tau * i / count) * 8,
        )
        for i in range(count)
    ]
    finer = []
    for (x, y), (u, v) in zip(star, star[1:] + star[:1], strict=True):
        finer += [(x, y), ((x + u) / 2, (y + v) / 2)]
    start %= len(finer)
    finer = [(x + by[0], y + by[1]) for x, y in finer[start:] + finer[:start]]
    one, other = match_rings(star, finer[::-1] if turned else finer)
    assert np.abs(other - one - by).max() < 1e-6


@given(st.lists(point, max_size=6), st.lists(point, max_size=6))
def test_pairs_are_as_many_as_there_can_be_and_each_is_once(
    before: list[tuple[float, float]], after: list[tuple[float, float]]
) -> None:
    pairs = nearest_pairs(np.array(before).reshape(-1, 2), np.array(after).reshape(-1, 2))
    assert len(pairs) == min(len(before), len(after))
    for side in (0, 1):
        assert len({pair[side] for pair in pairs}) == len(pairs)


def test_the_closest_two_go_together_first() -> None:
    assert nearest_pairs([(0, 0), (10, 0)], [(9, 0), (100, 0), (1, 0)]) == [(0, 2), (1, 0)]
