"""Shapes as VIA 3 has them in ``xy``: a number for the kind, then its own."""

from __future__ import annotations

import math

from labelwidgets.errors import FormatError
from labelwidgets.formats.numbered import numbered
from labelwidgets.schema.geometries import AnyGeometry
from labelwidgets.schema.geometry import Ellipse, Point, Polygon, Polyline, Rectangle

# How many numbers each kind has behind the first: point, rectangle, circle, ellipse, line, box and
# circle by their extreme points; lines of several points (6) and polygons (7) have any.
_FIXED = {1: 2, 2: 4, 3: 3, 4: 4, 5: 4, 8: 8, 9: 6}


def read_shape(numbers: list[float]) -> Rectangle | Ellipse | Polygon | Polyline | Point:
    """Return the shape of an ``xy``.

    Raises
    ------
    FormatError, GeometryError
        If there is no such kind, or it has not as many numbers.
    """
    kind, *rest = numbers
    points = list(zip(rest[::2], rest[1::2], strict=False))
    if kind not in (*_FIXED, 6, 7):
        raise FormatError(f"{kind:g} is no kind of shape.", where="xy[0]")
    if len(rest) != _FIXED.get(int(kind), len(rest)) or (kind in (6, 7) and len(rest) % 2):
        raise FormatError(
            f"has {numbered(len(rest), 'number')}, which are not those of its kind.", where="xy"
        )
    if kind == 1:
        return Point(*rest)
    if kind == 2:
        return Rectangle(*rest)
    if kind == 3:
        return Ellipse(rest[0], rest[1], rest[2], rest[2])
    if kind == 4:
        return Ellipse(*rest)
    if kind == 7:
        return Polygon([[points]])
    if kind in (5, 6):
        return Polyline(points)
    if kind == 8:
        # Four points on the sides of a box.
        left, top = min(rest[::2]), min(rest[1::2])
        return Rectangle(left, top, max(rest[::2]) - left, max(rest[1::2]) - top)
    return _circle(points)


def numbers_of(shape: AnyGeometry) -> list[float]:
    """Return the ``xy`` of an upright box or ellipse, one ring, a line or a point."""
    if isinstance(shape, Point):
        return [1, shape.x, shape.y]
    if isinstance(shape, Rectangle):
        return [2, shape.x, shape.y, shape.width, shape.height]
    if isinstance(shape, Ellipse):
        return [4, shape.x, shape.y, shape.rx, shape.ry]
    if isinstance(shape, Polygon):
        return [7, *(value for point in shape.parts[0][0] for value in point)]
    assert isinstance(shape, Polyline)  # noqa: S101 - the last that VIA has
    return [6, *(value for point in shape.points for value in point)]


def _circle(points: list[tuple[float, float]]) -> Ellipse:
    """Return the circle through three points."""
    (ax, ay), (bx, by), (cx, cy) = points
    bx, by, cx, cy = bx - ax, by - ay, cx - ax, cy - ay
    twice = 2 * (bx * cy - by * cx)
    if not twice:
        raise FormatError("has three points on a line, which no circle has.", where="xy")
    x = (cy * (bx * bx + by * by) - by * (cx * cx + cy * cy)) / twice
    y = (bx * (cx * cx + cy * cy) - cx * (bx * bx + by * by)) / twice
    radius = math.hypot(x, y)
    return Ellipse(ax + x, ay + y, radius, radius)
