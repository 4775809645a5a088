"""How far upright boxes overlap, over very many tasks at once."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.algorithms.compiling import compiles
from labelwidgets.errors import GeometryError

Floats: TypeAlias = NDArray[np.float64]
Indices: TypeAlias = NDArray[np.int64]

# Of the plain way, in pairs of boxes: some 10 MB of numbers in between.
_AT_ONCE = 2**17


def box_ious(
    boxes: ArrayLike, first: ArrayLike, tall: ArrayLike, second: ArrayLike, wide: ArrayLike
) -> Floats:
    """Return the overlap of each box of one group with each of another, for many pairs of groups.

    Parameters
    ----------
    boxes
        (N, 4): x, y, width and height of upright boxes, in pixels.
    first, tall
        (P,) where the first group of each pair begins in `boxes`, and how many it has.
    second, wide
        (P,) the same of the second group.

    Returns
    -------
    ndarray
        (sum of tall * wide,) float64: intersection over union, a matrix a pair of groups, each
        row by row; 0 between boxes without extent. `assign_many` takes it as it is.

    Raises
    ------
    GeometryError
        If the boxes are no (N, 4) numbers or a group reaches beyond them.
    """
    corners = np.asarray(boxes, np.float64)
    if corners.ndim != 2 or corners.shape[1] != 4:
        raise GeometryError("must be (N, 4): x, y, width, height.", where="boxes")
    a, rows, b, columns = (np.asarray(one, np.int64) for one in (first, tall, second, wide))
    for one in (a, rows, b, columns):
        if one.shape != a.shape or one.ndim != 1 or (one < 0).any():
            raise GeometryError("must be as many, none below 0.", where="groups")
    if a.size and int(max((a + rows).max(), (b + columns).max())) > len(corners):
        raise GeometryError(f"reach beyond the {len(corners)} boxes.", where="groups")
    sizes = rows * columns
    ious = np.empty(int(sizes.sum()), np.float64)
    starts = np.cumsum(sizes) - sizes
    ends = np.empty((4, len(corners)), np.float64)
    ends[:2] = corners[:, :2].T
    ends[2:] = ends[:2] + corners[:, 2:].T
    if compiles():
        from labelwidgets.algorithms import overlap_kernels as kernels

        areas = (ends[2] - ends[0]) * (ends[3] - ends[1])
        kernels.boxes(ends, areas, a, rows, b, columns, starts, ious)
    else:
        plain_box_ious(ends, a, rows, b, columns, ious)
    return ious


def plain_box_ious(
    ends: Floats, first: Indices, tall: Indices, second: Indices, wide: Indices, ious: Floats
) -> None:
    """Write into `ious` what `box_ious` returns, with numpy alone.

    `ends` is (4, N): left, top, right and bottom.
    """
    sizes = tall * wide
    reach = np.cumsum(sizes)
    begin = 0
    while begin < sizes.size:
        before = int(reach[begin] - sizes[begin])
        end = max(begin + 1, int(np.searchsorted(reach, before + _AT_ONCE, side="right")))
        part = slice(begin, end)
        count = int(reach[end - 1]) - before
        problem = np.repeat(np.arange(begin, end), sizes[part])
        place = np.arange(before, before + count) - (reach - sizes)[problem]
        across, down = np.divmod(place, np.maximum(wide[problem], 1))
        a, b = ends[:, first[problem] + across], ends[:, second[problem] + down]
        ious[before : before + count] = paired_box_ious(a, b)
        begin = end


def paired_box_ious(a: Floats, b: Floats) -> Floats:
    """Return the overlap of each box with the one beside it.

    Both are (4, N): left, top, right and bottom ends.
    """
    size = np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2])
    np.maximum(size, 0.0, out=size)
    shared = size[0] * size[1]
    whole = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared
    ious: Floats = shared / np.where(whole > 0.0, whole, 1.0)
    return ious
