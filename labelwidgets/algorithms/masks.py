"""Masks as COCO run-length codes.

Runs go down the columns (column-major, Fortran order), the first run is of
zeros; `counts` is the compressed string of cocoapi's ``maskApi.c``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.errors import GeometryError

BoolMask: TypeAlias = NDArray[np.bool_]

MAX_SIDE = 10**6
MAX_PIXELS = 2**31 - 1
# A run of 2^31 pixels takes seven characters of five bits.
_MAX_DIGITS = 7


def as_mask(mask: ArrayLike) -> BoolMask:
    """Return `mask` as a two-dimensional array of bool, without a copy where possible.

    Raises
    ------
    GeometryError
        If it has not two dimensions, has no pixels, or holds no numbers.
    """
    array = np.asarray(mask)
    if array.ndim != 2 or not array.size:
        raise GeometryError(
            f"must be a (height, width) array with pixels, not one of shape {array.shape}.",
            where="mask",
        )
    if array.dtype.kind not in "buif":
        raise GeometryError(f"must be of bool or numbers, not {array.dtype}.", where="mask")
    return array if array.dtype == bool else array != 0


def encode_rle(mask: ArrayLike) -> dict[str, Any]:
    """Encode a mask as pycocotools does.

    Parameters
    ----------
    mask
        (H, W), bool or numbers; what is not 0 is set. Fortran-ordered arrays
        are encoded without a copy.

    Returns
    -------
    dict
        ``{"size": [height, width], "counts": str}``, `counts` byte-equal to
        that of ``pycocotools.mask.encode``.

    Raises
    ------
    GeometryError
        If `mask` has not two dimensions, no pixels, or holds no numbers.
    """
    from pycocotools import mask as coco

    bits = np.asfortranarray(as_mask(mask)).view(np.uint8)
    return {"size": list(bits.shape), "counts": coco.encode(bits)["counts"].decode("ascii")}


def decode_rle(rle: Mapping[str, Any]) -> BoolMask:
    """Decode a run-length code.

    Each step is checked before pixels are written, as codes come from files.

    Parameters
    ----------
    rle
        ``{"size": [height, width], "counts": ...}`` where `counts` is COCO's
        string (str or bytes) or its uncompressed list of runs.

    Returns
    -------
    ndarray
        (H, W) bool, Fortran-ordered as the runs are.

    Raises
    ------
    GeometryError
        If the size is impossible or the runs do not add up to it.
    """
    height, width = _size(rle)
    runs = _runs(rle.get("counts"))
    if runs.size and runs.min() < 0:
        raise GeometryError("has a negative run.", where="counts")
    if int(runs.sum()) != height * width:
        raise GeometryError(
            f"has runs of {int(runs.sum())} pixels in all, the mask has {height * width}.",
            where="counts",
        )
    values = np.arange(runs.size) % 2 == 1
    return np.repeat(values, runs).reshape((width, height)).T


def _size(rle: Mapping[str, Any]) -> tuple[int, int]:
    size = rle.get("size")
    if (
        not isinstance(size, list | tuple)
        or len(size) != 2
        or not all(isinstance(side, int) and 0 < side <= MAX_SIDE for side in size)
        or size[0] * size[1] > MAX_PIXELS
    ):
        raise GeometryError(f"must be [height, width], not {str(size)[:60]}.", where="size")
    return int(size[0]), int(size[1])


def _runs(counts: Any) -> NDArray[np.int64]:
    if isinstance(counts, str):
        try:
            counts = counts.encode("ascii")
        except UnicodeEncodeError:
            raise GeometryError("has a character that is not ASCII.", where="counts") from None
    if isinstance(counts, bytes):
        return _unpack(counts)
    runs = np.asarray(counts)
    if runs.ndim != 1 or (runs.size and runs.dtype.kind not in "iu"):
        raise GeometryError("must be a string or a list of whole numbers.", where="counts")
    if runs.size and (runs.min() < 0 or runs.max() > MAX_PIXELS):
        raise GeometryError("has an impossible run.", where="counts")
    return runs.astype(np.int64)


def _unpack(text: bytes) -> NDArray[np.int64]:
    """Decode COCO's string of runs (rleFrString in maskApi.c), all runs at once.

    Each character carries five bits, lowest first, and a bit that says whether
    the run goes on; from the fourth run on, the difference to the run before
    the last is stored.
    """
    codes = np.frombuffer(text, np.uint8).astype(np.int64) - 48
    if not codes.size:
        return codes
    if codes.min() < 0 or codes.max() > 63:
        bad = int(np.flatnonzero((codes < 0) | (codes > 63))[0])
        raise GeometryError(f"has a bad character at {bad}.", where="counts")
    last = (codes & 32) == 0
    if not last[-1]:
        raise GeometryError("ends in the middle of a run.", where="counts")
    ends = np.flatnonzero(last)
    starts = np.concatenate(([0], ends[:-1] + 1))
    digits = ends - starts + 1
    if digits.max() > _MAX_DIGITS:
        raise GeometryError("has an impossible run.", where="counts")
    place = np.arange(codes.size) - np.repeat(starts, digits)
    runs = np.add.reduceat((codes & 31) << (5 * place), starts)
    negative = (codes[ends] & 16) != 0
    runs[negative] -= 1 << (5 * digits[negative])
    runs[1::2] = np.cumsum(runs[1::2])
    runs[2::2] = np.cumsum(runs[2::2])
    return np.asarray(runs, dtype=np.int64)
