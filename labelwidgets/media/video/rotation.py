"""How decoded frames are turned to be shown."""

from __future__ import annotations

from math import atan2, degrees

import numpy as np
import numpy.typing as npt


def turn_of(matrix: tuple[float, float, float, float]) -> tuple[int, bool]:
    """Return by how many degrees frames are turned clockwise, and whether they are mirrored first.

    Parameters
    ----------
    matrix
        a, b, c, d of x' = ax + cy, y' = bx + dy, x right and y down (ISO/IEC 14496-12, 8.3.2).
        Angles between the quarters of a turn are taken for the nearest one.
    """
    a, b, c, d = matrix
    mirrored = a * d - b * c < 0
    # Mirrored left to right first, which changes the sign of the first column.
    angle = degrees(atan2(-b, -a) if mirrored else atan2(b, a))
    return round(angle / 90) % 4 * 90, mirrored


def turned(pixels: npt.NDArray[np.uint8], rotation: int, mirrored: bool) -> npt.NDArray[np.uint8]:
    """Return pixels (H, W, C) mirrored left to right and then turned clockwise by degrees."""
    if mirrored:
        pixels = pixels[:, ::-1]
    if rotation:
        pixels = np.rot90(pixels, -rotation // 90)
    return np.ascontiguousarray(pixels)
