"""Shapes as they are where a thing was carried to."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from labelwidgets.algorithms import decode_rle, encode_rle
from labelwidgets.algorithms.carrying import Carrier, Step
from labelwidgets.algorithms.flow import opencv
from labelwidgets.schema.geometry import (
    RLE,
    Cuboid,
    Ellipse,
    Keypoints,
    Mask,
    Point,
    Polygon,
    Polyline,
    Rectangle,
)
from labelwidgets.schema.tracks import Shape

Floats = npt.NDArray[np.float64]
Size = tuple[int, int]


def carrier_of(frame: npt.NDArray[np.uint8], shape: Shape) -> Carrier:
    """Return what carries a shape on from a frame; joints and points are followed one by one."""
    box = shape.bounds or (0.0, 0.0, 1.0, 1.0)
    points: Any = ()
    if isinstance(shape, Keypoints):
        points = [(x, y) for x, y, _ in shape.points]
    elif isinstance(shape, Point):
        points = [(shape.x, shape.y)]
    return Carrier(frame, box, points)


def carried(shape: Shape, step: Step, size: Size) -> Shape | None:
    """Return a shape where a step takes it, None where it has left the picture.

    Parameters
    ----------
    shape
        As it was on the first frame.
    step
        Where it is now.
    size
        (H, W) of the picture. What lies beyond its border is moved onto it; what is there by less
        than half has left.
    """
    matrix = step.matrix
    limit = np.array([size[1], size[0]], np.float64)
    if isinstance(shape, Keypoints | Point):
        at = np.clip(step.points, 0, limit).round(2)
        if isinstance(shape, Point):
            return Point(*map(float, at[0])) if _is_inside(step.points, limit) else None
        labelled = np.array([v > 0 for _, _, v in shape.points])
        if not _is_inside(step.points[labelled], limit):
            return None
        joints = zip(at, shape.points, strict=True)
        return Keypoints([(float(x), float(y), v) for (x, y), (_, _, v) in joints])
    around = _corners(shape)
    if not _is_inside(around @ matrix[:, :2].T + matrix[:, 2], limit):
        return None
    turn = math.degrees(math.atan2(matrix[1, 0], matrix[0, 0]))
    scale = math.hypot(matrix[0, 0], matrix[1, 0])
    if isinstance(shape, Rectangle):
        return _rectangle(shape, step, limit, turn, scale)
    if isinstance(shape, Ellipse):
        x, y = _placed([(shape.x, shape.y)], matrix, limit)[0]
        return Ellipse(x, y, shape.rx * scale, shape.ry * scale, _angle(shape.angle + turn))
    if isinstance(shape, Polygon):
        return Polygon([[_placed(ring, matrix, limit) for ring in part] for part in shape.parts])
    if isinstance(shape, Polyline):
        return Polyline(_placed(shape.points, matrix, limit))
    if isinstance(shape, Cuboid):
        # Its edges stay upright.
        return Cuboid(_placed(shape.points, step.upright, limit))
    return _mask(shape, matrix)


def places_of(shape: Shape) -> Floats:
    """Return points (N, 2) that say where a shape is; of one kind always as many, in one order."""
    if isinstance(shape, Keypoints):
        return np.array([(x, y) for x, y, _ in shape.points], np.float64)
    if isinstance(shape, Polygon):
        return np.array([at for part in shape.parts for ring in part for at in ring], np.float64)
    if isinstance(shape, Polyline | Cuboid):
        return np.array(shape.points, np.float64)
    return _corners(shape)


def _rectangle(
    shape: Rectangle, step: Step, limit: Floats, turn: float, scale: float
) -> Rectangle | None:
    if shape.angle:
        middle = [(shape.x + shape.width / 2, shape.y + shape.height / 2)]
        x, y = _placed(middle, step.matrix, limit)[0]
        width, height = shape.width * scale, shape.height * scale
        return Rectangle(x - width / 2, y - height / 2, width, height, _angle(shape.angle + turn))
    ends = [(shape.x, shape.y), (shape.x + shape.width, shape.y + shape.height)]
    (left, top), (right, foot) = _placed(ends, step.upright, limit)
    width, height = round(right - left, 2), round(foot - top, 2)
    return Rectangle(left, top, width, height) if width > 0 and height > 0 else None


def _mask(shape: Mask, matrix: Floats) -> Mask | None:
    cv2 = opencv()
    bits = decode_rle({"size": shape.rle.size, "counts": shape.rle.counts}).astype(np.uint8)
    shifted = matrix.copy()
    # From middles of pixels to middles of pixels.
    shifted[:, 2] += matrix[:, :2] @ [0.5, 0.5] - 0.5
    moved = cv2.warpAffine(bits, shifted, bits.shape[::-1], flags=cv2.INTER_NEAREST)
    return Mask(RLE(**encode_rle(moved != 0))) if moved.any() else None


def _placed(points: Any, matrix: Floats, limit: Floats) -> list[tuple[float, float]]:
    at = np.asarray(points, np.float64) @ matrix[:, :2].T + matrix[:, 2]
    return [(float(x), float(y)) for x, y in np.clip(at, 0, limit).round(2)]


def _corners(shape: Shape) -> Floats:
    x, y, width, height = shape.bounds or (0.0, 0.0, 0.0, 0.0)
    return np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]])


def _is_inside(points: Floats, limit: Floats) -> bool:
    """Whether at least half of the box around some points lies in the picture."""
    low, high = points.min(axis=0), points.max(axis=0)
    seen = np.clip(high, 0, limit) - np.clip(low, 0, limit)
    extent = high - low
    there = (low >= 0) & (high <= limit)
    share = np.where(extent > 0, seen / np.where(extent > 0, extent, 1), there)
    return bool(share.prod() >= 0.5)


def _angle(degrees: float) -> float:
    return round((degrees + 180) % 360 - 180, 2)
