"""PNG files (RFC 2083) that are written for a page to read at once, and for nobody to keep."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import numpy as np
import numpy.typing as npt

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
# By the number of channels: grey, RGB, RGBA.
_COLOUR = {1: 0, 3: 2, 4: 6}
_SUB = 1


def write_png(pixels: npt.NDArray[np.uint8]) -> bytes:
    """Return a PNG file, in a fraction of the time that choosing filters and matches takes.

    All rows have the filter Sub, and of repetitions only runs are looked for, which are most of
    what there is in filtered pictures.

    Parameters
    ----------
    pixels
        (H, W), (H, W, 3) or (H, W, 4).
    """
    height, width = pixels.shape[:2]
    channels = pixels.shape[2] if pixels.ndim == 3 else 1
    rows = np.empty((height, 1 + width * channels), np.uint8)
    rows[:, 0] = _SUB
    flat = np.ascontiguousarray(pixels).reshape(height, width * channels)
    rows[:, 1 : 1 + channels] = flat[:, :channels]
    np.subtract(flat[:, channels:], flat[:, :-channels], out=rows[:, 1 + channels :])
    stream: Any = zlib.compressobj(1, zlib.DEFLATED, 15, 9, zlib.Z_RLE)
    data = stream.compress(rows) + stream.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, _COLOUR[channels], 0, 0, 0)
    return b"".join(
        [_SIGNATURE, _chunk(b"IHDR", header), _chunk(b"IDAT", data), _chunk(b"IEND", b"")]
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    check = zlib.crc32(data, zlib.crc32(kind))
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)
