"""How many bytes compressed chunks become, told before they are inflated."""

from __future__ import annotations

import zlib

from labelwidgets.errors import LimitError

_STEP = 1 << 20
_BLOCK = 1 << 17
_ZSTD = b"\x28\xb5\x2f\xfd"
# Versions of the Blosc format, which its chunks begin with (1 to 2, and 5 in Blosc 2).
_BLOSC = (1, 2, 5)


def check_inflated(data: bytes, most: int, where: str) -> None:
    """Raise LimitError where a compressed chunk would become larger than its pixels are.

    Parameters
    ----------
    data
        A chunk as it is stored: by Zstandard (RFC 8878), Blosc, gzip (RFC 1952), zlib (RFC 1950),
        or not compressed at all.
    most
        Bytes of its pixels.
    where
        The name that errors give to it.
    """
    claimed = _claimed(data)
    if claimed is None and (data[:2] == b"\x1f\x8b" or _is_zlib(data)):
        claimed = _inflated(data, most)
    if claimed is not None and claimed > most:
        raise LimitError(
            f"becomes {claimed} bytes or more when it is inflated, its pixels have {most}.",
            where=where,
            hint="The file is damaged, or made to exhaust the memory.",
        )


def _claimed(data: bytes) -> int | None:
    """Return what a header says, None where it says nothing."""
    if data[:4] == _ZSTD and len(data) > 6:
        return _zstd(data)
    # The header of Blosc: version, flags, bytes of its pixels, of its blocks and of itself.
    if len(data) >= 16 and data[0] in _BLOSC and _little(data, 12, 4) == len(data):
        return _little(data, 4, 4)
    return None


def _zstd(data: bytes) -> int | None:
    """Return the content size of the first Zstandard frame (RFC 8878, section 3.1.1)."""
    descriptor = data[4]
    flag, single = descriptor >> 6, descriptor >> 5 & 1
    at = 5 + (1 - single) + (0, 1, 2, 4)[descriptor & 3]
    width = (1 if single else 0, 2, 4, 8)[flag]
    if width == 0:
        return _zstd_blocks(data, at)
    return _little(data, at, width) + (256 if width == 2 else 0)


def _zstd_blocks(data: bytes, at: int) -> int:
    """Return how many bytes the blocks of a frame become at least, which does not say it."""
    total = 0
    while at + 3 <= len(data):
        header = _little(data, at, 3)
        last, kind, size = header & 1, header >> 1 & 3, header >> 3
        # Stored as it is, one byte repeated, or compressed: all but the last are full blocks.
        total += size if kind < 2 else 0 if last else _BLOCK
        at += 3 + (1 if kind == 1 else size)
        if last:
            break
    return total


def _is_zlib(data: bytes) -> bool:
    return len(data) > 2 and data[0] & 15 == 8 and int.from_bytes(data[:2], "big") % 31 == 0


def _inflated(data: bytes, most: int) -> int | None:
    """Inflate step by step and forget what comes, until it is done or too much."""
    stream = zlib.decompressobj(wbits=47)
    total = 0
    try:
        while total <= most:
            piece = len(stream.decompress(data, _STEP))
            total += piece
            data = stream.unconsumed_tail
            if stream.eof:
                # Another member may follow, as gzip allows.
                data = stream.unused_data
                stream = zlib.decompressobj(wbits=47)
                if data[:2] != b"\x1f\x8b":
                    break
            elif not piece and not data:
                break
    except zlib.error:
        # Damaged, or not compressed at all: the decoder will say.
        return None
    return total


def _little(data: bytes, at: int, width: int) -> int:
    return int.from_bytes(data[at : at + width], "little")
