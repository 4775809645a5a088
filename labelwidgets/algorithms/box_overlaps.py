"""How far upright boxes overlap, over very many tasks at once."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.algorithms.batches import batches
from labelwidgets.algorithms.compiling import compiles
from labelwidgets.errors import GeometryError

Floats: TypeAlias = NDArray[np.float64]
Indices: TypeAlias = NDArray[np.int64]

# Of the plain way, in pairs of boxes: some 10 MB of numbers in between.
_AT_ONCE = 2**17


def box_ious(
    boxes: ArrayLike,
    first: ArrayLike,
    tall: ArrayLike,
    second: ArrayLike,
    wide: ArrayLike,
    out: Floats | None = None,
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
    out
        float64, to be written into and returned, of at least the size of what is returned: to go
        through many pairs part by part needs no new memory each time.

    Returns
    -------
    ndarray
        (sum of tall * wide,) float64: intersection over union, a matrix a pair of groups, each
        row by row; 0 between boxes without extent. `assign_many` takes it as it is.

    Raises
    ------
    GeometryError
        If the boxes are no (N, 4) numbers, a group reaches beyond them, or `out` is too small.
    """
    corners = np.ascontiguousarray(boxes, np.float64)
    groups = read_groups(corners, first, tall, second, wide)
    sizes = groups[1] * groups[3]
    count = int(sizes.sum())
    if out is None:
        out = np.empty(count, np.float64)
    elif out.dtype != np.float64 or out.ndim != 1 or out.size < count:
        raise GeometryError(f"must be {count} float64 in one dimension.", where="out")
    ious = out[:count]
    if compiles() and sizes.size:
        from labelwidgets.algorithms import overlap_kernels as kernels

        kernels.boxes(corners, *groups, np.cumsum(sizes) - sizes, ious)
    else:
        plain_box_ious(corners, *groups, ious)
    return ious


def read_groups(
    corners: Floats, first: ArrayLike, tall: ArrayLike, second: ArrayLike, wide: ArrayLike
) -> tuple[Indices, Indices, Indices, Indices]:
    """Return pairs of groups as whole numbers.

    Raises
    ------
    GeometryError
        If the boxes are no (N, 4) numbers or a group reaches beyond them.
    """
    if corners.ndim != 2 or corners.shape[1] != 4:
        raise GeometryError("must be (N, 4): x, y, width, height.", where="boxes")
    a, rows, b, columns = (np.asarray(one, np.int64) for one in (first, tall, second, wide))
    for one in (a, rows, b, columns):
        if one.shape != a.shape or one.ndim != 1 or (one < 0).any():
            raise GeometryError("must be as many, none below 0.", where="groups")
    if a.size and int(max((a + rows).max(), (b + columns).max())) > len(corners):
        raise GeometryError(f"reach beyond the {len(corners)} boxes.", where="groups")
    return a, rows, b, columns


def plain_box_ious(
    corners: Floats, first: Indices, tall: Indices, second: Indices, wide: Indices, ious: Floats
) -> None:
    """Write into `ious` what `box_ious` returns, with numpy alone."""
    sizes = tall * wide
    starts = np.cumsum(sizes) - sizes
    for part in batches(sizes, _AT_ONCE):
        problem = np.repeat(np.arange(part.start, part.stop), sizes[part])
        begin = int(starts[part.start])
        place = np.arange(begin, begin + problem.size)
        row, column = np.divmod(place - starts[problem], np.maximum(wide[problem], 1))
        a, b = ends_of(corners[first[problem] + row]), ends_of(corners[second[problem] + column])
        ious[begin : begin + problem.size] = paired_box_ious(a, b)


def ends_of(corners: Floats) -> Floats:
    """Return (4, N) left, top, right and bottom ends of (N, 4) x, y, width and height."""
    ends = corners.T.copy()
    ends[2:] += ends[:2]
    return ends


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
