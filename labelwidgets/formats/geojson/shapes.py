"""Shapes from and to geometries of GeoJSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from labelwidgets.errors import FormatError
from labelwidgets.formats.outlines import outlines_of
from labelwidgets.schema.geometries import AnyGeometry
from labelwidgets.schema.geometry import (
    XY,
    Cuboid,
    Geometry,
    Keypoints,
    Point,
    Polygon,
    Polyline,
)

_MOVED = 0.01


def geometry_of(shape: AnyGeometry) -> dict[str, Any] | None:
    """Return a shape as a geometry, None where there is nothing to be seen of it."""
    if isinstance(shape, Point):
        return {"type": "Point", "coordinates": [shape.x, shape.y]}
    if isinstance(shape, Polyline):
        return {"type": "LineString", "coordinates": _pairs(shape.points)}
    if isinstance(shape, Cuboid):
        return {"type": "MultiPoint", "coordinates": _pairs(shape.points)}
    if isinstance(shape, Keypoints):
        points = [(x, y) for x, y, seen in shape.points if seen]
        return {"type": "MultiPoint", "coordinates": _pairs(points)} if points else None
    parts = outlines_of(shape)
    if not parts:
        return None
    rings = [[_pairs([*ring, ring[0]]) for ring in part] for part in parts]
    if len(rings) == 1:
        return {"type": "Polygon", "coordinates": rings[0]}
    return {"type": "MultiPolygon", "coordinates": rings}


def is_exact(shape: AnyGeometry) -> bool:
    """Say whether the geometry of a shape says all of it."""
    return isinstance(shape, Point | Polyline | Polygon)


def is_same(one: Any, other: Any) -> bool:
    """Say whether two geometries are the same, to a hundredth of a pixel."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.get("type") == other.get("type") and is_same(
            one.get("coordinates"), other.get("coordinates")
        )
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(is_same, one, other))
    return _is_number(one) and _is_number(other) and abs(one - other) <= _MOVED


def shapes_in(geometry: Any) -> list[Geometry]:
    """Return the shapes of a geometry of any tool: several of one that has several.

    Raises
    ------
    FormatError, GeometryError
        Naming the field.
    """
    if not isinstance(geometry, Mapping):
        raise FormatError("must be an object.", where="geometry")
    kind, given = geometry.get("type"), geometry.get("coordinates")
    where = "geometry.coordinates"
    if kind == "Point":
        return [Point(*_point(given, where))]
    if kind == "MultiPoint":
        return [Point(*point) for point in _points(given, where)]
    if kind == "LineString":
        return [Polyline(_points(given, where))]
    if kind == "MultiLineString":
        return [Polyline(_points(line, where)) for line in _list(given, where)]
    if kind == "Polygon":
        return [Polygon([_rings(given, where)])]
    if kind == "MultiPolygon":
        return [Polygon([_rings(part, where) for part in _list(given, where)])]
    raise FormatError(f"{str(kind)[:40]!r} is no shape that is read.", where="geometry.type")


def _rings(given: Any, where: str) -> list[list[XY]]:
    rings = []
    for one in _list(given, where):
        ring = _points(one, where)
        rings.append(ring[:-1] if len(ring) > 1 and ring[0] == ring[-1] else ring)
    return rings


def _points(given: Any, where: str) -> list[XY]:
    return [_point(one, where) for one in _list(given, where)]


def _point(given: Any, where: str) -> XY:
    # A third number is a height.
    if not isinstance(given, list) or len(given) not in (2, 3) or not all(map(_is_number, given)):
        raise FormatError(f"must be [x, y], not {str(given)[:60]}.", where=where)
    try:
        x, y = float(given[0]), float(given[1])
    except OverflowError:
        x = y = math.inf
    if not (math.isfinite(x) and math.isfinite(y)):
        raise FormatError("must be finite numbers.", where=where)
    return x, y


def _list(given: Any, where: str) -> list[Any]:
    if not isinstance(given, list):
        raise FormatError("must be a list.", where=where)
    return given


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _pairs(points: list[XY]) -> list[list[float]]:
    return [[x, y] for x, y in points]
