"""Krippendorff's alpha, for any number of raters, missing ratings and kinds of values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.algorithms.ratings import Floats, Ratings, ratings_of
from labelwidgets.algorithms.unit_sums import UnitSums, divide
from labelwidgets.errors import SchemaError

Level: TypeAlias = Literal["nominal", "ordinal", "interval", "ratio"] | Callable[[Any, Any], float]

MAX_DISTANCES = 2**12
"""Most different values whose distances are kept, each to each other."""
# Up to so many values, all pairs of them have a column.
_FEW = 12


def krippendorff_alpha(ratings: Ratings | ArrayLike, level: Level = "nominal") -> float:
    """Return Krippendorff's alpha: 1 less what raters disagree by what chance would have them.

    Parameters
    ----------
    ratings
        Ratings, or a matrix of (raters, units), NaN or None where one said nothing. Units with a
        single rating do not count.
    level
        What distances between values mean: "nominal" (the same or not), "ordinal" (ranks),
        "interval" (differences), "ratio" (differences by sums), or a function of two values that
        returns their distance as it counts, squared if that is meant (`masi_distance` and
        `jaccard_distance` for sets). It is symmetric, and 0 of a value and itself.

    Returns
    -------
    float
        At most 1; 0 as by chance; NaN where all say one value, so that there is nothing to tell
        agreement from.

    Raises
    ------
    SchemaError
        If the level is none of these, its values are no numbers, or there are too many of them.

    References
    ----------
    Krippendorff, Computing Krippendorff's alpha-reliability, 2011.
    """
    given = ratings_of(ratings)
    if level == "ordinal":
        # Without resamples ranks stay what they are: how far they are apart is a difference.
        return _by_moments(given, _mid_ranks(given)).value()
    return krippendorff_sums(given, level).value()


def krippendorff_sums(ratings: Ratings, level: Level = "nominal") -> UnitSums:
    """Return `krippendorff_alpha` as sums over units."""
    if callable(level):
        return _by_distances(ratings, distances(ratings.values, level))
    if level == "nominal":
        return _nominal(ratings)
    if level == "ordinal":
        return _ordinal(ratings)
    if level not in ("interval", "ratio"):
        raise SchemaError(
            f"is {level!r}.",
            where="level",
            hint='There are "nominal", "ordinal", "interval", "ratio", or a function.',
        )
    values = ratings.values
    if values.dtype.kind not in "iufb" or not np.isfinite(values.astype(np.float64)).all():
        raise SchemaError(
            "has values that are no finite numbers.", where="ratings", hint=f"level is {level!r}."
        )
    if level == "interval":
        return _by_moments(ratings, values.astype(np.float64))
    _few(values.size)
    at = values.astype(np.float64)
    apart = np.abs(np.subtract.outer(at, at))
    both = np.abs(np.add.outer(at, at))
    return _by_distances(
        ratings, np.divide(apart, both, out=np.zeros_like(both), where=both > 0) ** 2
    )


def distances(values: NDArray[Any], distance: Callable[[Any, Any], float]) -> Floats:
    """Return the distance of each value to each other, by a function of two of them.

    Returns
    -------
    ndarray
        (V, V) float64, symmetric.
    """
    _few(values.size)
    listed = values.tolist()
    table = np.zeros((len(listed), len(listed)))
    for at, one in enumerate(listed):
        for other in range(at):
            table[at, other] = distance(one, listed[other])
    if not np.isfinite(table).all() or table.min(initial=0) < 0:
        raise SchemaError("must return a finite number of at least 0.", where="level")
    return table + table.T


def _few(values: int) -> None:
    if values > MAX_DISTANCES:
        raise SchemaError(
            f"has {values} different values, at most {MAX_DISTANCES} are compared.",
            where="ratings",
            hint='Round them, or use level="interval".',
        )


def _pairable(ratings: Ratings) -> tuple[NDArray[np.int64], NDArray[np.bool_], Floats]:
    """Return how many ratings each unit has, if it has two, and 1 / (that number less 1)."""
    count = np.bincount(ratings.unit, minlength=ratings.units)
    paired = count > 1
    return count, paired, paired / np.maximum(count - 1, 1)


def _alpha(observed: Floats, expected: Floats, count: Floats) -> Floats:
    """Return alpha of sums over ordered pairs: those in units, and those of all values."""
    # What is left of a difference of large sums is no disagreement.
    expected = np.where(expected <= 1e-12 * np.maximum(count, 1) ** 2, 0.0, expected)
    return 1 - divide(observed * (count - 1), expected)


def _nominal(ratings: Ratings) -> UnitSums:
    counts = ratings.counts()
    rows = np.empty((ratings.units, 1 + ratings.values.size))
    # Float sums are exact up to 2^53, and quicker than whole ones.
    said = rows[:, 1:]
    said[:] = counts
    count = said @ np.ones(ratings.values.size)
    said[count < 2] = 0
    same = np.einsum("uv,uv->u", said, said)
    rows[:, 0] = np.where(count > 1, (count * count - same) / np.maximum(count - 1, 1), 0)

    def finish(sums: Floats) -> Floats:
        total = sums[:, 1:].sum(axis=1)
        expected: Floats = total**2 - (sums[:, 1:] ** 2).sum(axis=1)
        return _alpha(sums[:, 0], expected, total)

    return UnitSums(rows, finish)


def _by_distances(ratings: Ratings, apart: Floats) -> UnitSums:
    counts = ratings.counts().astype(np.float64)
    _, paired, share = _pairable(ratings)
    within = np.einsum("uv,uv->u", counts @ apart, counts) * share
    # Of the scale of distances nothing is left: an expected one of 0 is known as such.
    scale = apart.max(initial=0.0) or 1.0

    def finish(sums: Floats) -> Floats:
        expected: Floats = ((sums[:, 1:] @ apart) * sums[:, 1:]).sum(axis=1)
        return _alpha(sums[:, 0] / scale, expected / scale, sums[:, 1:].sum(axis=1))

    return UnitSums(np.column_stack([within, counts * paired[:, None]]), finish)


def _mid_ranks(ratings: Ratings) -> Floats:
    """Return (V,) how many ratings lie below each value, half of its own with them."""
    paired = np.bincount(ratings.unit, minlength=ratings.units)[ratings.unit] > 1
    said = np.bincount(ratings.code[paired], minlength=ratings.values.size)
    ranks: Floats = np.cumsum(said) - said / 2
    return ranks


def _by_moments(ratings: Ratings, values: Floats) -> UnitSums:
    """Return alpha of numbers, one a value, by their moments: without a table of values."""
    count, paired, share = _pairable(ratings)
    # Differences are the same around any centre, and sums of squares are not so large there.
    values = values - (values.mean() if values.size else 0.0)
    said = values[ratings.code]
    first = np.bincount(ratings.unit, said, ratings.units) * paired
    second = np.bincount(ratings.unit, said**2, ratings.units) * paired
    within = 2 * (count * second - first**2) * share
    scale = float(np.abs(values).max(initial=0.0)) ** 2 or 1.0

    def finish(sums: Floats) -> Floats:
        expected: Floats = 2 * (sums[:, 1] * sums[:, 3] - sums[:, 2] ** 2)
        return _alpha(sums[:, 0] / scale, expected / scale, sums[:, 1])

    return UnitSums(np.column_stack([within, count * paired, first, second]), finish)


def _ordinal(ratings: Ratings) -> UnitSums:
    """Return alpha of ranks: the square of how many ratings lie between two values.

    That number is the difference of two mid-ranks, so each resample has distances of its own:
    what is added up are the pairs of values that somewhere meet.
    """
    wide = ratings.values.size
    rows, low, high = _few_met(ratings) if wide <= _FEW else _many_met(ratings)

    def finish(sums: Floats) -> Floats:
        said, met = sums[:, :wide], sums[:, wide:]
        total = said.sum(axis=1)
        rank = np.cumsum(said, axis=1) - said / 2 - total[:, None] / 2
        observed = (met * (rank[:, high] - rank[:, low]) ** 2).sum(axis=1)
        expected = 2 * (total * (said * rank**2).sum(axis=1) - (said * rank).sum(axis=1) ** 2)
        scale = np.maximum(total, 1) ** 2
        return _alpha(observed / scale, expected / scale, total)

    return UnitSums(rows, finish)


def _few_met(ratings: Ratings) -> tuple[Any, NDArray[np.int64], NDArray[np.int64]]:
    """Return how often each unit has each value and two values meet there, and which two."""
    counts = ratings.counts().astype(np.float64)
    _, paired, share = _pairable(ratings)
    low, high = np.triu_indices(ratings.values.size, 1)
    met = counts[:, low] * counts[:, high] * (2 * share)[:, None]
    return np.column_stack([counts * paired[:, None], met]), low, high


def _many_met(ratings: Ratings) -> tuple[Any, NDArray[np.int64], NDArray[np.int64]]:
    """Do the same as `_few_met`, of those values alone that meet."""
    from scipy import sparse

    _, paired, share = _pairable(ratings)
    wide = ratings.values.size
    one, other = ratings.pairs()
    low = np.minimum(ratings.code[one], ratings.code[other])
    high = np.maximum(ratings.code[one], ratings.code[other])
    found, place = np.unique(low * wide + high, return_inverse=True)
    low, high = found // max(wide, 1), found % max(wide, 1)
    counted = paired[ratings.unit]
    unit = ratings.unit[counted]
    rows = sparse.csr_array(
        (
            np.concatenate([np.ones(unit.size), 2 * share[ratings.unit[one]]]),
            (
                np.concatenate([unit, ratings.unit[one]]),
                np.concatenate([ratings.code[counted], wide + place]),
            ),
        ),
        (ratings.units, wide + found.size),
    )
    return rows, low, high
