"""Fewer points for polygons and lines, and outlines drawn by hand.

Coordinates are in pixels, x right and y down. The browser has the same functions in
``geometry/simplify.ts`` and ``geometry/freehand.ts``, with equal results.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from labelwidgets.algorithms.polygon_algebra import LEAST_AREA, Parts, _rounded, repair_polygon
from labelwidgets.algorithms.polygons import Vertices, as_parts
from labelwidgets.errors import GeometryError

_HALVINGS = 8


def simplify_line(line: ArrayLike, tolerance: float) -> Vertices:
    """Return a line without points that lie within `tolerance` of the line through the others.

    Parameters
    ----------
    line
        (N, 2) x and y in pixels.
    tolerance
        In pixels. 0 leaves the line as it is.

    Returns
    -------
    ndarray
        (M, 2), both ends kept.

    Notes
    -----
    Douglas & Peucker, Algorithms for the reduction of the number of points required to represent a
    digitized line (1973), with the distance to the segment.
    """
    points = np.asarray(line, dtype=np.float64).reshape(-1, 2)
    _check(tolerance)
    if len(points) <= 2 or tolerance == 0:
        return points
    keep = np.zeros(len(points), bool)
    keep[[0, -1]] = True
    todo = [(0, len(points) - 1)]
    while todo:
        start, end = todo.pop()
        if end - start < 2:
            continue
        gaps = _gaps_squared(points[start + 1 : end], points[start], points[end])
        far = int(np.argmax(gaps))
        if gaps[far] > tolerance * tolerance:
            middle = start + 1 + far
            keep[middle] = True
            todo += [(start, middle), (middle, end)]
    return points[keep]


def simplify_polygon(polygon: Any, tolerance: float) -> Parts:
    """Return a polygon with fewer points.

    It stays valid, and every ring keeps at least three points: where that fails, half the
    tolerance is tried, and so on; in the end it is left as it is. A polygon that crossed itself
    to begin with is mended by the even-odd rule.

    Parameters
    ----------
    polygon
        Parts, rings or a ring, in pixels.
    tolerance
        How far a point that is left out may lie from the new line, in pixels.

    Returns
    -------
    list
        Parts, in the order they came in.

    Raises
    ------
    GeometryError
        If `tolerance` is negative or a coordinate is not a finite number.
    """
    parts = as_parts(polygon)
    _check(tolerance)
    if tolerance == 0:
        return _plain(parts)
    wanted = tolerance
    for attempt in range(_HALVINGS + 1):
        thinned = [[_thin_ring(ring, wanted) for ring in part] for part in parts]
        if _valid(thinned):
            return _plain(thinned)
        if attempt == 0 and not _valid(parts):
            return repair_polygon(thinned)
        wanted /= 2
    return _plain(parts)


def freehand_outline(line: ArrayLike, tolerance: float) -> Vertices:
    """Return the area inside a line that a hand drew, closed by its end, as one simple ring.

    Parameters
    ----------
    line
        (N, 2) x and y of the pointer, in pixels.
    tolerance
        Of `simplify_polygon`, in pixels.

    Returns
    -------
    ndarray
        (M, 2), on a grid of 1/100 pixel. Of a line that crosses itself the largest simple area
        stays, by the non-zero rule, without holes.

    Raises
    ------
    GeometryError
        If less than one square pixel is enclosed.
    """
    import shapely

    points = _rounded(np.asarray(line, dtype=np.float64).reshape(-1, 2))
    if not np.isfinite(points).all():
        raise GeometryError("has a coordinate that is not a finite number.", where="line")
    points = points[(points != np.roll(points, 1, axis=0)).any(axis=1)]
    if len(points) >= 3 and shapely.Polygon(points).is_valid:
        ring = np.asarray(simplify_polygon(points, tolerance)[0][0])
        if _area(ring) >= LEAST_AREA:
            return ring
    elif len(points) >= 3:
        noded = shapely.union_all([shapely.LinearRing(points)], grid_size=0.01)
        faces = shapely.get_parts(shapely.polygonize([noded]))
        inside = [face for face in faces if _winding(points, face.representative_point().coords[0])]
        whole = shapely.get_parts(shapely.union_all(inside, grid_size=0.01))
        if len(whole):
            largest = max(
                (shapely.Polygon(one.exterior) for one in whole), key=lambda one: one.area
            )
            if largest.area >= LEAST_AREA:
                turned = shapely.orient_polygons(largest, exterior_cw=False)
                ring = np.asarray(turned.exterior.coords[:-1])
                # Thinning depends on where it starts: at the leftmost point, the upper of several.
                ring = np.roll(ring, -int(np.lexsort((ring[:, 1], ring[:, 0]))[0]), axis=0)
                return np.asarray(simplify_polygon(ring, tolerance)[0][0])
    raise GeometryError("encloses less than one pixel.", where="line")


def _winding(ring: Vertices, point: tuple[float, ...]) -> int:
    """Return how often a ring winds around a point."""
    a, b = ring, np.roll(ring, -1, axis=0)
    x, y = point[0], point[1]
    side = (b[:, 0] - a[:, 0]) * (y - a[:, 1]) - (x - a[:, 0]) * (b[:, 1] - a[:, 1])
    up = (a[:, 1] <= y) & (b[:, 1] > y) & (side > 0)
    down = (a[:, 1] > y) & (b[:, 1] <= y) & (side < 0)
    return int(up.sum() - down.sum())


def _thin_ring(ring: Vertices, tolerance: float) -> Vertices:
    if len(ring) <= 3:
        return ring
    far = int(np.argmax(((ring - ring[0]) ** 2).sum(axis=1)))
    there = simplify_line(ring[: far + 1], tolerance)
    back = simplify_line(np.concatenate([ring[far:], ring[:1]]), tolerance)
    made = np.concatenate([there[:-1], back[:-1]])
    return made if len(made) >= 3 and _area(made) >= min(LEAST_AREA, _area(ring)) else ring


def _gaps_squared(points: Vertices, a: Vertices, b: Vertices) -> Vertices:
    """Return the squares of the distances of points from the segment from `a` to `b`."""
    dx, dy = b - a
    px, py = (points - a).T
    length = dx * dx + dy * dy
    along = np.zeros(len(points))
    if length > 0:
        along = np.clip((px * dx + py * dy) / length, 0, 1)
    gx, gy = px - along * dx, py - along * dy
    return np.asarray(gx * gx + gy * gy)


def _area(ring: Vertices) -> float:
    x, y = (ring - ring[0]).T
    return float(abs(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)) / 2)


def _valid(parts: list[list[Vertices]]) -> bool:
    import shapely

    return all(shapely.Polygon(part[0], part[1:]).is_valid for part in parts)


def _plain(parts: list[list[Vertices]]) -> Parts:
    return [[[(float(x), float(y)) for x, y in ring] for ring in part] for part in parts]


def _check(tolerance: float) -> None:
    if not (np.isfinite(tolerance) and tolerance >= 0):
        raise GeometryError(f"must be 0 or more pixels, not {tolerance}.", where="tolerance")
