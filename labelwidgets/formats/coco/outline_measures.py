"""Boxes and areas of many outlines at once, to the last bit those of `Polygon`."""

from __future__ import annotations

from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

_pack = msgspec.msgpack.Encoder().encode
Floats = npt.NDArray[np.float64]


class Measures(NamedTuple):
    """Of N outlines."""

    # x, y, width, height: (N, 4).
    boxes: Floats
    # (N,)
    areas: Floats


def point_array(points: list[tuple[float, float]]) -> Floats:
    """Return M points as an array, (M, 2), in two thirds of the time that `np.fromiter` takes.

    They are packed as MessagePack (msgpack.org): behind the head of the list a byte for each
    point, then for x and for y a byte and a double.
    """
    if not points:
        return np.empty((0, 2))
    packed = _pack(points)
    head = len(packed) - 19 * len(points)
    doubles = np.ndarray((len(points), 2), ">f8", packed, head + 2, (19, 9))
    return doubles.astype(np.float64)


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
    x, y = (points - np.repeat(points[starts], counts, axis=0)).T
    # Behind the last point comes the first one again.
    behind = np.arange(1, len(points) + 1)
    behind[starts + counts - 1] = starts
    crossed = x * y[behind] - x[behind] * y
    # One point of all rings after the other, as a sum in another order is another number.
    order = np.argsort(-counts, kind="stable")
    first, left = starts[order], counts[order]
    # How many rings have more than so many points: those come first.
    longer = np.searchsorted(-left, -np.arange(left[0]), side="left")
    total = np.zeros(len(counts))
    for step, count in enumerate(longer.tolist()):
        total[:count] += crossed[first[:count] + step]
    made = np.empty(len(counts))
    made[order] = np.abs(total) / 2
    return made
