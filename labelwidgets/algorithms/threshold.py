"""The threshold brush: of what a brush covers, the pixels in a range of values."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.algorithms.masks import BoolMask
from labelwidgets.algorithms.strokes import Tip, stroke_to_mask
from labelwidgets.errors import GeometryError


def brightness(image: ArrayLike) -> NDArray[Any]:
    """Return one value a pixel: grey as it is, of colours the luma in whole numbers.

    Parameters
    ----------
    image
        (H, W) or (H, W, C); of two or four channels the last one is opacity, and left out.

    Returns
    -------
    ndarray
        (H, W) in the dtype of the image: the pixels of a grey one as they are, of colours
        0.299 R + 0.587 G + 0.114 B (ITU-R BT.601), rounded for integers, halves up.

    Raises
    ------
    GeometryError
        If the image has another shape or other values.
    """
    array = np.asarray(image)
    if array.ndim == 3 and array.shape[2] in (1, 2):
        array = array[..., 0]
    if array.ndim not in (2, 3) or not array.size or array.dtype.kind not in "buif":
        raise GeometryError(f"must be grey or RGB, not {array.dtype} {array.shape}.", where="image")
    if array.ndim == 2:
        return array
    if array.shape[2] not in (3, 4):
        raise GeometryError(f"must be grey or RGB, not {array.shape}.", where="image")
    if array.dtype.kind == "f":
        red, green, blue = (array[..., channel] for channel in range(3))
        return np.asarray(0.299 * red + 0.587 * green + 0.114 * blue)
    # Sums of 8 and 16 bits fit into 32, which takes half the time of 64.
    wide: Any = np.int32 if array.dtype.itemsize <= 2 else np.int64
    channels: list[Any] = [array[..., channel].astype(wide) for channel in range(3)]
    red, green, blue = channels
    for channel, weight in ((red, 299), (green, 587), (blue, 114)):
        channel *= weight
    red += green
    red += blue
    red += 500
    red //= 1000
    return np.asarray(red.astype(array.dtype))


def threshold_stroke(
    image: ArrayLike,
    path: ArrayLike,
    low: float,
    high: float,
    *,
    radius: float,
    tip: Tip = "round",
    relative: bool = False,
) -> BoolMask:
    """Return the pixels under a stroke whose value lies in a range.

    Parameters
    ----------
    image
        (H, W) or (H, W, C); of colours the `brightness` counts.
    path
        (N, 2) points x, y of the stroke, in pixels.
    low, high
        The range, both ends included, in the unit of the pixels.
    radius, tip
        Of the brush, as in `stroke_to_mask`.
    relative
        Whether the range is relative to the value of the pixel under the first point.

    Returns
    -------
    ndarray
        (H, W) bool. NaN is never in.

    Raises
    ------
    GeometryError
        If the image, the path, the brush or the range is impossible.
    """
    values = brightness(image)
    if not low <= high:
        raise GeometryError(f"must be a low and a high end, not {low} to {high}.", where="range")
    height, width = values.shape
    mask = stroke_to_mask(path, (height, width), radius=radius, tip=tip)
    start = 0.0
    if relative:
        x, y = np.asarray(path, float)[0]
        row, column = (
            min(max(math.floor(at), 0), size - 1) for at, size in ((y, height), (x, width))
        )
        start = float(values[row, column])
    covered = np.nonzero(mask)
    under = values[covered].astype(np.float64)
    mask[covered] = (under >= start + low) & (under <= start + high)
    return mask
