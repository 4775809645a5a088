"""Outlines of masks as single rings: a channel without width leads to each hole."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from labelwidgets.algorithms.masks import BoolMask
from labelwidgets.algorithms.tracing import mask_to_polygons

Ring: TypeAlias = npt.NDArray[np.int64]
Corner: TypeAlias = tuple[float, float]
Corners: TypeAlias = list[Corner]


def keyholes(mask: BoolMask) -> list[Ring]:
    """Return a ring for each part of a mask, its holes joined to it.

    Filled by the even-odd rule the rings give the very same mask, as the channels are gone along
    twice.

    Parameters
    ----------
    mask
        (H, W).

    Returns
    -------
    list of ndarray
        (N, 2) int64 each: x and y of the corners of pixels, x right and y down, (0, 0) the outer
        corner of the first pixel.

    Notes
    -----
    From the upper left corner of a hole a channel leads to the left, to the first edge that it
    meets: of the outline, or of another hole, whose top is no lower. So each hole hangs on a ring
    that reaches as high or higher, and no circle of them can come about.
    """
    return [
        np.array(part[0] if len(part) == 1 else _joined(part), np.int64)
        for part in mask_to_polygons(mask)
    ]


def _joined(rings: list[Corners]) -> Corners:
    """Return an outline and its holes, each from its upper left corner on, as one ring."""
    edges = _Edges(rings)
    # By ring and the number of its edge: the holes that hang there, and where.
    hanging: dict[tuple[int, int], list[tuple[float, int]]] = {}
    for number, ring in enumerate(rings[1:], 1):
        x, y = ring[0]
        hanging.setdefault(edges.left_of(x, y), []).append((y, number))
    points: Corners = []
    # What is still to be walked, the next one last: from a corner of a ring on, or back to a
    # place on the way.
    todo: list[tuple[int, int] | Corner] = [(0, 0)]
    while todo:
        step = todo.pop()
        if isinstance(step[0], float):
            points.append(step)
            continue
        owner, walked = int(step[0]), int(step[1])
        shape = rings[owner]
        edge = walked % len(shape)
        points.append(shape[edge])
        if walked == len(shape):
            continue
        todo.append((owner, walked + 1))
        holes = hanging.get((owner, edge))
        if holes:
            x, y = shape[edge]
            down = shape[(edge + 1) % len(shape)][1] > y
            # The last one to be put there is walked first.
            for at, hole in sorted(holes, reverse=down):
                todo.extend(((x, at), (hole, 0), (x, at)))
    # The outline ends where it began.
    return points[:-1]


class _Edges:
    """The vertical edges of rings, to be looked up by what they are to the right of."""

    def __init__(self, rings: list[Corners]) -> None:
        rows: list[npt.NDArray[np.float64]] = []
        for number, corners in enumerate(rings):
            ring = np.array(corners)
            after = np.roll(ring, -1, axis=0)
            upright = np.flatnonzero(ring[:, 0] == after[:, 0])
            low = np.minimum(ring[upright, 1], after[upright, 1])
            high = np.maximum(ring[upright, 1], after[upright, 1])
            rows.append(
                np.stack(
                    (low, high, ring[upright, 0], np.full(upright.size, number), upright), axis=1
                )
            )
        self._edges = np.concatenate(rows)
        # By the rows of pixels that they pass: which edges, by x.
        self._by_row: dict[float, npt.NDArray[np.float64]] = {}

    def left_of(self, x: float, y: float) -> tuple[int, int]:
        """Return the ring and the number of the nearest edge to the left, beside pixel row `y`."""
        found = self._by_row.get(y)
        if found is None:
            low, high = self._edges[:, 0], self._edges[:, 1]
            found = self._edges[(low <= y) & (high > y)]
            found = found[np.argsort(found[:, 2], kind="stable")]
            self._by_row[y] = found
        nearest = found[np.searchsorted(found[:, 2], x, side="left") - 1]
        return int(nearest[3]), int(nearest[4])
