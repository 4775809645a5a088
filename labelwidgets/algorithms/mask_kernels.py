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
def edges_down(bits: Any, words: Any, found: Any, heads: Any) -> Any:
    """Write the pixels that differ from the one above, by rows, and count them by columns.

    Before the first row all is 0. Returns how many there are, or more than there is room for.
    """
    height, width = bits.shape
    count = 0
    above, above_words = np.zeros(width, np.uint8), np.zeros(words.shape[1], np.uint64)
    changed = np.empty(words.shape[1], np.uint64)
    for row in range(height):
        here, here_words = bits[row], words[row]
        # Rows in one go, many words at a time.
        others = _NONE
        for word in range(changed.size):
            changed[word] = above_words[word] ^ here_words[word]
            others |= changed[word]
        if others:
            if count + width > found.size:
                return found.size + 1
            for word in range(changed.size):
                if changed[word] == _NONE:
                    continue
                for column in range(8 * word, 8 * word + 8):
                    if here[column] != above[column]:
                        found[count] = column * height + row
                        heads[column] += 1
                        count += 1
        above, above_words = here, here_words
    return count


@kernel
def by_columns(found: Any, heads: Any, height: int, ordered: Any) -> None:
    """Sort what `edges_down` found; `heads`, counts before, are made the ends of the columns."""
    for column in range(1, heads.size):
        heads[column] += heads[column - 1]
    for column in range(heads.size - 1, 0, -1):
        heads[column] = heads[column - 1]
    heads[0] = 0
    for place in range(ordered.size):
        column = found[place] // height
        ordered[heads[column]] = found[place]
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
