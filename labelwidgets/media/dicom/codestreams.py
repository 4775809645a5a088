"""What compressed pictures say of their own size, before anything is decoded."""

from __future__ import annotations

import struct
from typing import NamedTuple

# Start of frame of JPEG, JPEG lossless and JPEG-LS; DHT, JPG and DAC lie among them.
_FRAMES = (set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}) | {0xF7}
_ALONE = set(range(0xD0, 0xD9)) | {0x01}


class Claim(NamedTuple):
    """What a codestream claims to hold.

    Parameters
    ----------
    rows, columns, samples
        Its size.
    bits
        Of a sample.
    signed
        Whether samples are (JPEG 2000 alone).
    adobe
        Whether it says by itself how its colours were transformed (JPEG with APP14).
    """

    rows: int
    columns: int
    samples: int
    bits: int
    signed: bool = False
    adobe: bool = False


def jpeg_claim(data: bytes) -> Claim | None:
    """Return the size in the first frame header of JPEG or JPEG-LS; None where there is none."""
    if data[:2] != b"\xff\xd8":
        return None
    pos, adobe = 2, False
    while pos + 4 <= len(data):
        if data[pos] != 0xFF:
            return None
        marker = data[pos + 1]
        if marker == 0xFF:
            pos += 1
            continue
        if marker in _ALONE:
            pos += 2
            continue
        (length,) = struct.unpack_from(">H", data, pos + 2)
        if marker in _FRAMES:
            if pos + 10 > len(data):
                return None
            bits, rows, columns, samples = struct.unpack_from(">BHHB", data, pos + 4)
            return Claim(rows, columns, samples, bits, adobe=adobe)
        if marker in (0xDA, 0xD9):
            return None
        adobe = adobe or (marker == 0xEE and data[pos + 4 : pos + 9] == b"Adobe")
        pos += 2 + max(2, length)
    return None


def jpeg2000_claim(data: bytes) -> Claim | None:
    """Return the size in the SIZ of JPEG 2000, bare or in a JP2 file; None where there is none.

    Also None for one that claims components of other sizes, or more tiles than could be.
    """
    start = data.find(b"\xff\x4f\xff\x51", 0, 4096)
    if start < 0 or start + 43 > len(data):
        return None
    right, bottom, left, top, tile_width, tile_height, tile_left, tile_top, samples = (
        struct.unpack_from(">8IH", data, start + 8)
    )
    if min(tile_width, tile_height) == 0 or right <= left or bottom <= top:
        return None
    across = -(-(right - tile_left) // tile_width)
    down = -(-(bottom - tile_top) // tile_height)
    sizes = data[start + 42 : start + 42 + 3 * samples]
    most = max(1, (right - left) * (bottom - top) // 256)
    if not 0 < across * down <= most or len(sizes) < 3 * samples or samples < 1:
        return None
    if any(step != 1 for step in (*sizes[1::3], *sizes[2::3])):
        return None
    return Claim(
        bottom - top, right - left, samples, (sizes[0] & 0x7F) + 1, signed=bool(sizes[0] & 0x80)
    )
