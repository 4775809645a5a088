"""JPEG tiles as they lie in TIFF files, made whole without decoding them."""

from __future__ import annotations

import struct
from typing import NamedTuple

_SOI, _EOI, _SOS = b"\xff\xd8", b"\xff\xd9", 0xDA
# Baseline, extended and progressive: what browsers decode.
_FRAMES = (0xC0, 0xC1, 0xC2)
_OTHER_FRAMES = frozenset((0xC3, *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0)))
# Those that say which colours are meant; in a TIFF file its own tags say so.
_COLOUR = (0xE0, 0xEE)


class JpegFrame(NamedTuple):
    """What the header of a JPEG stream says."""

    width: int
    height: int
    bits: int
    components: int


def joined(tables: bytes, tile: bytes, rgb: bool) -> tuple[bytes, JpegFrame] | None:
    """Return an abbreviated JPEG stream as one that stands by itself, and what is in it.

    Parameters
    ----------
    tables
        The content of the tag JPEGTables: a stream of tables alone; empty where there are none.
    tile
        The content of a tile.
    rgb
        Whether its three components are red, green and blue and not YCbCr, which the stream
        itself need not say. An Adobe marker (Supplementing the DCT Filters in PostScript
        Level 2, Technical Note 5116) says so in what is returned.

    Returns
    -------
    tuple or None
        None where it is no stream that every browser decodes: lossless, arithmetic, of more
        than 8 bits or of other colours, or damaged.
    """
    head = _header(tile)
    if head is None:
        return None
    segments, scan, frame = head
    if frame.bits != 8 or frame.components not in (1, 3):
        return None
    parts = [_SOI]
    if frame.components == 3:
        transform = 0 if rgb else 1
        parts.append(struct.pack(">BBH5sHHHB", 0xFF, 0xEE, 14, b"Adobe", 100, 0, 0, transform))
    if tables.startswith(_SOI):
        parts.append(tables[2:-2] if tables.endswith(_EOI) else tables[2:])
    parts += segments
    parts.append(tile[scan:])
    return b"".join(parts), frame


def _header(tile: bytes) -> tuple[list[bytes], int, JpegFrame] | None:
    """Return the segments before the scan but those about colours, where it begins, the frame."""
    if not tile.startswith(_SOI):
        return None
    kept: list[bytes] = []
    frame: JpegFrame | None = None
    at = 2
    while at + 4 <= len(tile) and tile[at] == 0xFF:
        marker = tile[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        if marker == _SOS:
            return (kept, at, frame) if frame else None
        length = int.from_bytes(tile[at + 2 : at + 4], "big")
        if marker in _FRAMES and at + 10 <= len(tile):
            bits, height, width, components = struct.unpack_from(">BHHB", tile, at + 4)
            frame = JpegFrame(width, height, bits, components)
        if marker in _OTHER_FRAMES or length < 2:
            return None
        if marker not in _COLOUR:
            kept.append(tile[at : at + 2 + length])
        at += 2 + length
    return None
