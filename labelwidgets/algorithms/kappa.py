"""Percent agreement, and the kappas of Cohen and Fleiss.

Rows of `UnitSums` let each be resampled; see `labelwidgets.algorithms.resampling`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from labelwidgets.algorithms.closeness import Weights, closeness
from labelwidgets.algorithms.ratings import Floats, Ratings, ratings_of
from labelwidgets.algorithms.unit_sums import UnitSums, divide


def percent_agreement(ratings: Ratings | ArrayLike, weights: Weights = None) -> float:
    """Return the share of pairs of raters that say the same, in the mean over units.

    Parameters
    ----------
    ratings
        Ratings, or a matrix of (raters, units), NaN or None where one said nothing.
    weights
        See `closeness`: None counts only the same value as agreement.

    Returns
    -------
    float
        From 0 to 1; NaN where no unit has two ratings.
    """
    return percent_sums(ratings_of(ratings), weights).value()


def cohen_kappa(ratings: Ratings | ArrayLike, weights: Weights = None) -> float:
    """Return Cohen's kappa: agreement beyond what each rater's own habits make likely.

    Of more than two raters, it is the mean over all pairs that have units in common (Light
    1971). Each pair is measured over the units that both rated.

    Parameters
    ----------
    ratings
        Ratings, or a matrix of (raters, units), NaN or None where one said nothing.
    weights
        None, "linear", "quadratic" ..., see `closeness` (Cohen 1968).

    Returns
    -------
    float
        At most 1; NaN where chance alone agrees entirely: where all say one value.

    References
    ----------
    Cohen, A coefficient of agreement for nominal scales, 1960; Weighted kappa, 1968.
    """
    return cohen_sums(ratings_of(ratings), weights).value()


def fleiss_kappa(ratings: Ratings | ArrayLike, weights: Weights = None) -> float:
    """Return Fleiss' kappa: agreement beyond what the values' shares make likely.

    Parameters
    ----------
    ratings
        Ratings, or a matrix of (raters, units), NaN or None where one said nothing. Units may
        have different numbers of raters; the shares of values are then the mean of each unit's
        (Gwet 2014), and units with a single rating count in these alone.
    weights
        See `closeness`.

    Returns
    -------
    float
        At most 1; NaN where chance alone agrees entirely.

    References
    ----------
    Fleiss, Measuring nominal scale agreement among many raters, 1971.
    """
    return fleiss_sums(ratings_of(ratings), weights).value()


def percent_sums(ratings: Ratings, weights: Weights = None) -> UnitSums:
    """Return `percent_agreement` as sums over units."""
    rows = agreeing(ratings, weights)

    def finish(sums: Floats) -> Floats:
        return divide(sums[:, 0], sums[:, 1])

    return UnitSums(rows[:, :2], finish)


def fleiss_sums(ratings: Ratings, weights: Weights = None) -> UnitSums:
    """Return `fleiss_kappa` as sums over units."""
    close = closeness(ratings.values, weights)

    def finish(sums: Floats) -> Floats:
        share = divide(sums[:, 3:], sums[:, 2:3])
        chance = np.einsum("bv,vw,bw->b", share, close, share, optimize=True)
        return beyond(divide(sums[:, 0], sums[:, 1]), chance)

    return UnitSums(agreeing(ratings, weights), finish)


def cohen_sums(ratings: Ratings, weights: Weights = None) -> UnitSums:
    """Return `cohen_kappa` as sums over units."""
    from scipy import sparse

    close = closeness(ratings.values, weights)
    wide = ratings.values.size
    one, other = ratings.pairs()
    # The pair of raters is one whichever of the two is named first, and so are its marginals.
    turned = ratings.rater[one] > ratings.rater[other]
    one, other = np.where(turned, other, one), np.where(turned, one, other)
    key = ratings.rater[one] * ratings.raters + ratings.rater[other]
    found, pair = np.unique(key, return_inverse=True)
    length = 1 + 2 * wide
    unit = ratings.unit[one]
    a, b = ratings.code[one], ratings.code[other]
    base = pair * length
    rows = sparse.csr_array(
        (
            np.concatenate([close[a, b], np.ones(2 * pair.size)]),
            (np.tile(unit, 3), np.concatenate([base, base + 1 + a, base + 1 + wide + b])),
        ),
        (ratings.units, found.size * length),
    )

    def finish(sums: Floats) -> Floats:
        parts = sums.reshape(len(sums), -1, length)
        first, second = parts[..., 1 : 1 + wide], parts[..., 1 + wide :]
        count = first.sum(axis=2)
        chance = ((first @ close) * second).sum(axis=2)
        kappas = beyond(divide(parts[..., 0], count), divide(chance, count**2))
        there = ~np.isnan(kappas)
        return divide(np.where(there, kappas, 0).sum(axis=1), there.sum(axis=1))

    return UnitSums(rows, finish)


def agreeing(ratings: Ratings, weights: Weights) -> Floats:
    """Return what units add to agreement and to the shares of values.

    Returns
    -------
    ndarray
        (units, 3 + V) float64: the share of pairs that agree and whether there is a pair; whether
        there is a rating, and the share of each value.
    """
    counts = ratings.counts()
    count = counts.sum(axis=1)
    if weights is None:
        same = (counts * (counts - 1)).sum(axis=1).astype(np.float64)
    else:
        close = closeness(ratings.values, weights)
        same = (counts * (counts @ close)).sum(axis=1) - counts @ np.diag(close)
    rows = np.zeros((ratings.units, 3 + ratings.values.size))
    rows[:, 1] = count > 1
    rows[:, 0] = np.divide(same, count * (count - 1), out=rows[:, 0], where=count > 1)
    rows[:, 2] = count > 0
    rows[:, 3:] = counts / np.maximum(count, 1)[:, None]
    return rows


def beyond(observed: Floats, chance: Floats) -> Floats:
    """Return (observed - chance) / (1 - chance); NaN where chance agrees entirely."""
    # What remains of sums of shares is not quite zero.
    room = np.where(np.abs(1 - chance) < 1e-12, 0.0, 1 - chance)
    return divide(observed - chance, room)
