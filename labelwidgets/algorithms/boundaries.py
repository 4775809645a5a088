"""How far the boundaries of two masks overlap."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from labelwidgets.algorithms.islands import box_of
from labelwidgets.algorithms.masks import BoolMask, as_mask
from labelwidgets.errors import GeometryError


def boundary_of(mask: ArrayLike, width: int) -> BoolMask:
    """Return the pixels of a mask that are within `width` pixels of its outside.

    Parameters
    ----------
    mask
        (H, W), bool or numbers; what is not 0 is set. Beyond the picture is outside.
    width
        In pixels, at least 1, in steps to any of the eight neighbours.

    Returns
    -------
    ndarray
        (H, W) bool; a new array.
    """
    from scipy import ndimage

    given = as_mask(mask)
    if width < 1:
        raise GeometryError(f"must be 1 or more, not {width!r:.40}.", where="width")
    rim = given.copy()
    box = box_of(given)
    if box is not None:
        # Around the box nothing is set.
        inner = ndimage.minimum_filter(
            given[box].view(np.uint8), size=2 * int(width) + 1, mode="constant", cval=0
        )
        rim[box] &= inner == 0
    return rim


def boundary_iou(mask: ArrayLike, other: ArrayLike, width: int | None = None) -> float:
    """Return the intersection over union of the boundaries of two masks.

    Parameters
    ----------
    mask, other
        (H, W) each, bool or numbers; what is not 0 is set.
    width
        Of the boundaries, in pixels; 2 % of the diagonal of the picture where it is not given.

    Returns
    -------
    float
        From 0 to 1; 0 where neither has a pixel.

    Raises
    ------
    GeometryError
        If the masks are of two sizes or `width` is below 1.

    Notes
    -----
    Cheng, Girshick, Dollár, Berg and Kirillov, "Boundary IoU" (CVPR 2021), with the width of the
    boundary and the erosion by squares of its reference implementation.
    """
    a, b = as_mask(mask), as_mask(other)
    if a.shape != b.shape:
        raise GeometryError(f"of {a.shape} and {b.shape} do not go together.", where="masks")
    if width is None:
        width = boundary_width(a.shape[0], a.shape[1])
    mine, its = boundary_of(a, width), boundary_of(b, width)
    whole = int(np.count_nonzero(mine | its))
    return int(np.count_nonzero(mine & its)) / whole if whole else 0.0


def boundary_width(height: int, width: int, part: float = 0.02) -> int:
    """Return how many pixels wide a boundary is, as a part of the diagonal of the picture."""
    return max(1, round(part * float(np.hypot(height, width))))
