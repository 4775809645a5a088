"""Confidence intervals of measures of agreement, by resampling their units."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from labelwidgets.algorithms.ratings import Floats
from labelwidgets.algorithms.unit_sums import UnitSums
from labelwidgets.errors import SchemaError

Method: TypeAlias = Literal["bca", "percentile"]

# Numbers that are worked on at once: they fit a cache of the second level or third.
_AT_ONCE = 2**20


@dataclass(frozen=True, slots=True)
class Interval:
    """A measure, and between which ends it lies.

    Parameters
    ----------
    value
        The measure over all units.
    low, high
        The ends; NaN where fewer than half of the resamples have a value.
    error
        Standard deviation over the resamples.
    """

    value: float
    low: float
    high: float
    error: float


def confidence_interval(
    sums: UnitSums,
    *,
    confidence: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
    method: Method = "bca",
) -> Interval:
    """Return a measure with its bootstrap confidence interval.

    Parameters
    ----------
    sums
        The measure: `percent_sums`, `krippendorff_sums` ...; `UnitSums.by` makes whole pictures
        its units, which objects of one picture need: they are not independent.
    confidence
        Share of the intervals that hold the true value, between 0 and 1.
    resamples
        How many.
    seed
        The same seed gives the same interval.
    method
        "bca" corrects for bias and for an error that varies with the value; "percentile" takes
        the quantiles of the resamples as they are.

    Raises
    ------
    SchemaError
        If a number is out of its range.

    References
    ----------
    Efron, Better bootstrap confidence intervals, 1987.
    """
    if not 0 < confidence < 1:
        raise SchemaError(f"is {confidence}, must be between 0 and 1.", where="confidence")
    if resamples < 10:
        raise SchemaError(f"is {resamples}, must be at least 10.", where="resamples")
    if method not in ("bca", "percentile"):
        raise SchemaError(f'is {method!r}, must be "bca" or "percentile".', where="method")
    kinds, often = _kinds(sums)
    value = sums.value()
    found = _resampled(kinds, often, resamples, np.random.default_rng(seed))
    found = found[~np.isnan(found)]
    if math.isnan(value) or 2 * found.size < resamples:
        return Interval(value, math.nan, math.nan, math.nan)
    shares = np.array([(1 - confidence) / 2, (1 + confidence) / 2])
    if method == "bca":
        shares = _corrected(shares, value, found, kinds, often)
    low, high = np.quantile(found, shares)
    return Interval(value, float(low), float(high), float(found.std(ddof=1)))


def _kinds(sums: UnitSums) -> tuple[UnitSums, NDArray[np.int64]]:
    """Return each different row once, and how many units are such: often there are few."""
    from scipy import sparse

    rows = sums.rows
    if sparse.issparse(rows):
        rows = rows.tocsr()
        rows.sum_duplicates()
        seen: dict[bytes, int] = {}
        first: list[int] = []
        kind = np.empty(rows.shape[0], np.int64)
        for at in range(rows.shape[0]):
            start, end = rows.indptr[at], rows.indptr[at + 1]
            key = rows.indices[start:end].tobytes() + b"|" + rows.data[start:end].tobytes()
            kind[at] = seen.setdefault(key, len(seen))
            if len(seen) > len(first):
                first.append(at)
        return UnitSums(rows[first], sums.finish), np.bincount(kind, minlength=len(first))
    dense = np.ascontiguousarray(rows) + 0.0  # Minus zero is zero.
    whole = dense.view(np.dtype((np.void, dense.itemsize * dense.shape[1]))).ravel()
    _, places, often = np.unique(whole, return_index=True, return_counts=True)
    return UnitSums(dense[places], sums.finish), often


def _resampled(
    kinds: UnitSums, often: NDArray[np.int64], resamples: int, random: np.random.Generator
) -> Floats:
    """Return the measure of as many resamples.

    To draw units is to draw how many of each kind: a row of a multinomial.
    """
    total = int(often.sum())
    if total == 0:
        return np.empty(0)
    # Rows of the draws do not depend on how many are made at once: a seed has one result.
    step = max(1, _AT_ONCE // max(often.size, kinds.rows.shape[1], 1))
    made = []
    for start in range(0, resamples, step):
        drawn = random.multinomial(total, often / total, min(step, resamples - start))
        made.append(kinds.finish(np.asarray(drawn.astype(np.float64) @ kinds.rows)))
    return np.concatenate(made)


def _corrected(
    shares: Floats, value: float, found: Floats, kinds: UnitSums, often: NDArray[np.int64]
) -> Floats:
    """Return the quantiles to take for BCa."""
    from scipy.special import ndtr, ndtri

    below = (np.count_nonzero(found < value) + np.count_nonzero(found <= value)) / 2 / found.size
    if below in (0.0, 1.0):  # All on one side, or all the same: there is nothing to correct by.
        return shares
    total = kinds.total() if often.max() == 1 else np.asarray(often @ kinds.rows).reshape(1, -1)
    step = max(1, _AT_ONCE // max(kinds.rows.shape[1], 1))
    without = np.concatenate(
        [
            kinds.finish(total - kinds.dense(start, start + step))
            for start in range(0, often.size, step)
        ]
    )
    there = ~np.isnan(without)
    without, weight = without[there], often[there]
    if not weight.sum():
        return shares
    apart = np.average(without, weights=weight) - without
    spread = float((weight * apart**2).sum())
    skew = float((weight * apart**3).sum()) / (6 * spread**1.5) if spread > 0 else 0.0
    bias = float(ndtri(below))
    shifted = bias + ndtri(shares)
    corrected: Floats = ndtr(bias + shifted / (1 - skew * shifted))
    return corrected
