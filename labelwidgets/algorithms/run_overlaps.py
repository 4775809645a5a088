"""How far masks overlap, from where their runs begin and end: no pixel is written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.algorithms.compiling import compiles
from labelwidgets.algorithms.runs import Runs
from labelwidgets.errors import GeometryError

Floats: TypeAlias = NDArray[np.float64]
Indices: TypeAlias = NDArray[np.int64]


def shared_pixels(masks: Sequence[Runs], first: ArrayLike, second: ArrayLike) -> Indices:
    """Return how many pixels pairs of masks have in common.

    Parameters
    ----------
    masks
        N masks; those of a pair have one size.
    first, second
        (P,) the masks of each pair.

    Returns
    -------
    ndarray
        (P,) int64.

    Raises
    ------
    GeometryError
        If the masks of a pair have not one size.
    """
    a, b = np.asarray(first, np.int64), np.asarray(second, np.int64)
    sizes = np.array([mask.size for mask in masks], np.int64).reshape(-1, 2)
    apart = (sizes[a] != sizes[b]).any(axis=1)
    if apart.any():
        pair = int(np.flatnonzero(apart)[0])
        raise GeometryError(
            f"of {masks[a[pair]].size} and {masks[b[pair]].size} do not go together.",
            where="masks",
        )
    starts = np.cumsum([0, *(mask.edges.size for mask in masks)])
    edges = np.concatenate([np.empty(0, np.int64), *(mask.edges for mask in masks)])
    shared = np.zeros(a.size, np.int64)
    if compiles():
        from labelwidgets.algorithms import overlap_kernels as kernels

        kernels.shared_pixels(edges, starts, a, b, shared)
    else:
        plain_shared_pixels(edges, starts, a, b, shared)
    return shared


def plain_shared_pixels(
    edges: Indices, starts: Indices, first: Indices, second: Indices, shared: Indices
) -> None:
    """Write into `shared` what `shared_pixels` returns, with numpy alone."""
    for pair in range(first.size):
        a = edges[starts[first[pair]] : starts[first[pair] + 1]]
        b = edges[starts[second[pair]] : starts[second[pair] + 1]]
        if not a.size or not b.size:
            continue
        # How many pixels of `a` lie before each edge of `b`.
        before = np.concatenate(([0], np.cumsum(a[1::2] - a[::2])))
        run = np.searchsorted(a[::2], b, side="right")
        inside = before[np.maximum(run - 1, 0)] + np.minimum(b, a[1::2][np.maximum(run - 1, 0)])
        counts = np.where(run > 0, inside - a[::2][np.maximum(run - 1, 0)], 0)
        shared[pair] = int((counts[1::2] - counts[::2]).sum())


def mask_ious(masks: Sequence[Runs], first: ArrayLike, second: ArrayLike) -> Floats:
    """Return the intersection over union of pairs of masks; see `shared_pixels`.

    Two masks of no pixels share nothing: 0. Dice, of an overlap `i`, is ``2 * i / (1 + i)``.
    """
    a, b = np.asarray(first, np.int64), np.asarray(second, np.int64)
    shared = shared_pixels(masks, a, b)
    areas = np.array([int((mask.edges[1::2] - mask.edges[::2]).sum()) for mask in masks], np.int64)
    whole = areas[a] + areas[b] - shared
    ious: Floats = shared / np.maximum(whole, 1)
    return ious


def volume_ious(volumes: Sequence[dict[int, Runs]], first: ArrayLike, second: ArrayLike) -> Floats:
    """Return the intersection over union of pairs of masks through several slices.

    Parameters
    ----------
    volumes
        N masks: for each, the pixels of its slices by slice index.
    first, second
        (P,) the volumes of each pair.

    Returns
    -------
    ndarray
        (P,) float64; 0 where neither has a voxel.
    """
    a, b = np.asarray(first, np.int64), np.asarray(second, np.int64)
    masks: list[Runs] = []
    number: list[dict[int, int]] = []
    areas = np.zeros(len(volumes), np.int64)
    for volume, slices in enumerate(volumes):
        number.append({key: len(masks) + place for place, key in enumerate(slices)})
        masks += slices.values()
        areas[volume] = sum(
            int((runs.edges[1::2] - runs.edges[::2]).sum()) for runs in slices.values()
        )
    owners, ones, others = [], [], []
    for pair, (one, other) in enumerate(zip(a.tolist(), b.tolist(), strict=True)):
        for key in number[one].keys() & number[other].keys():
            owners.append(pair)
            ones.append(number[one][key])
            others.append(number[other][key])
    shared = np.zeros(a.size, np.int64)
    np.add.at(shared, np.array(owners, np.int64), shared_pixels(masks, ones, others))
    whole = areas[a] + areas[b] - shared
    ious: Floats = shared / np.maximum(whole, 1)
    return ious
