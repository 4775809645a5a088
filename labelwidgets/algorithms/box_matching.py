"""Which boxes of two people are the same object, over very many tasks at once."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.algorithms.assignment import plain_assign_many
from labelwidgets.algorithms.batches import batches
from labelwidgets.algorithms.box_overlaps import plain_box_ious, read_groups
from labelwidgets.algorithms.compiling import compiles

Floats: TypeAlias = NDArray[np.float64]
Indices: TypeAlias = NDArray[np.int64]

# Of the plain way, in pairs of boxes.
_AT_ONCE = 2**17


def match_boxes(
    boxes: ArrayLike,
    first: ArrayLike,
    tall: ArrayLike,
    second: ArrayLike,
    wide: ArrayLike,
    dice: bool = False,
    at_least: float = 0.0,
) -> tuple[Indices, Floats]:
    """Match the boxes of two groups so that their overlaps sum up to the most, for many pairs.

    What `assign_many` makes of `box_ious`, without ever keeping the overlaps of all pairs.

    Parameters
    ----------
    boxes, first, tall, second, wide
        As of `box_ious`.
    dice
        Match by twice the intersection over the sum of both in place of that over the union.
    at_least
        What overlaps less is no pair, nor is what does not overlap at all.

    Returns
    -------
    tuple of ndarray
        (sum of tall,) int64: for each box of each first group which of the second it belongs to,
        counted within the group, -1 where it is alone; and (sum of tall,) float64: how much they
        overlap, 0 where it is alone.

    Raises
    ------
    GeometryError
        If the boxes are no (N, 4) numbers or a group reaches beyond them.
    """
    corners = np.ascontiguousarray(boxes, np.float64)
    groups = read_groups(corners, first, tall, second, wide)
    count = int(groups[1].sum())
    found, overlaps = np.empty(count, np.int64), np.empty(count, np.float64)
    if not compiles():
        plain_match_boxes(corners, *groups, dice, at_least, found, overlaps)
    elif groups[0].size:
        from labelwidgets.algorithms import overlap_kernels as kernels

        places = np.cumsum(groups[1]) - groups[1]
        kernels.matched_boxes(
            corners, *groups, places, bool(dice), float(at_least), found, overlaps
        )
    return found, overlaps


def plain_match_boxes(
    corners: Floats,
    first: Indices,
    tall: Indices,
    second: Indices,
    wide: Indices,
    dice: bool,
    at_least: float,
    found: Indices,
    overlaps: Floats,
) -> None:
    """Write into `found` and `overlaps` what `match_boxes` returns, with numpy and scipy."""
    places = np.cumsum(tall) - tall
    for part in batches(tall * wide, _AT_ONCE):
        groups = first[part], tall[part], second[part], wide[part]
        sizes = groups[1] * groups[3]
        values = np.empty(int(sizes.sum()), np.float64)
        plain_box_ious(corners, *groups, values)
        if dice:
            values = 2.0 * values / (1.0 + values)
        values[values < at_least] = 0.0
        starts = np.cumsum(sizes) - sizes
        rows = slice(int(places[part.start]), int(places[part.start] + groups[1].sum()))
        own = places[part] - rows.start
        plain_assign_many(values, starts, groups[1], groups[3], own, found[rows])
        problem = np.repeat(np.arange(own.size), groups[1])
        column = found[rows]
        place = starts[problem] + (np.arange(problem.size) - own[problem]) * groups[3][problem]
        overlaps[rows] = 0.0
        overlaps[rows][column >= 0] = values[(place + column)[column >= 0]]
