"""From stored values to those of the modality, in the smallest type that holds them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from labelwidgets.errors import ImageError
from labelwidgets.media.dicom.look_up import LookUp
from labelwidgets.media.dicom.slice_header import SliceHeader

Array = npt.NDArray[Any]

_SMALL = np.iinfo(np.int16)
_WHOLE = (np.int16, np.int32, np.int64)


@dataclass(frozen=True, slots=True)
class Rescale:
    """What makes values of stored ones: value = stored * slope + intercept.

    Parameters
    ----------
    slope, intercept
        Finite, the slope other than 0.
    """

    slope: float = 1.0
    intercept: float = 0.0

    @property
    def is_whole(self) -> bool:
        """Whether whole numbers become whole numbers."""
        return self.slope.is_integer() and self.intercept.is_integer()


def unit_of(header: SliceHeader) -> str:
    """Return the unit of the values of a slice; empty where it is not known."""
    if header.rescale_type not in ("", "US"):
        return header.rescale_type[:16]
    if header.modality == "CT":
        return "HU" if header.rescale_type == "" else ""
    return {"BQML": "Bq/ml", "GML": "SUV", "CM2ML": "cm2/ml"}.get(header.units, "")


def rescale_of(header: SliceHeader, where: str, factor: float = 1.0) -> Rescale:
    """Return the slope and the intercept of a slice, times a factor.

    Raises
    ------
    ImageError
        If they are no numbers, infinite, or of no use: values are never made up.
    """
    slope, intercept = header.slope * factor, header.intercept * factor
    for name, value in (("slope", slope), ("intercept", intercept)):
        if not math.isfinite(value):
            raise ImageError(
                f"has a rescale {name} that is {_said(value)}, so its values are not known.",
                where=where,
            )
    if slope == 0:
        raise ImageError("has a rescale slope of 0, so its values are not known.", where=where)
    top = max(abs(slope), 1.0) * 2.0 ** min(header.bits_allocated, 64) + abs(intercept)
    if header.pixel_kind == "integer" and not math.isfinite(top):
        raise ImageError(
            f"has a rescale slope of {slope:g}, which makes values infinite.", where=where
        )
    return Rescale(slope, intercept)


def values_of(stored: Array, rescale: Rescale, table: LookUp | None = None) -> Array:
    """Return the values of a grey slice (DICOM PS3.3 C.11.1).

    Parameters
    ----------
    stored
        (rows, columns), without bits that are not stored ones.
    rescale
        Slope and intercept.
    table
        The modality LUT, which is instead of them.

    Returns
    -------
    ndarray
        int16 where all values are whole and fit, else int32 or int64, or float32 where a
        number is not whole (float64 where it is larger than that holds). Padding, too, is what
        it was stored as.
    """
    if table is not None:
        return smallest(table.apply(stored))
    if stored.dtype.kind != "f" and rescale.is_whole:
        return _whole(stored, rescale)
    return _floats(stored, rescale)


def padding_of(stored: Array, header: SliceHeader) -> npt.NDArray[np.bool_] | None:
    """Return which pixels are padding (PS3.3 C.7.5.1.1.2), None where none is.

    An automatic window leaves them out.
    """
    if header.padding is None or stored.dtype.kind not in "iu":
        return None
    first = _stored_padding(header.padding, header)
    last = first
    if header.padding_limit is not None:
        last = _stored_padding(header.padding_limit, header)
    found = (
        stored == first
        if first == last
        else (stored >= min(first, last)) & (stored <= max(first, last))
    )
    return found if found.any() else None


def _stored_padding(value: int, header: SliceHeader) -> int:
    """Return padding as the stored bits have it, where it was written with those above them."""
    bits = header.bits_stored
    if not 0 < bits < 16:
        return value
    kept = value & ((1 << bits) - 1)
    return kept - (1 << bits) if header.signed and kept >> (bits - 1) else kept


def fits_small(header: SliceHeader, rescale: Rescale) -> bool:
    """Say whether all that can be stored becomes int16, so that no pixel has to be looked at."""
    bits = header.bits_stored
    if not rescale.is_whole or not 0 < bits <= 16:
        return False
    low, high = (
        (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if header.signed else (0, (1 << bits) - 1)
    )
    ends = (low * rescale.slope + rescale.intercept, high * rescale.slope + rescale.intercept)
    return min(ends) >= _SMALL.min and max(ends) <= _SMALL.max


def rescale_in_place(cells: npt.NDArray[np.int16], rescale: Rescale) -> None:
    """Make values of stored ones that lie in the cells of int16, where they are known to fit.

    Parameters
    ----------
    cells
        Stored values, also unsigned ones of 16 bits: sums and products are right modulo 65536,
        and what fits is right.
    rescale
        Whole, with values that fit.
    """
    if rescale.slope != 1:
        np.multiply(cells, _wrapped(rescale.slope), out=cells)
    if rescale.intercept != 0:
        np.add(cells, _wrapped(rescale.intercept), out=cells)


def _wrapped(value: float) -> np.int16:
    rest = int(value) % 65536
    return np.int16(rest - 65536 if rest > _SMALL.max else rest)


def smallest(values: Array) -> Array:
    """Return whole numbers in the smallest of int16, int32 and int64 that holds them."""
    if values.dtype == np.int16 or not values.size:
        return values if values.dtype == np.int16 else values.astype(np.int16)
    low, high = int(values.min()), int(values.max())
    for kind in _WHOLE:
        if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max:
            return values.astype(kind, copy=False)
    return values.astype(np.float64)


def _whole(stored: Array, rescale: Rescale) -> Array:
    slope, intercept = int(rescale.slope), int(rescale.intercept)
    if not stored.size or (slope == 1 and intercept == 0):
        return smallest(stored)
    ends = [int(end) * slope + intercept for end in (stored.min(), stored.max())]
    for kind in _WHOLE:
        span = np.iinfo(kind)
        if span.min <= min(ends) and max(ends) <= span.max:
            # Products may leave the type on the way, and come back with the sum: modulo its size.
            scale, offset = (np.array(one % (1 << 64), np.uint64) for one in (slope, intercept))
            made = stored.astype(kind)
            if slope != 1:
                made = made * scale.astype(kind)
            moved: Array = made + offset.astype(kind)
            return moved
    return stored.astype(np.float64) * rescale.slope + rescale.intercept


def _floats(stored: Array, rescale: Rescale) -> Array:
    if stored.dtype.kind == "f" and rescale == Rescale():
        return stored
    ends = [float(end) for end in (stored.min(), stored.max())] if stored.size else [0.0]
    most = max(abs(end) for end in ends) * abs(rescale.slope) + abs(rescale.intercept)
    exact = stored.dtype == np.float64 or stored.dtype.itemsize > 4
    kind = np.float64 if exact or not most < float(np.finfo(np.float32).max) else np.float32
    with np.errstate(over="ignore", invalid="ignore"):
        made: Array = np.multiply(stored, rescale.slope, dtype=np.float64)
        made += rescale.intercept
        return made.astype(kind)


def _said(value: float) -> str:
    return "no number" if math.isnan(value) else "infinite"
