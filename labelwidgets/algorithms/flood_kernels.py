"""Flooding pictures by bricks of 64 rows of 64 pixels, compiled (see also `bit_volume_kernels`).

Which of its pixels may be filled is found once, when the flood first touches it,
and kept as one bit a pixel; then whole words flood at once: a run of set bits fills by the
carry of an addition. So the work is in proportion to what is filled, not to the picture.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from labelwidgets.algorithms.compiling import kernel
from labelwidgets.algorithms.word_kernels import GATHER, LAST, NONE, ONE, TOP, fill_word

Words: TypeAlias = NDArray[np.uint64]


@kernel
def _open_words(
    pixels: Any, lower: Any, upper: Any, centre: Any, limit: float, box: Any, reach: Any,
    corner: Any, flags: Any, words: Words,
) -> None:  # fmt: skip
    """Find which pixels of a brick may be filled."""
    channels = centre.size
    bytes_ = flags[:64]
    eights = bytes_.view(np.uint64)
    y0, x0 = corner
    for index in range(64):
        y = y0 + index
        first, end = 0, min(64, box[3] - x0)
        if y >= box[2]:
            end = 0
        elif reach.size:
            half = reach[y - box[0]]
            first = max(first, box[4] - half - x0)
            end = min(end, box[4] + half + 1 - x0)
        words[index] = NONE
        if first >= end:
            continue
        # Slices begin at 0, so that the loop has no negative index and vectorises.
        flags[:] = 0
        inside = flags[first * channels : end * channels]
        line = pixels[y, (x0 + first) * channels : (x0 + end) * channels]
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
        word = NONE
        for eight in range(8):
            word |= ((eights[eight] * GATHER) >> TOP) << np.uint64(8 * eight)
        words[index] = word


@kernel
def _flood_brick(opened: Words, filled: Words) -> None:
    """Flood within a brick from the bits that are filled."""
    changed, down = True, True
    while changed:
        changed = False
        for step in range(64):
            index = step if down else 63 - step
            here = opened[index]
            near = filled[index]
            if index > 0:
                near |= filled[index - 1]
            if index < 63:
                near |= filled[index + 1]
            near &= here
            if near & ~filled[index]:
                filled[index] = fill_word(here, near)
                changed = True
        down = not down


@kernel
def _offer(filled: Words, side: int, offered: Words) -> Any:
    """Find what a brick would fill in the one beside it, and whether that is anything."""
    found = NONE
    offered[:] = NONE
    if side < 2:
        for index in range(64):
            word = filled[index] << LAST if side == 0 else filled[index] >> LAST
            offered[index] = word
            found |= word
    else:
        found = filled[0 if side == 2 else 63]
        offered[63 if side == 2 else 0] = found
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
    reach: Any, mask: Any,
) -> None:  # fmt: skip
    """Set the pixels of `mask` that a flood from `seed` fills.

    Parameters
    ----------
    pixels
        (H, W * C), the C channels of a pixel beside one another.
    seed
        Row and column.
    lower, upper
        The ends of the range of each channel, repeated for 64 pixels.
    centre, limit
        A colour and how far from it, squared, one may be; below 0: anywhere in the range.
    box
        First row and column of what may be filled, their ends, and the column of the seed.
    reach
        How many columns to either side of the seed's may be filled, for each row of the box;
        empty: all.
    mask
        (H, W) uint8, changed in place.
    """
    high = (box[2] - box[0] + 63) // 64
    wide = (box[3] - box[1] + 63) // 64
    count = high * wide
    opened = np.empty((count, 64), np.uint64)
    filled = np.empty((count, 64), np.uint64)
    known = np.zeros(count, np.bool_)
    queued = np.zeros(count, np.bool_)
    queue = np.empty(count, np.int64)
    flags = np.zeros(64 * centre.size, np.uint8)
    offered = np.zeros(64, np.uint64)
    y, x = seed[0] - box[0], seed[1] - box[1]
    brick = y // 64 * wide + x // 64
    offered[y % 64] = ONE << np.uint64(x % 64)
    to, side = brick, 3  # The seed is offered first; then every brick to its four sides.
    head, waiting = 0, 0
    while True:
        if to >= 0:
            if not known[to]:
                known[to] = True
                corner = box[0] + to // wide * 64, box[1] + to % wide * 64
                _open_words(
                    pixels, lower, upper, centre, limit, box, reach, corner, flags, opened[to]
                )
                filled[to] = NONE
            new = NONE
            for index in range(64):
                fresh = offered[index] & opened[to, index] & ~filled[to, index]
                if fresh:
                    filled[to, index] = fill_word(opened[to, index], filled[to, index] | fresh)
                    new |= fresh
            if new and not queued[to]:
                queued[to] = True
                queue[(head + waiting) % count] = to
                waiting += 1
        side += 1
        if side == 4:
            if waiting == 0:
                break
            brick = queue[head]
            head, waiting = (head + 1) % count, waiting - 1
            queued[brick] = False
            _flood_brick(opened[brick], filled[brick])
            side = 0
        to = -1
        if side == 0 and brick % wide > 0:
            to = brick - 1
        elif side == 1 and brick % wide < wide - 1:
            to = brick + 1
        elif side == 2 and brick >= wide:
            to = brick - wide
        elif side == 3 and brick < count - wide:
            to = brick + wide
        if to >= 0 and not _offer(filled[brick], side, offered):
            to = -1
    for brick in range(count):
        if known[brick]:
            y0, x0 = box[0] + brick // wide * 64, box[1] + brick % wide * 64
            for index in range(64):
                word = filled[brick, index]
                if word:
                    line = mask[y0 + index, x0:]
                    for bit in range(min(64, box[3] - x0)):
                        line[bit] |= np.uint8((word >> np.uint64(bit)) & ONE)
