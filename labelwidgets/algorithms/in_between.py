"""Shapes between two others: which of their points go together, and where these are in between.

Every number is `before + (after - before) * part`, with `part` from 0 to 1. The browser has a twin
of each function (`js/src/geometry/in_between.ts`), which gives the same numbers to the last bit:
therefore sums run from first to last, and lengths are square roots.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

Points = NDArray[np.float64]

# Along each of two outlines, to see how well they lie on one another.
_SAMPLES = 64
# Vertices that an outline may begin with; of finer ones, every second or n-th.
_STARTS = 512


def angle_between(before: float, after: float, part: float) -> float:
    """Return the angle between two directions, in degrees, the short way round.

    Parameters
    ----------
    before, after
        In degrees; half a turn goes against the clock.
    part
        From 0 to 1.

    Returns
    -------
    float
        More than -180 and at most 180 degrees.
    """
    turn = after - before
    turn -= 360 * math.floor((turn + 180) / 360)
    angle = before + turn * part
    return angle - 360 * math.ceil((angle - 180) / 360)


def match_lines(before: ArrayLike, after: ArrayLike) -> tuple[Points, Points]:
    """Return two open lines with as many points each, so that they can be gone between.

    Parameters
    ----------
    before, after
        (N, 2) and (M, 2) points in pixels, N and M at least 2.

    Returns
    -------
    tuple of ndarray
        (K, 2) points of either. Where N is M, these are the given ones, vertex by vertex. Else
        either line has a point at each fraction of its length where one of them has a vertex;
        `after` is turned end to end where that lies closer to `before`.
    """
    a, b = _points(before), _points(after)
    if len(a) == len(b):
        return a, b
    spots = np.arange(_SAMPLES + 1) / _SAMPLES
    one = _at(a, _fractions(a), spots) - _middle(a)
    ways = [b, np.ascontiguousarray(b[::-1])]
    costs = [_cost(one, _at(way, _fractions(way), spots) - _middle(b)) for way in ways]
    return _merged(a, ways[1] if costs[1] < costs[0] else b)


def match_rings(before: ArrayLike, after: ArrayLike) -> tuple[Points, Points]:
    """Return two closed rings with as many points each, so that they can be gone between.

    Parameters
    ----------
    before, after
        (N, 2) and (M, 2) points in pixels without a repeated closing one, N and M at least 3.

    Returns
    -------
    tuple of ndarray
        (K, 2) points of either. Where N is M, these are the given ones, vertex by vertex. Else
        `after` is made to run round as `before` does and to begin with that vertex with which
        the two, centred, lie closest to each other; then either ring has a point at each
        fraction of its length where one of them has a vertex.
    """
    a, b = _points(before), _points(after)
    if len(a) == len(b):
        return a, b
    if (_twice_area(a) < 0) != (_twice_area(b) < 0):
        b = np.concatenate([b[:1], b[:0:-1]])
    middle = _middle(b)
    closed_a, closed_b = _closed(a), _closed(b)
    spots = np.arange(_SAMPLES) / _SAMPLES
    one = _at(closed_a, _fractions(closed_a), spots) - _middle(a)
    along = _fractions(closed_b)
    step = -(-len(b) // _STARTS)
    best, least = 0, math.inf
    for start in range(0, len(b), step):
        shifted = along[start] + spots
        shifted = np.where(shifted >= 1, shifted - 1, shifted)
        cost = _cost(one, _at(closed_b, along, shifted) - middle)
        if cost < least:
            best, least = start, cost
    begun = np.concatenate([b[best:], b[:best]])
    pair = _merged(closed_a, _closed(begun))
    return pair[0][:-1], pair[1][:-1]


def nearest_pairs(before: ArrayLike, after: ArrayLike) -> list[tuple[int, int]]:
    """Return which places of one set go with which of another, the closest two first.

    Parameters
    ----------
    before, after
        (N, 2) and (M, 2) places in pixels.

    Returns
    -------
    list of tuple
        Indices into either, by those of `before`; min(N, M) pairs.
    """
    a, b = _points(before), _points(after)
    gaps = a[:, None] - b[None]
    square = gaps[..., 0] * gaps[..., 0] + gaps[..., 1] * gaps[..., 1]
    pairs: list[tuple[int, int]] = []
    rows: set[int] = set()
    columns: set[int] = set()
    for place in np.argsort(square, axis=None, kind="stable"):
        i, j = divmod(int(place), len(b))
        if i not in rows and j not in columns:
            rows.add(i)
            columns.add(j)
            pairs.append((i, j))
    return sorted(pairs)


def _points(given: ArrayLike) -> Points:
    return np.asarray(given, np.float64).reshape(-1, 2)


def _closed(ring: Points) -> Points:
    return np.concatenate([ring, ring[:1]])


def _middle(points: Points) -> Points:
    """Return the centre of the box around points."""
    middle: Points = (points.min(axis=0) + points.max(axis=0)) / 2
    return middle


def _twice_area(ring: Points) -> float:
    x, y = (ring - ring[0]).T
    return _total(x * np.roll(y, -1) - np.roll(x, -1) * y)


def _total(values: Points) -> float:
    """Return a sum from first to last: numpy's own adds in pairs."""
    return float(np.cumsum(values)[-1])


def _cost(one: Points, other: Points) -> float:
    gaps = one - other
    return _total(gaps[:, 0] * gaps[:, 0] + gaps[:, 1] * gaps[:, 1])


def _fractions(line: Points) -> Points:
    """Return how far along a line its points lie, from 0 to 1."""
    steps = np.diff(line, axis=0)
    lengths = np.sqrt(steps[:, 0] * steps[:, 0] + steps[:, 1] * steps[:, 1])
    along = np.concatenate([[0.0], np.cumsum(lengths)])
    if along[-1] == 0:
        return np.arange(len(line)) / (len(line) - 1)
    along /= along[-1]
    return along


def _at(line: Points, along: Points, spots: Points) -> Points:
    """Return the points of a line at some fractions of its length."""
    left = np.clip(np.searchsorted(along, spots, side="right") - 1, 0, len(line) - 2)
    span = along[left + 1] - along[left]
    with np.errstate(invalid="ignore", divide="ignore"):
        part = np.where(span > 0, (spots - along[left]) / span, 0.0)
    made: Points = line[left] + (line[left + 1] - line[left]) * part[:, None]
    return made


def _merged(a: Points, b: Points) -> tuple[Points, Points]:
    """Return both lines with a point wherever one of them has a vertex; ends go with ends."""
    of_a, of_b = _fractions(a), _fractions(b)
    spots = np.unique(np.concatenate([of_a, of_b]))
    one, other = _at(a, of_a, spots), _at(b, of_b, spots)
    # What rounding does to the last one must not show.
    one[-1], other[-1] = a[-1], b[-1]
    return one, other
