"""The best pairs of two sets of which few can be pairs at all."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

Indices = NDArray[np.int64]


def best_pairs(rows: ArrayLike, columns: ArrayLike, weights: ArrayLike) -> NDArray[np.bool_]:
    """Return which pairs are chosen, so that none has a partner twice and the sum is greatest.

    What cannot be mistaken for anything else is chosen at once; only where several compete is
    the assignment solved (Crouse, On implementing 2D rectangular assignment algorithms, 2016, as
    scipy has it), each knot of competitors by itself.

    Parameters
    ----------
    rows, columns
        (N,) whole numbers from 0: who may go with whom, each pair once.
    weights
        (N,) how good each pair is; one that is not above 0 is never chosen.

    Returns
    -------
    ndarray
        (N,) bool.
    """
    i, j = np.asarray(rows, np.int64), np.asarray(columns, np.int64)
    good = np.asarray(weights, np.float64)
    chosen = good > 0
    for knot in knots(i, j, good > 0):
        chosen[knot] = assigned(i[knot], j[knot], good[knot])
    return chosen


def knots(rows: Indices, columns: Indices, usable: NDArray[np.bool_]) -> Iterator[Indices]:
    """Yield the pairs that compete with one another, as indices; pairs without a rival are none."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    at = np.nonzero(usable)[0]
    if not len(at):
        return
    i, j = rows[at], columns[at]
    rivals = (np.bincount(i)[i] > 1) | (np.bincount(j)[j] > 1)
    at, i, j = at[rivals], i[rivals], j[rivals]
    if not len(at):
        return
    height, width = int(i.max()) + 1, int(j.max()) + 1
    edges = coo_array(
        (np.ones(len(at), np.int8), (i, height + j)), shape=(height + width, height + width)
    )
    _, part = connected_components(edges, directed=False)
    order = np.argsort(part[i], kind="stable")
    ends = np.nonzero(np.diff(part[i][order]))[0] + 1
    yield from np.split(at[order], ends)


def assigned(rows: Indices, columns: Indices, weights: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which pairs of a few are chosen; see `best_pairs`."""
    from scipy.optimize import linear_sum_assignment

    _, i = np.unique(rows, return_inverse=True)
    _, j = np.unique(columns, return_inverse=True)
    table = np.zeros((i.max() + 1, j.max() + 1))
    table[i, j] = weights.clip(0)
    partner = np.full(len(table), -1)
    found, with_ = linear_sum_assignment(table, maximize=True)
    partner[found] = with_
    chosen: NDArray[np.bool_] = (partner[i] == j) & (weights > 0)
    return chosen
