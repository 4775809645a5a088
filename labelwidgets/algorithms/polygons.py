"""Polygons to masks by the pixel-centre rule.

Coordinates are in pixels, x right and y down; pixel (i, j) spans
[i, i+1) x [j, j+1), so that its centre lies at (i + 0.5, j + 0.5).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from labelwidgets.algorithms.compiling import compiles
from labelwidgets.algorithms.masks import MAX_PIXELS, MAX_SIDE, BoolMask
from labelwidgets.errors import GeometryError

Vertices: TypeAlias = NDArray[np.float64]

# Coordinates beyond this lose the digits that decide which centre is inside.
_FAR = 1e9


def polygon_to_mask(rings: Any, shape: tuple[int, int]) -> BoolMask:
    """Return the pixels whose centre lies inside a polygon.

    A centre exactly on an edge belongs to the polygon if the edge is its left
    or top one, so that polygons that share an edge share no pixel. Rings that
    cross themselves are filled by the even-odd rule; parts are united, holes
    taken away from their own part.

    Parameters
    ----------
    rings
        One polygon as a list of rings, the outer one first and then its
        holes; or several as parts, as in GeoJSON's MultiPolygon; or a single
        ring. A ring is a list of (x, y) or an (N, 2) array; it may repeat its
        first point at the end.
    shape
        (height, width) of the mask.

    Returns
    -------
    ndarray
        (height, width) bool. What lies outside is cut off.

    Raises
    ------
    GeometryError
        If a coordinate is not a finite number or `shape` is impossible.

    Notes
    -----
    The scan-line fill of Foley et al., Computer Graphics (1990), section 3.6,
    with all crossings of a ring computed and sorted at once: the sorted
    crossings are the ends of the runs of the mask.
    """
    height, width = (int(side) for side in shape)
    if not (0 < height <= MAX_SIDE and 0 < width <= MAX_SIDE) or height * width > MAX_PIXELS:
        raise GeometryError(f"must be (height, width), not {tuple(shape)}.", where="shape")
    mask = np.zeros((height, width), bool)
    first = True
    for outer, *holes in as_parts(rings):
        box = _box(outer, height, width)
        if box is None:
            continue
        # A further part has pixels of its own, so that its holes clear none of the others'.
        area = mask[box[0] : box[1], box[2] : box[3]]
        part = area if first else np.zeros_like(area)
        _fill(outer, box, part, True)
        for hole in holes:
            inner = _box(hole, height, width, box)
            if inner is not None:
                rows = slice(inner[0] - box[0], inner[1] - box[0])
                columns = slice(inner[2] - box[2], inner[3] - box[2])
                _fill(hole, inner, part[rows, columns], False)
        if not first:
            area |= part
        first = False
    return mask


def as_parts(value: Any) -> list[list[Vertices]]:
    """Return a ring, rings or parts as parts: lists of (N, 2) arrays, checked."""
    depth = _depth(value)
    if depth == 2:
        value = [[value]]
    elif depth == 3:
        value = [value]
    return [
        [_vertices(ring, f"parts[{p}][{r}]") for r, ring in enumerate(part)]
        for p, part in enumerate(value)
        if len(part)
    ]


def _depth(value: Any) -> int:
    """Return 2 for a ring, 3 for rings and 4 for parts."""
    depth = 0
    while isinstance(value, Sequence | np.ndarray) and not isinstance(value, str) and depth < 5:
        if len(value) == 0:
            return 4
        depth, value = depth + 1, value[0]
    if depth not in (2, 3, 4):
        raise GeometryError("must be a ring, a list of rings or a list of parts.", where="rings")
    return depth


def _vertices(ring: Any, where: str) -> Vertices:
    try:
        points = np.asarray(ring, dtype=np.float64)
    except (TypeError, ValueError):
        raise GeometryError("must be a list of [x, y] pairs.", where=where) from None
    if points.ndim != 2 or points.shape[1] != 2 or len(points) < 3:
        raise GeometryError("must be a list of three or more [x, y] pairs.", where=where)
    if not (np.abs(points) <= _FAR).all():
        raise GeometryError("has a coordinate that is not a finite number.", where=where)
    return points


def _box(
    ring: Vertices, height: int, width: int, within: tuple[int, int, int, int] | None = None
) -> tuple[int, int, int, int] | None:
    """Return top, bottom, left, right of the pixels that the ring may fill."""
    top, bottom, left, right = within or (0, height, 0, width)
    (x0, y0), (x1, y1) = ring.min(axis=0).tolist(), ring.max(axis=0).tolist()
    top, bottom = max(top, math.floor(y0)), min(bottom, math.ceil(y1))
    left, right = max(left, math.floor(x0)), min(right, math.ceil(x1))
    return (top, bottom, left, right) if top < bottom and left < right else None


def _fill(ring: Vertices, box: tuple[int, int, int, int], area: BoolMask, value: bool) -> None:
    """Set or clear the pixels of a box that lie in a ring."""
    if not compiles():
        area[plain_fill(ring, box)] = value
        return
    from labelwidgets.algorithms import mask_kernels as kernels

    offsets = np.zeros(box[1] - box[0] + 1, np.int64)
    ends = kernels.cross_rows(np.ascontiguousarray(ring), *box, offsets)
    kernels.fill_ring(ends, offsets, area, value)


def plain_fill(ring: Vertices, box: tuple[int, int, int, int]) -> BoolMask:
    """Return the pixels of a box that lie in a ring, with numpy alone."""
    top, bottom, left, right = box
    height, width = bottom - top, right - left
    ends = np.roll(ring, -1, axis=0)
    # Always from the upper end down: both polygons at a shared edge round alike.
    down = ring[:, 1] <= ends[:, 1]
    x0, y0 = np.where(down[:, None], ring, ends).T
    x1, y1 = np.where(down[:, None], ends, ring).T
    first = np.clip(np.ceil(y0 - 0.5) - top, 0, height).astype(np.int64)
    count = np.clip(np.ceil(y1 - 0.5) - top, 0, height).astype(np.int64) - first
    edge = np.repeat(np.arange(len(ring)), count)
    row = np.arange(edge.size) - np.repeat(np.cumsum(count) - count, count) + first[edge]
    slope = (x1 - x0)[edge] / (y1 - y0)[edge]
    x = x0[edge] + (row + (top + 0.5) - y0[edge]) * slope
    column = np.clip(np.ceil(x - 0.5) - left, 0, width).astype(np.int64)
    # Every row is crossed an even number of times, so that sorted crossings of all
    # rows, counted in pixels from the first, are starts and ends in turn.
    crossings = np.sort(row * width + column)
    runs = np.diff(crossings, prepend=0, append=height * width)
    return np.repeat(np.arange(runs.size) % 2 == 1, runs).reshape(height, width)
