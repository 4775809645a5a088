"""From which similarity on two marks are of one object: read off the data themselves.

Distances between the marks of raters of one picture are held beside those between pictures that
have nothing to do with each other. The threshold lies where the second become the likelier ones.
After KaLOS (Tschirschwitz and Rodehorst, CVPR 2026).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from labelwidgets.algorithms.marks import Marks, Similarity, each_with_each, segments
from labelwidgets.algorithms.ratings import Floats, Ints

_FALLBACK = 0.5
_GRID = 1000
_BINS = 2**13


@dataclass(frozen=True, slots=True, eq=False)
class Threshold:
    """A threshold and how well it divides.

    Parameters
    ----------
    similarity
        Marks at least as alike are of one object; 1 less the distance of the paper.
    separation
        Kolmogorov's and Smirnov's statistic: the most by which the two distributions differ, 1
        where they have nothing in common. NaN where there are no distances.
    observed, expected
        Distances within pictures and between pictures.
    """

    similarity: float
    separation: float
    observed: Floats
    expected: Floats


def calibrated(marks: Marks, similarity: Similarity, seed: int = 0) -> Threshold:
    """Return the threshold of similarity that divides the same object from mere chance.

    Parameters
    ----------
    marks
        What was marked; the pairs of `marks` are those of `similarity`.
    similarity
        How alike two marks are, also of different pictures.
    seed
        Of the other pictures that are drawn to compare with.

    Returns
    -------
    Threshold
        0.5 where there are too few distances, or they do not vary.
    """
    observed = observed_distances(marks)
    expected = expected_distances(marks, similarity, *drawn_parts(marks, seed))
    boundary = 1 - decision_boundary(observed, expected)
    return Threshold(boundary, separation(observed, expected), observed, expected)


def observed_distances(marks: Marks) -> Floats:
    """Return the distance of each mark to the nearest one of each other rater of its picture.

    It is 1 less their similarity, and 1 where the other has none near.
    """
    size = marks.size[marks.picture]
    starts = np.cumsum(size) - size
    rank = marks.rank
    best = np.zeros(int(size.sum()))
    np.maximum.at(best, starts[marks.a] + rank[marks.b], marks.similarity)
    np.maximum.at(best, starts[marks.b] + rank[marks.a], marks.similarity)
    others = np.ones(best.size, np.bool_)
    others[starts + rank] = False
    made: Floats = 1 - np.minimum(best[others], 1.0)
    return made


def drawn_parts(marks: Marks, seed: int) -> tuple[Ints, Ints]:
    """Return for each part with marks one in another picture, drawn at random.

    Returns
    -------
    tuple of ndarray
        (D,) rows of `marks.seen` each; none where there is a single picture.
    """
    drawn = np.flatnonzero(_marked(marks))
    pictures = np.flatnonzero(marks.size)
    if pictures.size < 2:
        return drawn[:0], drawn[:0]
    random = np.random.default_rng(seed)
    own = np.searchsorted(pictures, marks.seen[drawn, 0])
    other = random.integers(0, pictures.size - 1, drawn.size)
    other += other >= own
    size, first = marks.size, np.cumsum(marks.size) - marks.size
    place = pictures[other]
    return drawn, first[place] + random.integers(0, size[place])


def expected_distances(marks: Marks, similarity: Similarity, one: Ints, other: Ints) -> Floats:
    """Return the distance of each mark of some parts to the nearest of other parts.

    Parameters
    ----------
    marks, similarity
        As for `calibrated`.
    one, other
        (D,) rows of `marks.seen`.
    """
    order, begin, count = segments(marks.picture, marks.rater)
    first = np.zeros(len(marks.seen), np.int64)
    length = np.zeros(len(marks.seen), np.int64)
    there = np.flatnonzero(_marked(marks))
    first[there], length[there] = begin, count
    tall = length[one]
    starts = np.cumsum(tall) - tall
    best = np.zeros(int(tall.sum()))
    # A part comes once, so the rows of its marks say which drawing they belong to.
    place = np.zeros(order.size, np.int64)
    place[np.repeat(first[one] - starts, tall) + np.arange(best.size)] = np.arange(best.size)
    for a, b in each_with_each(first[one], tall, first[other], length[other]):
        np.maximum.at(best, place[a], similarity(order[a], order[b]))
    made: Floats = 1 - np.minimum(best, 1.0)
    return made


def decision_boundary(observed: Floats, expected: Floats) -> float:
    """Return the distance above which those that are expected by chance are the likelier.

    Both densities are smoothed by Gaussian kernels (Scott's width); the boundary is where they
    cross first beyond the commonest observed distance, else the valley between the two tops.
    """
    if observed.size < 2 or expected.size < 2:
        return _FALLBACK
    if not observed.std() or not expected.std():
        return _FALLBACK
    at = np.linspace(0, 1, _GRID)
    near, far = density(observed, at), density(expected, at)
    top, other_top = int(near.argmax()), int(far.argmax())
    signs = np.sign(near - far)
    crossings = np.flatnonzero(np.diff(signs) != 0)
    beyond = crossings[at[crossings] > at[top]]
    if beyond.size:
        return float(at[beyond[0]])
    low, high = min(top, other_top), max(top, other_top)
    if low == high:
        return _FALLBACK
    return float(at[low + int((near + far)[low : high + 1].argmin())])


def density(values: Floats, at: Floats) -> Floats:
    """Return the kernel density of values in [0, 1], as of `scipy.stats.gaussian_kde`.

    Many values are first counted in fine bins, each shared between its two neighbours.
    """
    width = values.std(ddof=1) * values.size ** (-1 / 5)
    weights = np.full(values.size, 1 / values.size)
    if values.size > _BINS and width * _BINS > 8:
        place = values * _BINS
        low = np.minimum(place.astype(np.int64), _BINS - 1)
        part = place - low
        weights = np.bincount(low, 1 - part, _BINS + 1) + np.bincount(low + 1, part, _BINS + 1)
        weights = weights / values.size
        values = np.arange(_BINS + 1) / _BINS
        values, weights = values[weights > 0], weights[weights > 0]
    made = np.zeros(at.size)
    step = max(1, 2**20 // at.size)
    for start in range(0, values.size, step):
        part = values[start : start + step]
        scaled = np.subtract.outer(at, part) / width
        made += np.exp(-0.5 * scaled**2) @ weights[start : start + step]
    result: Floats = made / (width * np.sqrt(2 * np.pi))
    return result


def separation(observed: Floats, expected: Floats) -> float:
    """Return by how much the share of observed distances runs ahead, at most."""
    if not observed.size or not expected.size:
        return float("nan")
    at = np.concatenate([observed, expected])
    ahead = np.searchsorted(np.sort(observed), at, side="right") / observed.size
    behind = np.searchsorted(np.sort(expected), at, side="right") / expected.size
    return float((ahead - behind).max())


def _marked(marks: Marks) -> Ints:
    """Return how many marks each row of `marks.seen` has."""
    keys = marks.seen[:, 0] * marks.raters + marks.seen[:, 1]
    part = np.searchsorted(keys, marks.picture * marks.raters + marks.rater)
    return np.bincount(part, minlength=len(keys)).astype(np.int64)
