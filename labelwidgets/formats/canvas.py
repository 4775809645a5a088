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

Part = tuple[slice, slice, BoolMask]


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
    values
        The numbers, (height, width), 0 where there are none.
    areas
        How many pixels each number has that was painted: 0 where all of it is covered.
    covered
        How many pixels were taken from other numbers.
    """

    def __init__(self, size: tuple[int, int], dtype: npt.DTypeLike = np.uint16) -> None:
        self.size = size
        width, height = size
        self.values: npt.NDArray[Any] = np.zeros((height, width), dtype)
        self.areas: dict[int, int] = {}
        self.covered = 0

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
        rows, columns, inside = found
        part = self.values[rows, columns]
        before = part[inside]
        np.copyto(part, number, where=inside)
        count = before.size
        others = before[(before != 0) & (before != number)] if before.any() else before[:0]
        self.covered += others.size
        if others.size:
            for other, lost in zip(*np.unique(others, return_counts=True), strict=True):
                self.areas[int(other)] -= int(lost)
        mine = count - int(np.count_nonzero(before == number))
        self.areas[number] = self.areas.get(number, 0) + mine
        return count

    def _pixels(self, shape: Geometry) -> Part | None:
        """Return the rows and columns around a shape, and which pixels of them it covers."""
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
            left, top, across, down = box
            rows = slice(top, top + down)
            # Columns follow one another in the code.
            inside = mask_from_runs(Runs((height, across), runs.edges - left * height))
            return rows, slice(left, left + across), inside[rows]
        if not isinstance(shape, Polygon | Rectangle | Ellipse) or shape.bounds is None:
            return None
        x, y, w, h = shape.bounds
        # A pixel more on all sides, as bounds are rounded.
        rows = slice(max(0, math.floor(y) - 1), max(0, min(height, math.ceil(y + h) + 1)))
        columns = slice(max(0, math.floor(x) - 1), max(0, min(width, math.ceil(x + w) + 1)))
        inside = area_of(shape, (height, width))[rows, columns]
        return (rows, columns, inside) if inside.any() else None
