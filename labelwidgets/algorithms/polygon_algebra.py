"""Union, difference, intersection and splitting of polygons with holes.

Coordinates are in pixels, x right and y down, (0, 0) at the outer corner of the first pixel.
Polygons are given as in `polygon_to_mask`: parts, rings or a ring. Results are parts as in
GeoJSON's MultiPolygon, on a grid of 1/100 pixel and valid by OGC's Simple Features, outer rings
clockwise on the screen; parts and holes below one square pixel, which rounding leaves behind, are
dropped.

The browser has the same functions in ``geometry/boolean.ts``. Both round to the grid as they go
(snap rounding: Hobby, Practical segment intersection with finite precision output, 1999; here it is
GEOS' OverlayNG), so that they agree up to the last step of the grid at crossings.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from labelwidgets.algorithms.polygons import Vertices, as_parts
from labelwidgets.errors import GeometryError

if TYPE_CHECKING:
    from shapely import Polygon
    from shapely.geometry.base import BaseGeometry

Ring: TypeAlias = list[tuple[float, float]]
Parts: TypeAlias = list[list[Ring]]

GRID = 0.01
LEAST_AREA = 1.0


def unite_polygons(polygons: Sequence[Any]) -> Parts:
    """Return the area that any of the polygons covers.

    Parameters
    ----------
    polygons
        Polygons, each as parts, rings or a ring, in pixels. Edges may cross (even-odd rule) and
        parts overlap.

    Returns
    -------
    list
        Parts, the largest first.

    Raises
    ------
    GeometryError
        If a coordinate is not a finite number, or nothing is left.
    """
    import shapely

    whole = shapely.union_all([_sound(polygon) for polygon in polygons], grid_size=GRID)
    return _result(whole)


def subtract_polygons(polygon: Any, others: Sequence[Any]) -> Parts:
    """Return the area of a polygon that none of the others covers.

    Parameters, errors and result as in `unite_polygons`.
    """
    import shapely

    taken = _flat(shapely.union_all([_sound(other) for other in others], grid_size=GRID))
    return _result(shapely.difference(_sound(polygon), taken, grid_size=GRID))


def intersect_polygons(polygons: Sequence[Any]) -> Parts:
    """Return the area that all of the polygons share.

    Parameters, errors and result as in `unite_polygons`.
    """
    import shapely

    shapes = [_sound(polygon) for polygon in polygons]
    if not shapes:
        raise GeometryError("must be at least one polygon.", where="polygons")
    common = shapes[0]
    for shape in shapes[1:]:
        common = _flat(shapely.intersection(common, shape, grid_size=GRID))
    return _result(common)


def repair_polygon(polygon: Any) -> Parts:
    """Return a polygon without crossing edges (even-odd rule) or overlapping parts.

    Parameters, errors and result as in `unite_polygons`.
    """
    return _result(_sound(polygon))


def split_polygon(polygon: Any, line: Any) -> list[Parts]:
    """Return the pieces into which a line cuts a polygon, the largest first.

    Parameters
    ----------
    polygon
        Parts, rings or a ring, in pixels.
    line
        (N, 2) x and y of the line's points. What of it ends within the polygon cuts nothing.

    Returns
    -------
    list
        Polygons of one part each.

    Raises
    ------
    GeometryError
        If the line does not cut the polygon, or a coordinate is not a finite number.
    """
    import shapely

    whole = _parts_of(_sound(polygon))
    points = _rounded(np.asarray(line, dtype=np.float64).reshape(-1, 2))
    if not np.isfinite(points).all():
        raise GeometryError("has a coordinate that is not a finite number.", where="line")
    pieces: Iterable[BaseGeometry] = []
    if len(points) >= 2:
        lines = [shapely.boundary(part) for part in whole] + [shapely.LineString(points)]
        noded = shapely.union_all(lines, grid_size=GRID)
        faces = shapely.get_parts(shapely.polygonize([noded]))
        area = shapely.union_all(whole)
        pieces = [face for face in faces if area.covers(face.representative_point())]
    parts = _worthwhile(_parts_of(shapely.GeometryCollection(list(pieces))))
    if len(parts) <= len(whole):
        raise GeometryError(
            "does not cut the polygon in two.", where="line", hint="Draw it right across."
        )
    return [[part] for part in parts]


def join_polygons(polygons: Sequence[Any]) -> tuple[Parts, list[int]]:
    """Return the first polygon with all that touch or overlap it, directly or through others.

    Returns
    -------
    parts
        The joined polygon.
    used
        Which of the polygons went into it.

    Raises
    ------
    GeometryError
        If none of the others has a piece of border or area in common with the first.
    """
    shapes = [as_parts(polygon) for polygon in polygons]
    whole: Any = shapes[0] if shapes else []
    used = [0]
    grown = True
    while grown:
        grown = False
        for index, other in enumerate(shapes):
            if index in used:
                continue
            both = unite_polygons([whole, other])
            if len(both) < len(whole) + len(other):
                whole, grown = both, True
                used.append(index)
    if len(used) < 2:
        raise GeometryError("do not touch the first one along its border.", where="polygons")
    return whole, sorted(used)


def join_lines(lines: Sequence[Any]) -> Vertices:
    """Return polylines as one: each is turned and put at the end that is nearer.

    Parameters
    ----------
    lines
        (N, 2) arrays of x and y, the first of which keeps its place.

    Returns
    -------
    ndarray
        (M, 2), no point twice in a row.
    """
    left = [np.asarray(line, dtype=np.float64).reshape(-1, 2) for line in lines]
    whole = left.pop(0)
    while left:
        best: tuple[float, int, Vertices] | None = None
        for index, other in enumerate(left):
            for gap, line in (
                (np.hypot(*(whole[-1] - other[0])), [whole, other]),
                (np.hypot(*(whole[-1] - other[-1])), [whole, other[::-1]]),
                (np.hypot(*(whole[0] - other[-1])), [other, whole]),
                (np.hypot(*(whole[0] - other[0])), [other[::-1], whole]),
            ):
                if best is None or gap < best[0]:
                    best = (float(gap), index, np.concatenate(line))
        if best is not None:
            whole = best[2]
            del left[best[1]]
    return whole[np.r_[True, (np.diff(whole, axis=0) != 0).any(axis=1)]]


def _rounded(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round to the grid as JavaScript does: halves up."""
    return np.asarray(np.floor(points * 100 + 0.5) / 100)


