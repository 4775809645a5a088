"""Stored values of frames: read by range, decoded, and rid of what does not belong to them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from labelwidgets.errors import ImageError, LimitError
from labelwidgets.media.dicom.codecs import decode_frame, native, native_size
from labelwidgets.media.dicom.fragments import EncapsulatedFrames, Fetch
from labelwidgets.media.dicom.slice_header import (
    BIG_ENDIAN,
    DEFLATED,
    EXPLICIT,
    IMPLICIT,
    SliceHeader,
)
from labelwidgets.media.limits import Limits

_NATIVE = {IMPLICIT, EXPLICIT, DEFLATED, BIG_ENDIAN}


def check_picture(header: SliceHeader, where: str, limits: Limits) -> None:
    """Check what a header claims of its picture, before anything is read or made room for.

    Raises
    ------
    ImageError
        If there is no picture, or one that cannot be.
    LimitError
        If it is larger than the limits allow.
    """
    if header.pixel_offset is None:
        raise ImageError("is a DICOM file without pixels.", where=where)
    if header.rows < 1 or header.columns < 1:
        raise ImageError(
            f"claims a picture of {header.columns} x {header.rows} pixels.", where=where
        )
    if header.frames < 1:
        raise ImageError("has a number of frames that cannot be read.", where=where)
    if header.samples not in (1, 3, 4):
        raise ImageError(f"claims {header.samples} samples in a pixel.", where=where)
    allowed = {"float": (32,), "double": (64,)}.get(header.pixel_kind, (1, 8, 16, 32, 64))
    if header.bits_allocated not in allowed or (header.bits_allocated == 1 and header.samples > 1):
        raise ImageError(f"claims {header.bits_allocated} bits in a sample.", where=where)
    limits.check_pixels(header.columns, header.rows, where)
    if native_size(header) * header.samples > limits.pixels * 8:
        raise LimitError(
            f"claims {native_size(header)} bytes in a frame, more than is allowed.",
            where=where,
            hint="If the picture is genuine, pass limits=Limits(pixels=...).",
        )


def is_native(header: SliceHeader) -> bool:
    """Say whether frames are uncompressed, so that where they lie can be computed."""
    return header.transfer_syntax in _NATIVE


def native_span(header: SliceHeader, frame: int, where: str) -> tuple[int, int]:
    """Return where an uncompressed frame lies in its file: start and stop.

    Raises
    ------
    ImageError
        If the pixels are fewer than that, by what the header claims of them.
    """
    if header.bits_allocated == 1:
        count = header.rows * header.columns
        first, stop = frame * count // 8, -(-(frame + 1) * count // 8)
    else:
        first = frame * native_size(header)
        stop = first + native_size(header)
    if header.pixel_length is not None and header.pixel_length < stop:
        raise ImageError(
            f"has {header.pixel_length} bytes of pixels, of at least {stop}: it was cut short, "
            "or claims a false size.",
            where=where,
        )
    start = header.pixel_offset or 0
    return start + first, start + stop


def read_frame(
    fetch: Fetch,
    header: SliceHeader,
    frame: int,
    where: str,
    frames: EncapsulatedFrames | None = None,
) -> npt.NDArray[Any]:
    """Return the stored values of a frame, reading no other one.

    Parameters
    ----------
    fetch
        Reads the file, or its inflated data set.
    header
        Checked (see `check_picture`).
    frame
        Its number in the file, from 0.
    where
        The name that errors give to the file.
    frames
        Where the frames are, if that was found out before.

    Returns
    -------
    ndarray
        (rows, columns), or (rows, columns, samples). Bits that are not stored ones are not in it.

    Raises
    ------
    ImageError
        If it is damaged, cut short, or cannot be decoded.
    """
    if not is_native(header):
        if header.pixel_length is not None and frames is None:
            # Of a defined length, so it is not encapsulated, whatever it claims.
            raise ImageError("claims compressed pixels, but holds none.", where=where)
        frames = frames or EncapsulatedFrames(fetch, header, where)
        return stored_bits(decode_frame(frames.read(frame), header, where), header)
    start, stop = native_span(header, frame, where)
    data = _swapped(fetch, start, stop) if _is_swapped(header) else fetch(start, stop - start)
    if len(data) < stop - start:
        raise ImageError(
            "ends within its pixels: it was cut short, or claims a false length.", where=where
        )
    if header.bits_allocated == 1:
        count = header.rows * header.columns
        skipped = frame * count % 8
        bits = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")
        return bits[skipped : skipped + count].reshape(header.rows, header.columns)
    return stored_bits(native(data, header, where), header)


def _is_swapped(header: SliceHeader) -> bool:
    """Say whether bytes were written as words of the other byte order (PS3.5 A.3)."""
    big = header.transfer_syntax == BIG_ENDIAN
    return big and header.bits_allocated == 8 and header.pixel_vr == "OW"


def _swapped(fetch: Fetch, start: int, stop: int) -> bytes:
    first = start - start % 2
    data = bytearray(fetch(first, stop + stop % 2 - first))
    if len(data) % 2:
        return b""
    data[::2], data[1::2] = data[1 : len(data) : 2], data[: len(data) - 1 : 2]
    return bytes(data[start - first : stop - first])


def stored_bits(values: npt.NDArray[Any], header: SliceHeader) -> npt.NDArray[Any]:
    """Return values without the bits above and below those that are stored (PS3.5 8.1.1).

    In native byte order; the very array where there is nothing to be taken off.
    """
    if values.dtype.kind not in "iu":
        return values if values.dtype.isnative else values.astype(values.dtype.newbyteorder("="))
    if not values.dtype.isnative:
        values = values.astype(values.dtype.newbyteorder("="))
    if not stored_shifts(header, values.dtype.itemsize * 8)[1]:
        return values
    made = values if values.flags.writeable else values.copy()
    mask_stored(made, header)
    return made


def mask_stored(values: npt.NDArray[Any], header: SliceHeader) -> None:
    """Take off bits that are not stored ones, in place (see `stored_bits`)."""
    left, right = stored_shifts(header, values.dtype.itemsize * 8)
    if left == right and values.dtype.kind == "u":
        if left:
            np.bitwise_and(values, (1 << (values.dtype.itemsize * 8 - left)) - 1, out=values)
        return
    if left:
        np.left_shift(values, left, out=values)
    if right:
        np.right_shift(values, right, out=values)


def stored_shifts(header: SliceHeader, cell: int) -> tuple[int, int]:
    """Return by how many bits a cell is shifted left, then right, to keep the stored ones.

    No shift where the header is wrong about its bits: none stored, or more than there are.
    """
    stored = header.bits_stored
    if not 0 < stored <= cell or header.pixel_kind in ("float", "double"):
        return 0, 0
    high = header.high_bit if stored - 1 <= header.high_bit < cell else stored - 1
    return cell - 1 - high, cell - stored
