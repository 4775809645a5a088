"""Objects out of matched pairs: what several people drew of one thing."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from labelwidgets.algorithms.compiling import compiles

Floats: TypeAlias = NDArray[np.float64]
Indices: TypeAlias = NDArray[np.int64]

# People in the bits of a whole number.
_MOST = 63


def cluster_pairs(a: Indices, b: Indices, weights: Floats, people: Indices) -> Indices:
    """Return the object of each label, so that no object has two labels of one person.

    The pairs are joined from the heaviest to the lightest (of equals, in their order); one that
    would put two labels of a person into one object is passed over.

    Parameters
    ----------
    a, b
        (P,) int64, the labels of each pair.
    weights
        (P,) float64, how sure it is that both are the same.
    people
        (N,) int64 from 0, whose each label is. Numbers need only differ among labels that pairs
        tie together.

    Returns
    -------
    ndarray
        (N,) int64: objects from 0, numbered in the order of their first labels.
    """
    order = np.argsort(-weights, kind="stable")
    parent = np.arange(people.size, dtype=np.int64)
    if compiles() and people.max(initial=0) < _MOST:
        from labelwidgets.algorithms import cluster_kernels as kernels

        kernels.join(a[order], b[order], np.int64(1) << people, parent)
    else:
        _join(a[order], b[order], people, parent)
    _, first, inverse = np.unique(parent, return_index=True, return_inverse=True)
    rank = np.empty(first.size, np.int64)
    rank[np.argsort(first)] = np.arange(first.size)
    objects: Indices = rank[inverse.reshape(-1)]
    return objects


def _join(a: Indices, b: Indices, people: Indices, parent: Indices) -> None:
    """Write the root of each label, with sets of people."""
    roots: list[int] = parent.tolist()
    holders = [{person} for person in people.tolist()]

    def root(label: int) -> int:
        while roots[label] != label:
            roots[label] = roots[roots[label]]
            label = roots[label]
        return label

    for one, other in zip(a.tolist(), b.tolist(), strict=True):
        low, high = root(one), root(other)
        if low == high or holders[low] & holders[high]:
            continue
        roots[high] = low
        holders[low] |= holders[high]
    parent[:] = [root(label) for label in range(len(roots))]
