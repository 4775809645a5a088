"""How sure a share is."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def wilson_interval(
    right: ArrayLike, total: ArrayLike, confidence: float = 0.95
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the ends of Wilson's interval of shares, which holds with few trials too.

    Parameters
    ----------
    right, total
        (N,) how many of how many.
    confidence
        Share of the intervals that hold the true value, between 0 and 1.

    Returns
    -------
    low, high
        (N,) float64 from 0 to 1; NaN where there was no trial.

    References
    ----------
    Wilson, Probable inference, the law of succession, and statistical inference, 1927.
    """
    from scipy.special import ndtri

    hits, count = np.asarray(right, np.float64), np.asarray(total, np.float64)
    z = float(ndtri((1 + confidence) / 2))
    with np.errstate(invalid="ignore", divide="ignore"):
        share = hits / count
        middle = (share + z * z / (2 * count)) / (1 + z * z / count)
        spread = np.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
        reach = z * spread / (1 + z * z / count)
    return np.clip(middle - reach, 0, 1), np.clip(middle + reach, 0, 1)
