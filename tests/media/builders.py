"""Files of pictures, made on the fly."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

# Where Adam7 has its seven passes: first column, first row, column step, row step.
_ADAM7 = [
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
]


def save(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(
    pixels: npt.NDArray[Any],
    *,
    interlaced: bool = False,
    claims: tuple[int, int] | None = None,
    extra: bytes = b"",
) -> bytes:
    """Write a PNG file of 8 or 16 bits with 1 (grey) to 4 channels, unlike Pillow."""
    pixels = pixels[..., None] if pixels.ndim == 2 else pixels
    bits = pixels.dtype.itemsize * 8
    colour = {1: 0, 2: 4, 3: 2, 4: 6}[pixels.shape[2]]
    stored = pixels.astype(pixels.dtype.newbyteorder(">"))
    passes = _ADAM7 if interlaced else [(0, 0, 1, 1)]
    rows = [
        b"\0" + row.tobytes() for x, y, dx, dy in passes for row in stored[y::dy, x::dx] if row.size
    ]
    width, height = claims or (pixels.shape[1], pixels.shape[0])
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, interlaced)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + extra
        + chunk(b"IDAT", zlib.compress(b"".join(rows)))
        + chunk(b"IEND", b"")
    )


def exif(orientation: int) -> bytes:
    block = Image.Exif()
    block[0x0112] = orientation
    return block.tobytes()


def tiff_claiming(width: int, height: int) -> bytes:
    """Return a TIFF file of one strip that claims any size."""
    tags = [(256, 4, width), (257, 4, height), (258, 3, 8), (259, 3, 1), (262, 3, 1)]
    tags += [(273, 4, 8), (277, 3, 1), (278, 4, height), (279, 4, 4)]
    body = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    return b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", len(tags)) + body + b"\0" * 8


def gradient(width: int = 40, height: int = 24) -> npt.NDArray[np.uint8]:
    """Return (height, width, 3) in which no two corners are alike."""
    y, x = np.mgrid[:height, :width]
    return np.stack([x * 6, y * 10, (x + y) * 3], axis=-1).astype(np.uint8)


def noise(*shape: int, dtype: Any = np.uint16, seed: int = 3) -> npt.NDArray[Any]:
    kind = np.dtype(dtype)
    random = np.random.default_rng(seed)
    if kind.kind == "f":
        return random.normal(0, 1000, shape).astype(kind)
    info = np.iinfo(kind)
    return random.integers(info.min, info.max, shape, dtype=kind, endpoint=True)
