"""What a person shows to a tool: clicks, a box, scribbles.

Coordinates are in pixels of the full-resolution image, x right and y down, (0, 0) at the outer
corner of the first pixel.
"""

from __future__ import annotations

import math
from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta

from labelwidgets.errors import ToolError

XY: TypeAlias = tuple[float, float]

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
    """

    x: float
    y: float
    positive: bool = True

    def pixel(self, shape: tuple[int, ...]) -> tuple[int, int]:
        """Return (row, column) of the pixel under the click, in an image of a (H, W, ...) shape."""
        row = min(max(math.floor(self.y), 0), shape[0] - 1)
        return row, min(max(math.floor(self.x), 0), shape[1] - 1)


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
    """

    points: Annotated[list[XY], Meta(min_length=1, max_length=MOST_POINTS)]
    positive: bool = True


class Prompt(msgspec.Struct, frozen=True, omit_defaults=True):
    """All that was shown to a tool; parts that a tool does not take are empty."""

    clicks: Annotated[list[Click], Meta(max_length=MOST_CLICKS)] = []
    box: Box | None = None
    scribbles: Annotated[list[Scribble], Meta(max_length=MOST_SCRIBBLES)] = []

    def __post_init__(self) -> None:
        numbers = [value for click in self.clicks for value in (click.x, click.y)]
        if self.box is not None:
            numbers += [self.box.x, self.box.y, self.box.width, self.box.height]
            if self.box.width <= 0 or self.box.height <= 0:
                raise ToolError("must be wider and higher than 0.", where="prompt, box")
        numbers += [v for line in self.scribbles for point in line.points for v in point]
        if not all(math.isfinite(value) and abs(value) <= 1e9 for value in numbers):
            raise ToolError("holds a number that is no place on an image.", where="prompt")
