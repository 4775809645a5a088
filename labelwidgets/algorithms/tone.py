"""From the values of pixels to the shades of a screen."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

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


def tone_table(
    levels: int = 256,
    low: float = 0.0,
    high: float | None = None,
    *,
    brightness: float = 0.0,
    contrast: float = 0.0,
    gamma: float = 1.0,
    invert: bool = False,
) -> npt.NDArray[np.uint8]:
    """Return the look-up table that the annotator shows a picture through.

    A level v is put into the window, t = (v - low) / (high - low), clipped to 0 to 1; then
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

    Returns
    -------
    ndarray
        (levels,) uint8.
    """
    values = np.arange(levels, dtype=np.float64)
    top = float(levels - 1 if high is None else high)
    t = (values > low).astype(np.float64) if top <= low else (values - low) / (top - low)
    t = np.clip(t, 0, 1)
    t = np.clip((t - 0.5) * 10 ** (contrast / 100) + 0.5 + brightness / 100, 0, 1)
    t = t ** (1 / gamma)
    shades: npt.NDArray[np.uint8] = np.floor(255 * (1 - t if invert else t) + 0.5).astype(np.uint8)
    return shades
