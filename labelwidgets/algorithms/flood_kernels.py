"""Flooding by bricks of 64 words of 64 pixels, compiled.

A brick is 64 pixels along a row, and 64 rows (of a picture) or 8 rows in 8 slices (of a
volume). Which of its pixels may be filled is found once, when the flood first touches it,
and kept as one bit a pixel; then whole words flood at once: a run of set bits fills by the
carry of an addition. So the work is in proportion to what is filled, not to the picture.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from labelwidgets.algorithms.compiling import kernel

Words: TypeAlias = NDArray[np.uint64]

_NONE = np.uint64(0)
_ONE = np.uint64(1)
_HALF = np.uint64(32)
_LAST = np.uint64(63)
# Times this, eight bytes of 0 or 1 have their bits side by side in the uppermost byte.
_GATHER = np.uint64(0x0102040810204080)
_TOP = np.uint64(56)


@kernel
def _fill_word(open_: Any, seeds: Any) -> Any:
    """Return the runs of `open_` that hold a bit of `seeds`, itself within `open_`."""
    # Upwards: the carry goes through a run and leaves zeros behind it.
    filled = (((open_ + seeds) ^ open_) & open_) | seeds
    # Downwards: Kogge and Stone, in steps that double.
    through, by = open_, _ONE
    while by <= _HALF and through & (filled >> by) & ~filled:
        filled |= through & (filled >> by)
        through &= through >> by
        by <<= _ONE
    return filled


@kernel
def _open_words(
    pixels: Any, lower: Any, upper: Any, centre: Any, limit: float, box: Any, reach: Any,
    corner: Any, rows: int, flags: Any, words: Words,
) -> None:  # fmt: skip
    """Find which pixels of a brick may be filled."""
    channels = centre.size
    bytes_ = flags[:64]
    eights = bytes_.view(np.uint64)
    z0, y0, x0 = corner
    for index in range(64):
        z, y = z0 + index // rows, y0 + index % rows
        first, end = 0, min(64, box[5] - x0)
        if z >= box[3] or y >= box[4]:
            end = 0
        elif reach.size:
            half = reach[z - box[0], y - box[1]]
            first = max(first, box[6] - half - x0)
            end = min(end, box[6] + half + 1 - x0)
        words[index] = _NONE
        if first >= end:
            continue
        # Slices begin at 0, so that the loop has no negative index and vectorises.
        flags[:] = 0
        inside = flags[first * channels : end * channels]
        line = pixels[z, y, (x0 + first) * channels : (x0 + end) * channels]
        low, high = lower[first * channels :], upper[first * channels :]
        for at in range(inside.size):
            inside[at] = (line[at] >= low[at]) & (line[at] <= high[at])
        if channels == 3:
            for x in range(64):
                flags[x] = flags[3 * x] & flags[3 * x + 1] & flags[3 * x + 2]
        elif channels > 1:
            for x in range(64):
                every = flags[channels * x]
                for channel in range(1, channels):
                    every &= flags[channels * x + channel]
                flags[x] = every
        if limit >= 0:
            for x in range(end - first):
                distance = 0.0
                for channel in range(channels):
                    step = float(line[channels * x + channel]) - centre[channel]
                    distance += step * step
                flags[first + x] &= distance <= limit
        word = _NONE
        for eight in range(8):
            word |= ((eights[eight] * _GATHER) >> _TOP) << np.uint64(8 * eight)
        words[index] = word


@kernel
def _flood_brick(opened: Words, filled: Words, rows: int) -> None:
    """Flood within a brick from the bits that are filled."""
    changed, down = True, True
    while changed:
        changed = False
        for step in range(64):
            index = step if down else 63 - step
            here = opened[index]
            row = index % rows
            near = filled[index]
            if row > 0:
                near |= filled[index - 1]
            if row < rows - 1:
                near |= filled[index + 1]
            if index >= rows:
                near |= filled[index - rows]
            if index < 64 - rows:
                near |= filled[index + rows]
            near &= here
            if near & ~filled[index]:
                filled[index] = _fill_word(here, near)
                changed = True
        down = not down


@kernel
def _offer(filled: Words, side: int, rows: int, offered: Words) -> Any:
    """Find what a brick would fill in the one beside it, and whether that is anything."""
    found = _NONE
    offered[:] = _NONE
    if side < 2:
        for index in range(64):
            word = filled[index] << _LAST if side == 0 else filled[index] >> _LAST
            offered[index] = word
            found |= word
    elif side < 4:
        far = rows - 1
        for slice_ in range(0, 64, rows):
            word = filled[slice_ if side == 2 else slice_ + far]
            offered[slice_ + far if side == 2 else slice_] = word
            found |= word
    else:
        far = 64 - rows
        for row in range(rows):
            word = filled[row if side == 4 else row + far]
            offered[row + far if side == 4 else row] = word
            found |= word
    return found


@kernel
def half_widths(first: Any, end: Any, seed: Any, steps: Any, radius: float, halves: Any) -> None:
    """Write how many columns to either side of the seed's lie within a radius, for each row.

    Parameters
    ----------
    first, end
        z, row and column where the rows begin and end.
    seed
        z, row and column.
    steps
        How far apart pixels are along each axis.
    halves
        (slices, rows) int64, below 0 where none is; `plain_half_widths` is the twin.
    """
    limit = radius * radius
    step = steps[2]
    for z in range(halves.shape[0]):
        for row in range(halves.shape[1]):
            deep = ((first[0] + z - seed[0]) * steps[0]) ** 2
            rest = deep + ((first[1] + row - seed[1]) * steps[1]) ** 2
            half = np.int64(np.floor(min(np.sqrt(max(limit - rest, 0.0)) / step, float(end[2]))))
            if rest + ((half + 1) * step) ** 2 <= limit:
                half += 1
            if rest + (half * step) ** 2 > limit:
                half -= 1
            halves[z, row] = half


@kernel
def flood(
    pixels: Any, seed: Any, lower: Any, upper: Any, centre: Any, limit: float, box: Any,
    reach: Any, rows: int, mask: Any,
) -> None:  # fmt: skip
    """Set the pixels of `mask` that a flood from `seed` fills.

    Parameters
    ----------
    pixels
        (D, H, W * C), the C channels of a pixel beside one another.
    seed
        z, row and column.
    lower, upper
        The ends of the range of each channel, repeated for 64 pixels.
    centre, limit
        A colour and how far from it, squared, one may be; below 0: anywhere in the range.
    box
        First z, row and column of what may be filled, their ends, and the column of the seed.
    reach
        How many columns to either side of the seed's may be filled, for each slice and row
        of the box; empty: all.
    rows
        How many rows a brick has.
    mask
        (D, H, W) uint8, changed in place.
    """
    slices = 64 // rows
    deep = (box[3] - box[0] + slices - 1) // slices
    high = (box[4] - box[1] + rows - 1) // rows
    wide = (box[5] - box[2] + 63) // 64
    layer = high * wide
    count = deep * layer
    opened = np.empty((count, 64), np.uint64)
    filled = np.empty((count, 64), np.uint64)
    known = np.zeros(count, np.bool_)
    queued = np.zeros(count, np.bool_)
    queue = np.empty(count, np.int64)
    flags = np.zeros(64 * centre.size, np.uint8)
    offered = np.zeros(64, np.uint64)
    z, y, x = seed[0] - box[0], seed[1] - box[1], seed[2] - box[2]
    brick = z // slices * layer + y // rows * wide + x // 64
    offered[z % slices * rows + y % rows] = _ONE << np.uint64(x % 64)
    to, side = brick, 5  # The seed is offered first; then every brick to its six sides.
    head, waiting = 0, 0
    while True:
        if to >= 0:
            if not known[to]:
                known[to] = True
                corner = (
                    box[0] + to // layer * slices,
                    box[1] + to // wide % high * rows,
                    box[2] + to % wide * 64,
                )
                _open_words(
                    pixels, lower, upper, centre, limit, box, reach, corner, rows, flags,
                    opened[to],
                )  # fmt: skip
                filled[to] = _NONE
            new = _NONE
            for index in range(64):
                fresh = offered[index] & opened[to, index] & ~filled[to, index]
                if fresh:
                    filled[to, index] = _fill_word(opened[to, index], filled[to, index] | fresh)
                    new |= fresh
            if new and not queued[to]:
                queued[to] = True
                queue[(head + waiting) % count] = to
                waiting += 1
        side += 1
        if side == 6:
            if waiting == 0:
                break
            brick = queue[head]
            head, waiting = (head + 1) % count, waiting - 1
            queued[brick] = False
            _flood_brick(opened[brick], filled[brick], rows)
            side = 0
        to = -1
        if side == 0 and brick % wide > 0:
            to = brick - 1
        elif side == 1 and brick % wide < wide - 1:
            to = brick + 1
        elif side == 2 and brick // wide % high > 0:
            to = brick - wide
        elif side == 3 and brick // wide % high < high - 1:
            to = brick + wide
        elif side == 4 and brick >= layer:
            to = brick - layer
        elif side == 5 and brick < count - layer:
            to = brick + layer
        if to >= 0 and not _offer(filled[brick], side, rows, offered):
            to = -1
    for brick in range(count):
        if known[brick]:
            z0, y0 = box[0] + brick // layer * slices, box[1] + brick // wide % high * rows
            x0 = box[2] + brick % wide * 64
            for index in range(64):
                word = filled[brick, index]
                if word:
                    line = mask[z0 + index // rows, y0 + index % rows, x0:]
                    for bit in range(min(64, box[5] - x0)):
                        line[bit] |= np.uint8((word >> np.uint64(bit)) & _ONE)
