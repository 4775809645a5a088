"""The search for the cheapest paths of the scissors, compiled."""

from __future__ import annotations

from typing import Any

import numpy as np

from labelwidgets.algorithms.compiling import kernel

_NOWHERE = np.int32(2**31 - 1)


@kernel
def search(base: Any, angle: Any, turns: Any, row: int, column: int, largest: int) -> Any:
    """Return the code of the step back from each pixel.

    Dijkstra's search with a ring of buckets (Dial's): costs are whole numbers up to `largest`,
    so that the pixels that are waiting are never further apart. Each bucket is a list linked
    both ways, out of which a pixel is taken when a shorter way to it is found. Of ways of equal
    cost the one with the lowest code stays.
    """
    height, width = base.shape
    count = height * width
    directions = np.zeros((height, width), np.uint8)
    code_of = directions.reshape(count)
    bases, angles = base.reshape(count), angle.reshape(count)
    distance = np.full(count, _NOWHERE, np.int32)
    buckets = largest + 1
    heads = np.full(buckets, -1, np.int32)
    after = np.empty(count, np.int32)
    before = np.empty(count, np.int32)
    seed = row * width + column
    distance[seed] = 0
    heads[0] = seed
    after[seed] = -1
    before[seed] = -1
    waiting = 1
    now = 0
    while waiting > 0:
        slot = now % buckets
        here = heads[slot]
        if here < 0:
            now += 1
            continue
        heads[slot] = after[here]
        if after[here] >= 0:
            before[after[here]] = -1
        waiting -= 1
        y, x = here // width, here % width
        for code in range(1, 9):
            # Where a pixel steps back by `code` to here, it lies the other way.
            if code == 1 or code == 2 or code == 8:
                across = 1
            elif code == 3 or code == 7:
                across = 0
            else:
                across = -1
            if code == 2 or code == 3 or code == 4:
                down = 1
            elif code == 1 or code == 5:
                down = 0
            else:
                down = -1
            ty, tx = y + down, x + across
            if ty < 0 or tx < 0 or ty >= height or tx >= width:
                continue
            there = ty * width + tx
            known = distance[there]
            if known < now:
                continue
            turn = turns[angles[here], angles[there], code]
            part = (57 * np.int64(bases[there]) + 43 * np.int64(turn)) * 50 // 25500
            total = now + (1 + part) * (5 if code % 2 else 7)
            if total > known:
                continue
            if total == known:
                if code < code_of[there]:
                    code_of[there] = code
                continue
            if known != _NOWHERE:
                if before[there] >= 0:
                    after[before[there]] = after[there]
                else:
                    heads[known % buckets] = after[there]
                if after[there] >= 0:
                    before[after[there]] = before[there]
            else:
                waiting += 1
            distance[there] = total
            code_of[there] = code
            bucket = total % buckets
            before[there] = -1
            after[there] = heads[bucket]
            if heads[bucket] >= 0:
                before[heads[bucket]] = there
            heads[bucket] = there
    return directions
