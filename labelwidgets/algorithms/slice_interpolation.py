"""Masks of the slices between those that are labelled, by their shapes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.algorithms.islands import box_of
from labelwidgets.algorithms.masks import BoolMask, as_mask
from labelwidgets.errors import GeometryError


def interpolate_slices(
    slices: Mapping[int, ArrayLike],
    depths: ArrayLike,
    pitch: tuple[float, float] = (1.0, 1.0),
) -> dict[int, BoolMask]:
    """Return masks for the slices between labelled ones; those themselves are not touched.

    Parameters
    ----------
    slices
        (H, W) masks of one size, by slice index; those without any pixel do not count.
    depths
        (K,): where each slice lies along the normal, in any unit, increasing.
    pitch
        From row to row, and from column to column, in any unit.

    Returns
    -------
    dict of int to ndarray
        (H, W) bool masks of the slices in the gaps; those that would be empty are left out, as
        between shapes that do not overlap.

    Raises
    ------
    GeometryError
        If the masks differ in size, or a slice has no depth.

    Notes
    -----
    Shape-based interpolation (Raya and Udupa, "Shape-based interpolation of multidimensional
    objects", IEEE Trans. Med. Imaging 9(1), 1990): between two labelled slices the signed
    distance to the outline, here the exact Euclidean one, is interpolated linearly by depth,
    and what is inside is set.
    """
    along = np.asarray(depths, np.float64)
    given = {k: as_mask(mask) for k, mask in slices.items()}
    labelled = sorted(k for k, mask in given.items() if mask.any())
    if len({mask.shape for mask in given.values()}) > 1:
        raise GeometryError("must have one size.", where="slices")
    if labelled and not (labelled[0] >= 0 and labelled[-1] < len(along)):
        raise GeometryError("must have a depth for each slice.", where="depths")
    found: dict[int, BoolMask] = {}
    for low, high in pairwise(labelled):
        if high - low < 2:
            continue
        area = _around(given[low] | given[high])
        below = signed_distance(given[low][area], pitch)
        above = signed_distance(given[high][area], pitch)
        for k in range(low + 1, high):
            part = (along[k] - along[low]) / (along[high] - along[low])
            inside = (1 - part) * below + part * above > 0
            if inside.any():
                found[k] = np.zeros_like(given[low])
                found[k][area] = inside
    return found


def signed_distance(mask: BoolMask, pitch: tuple[float, float] = (1.0, 1.0)) -> NDArray[np.float64]:
    """Return how far pixels are from the outline of a mask: inside positive, outside negative."""
    from scipy import ndimage

    # The outline runs between the pixels, half a pixel from the last centre on either side.
    half = math.sqrt(pitch[0] * pitch[1]) / 2
    inside = ndimage.distance_transform_edt(np.pad(mask, 1), sampling=pitch)[1:-1, 1:-1]
    outside = ndimage.distance_transform_edt(~mask, sampling=pitch)
    signed: NDArray[np.float64] = np.where(mask, inside - half, half - outside)
    return signed


def _around(mask: BoolMask) -> tuple[slice, slice]:
    box = box_of(mask)
    if box is None:
        return slice(0, 0), slice(0, 0)
    return box
