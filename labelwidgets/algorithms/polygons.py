"""Polygons to masks by the pixel-centre rule.

Coordinates are in pixels, x right and y down; pixel (i, j) spans
[i, i+1) x [j, j+1), so that its centre lies at (i + 0.5, j + 0.5).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import chain
from typing import Any, TypeAlias, cast

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
    parts = as_parts(rings)
    if compiles():
        if parts:
            _fill_all(parts, mask)
        return mask
    first = True
    for outer, *holes in parts:
        box = _box(outer, height, width)
        if box is None:
            continue
        # A further part has pixels of its own, so that its holes clear none of the others'.
        area = mask[box[0] : box[1], box[2] : box[3]]
        part = area if first else np.zeros_like(area)
        part[plain_fill(outer, box)] = True
        for hole in holes:
            inner = _box(hole, height, width, box)
            if inner is not None:
                rows = slice(inner[0] - box[0], inner[1] - box[0])
                columns = slice(inner[2] - box[2], inner[3] - box[2])
                part[rows, columns][plain_fill(hole, inner)] = False
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
    made = [[_vertices(ring, p, r) for r, ring in enumerate(part)] for p, part in enumerate(value)]
    rings = [ring for part in made for ring in part]
    # All at once: NaN is in no order, and makes both ends one.
    if rings and not _is_near(rings[0] if len(rings) == 1 else np.concatenate(rings)):
        p, r = next(
            (p, r)
            for p, part in enumerate(made)
            for r, ring in enumerate(part)
            if not _is_near(ring)
        )
        raise GeometryError(
            "has a coordinate that is not a finite number.", where=f"parts[{p}][{r}]"
        )
    return [part for part in made if part]


def _is_near(points: Vertices) -> bool:
    return bool(points.min() >= -_FAR and points.max() <= _FAR)


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


def _vertices(ring: Any, part: int, number: int) -> Vertices:
    points: Any = None
    try:
        if type(ring) is list and set(map(len, ring)) == {2}:
            # All numbers in a row are read at twice the pace of pairs.
            flat = np.array([*chain.from_iterable(ring)], np.float64)
            points = flat.reshape(-1, 2) if flat.size == 2 * len(ring) else None
        if points is None:
            points = np.ascontiguousarray(ring, np.float64)
    except (TypeError, ValueError):
        raise GeometryError(
            "must be a list of [x, y] pairs.", where=f"parts[{part}][{number}]"
        ) from None
    if points.ndim != 2 or points.shape[1] != 2 or len(points) < 3:
        raise GeometryError(
            "must be a list of three or more [x, y] pairs.", where=f"parts[{part}][{number}]"
        )
    return cast("Vertices", points)


def _box(
    ring: Vertices, height: int, width: int, within: tuple[int, int, int, int] | None = None
) -> tuple[int, int, int, int] | None:
    """Return top, bottom, left, right of the pixels that the ring may fill."""
    top, bottom, left, right = within or (0, height, 0, width)
    (x0, y0), (x1, y1) = ring.min(axis=0).tolist(), ring.max(axis=0).tolist()
    top, bottom = max(top, math.floor(y0)), min(bottom, math.ceil(y1))
    left, right = max(left, math.floor(x0)), min(right, math.ceil(x1))
    return (top, bottom, left, right) if top < bottom and left < right else None


def _fill_all(parts: list[list[Vertices]], mask: BoolMask) -> None:
    """Set the pixels of parts, all at once."""
    from labelwidgets.algorithms import polygon_kernels as kernels

    rings = [ring for part in parts for ring in part]
    starts = np.cumsum([0, *map(len, rings)])
    kernels.fill_parts(
        rings[0] if len(rings) == 1 else np.concatenate(rings),
        starts,
        np.cumsum([0, *map(len, parts)]),
        mask.view(np.uint8),
    )


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
