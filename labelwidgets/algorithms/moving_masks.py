"""A mask on its way to another one: it changes its shape while it moves."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.algorithms.islands import box_of
from labelwidgets.algorithms.masks import BoolMask, as_mask
from labelwidgets.algorithms.slice_interpolation import signed_distance
from labelwidgets.errors import GeometryError


class MovingMask:
    """Masks between two others.

    Parameters
    ----------
    before, after
        (H, W) masks of one size, each with a pixel at least.

    Raises
    ------
    GeometryError
        If they differ in size, or one of them is empty.

    Notes
    -----
    Shape-based interpolation (Raya and Udupa, "Shape-based interpolation of multidimensional
    objects", IEEE Trans. Med. Imaging 9(1), 1990) of the two laid upon one another by their
    centroids: what moves further than it is wide would else be gone halfway. Shifts are of whole
    pixels, so that a mask that only moves keeps its shape. `js/src/geometry/moving_mask.ts` is
    the twin, and equal to the pixel.
    """

    def __init__(self, before: ArrayLike, after: ArrayLike) -> None:
        one, other = as_mask(before), as_mask(after)
        if one.shape != other.shape:
            raise GeometryError("must have one size.", where="after")
        self._size = one.shape
        boxes = [box_of(one), box_of(other)]
        if boxes[0] is None or boxes[1] is None:
            raise GeometryError("must have a pixel at least.", where="before, after")
        (rows, columns), (rows_after, columns_after) = boxes[0], boxes[1]
        crop, crop_after = one[rows, columns], other[rows_after, columns_after]
        centre, goal = _centroid(crop, rows, columns), _centroid(crop_after, *boxes[1])
        self._shift = np.floor(goal - centre + 0.5).astype(np.int64)
        down, right = self._shift.tolist()
        # The box around both, where the second lies on the first.
        top = min(rows.start, rows_after.start - down)
        left = min(columns.start, columns_after.start - right)
        bottom = max(rows.stop, rows_after.stop - down)
        end = max(columns.stop, columns_after.stop - right)
        self._corner = (top, left)
        shape = (bottom - top, end - left)
        self._before = _field(crop, (rows.start - top, columns.start - left), shape)
        placed = (rows_after.start - down - top, columns_after.start - right - left)
        self._after = _field(crop_after, placed, shape)

    def at(self, part: float) -> BoolMask:
        """Return the (H, W) mask at a part of the way, from 0 to 1."""
        inside = self._before + (self._after - self._before) * part > 0
        made = np.zeros(self._size, bool)
        top, left = (np.floor(self._shift * part + 0.5).astype(int) + self._corner).tolist()
        height, width = inside.shape
        rows = slice(max(0, top), max(0, min(self._size[0], top + height)))
        columns = slice(max(0, left), max(0, min(self._size[1], left + width)))
        made[rows, columns] = inside[
            rows.start - top : rows.stop - top, columns.start - left : columns.stop - left
        ]
        return made


def _centroid(crop: BoolMask, rows: slice, columns: slice) -> NDArray[np.float64]:
    """Return the mean row and column of the pixels that are set, of those of the whole."""
    down, right = np.nonzero(crop)
    count = len(down)
    return np.array([(down + rows.start).sum() / count, (right + columns.start).sum() / count])


def _field(mask: BoolMask, place: tuple[int, int], shape: tuple[int, int]) -> NDArray[np.float64]:
    whole = np.zeros(shape, bool)
    (top, left), (height, width) = place, mask.shape
    whole[top : top + height, left : left + width] = mask
    return signed_distance(whole)
