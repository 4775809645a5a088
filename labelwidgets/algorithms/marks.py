"""What raters marked in pictures, and which marks are near each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.algorithms.batches import batches
from labelwidgets.algorithms.box_overlaps import box_ious, ends_of, paired_box_ious
from labelwidgets.algorithms.ratings import Floats, Ints
from labelwidgets.errors import SchemaError

Similarity: TypeAlias = Callable[[Ints, Ints], Floats]
"""Takes two (P,) arrays of rows of marks; returns how alike each is to the one beside it, to 1."""

# Pairs that are compared at once.
_AT_ONCE = 2**19


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """Marks of several raters in the same pictures, and the pairs that are near each other.

    Parameters
    ----------
    picture, rater, category
        (N,) int64: which picture each mark is in, whose it is and of which class, each from 0.
    seen
        (M, 2) int64: picture and rater of everybody who looked at a picture, also those who left
        it empty; ascending.
    a, b
        (P,) int64: rows of two marks of different raters in one picture.
    similarity
        (P,) float64: how alike the two are, above 0.
    pictures, raters
        How many there are.
    """

    picture: Ints
    rater: Ints
    category: Ints
    seen: Ints
    a: Ints
    b: Ints
    similarity: Floats
    pictures: int
    raters: int

    @property
    def rank(self) -> Ints:
        """(N,) which of the raters of its picture each mark is of, from 0."""
        return self._part() - self._first()[self.picture]

    @property
    def size(self) -> Ints:
        """(pictures,) how many raters looked at each picture."""
        return np.bincount(self.seen[:, 0], minlength=self.pictures).astype(np.int64)

    def keeping(self, parts: NDArray[np.bool_]) -> Marks:
        """Return the marks of some parts only; `parts` is (M,), one for each row of `seen`."""
        kept = parts[self._part()]
        place = np.cumsum(kept) - 1
        both = kept[self.a] & kept[self.b]
        return Marks(
            self.picture[kept],
            self.rater[kept],
            self.category[kept],
            self.seen[parts],
            place[self.a[both]],
            place[self.b[both]],
            self.similarity[both],
            self.pictures,
            self.raters,
        )

    def _part(self) -> Ints:
        """Return the row of `seen` of each mark."""
        keys = self.seen[:, 0] * self.raters + self.seen[:, 1]
        return np.searchsorted(keys, self.picture * self.raters + self.rater)

    def _first(self) -> Ints:
        """Return the first row of `seen` of each picture."""
        return np.searchsorted(self.seen[:, 0], np.arange(self.pictures))


def marks_of(
    picture: ArrayLike,
    rater: ArrayLike,
    category: ArrayLike,
    similarity: Similarity,
    seen: ArrayLike | None = None,
) -> Marks:
    """Return marks with all pairs that are alike at all.

    Parameters
    ----------
    picture, rater, category
        (N,) whole numbers from 0.
    similarity
        How alike two marks are, of many pairs at once: `BoxSimilarity`.
    seen
        (M, 2) pictures and raters: who looked at what. Without it, who has marks there.

    Raises
    ------
    SchemaError
        If a column is none of whole numbers from 0, or somebody has a mark in a picture that he
        has not seen.
    """
    columns = [np.asarray(column) for column in (picture, rater, category)]
    for name, column in zip(("picture", "rater", "category"), columns, strict=True):
        wrong = column.ndim != 1 or column.dtype.kind not in "iu" or column.size != columns[0].size
        if column.size and (wrong or column.min() < 0):
            raise SchemaError("must be a whole number from 0 for each mark.", where=name)
    where, who, what = (column.astype(np.int64) for column in columns)
    drawn = np.column_stack([where, who])
    looked = drawn if seen is None else np.asarray(seen, np.int64).reshape(-1, 2)
    raters = int(max(who.max(initial=-1), looked[:, 1].max(initial=-1))) + 1
    pictures = int(max(where.max(initial=-1), looked[:, 0].max(initial=-1))) + 1
    keys = np.unique(looked[:, 0] * raters + looked[:, 1])
    if seen is not None and not np.isin(where * raters + who, keys).all():
        raise SchemaError("lacks the rater of a mark.", where="seen")
    parts = np.column_stack([keys // max(raters, 1), keys % max(raters, 1)])
    found = list(_alike(where, who, similarity))
    none: Ints = np.empty(0, np.int64)
    ones = np.concatenate([none, *(pair[0] for pair in found)])
    others = np.concatenate([none, *(pair[1] for pair in found)])
    near = np.concatenate([np.empty(0), *(pair[2] for pair in found)])
    return Marks(where, who, what, parts, ones, others, near, pictures, raters)


class BoxSimilarity:
    """The intersection over union of upright boxes, as `marks_of` takes it.

    Parameters
    ----------
    boxes
        (N, 4): x, y, width and height, in pixels.
    """

    def __init__(self, boxes: ArrayLike) -> None:
        self.boxes = np.asarray(boxes, np.float64)
        wrong = self.boxes.ndim != 2 or self.boxes.shape[1] != 4
        if wrong or not np.isfinite(self.boxes).all():
            raise SchemaError("must be (N, 4): x, y, width, height.", where="boxes")
        self._ends = ends_of(self.boxes)

    def __call__(self, a: Ints, b: Ints) -> Floats:
        """Return the overlap of each box with the one beside it."""
        return paired_box_ious(self._ends[:, a], self._ends[:, b])


def each_with_each(
    first: Ints, tall: Ints, second: Ints, wide: Ints
) -> Iterator[tuple[Ints, Ints]]:
    """Yield rows of two groups, each with each, for many pairs of groups.

    Parameters
    ----------
    first, tall, second, wide
        (P,) int64: where the two groups of each pair begin, and how many rows they have.

    Yields
    ------
    tuple of ndarray
        Rows of the first group and of the second; not all pairs of groups at once.
    """
    for part in batches(tall * wide, _AT_ONCE):
        sizes = tall[part] * wide[part]
        problem = np.repeat(np.arange(sizes.size), sizes)
        place = np.arange(problem.size) - (np.cumsum(sizes) - sizes)[problem]
        row, column = np.divmod(place, np.maximum(wide[part][problem], 1))
        yield first[part][problem] + row, second[part][problem] + column


def segments(picture: Ints, rater: Ints) -> tuple[Ints, Ints, Ints]:
    """Return the order in which marks of one rater in one picture lie together.

    Returns
    -------
    tuple of ndarray
        (N,) the order, and of each such segment its begin in that order and its length.
    """
    order = np.lexsort((rater, picture))
    new = np.diff(picture[order], prepend=-1) != 0
    new |= np.diff(rater[order], prepend=-1) != 0
    begin = np.flatnonzero(new)
    return order, begin, np.diff(begin, append=order.size)


def _alike(
    picture: Ints, rater: Ints, similarity: Similarity
) -> Iterator[tuple[Ints, Ints, Floats]]:
    """Yield the marks of different raters in the same picture that are alike at all."""
    order, begin, count = segments(picture, rater)
    of = picture[order][begin]
    after = np.searchsorted(of, of, side="right") - 1 - np.arange(of.size)
    one = np.repeat(np.arange(of.size), after)
    other = np.arange(one.size) - np.repeat(np.cumsum(after) - after, after) + one + 1
    groups = begin[one], count[one], begin[other], count[other]
    if not isinstance(similarity, BoxSimilarity):
        for a, b in each_with_each(*groups):
            near = similarity(order[a], order[b])
            yield order[a[near > 0]], order[b[near > 0]], near[near > 0]
        return
    # Few boxes meet: only those that do are looked up.
    boxes = similarity.boxes[order]
    for part in batches(groups[1] * groups[3], _AT_ONCE):
        first, tall, second, wide = (group[part] for group in groups)
        near = box_ious(boxes, first, tall, second, wide)
        hit = np.flatnonzero(near)
        reach = np.cumsum(tall * wide)
        problem = np.searchsorted(reach, hit, side="right")
        row, column = np.divmod(hit - (reach - tall * wide)[problem], wide[problem])
        yield order[first[problem] + row], order[second[problem] + column], near[hit]
