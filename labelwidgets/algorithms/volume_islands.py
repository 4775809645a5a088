"""Islands and holes of masks of voxels.

Voxels hang together by their faces (connectivity 6), those of a mask as those of its holes; how
large voxels are makes no difference. Masks are cut to the box around them before anything else,
so that time and memory go with that box.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.errors import GeometryError
from labelwidgets.numbered import numbered

VoxelMask: TypeAlias = NDArray[np.bool_]
VoxelBox: TypeAlias = tuple[slice, slice, slice]


def as_voxels(mask: ArrayLike) -> VoxelMask:
    """Return a mask of voxels as an array of bool.

    Raises
    ------
    GeometryError
        If it has not three dimensions, or holds no numbers.
    """
    given: NDArray[Any] = np.asarray(mask)
    if given.ndim != 3 or given.dtype.kind not in "biuf":
        raise GeometryError(
            f"must be (slices, rows, columns) of bool, not {numbered(given.ndim, 'axis')} "
            f"of {given.dtype}.",
            where="mask",
        )
    return given if given.dtype == bool else given != 0


def voxel_box(mask: VoxelMask) -> VoxelBox | None:
    """Return the box around the voxels that are set, None where there are none."""
    slices = np.flatnonzero(mask.any(axis=(1, 2)))
    if not slices.size:
        return None
    first, end = int(slices[0]), int(slices[-1]) + 1
    flat: VoxelMask = np.logical_or.reduce(mask[first:end], axis=0)
    rows, columns = np.flatnonzero(flat.any(axis=1)), np.flatnonzero(flat.any(axis=0))
    return (
        slice(first, end),
        slice(int(rows[0]), int(rows[-1]) + 1),
        slice(int(columns[0]), int(columns[-1]) + 1),
    )


def fill_holes_3d(mask: ArrayLike) -> VoxelMask:
    """Return a mask with its cavities filled.

    A cavity is what is not set and does not hang together, by faces, with the border of the
    volume; equal to `scipy.ndimage.binary_fill_holes`, which grows from the border step by step
    where this numbers the background once.

    Parameters
    ----------
    mask
        (K, H, W), bool or numbers; what is not 0 is set.

    Returns
    -------
    ndarray
        (K, H, W) bool; a new array.

    Raises
    ------
    GeometryError
        If `mask` has not three dimensions, or holds no numbers.
    """
    from scipy import ndimage

    given = as_voxels(mask)
    filled = given.copy()
    box = voxel_box(given)
    if box is not None:
        around, _ = ndimage.label(np.pad(~given[box], 1, constant_values=True))
        filled[box] = around[1:-1, 1:-1, 1:-1] != around[0, 0, 0]
    return filled


def keep_largest_island_3d(mask: ArrayLike) -> VoxelMask:
    """Return the largest island of a mask alone.

    Of several that are as large, the one whose first voxel comes first is kept: slice by slice,
    row by row.

    Parameters
    ----------
    mask
        (K, H, W), bool or numbers; what is not 0 is set.

    Returns
    -------
    ndarray
        (K, H, W) bool; a new array.

    Raises
    ------
    GeometryError
        As for `fill_holes_3d`.
    """
    given = as_voxels(mask)
    kept = np.zeros_like(given)
    box = voxel_box(given)
    if box is not None:
        labels, sizes = _label(given[box])
        # `label` counts in the order of first voxels, and `argmax` takes the first of equals.
        kept[box] = labels == sizes.argmax()
    return kept


def remove_small_islands_3d(mask: ArrayLike, least: float) -> VoxelMask:
    """Return a mask without its islands of fewer than `least` voxels.

    Parameters
    ----------
    mask
        (K, H, W), bool or numbers; what is not 0 is set.
    least
        Number of voxels that an island needs to stay.

    Returns
    -------
    ndarray
        (K, H, W) bool; a new array.

    Raises
    ------
    GeometryError
        As for `fill_holes_3d`, or if `least` is negative.
    """
    given = as_voxels(mask)
    if not least >= 0:
        raise GeometryError(f"must be a number of voxels, not {least!r:.40}.", where="least")
    kept = np.zeros_like(given)
    box = voxel_box(given)
    if box is not None:
        labels, sizes = _label(given[box])
        kept[box] = (sizes >= max(1, least))[labels]
    return kept


def _label(mask: VoxelMask) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Return the islands numbered from 1, and their sizes by number; that of number 0 is 0."""
    from scipy import ndimage

    labels, count = ndimage.label(mask)
    sizes = np.zeros(count + 1, np.int64)
    # Slice by slice: counting widens what it counts.
    for one in labels:
        sizes += np.bincount(one.ravel(), minlength=count + 1)
    sizes[0] = 0
    return labels, sizes