def _sound(polygon: Any) -> BaseGeometry:
    """Return any polygon as a valid one on the grid."""
    import shapely

    def ring(points: Vertices) -> BaseGeometry:
        made = shapely.make_valid(shapely.Polygon(_rounded(points)), method="linework")
        return shapely.union_all(_areas(made), grid_size=GRID)

    parts = []
    for outer, *holes in as_parts(polygon):
        taken = _flat(shapely.union_all([ring(hole) for hole in holes], grid_size=GRID))
        parts.append(_flat(shapely.difference(_flat(ring(outer)), taken, grid_size=GRID)))
    return _flat(shapely.union_all(parts, grid_size=GRID))


def _flat(shape: BaseGeometry) -> BaseGeometry:
    """Return the areas of a shape: what rounding made a line of would stop GEOS' next step."""
    import shapely

    return shape if shape.geom_type == "Polygon" else shapely.MultiPolygon(_areas(shape))


def _areas(shape: BaseGeometry) -> list[Polygon]:
    import shapely

    flat = shapely.get_parts(shapely.get_parts([shape]))
    return [part for part in flat if part.geom_type == "Polygon" and not part.is_empty]


def _parts_of(shape: BaseGeometry) -> list[Polygon]:
    return sorted(_areas(shape), key=lambda part: -part.area)


def _worthwhile(parts: Iterable[Polygon]) -> Parts:
    import shapely

    made: Parts = []
    for part in parts:
        holes = [hole for hole in part.interiors if shapely.Polygon(hole).area >= LEAST_AREA]
        kept = shapely.Polygon(part.exterior, holes)
        if kept.area >= LEAST_AREA:
            # y points down: what shapely calls anticlockwise is clockwise on the screen.
            turned = shapely.orient_polygons(kept, exterior_cw=False)
            rings = [turned.exterior, *turned.interiors]
            made.append([_on_grid(one.coords[:-1]) for one in rings])
    return made


def _on_grid(points: Iterable[Sequence[float]]) -> Ring:
    """Return points with two decimals: GEOS' steps of the grid have crumbs of their own."""
    return [(x, y) for x, y in _rounded(np.asarray(list(points))).tolist()]


def _result(shape: BaseGeometry) -> Parts:
    parts = _worthwhile(_parts_of(shape))
    if not parts:
        raise GeometryError("no area is left.", where="polygons")
    return parts
