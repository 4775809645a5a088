"""The shapes of GT Studio: points by name, and the edges between them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from labelwidgets.errors import FormatError
from labelwidgets.formats.numbered import numbered
from labelwidgets.schema.geometries import AnyGeometry
from labelwidgets.schema.geometry import (
    XY,
    Cuboid,
    Keypoints,
    Point,
    Polygon,
    Polyline,
    Rectangle,
    Ring,
)

Size = tuple[int, int]
# How far from 0 to 1 coordinates may go: more is a coordinate in pixels.
_ROOM = 0.5
# In pixels, how far corners of an upright box may be from it.
_UPRIGHT = 0.01
_DIGITS = re.compile(r"(\d+)")


def read_shape(kind: str, label: Mapping[str, Any], size: Size) -> AnyGeometry:
    """Return the shape of a label, in pixels.

    Parameters
    ----------
    kind
        ``rectangle``, ``polygon``, ``line``, ``landmark`` or ``cuboid``; a plural is taken too.
    label
        With ``coordinates`` or ``points``, and ``edges``.
    size
        (width, height) of the picture in pixels.

    Raises
    ------
    FormatError
        Naming the field that is wrong.
    GeometryError
        If the shape has impossible coordinates.
    """
    reader = _READERS.get(kind.removesuffix("s"))
    if reader is None:
        raise FormatError(
            f"{kind[:40]!r} is no type of shape; known are {', '.join(_READERS)}.", where="type"
        )
    return reader(label, size)


def joints(label: Mapping[str, Any]) -> list[str]:
    """Return the names of the points of a landmark, in the order of `read_shape`."""
    points = label.get("points")
    if not isinstance(points, Mapping):
        return []
    return [
        str(points[name].get("label", name)) if isinstance(points[name], Mapping) else name
        for name in _ordered(points)
    ]


def _rectangle(label: Mapping[str, Any], size: Size) -> Rectangle:
    corners = _coordinates(label, size, 4)
    left, right = min(x for x, _ in corners), max(x for x, _ in corners)
    top, bottom = min(y for _, y in corners), max(y for _, y in corners)
    box = [(left, top), (right, top), (right, bottom), (left, bottom)]
    if any(math.dist(one, other) > _UPRIGHT for one, other in zip(corners, box, strict=True)):
        raise FormatError(
            "must be the top left, top right, bottom right and bottom left corner of an upright "
            "box.",
            where="coordinates",
        )
    return Rectangle(left, top, right - left, bottom - top)


def _polygon(label: Mapping[str, Any], size: Size) -> Polygon:
    points = _points(label, size)
    edges = _edges(label, points)
    if not edges:
        return Polygon([[list(points.values())]])
    return Polygon([[ring] for ring in _rings(points, edges)])


def _line(label: Mapping[str, Any], size: Size) -> Polyline:
    points = _points(label, size)
    edges = _edges(label, points)
    if not edges:
        return Polyline(list(points.values()))
    near = _neighbours(edges)
    ends = [name for name in points if len(near.get(name, ())) == 1]
    start = ends[0] if ends else next(name for name in points if name in near)
    path = _walk(start, near)
    if len(path) != len(points) or len(ends) > 2 or any(len(some) > 2 for some in near.values()):
        raise FormatError("are no single line.", where="edges")
    closing = [] if ends else [points[start]]
    return Polyline([points[name] for name in path] + closing)


def _landmark(label: Mapping[str, Any], size: Size) -> Point | Keypoints:
    points = list(_points(label, size).values())
    if len(points) == 1:
        return Point(*points[0])
    return Keypoints([(x, y, 2) for x, y in points])


def _cuboid(label: Mapping[str, Any], size: Size) -> Cuboid:
    if "coordinates" in label:
        return Cuboid(_coordinates(label, size, 8))
    return Cuboid(list(_points(label, size).values()))


_READERS: Mapping[str, Callable[[Mapping[str, Any], Size], AnyGeometry]] = {
    "rectangle": _rectangle,
    "polygon": _polygon,
    "line": _line,
    "landmark": _landmark,
    "cuboid": _cuboid,
}


def _coordinates(label: Mapping[str, Any], size: Size, count: int) -> Ring:
    given = label.get("coordinates")
    if not isinstance(given, list) or len(given) != count:
        raise FormatError(f"must be a list of {numbered(count, 'point')}.", where="coordinates")
    return [_point(one, size, f"coordinates[{index}]") for index, one in enumerate(given)]


def _points(label: Mapping[str, Any], size: Size) -> dict[str, XY]:
    given = label.get("points")
    if not isinstance(given, Mapping) or not given:
        raise FormatError("must be an object with a point for each name.", where="points")
    return {name: _point(given[name], size, f"points.{name[:40]}") for name in _ordered(given)}


def _ordered(points: Mapping[str, Any]) -> list[str]:
    """Return names by the numbers that the points are labelled with, else by those in them."""
    labels = {
        name: point.get("label") if isinstance(point, Mapping) else None
        for name, point in points.items()
    }
    if all(isinstance(label, int) and not isinstance(label, bool) for label in labels.values()):
        return sorted(points, key=lambda name: (labels[name] or 0, name))
    return sorted(points, key=_natural)


def _natural(name: str) -> list[Any]:
    pieces: list[Any] = _DIGITS.split(name[:80])
    pieces[1::2] = map(int, pieces[1::2])
    return pieces


def _point(given: Any, size: Size, where: str) -> XY:
    if not isinstance(given, Mapping):
        raise FormatError("must be an object with x and y.", where=where)
    found = []
    for name, extent in zip("xy", size, strict=True):
        value = given.get(name)
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not math.isfinite(value)
        ):
            raise FormatError("must be a number.", where=f"{where}.{name}")
        if not -_ROOM <= value <= 1 + _ROOM:
            raise FormatError(
                f"must be a part of the picture, from 0 to 1, not {value:g}.",
                where=f"{where}.{name}",
            )
        found.append(float(value) * extent)
    return found[0], found[1]


def _edges(label: Mapping[str, Any], points: Mapping[str, XY]) -> list[tuple[str, str]]:
    given = label.get("edges")
    if given is None:
        return []
    if not isinstance(given, Mapping):
        raise FormatError("must be an object with two points for each name.", where="edges")
    edges = []
    for name, pair in given.items():
        sound = isinstance(pair, list) and len(pair) == 2
        if not sound or not all(isinstance(end, str) and end in points for end in pair):
            raise FormatError("must be the names of two points.", where=f"edges.{name[:40]}")
        edges.append((pair[0], pair[1]))
    return edges


def _neighbours(edges: list[tuple[str, str]]) -> dict[str, list[str]]:
    near: dict[str, list[str]] = {}
    for one, other in edges:
        near.setdefault(one, []).append(other)
        near.setdefault(other, []).append(one)
    return near


def _walk(start: str, near: Mapping[str, list[str]]) -> list[str]:
    """Return the points from one on, each once, as long as there is a next."""
    path, seen, here = [start], {start}, start
    while True:
        following = next((one for one in near[here] if one not in seen), None)
        if following is None:
            return path
        path.append(following)
        seen.add(following)
        here = following


def _rings(points: Mapping[str, XY], edges: list[tuple[str, str]]) -> list[Ring]:
    near = _neighbours(edges)
    if any(len(near.get(name, ())) != 2 for name in points):
        raise FormatError("do not go round: each point must be at two edges.", where="edges")
    rings: list[Ring] = []
    left = dict.fromkeys(points)
    while left:
        path = _walk(next(iter(left)), near)
        rings.append([points[name] for name in path])
        for name in path:
            left.pop(name, None)
    return rings
