"""Turning pictures upright: the only place that applies an EXIF orientation."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import numpy.typing as npt

_TAG = 0x0112


def exif_orientation(exif: bytes | None) -> int:
    """Return the orientation, 1 to 8, that a block of EXIF holds.

    1 (upright) where there is none or it is damaged, as browsers have it. An
    orientation in XMP does not count: browsers do not know it.
    """
    if not exif:
        return 1
    from PIL import Image

    block = Image.Exif()
    try:
        block.load(exif)
        value = block.get(_TAG, 1)
    except (SyntaxError, OSError, ValueError, TypeError, IndexError, KeyError, struct.error):
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def upright_size(width: int, height: int, orientation: int) -> tuple[int, int]:
    """Return (width, height) of the upright picture."""
    return (height, width) if orientation >= 5 else (width, height)


def upright(pixels: npt.NDArray[Any], orientation: int) -> npt.NDArray[Any]:
    """Return the upright picture.

    Parameters
    ----------
    pixels
        (H, W) or (H, W, C) as stored.
    orientation
        1 to 8, as in EXIF 2.32, tag 0x0112.

    Returns
    -------
    ndarray
        (H, W) or (H, W, C), or with H and W exchanged for 5 to 8.
    """
    if orientation >= 5:
        pixels = np.swapaxes(pixels, 0, 1)
    # The tag tells on which side of the scene the first row and the first column lie.
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return np.ascontiguousarray(pixels)
