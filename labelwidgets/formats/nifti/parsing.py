"""NIfTI files of others: how much they may become, known before anything is unpacked."""

from __future__ import annotations

import math
import struct
import zlib

from labelwidgets.errors import FormatError, LimitError
from labelwidgets.formats.numbered import numbered

MAX_BYTES = 1 << 31
"""Of a file, and of what a compressed one becomes."""
_GZIP = b"\x1f\x8b"
_MAGIC = (b"n+1\0", b"n+2\0", b"ni1\0", b"ni2\0")
_HEAD = 540
_STEP = 1 << 24
# What zlib takes for gzip.
_WBITS = 16 + zlib.MAX_WBITS


def is_nifti(head: bytes) -> bool:
    """Say whether a file that begins so is NIfTI, compressed or not."""
    if head[:2] == _GZIP:
        try:
            head = zlib.decompressobj(_WBITS).decompress(head, _HEAD)
        except zlib.error:
            return False
    return head[344:348] in _MAGIC or head[4:8] in _MAGIC


def unpacked(data: bytes, where: str, voxels: int) -> bytes:
    """Return the bytes of a file, of a compressed one as many as its header asks for.

    Parameters
    ----------
    data
        Of the file.
    where
        The name that errors give to it.
    voxels
        How many it may have: nothing is unpacked of one with more.

    Raises
    ------
    FormatError
        If it is no NIfTI, is damaged, or has more voxels.
    LimitError
        If it would become larger than `MAX_BYTES`.
    """
    if data[:2] != _GZIP:
        left = needed(data, where, voxels) - len(data)
        if left > 0:
            raise FormatError(f"ends {left} bytes too early.", where=where)
        return data
    made = zlib.decompressobj(_WBITS)
    try:
        parts = [made.decompress(data, _HEAD)]
        left = needed(parts[0], where, voxels) - len(parts[0])
        while left > 0 and not made.eof and made.unconsumed_tail:
            parts.append(made.decompress(made.unconsumed_tail, min(left, _STEP)))
            left -= len(parts[-1])
    except zlib.error:
        raise FormatError("is compressed, and damaged.", where=where) from None
    if left > 0:
        raise FormatError(f"ends {left} bytes too early.", where=where)
    return b"".join(parts)


def needed(head: bytes, where: str, voxels: int) -> int:
    """Return how many bytes a file has by its header."""
    try:
        return header_of(head, voxels)
    except LimitError as error:
        raise error.at(where) from None
    except FormatError as error:
        raise error.at(where) from None


def header_of(head: bytes, voxels: int) -> int:
    """Return how many bytes a file has to have, by its header.

    Raises
    ------
    FormatError
        Naming the field that is impossible.
    LimitError
        If they are more than `MAX_BYTES`.
    """
    for order in "<>":
        size = struct.unpack(f"{order}i", head[:4].ljust(4, b"\0"))[0]
        if size == 348 and len(head) >= 348:
            dims: tuple[int, ...] = struct.unpack(f"{order}8h", head[40:56])
            bits: int = struct.unpack(f"{order}h", head[72:74])[0]
            offset: float = struct.unpack(f"{order}f", head[108:112])[0]
            magic = head[344:348]
            break
        if size == 540 and len(head) >= 540:
            dims = struct.unpack(f"{order}8q", head[16:80])
            bits = struct.unpack(f"{order}h", head[14:16])[0]
            offset = struct.unpack(f"{order}q", head[168:176])[0]
            magic = head[4:8]
            break
    else:
        raise FormatError("is no NIfTI file.", where="sizeof_hdr")
    if magic not in _MAGIC:
        raise FormatError("is no NIfTI file.", where="magic")
    if magic in (b"ni1\0", b"ni2\0"):
        raise FormatError("has its voxels in another file; save it as .nii.", where="magic")
    if not 1 <= dims[0] <= 7 or min(dims[1 : dims[0] + 1]) < 1:
        raise FormatError(f"is {dims}.", where="dim")
    if bits not in (8, 16, 32, 64, 128):
        raise FormatError(f"is {bits}.", where="bitpix")
    if not (math.isfinite(offset) and size <= offset <= 1 << 28):
        raise FormatError(f"is {offset:g}.", where="vox_offset")
    axes = dims[1 : dims[0] + 1]
    if math.prod(axes[3:]) > 1:
        raise FormatError(f"has {numbered(len(axes), 'axis')}, a label map has 3.", where="dim")
    count = math.prod(axes)
    total = int(offset) + count * bits // 8
    if total > MAX_BYTES:
        raise LimitError(
            f"says that the file has {total} bytes, at most {MAX_BYTES} are allowed.", where="dim"
        )
    if count > voxels:
        raise FormatError(
            f"says that it has {numbered(count, 'voxel')}, and the scan has {voxels}.",
            where="dim",
            hint="Was it made on another grid? Resample it to that of the scan.",
        )
    return total
