"""Smaller copies of pictures, by the mean of square blocks."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def reduced(pixels: npt.NDArray[Any], factor: int) -> npt.NDArray[Any]:
    """Return a picture of which each pixel is the mean of a block.

    Parameters
    ----------
    pixels
        (H, W) or (H, W, C) of any number type.
    factor
        Pixels along each side of a block; blocks at the right and the bottom may be cut off.

    Returns
    -------
    ndarray
        (ceil(H / factor), ceil(W / factor)[, C]) of the same type, rounded half up where that is
        a whole number. Values that are not finite are left out; a block of nothing else is NaN.
    """
    if factor == 1:
        return pixels
    height, width = pixels.shape[:2]
    rows, columns = -(-height // factor), -(-width // factor)
    even = np.zeros if height % factor or width % factor else None
    floats = pixels.dtype.kind == "f"
    if even is None and not floats:
        return _rounded(_sums(pixels, factor, rows, columns), factor * factor, pixels.dtype)
    # What is cut off is filled up with nothing, and not counted.
    shape = (rows * factor, columns * factor, *pixels.shape[2:])
    filled = np.zeros(shape, pixels.dtype)
    counted = np.zeros(shape if floats else shape[:2], np.uint8)
    known = np.isfinite(pixels) if floats else None
    filled[:height, :width] = pixels if known is None else np.where(known, pixels, 0)
    counted[:height, :width] = 1 if known is None else known
    counts = _sums(counted, factor, rows, columns)
    if counts.ndim < filled.ndim:
        counts = counts[..., None]
    return _rounded(_sums(filled, factor, rows, columns), counts, pixels.dtype)


def _sums(pixels: npt.NDArray[Any], factor: int, rows: int, columns: int) -> npt.NDArray[Any]:
    kind: npt.DTypeLike = np.float64
    if pixels.dtype.kind in "iub":
        kind = np.int64 if pixels.dtype.itemsize > 2 else np.int32
    # Row after row, which numpy adds up many times faster than along two axes at once.
    tall = pixels[0::factor].astype(kind)
    for row in range(1, factor):
        tall += pixels[row::factor]
    wide = tall[:, 0::factor].copy()
    for column in range(1, factor):
        wide += tall[:, column::factor]
    return wide.reshape(rows, columns, *pixels.shape[2:])


def _rounded(
    sums: npt.NDArray[Any], counts: int | npt.NDArray[Any], kind: np.dtype[Any]
) -> npt.NDArray[Any]:
    if kind.kind == "f":
        with np.errstate(invalid="ignore", divide="ignore"):
            return (sums / counts).astype(kind)
    return ((2 * sums + counts) // (2 * counts)).astype(kind)
