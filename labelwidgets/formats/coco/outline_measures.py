"""Boxes and areas of many outlines at once, to the last bit those of `Polygon`."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


class Measures(NamedTuple):
    """Of N outlines."""

    # x, y, width, height: (N, 4).
    boxes: Floats
    # (N,)
    areas: Floats


def measures(points: Floats, counts: npt.NDArray[np.int64]) -> Measures:
    """Return the boxes and areas of rings.

    Parameters
    ----------
    points
        (M, 2), x and y of all their points, in pixels.
    counts
        (N,), how many points each has, at least one.
    """
    ends = np.cumsum(counts)
    starts = ends - counts
    low, high = np.minimum.reduceat(points, starts), np.maximum.reduceat(points, starts)
    return Measures(np.hstack([low, high - low]), _areas(points, starts, counts))


def _areas(points: Floats, starts: npt.NDArray[np.int64], counts: npt.NDArray[np.int64]) -> Floats:
    # One point of all rings after the other, as a sum in another order is another number.
    order = np.argsort(-counts, kind="stable")
    first, left = starts[order], counts[order]
    # How many rings have more than so many points: those come first.
    longer = np.searchsorted(-left, -np.arange(left[0]), side="left")
    origin = points[first]
    total = np.zeros(len(counts))
    x, y = (points[first] - origin).T
    for step in range(int(left[0])):
        count = int(longer[step])
        # Behind the last point comes the first one again.
        at = first[:count] + np.where(step + 1 == left[:count], 0, step + 1)
        next_x, next_y = (points[at] - origin[:count]).T
        total[:count] += x[:count] * next_y - next_x * y[:count]
        x, y = next_x, next_y
    made = np.empty(len(counts))
    made[order] = np.abs(total) / 2
    return made
