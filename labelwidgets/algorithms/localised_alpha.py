"""Krippendorff's alpha of objects in pictures: where they are first, then what they are.

After KaLOS: D. Tschirschwitz and V. Rodehorst, CVPR 2026 (arXiv 2603.27197). Marks of raters that
lie at one place are one unit; who has none there says "no object", which is a value as any class
is. So missed objects, invented ones and wrong classes are all disagreement, and chance is taken
from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from labelwidgets.algorithms.correspondences import Matching, correspond
from labelwidgets.algorithms.krippendorff import krippendorff_sums
from labelwidgets.algorithms.marks import Marks
from labelwidgets.algorithms.ratings import Floats, Ints, Ratings
from labelwidgets.algorithms.unit_sums import UnitSums

MISSED = -1
"""What a rater says of an object that he has not marked."""

THRESHOLDS = tuple(step / 20 for step in range(6, 20))
"""Where `sensitivity` looks: .3, .35 ... .95."""


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """Ratings of objects, and the picture that each object is in.

    Parameters
    ----------
    ratings
        Values are the classes and, first, `MISSED`. A picture without any mark is one unit that
        all who saw it say `MISSED` of.
    picture
        (units,) int64.
    """

    ratings: Ratings
    picture: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Alphas:
    """An alpha two ways.

    Parameters
    ----------
    mean
        The mean of the pictures' own; that of the paper.
    whole
        That of the objects of all pictures together.
    pictures
        (pictures,) each picture's own; NaN where nobody looked. 1 where all agree on one value:
        nothing can be told from chance there, and nobody differs.
    """

    mean: float
    whole: float
    pictures: Floats


@dataclass(frozen=True, slots=True)
class Vitality:
    """What a rater adds to the agreement: alpha with him less alpha without.

    Parameters
    ----------
    rater
        His number.
    mean
        Mean over the pictures that he and at least two others saw, objects matched anew without
        him; NaN where there is none.
    whole
        That of all pictures together, objects left as they were matched.
    pictures
        In how many pictures.
    """

    rater: int
    mean: float
    whole: float
    pictures: int


@dataclass(frozen=True, slots=True)
class Difficulty:
    """How well raters agree where at least one of them says a class.

    Parameters
    ----------
    category
        The class.
    mean, whole
        Alpha as in `Alphas`, of the units with this class alone.
    units
        How many there are.
    """

    category: int
    mean: float
    whole: float
    units: int


def units_of(marks: Marks, thing: Ints) -> Units:
    """Return the reliability data of marks that were joined into objects.

    Parameters
    ----------
    marks
        What was marked.
    thing
        (N,) the object of each mark: `correspond`.
    """
    objects = int(thing.max(initial=-1)) + 1
    of_object = np.empty(objects, np.int64)
    of_object[thing] = marks.picture
    size = marks.size
    empty = np.flatnonzero((size > 0) & (np.bincount(of_object, minlength=marks.pictures) == 0))
    picture = np.concatenate([of_object, empty])
    # Everybody who saw a picture says something of each object in it.
    said = size[picture]
    unit = np.repeat(np.arange(picture.size), said)
    starts = np.cumsum(said) - said
    first = np.cumsum(size) - size
    rater = marks.seen[first[picture][unit] + np.arange(unit.size) - starts[unit], 1]
    categories, code = np.unique(marks.category, return_inverse=True)
    answer = np.zeros(unit.size, np.int64)
    answer[starts[thing] + marks.rank] = 1 + code
    values = np.concatenate([[MISSED], categories])
    return Units(Ratings(rater, unit, answer, values, marks.raters, picture.size), picture)


def localised_alpha(
    marks: Marks, threshold: float, matching: Matching = "greedy", prefer_class: bool = False
) -> Alphas:
    """Return the alpha of marks; see `correspond` for the parameters."""
    return alphas_of(units_of(marks, correspond(marks, threshold, matching, prefer_class)), marks)


def alphas_of(units: Units, marks: Marks) -> Alphas:
    """Return the alphas of units."""
    sums = krippendorff_sums(units.ratings)
    pictures = np.full(marks.pictures, np.nan)
    if units.picture.size:
        own = sums.by(units.picture).each()
        pictures[: own.size] = np.where(np.isnan(own), 1.0, own)
        pictures[marks.size == 0] = np.nan
    return Alphas(_mean(pictures), _agreed(sums.value()), pictures)


def alpha_sums(units: Units, marks: Marks, mean: bool = False) -> UnitSums:
    """Return an alpha as sums over pictures, for `confidence_interval`.

    Parameters
    ----------
    units, marks
        The objects, and what they were made of.
    mean
        The mean of pictures, and not the alpha of all objects together.
    """
    if mean:
        own = alphas_of(units, marks).pictures
        rows = np.column_stack([np.nan_to_num(own), ~np.isnan(own)]).astype(np.float64)
        return UnitSums(
            rows, lambda sums: sums[:, 0] / np.where(sums[:, 1] > 0, sums[:, 1], np.nan)
        )
    sums = krippendorff_sums(units.ratings)

    def finish(total: Floats) -> Floats:
        made = sums.finish(total)
        return np.where(np.isnan(made), 1.0, made)

    return UnitSums(sums.by(units.picture).rows, finish)


def vitality(
    marks: Marks, threshold: float, matching: Matching = "greedy", prefer_class: bool = False
) -> list[Vitality]:
    """Return what each rater adds to the agreement, as a jackknife tells it."""
    thing = correspond(marks, threshold, matching, prefer_class)
    units = units_of(marks, thing)
    base = alphas_of(units, marks)
    found = []
    crowded = marks.size >= 3
    for rater in range(marks.raters):
        own = np.zeros(marks.pictures, np.bool_)
        own[marks.seen[marks.seen[:, 1] == rater, 0]] = True
        own &= crowded
        others = own[marks.seen[:, 0]] & (marks.seen[:, 1] != rater)
        without = localised_alpha(marks.keeping(others), threshold, matching, prefer_class)
        change = (base.pictures - without.pictures)[own]
        rest = [other for other in range(marks.raters) if other != rater]
        whole = np.nan
        if len(rest) > 1:
            whole = base.whole - _agreed(krippendorff_sums(units.ratings.of_raters(rest)).value())
        found.append(Vitality(rater, _mean(change), float(whole), int(own.sum())))
    return found


def class_difficulty(units: Units) -> list[Difficulty]:
    """Return the agreement about each class."""
    ratings = units.ratings
    said = ratings.counts() > 0
    found = []
    for code, category in enumerate(ratings.values.tolist()):
        if category == MISSED:
            continue
        chosen = said[:, code]
        if not chosen.any():
            continue
        kept = chosen[ratings.unit]
        place = np.cumsum(chosen) - 1
        own = Ratings(
            ratings.rater[kept],
            place[ratings.unit[kept]],
            ratings.code[kept],
            ratings.values,
            ratings.raters,
            int(chosen.sum()),
        )
        sums = krippendorff_sums(own)
        pictures = np.unique(units.picture[chosen], return_inverse=True)[1]
        each = sums.by(pictures).each()
        mean = float(np.where(np.isnan(each), 1.0, each).mean())
        found.append(Difficulty(category, mean, _agreed(sums.value()), own.units))
    return found


def sensitivity(
    marks: Marks,
    thresholds: Sequence[float] = THRESHOLDS,
    matching: Matching = "greedy",
    prefer_class: bool = False,
) -> list[tuple[float, Alphas]]:
    """Return alpha at each of several thresholds: how much it hangs on where objects are."""
    return [(at, localised_alpha(marks, at, matching, prefer_class)) for at in thresholds]


def collaboration(
    marks: Marks, threshold: float, matching: Matching = "greedy", prefer_class: bool = False
) -> list[tuple[int, int, Alphas]]:
    """Return the alpha of each two raters who saw a picture in common, matched by themselves."""
    looked = np.zeros((marks.raters, marks.pictures), np.bool_)
    looked[marks.seen[:, 1], marks.seen[:, 0]] = True
    found = []
    for one, other in combinations(range(marks.raters), 2):
        common = looked[one] & looked[other]
        if common.any():
            parts = np.isin(marks.seen[:, 1], (one, other)) & common[marks.seen[:, 0]]
            own = localised_alpha(marks.keeping(parts), threshold, matching, prefer_class)
            found.append((one, other, own))
    return found


def _agreed(alpha: float) -> float:
    """Return 1 where nothing differs and chance can not be told, as the paper's tool has it."""
    return 1.0 if np.isnan(alpha) else alpha


def _mean(values: Floats) -> float:
    there = values[~np.isnan(values)]
    return float(there.mean()) if there.size else float("nan")
