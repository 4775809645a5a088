"""The shape of an object between two frames on which somebody placed it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from labelwidgets.algorithms.in_between import (
    angle_between,
    match_lines,
    match_rings,
    nearest_pairs,
)
from labelwidgets.algorithms.masks import decode_rle, encode_rle
from labelwidgets.algorithms.moving_masks import MovingMask
from labelwidgets.schema.geometry import (
    RLE,
    XY,
    XYV,
    Cuboid,
    Ellipse,
    Keypoints,
    Mask,
    Point,
    Polygon,
    Polyline,
    Rectangle,
    Ring,
    Shape,
)

Passage: TypeAlias = Callable[[float], Shape]
"""The shape at a part of the way, which is more than 0 and less than 1."""

_Pair: TypeAlias = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]


def passage(before: Shape, after: Shape) -> Passage:
    """Return how a shape becomes another one.

    Numbers change evenly, angles the short way round. The points of polylines and polygons of as
    many vertices go with each other, others are matched along their outlines; masks move and
    change their shape by signed distance. Where there is no way, the shape before stays.
    Joints of keypoints that are not labelled stay where they are, the others keep their
    visibility on the way. `js/src/geometry/passage.ts` is the twin, number by number.
    """
    if before == after:
        return lambda _: before
    match before, after:
        case Rectangle(), Rectangle():
            return partial(_rectangle, before, after)
        case Ellipse(), Ellipse():
            return partial(_ellipse, before, after)
        case Point(), Point():
            return lambda part: Point(
                mixed(before.x, after.x, part), mixed(before.y, after.y, part)
            )
        case Cuboid(), Cuboid():
            return lambda part: Cuboid(
                [mixed_point(a, b, part) for a, b in zip(before.points, after.points, strict=True)]
            )
        case Keypoints(), Keypoints() if len(before.points) == len(after.points):
            return lambda part: Keypoints(
                [mixed_joint(a, b, part) for a, b in zip(before.points, after.points, strict=True)]
            )
        case Polyline(), Polyline():
            pair = match_lines(before.points, after.points)
            return lambda part: Polyline(_mixed_points(pair, part))
        case Polygon(), Polygon():
            return _polygon(before, after)
        case Mask(), Mask():
            return _mask(before, after)
    return lambda _: before


def mixed(before: float, after: float, part: float) -> float:
    """Return the number at a part of the way between two."""
    return before + (after - before) * part


def mixed_point(before: XY, after: XY, part: float) -> XY:
    """Return the point at a part of the way between two."""
    return mixed(before[0], after[0], part), mixed(before[1], after[1], part)


def mixed_joint(before: XYV, after: XYV, part: float) -> XYV:
    """Return the joint at a part of the way; one that is not labelled has no place to go to."""
    x, y, visibility = before
    if visibility == 0 or after[2] == 0:
        return before
    return mixed(x, after[0], part), mixed(y, after[1], part), visibility


def _rectangle(before: Rectangle, after: Rectangle, part: float) -> Rectangle:
    return Rectangle(
        mixed(before.x, after.x, part),
        mixed(before.y, after.y, part),
        mixed(before.width, after.width, part),
        mixed(before.height, after.height, part),
        _angle(before.angle, after.angle, part),
    )


def _ellipse(before: Ellipse, after: Ellipse, part: float) -> Ellipse:
    return Ellipse(
        mixed(before.x, after.x, part),
        mixed(before.y, after.y, part),
        mixed(before.rx, after.rx, part),
        mixed(before.ry, after.ry, part),
        _angle(before.angle, after.angle, part),
    )


def _angle(before: float, after: float, part: float) -> float:
    return before if before == after else angle_between(before, after, part)


def _mixed_points(pair: _Pair, part: float) -> Ring:
    made = pair[0] + (pair[1] - pair[0]) * part
    return [(x, y) for x, y in made.tolist()]


def _polygon(before: Polygon, after: Polygon) -> Passage:
    parts = [
        _part(before.parts[i], None if j is None else after.parts[j])
        for i, j in _companions(
            [part[0] for part in before.parts], [part[0] for part in after.parts]
        )
    ]

    def at(part: float) -> Polygon:
        rings = [[_mixed_points(pair, part) for pair in pairs] for pairs in parts]
        # On the way from one side of a line to the other an area may be none.
        if any(len(set(ring)) < 3 for made in rings for ring in made):
            return before
        return Polygon(rings)

    return at


def _part(before: list[Ring], after: list[Ring] | None) -> list[_Pair]:
    if after is None:
        return [match_rings(ring, ring) for ring in before]
    outer = match_rings(before[0], after[0])
    pairs = [outer]
    for i, j in _companions(before[1:], after[1:]):
        hole = before[1 + i]
        if j is not None:
            pairs.append(match_rings(hole, after[1 + j]))
            continue
        # A hole that has no other one to become goes along with what it is in.
        start = np.asarray(hole, np.float64)
        pairs.append((start, start + (np.subtract(_centre(after[0]), _centre(before[0])))))
    return pairs


def _companions(before: Sequence[Ring], after: Sequence[Ring]) -> list[tuple[int, int | None]]:
    """Return for each ring which of the others it becomes, None for none: of as many, in order."""
    if len(before) == len(after):
        return [(i, i) for i in range(len(before))]
    places = [[_centre(ring) for ring in rings] for rings in (before, after)]
    found = dict(nearest_pairs(*places)) if before and after else {}
    return [(i, found.get(i)) for i in range(len(before))]


def _centre(ring: Ring) -> XY:
    """Return the centre of the box around a ring."""
    xs, ys = [x for x, _ in ring], [y for _, y in ring]
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2


def _mask(before: Mask, after: Mask) -> Passage:
    if before.rle.size != after.rle.size or not before.area or not after.area:
        return lambda _: before
    moving: list[MovingMask] = []

    def at(part: float) -> Mask:
        if not moving:
            codes = [{"size": one.rle.size, "counts": one.rle.counts} for one in (before, after)]
            moving.append(MovingMask(*map(decode_rle, codes)))
        made = encode_rle(moving[0].at(part))
        return Mask(RLE(made["size"], made["counts"]))

    return at
