"""Rings that cross themselves as areas that do not, by the even-odd rule."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from labelwidgets.algorithms.polygons import Vertices
from labelwidgets.errors import GeometryError, LimitError

Ring: TypeAlias = list[tuple[float, float]]
Parts: TypeAlias = list[list[Ring]]

# Areas below that are what rounding makes of lines, in square pixels.
LEAST_AREA = 1e-4
# Points so near to a border are on one side or the other by rounding, in pixels.
CLEARANCE = 1e-6
# Pairs of edges whose boxes meet, and edges times faces: beyond it, mending takes minutes.
MOST_PAIRS = 2_000_000
MOST_STEPS = 1_000_000_000
# Of points and edges that are looked at together: what that takes of memory.
_AT_ONCE = 1 << 20


def uncrossed(part: list[Any]) -> Parts:
    """Return the area of an outer ring and its holes as parts that are valid.

    The same area as `polygon_to_mask` fills: each ring by the even-odd rule, and what lies in a
    hole taken away. Slivers without area are dropped, vertices stay where they are.

    Parameters
    ----------
    part
        The outer ring, then holes, each (N, 2) x and y in pixels.

    Returns
    -------
    list
        Parts as in GeoJSON's MultiPolygon, the largest first; none where there is no area.

    Raises
    ------
    LimitError
        If a ring crosses itself so often that to mend it would take minutes.
    GeometryError
        If no valid area comes of it.
    """
    import shapely

    outer, *holes = (np.asarray(ring, np.float64).reshape(-1, 2) for ring in part)
    area = _filled(outer)
    for hole in holes:
        area = shapely.difference(area, _filled(hole))
    found = [one for one in _polygons(area) if one.area >= LEAST_AREA]
    if not all(map(shapely.is_valid, found)):
        raise GeometryError("crosses itself in a way that cannot be mended.")
    found.sort(key=lambda one: -one.area)
    return [[_points(ring) for ring in (one.exterior, *one.interiors)] for one in found]


def _filled(ring: Vertices) -> Any:
    """Return the area within a ring, which may cross itself, as shapely's.

    The ring is cut where it crosses itself, and of the faces between those that lie inside are
    joined: as `shapely.make_valid` does, whose time grows with the square of the crossings.
    """
    import shapely

    whole = shapely.Polygon(ring) if len(np.unique(ring, axis=0)) > 2 else shapely.Polygon()
    if shapely.is_valid(whole):
        return whole
    _check_crossings(ring)
    faces = shapely.get_parts(shapely.polygonize([shapely.node(shapely.LinearRing(ring))]))
    if len(faces) * len(ring) > MOST_STEPS:
        raise _too_often()
    if not len(faces):
        return shapely.Polygon()
    return shapely.coverage_union_all(faces[_is_inside(_points_within(faces), ring)])


def _points_within(faces: Any) -> Vertices:
    """Return a point of each face, so far from its border that rounding does not matter."""
    import shapely

    points = shapely.point_on_surface(faces)
    # That point is half way up, which may be in a spike: there the widest place is sought.
    near = shapely.distance(points, shapely.boundary(faces)) < CLEARANCE
    points[near] = shapely.get_point(shapely.maximum_inscribed_circle(faces[near]), 0)
    return shapely.get_coordinates(points)


def _check_crossings(ring: Vertices) -> None:
    """Raise LimitError where so many edges may cross that the faces would fill the memory."""
    import shapely

    edges: Any = shapely.linestrings(np.stack([ring, np.roll(ring, -1, axis=0)], axis=1))
    tree = shapely.STRtree(edges)
    pairs = 0
    step = max(1, MOST_PAIRS // len(edges))
    for start in range(0, len(edges), step):
        pairs += tree.query(edges[start : start + step]).shape[1]
        if pairs > 2 * MOST_PAIRS:
            raise _too_often()


def _too_often() -> LimitError:
    return LimitError(
        "crosses itself too often to be mended.", hint="Draw it anew, or make a mask of it."
    )


def _is_inside(points: Vertices, ring: Vertices) -> NDArray[np.bool_]:
    """Say of points whether a ray to the right crosses a ring an odd number of times."""
    xa, ya = ring.T
    xb, yb = np.roll(xa, -1), np.roll(ya, -1)
    rise = np.where(ya == yb, 1.0, yb - ya)
    found = np.empty(len(points), bool)
    step = max(1, _AT_ONCE // len(ring))
    for start in range(0, len(points), step):
        x, y = points[start : start + step, :, None].transpose(1, 0, 2)
        spans = (ya <= y) != (yb <= y)
        right = x < xa + (y - ya) / rise * (xb - xa)
        found[start : start + step] = np.logical_and(spans, right).sum(axis=1) % 2
    return found


def _polygons(shape: Any) -> list[Any]:
    import shapely

    flat = shapely.get_parts(shapely.get_parts([shape]))
    return [one for one in flat if one.geom_type == "Polygon" and not one.is_empty]


def _points(ring: Any) -> Ring:
    return [(float(x), float(y)) for x, y in ring.coords[:-1]]
