"""What pictures within a TIFF file say of their own size, told before they are decoded."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator

from labelwidgets.errors import ImageError

Size = tuple[int, int, int]
"""Columns, rows and samples of a pixel; 0 samples where they are not told."""

# Whose decoders make no more than they are asked for: none, CCITT, LZW, deflate, PackBits, LZMA,
# Zstandard.
_BOUNDED = (1, 2, 3, 4, 5, 8, 32773, 32946, 34925, 50000)
_NO_FRAMES = (0xC4, 0xC8, 0xCC)


def check_streams(
    compression: int, streams: Iterator[bytes], width: int, height: int, samples: int
) -> None:
    """Raise ImageError where a tile or strip holds a picture that is larger than it.

    Parameters
    ----------
    compression
        The tag of that name.
    streams
        The tiles or strips as they are stored.
    width, height, samples
        Of a tile or strip: columns, rows, samples of a pixel.
    """
    if compression in _BOUNDED:
        return
    size_of = _SIZES.get(compression)
    if size_of is None:
        raise ImageError(
            f"is compressed in a way ({compression}) whose size is not told before it is decoded"
        )
    for data in streams:
        if not data:
            continue
        found = size_of(data)
        if found is None:
            raise ImageError("holds a damaged tile")
        if found[0] > width or found[1] > height or found[2] > samples + 1:
            raise ImageError(
                f"holds a picture of {found[0]} x {found[1]} pixels in the place of a tile of "
                f"{width} x {height}"
            )


def _jpeg(data: bytes) -> Size | None:
    """Read the frame header (ISO/IEC 10918-1, B.2.2)."""
    at = 2
    while at + 10 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
        elif 0xC0 <= marker <= 0xCF and marker not in _NO_FRAMES:
            height, width, samples = struct.unpack_from(">HHB", data, at + 5)
            return width, height, samples
        else:
            at += 2 + max(2, int.from_bytes(data[at + 2 : at + 4], "big"))
    return None


def _jpeg2000(data: bytes) -> Size | None:
    """Read the segments SIZ (ISO/IEC 15444-1, A.5.1): of several the largest numbers count."""
    most: Size | None = None
    at = data.find(b"\xff\x4f\xff\x51")
    while 0 <= at <= len(data) - 42:
        right, bottom, left, top = struct.unpack_from(">4I", data, at + 8)
        found = right - left, bottom - top, int.from_bytes(data[at + 40 : at + 42], "big")
        most = found if most is None else tuple(map(max, most, found))
        at = data.find(b"\xff\x4f\xff\x51", at + 4)
    return most


def _png(data: bytes) -> Size | None:
    if data[:8] != b"\x89PNG\r\n\x1a\n" or data[12:16] != b"IHDR" or len(data) < 24:
        return None
    width, height = struct.unpack_from(">2I", data, 16)
    return width, height, 0


def _webp(data: bytes) -> Size | None:
    from labelwidgets.media.header import read_header

    header = read_header(data)
    return (header.width, header.height, 0) if header.format == "WEBP" else None


def _lerc(data: bytes) -> Size | None:
    """Read the header of LERC, version 2 of the format (Esri, Lerc2.h): one blob for each band."""
    if data[:6] != b"Lerc2 " or len(data) < 26:
        return None
    version = int.from_bytes(data[6:10], "little", signed=True)
    at = 14 if version >= 3 else 10
    rows, columns, depth = struct.unpack_from("<3i", data, at)
    if min(rows, columns) < 1:
        return None
    return columns, rows, max(depth if version >= 4 else 1, data.count(b"Lerc2 "))


_SIZES: dict[int, Callable[[bytes], Size | None]] = {
    6: _jpeg,
    7: _jpeg,
    34892: _jpeg,
    33003: _jpeg2000,
    33004: _jpeg2000,
    33005: _jpeg2000,
    34712: _jpeg2000,
    34887: _lerc,
    34933: _png,
    50001: _webp,
}
