"""Grey pictures of more than 8 bits, as the browser gets them: with their values."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from labelwidgets.algorithms.tone import window_of

GREY16 = "application/vnd.labelwidgets.gray16"

_TOP = (1 << 16) - 1
_LARGEST = float(np.finfo(np.float64).max)
# Deflating takes longer than it saves on a near kernel unless the data shrink by as much.
_PAYS = 0.6
_PROBE = 1 << 18


@dataclass(frozen=True, slots=True)
class GreyValues:
    """What the numbers of a `GREY16` picture mean: value = number * scale + offset.

    Parameters
    ----------
    low, high
        The values that are shown black and white, until somebody chooses others.
    scale, offset
        1 and a whole number where every value is kept exactly, which holds for whole numbers
        that span less than 65536.
    gaps
        Whether the number 0 stands for pixels without a finite value.
    deflated
        Whether the data are compressed (zlib, RFC 1950).
    """

    low: float
    high: float
    scale: float
    offset: float
    gaps: bool
    deflated: bool


def is_grey(pixels: npt.NDArray[Any]) -> bool:
    """Say whether an array is a grey picture of more than 8 bits."""
    return pixels.ndim == 2 and pixels.dtype != np.uint8 and pixels.dtype.kind in "iuf"


def pack(
    pixels: npt.NDArray[Any], window: tuple[float, float] | None = None
) -> tuple[bytes, GreyValues]:
    """Return a grey picture as rows of little-endian uint16, and what they mean.

    Parameters
    ----------
    pixels
        (H, W) of any integer or float type. Whole numbers that span less than 65536 are kept
        as they are; others are spread evenly over the 65536 levels, to within half a step.
    window
        The values that are shown black and white; those of `window_of` where None.
    """
    low, high = window or window_of(pixels)
    numbers, scale, offset, gaps = _numbers(pixels)
    data = numbers.astype("<u2", copy=False).tobytes()
    middle = len(data) // 2
    probe = data[max(0, middle - _PROBE // 2) : middle + _PROBE // 2]
    deflated = len(zlib.compress(probe, 1)) < _PAYS * len(probe)
    if deflated:
        data = zlib.compress(data, 1)
    return data, GreyValues(low, high, scale, offset, gaps, deflated)


def _numbers(pixels: npt.NDArray[Any]) -> tuple[npt.NDArray[np.uint16], float, float, bool]:
    """Return numbers with their scale, offset, and whether 0 is a gap."""
    if pixels.dtype == np.uint16:
        return pixels, 1.0, 0.0, False
    if pixels.dtype == np.int16:
        return (pixels.astype(np.int32) + 32768).astype(np.uint16), 1.0, -32768.0, False
    if pixels.dtype.kind in "iu":
        least, most = int(pixels.min()), int(pixels.max())
        if most - least <= _TOP:
            offset = 0 if least >= 0 and most <= _TOP else least
            return (pixels.astype(np.int64) - offset).astype(np.uint16), 1.0, float(offset), False
    finite = np.isfinite(pixels)
    gaps = not bool(finite.all())
    first = 1 if gaps else 0
    values = pixels.astype(np.float64)
    known = values[finite]
    bottom, top = (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
    # Half of each, as the whole span of two doubles may be no double.
    half = top / 2 - bottom / 2
    scale = half / ((_TOP - first) / 2)
    if scale == 0:
        # All alike, or too close together to be told apart.
        scale = 1.0
    # Else the last step would lie beyond the largest double: rounded up, or one more for the gaps.
    scale = min(scale, _LARGEST / _TOP)
    if not np.isfinite(_TOP * scale):
        scale = float(np.nextafter(scale, 0))
    with np.errstate(invalid="ignore", over="ignore"):
        steps = np.round((values / 2 - bottom / 2) / (scale / 2)) + first
    numbers = np.where(finite, np.clip(np.nan_to_num(steps), first, _TOP), 0).astype(np.uint16)
    return numbers, scale, max(bottom - first * scale, -_LARGEST), gaps
