"""Filling volumes of one bit a voxel from near to far, compiled; see `bit_volume_kernels`."""

from __future__ import annotations

from typing import Any

import numpy as np

from labelwidgets.algorithms.bit_runs_kernels import TELLS, WHICH
from labelwidgets.algorithms.compiling import kernel
from labelwidgets.algorithms.word_kernels import LAST, NONE, ONE

_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
_UPPER = np.uint64(58)


@kernel
def limit_words(words: Any, halves: Any, column: int, made: Any) -> None:
    """Write the bits that lie within reach; for `halves` see `bit_volume_kernels.open_words`."""
    for z in range(words.shape[0]):
        for y in range(words.shape[1]):
            half = halves[z, y]
            for k in range(words.shape[2]):
                first, end = column - half - 64 * k, column + half + 1 - 64 * k
                if half < 0 or first >= 64 or end <= 0:
                    made[z, y, k] = NONE
                    continue
                inside = _ALL
                if first > 0:
                    inside &= _ALL << np.uint64(first)
                if end < 64:
                    inside &= ~(_ALL << np.uint64(end))
                made[z, y, k] = words[z, y, k] & inside


@kernel
def _border(open_: Any, filled: Any, z: int, y: int, k: int) -> Any:
    """Return the filled voxels of a word that touch an open one that is not."""
    depth, height, count = open_.shape
    here = filled[z, y, k]
    if here == NONE:
        return here
    free = open_[z, y, k] & ~here
    found = (free << ONE) | (free >> ONE)
    if k > 0:
        found |= (open_[z, y, k - 1] & ~filled[z, y, k - 1]) >> LAST
    if k < count - 1:
        found |= (open_[z, y, k + 1] & ~filled[z, y, k + 1]) << LAST
    if y > 0:
        found |= open_[z, y - 1, k] & ~filled[z, y - 1, k]
    if y < height - 1:
        found |= open_[z, y + 1, k] & ~filled[z, y + 1, k]
    if z > 0:
        found |= open_[z - 1, y, k] & ~filled[z - 1, y, k]
    if z < depth - 1:
        found |= open_[z + 1, y, k] & ~filled[z + 1, y, k]
    return found & here


@kernel
def fill_nearest(open_: Any, filled: Any, deep: Any, high: Any, across: Any, more: int) -> None:
    """Fill so many more open voxels, each time the nearest that touches a filled one.

    Parameters
    ----------
    open_
        (D, H, W) uint64.
    filled
        The same, where some bits within the open ones are set; changed in place.
    deep, high, across
        float64, what slice, row and column add to the square of a voxel's distance. Of two
        that are as far the one that comes first in the volume is taken.
    more
        How many.
    """
    depth, height, count = open_.shape
    wide = 64 * count
    waiting = filled.copy()
    keys, places = np.empty(1024, np.float64), np.empty(1024, np.int64)
    size = 0
    # Words that may have a filled voxel at their border come first; then each that is filled.
    start, total, inner = 0, depth * height * count, NONE
    while True:
        while inner == NONE and start < total:
            z, y, k = start // count // height, start // count % height, start % count
            inner = _border(open_, filled, z, y, k)
            start += 1
        if inner:
            bit = WHICH[((inner & (~inner + ONE)) * TELLS) >> _UPPER]
            inner &= inner - ONE
            place = (start - 1) * 64 + bit
        elif more == 0 or size == 0:
            return
        else:
            place = places[0]
            size -= 1
            key, last = keys[size], places[size]
            hole = 0
            while 2 * hole + 1 < size:
                child = 2 * hole + 1
                if child + 1 < size and (
                    keys[child + 1] < keys[child]
                    or (keys[child + 1] == keys[child] and places[child + 1] < places[child])
                ):
                    child += 1
                if key < keys[child] or (key == keys[child] and last < places[child]):
                    break
                keys[hole], places[hole] = keys[child], places[child]
                hole = child
            keys[hole], places[hole] = key, last
            filled[place // wide // height, place // wide % height, place % wide // 64] |= (
                ONE << np.uint64(place % 64)
            )
            more -= 1
        z, y, x = place // wide // height, place // wide % height, place % wide
        for side in range(6):
            nz, ny, nx = z, y, x
            if side == 0:
                nz -= 1
            elif side == 1:
                nz += 1
            elif side == 2:
                ny -= 1
            elif side == 3:
                ny += 1
            elif side == 4:
                nx -= 1
            else:
                nx += 1
            if not (0 <= nz < depth and 0 <= ny < height and 0 <= nx < wide):
                continue
            bit = ONE << np.uint64(nx & 63)
            if not open_[nz, ny, nx >> 6] & ~waiting[nz, ny, nx >> 6] & bit:
                continue
            waiting[nz, ny, nx >> 6] |= bit
            if size == keys.size:
                longer, others = np.empty(2 * size, np.float64), np.empty(2 * size, np.int64)
                longer[:size], others[:size] = keys, places
                keys, places = longer, others
            key, new = deep[nz] + high[ny] + across[nx], (nz * height + ny) * wide + nx
            hole = size
            size += 1
            while hole > 0:
                above = (hole - 1) // 2
                if keys[above] < key or (keys[above] == key and places[above] < new):
                    break
                keys[hole], places[hole] = keys[above], places[above]
                hole = above
            keys[hole], places[hole] = key, new
