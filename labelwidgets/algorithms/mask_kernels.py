"""Masks, their edges and their codes, compiled: eight pixels at a time where nothing changes."""

from __future__ import annotations

from typing import Any

import numpy as np

from labelwidgets.algorithms.compiling import kernel
from labelwidgets.algorithms.rle_kernels import pack_number

_ALL = np.uint64(0x0101010101010101)
_NONE = np.uint64(0)


@kernel
def edges_along(flat: Any, words: Any, edges: Any) -> Any:
    """Write where bytes of 0 and 1 change; return how many do, or more than there is room for."""
    count = 0
    value = np.uint8(0)
    expected = _NONE
    for word in range(words.size):
        if words[word] == expected:
            continue
        for place in range(8 * word, 8 * word + 8):
            if flat[place] != value:
                if count == edges.size:
                    return count + 1
                value = flat[place]
                edges[count] = place
                count += 1
        expected = _ALL if value else _NONE
    for place in range(8 * words.size, flat.size):
        if flat[place] != value:
            if count == edges.size:
                return count + 1
            value = flat[place]
            edges[count] = place
            count += 1
    if value:
        if count < edges.size:
            edges[count] = flat.size
        count += 1
    return count


@kernel
def count_down(bits: Any, words: Any, counts: Any) -> None:
    """Count for each column the rows that differ from the one above; before the first is 0."""
    height, width = bits.shape
    for row in range(height):
        for word in range(words.shape[1]):
            above = words[row - 1, word] if row else _NONE
            if words[row, word] != above:
                for column in range(8 * word, 8 * word + 8):
                    before = bits[row - 1, column] if row else np.uint8(0)
                    counts[column] += bits[row, column] != before
        for column in range(8 * words.shape[1], width):
            before = bits[row - 1, column] if row else np.uint8(0)
            counts[column] += bits[row, column] != before


@kernel
def place_down(bits: Any, words: Any, heads: Any, found: Any) -> None:
    """Write what `count_down` counted, each column from its place in `heads` on."""
    height, width = bits.shape
    for row in range(height):
        for word in range(words.shape[1]):
            above = words[row - 1, word] if row else _NONE
            if words[row, word] != above:
                for column in range(8 * word, 8 * word + 8):
                    before = bits[row - 1, column] if row else np.uint8(0)
                    if bits[row, column] != before:
                        found[heads[column]] = column * height + row
                        heads[column] += 1
        for column in range(8 * words.shape[1], width):
            before = bits[row - 1, column] if row else np.uint8(0)
            if bits[row, column] != before:
                found[heads[column]] = column * height + row
                heads[column] += 1


@kernel
def join_columns(found: Any, heads: Any, height: int, edges: Any) -> Any:
    """Join the edges of columns, each ended by its foot, into runs over all; return how many."""
    count = 0
    start = 0
    for column in range(heads.size):
        end = heads[column]
        for place in range(start, end):
            edge = found[place]
            if count and edges[count - 1] == edge:
                count -= 1
            else:
                edges[count] = edge
                count += 1
        if (end - start) % 2:
            edges[count] = (column + 1) * height
            count += 1
        start = end
    return count


@kernel
def fill_runs(edges: Any, flat: Any) -> None:
    """Set the runs between edges."""
    for place in range(0, edges.size, 2):
        flat[edges[place] : edges[place + 1]] = True


@kernel
def pack(lengths: Any, codes: Any) -> Any:
    """Write COCO's string of runs, see `pack_counts`; return its length."""
    used = 0
    for run in range(lengths.size):
        before = lengths[run - 2] if run > 2 else 0
        used = pack_number(lengths[run] - before, codes, used)
    return used


@kernel
def unpack(codes: Any, lengths: Any) -> Any:
    """Read COCO's string of runs; return how many there are, or what is wrong, below 0.

    -1: a bad character; -2: an impossible run; -3: it ends in the middle of a run.
    """
    count = 0
    value: Any = np.int64(0)
    shift: Any = np.int64(0)
    for code in codes:
        if code < 48 or code > 111:
            return -1
        bits: Any = np.int64(code) - 48
        if shift > 30:
            return -2
        value |= (bits & 31) << shift
        shift += 5
        if bits & 32:
            continue
        if bits & 16:
            value -= np.int64(1) << shift
        if count > 2:
            value += lengths[count - 2]
        if value < 0 or value > 2147483647:
            return -2
        lengths[count] = value
        count += 1
        value = np.int64(0)
        shift = np.int64(0)
    return -3 if shift else count


@kernel
def fill_ring(ends: Any, counts: Any, mask: Any, value: Any) -> None:
    """Set the pixels between crossings, given for each row from `counts[row]` on."""
    for row in range(mask.shape[0]):
        first, last = counts[row], counts[row + 1]
        # Few and nearly in order: sorted by insertion.
        for place in range(first + 1, last):
            end = ends[place]
            back = place - 1
            while back >= first and ends[back] > end:
                ends[back + 1] = ends[back]
                back -= 1
            ends[back + 1] = end
        for place in range(first, last - 1, 2):
            mask[row, ends[place] : ends[place + 1]] = value


@kernel
def cross_rows(ring: Any, top: int, bottom: int, left: int, right: int, counts: Any) -> Any:
    """Return the columns where a ring crosses the centres of rows; `counts` is made offsets.

    The rounding is that of the plain twin: always from the upper end of an edge down.
    """
    height, width = bottom - top, right - left
    size = len(ring)
    firsts = np.empty(size, np.int64)
    lasts = np.empty(size, np.int64)
    for i in range(size):
        ya, yb = ring[i, 1], ring[(i + 1) % size, 1]
        low, high = (ya, yb) if ya <= yb else (yb, ya)
        firsts[i] = min(max(np.ceil(low - 0.5) - top, 0), height)
        lasts[i] = min(max(np.ceil(high - 0.5) - top, 0), height)
        for row in range(firsts[i], lasts[i]):
            counts[row + 1] += 1
    for row in range(height):
        counts[row + 1] += counts[row]
    heads = counts[:height].copy()
    ends = np.empty(counts[height], np.int64)
    for i in range(size):
        if firsts[i] == lasts[i]:
            continue
        xa, ya = ring[i, 0], ring[i, 1]
        xb, yb = ring[(i + 1) % size, 0], ring[(i + 1) % size, 1]
        if ya > yb:
            xa, ya, xb, yb = xb, yb, xa, ya
        slope = (xb - xa) / (yb - ya)
        for row in range(firsts[i], lasts[i]):
            x = xa + (row + (top + 0.5) - ya) * slope
            ends[heads[row]] = min(max(np.ceil(x - 0.5) - left, 0), width)
            heads[row] += 1
    return ends
