"""Volumes of one bit a voxel, compiled: values within a range, and what of them a seed reaches.

Bit x % 64 of word x // 64 of a row is voxel x. So a run of voxels fills by the carry of one
addition, and a volume of 512 x 512 x 300 takes 10 MB, most of which stays in the cache.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from labelwidgets.algorithms.compiling import kernel
from labelwidgets.algorithms.word_kernels import GATHER, LAST, NONE, ONE, TOP, fill_word

_BYTE = np.uint64(8)
_LOW = np.uint64(255)
# Times this, a byte is there eight times; each keeps another bit of it, which becomes 1.
_EIGHT = np.uint64(0x0101010101010101)
_EACH = np.uint64(0x8040201008040201)
_SEVENS = np.uint64(0x7F7F7F7F7F7F7F7F)
_SEVEN = np.uint64(7)
_PAIRS = np.uint64(0x5555555555555555)
_FOURS = np.uint64(0x3333333333333333)
_EIGHTS = np.uint64(0x0F0F0F0F0F0F0F0F)
_TWO = np.uint64(2)
_FOUR = np.uint64(4)


@kernel
def count_bits(word: Any) -> Any:
    """Return how many bits of a word are set."""
    word -= (word >> ONE) & _PAIRS
    word = (word & _FOURS) + ((word >> _TWO) & _FOURS)
    word = (word + (word >> _FOUR)) & _EIGHTS
    return np.int64((word * _EIGHT) >> TOP)


@kernel
def count_words(words: Any) -> Any:
    """Return how many bits of (D, H, W) words are set."""
    total = 0
    for z in range(words.shape[0]):
        for y in range(words.shape[1]):
            for k in range(words.shape[2]):
                total += count_bits(words[z, y, k])
    return total


@kernel
def open_words(
    values: Any, corner: Any, width: int, lower: Any, upper: Any, halves: Any, column: int,
    words: Any,
) -> None:  # fmt: skip
    """Set the bits of the voxels of a box that have a value in a range, and lie within reach.

    Parameters
    ----------
    values
        (D, H, W) of the whole volume, contiguous: only so are its rows read by vectors.
    corner, width
        Slice, row and column of the first voxel of the box; how many columns it has.
    lower, upper
        Ends of the range, both included, in the dtype of the values.
    halves
        (d, h) int64, how many columns to either side of `column` (of the box) are within
        reach, below 0 for none; empty: all are.
    words
        (d, h, (w + 63) // 64) uint64, written to.
    """
    count = words.shape[2]
    flags = np.zeros(64 * count, np.uint8)
    eights = flags.view(np.uint64)
    for z in range(words.shape[0]):
        for y in range(words.shape[1]):
            first, end = 0, width
            if halves.size:
                half = halves[z, y]
                first, end = max(first, column - half), min(end, column + half + 1)
            if first >= end:
                for k in range(count):
                    words[z, y, k] = NONE
                continue
            # Slices begin at 0, so that the loop has no negative index and vectorises.
            inside = flags[first:end]
            line = values[corner[0] + z, corner[1] + y, corner[2] + first : corner[2] + end]
            for at in range(inside.size):
                inside[at] = (line[at] >= lower) & (line[at] <= upper)
            for k in range(count):
                word = NONE
                if 64 * k < end and 64 * (k + 1) > first:
                    for eight in range(8):
                        word |= ((eights[8 * k + eight] * GATHER) >> TOP) << np.uint64(8 * eight)
                words[z, y, k] = word
            inside[:] = 0


@kernel
def pack(flags: Any, words: Any) -> None:
    """Write the bits of (D, H, W) uint8 of 0 and 1."""
    depth, height, width = flags.shape
    for z in range(depth):
        for y in range(height):
            for k in range(words.shape[2]):
                word = NONE
                for bit in range(min(64, width - 64 * k)):
                    word |= np.uint64(flags[z, y, 64 * k + bit]) << np.uint64(bit)
                words[z, y, k] = word


@kernel
def unpack(words: Any, width: int, corner: Any, mask: Any) -> None:
    """Write the bits of a box as bytes of 0 and 1 into a volume that is 0 there.

    Parameters
    ----------
    words, width
        The box, and how many columns it has.
    corner
        Slice, row and column that it begins at.
    mask
        (D, H, W) uint8 of the whole volume, contiguous.
    """
    depth, height, count = words.shape
    line = np.empty(64 * count, np.uint8)
    eights = line.view(np.uint64)
    for z in range(depth):
        for y in range(height):
            some = NONE
            for k in range(count):
                some |= words[z, y, k]
            if some == NONE:
                continue
            for k in range(count):
                word = words[z, y, k]
                for eight in range(8):
                    byte = (word >> np.uint64(8 * eight)) & _LOW
                    each = (byte * _EIGHT) & _EACH
                    # What is not 0 gets its uppermost bit, which is brought down to 1.
                    each = (((each & _SEVENS) + _SEVENS) | each) >> _SEVEN
                    eights[8 * k + eight] = each & _EIGHT
            row = mask[corner[0] + z, corner[1] + y, corner[2] : corner[2] + width]
            for x in range(row.size):
                row[x] = line[x]


@kernel
def _fill_row(open_: Any, filled: Any, z: int, y: int) -> Any:
    """Flood a row from the rows around it and from itself; say whether it has changed."""
    count = open_.shape[2]
    changed = False
    carried = NONE
    for k in range(count):
        here = open_[z, y, k]
        if here == NONE:
            carried = NONE
            continue
        was = filled[z, y, k]
        near = was | carried
        if y > 0:
            near |= filled[z, y - 1, k]
        if y < open_.shape[1] - 1:
            near |= filled[z, y + 1, k]
        if z > 0:
            near |= filled[z - 1, y, k]
        if z < open_.shape[0] - 1:
            near |= filled[z + 1, y, k]
        near &= here
        if near & ~was:
            was = fill_word(here, near)
            filled[z, y, k] = was
            changed = True
        carried = was >> LAST
    # Also where nothing came from before: a word may have been filled before its row is looked at.
    for k in range(count - 2, -1, -1):
        back = (filled[z, y, k + 1] << LAST) & open_[z, y, k]
        if back & ~filled[z, y, k]:
            filled[z, y, k] = fill_word(open_[z, y, k], filled[z, y, k] | back)
            changed = True
    return changed


@kernel
def flood_words(open_: Any, filled: Any) -> None:
    """Fill the open voxels that are reached from those filled, over the sides of voxels.

    Parameters
    ----------
    open_
        (D, H, W) uint64.
    filled
        The same, where some bits within the open ones are set; changed in place.
    """
    depth, height = open_.shape[0], open_.shape[1]
    dirty = np.zeros((depth, height), np.bool_)
    waiting = np.zeros(depth, np.int64)
    left = 0
    for z in range(depth):
        for y in range(height):
            some = NONE
            for k in range(open_.shape[2]):
                some |= filled[z, y, k]
            if some == NONE:
                continue
            for k in range(open_.shape[2]):
                filled[z, y, k] = fill_word(open_[z, y, k], filled[z, y, k])
            for side in range(5):
                nz, ny = z, y
                if side == 1:
                    ny -= 1
                elif side == 2:
                    ny += 1
                elif side == 3:
                    nz -= 1
                elif side == 4:
                    nz += 1
                if 0 <= nz < depth and 0 <= ny < height and not dirty[nz, ny]:
                    dirty[nz, ny] = True
                    waiting[nz] += 1
                    left += 1
    upwards = True
    while left:
        for step in range(depth):
            z = step if upwards else depth - 1 - step
            down = True
            # A slice comes to rest before the next one is begun: it stays in the cache.
            while waiting[z]:
                for line in range(height):
                    y = line if down else height - 1 - line
                    if not dirty[z, y]:
                        continue
                    dirty[z, y] = False
                    waiting[z] -= 1
                    left -= 1
                    if not _fill_row(open_, filled, z, y):
                        continue
                    for side in range(4):
                        nz, ny = z, y
                        if side == 0:
                            ny -= 1
                        elif side == 1:
                            ny += 1
                        elif side == 2:
                            nz -= 1
                        else:
                            nz += 1
                        if 0 <= nz < depth and 0 <= ny < height and not dirty[nz, ny]:
                            dirty[nz, ny] = True
                            waiting[nz] += 1
                            left += 1
                down = not down
        upwards = not upwards
