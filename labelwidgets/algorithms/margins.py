"""Masks that grow and shrink by a margin, exactly: by Euclidean distance between pixel centres."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from labelwidgets.algorithms.islands import box_of
from labelwidgets.algorithms.masks import BoolMask, as_mask
from labelwidgets.errors import GeometryError

MAX_MARGIN = 1000.0
# So that a pixel exactly at the margin counts, whichever way its square was rounded.
_RIM = 1e-9


def grow_mask(mask: ArrayLike, margin: float) -> BoolMask:
    """Return a mask and all pixels near it: its dilation by a disc.

    Parameters
    ----------
    mask
        (H, W), bool or numbers; what is not 0 is set.
    margin
        A pixel is set when its centre is within so many pixels of the centre
        of one that was; 0 to 1000.

    Returns
    -------
    ndarray
        (H, W) bool; a new array.

    Raises
    ------
    GeometryError
        If `mask` has not two dimensions, no pixels, or holds no numbers, or
        `margin` is impossible.

    Notes
    -----
    By the exact Euclidean distance transform (`scipy.ndimage`) of the box
    around the mask and the margin.
    """
    given, margin = as_mask(mask), _margin(margin)
    grown = given.copy(order="K")
    box = box_of(given)
    if box is not None:
        area = _widened(box, math.ceil(margin), given.shape)
        grown[area] = _near(given[area], margin)
    return grown


def shrink_mask(mask: ArrayLike, margin: float) -> BoolMask:
    """Return the pixels of a mask that are well inside: its erosion by a disc.

    Parameters
    ----------
    mask
        (H, W), bool or numbers; what is not 0 is set.
    margin
        A pixel stays when it is farther than so many pixels, from centre to
        centre, from every pixel that is not set; 0 to 1000. Beyond the frame
        of the image there is nothing to be far from.

    Returns
    -------
    ndarray
        (H, W) bool; a new array.

    Raises
    ------
    GeometryError
        If `mask` has not two dimensions, no pixels, or holds no numbers, or
        `margin` is impossible.
    """
    given, margin = as_mask(mask), _margin(margin)
    shrunk = given.copy(order="K")
    box = box_of(given)
    if box is not None:
        area = _widened(box, 1, given.shape)
        shrunk[area] = given[area] & ~_near(~given[area], margin)
    return shrunk


def _near(mask: BoolMask, margin: float) -> BoolMask:
    """Which pixels are within the margin of one that is set."""
    from scipy import ndimage

    if not mask.any():
        return np.zeros_like(mask)
    distance = ndimage.distance_transform_edt(~mask)
    # Squares of distances between centres are whole numbers.
    near: BoolMask = np.rint(distance * distance) <= margin * margin + _RIM
    return near


def _widened(box: tuple[slice, slice], by: int, shape: tuple[int, ...]) -> tuple[slice, slice]:
    rows, columns = box
    return (
        slice(max(0, rows.start - by), min(shape[0], rows.stop + by)),
        slice(max(0, columns.start - by), min(shape[1], columns.stop + by)),
    )


def _margin(margin: float) -> float:
    if not (isinstance(margin, int | float) and 0 <= margin <= MAX_MARGIN):
        raise GeometryError(
            f"must be 0 to {MAX_MARGIN:g} pixels, not {margin!r:.40}.", where="margin"
        )
    return float(margin)
