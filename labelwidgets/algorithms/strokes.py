"""Strokes of a brush as masks: what a tip covers on its way along a path."""

from __future__ import annotations

import math
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.algorithms.masks import MAX_PIXELS, MAX_SIDE, BoolMask
from labelwidgets.errors import GeometryError

Tip: TypeAlias = Literal["round", "square"]
_Floats: TypeAlias = NDArray[np.float64]

# Centres this much farther off than the radius (round: in squares of pixels) still count, so that
# those exactly on the rim are in, whichever way a number was rounded. As in stroke.ts.
_RIM = 1e-6
MAX_RADIUS = 10_000.0


def stroke_to_mask(
    path: ArrayLike, shape: tuple[int, int], *, radius: float, tip: Tip = "round"
) -> BoolMask:
    """Return the pixels that a brush covers on its way along a path.

    A pixel is set when its centre is within `radius` of the path: by Euclidean
    distance for a round tip, by the larger of |dx| and |dy| for a square one.
    Each column of pixels has one interval for each segment of the path, found
    from its equations, so that the cost goes with the columns and not with
    the pixels.

    Parameters
    ----------
    path
        (N, 2) points x, y in pixels, (0, 0) at the outer corner of the first
        pixel. One point is a dab; parts off the image are cut off.
    shape
        (height, width) of the mask.
    radius
        In pixels, more than 0; for a square tip half its side.
    tip
        ``"round"`` or ``"square"``.

    Returns
    -------
    ndarray
        (height, width) bool, Fortran-ordered as run-length codes are.

    Raises
    ------
    GeometryError
        If the path has no points or a coordinate that is no number, or the
        radius, the tip or the shape is impossible.

    Examples
    --------
    >>> stroke_to_mask([(1.5, 1.5), (3.5, 1.5)], (3, 5), radius=0.5).astype(int)
    array([[0, 0, 0, 0, 0],
           [0, 1, 1, 1, 0],
           [0, 0, 0, 0, 0]])
    """
    points = _points(path)
    height, width = _shape(shape)
    if not (isinstance(radius, int | float) and 0 < radius <= MAX_RADIUS):
        raise GeometryError(
            f"must be more than 0 and at most {MAX_RADIUS:g} pixels, not {radius!r:.40}.",
            where="radius",
        )
    if tip not in ("round", "square"):
        raise GeometryError(f"must be 'round' or 'square', not {tip!r:.40}.", where="tip")
    # How often the stroke begins, less how often it ends, at each pixel, column by column.
    steps = np.zeros(height * width + 1, np.int32)
    spans = _round_spans if tip == "round" else _square_spans
    reach = math.sqrt(radius * radius + _RIM) if tip == "round" else radius + _RIM
    befores = points if len(points) == 1 else points[:-1]
    for a, b in zip(befores, points[-len(befores) :], strict=True):
        first = max(0, math.ceil(min(a[0], b[0]) - reach - 0.5))
        last = min(width - 1, math.floor(max(a[0], b[0]) + reach - 0.5))
        if last < first:
            continue
        columns = np.arange(first, last + 1)
        low, high = spans(columns + 0.5, a, b, radius)
        met = low <= high
        columns, low, high = columns[met], low[met], high[met]
        tops = np.maximum(0, np.ceil(low - 0.5)).astype(np.int64)
        ends = np.minimum(height, np.floor(high - 0.5) + 1).astype(np.int64)
        met = ends > tops
        # Each column once a segment, so that no place is counted twice in one go.
        steps[columns[met] * height + tops[met]] += 1
        steps[columns[met] * height + ends[met]] -= 1
    covered: BoolMask = np.cumsum(steps[:-1], dtype=np.int32) > 0
    return covered.reshape((width, height)).T


def _round_spans(x: _Floats, a: _Floats, b: _Floats, radius: float) -> tuple[_Floats, _Floats]:
    """Where columns cross two discs, and between them two parallels of the segment."""
    squared = radius * radius + _RIM
    low, high = np.full(x.shape, np.inf), np.full(x.shape, -np.inf)
    for cx, cy in (a, b):
        left = squared - (x - cx) * (x - cx)
        half = np.sqrt(np.maximum(left, 0))
        low = np.where(left >= 0, np.minimum(low, cy - half), low)
        high = np.where(left >= 0, np.maximum(high, cy + half), high)
    dx, dy = b - a
    if dx == 0:
        return low, high
    length, reach = math.sqrt(dx * dx + dy * dy), math.sqrt(squared)
    nx, ny = -dy / length * reach, dx / length * reach
    for side in (-1, 1):
        px = a[0] + side * nx
        along = (x - px) / dx
        met = (along >= 0) & (along <= 1)
        y = a[1] + side * ny + (x - px) * (dy / dx)
        low = np.where(met, np.minimum(low, y), low)
        high = np.where(met, np.maximum(high, y), high)
    return low, high


def _square_spans(x: _Floats, a: _Floats, b: _Floats, radius: float) -> tuple[_Floats, _Floats]:
    """Of the points of the way within reach in x, all y within reach."""
    reach = radius + _RIM
    dx, dy = b - a
    if dx == 0:
        start = np.where(np.abs(x - a[0]) <= reach, 0.0, np.inf)
        end = np.where(np.abs(x - a[0]) <= reach, 1.0, -np.inf)
    else:
        one, other = (x - reach - a[0]) / dx, (x + reach - a[0]) / dx
        start = np.maximum(0, np.minimum(one, other))
        end = np.minimum(1, np.maximum(one, other))
    met = start <= end
    start, end = np.where(met, start, 0.0), np.where(met, end, 0.0)
    y0, y1 = a[1] + start * dy, a[1] + end * dy
    low = np.where(met, np.minimum(y0, y1) - reach, np.inf)
    high = np.where(met, np.maximum(y0, y1) + reach, -np.inf)
    return low, high


def _points(path: ArrayLike) -> _Floats:
    try:
        points = np.asarray(path, dtype=np.float64)
    except (TypeError, ValueError):
        raise GeometryError("must be points x, y.", where="path") from None
    if points.ndim != 2 or points.shape[1] != 2 or not len(points):
        raise GeometryError(
            f"must be an (N, 2) array of points, not one of shape {points.shape}.", where="path"
        )
    if not np.isfinite(points).all():
        raise GeometryError("has a coordinate that is not a finite number.", where="path")
    return points


def _shape(shape: tuple[int, int]) -> tuple[int, int]:
    if (
        len(shape) != 2
        or not all(isinstance(side, int | np.integer) and 0 < side <= MAX_SIDE for side in shape)
        or shape[0] * shape[1] > MAX_PIXELS
    ):
        raise GeometryError(f"must be (height, width), not {str(shape)[:60]}.", where="shape")
    return int(shape[0]), int(shape[1])
