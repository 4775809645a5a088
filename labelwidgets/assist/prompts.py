"""What a person shows to a tool: clicks, a box, scribbles, a track.

Coordinates are in pixels of the full-resolution image, x right and y down, (0, 0) at the outer
corner of the first pixel.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Meta

from labelwidgets.algorithms.strokes import stroke_to_mask
from labelwidgets.errors import ToolError
from labelwidgets.schema.tracks import Track

XY: TypeAlias = tuple[float, float]
Plane: TypeAlias = Literal["slice", "row", "column"]
# Slices, rows and columns of a scan, which have other numbers than its pixels.
Place: TypeAlias = Annotated[int, Meta(ge=0, le=2**31)]
_HELD = {"slice": 0, "row": 1, "column": 2}

MOST_CLICKS = 1_000
MOST_SCRIBBLES = 1_000
MOST_POINTS = 100_000


class Click(msgspec.Struct, frozen=True):
    """A place that was clicked.

    Parameters
    ----------
    x, y
        In pixels of the image.
    positive
        Whether what is there is meant, or (an Alt-click) is to be left out.
    slice
        Of a scan: which slice was clicked, from 0; None where there is but one picture. A click
        in a reformatted picture has x, y and slice of the voxel that is shown there.
    """

    x: float
    y: float
    positive: bool = True
    slice: Place | None = None

    def pixel(self, shape: tuple[int, ...]) -> tuple[int, int]:
        """Return (row, column) of the pixel under the click, in an image of a (H, W, ...) shape."""
        row = min(max(math.floor(self.y), 0), shape[0] - 1)
        return row, min(max(math.floor(self.x), 0), shape[1] - 1)

    def voxel(self, shape: tuple[int, ...]) -> tuple[int, int, int]:
        """Return (slice, row, column) of the voxel under the click, in a scan of a (D, H, W) shape.

        Raises
        ------
        ToolError
            If it says no slice, or there is none of that number.
        """
        if self.slice is None or self.slice >= shape[0]:
            raise ToolError(
                f"must be a slice from 0 to {shape[0] - 1}, not {self.slice}.", where="click, slice"
            )
        row, column = self.pixel(shape[1:])
        return self.slice, row, column


class Box(msgspec.Struct, frozen=True, array_like=True):
    """An upright box: its top left corner and its size, in pixels of the image."""

    x: float
    y: float
    width: float
    height: float

    def slices(self, shape: tuple[int, ...]) -> tuple[slice, slice]:
        """Return (rows, columns) of the pixels it touches, in an image of a (H, W, ...) shape."""
        top, bottom = math.floor(self.y), math.ceil(self.y + self.height)
        left, right = math.floor(self.x), math.ceil(self.x + self.width)
        return (
            slice(min(max(top, 0), shape[0]), min(max(bottom, 0), shape[0])),
            slice(min(max(left, 0), shape[1]), min(max(right, 0), shape[1])),
        )


class Scribble(msgspec.Struct, frozen=True):
    """A line drawn by hand.

    Parameters
    ----------
    points
        (x, y) of its points, in pixels of the image.
    positive
        Whether it lies on what is meant, or (drawn with Alt) on the background.
    index
        Of a scan: which slice (or row, or column) it was drawn on, from 0; None where there is
        but one picture.
    plane
        Of a scan: what `points` are. On a slice (column, row), on a cut along a row (column,
        slice), on one along a column (row, slice); number k spans [k, k + 1).
    """

    points: Annotated[list[XY], Meta(min_length=1, max_length=MOST_POINTS)]
    positive: bool = True
    index: Place | None = None
    plane: Plane = "slice"

    def voxels(
        self, shape: tuple[int, ...], width: float, depth: int = 0
    ) -> tuple[npt.NDArray[np.bool_], tuple[int, int, int]]:
        """Return the voxels that it covers, in a scan of a (D, H, W) shape.

        Parameters
        ----------
        shape
            Of the scan.
        width
            Of the line, in voxels.
        depth
            Through so many slices (or rows, or columns) to either side it goes, too.

        Returns
        -------
        mask : ndarray
            bool, of the box around it.
        start : tuple
            Slice, row and column that the box begins at.

        Raises
        ------
        ToolError
            If it says no slice, or there is none of that number.
        """
        axis = _HELD[self.plane]
        if self.index is None or self.index >= shape[axis]:
            raise ToolError(
                f"must be from 0 to {shape[axis] - 1}, not {self.index}.",
                where="scribble, index",
            )
        size = [side for at, side in enumerate(shape) if at != axis]
        xy = np.asarray(self.points, np.float64)
        low = np.floor(xy.min(axis=0) - width - 1)
        high = np.ceil(xy.max(axis=0) + width + 1)
        left, top = (int(min(max(v, 0), n - 1)) for v, n in zip(low, size[::-1], strict=True))
        right, foot = (int(min(max(v, 1), n)) for v, n in zip(high, size[::-1], strict=True))
        drawn = stroke_to_mask(
            xy - [left, top],
            (max(foot - top, 1), max(right - left, 1)),
            radius=width / 2,
        )
        first = max(0, self.index - depth)
        count = min(shape[axis], self.index + depth + 1) - first
        start: list[Any] = [top, left]
        start.insert(axis, first)
        mask = np.repeat(np.expand_dims(drawn, axis), count, axis=axis)
        return mask, (start[0], start[1], start[2])


def seed_prompt(seed: Sequence[int], shape: tuple[int, ...]) -> Prompt:
    """Return a click on the middle of a voxel (slice, row, column), in a scan of a (D, H, W) shape.

    Raises
    ------
    ToolError
        If there is no such voxel.
    """
    try:
        index = tuple(operator.index(number) for number in seed)
    except TypeError:
        index = ()
    inside = len(index) == 3 and all(0 <= n < size for n, size in zip(index, shape, strict=True))
    if not inside:
        raise ToolError(
            f"must be (slice, row, column) within {tuple(shape)}, not {str(seed)[:60]}.",
            where="seed",
        )
    return Prompt(clicks=[Click(index[2] + 0.5, index[1] + 0.5, slice=index[0])])


class Prompt(msgspec.Struct, frozen=True, omit_defaults=True):
    """All that was shown to a tool; parts that a tool does not take are empty."""

    clicks: Annotated[list[Click], Meta(max_length=MOST_CLICKS)] = []
    box: Box | None = None
    scribbles: Annotated[list[Scribble], Meta(max_length=MOST_SCRIBBLES)] = []
    track: Track | None = None

    def __post_init__(self) -> None:
        numbers = [value for click in self.clicks for value in (click.x, click.y)]
        if self.box is not None:
            numbers += [self.box.x, self.box.y, self.box.width, self.box.height]
            if self.box.width <= 0 or self.box.height <= 0:
                raise ToolError("must be wider and higher than 0.", where="prompt, box")
        numbers += [v for line in self.scribbles for point in line.points for v in point]
        if not all(math.isfinite(value) and abs(value) <= 1e9 for value in numbers):
            raise ToolError("holds a number that is no place on an image.", where="prompt")
