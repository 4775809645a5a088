"""How many bytes compressed chunks become, told before they are inflated."""

from __future__ import annotations

import zlib

from labelwidgets.errors import ImageError, LimitError

_STEP = 1 << 20
_PIECE = 1 << 14
_BLOCK = 1 << 17
_ZSTD = b"\x28\xb5\x2f\xfd"
_BLOSC_HEADER = 16
_GZIP = b"\x1f\x8b"
# Streams in one chunk: writers make one.
_MOST_STREAMS = 1000


def check_inflated(data: bytes, codec: str, most: int, where: str) -> None:
    """Raise an error where a compressed chunk would become larger than its pixels are.

    Decoders trust what their input says of itself, so that what contradicts itself is refused
    before they see it: Blosc would read on behind its end, whatever lies there in the memory.

    Parameters
    ----------
    data
        A chunk as it is stored.
    codec
        What it is compressed by: ``"zstd"`` (RFC 8878), ``"blosc"``, ``"gzip"`` (RFC 1952),
        ``"zlib"`` (RFC 1950); empty for none.
    most
        Bytes of its pixels.
    where
        The name that errors give to it.

    Raises
    ------
    LimitError
        If it becomes larger.
    ImageError
        If it is not what the codec writes.
    """
    claimed = _CLAIMED[codec](data, most) if codec else None
    if claimed is not None and claimed < 0:
        raise ImageError(f"is damaged: it is no data of {codec}.", where=where)
    if claimed is not None and claimed > most:
        raise LimitError(
            f"becomes {claimed} bytes or more when it is inflated, its pixels have {most}.",
            where=where,
            hint="The file is damaged, or made to exhaust the memory.",
        )


def _blosc(data: bytes, _: int) -> int:
    """Return what the header says (version, flags, bytes of pixels, of blocks, of itself)."""
    if len(data) < _BLOSC_HEADER or not _BLOSC_HEADER <= _little(data, 12, 4) <= len(data):
        return -1
    return _little(data, 4, 4)


def _zstd(data: bytes, most: int) -> int:
    """Return how many bytes the frames become (RFC 8878, section 3.1)."""
    at = total = frames = 0
    while at < len(data) and total <= most:
        if at + 8 <= len(data) and 0x184D2A50 <= _little(data, at, 4) <= 0x184D2A5F:
            at += 8 + _little(data, at + 4, 4)
            continue
        # Others are frames of old versions, which decoders may still know.
        if data[at : at + 4] != _ZSTD or len(data) < at + 6:
            return -1
        frames += 1
        descriptor = data[at + 4]
        flag, single = descriptor >> 6, descriptor >> 5 & 1
        at += 5 + (1 - single) + (0, 1, 2, 4)[descriptor & 3]
        width = (1 if single else 0, 2, 4, 8)[flag]
        said = _little(data, at, width) + (256 if width == 2 else 0)
        at, least = _zstd_blocks(data, at + width)
        at += 4 * (descriptor >> 2 & 1)
        # What the last block of the first frame becomes is not told, and is not much.
        total += said if width else least if frames == 1 else least + _BLOCK
    return total


def _zstd_blocks(data: bytes, at: int) -> tuple[int, int]:
    """Return where the blocks of a frame end, and how many bytes they become but the last."""
    total = 0
    while at + 3 <= len(data):
        header = _little(data, at, 3)
        last, kind, size = header & 1, header >> 1 & 3, header >> 3
        # Stored as it is, one byte repeated, or compressed: all but the last are full blocks.
        total += size if kind < 2 else 0 if last else _BLOCK
        at += 3 + (1 if kind == 1 else size)
        if last:
            break
    else:
        at = len(data)
    return at, total


def _gzip(data: bytes, most: int) -> int:
    """Inflate step by step and forget what comes, until it is done or too much."""
    at = total = 0
    for _ in range(_MOST_STREAMS):
        at, count = _stream(data, at, most - total, 16 + zlib.MAX_WBITS)
        total += count
        # Zeros and another stream may follow.
        while (piece := data[at : at + _PIECE]) and not piece.strip(b"\0"):
            at += len(piece)
        at += len(piece) - len(piece.lstrip(b"\0"))
        if total > most or data[at : at + 2] != _GZIP:
            return total
    return -1


def _zlib(data: bytes, most: int) -> int:
    return _stream(data, 0, most, zlib.MAX_WBITS)[1]


def _stream(data: bytes, at: int, most: int, wbits: int) -> tuple[int, int]:
    """Return where a deflated stream ends, and how many bytes it becomes, at least."""
    machine, total = zlib.decompressobj(wbits), 0
    try:
        while at < len(data) and total <= most and not machine.eof:
            # In small pieces, as what is left of one is copied.
            piece = data[at : at + _PIECE]
            total += len(machine.decompress(piece, _STEP))
            at += len(piece) - len(machine.unconsumed_tail) - len(machine.unused_data)
    except zlib.error:
        # The decoder will say.
        return len(data), total
    return at, total


def _little(data: bytes, at: int, width: int) -> int:
    return int.from_bytes(data[at : at + width], "little")


_CLAIMED = {"blosc": _blosc, "zstd": _zstd, "gzip": _gzip, "zlib": _zlib}
