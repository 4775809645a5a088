"""The freehand sculptor: contours pushed by a round tool.

Coordinates are in pixels, x right and y down. The browser's ``geometry/sculpt.ts`` gives the same
results. The behaviour is that of cornerstoneTools' freehand sculptor: the tool is as large as its
distance to the contour when it is pressed, points nearer than `MIN_SPACING` become one, and points
on the rim further apart than ``max(radius, 2 * MIN_SPACING)`` get one between them.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from labelwidgets.algorithms.polygon_algebra import Parts
from labelwidgets.algorithms.polygons import as_parts
from labelwidgets.errors import GeometryError

XY = tuple[float, float]
Ring = list[XY]

MIN_SPACING = 1.0


class _Point(NamedTuple):
    at: XY
    touched: bool


def sculpt(
    polygon: Any,
    centre: XY,
    radius: float,
    size: tuple[int, int],
    *,
    part: int = 0,
    ring: int = 0,
) -> Parts:
    """Return a polygon with one of its rings pushed out of a round tool.

    Every point of the contour within the radius goes to the rim, straight away from the centre;
    points are made and removed as needed. A ring keeps at least three points.

    Parameters
    ----------
    polygon
        Parts, rings or a ring, in pixels.
    centre
        x and y of the tool in pixels.
    radius
        Of the tool in pixels; see `tool_radius`.
    size
        (width, height) of the image, which no pushed point leaves.
    part, ring
        Which ring of the polygon is pushed; ring 0 is the outer one of its part.

    Returns
    -------
    list
        Parts; pushed points are on a grid of 1/100 pixel. Where the push would make the polygon
        invalid it is returned as it was.

    Raises
    ------
    GeometryError
        If there is no such ring, or a number is not finite.
    """
    import shapely

    x, y = float(centre[0]), float(centre[1])
    if not (math.isfinite(x) and math.isfinite(y) and 0 < radius < math.inf):
        raise GeometryError("must be finite, the radius more than 0.", where="centre, radius")
    parts: Parts = [
        [[(float(px), float(py)) for px, py in one] for one in rings] for rings in as_parts(polygon)
    ]
    if not (0 <= part < len(parts) and 0 <= ring < len(parts[part])):
        raise GeometryError("is not there.", where=f"parts[{part}][{ring}]")
    made = [list(rings) for rings in parts]
    made[part][ring] = _push_ring(parts[part][ring], (x, y), float(radius), size)
    valid = all(shapely.Polygon(one[0], one[1:]).is_valid for one in made)
    return made if valid else parts


def _push_ring(ring: Ring, centre: XY, radius: float, size: tuple[int, int]) -> Ring:
    following = [*ring[1:], ring[0]]
    pushed = []
    for a, b in zip(ring, following, strict=True):
        for point in _meet(a, b, centre, radius):
            out = _push(point.at, centre, radius)
            if point.touched or out is not point.at:
                pushed.append(_Point(_on_image(out, size), True))
            else:
                pushed.append(point)
    if not any(point.touched for point in pushed):
        return ring
    apart = _consolidate(pushed)
    if len(apart) < 3:
        return ring
    made: Ring = []
    for one, other in zip(apart, [*apart[1:], apart[0]], strict=True):
        made += _fill(one, other, centre, radius, size)
    return made if len(made) >= 3 else ring


def _meet(a: XY, b: XY, centre: XY, radius: float) -> list[_Point]:
    """Return the start of an edge, where the circle cuts it and where it comes nearest."""
    start = [_Point(a, False)]
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = dx * dx + dy * dy
    if length == 0:
        return start
    foot = ((centre[0] - a[0]) * dx + (centre[1] - a[1]) * dy) / length
    fx, fy = a[0] + foot * dx - centre[0], a[1] + foot * dy - centre[1]
    deep = radius * radius - (fx * fx + fy * fy)
    if deep <= 0:
        return start
    half = math.sqrt(deep / length)
    return start + [
        _Point((a[0] + t * dx, a[1] + t * dy), True)
        for t in (foot - half, foot, foot + half)
        if 0 < t < 1
    ]


def _push(at: XY, centre: XY, radius: float) -> XY:
    dx, dy = at[0] - centre[0], at[1] - centre[1]
    gap = math.sqrt(dx * dx + dy * dy)
    if gap >= radius:
        return at
    if gap == 0:
        return (centre[0] + radius, centre[1])
    return (centre[0] + (dx * radius) / gap, centre[1] + (dy * radius) / gap)


def _consolidate(points: list[_Point]) -> list[_Point]:
    """Drop touched points that came too near to the one before; three stay in any case."""
    kept: list[_Point] = []
    left = len(points)
    for one in points:
        if kept and left > 3 and one.touched and _near(kept[-1].at, one.at):
            left -= 1
        else:
            kept.append(one)
    if len(kept) > 3 and _near(kept[0].at, kept[-1].at):
        if kept[-1].touched:
            kept.pop()
        elif kept[0].touched:
            kept.pop(0)
    return kept


def _near(a: XY, b: XY) -> bool:
    dx, dy = a[0] - b[0], a[1] - b[1]
    return dx * dx + dy * dy < MIN_SPACING * MIN_SPACING


def _fill(a: _Point, b: _Point, centre: XY, radius: float, size: tuple[int, int]) -> Ring:
    """Return a point and, on a long way between touched ones, those that come after it."""
    most = max(radius, 2 * MIN_SPACING)
    dx, dy = b.at[0] - a.at[0], b.at[1] - a.at[1]
    gap = math.sqrt(dx * dx + dy * dy)
    if not (a.touched and b.touched) or gap <= most:
        return [a.at]
    pieces = math.ceil(gap / most)
    steps = [(index + 1) / pieces for index in range(pieces - 1)]
    between = [_push((a.at[0] + t * dx, a.at[1] + t * dy), centre, radius) for t in steps]
    return [a.at, *(_on_image(point, size) for point in between)]


def _on_image(at: XY, size: tuple[int, int]) -> XY:
    def settle(value: float, end: int) -> float:
        return math.floor(min(max(value, 0.0), float(end)) * 100 + 0.5) / 100

    return settle(at[0], size[0]), settle(at[1], size[1])


def tool_radius(polygon: Any, at: XY) -> float:
    """Return the radius of a tool that is pressed at a point: its distance to the contour.

    At least `MIN_SPACING`; outside of the nearest ring at most half the longer side of its box, as
    a larger tool would only shove the shape away.
    """
    import shapely

    best: tuple[float, Any] | None = None
    place = shapely.Point(at)
    for ring in (ring for rings in as_parts(polygon) for ring in rings):
        gap = float(shapely.LinearRing(ring).distance(place))
        if best is None or gap < best[0]:
            best = (gap, ring)
    if best is None:
        raise GeometryError("has no ring.", where="polygon")
    gap, ring = best
    if not shapely.Polygon(ring).contains(place):
        gap = min(gap, float((ring.max(axis=0) - ring.min(axis=0)).max()) / 2)
    return max(MIN_SPACING, gap)
