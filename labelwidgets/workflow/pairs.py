"""What two people made of the same item, object beside object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from labelwidgets.algorithms.assignment import assign_many
from labelwidgets.algorithms.batches import batches
from labelwidgets.algorithms.box_matching import match_boxes
from labelwidgets.algorithms.box_overlaps import box_ious
from labelwidgets.algorithms.clusters import cluster_pairs
from labelwidgets.algorithms.numbering import dense, joint
from labelwidgets.errors import SchemaError
from labelwidgets.workers import Workers
from labelwidgets.workflow.overlaps import AREA, TAG, VOLUME, Overlaps
from labelwidgets.workflow.raters import Raters, later_in_group, raters_of
from labelwidgets.workflow.shape_overlaps import Labels, SomeLabels
from labelwidgets.workflow.spreading import cut_by, spread

if TYPE_CHECKING:
    import pandas as pd

Indices: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]

# Overlaps at once (of what is matched as it is compared, rows): they stay in the cache from when
# they are computed to when they are matched.
_AT_ONCE = 2**19
# Labels that a worker compares in one go.
_AT_WORKERS = 1024


class Pairs(NamedTuple):
    """The labels of items, and which of them two raters have in common.

    Parameters
    ----------
    labels
        The labels that are compared, in the order in which they were given, with their columns;
        index from 0.
    meetings
        One row for every two raters of an item, also where one or both left it empty: item_id,
        rater_a, rater_b (string; rater_a comes first in the alphabet).
    objects
        One row for each object of a meeting: meeting (row in `meetings`), a and b (rows in
        `labels`, -1 where that rater has it not; int64) and overlap (float64; 0 where one of
        them is alone).
    rank
        (N,) int64: which of the raters of its item each label is of, from 0 by the alphabet.
    shapes
        Those of `labels`, as overlaps take them.
    """

    labels: pd.DataFrame
    meetings: pd.DataFrame
    objects: pd.DataFrame
    rank: Indices
    shapes: Labels


def pairs_of(
    annotations: pd.DataFrame,
    overlap: str = "iou",
    *,
    rater: str = "author",
    items: Any = None,
    across_classes: bool = False,
    at_least: float = 0.0,
    options: Mapping[str, Any] | None = None,
    workers: Workers | None = None,
) -> Pairs:
    """Match the objects of every two raters of an item, so that their overlaps sum up to the most.

    Objects are matched within an item, a frame and (unless `across_classes`) a class.

    Parameters
    ----------
    annotations
        As `Project.annotations` has them: item_id, geometry and the rater; class_name, frame,
        geometry_type, x, y, width and height where they are there.
    overlap
        How alike two labels are: one of `overlaps.COMPARED`, where "auto" is what fits their kind.
        Labels of other kinds are left out.
    rater, items
        As for `raters_of`.
    across_classes
        Match objects of different classes too (tags are always matched by their class).
    at_least
        Overlaps below are no match, and those of 0 never are.
    options
        As in `overlaps.OPTIONS`.
    workers
        Who compares the labels, item by item; None does so here, with the same result.

    Raises
    ------
    SchemaError
        If a column is missing, or `overlap` or an option is none.
    """
    measured = Overlaps(overlap, options)
    people, part = raters_of(annotations, rater, items)
    types = types_of(annotations)
    family = measured.families(types)
    kept = np.flatnonzero((part >= 0) & (family >= 0))
    # What is whole is not copied.
    labels = annotations if kept.size == len(annotations) else annotations.iloc[kept]
    labels = labels.reset_index(drop=True)
    shapes = Labels(labels)
    part, family = part[kept], family[kept]
    rank = people.rank[part]
    group = _groups(labels, people.item[part], family, across_classes)
    if workers is None:
        a, b, values = _matched(measured, shapes, family, group, rank, at_least)
    else:
        item = people.item[part]
        a, b, values = _spread(measured, shapes, family, group, rank, at_least, item, workers)
    objects = _objects(people, part, rank, a, b, values)
    return Pairs(labels, people.meetings(), objects, rank, shapes)


def objects_of(pairs: Pairs) -> Indices:
    """Return the number of the object that each label of `pairs.labels` is one view of, from 0.

    Labels of several raters are one object where they were matched. Where that would tie two
    labels of one rater together, the weakest link is left out.
    """
    objects = pairs.objects
    both = objects[(objects["a"] >= 0) & (objects["b"] >= 0)]
    return cluster_pairs(
        both["a"].to_numpy(), both["b"].to_numpy(), both["overlap"].to_numpy(), pairs.rank
    )


def types_of(annotations: pd.DataFrame) -> pd.Series[Any]:
    """Return the type of the geometry of each label, by its column where there is one."""
    if "geometry" not in annotations.columns:
        raise SchemaError("is no column of the annotations.", where="'geometry'")
    if "geometry_type" in annotations.columns:
        return annotations["geometry_type"]
    return annotations["geometry"].map(lambda shape: getattr(shape, "type", ""))


def _groups(labels: pd.DataFrame, item: Indices, family: Indices, across: bool) -> Indices:
    """Return a number for each label; only those with the same number can be matched."""
    import pandas as pd

    columns = [item, family]
    if "frame" in labels.columns and labels["frame"].notna().any():
        columns.append(labels["frame"].fillna(-1).to_numpy(np.int64))
    if "class_name" in labels.columns:
        code = pd.factorize(labels["class_name"])[0].astype(np.int64)
        # What tags say is their class.
        columns.append(np.where(family == TAG, code, -1) if across else code)
    return joint(columns)[0]


class _Piece(NamedTuple):
    """All labels of some items."""

    labels: SomeLabels
    family: Indices
    group: Indices
    rank: Indices


class _Matching:
    """What a worker does: it matches the labels of some items."""

    def __init__(self, measured: Overlaps, at_least: float) -> None:
        self.measured, self.at_least = measured, at_least

    def __call__(self, piece: _Piece) -> tuple[Indices, Indices, Floats]:
        return _matched(self.measured, piece.labels.labels(), *piece[1:], self.at_least)


def _spread(
    measured: Overlaps,
    shapes: Labels,
    family: Indices,
    group: Indices,
    rank: Indices,
    at_least: float,
    item: Indices,
    workers: Workers,
) -> tuple[Indices, Indices, Floats]:
    """Return what `_matched` does; each meeting in the same order, so that sums are the same."""
    rows = cut_by(item, _AT_WORKERS)
    pieces = [
        _Piece(SomeLabels.of(shapes, own), family[own], group[own], rank[own]) for own in rows
    ]
    work = _Matching(measured, at_least)
    found = spread(work, pieces, workers, "Comparing labels", "piece")
    if not found:
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
    return (
        np.concatenate([own[a] for own, (a, _, _) in zip(rows, found, strict=True)]),
        np.concatenate([own[b] for own, (_, b, _) in zip(rows, found, strict=True)]),
        np.concatenate([values for _, _, values in found]),
    )


def _matched(
    measured: Overlaps,
    shapes: Labels,
    family: Indices,
    group: Indices,
    rank: Indices,
    at_least: float,
) -> tuple[Indices, Indices, Floats]:
    """Return the labels that belong together, and their overlaps."""
    key, _ = joint((group, rank))
    order = np.arange(key.size)
    if (np.diff(key) < 0).any():
        order = np.argsort(key, kind="stable")
    key, group = key[order], group[order]
    # A segment: what one rater has in a group.
    new = np.flatnonzero(np.diff(key, prepend=-1) != 0)
    count = np.diff(new, append=order.size)
    number = dense(group[new])[1]
    ends = np.cumsum(np.bincount(number)) if number.size else np.empty(0, np.int64)
    one, other = later_in_group(ends, number)
    boxes = shapes.boxes[order]
    plain = np.logical_and.reduceat(shapes.upright[order], new) if new.size else np.empty(0, bool)
    # Upright boxes are the most, and the quickest: they are matched as they are compared.
    boxed = np.zeros(one.size, bool)
    if measured.name in ("iou", "dice", "auto"):
        boxed = plain[one] & plain[other]
    kind = family[order][new]
    found: list[tuple[Indices, Indices, Floats]] = []
    for quick in (True, False):
        rows, columns = one[boxed == quick], other[boxed == quick]
        sizes = count[rows] if quick else count[rows] * count[columns]
        for part in batches(sizes, _AT_ONCE):
            first, second = rows[part], columns[part]
            groups = new[first], count[first], new[second], count[second]
            if quick:
                chosen, values = match_boxes(boxes, *groups, measured.name == "dice", at_least)
            else:
                chosen, values = _assigned(
                    measured, shapes, boxes, order, groups, kind[first], at_least
                )
            kept = np.flatnonzero(chosen >= 0)
            problem = np.repeat(np.arange(first.size), groups[1])[kept]
            row = kept - (np.cumsum(groups[1]) - groups[1])[problem]
            a, b = groups[0][problem] + row, groups[2][problem] + chosen[kept]
            found.append((order[a], order[b], values[kept]))
    if not found:
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
    a, b, overlaps = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return a, b, overlaps


def _assigned(
    measured: Overlaps,
    shapes: Labels,
    boxes: Floats,
    order: Indices,
    groups: tuple[Indices, Indices, Indices, Indices],
    kinds: Indices,
    at_least: float,
) -> tuple[Indices, Floats]:
    """Do for shapes of any kind what `match_boxes` does for boxes.

    Only those are compared whose boxes overlap.
    """
    first, tall, second, wide = groups
    sizes = tall * wide
    near = box_ious(boxes, *groups) > 0
    values = np.zeros(near.size, np.float64)
    problem = np.repeat(np.arange(first.size), sizes)
    # What has no area to its box may be near all the same.
    looked = np.flatnonzero(near | ~np.isin(kinds, (AREA, VOLUME))[problem])
    starts = np.cumsum(sizes) - sizes
    row, column = np.divmod(looked - starts[problem[looked]], wide[problem[looked]])
    a = order[first[problem[looked]] + row]
    b = order[second[problem[looked]] + column]
    for kind in np.unique(kinds).tolist():
        own = kinds[problem[looked]] == kind
        if own.any():
            values[looked[own]] = measured.of(shapes, kind, a[own], b[own])
    if at_least > 0:
        values[values < at_least] = 0
    chosen = assign_many(values, tall, wide)
    problem = np.repeat(np.arange(first.size), tall)
    row = np.arange(chosen.size) - (np.cumsum(tall) - tall)[problem]
    place = starts[problem] + row * wide[problem] + chosen
    overlaps = np.zeros(chosen.size)
    overlaps[chosen >= 0] = values[place[chosen >= 0]]
    return chosen, overlaps


def _objects(
    people: Raters, part: Indices, rank: Indices, a: Indices, b: Indices, values: Floats
) -> pd.DataFrame:
    """Return one row for each object of a meeting, those of one rater alone among them."""
    import pandas as pd

    item = people.item[part]
    size = people.size[item]
    # A place for each label and each rater of its item: who has what it shows.
    starts = np.cumsum(size) - size
    met = np.zeros(int(size.sum()), bool)
    met[starts + rank] = True
    met[starts[a] + rank[b]] = True
    met[starts[b] + rank[a]] = True
    alone = np.flatnonzero(~met)
    label = np.repeat(np.arange(part.size), size)[alone]
    without = alone - starts[label]
    mine = rank[label]
    first = mine < without
    meeting = np.concatenate(
        (
            people.meeting(item[a], rank[a], rank[b]),
            people.meeting(item[label], np.minimum(mine, without), np.maximum(mine, without)),
        )
    )
    order = np.argsort(meeting, kind="stable")
    columns: dict[str, NDArray[Any]] = {
        "meeting": meeting,
        "a": np.concatenate((a, np.where(first, label, -1))),
        "b": np.concatenate((b, np.where(first, -1, label))),
        "overlap": np.concatenate((values, np.zeros(alone.size))),
    }
    # Columns are kept as they are: in one block they would have to be copied.
    return pd.DataFrame({name: column[order] for name, column in columns.items()}, copy=False)
