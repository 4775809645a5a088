"""Gwet's AC1 and AC2: agreement beyond chance that stays high where one value is rare."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from labelwidgets.algorithms.closeness import Weights, closeness
from labelwidgets.algorithms.kappa import agreeing, beyond
from labelwidgets.algorithms.ratings import Floats, Ratings, ratings_of
from labelwidgets.algorithms.unit_sums import UnitSums, divide


def gwet_ac(ratings: Ratings | ArrayLike, weights: Weights = None) -> float:
    """Return Gwet's AC1, or with weights his AC2.

    Kappa and alpha fall towards 0 where nearly all units are of one value, however well raters
    agree. Here chance is what raters say who do not know, which is little where hardly any unit
    is hard.

    Parameters
    ----------
    ratings
        Ratings, or a matrix of (raters, units), NaN or None where one said nothing. The number of
        values counts: name all that can be said if some were not (`ratings_of`).
    weights
        None for AC1; "linear", "quadratic", "ordinal" or a matrix for AC2, see `closeness`.

    Returns
    -------
    float
        At most 1; NaN where no unit has two ratings, or only one value can be said.

    References
    ----------
    Gwet, Computing inter-rater reliability and its variance in the presence of high agreement,
    2008; Handbook of Inter-Rater Reliability, 4th edition, 2014.
    """
    return gwet_sums(ratings_of(ratings), weights).value()


def gwet_sums(ratings: Ratings, weights: Weights = None) -> UnitSums:
    """Return `gwet_ac` as sums over units."""
    wide = ratings.values.size
    total = closeness(ratings.values, weights).sum()
    scale = total / (wide * (wide - 1)) if wide > 1 else np.nan

    def finish(sums: Floats) -> Floats:
        share = divide(sums[:, 3:], sums[:, 2:3])
        chance: Floats = scale * (share * (1 - share)).sum(axis=1)
        return beyond(divide(sums[:, 0], sums[:, 1]), chance)

    return UnitSums(agreeing(ratings, weights), finish)
