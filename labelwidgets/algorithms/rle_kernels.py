"""COCO's run-length code straight from pixels and back, compiled.

Neither edges nor lengths of runs are kept: where every other pixel begins a run, they take
longer to write and to read again than the code itself.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from labelwidgets.algorithms.compiling import kernel

BLOCK = 4096
# A run of 2^31 pixels takes seven characters of five bits.
MAX_DIGITS = 7

_NONE = np.uint64(0)
_ALL = np.uint64(0x0101010101010101)
_BYTE = np.uint64(8)
_LAST = np.uint64(56)
_BIT = np.uint64(1)
_QUARTERS = np.uint64(0x00000000FFFFFFFF)
_PAIRS = np.uint64(0x0000FFFF0000FFFF)
_BYTES = np.uint64(0x00FF00FF00FF00FF)


@kernel
def pack_number(value: Any, codes: Any, used: Any) -> Any:
    """Write a number at `used`, five bits a character, and return where it ends."""
    if -16 <= value < 16:
        codes[used] = (value & 31) + 48
        return used + 1
    more = True
    while more:
        bits = value & 31
        value >>= 5
        more = value != -1 if bits & 16 else value != 0
        codes[used] = (bits | 32 if more else bits) + 48
        used += 1
    return used


@kernel
def pack_pixels(flat: Any, words: Any, codes: Any, most: int) -> Any:
    """Write the code of bytes of 0 and 1; return its length, -1 where that is above `most`.

    Parameters
    ----------
    flat
        (N,) uint8, the pixels down the columns.
    words
        (N // 8,) uint64, the same bytes.
    codes
        uint8, with room for `most` characters and `MAX_DIGITS` for each pixel of a block.
    """
    places = np.empty(BLOCK + 8, np.int64)
    before = _NONE  # The pixel before this word.
    start: Any = 0  # Of the run that is open.
    used = 0
    # The two runs before; the first counts as none, from which nothing is taken.
    one: Any = 0
    two: Any = 0
    first = True
    step = BLOCK // 8
    for block in range(0, words.size + 1, step):
        count: Any = 0
        part = words[block : block + step]
        for group in range(0, part.size, 8):
            eight = part[group : group + 8]
            alike = before * _ALL
            others = _NONE
            for word in range(eight.size):
                others |= eight[word] ^ alike
            if others == _NONE:
                continue
            for word in range(eight.size):
                here = eight[word]
                changes = here ^ ((here << _BYTE) | before)
                before = here >> _LAST
                if changes:
                    # Written whether it changes or not: a branch that nothing foretells costs more.
                    at = 8 * (block + group + word)
                    for place in range(8):
                        places[count] = at + place
                        count += np.int64((changes >> np.uint64(8 * place)) & _BIT)
        if block + step > words.size:
            for place in range(8 * words.size, flat.size):
                places[count] = place
                count += np.int64(flat[place] != before)
                before = np.uint64(flat[place])
        for edge in range(count):
            run = places[edge] - start
            start = places[edge]
            used = pack_number(run - two, codes, used)
            two = one
            one = 0 if first else run
            first = False
        if used > most:
            return -1
    used = pack_number(flat.size - start - two, codes, used)
    return -1 if used > most else used


@kernel
def pack_edges(edges: Any, total: int, codes: Any) -> Any:
    """Write the code of the runs between edges in a mask of `total` pixels; return its length."""
    start, used = 0, 0
    one: Any = 0
    two: Any = 0
    for edge in range(edges.size):
        run = edges[edge] - start
        start = edges[edge]
        used = pack_number(run - two, codes, used)
        two = one
        one = run if edge else 0
    if start < total or not edges.size:
        used = pack_number(total - start - two, codes, used)
    return used


@kernel
def unpack_pixels(codes: Any, size: int, flat: Any) -> Any:
    """Write the pixels of a code; say whether it is one of `size` pixels.

    Parameters
    ----------
    codes
        uint8, characters.
    size
        How many pixels there are.
    flat
        (size + 8,) uint8 of 0: eight bytes are written at once.
    """
    place = 0
    on = np.uint8(0)
    one: Any = 0
    two: Any = 0
    first = True
    at = 0
    while at < codes.size:
        run: Any = np.int64(codes[at]) - 48
        at += 1
        if run < 0 or run > 63:
            return False
        if run & 32:
            run &= 31
            shift = 5
            more = True
            while more:
                if at == codes.size or shift > 30:
                    return False
                bits: Any = np.int64(codes[at]) - 48
                at += 1
                if bits < 0 or bits > 63:
                    return False
                run |= (bits & 31) << shift
                shift += 5
                more = bits & 32 != 0
            run -= (run >> (shift - 1)) << shift
        else:
            run -= (run & 16) << 1
        run += two
        two = one
        one = 0 if first else run
        first = False
        if run < 0 or run > size - place:
            return False
        for byte in range(8):
            flat[place + byte] = on
        if on and run > 8:
            flat[place + 8 : place + run] = on
        place += run
        on ^= np.uint8(1)
    return place == size


@kernel
def turn(rows: Any, columns: Any) -> None:
    """Write rows of bytes as columns, by squares of eight times eight.

    Parameters
    ----------
    rows
        (H, W) uint8, each row contiguous.
    columns
        (W, H) uint8.
    """
    height, width = rows.shape
    tall, wide = height & ~7, width & ~7
    square = np.empty(8, np.uint64)
    # Sixty-four columns at a time, a whole line of the cache from each row.
    for left in range(0, wide, 64):
        for top in range(0, tall, 8):
            for x in range(left, min(left + 64, wide), 8):
                for row in range(8):
                    word = _NONE
                    for byte in range(8):
                        word |= np.uint64(rows[top + row, x + byte]) << np.uint64(8 * byte)
                    square[row] = word
                _swap(square, 4, np.uint64(32), _QUARTERS)
                _swap(square, 2, np.uint64(16), _PAIRS)
                _swap(square, 1, np.uint64(8), _BYTES)
                for row in range(8):
                    word = square[row]
                    for byte in range(8):
                        columns[x + row, top + byte] = np.uint8(
                            (word >> np.uint64(8 * byte)) & np.uint64(255)
                        )
    for x in range(wide, width):
        for y in range(height):
            columns[x, y] = rows[y, x]
    for y in range(tall, height):
        for x in range(wide):
            columns[x, y] = rows[y, x]


@kernel
def _swap(square: Any, step: int, shift: Any, mask: Any) -> None:
    """Swap the blocks beside the diagonal, `step` rows high."""
    for row in range(8):
        if row & step == 0:
            upper, lower = square[row], square[row + step]
            square[row] = (upper & mask) | ((lower & mask) << shift)
            square[row + step] = ((upper >> shift) & mask) | (lower & ~mask)
