"""Label Studio's run-length code of brushes, of bits that are packed.

It is that of the four channels (red, green, blue, alpha) of all pixels, row by row. 32 bits say
how many values there are, 5 bits how many bits a value has, less one, and four times 4 bits the
sizes that lengths may have, less one. Then come blocks: a bit that says whether one value is
repeated, two bits that say which of the four sizes the length has, the length less one, and the
value, or as many values. What is painted is what is not wholly transparent.

Source: ``rle-pack`` of thi.ng/umbrella, which Label Studio's front end uses.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from labelwidgets.errors import FormatError, LimitError

MAX_PIXELS = 1 << 28
# The sizes of lengths that Label Studio itself writes.
_SIZES = (3, 4, 8, 16)
_CHANNELS = 4


def decode_brush(code: Sequence[int], size: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """Return what is painted, (height, width).

    Parameters
    ----------
    code
        Bytes, as whole numbers from 0 to 255.
    size
        (width, height) of the picture in pixels.

    Raises
    ------
    FormatError
        If the code is none, is cut off, or is that of a picture of another size.
    LimitError
        If there are too many pixels.
    """
    width, height = size
    if width * height > MAX_PIXELS:
        raise LimitError(f"has more than {MAX_PIXELS} pixels.", where="rle")
    try:
        data = bytes(code)
    except (TypeError, ValueError):
        raise FormatError("must be whole numbers from 0 to 255.", where="rle") from None
    bits = _Bits(data)
    count = bits.read(32)
    if count != width * height * _CHANNELS:
        raise FormatError(
            f"is of {count} values, and a picture of {width} x {height} pixels has "
            f"{width * height * _CHANNELS}.",
            where="rle",
        )
    word = bits.read(5) + 1
    sizes = [bits.read(4) + 1 for _ in range(4)]
    painted = np.zeros(width * height, bool)
    at = 0
    while at < count:
        repeated = bits.read(1)
        end = at + bits.read(sizes[bits.read(2)]) + 1
        if end > count:
            raise FormatError("goes on after its last pixel.", where="rle")
        # Alpha is the last of the channels: that of pixel n is value 4 n + 3.
        first, stop = at // _CHANNELS, end // _CHANNELS
        if repeated:
            if bits.read(word):
                painted[first:stop] = True
        else:
            values = bits.words(end - at, word)
            painted[first:stop] = values[_CHANNELS - 1 - at % _CHANNELS :: _CHANNELS] > 0
        at = end
    return painted.reshape(height, width)


def encode_brush(painted: npt.NDArray[np.bool_]) -> list[int]:
    """Return the code of what is painted, (height, width): opaque white on nothing."""
    flat = np.ascontiguousarray(painted).reshape(-1)
    edges = np.concatenate(([0], np.flatnonzero(flat[1:] != flat[:-1]) + 1, [flat.size]))
    head = f"{flat.size * _CHANNELS:032b}{7:05b}" + "".join(f"{one - 1:04b}" for one in _SIZES)
    pieces = [head]
    for start, length in zip(edges[:-1].tolist(), np.diff(edges).tolist(), strict=True):
        value = f"{255 if flat[start] else 0:08b}"
        left = length * _CHANNELS
        while left:
            which = next((n for n, bits in enumerate(_SIZES) if left <= 1 << bits), 3)
            part = min(left, 1 << _SIZES[which])
            pieces.append(f"1{which:02b}{part - 1:0{_SIZES[which]}b}{value}")
            left -= part
    text = "".join(pieces)
    text += "0" * (-len(text) % 8)
    return list(int(text, 2).to_bytes(len(text) // 8, "big"))


class _Bits:
    """Reads whole numbers from packed bits, the highest bit first."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def read(self, size: int) -> int:
        """Return the next number of so many bits, at most 32."""
        end = self._at + size
        if end > len(self._data) * 8:
            raise FormatError("ends before its last pixel.", where="rle")
        start, stop = self._at >> 3, (end + 7) >> 3
        window = int.from_bytes(self._data[start:stop], "big")
        self._at = end
        return (window >> ((stop << 3) - end)) & ((1 << size) - 1)

    def words(self, count: int, size: int) -> npt.NDArray[np.int64]:
        """Return the next so many numbers of so many bits each."""
        end = self._at + count * size
        if end > len(self._data) * 8:
            raise FormatError("ends before its last pixel.", where="rle")
        start, stop = self._at >> 3, (end + 7) >> 3
        bits = np.unpackbits(np.frombuffer(self._data[start:stop], np.uint8))
        own = bits[self._at - (start << 3) :][: count * size].reshape(count, size)
        self._at = end
        return own @ (1 << np.arange(size - 1, -1, -1, dtype=np.int64))
