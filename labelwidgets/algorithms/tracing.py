"""Masks to polygons along the edges of the pixels.

Coordinates are in pixels, x right and y down; pixel (i, j) spans
[i, i+1) x [j, j+1), so that outlines run through whole numbers.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.algorithms.compiling import compiles
from labelwidgets.algorithms.masks import BoolMask, as_mask, edges_of
from labelwidgets.errors import GeometryError

Ring: TypeAlias = list[tuple[float, float]]
Parts: TypeAlias = list[list[Ring]]
Indices: TypeAlias = NDArray[np.int64]


def mask_to_polygons(mask: ArrayLike, tolerance: float = 0.0) -> Parts:
    """Return the outlines of a mask.

    Parameters
    ----------
    mask
        (H, W), bool or numbers; what is not 0 is set.
    tolerance
        0 follows the edges of the pixels exactly, so that `polygon_to_mask`
        gives the very same mask back. Above 0, outlines are thinned by
        Douglas-Peucker to within this many pixels; where that would make a
        part cross itself, the part is thinned less.

    Returns
    -------
    list
        Parts as in GeoJSON's MultiPolygon, one for each 4-connected region of
        the mask (pixels that meet only at a corner are two parts), ordered by
        their top left corner: a list of rings, the outer one clockwise on the
        screen, then its holes, anticlockwise. No ring repeats its first point.
        Every part is valid by OGC's Simple Features: rings touch at corners
        at most. An empty mask has no parts.

    Raises
    ------
    GeometryError
        If `mask` has not two dimensions, or `tolerance` is negative.

    Notes
    -----
    The corners of the outline, sorted along rows, pair up into its horizontal
    edges, and sorted along columns into its vertical ones; rings are the
    cycles of going along both in turn.
    """
    if not (math.isfinite(tolerance) and tolerance >= 0):
        raise GeometryError(f"must be 0 or more pixels, not {tolerance}.", where="tolerance")
    bits = as_mask(mask)
    outlines = _traced(bits) if compiles() else plain_outlines(bits)
    if tolerance == 0:
        return outlines
    from labelwidgets.algorithms.simplification import simplify_polygon

    return [part for made in outlines for part in simplify_polygon([made], tolerance)]


def _traced(bits: BoolMask) -> Parts:
    """Return the outlines of a mask, found from its edges alone."""
    from labelwidgets.algorithms import tracing_kernels as kernels

    edges = edges_of(bits)
    if not edges.size:
        return []
    x, y, starts, rings, parts = kernels.outlines(edges, bits.shape[0], bits.shape[1] + 2)
    points = list(zip(x.tolist(), y.tolist(), strict=True))
    bounds = starts.tolist()
    outlines: Parts = [[] for _ in range(int(parts.max()) + 1)]
    for ring, part in zip(rings.tolist(), parts.tolist(), strict=True):
        outlines[part].append(points[bounds[ring] : bounds[ring + 1]])
    return outlines


def plain_outlines(bits: BoolMask) -> Parts:
    """Return the outlines of a mask with numpy alone."""
    rows, columns = np.flatnonzero(bits.any(axis=1)), np.flatnonzero(bits.any(axis=0))
    if not rows.size:
        return []
    top, left = int(rows[0]), int(columns[0])
    bits = np.pad(bits[top : rows[-1] + 1, left : columns[-1] + 1], 1)
    xs, ys, upper = _corners(bits)
    down = np.lexsort((upper, ys, xs))
    parts = _nest(bits, xs, ys, down)
    x, y = (xs + left).astype(float).tolist(), (ys + top).astype(float).tolist()
    return [[[(x[c], y[c]) for c in ring] for ring in part] for part in parts]


def _corners(bits: BoolMask) -> tuple[Indices, Indices, Indices]:
    """Return x, y of the corners by rows, and 0 where the vertical edge goes up, 1 down.

    Where two pixels meet at a corner only, it is there twice, once for each of
    the pixels, the one to the left first.
    """
    vertical = bits[:, 1:] != bits[:, :-1]
    above, below = vertical[:-1], vertical[1:]
    meeting = above & below & (bits[:-1, :-1] != bits[1:, :-1])
    flat = np.flatnonzero((above ^ below) | meeting)
    twice = meeting.ravel()[flat]
    copies = 1 + twice.astype(np.int64)
    corner = np.repeat(flat, copies)
    doubled = np.repeat(twice, copies)
    second = np.zeros(corner.size, bool)
    second[np.cumsum(copies)[twice] - 1] = True
    ys, xs = np.divmod(corner, vertical.shape[1])
    # The left pixel of a meeting pair is the upper one if the upper left is set.
    falling = bits[ys, xs]
    upper = np.where(doubled, second == falling, below.ravel()[corner])
    return xs, ys, upper.astype(np.int64)


class _Rings:
    """The simple rings of a mask, and which of them each vertical edge belongs to."""

    def __init__(self, bits: BoolMask, xs: Indices, ys: Indices, down: Indices) -> None:
        self.x, self.y = xs.tolist(), ys.tolist()
        self.place = (ys * bits.shape[1] + xs).tolist()
        self.corners: list[list[int]] = []
        self.is_hole: list[bool] = []
        owner = np.empty_like(down)
        leaves_vertically = np.zeros(down.size, bool)
        partner = np.empty_like(down)
        partner[down[0::2]], partner[down[1::2]] = down[1::2], down[0::2]
        vertical = partner.tolist()
        # Both are set from Python, one corner at a time: lists are quicker than arrays.
        owners, leaves = owner.tolist(), leaves_vertically.tolist()
        seen = bytearray(len(vertical))
        for start in range(len(vertical)):
            if seen[start]:
                continue
            walk: list[int] = []
            corner = start
            while not seen[corner]:
                across = corner ^ 1  # by rows, corners 0 and 1, 2 and 3, ... end one edge
                seen[corner] = seen[across] = 1
                leaves[across] = True
                walk += (corner, across)
                corner = vertical[across]
            # A walk starts to the right along an upper edge: is the mask to its right hand?
            inside = bool(bits[self.y[start] + 1, self.x[start] + 1])
            for loop in _simple(walk, self.place):
                for corner in loop:
                    owners[corner] = len(self.corners)
                self._add(loop, inside)
        # Cutting a walk keeps the edge that leaves each corner, not the one that reaches it.
        position = np.empty_like(down)
        position[down] = np.arange(down.size)
        sources = np.flatnonzero(leaves)
        self.of_edge = np.empty(down.size // 2, np.int64)
        self.of_edge[position[sources] // 2] = np.asarray(owners)[sources]

    def _add(self, loop: list[int], inside: bool) -> None:
        """Keep a ring, from its top left corner, outlines clockwise and holes not."""
        clockwise = _turn(loop, self.x, self.y) > 0
        hole = clockwise != inside
        if clockwise == hole:
            loop = loop[::-1]
        first = loop.index(min(loop, key=self.place.__getitem__))
        self.corners.append(loop[first:] + loop[:first])
        self.is_hole.append(hole)


def _simple(walk: list[int], place: list[int]) -> list[list[int]]:
    """Cut a closed walk that comes to a place twice into rings that do not."""
    if len({place[corner] for corner in walk}) == len(walk):
        return [walk]
    loops: list[list[int]] = []
    path: list[int] = []
    at: dict[int, int] = {}
    for corner in walk:
        known = at.get(place[corner])
        if known is not None:
            loop = path[known:]
            del path[known:]
            for passed in loop:
                del at[place[passed]]
            loops.append(loop)
        at[place[corner]] = len(path)
        path.append(corner)
    return [*loops, path]


def _turn(ring: list[int], x: list[int], y: list[int]) -> int:
    """Return twice the area of a ring, positive if clockwise on the screen."""
    return sum(x[a] * y[b] - x[b] * y[a] for a, b in pairwise([*ring, ring[0]]))


def _nest(bits: BoolMask, xs: Indices, ys: Indices, down: Indices) -> list[list[list[int]]]:
    """Return for each part its rings of corners: the outline, then the holes.

    From the pixel above the top left corner of a hole, the run of set pixels
    is followed to its left end. The ring that passes there is the outline of
    the part, or another hole of it that reaches higher up.
    """
    rings = _Rings(bits, xs, ys, down)
    tops = [ring[0] for ring in rings.corners]
    order = sorted(range(len(tops)), key=lambda ring: rings.place[tops[ring]])
    parts = {ring: [rings.corners[ring]] for ring in order if not rings.is_hole[ring]}
    holes = [ring for ring in order if rings.is_hole[ring]]
    if holes:
        top = np.array([tops[ring] for ring in holes])
        row = ys[top]
        starts = np.flatnonzero(bits[:, 1:] & ~bits[:, :-1])
        stride = bits.shape[1] - 1
        found = np.searchsorted(starts, row * stride + xs[top], side="right") - 1
        column = starts[found] % stride
        height = bits.shape[0]
        keys = xs[down] * height + ys[down]
        edge = (np.searchsorted(keys, column * height + row - 1, side="right") - 1) // 2
        part_of: dict[int, int] = {}
        for hole, met in zip(holes, rings.of_edge[edge].tolist(), strict=True):
            part_of[hole] = part_of[met] if rings.is_hole[met] else met
            parts[part_of[hole]].append(rings.corners[hole])
    return list(parts.values())
