"""The pixels of segmentation objects: one bit or one number a voxel."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from labelwidgets.algorithms.masks import BoolMask
from labelwidgets.errors import FormatError
from labelwidgets.formats.numbered import numbered

if TYPE_CHECKING:
    import pydicom

_RLE = "1.2.840.10008.1.2.5"


def pack_bits(masks: Iterable[BoolMask]) -> bytes:
    """Return frames of one bit a voxel, the first in the lowest bit, without gaps (PS3.5, 8.1.1).

    Parameters
    ----------
    masks
        (rows, columns) each.
    """
    pieces: list[bytes] = []
    rest = np.empty(0, bool)
    for mask in masks:
        flat = np.ascontiguousarray(mask).reshape(-1)
        if rest.size:
            flat = np.concatenate((rest, flat))
        whole = flat.size & ~7
        pieces.append(np.packbits(flat[:whole], bitorder="little").tobytes())
        rest = flat[whole:]
    pieces.append(np.packbits(rest, bitorder="little").tobytes())
    data = b"".join(pieces)
    return data + b"\0" * (len(data) % 2)


def frames_in(
    dataset: pydicom.Dataset, count: int, shape: tuple[int, int]
) -> Iterator[npt.NDArray[Any]]:
    """Return the frames of an object one by one, (rows, columns): bool, uint8 or uint16.

    Parameters
    ----------
    dataset
        With its pixels.
    count
        How many frames it says that it has.
    shape
        Rows and columns.

    Raises
    ------
    FormatError
        If there are fewer pixels than it says, or they cannot be decoded.
    """
    data = dataset.get("PixelData")
    if not isinstance(data, bytes):
        raise FormatError("is missing.", where="PixelData")
    bits = int(dataset.BitsAllocated)
    if dataset.file_meta.TransferSyntaxUID.is_compressed and (
        dataset.file_meta.TransferSyntaxUID != "1.2.840.10008.1.2.1.99"
    ):
        yield from _decoded(dataset, data, count, shape, bits)
        return
    needed = -(-count * shape[0] * shape[1] * bits // 8)
    if len(data) < needed:
        raise FormatError(
            f"has {len(data)} bytes, {numbered(count, 'frame')} of {shape[0]} x {shape[1]} "
            f"are {needed}.",
            where="PixelData",
        )
    big = not dataset.file_meta.TransferSyntaxUID.is_little_endian
    yield from _native(np.frombuffer(data, np.uint8), count, shape, bits, big)


def _native(
    data: npt.NDArray[np.uint8], count: int, shape: tuple[int, int], bits: int, big: bool
) -> Iterator[npt.NDArray[Any]]:
    size = shape[0] * shape[1]
    if bits != 1:
        kind = np.dtype(np.uint8 if bits == 8 else np.uint16).newbyteorder(">" if big else "<")
        for number in range(count):
            start = number * size * kind.itemsize
            yield data[start : start + size * kind.itemsize].view(kind).reshape(shape)
        return
    for number in range(count):
        start = number * size
        some = data[start // 8 : -(-(start + size) // 8)]
        flat = np.unpackbits(some, bitorder="little")[start % 8 : start % 8 + size]
        yield flat.view(bool).reshape(shape)


def _decoded(
    dataset: pydicom.Dataset, data: bytes, count: int, shape: tuple[int, int], bits: int
) -> Iterator[npt.NDArray[Any]]:
    from pydicom.encaps import generate_frames
    from pydicom.pixels.decoders.base import get_decoder

    syntax = dataset.file_meta.TransferSyntaxUID
    if bits == 1 and syntax == _RLE:
        # Of bits packed as in uncompressed pixels, which pydicom does not take.
        size = -(-shape[0] * shape[1] // 8)
        try:
            for code in generate_frames(data, number_of_frames=count):
                packed = np.frombuffer(_unpack_rle(code, size), np.uint8)
                yield from _native(packed, 1, shape, 1, False)
        except ValueError as error:
            raise FormatError(f"cannot be decoded ({error}).", where="PixelData") from None
        return
    try:
        for read, _ in get_decoder(syntax).iter_array(dataset, raw=True):
            frame: npt.NDArray[Any] = read
            if frame.shape != shape:
                raise FormatError(f"has a frame of shape {frame.shape}.", where="PixelData")
            yield frame.astype(bool) if bits == 1 else frame
    except FormatError:
        raise
    except Exception as error:
        raise FormatError(
            f"cannot be decoded: {syntax.name} ({type(error).__name__}).",
            where="PixelData",
            hint="pip install labelwidgets[dicom] brings more decoders.",
        ) from None


def _unpack_rle(frame: bytes, size: int) -> bytes:
    """Return the bytes of the only segment of a frame (PS3.5, annex G)."""
    offset = int.from_bytes(frame[4:8], "little")
    if int.from_bytes(frame[:4], "little") != 1 or not 64 <= offset <= len(frame):
        raise ValueError("not one RLE segment")
    made, at = bytearray(), offset
    while at < len(frame) and len(made) < size:
        head = frame[at]
        if head < 128:
            made += frame[at + 1 : at + 2 + head]
            at += 2 + head
        elif head > 128:
            made += frame[at + 1 : at + 2] * (257 - head)
            at += 2
        else:
            at += 1
    if len(made) < size:
        raise ValueError(f"{len(made)} bytes instead of {size}")
    return bytes(made[:size])
