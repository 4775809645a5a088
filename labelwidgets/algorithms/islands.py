"""Islands and holes of masks.

Pixels hang together by their faces (connectivity 4), those of a mask as those
of its holes.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.algorithms.masks import BoolMask, as_mask
from labelwidgets.errors import GeometryError

_Labels: TypeAlias = NDArray[np.int32]
_Slices: TypeAlias = tuple[slice, slice]


def fill_holes(mask: ArrayLike) -> BoolMask:
    """Return a mask with its holes filled.

    A hole is what is not set and does not hang together, by faces, with the
    border of the image; equal to `scipy.ndimage.binary_fill_holes`, which works
    on the whole image where this looks at the box around the mask.

    Parameters
    ----------
    mask
        (H, W), bool or numbers; what is not 0 is set.

    Returns
    -------
    ndarray
        (H, W) bool; a new array.

    Raises
    ------
    GeometryError
        If `mask` has not two dimensions, no pixels, or holds no numbers.
    """
    from scipy import ndimage

    given = as_mask(mask)
    filled = given.copy(order="K")
    box = box_of(given)
    if box is not None:
        filled[box] = ndimage.binary_fill_holes(given[box])
    return filled


def keep_largest_island(mask: ArrayLike) -> BoolMask:
    """Return the largest island of a mask alone.

    Of several that are as large, the one with the leftmost, there uppermost
    pixel is kept.

    Parameters
    ----------
    mask
        (H, W), bool or numbers; what is not 0 is set.

    Returns
    -------
    ndarray
        (H, W) bool; a new array.

    Raises
    ------
    GeometryError
        If `mask` has not two dimensions, no pixels, or holds no numbers.
    """
    given = as_mask(mask)
    kept = np.zeros_like(given)
    box = box_of(given)
    if box is None:
        return kept
    labels, areas = _label(given[box])
    largest = np.flatnonzero(areas == areas.max())
    by_columns = labels.T.ravel()
    first = largest[0]
    if len(largest) > 1:
        first = by_columns[np.isin(by_columns, largest).argmax()]
    kept[box] = labels == first
    return kept


def remove_small_islands(mask: ArrayLike, least: int) -> BoolMask:
    """Return a mask without its islands of fewer than `least` pixels.

    Parameters
    ----------
    mask
        (H, W), bool or numbers; what is not 0 is set.
    least
        Number of pixels that an island needs to stay.

    Returns
    -------
    ndarray
        (H, W) bool; a new array.

    Raises
    ------
    GeometryError
        If `mask` has not two dimensions, no pixels, or holds no numbers, or
        `least` is negative.
    """
    given = as_mask(mask)
    if not least >= 0:
        raise GeometryError(f"must be a number of pixels, not {least!r:.40}.", where="least")
    kept = np.zeros_like(given)
    box = box_of(given)
    if box is not None:
        labels, areas = _label(given[box])
        kept[box] = (areas >= max(1, least))[labels]
    return kept


def box_of(mask: BoolMask) -> _Slices | None:
    """Return the rows and columns of the box around the pixels that are set, None for none."""
    rows = np.flatnonzero(mask.any(axis=1))
    if not rows.size:
        return None
    columns = np.flatnonzero(mask.any(axis=0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def _label(mask: BoolMask) -> tuple[_Labels, NDArray[np.int64]]:
    """Return the islands numbered from 1, and their areas by number; that of number 0 is 0."""
    from scipy import ndimage

    labels, count = ndimage.label(mask)
    areas = np.bincount(labels.ravel(), minlength=count + 1)
    areas[0] = 0
    return labels, areas
