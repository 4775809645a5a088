"""Where a picture lies in what an encoder sees, and its numbers there.

As `ResizeLongestSide` and `SamPredictor` of segment-anything have it (Kirillov et al., "Segment
Anything", 2023): the longer side becomes 1024 pixels, colours are normalised, and zeros fill the
square at the right and below.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt
from PIL import Image

from labelwidgets.algorithms.tone import window_of
from labelwidgets.assist.adapters.pictures import as_picture
from labelwidgets.errors import AssistantError

# ``sam``: (1, 3, side, side), normalised; ``raw``: (h, w, 3), from 0 to 255, resized and not
# padded, as samexporter writes encoders that normalise themselves; ``efficient``: (1, 3, side,
# side), from 0 to 1, the picture stretched over the square, as EfficientSAM does it.
Look: TypeAlias = Literal["sam", "raw", "efficient"]
LOOKS: tuple[Look, ...] = ("sam", "raw", "efficient")
Colour: TypeAlias = tuple[float, float, float]

# Of ImageNet, from 0 to 255.
MEAN: Colour = (123.675, 116.28, 103.53)
DEVIATION: Colour = (58.395, 57.12, 57.375)


class Frame(msgspec.Struct, frozen=True):
    """A picture within the square of an encoder.

    Parameters
    ----------
    size
        (height, width) of the picture.
    resized
        (height, width) of it in the square, from whose top left corner it lies.
    """

    size: tuple[int, int]
    resized: tuple[int, int]

    @classmethod
    def of(cls, size: tuple[int, int], side: int, *, stretch: bool = False) -> Frame:
        """Return where a picture of a size lies: its longer side as long as the square's."""
        if stretch:
            return cls(size, (side, side))
        scale = side / max(size)
        height, width = (max(1, int(length * scale + 0.5)) for length in size)
        return cls(size, (height, width))

    def points(self, xy: Any) -> npt.NDArray[np.float64]:
        """Return points (n, 2), in pixels of the picture, as the network has them.

        There 0 is the middle of the first pixel of the square: it adds the half itself.
        """
        height, width = self.size
        tall, wide = self.resized
        places = np.asarray(xy, np.float64).reshape(-1, 2)
        return np.asarray(places * (wide / width, tall / height) - 0.5)


def rgb_of(pixels: npt.NDArray[Any]) -> Image.Image:
    """Return a picture in 8-bit colours, as it is shown: grey of more bits through its window.

    Raises
    ------
    AssistantError
        If there is nothing in it.
    """
    array = np.asarray(pixels)
    if array.ndim not in (2, 3) or not array.size:
        raise AssistantError(f"was given an array of shape {array.shape}, which is no picture.")
    if array.dtype == bool:
        array = array.astype(np.uint8) * 255
    elif array.dtype != np.uint8:
        low, high = window_of(array[..., 0] if array.ndim == 3 else array)
        if array.ndim == 3 and array.dtype.kind in "ui":
            low, high = 0.0, float(np.iinfo(array.dtype).max)
        span = high - low if high > low else 1.0
        shares = (array.astype(np.float64) - low) / span
        array = (np.nan_to_num(shares).clip(0, 1) * 255).round().astype(np.uint8)
    return as_picture(array)


def seen(
    picture: Image.Image, frame: Frame, look: Look, side: int, mean: Colour, deviation: Colour
) -> npt.NDArray[np.float32]:
    """Return a picture as an encoder of a kind takes it."""
    height, width = frame.resized
    if picture.size != (width, height):
        picture = picture.resize((width, height), Image.Resampling.BILINEAR)
    colours = np.asarray(picture, np.float32)
    if look == "raw":
        return colours
    if look == "efficient":
        return np.ascontiguousarray(colours.transpose(2, 0, 1)[np.newaxis] / np.float32(255))
    square = np.zeros((1, 3, side, side), np.float32)
    normal = (colours - np.asarray(mean, np.float32)) / np.asarray(deviation, np.float32)
    square[0, :, :height, :width] = normal.transpose(2, 0, 1)
    return square
