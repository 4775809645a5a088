"""What volumes of one bit a voxel come to, compiled: run-length codes, and numbers.

See `bit_volume_kernels`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from labelwidgets.algorithms.compiling import kernel

_NONE = np.uint64(0)
_ONE = np.uint64(1)
# Times a power of two, its uppermost six bits tell which one (de Bruijn).
TELLS = np.uint64(0x03F79D71B4CB0A89)
_UPPER = np.uint64(58)
WHICH = np.zeros(64, np.int64)
for _place in range(64):
    WHICH[((0x03F79D71B4CB0A89 << _place) & (2**64 - 1)) >> 58] = _place


@kernel
def edges_of_words(words: Any, x: int, y: int, rows: int, edges: Any) -> Any:
    """Write where runs of a slice begin and end, down its columns; return how many edges.

    Parameters
    ----------
    words
        (h, W) uint64 of a box.
    x, y
        Column and row of the slice that the box begins at.
    rows
        How many rows the slice has: pixel (row, column) has the number column * rows + row.
    edges
        int64, with room for all, see `most_edges`.
    """
    height, count = words.shape
    starts = np.zeros(64 * count + 1, np.int64)
    for turn in range(2):
        for k in range(count):
            above = _NONE
            for row in range(height + 1):
                here = words[row, k] if row < height else _NONE
                changed = here ^ above
                above = here
                while changed:
                    column = 64 * k + WHICH[((changed & (~changed + _ONE)) * TELLS) >> _UPPER]
                    changed &= changed - _ONE
                    if turn == 0:
                        starts[column + 1] += 1
                    else:
                        edges[starts[column]] = (x + column) * rows + y + row
                        starts[column] += 1
        if turn == 0:
            for column in range(64 * count):
                starts[column + 1] += starts[column]
    total = starts[64 * count]
    if height < rows:
        return total
    # As high as the slice, a column that is set to its end may go on in the next one.
    used = 0
    for at in range(total):
        if used and edges[used - 1] == edges[at]:
            used -= 1
        else:
            edges[used] = edges[at]
            used += 1
    return used


@kernel
def most_edges(words: Any) -> Any:
    """Return at least how many edges (h, W) words have, zero where no bit is set."""
    some, changes = _NONE, 0
    for k in range(words.shape[1]):
        above = _NONE
        for row in range(words.shape[0]):
            here = words[row, k]
            some |= here
            changes += 64 if here != above else 0
            above = here
        changes += 64 if above else 0
    return changes if some else 0


@kernel
def sum_words(words: Any, values: Any, corner: Any, sums: Any) -> None:
    """Add up the values of the voxels that are set.

    Parameters
    ----------
    words
        (d, h, W) uint64 of a box.
    values
        (D, H, W) of the volume.
    corner
        Slice, row and column of the first voxel of the box.
    sums
        (5,) float64: how many, their mean, the sum of the squares of what they are off it, the
        least and the greatest; NaN of none. Written to.
    """
    number, total, squares = 0, 0.0, 0.0
    least, greatest, first = np.inf, -np.inf, 0.0
    for z in range(words.shape[0]):
        for y in range(words.shape[1]):
            for k in range(words.shape[2]):
                word = words[z, y, k]
                while word:
                    bit = WHICH[((word & (~word + _ONE)) * TELLS) >> _UPPER]
                    word &= word - _ONE
                    value = float(values[corner[0] + z, corner[1] + y, corner[2] + 64 * k + bit])
                    if number == 0:
                        first = value
                    number += 1
                    # About the first one, so that large values of little spread stay exact.
                    off = value - first
                    total += off
                    squares += off * off
                    least, greatest = min(least, value), max(greatest, value)
    sums[0] = number
    if number == 0:
        sums[1:] = np.nan
        return
    sums[1], sums[2] = first + total / number, max(0.0, squares - total * total / number)
    sums[3], sums[4] = least, greatest
