"""One shape of the shapes that several people drew of an object."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from labelwidgets.algorithms.fusion import (
    fuse_boxes,
    fuse_intervals,
    fuse_keypoints,
    fuse_lines,
    fuse_polygons,
    geometric_median,
)
from labelwidgets.schema.geometries import AnyGeometry
from labelwidgets.schema.geometry import (
    Cuboid,
    Ellipse,
    Keypoints,
    Mask,
    Point,
    Polygon,
    Polyline,
    Rectangle,
    Tag,
    VolumeMask,
)
from labelwidgets.schema.tracks import Interval, Track

Floats: TypeAlias = NDArray[np.float64]


class Manner(NamedTuple):
    """How shapes become one.

    Parameters
    ----------
    boxes
        ``mean`` or ``median`` of the edges.
    masks
        ``staple`` or ``majority``.
    share
        What share of the weight pixels, areas and frames need.
    """

    boxes: Any = "mean"
    masks: str = "staple"
    share: float = 0.5


class Fused(NamedTuple):
    """A shape, and what STAPLE says of who drew it.

    Parameters
    ----------
    shape
        None where there is no place that enough have marked.
    used
        Which of the given shapes it was made of: those of the kind that most have drawn.
    able, wary
        Sensitivity and specificity of those, where it is a mask.
    """

    shape: AnyGeometry | None
    used: list[int]
    able: Floats | None = None
    wary: Floats | None = None


def fuse_shapes(shapes: Sequence[AnyGeometry], weights: Floats, manner: Manner) -> Fused:
    """Return one shape of those that people drew of an object.

    Parameters
    ----------
    shapes
        One of each person, at least one.
    weights
        (D,) of those people, from 0.
    manner
        How.
    """
    kind = Counter(_kind(shape) for shape in shapes).most_common(1)[0][0]
    used = [index for index, shape in enumerate(shapes) if _kind(shape) == kind]
    some: list[Any] = [shapes[index] for index in used]
    each = weights[used] if weights[used].sum() > 0 else np.ones(len(used))
    if isinstance(some[0], Mask | VolumeMask):
        from labelwidgets.workflow.fused_masks import fuse_masks

        shape, able, wary = fuse_masks(some, each, manner)
        return Fused(shape, used, able, wary)
    if len(some) == 1:
        return Fused(some[0], used)
    return Fused(_fused(some, each, manner), used)


def _kind(shape: AnyGeometry) -> str:
    return f"track of {shape.shape_type}" if isinstance(shape, Track) else shape.type


def _fused(shapes: list[Any], weights: Floats, manner: Manner) -> AnyGeometry | None:
    match shapes[0]:
        case Rectangle():
            return _rectangle(shapes, weights, manner)
        case Ellipse():
            turned = _turned([(e.x, e.y, e.rx, e.ry, e.angle) for e in shapes], weights)
            return Ellipse(*turned)
        case Point():
            x, y = geometric_median([(p.x, p.y) for p in shapes], weights).tolist()
            return Point(x, y)
        case Keypoints():
            return _keypoints(shapes, weights)
        case Polyline():
            return Polyline(fuse_lines([line.points for line in shapes], weights).tolist())
        case Cuboid():
            corners = np.array([cuboid.points for cuboid in shapes])
            middle = [geometric_median(corners[:, at], weights) for at in range(8)]
            return Cuboid([(float(x), float(y)) for x, y in middle])
        case Polygon():
            parts = fuse_polygons([polygon.parts for polygon in shapes], weights, manner.share)
            return Polygon(parts) if parts else None
        case Track():
            from labelwidgets.workflow.fused_tracks import fuse_tracks

            return fuse_tracks(shapes, weights, manner)
        case Interval():
            return _interval(shapes, weights, manner)
    return Tag()


def _rectangle(shapes: list[Rectangle], weights: Floats, manner: Manner) -> Rectangle:
    if any(box.angle for box in shapes):
        rows = [(b.x + b.width / 2, b.y + b.height / 2, b.width, b.height, b.angle) for b in shapes]
        cx, cy, width, height, angle = _turned(rows, weights)
        return Rectangle(cx - width / 2, cy - height / 2, width, height, angle)
    given = [(box.x, box.y, box.width, box.height) for box in shapes]
    return Rectangle(*fuse_boxes(given, weights, manner.boxes).tolist())


def _turned(rows: Sequence[tuple[float, ...]], weights: Floats) -> list[float]:
    """Return the mean of (x, y, width, height, angle), turned alike before.

    A quarter turn of one shape is the same shape with its sides changed round.
    """
    first = rows[int(weights.argmax())][4]
    alike = []
    for x, y, width, height, angle in rows:
        turns = round((angle - first) / 90)
        sides = (height, width) if turns % 2 else (width, height)
        alike.append((x, y, *sides, angle - 90 * turns))
    mean = (weights @ np.array(alike)) / weights.sum()
    angle = math.remainder(float(mean[4]), 360)
    return [*mean[:4].tolist(), angle]


def _keypoints(shapes: list[Keypoints], weights: Floats) -> Keypoints:
    count = Counter(len(shape.points) for shape in shapes).most_common(1)[0][0]
    same = [index for index, shape in enumerate(shapes) if len(shape.points) == count]
    points = np.array([shapes[index].points for index in same], np.float64)
    fused = fuse_keypoints(points, weights[same])
    return Keypoints([(x, y, int(visibility)) for x, y, visibility in fused.tolist()])


def _interval(shapes: list[Interval], weights: Floats, manner: Manner) -> Interval | None:
    """Return the longest stretch that enough have marked."""
    stretches = fuse_intervals(
        [(shape.first, shape.last) for shape in shapes],
        np.arange(len(shapes)),
        weights,
        manner.share,
    )
    if not len(stretches):
        return None
    first, last = stretches[(stretches[:, 1] - stretches[:, 0]).argmax()].tolist()
    return Interval(first, last)
