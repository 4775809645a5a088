"""Opening of volumes of one bit a voxel by a ball, compiled; see `bit_volume_kernels`."""

from __future__ import annotations

from typing import Any

import numpy as np

from labelwidgets.algorithms.compiling import kernel
from labelwidgets.algorithms.word_kernels import LAST, NONE, ONE

_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)


@kernel
def erode_words(words: Any, width: int, ball: Any, made: Any) -> None:
    """Keep the voxels around which a ball fits into the set; beyond the volume it always does.

    Parameters
    ----------
    words
        (D, H, (width + 63) // 64) uint64; used up.
    width
        How many voxels a row has.
    ball
        (N, 3) int64: of each row of the ball how many slices and rows it is off the centre,
        and how many columns it goes to either side; in the order of these.
    made
        As `words`, written to.
    """
    depth, height, count = words.shape
    if width % 64:
        words[:, :, count - 1] |= _ALL << np.uint64(width % 64)
    made[:] = _ALL
    half = 0
    for row in range(ball.shape[0]):
        dz, dy = ball[row, 0], ball[row, 1]
        while half < ball[row, 2]:
            _erode_rows(words)
            half += 1
        for z in range(max(0, -dz), min(depth, depth - dz)):
            for y in range(max(0, -dy), min(height, height - dy)):
                for k in range(count):
                    made[z, y, k] &= words[z + dz, y + dy, k]
    if width % 64:
        made[:, :, count - 1] &= ~(_ALL << np.uint64(width % 64))


@kernel
def dilate_words(words: Any, width: int, ball: Any, made: Any) -> None:
    """Set the voxels of the balls around those of the set; for parameters see `erode_words`."""
    depth, height, count = words.shape
    made[:] = NONE
    half = 0
    for row in range(ball.shape[0]):
        dz, dy = ball[row, 0], ball[row, 1]
        while half < ball[row, 2]:
            _dilate_rows(words)
            half += 1
        for z in range(max(0, -dz), min(depth, depth - dz)):
            for y in range(max(0, -dy), min(height, height - dy)):
                for k in range(count):
                    made[z, y, k] |= words[z + dz, y + dy, k]
    if width % 64:
        made[:, :, count - 1] &= ~(_ALL << np.uint64(width % 64))


@kernel
def _erode_rows(words: Any) -> None:
    """Take a voxel off both ends of each run along the rows, but none at the ends of a row."""
    count = words.shape[2]
    for z in range(words.shape[0]):
        for y in range(words.shape[1]):
            before = ONE
            for k in range(count):
                here = words[z, y, k]
                after = words[z, y, k + 1] & ONE if k + 1 < count else ONE
                words[z, y, k] = here & ((here << ONE) | before) & ((here >> ONE) | after << LAST)
                before = here >> LAST


@kernel
def _dilate_rows(words: Any) -> None:
    """Add a voxel at both ends of each run along the rows."""
    count = words.shape[2]
    for z in range(words.shape[0]):
        for y in range(words.shape[1]):
            before = NONE
            for k in range(count):
                here = words[z, y, k]
                after = words[z, y, k + 1] & ONE if k + 1 < count else NONE
                words[z, y, k] = here | (here << ONE) | before | (here >> ONE) | after << LAST
                before = here >> LAST
