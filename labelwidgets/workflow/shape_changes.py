"""Whether a shape that is not as it was has been moved, or drawn otherwise."""

from __future__ import annotations

import math
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from labelwidgets.algorithms.masks import decode_rle
from labelwidgets.schema.geometries import AnyGeometry
from labelwidgets.schema.geometry import (
    Cuboid,
    Ellipse,
    Geometry,
    Keypoints,
    Mask,
    Point,
    Polygon,
    Polyline,
    Rectangle,
)
from labelwidgets.schema.tracks import Interval, Track
from labelwidgets.workflow.areas import outline_of

How: TypeAlias = Literal["moved", "reshaped"]

# Halves of a pixel are lost where outlines are rounded.
_EXACT = 0.5


def how_changed(was: AnyGeometry, now: AnyGeometry) -> tuple[How, float] | None:
    """Return whether a shape was moved or reshaped and by how many pixels; None for neither.

    It was moved if it is the same once its middle is put where that was, to half a pixel.
    """
    if was == now:
        return None
    if type(was) is not type(now):
        return "reshaped", _shift(was, now)
    if isinstance(was, Interval) and isinstance(now, Interval):
        same = was.last - was.first == now.last - now.first
        ends = (was.first, was.last) != (now.first, now.last)
        return ("moved" if same else "reshaped", 0.0) if ends else None
    shift = _shift(was, now)
    rigid = _is_shifted(was, now)
    return ("moved" if rigid and shift > 0 else "reshaped"), shift


def _shift(was: Geometry, now: Geometry) -> float:
    (ax, ay), (bx, by) = _middle(was), _middle(now)
    far = math.hypot(bx - ax, by - ay)
    return far if math.isfinite(far) else 0.0


def _middle(geometry: Geometry) -> tuple[float, float]:
    box = geometry.bounds
    if box is None:
        return math.nan, math.nan
    return box[0] + box[2] / 2, box[1] + box[3] / 2


def _is_shifted(was: AnyGeometry, now: AnyGeometry) -> bool:
    one, other = _numbers(was), _numbers(now)
    if one is None or other is None:
        return isinstance(was, Mask) and isinstance(now, Mask) and _same_pixels(was, now)
    if one.shape != other.shape:
        return False
    moves = other - one
    return bool(np.abs(moves - moves.mean(axis=0)).max() <= _EXACT)


def _numbers(geometry: AnyGeometry) -> npt.NDArray[np.float64] | None:
    """Return the points of a shape, each of which goes along where it is moved."""
    match geometry:
        case Polygon():
            return np.array([point for part in geometry.parts for ring in part for point in ring])
        case Polyline():
            return np.array(geometry.points)
        case Keypoints():
            return np.array([point[:2] for point in geometry.points])
        case Point():
            return np.array([(geometry.x, geometry.y)])
        case Rectangle():
            return np.array(geometry.corners)
        case Cuboid():
            return np.array(geometry.points)
        case Ellipse():
            return np.array(outline_of(geometry)[0][0])
        case Track():
            keyframes = geometry.keyframes
            parts = [_numbers(one.geometry) for one in keyframes.values() if one.geometry]
            known = [part for part in parts if part is not None]
            return np.concatenate(known) if known and len(known) == len(parts) else None
    return None


def _same_pixels(was: Mask, now: Mask) -> bool:
    cut = []
    for one in (was, now):
        x, y, width, height = (int(number) for number in one.bounds)
        cut.append(decode_rle(one.rle.to_coco())[y : y + height, x : x + width])
    return cut[0].shape == cut[1].shape and bool((cut[0] == cut[1]).all())
