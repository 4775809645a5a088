"""Pairs joined into objects, compiled."""

from __future__ import annotations

from typing import Any

from labelwidgets.algorithms.compiling import kernel


@kernel
def join(a: Any, b: Any, holders: Any, parent: Any) -> None:
    """Write the root of each label.

    Parameters
    ----------
    a, b
        (P,) int64, pairs of labels in the order in which they are joined.
    holders
        (N,) int64, the bit of the person of each label; changed in place.
    parent
        (N,) int64, each label itself at first; written.
    """
    for pair in range(a.size):
        low, high = a[pair], b[pair]
        while parent[low] != low:
            parent[low] = parent[parent[low]]
            low = parent[low]
        while parent[high] != high:
            parent[high] = parent[parent[high]]
            high = parent[high]
        if low != high and holders[low] & holders[high] == 0:
            parent[high] = low
            holders[low] |= holders[high]
    for label in range(parent.size):
        root = label
        while parent[root] != root:
            root = parent[root]
        parent[label] = root
