"""What growing from a click begins with: the array, the place and the range of values, checked."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.errors import GeometryError
from labelwidgets.numbered import numbered

Pixels: TypeAlias = NDArray[Any]
Index: TypeAlias = tuple[int, ...]

# What the compiled flood is given for each dtype, so that few kinds of code are compiled.
COMPILED = {"b1": "u1", "i1": "i2", "u4": "i8", "f2": "f4"} | {
    kind: kind for kind in ("u1", "i2", "u2", "i4", "i8", "u8", "f4", "f8")
}


def range_around(value: Any, low: float, high: float) -> tuple[Any, Any]:
    """Return the ends of a range around a value, in the dtype of the value."""
    dtype = value.dtype
    if dtype.kind == "f":
        # In double precision where the dtype has less, then to what lies within in the dtype.
        wide = np.result_type(dtype, np.float64).type
        with np.errstate(over="ignore", invalid="ignore"):
            lower, upper = wide(value) + wide(low), wide(value) + wide(high)
            first, last = dtype.type(lower), dtype.type(upper)
        if first < lower:
            first = np.nextafter(first, dtype.type(np.inf))
        if last > upper:
            last = np.nextafter(last, dtype.type(-np.inf))
        return first, last
    least, most = (0, 1) if dtype.kind == "b" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
    start = (
        least if low == -math.inf else most + 1 if low == math.inf else int(value) + math.ceil(low)
    )
    stop = (
        most
        if high == math.inf
        else least - 1
        if high == -math.inf
        else int(value) + math.floor(high)
    )
    start, stop = max(start, least), min(stop, most)
    if start > stop:  # Nothing: an end above the other.
        start, stop = most, least
    return dtype.type(start), dtype.type(stop)


def volume_of(pixels: ArrayLike, dimensions: tuple[int, ...]) -> Pixels:
    """Return an array of numbers, checked."""
    array = np.asarray(pixels)
    if array.ndim not in dimensions or not array.size:
        raise GeometryError(
            f"must be an array of {' or '.join(map(str, dimensions))} dimensions with pixels, "
            f"not one of shape {array.shape}.",
            where="pixels",
        )
    if array.dtype.kind not in "buif":
        raise GeometryError(f"must be of bool or real numbers, not {array.dtype}.", where="pixels")
    return array


def index_of(seed: Sequence[int], shape: Index, where: str) -> Index:
    """Return the index of a pixel, checked."""
    try:
        index = tuple(operator.index(number) for number in seed)
    except TypeError:
        raise GeometryError(
            f"must be whole numbers, the index of a pixel, not {str(seed)[:60]}.", where=where
        ) from None
    if len(index) != len(shape):
        raise GeometryError(
            f"must have {numbered(len(shape), 'number')}, not {len(index)}.", where=where
        )
    if not all(0 <= number < size for number, size in zip(index, shape, strict=True)):
        raise GeometryError(
            f"{index} lies outside the pixels.", where=where, hint=f"Their shape is {shape}."
        )
    return index
