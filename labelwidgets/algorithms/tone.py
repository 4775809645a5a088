"""From the values of pixels to the shades of a screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

Curve: TypeAlias = Literal["LINEAR", "LINEAR_EXACT", "SIGMOID"]

# The percentiles that become black and white.
WINDOW = (0.1, 99.9)
_SAMPLE = 1 << 20


def window_of(pixels: npt.NDArray[Any]) -> tuple[float, float]:
    """Return the values that become black and white: the 0.1 and the 99.9 percentile.

    Parameters
    ----------
    pixels
        (H, W) or (H, W, C) of any number type. Of more than a million pixels one in several
        is looked at, evenly over the picture; NaN and infinite values are left out.

    Returns
    -------
    tuple of float
        Both 0 where no value is finite.
    """
    step = max(1, int(np.ceil(np.sqrt(pixels.shape[0] * pixels.shape[1] / _SAMPLE))))
    sample = pixels[::step, ::step].astype(np.float64)
    sample = sample[np.isfinite(sample)]
    if not sample.size:
        return 0.0, 0.0
    low, high = np.percentile(sample, WINDOW)
    return float(low), float(high)


def window_ends(level: float, width: float, curve: Curve = "LINEAR_EXACT") -> tuple[float, float]:
    """Return the values between which a window goes from black to white.

    Parameters
    ----------
    level, width
        Its middle and its extent, in the unit of the values.
    curve
        As DICOM names it (PS3.3 C.11.2.1.2 and C.11.2.1.3): of ``LINEAR`` the last value is the
        one before ``level + width / 2``; the others end there.

    Returns
    -------
    tuple of float
        The last value that is black, and the first that is white; of a sigmoid those at 12 and
        88 % of white.
    """
    return level - width / 2, level + width / 2 - (curve == "LINEAR")


def tone_table(
    levels: int = 256,
    low: float = 0.0,
    high: float | None = None,
    *,
    brightness: float = 0.0,
    contrast: float = 0.0,
    gamma: float = 1.0,
    invert: bool = False,
    curve: Curve = "LINEAR_EXACT",
    table: Sequence[float] | None = None,
) -> npt.NDArray[np.uint8]:
    """Return the look-up table that the annotator shows a picture through.

    A level v is put into the window, t = (v - low) / (high - low), and onto its curve: clipped to
    0 to 1, or 1 / (1 + exp(2 - 4 t)) for a sigmoid (DICOM PS3.3 C.11.2.1.3.1); then
    t = (t - 0.5) * 10 ** (contrast / 100) + 0.5 + brightness / 100, clipped again;
    then t ** (1 / gamma), 1 - t where inverted; the shade is 255 t, rounded.

    Parameters
    ----------
    levels
        How many there are: 256, or 65536 for 16 bits.
    low, high
        The levels that become black and white; all of them from 0 on where `high` is None.
        Where `high` is not above `low`, what is at most `low` is black, the rest white.
    brightness, contrast
        From -100 to 100, 0 leaves the picture as it is.
    gamma
        Above 0; more than 1 brightens the middle.
    invert
        Whether black becomes white.
    curve
        ``LINEAR`` and ``LINEAR_EXACT`` are straight lines from `low` to `high`, which tell how
        these follow from level and width (see `window_ends`); ``SIGMOID`` goes on beyond both.
    table
        Shades from 0 to 1 of evenly spaced levels from `low` to `high`, in place of a curve.

    Returns
    -------
    ndarray
        (levels,) uint8.
    """
    values = np.arange(levels, dtype=np.float64)
    top = float(levels - 1 if high is None else high)
    t = (values > low).astype(np.float64) if top <= low else (values - low) / (top - low)
    if table is not None:
        entries = np.asarray(table, np.float64)
        t = entries[np.floor(np.clip(t, 0, 1) * (len(entries) - 1) + 0.5).astype(np.intp)]
    elif curve == "SIGMOID":
        with np.errstate(over="ignore"):
            t = 1 / (1 + np.exp(2 - 4 * t))
    t = np.clip(t, 0, 1)
    t = np.clip((t - 0.5) * 10 ** (contrast / 100) + 0.5 + brightness / 100, 0, 1)
    t = t ** (1 / gamma)
    shades: npt.NDArray[np.uint8] = np.floor(255 * (1 - t if invert else t) + 0.5).astype(np.uint8)
    return shades
