"""Which marks of several raters are of one object."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np

from labelwidgets.algorithms.assignment import assign_many
from labelwidgets.algorithms.clusters import cluster_pairs
from labelwidgets.algorithms.marks import Marks
from labelwidgets.algorithms.ratings import Floats, Ints
from labelwidgets.errors import SchemaError

Matching: TypeAlias = Literal["greedy", "sequential"]

# A pair counts by itself before it counts by how alike it is.
_PAIR = 100.0


def correspond(
    marks: Marks,
    threshold: float,
    matching: Matching = "greedy",
    prefer_class: bool = False,
) -> Ints:
    """Return the object of each mark: no object has two marks of one rater.

    Parameters
    ----------
    marks
        What was marked.
    threshold
        Pairs that are less alike are not of one object; above 0, at most 1.
    matching
        "greedy": the pairs that are most alike are joined first, and the order of raters does not
        matter. "sequential": raters come one after another, in their order, each matched to
        those before by optimal assignment (Tschirschwitz et al. 2022).
    prefer_class
        Join pairs of one class before any others. Without, only the place counts: what an object
        is called is then compared, not presumed.

    Returns
    -------
    ndarray
        (N,) int64: objects from 0, in the order of their first marks.
    """
    if not 0 < threshold <= 1:
        raise SchemaError(f"is {threshold}, must be above 0, at most 1.", where="threshold")
    if matching not in ("greedy", "sequential"):
        raise SchemaError(f'is {matching!r}, must be "greedy" or "sequential".', where="matching")
    near = marks.similarity >= threshold
    a, b, gain = marks.a[near], marks.b[near], marks.similarity[near]
    if prefer_class:
        gain = gain + (marks.category[a] == marks.category[b])
    if matching == "greedy":
        return cluster_pairs(a, b, gain, marks.rank)
    return _numbered(_sequential(marks, a, b, gain))


def _sequential(marks: Marks, a: Ints, b: Ints, gain: Floats) -> Ints:
    """Return a mark that stands for the object of each mark, of all pictures at once."""
    rank = marks.rank
    most = int(marks.size.max(initial=0))
    thing = np.arange(rank.size)
    # Which objects have a mark of the rater who is being added, and which of his are placed.
    for added in range(1, most):
        taken = np.zeros(rank.size, np.bool_)
        placed = np.zeros(rank.size, np.bool_)
        for before in range(added):
            free = (rank[a] == before) & (rank[b] == added)
            free &= ~taken[thing[a]] & ~placed[b]
            old, new = _assigned(a[free], b[free], gain[free], marks.picture)
            thing[new] = thing[old]
            taken[thing[old]] = placed[new] = True
    return thing


def _assigned(a: Ints, b: Ints, gain: Floats, picture: Ints) -> tuple[Ints, Ints]:
    """Return the pairs that are matched: as many as can be, and of these the most alike."""
    if not a.size:
        return a, b
    rows, row = np.unique(a, return_inverse=True)
    columns, column = np.unique(b, return_inverse=True)
    # Marks of one picture have to lie together, whatever their numbers are.
    rows, row = _together(rows, row, picture)
    columns, column = _together(columns, column, picture)
    found, height = np.unique(picture[rows], return_counts=True)
    width = np.unique(picture[columns], return_counts=True)[1]
    starts = np.cumsum(height * width) - height * width
    top, left = np.cumsum(height) - height, np.cumsum(width) - width
    problem = np.searchsorted(found, picture[a])
    values = np.zeros(int((height * width).sum()))
    inside = (row - top[problem]) * width[problem] + column - left[problem]
    values[starts[problem] + inside] = _PAIR + gain
    chosen = assign_many(values, height, width)
    kept = np.flatnonzero(chosen >= 0)
    problem = np.repeat(np.arange(found.size), height)[kept]
    return rows[kept], columns[left[problem] + chosen[kept]]


def _together(marks: Ints, place: Ints, picture: Ints) -> tuple[Ints, Ints]:
    order = np.argsort(picture[marks], kind="stable")
    back = np.empty(order.size, np.int64)
    back[order] = np.arange(order.size)
    return marks[order], back[place]


def _numbered(thing: Ints) -> Ints:
    _, first, inverse = np.unique(thing, return_index=True, return_inverse=True)
    number = np.empty(first.size, np.int64)
    number[np.argsort(first)] = np.arange(first.size)
    return number[inverse]
