"""A picture of numbers that labels are painted into, for formats in which a pixel has one."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from labelwidgets.algorithms.masks import BoolMask
from labelwidgets.algorithms.runs import Runs, mask_from_runs, runs_bounds, runs_of
from labelwidgets.errors import FormatError
from labelwidgets.formats.voxels import area_of
from labelwidgets.schema.geometry import Ellipse, Geometry, Mask, Polygon, Rectangle

Columns = tuple[int, BoolMask]


class Canvas:
    """A picture of numbers; what is painted later is above.

    Parameters
    ----------
    size
        (width, height) in pixels.
    dtype
        Of the numbers, unsigned.

    Attributes
    ----------
    areas
        How many pixels each number has that was painted: 0 where all of it is covered.
    covered
        How many pixels were taken from other numbers.
    """

    def __init__(self, size: tuple[int, int], dtype: npt.DTypeLike = np.uint16) -> None:
        self.size = size
        # Column by column, as the code of masks runs.
        self._columns: npt.NDArray[Any] = np.zeros(size, dtype)
        self.areas: dict[int, int] = {}
        self.covered = 0

    @property
    def values(self) -> npt.NDArray[Any]:
        """The numbers, (height, width), 0 where there are none."""
        return np.ascontiguousarray(self._columns.T)

    def paint(self, shape: Geometry, number: int) -> int:
        """Give the pixels of a shape a number, and return how many they are.

        Parameters
        ----------
        shape
            Mask, polygon, box or ellipse, in pixels; others have no pixels.
        number
            From 1.

        Raises
        ------
        FormatError
            If a mask has another size than the picture.
        """
        found = self._pixels(shape)
        if found is None:
            return 0
        left, inside = found
        part = self._columns[left : left + inside.shape[1]]
        before = part[inside.T]
        part[inside.T] = number
        others = before[(before != 0) & (before != number)]
        self.covered += others.size
        if others.size:
            for other, count in zip(*np.unique(others, return_counts=True), strict=True):
                self.areas[int(other)] -= int(count)
        mine = before.size - int(np.count_nonzero(before == number))
        self.areas[number] = self.areas.get(number, 0) + mine
        return before.size

    def _pixels(self, shape: Geometry) -> Columns | None:
        """Return the first column that a shape covers and the mask of the columns from there."""
        width, height = self.size
        if isinstance(shape, Mask):
            if shape.rle.size != (height, width):
                raise FormatError(
                    f"is {shape.rle.size[1]} x {shape.rle.size[0]} pixels, the picture is "
                    f"{width} x {height}.",
                    where="geometry",
                )
            runs = runs_of({"size": list(shape.rle.size), "counts": shape.rle.counts})
            box = runs_bounds(runs)
            if box is None:
                return None
            left, _, columns, _ = box
            return left, mask_from_runs(Runs((height, columns), runs.edges - left * height))
        if not isinstance(shape, Polygon | Rectangle | Ellipse) or shape.bounds is None:
            return None
        x, _, across, _ = shape.bounds
        # A column more on both sides, as bounds are rounded.
        left, right = max(0, math.floor(x) - 1), min(width, math.ceil(x + across) + 1)
        if left >= right:
            return None
        inside = area_of(shape, (height, width))[:, left:right]
        return (left, inside) if inside.any() else None
