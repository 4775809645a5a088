"""Whole numbers as places in the list of those that there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Indices: TypeAlias = NDArray[np.int64]

_LARGEST = 2**62


def dense(keys: Indices) -> tuple[Indices, Indices]:
    """Return the different numbers in rising order, and the place of each key among them.

    As `numpy.unique` has it, without sorting where keys are in order or lie close together.

    Parameters
    ----------
    keys
        (N,) from 0.
    """
    if not keys.size:
        return keys, keys
    steps = np.diff(keys)
    if (steps >= 0).all():
        new = np.append(True, steps > 0)
        return keys[new], np.cumsum(new) - 1
    stop = int(keys.max()) + 1
    if stop > 8 * keys.size + 1024:
        values, places = np.unique(keys, return_inverse=True)
        return values, places.reshape(-1).astype(np.int64)
    there = np.zeros(stop, bool)
    there[keys] = True
    places = np.cumsum(there) - 1
    return np.flatnonzero(there), places[keys]


def joint(columns: Sequence[Indices]) -> tuple[Indices, int]:
    """Return one number for each row of some columns, in the same order, and how far they go.

    Parameters
    ----------
    columns
        (N,) each; the first one says most about the order.

    Returns
    -------
    tuple
        (N,) int64 from 0, equal where all columns are, and what they are all below.
    """
    made = np.zeros(columns[0].size, np.int64)
    stop = 1
    for column in columns:
        low = column.min(initial=0)
        width = int(column.max(initial=0) - low) + 1
        if stop * width > _LARGEST:
            made = dense(made)[1]
            stop = int(made.max(initial=-1)) + 1
        if stop * width > _LARGEST:
            column, low = dense(column - low)[1], 0
            width = int(column.max(initial=0)) + 1
        made = made * width + (column - low)
        stop *= width
    return made, stop
