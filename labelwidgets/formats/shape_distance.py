"""How far two shapes of one kind are apart, number by number."""

from __future__ import annotations

import math
from collections.abc import Iterator

from labelwidgets.schema.geometry import Ellipse, Keypoints, Mask, Point, Polygon, Rectangle
from labelwidgets.schema.tracks import Shape


def distance(one: Shape, other: Shape) -> float:
    """Return the largest difference of two shapes in pixels (of angles in degrees).

    It is infinite for shapes of other kinds or other numbers of points, and for masks that are
    not the same.
    """
    if type(one) is not type(other):
        return math.inf
    if isinstance(one, Mask):
        return 0.0 if one == other else math.inf
    mine, its = list(_numbers(one)), list(_numbers(other))
    if len(mine) != len(its):
        return math.inf
    return max(abs(a - b) for a, b in zip(mine, its, strict=True))


def _numbers(shape: Shape) -> Iterator[float]:
    if isinstance(shape, Rectangle):
        yield from (shape.x, shape.y, shape.width, shape.height, shape.angle % 360)
    elif isinstance(shape, Ellipse):
        yield from (shape.x, shape.y, shape.rx, shape.ry, shape.angle % 360)
    elif isinstance(shape, Point):
        yield from (shape.x, shape.y)
    elif isinstance(shape, Keypoints):
        for x, y, seen in shape.points:
            # What was not labelled has no place.
            yield from (x, y, 1e9 * seen) if seen else (0.0, 0.0, 0.0)
    elif isinstance(shape, Polygon):
        for part in shape.parts:
            for ring in part:
                for point in ring:
                    yield from point
    elif not isinstance(shape, Mask):
        for point in shape.points:
            yield from point
