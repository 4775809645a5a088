"""Borders that polygons share: tracing along one, and moving one for all.

Coordinates are in pixels, x right and y down. The browser's ``geometry/border.ts`` and
``geometry/shared.ts`` give the same results. Points nearer than 0.01 pixel are the same place.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from labelwidgets.algorithms.polygon_algebra import Parts, Ring
from labelwidgets.algorithms.polygons import Vertices, as_parts
from labelwidgets.errors import GeometryError

SAME_PLACE = 0.01

XY = tuple[float, float]


def trace_border(polygon: Any, start: XY, end: XY, *, longer: bool = False) -> Vertices:
    """Return the vertices of a polygon between two points of its border.

    Parameters
    ----------
    polygon
        Parts, rings or a ring, in pixels.
    start, end
        Points on the same ring of it.
    longer
        Take the longer way around instead of the shorter one.

    Returns
    -------
    ndarray
        (N, 2), from `start` towards `end`, without these two.

    Raises
    ------
    GeometryError
        If no ring goes through both points.
    """
    rings = [_plain(ring) for part in as_parts(polygon) for ring in part]
    for ring in rings:
        first, last = _place_on(ring, start), _place_on(ring, end)
        if first is None or last is None or _gap(start, end) <= SAME_PLACE:
            continue
        count = len(ring)
        steps = (last[0] - first[0]) % count
        if steps == 0 and first[1] > last[1]:
            steps = count
        ahead = [ring[(first[0] + 1 + step) % count] for step in range(steps)]
        behind = [ring[(first[0] - step) % count] for step in range(count - steps)]
        ways = [
            [p for p in way if _gap(p, start) > SAME_PLACE and _gap(p, end) > SAME_PLACE]
            for way in (ahead, behind)
        ]
        ways.sort(key=lambda way: _length([start, *way, end]))
        return np.array(ways[longer], dtype=np.float64).reshape(-1, 2)
    raise GeometryError("lie on no common ring of the polygon.", where="start, end")


def move_shared_vertex(polygons: Mapping[str, Any], vertex: XY, to: XY) -> dict[str, Parts]:
    """Move a vertex in all polygons that have it, so that no gap or overlap opens between them.

    A polygon with an edge through the vertex gets it too, and edges that lead to it get the
    vertices that others have on them.

    Parameters
    ----------
    polygons
        Polygons by name: parts, rings or a ring, in pixels.
    vertex
        Where the vertex is.
    to
        Where it goes; rounded to 1/100 pixel.

    Returns
    -------
    dict
        The polygons that changed, as parts.
    """
    shapes = {
        name: [[_plain(ring) for ring in part] for part in as_parts(polygon)]
        for name, polygon in polygons.items()
    }
    met: dict[str, Parts] = {}
    for name, parts in shapes.items():
        with_vertex = [[_insert(ring, [vertex]) for ring in part] for part in parts]
        if any(_same(p, vertex) for part in with_vertex for ring in part for p in ring):
            met[name] = with_vertex
    everything = [
        p
        for parts in (*shapes.values(), *met.values())
        for part in parts
        for ring in part
        for p in ring
    ]
    at = (float(np.floor(to[0] * 100 + 0.5) / 100), float(np.floor(to[1] * 100 + 0.5) / 100))
    return {
        name: [
            [
                [at if _same(p, vertex) else p for p in _conform(ring, vertex, everything)]
                for ring in part
            ]
            for part in parts
        ]
        for name, parts in met.items()
    }


def _conform(ring: Ring, vertex: XY, points: list[XY]) -> Ring:
    made: Ring = []
    for a, b in zip(ring, [*ring[1:], ring[0]], strict=True):
        made.append(a)
        if _same(a, vertex) or _same(b, vertex):
            made += _between(a, b, points)
    return made


def _insert(ring: Ring, points: list[XY]) -> Ring:
    made: Ring = []
    for a, b in zip(ring, [*ring[1:], ring[0]], strict=True):
        made += [a, *_between(a, b, points)]
    return made


def _between(a: XY, b: XY, points: list[XY]) -> list[XY]:
    """Return the points on an edge that are none of its ends, in their order, each once."""
    on = sorted(
        (p for p in points if not _same(p, a) and not _same(p, b) and _same(_nearest(p, a, b), p)),
        key=lambda p: _gap(a, p),
    )
    return [p for i, p in enumerate(on) if i == 0 or not _same(p, on[i - 1])]


def _place_on(ring: Ring, at: XY) -> tuple[int, float] | None:
    """Return the edge of a ring that a point lies on, and how far along; None where on none."""
    places = []
    for edge, (a, b) in enumerate(zip(ring, [*ring[1:], ring[0]], strict=True)):
        on = _nearest(at, a, b)
        gap = _gap(on, at)
        if gap <= SAME_PLACE:
            places.append((gap, edge, _gap(a, on)))
    return min(places)[1:] if places else None


def _nearest(p: XY, a: XY, b: XY) -> XY:
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = dx * dx + dy * dy
    if length == 0:
        return a
    t = max(0.0, min(1.0, ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / length))
    return (a[0] + t * dx, a[1] + t * dy)


def _same(a: XY, b: XY) -> bool:
    return _gap(a, b) <= SAME_PLACE


def _gap(a: XY, b: XY) -> float:
    return float(np.hypot(a[0] - b[0], a[1] - b[1]))


def _length(line: list[XY]) -> float:
    return sum(_gap(a, b) for a, b in pairwise(line))


def _plain(ring: Vertices) -> Ring:
    return [(float(x), float(y)) for x, y in ring]
