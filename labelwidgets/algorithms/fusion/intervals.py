"""Stretches of time that several people have marked."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.algorithms.crowd.settings import share
from labelwidgets.algorithms.fusion.mask_votes import read_weights
from labelwidgets.errors import GeometryError
from labelwidgets.numbered import numbered

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


def interval_ious(intervals: ArrayLike) -> Floats:
    """Return how far stretches overlap, as the frames of both over those of either.

    Parameters
    ----------
    intervals
        (N, 2) first and last frame, both included.

    Returns
    -------
    ndarray
        (N, N)

    Raises
    ------
    GeometryError
        If one ends before it begins.
    """
    first, last = _intervals(intervals).T
    shared = np.minimum(last[:, None], last) - np.maximum(first[:, None], first) + 1
    shared = np.maximum(shared, 0)
    size = last - first + 1
    ious: Floats = shared / (size[:, None] + size - shared)
    return ious


def fuse_intervals(
    intervals: ArrayLike,
    raters: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    at_least: float = 0.5,
) -> Indices:
    """Return the stretches that a share of the people have marked, frame by frame.

    Parameters
    ----------
    intervals
        (N, 2) first and last frame, both included.
    raters
        (N,) whole numbers from 0, whose each is: on a frame, each counts once. None: each is of
        another person.
    weights
        (R,) of people, from 0; None is 1 each. Who marked nothing counts too, so give all.
    at_least
        The share of the weight; of a half, exactly half is enough.

    Returns
    -------
    ndarray
        (M, 2) int64 first and last frame of each stretch, in their order.

    Raises
    ------
    GeometryError
        If one ends before it begins, or columns differ in length.
    SchemaError
        If the share is impossible.
    """
    share(at_least, "at_least")
    given = _intervals(intervals)
    people = np.arange(len(given)) if raters is None else np.asarray(raters)
    if people.shape != (len(given),) or (len(given) and people.dtype.kind not in "ui"):
        raise GeometryError("must be one whole number an interval.", where="raters")
    count = int(people.max(initial=-1)) + 1
    each = read_weights(weights, count if weights is None else len(np.asarray(weights)))
    if len(each) < count:
        raise GeometryError(f"must be one for each of {numbered(count, 'rater')}.", where="weights")
    if not len(given):
        return np.empty((0, 2), np.int64)
    # Between two edges nothing changes: only they are looked at.
    edges = np.unique(np.concatenate([given[:, 0], given[:, 1] + 1]))
    held = np.zeros((len(each), len(edges)), bool)
    for (first, last), person in zip(given.tolist(), people.tolist(), strict=True):
        held[person] |= (edges >= first) & (edges <= last)
    heap = each @ held
    kept = (heap > 0) & (heap >= at_least * each.sum() * (1 - 1e-9))
    steps = np.diff(np.concatenate([[0], kept.astype(np.int8), [0]]))
    begins, ends = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
    return np.stack([edges[begins], edges[np.minimum(ends, len(edges) - 1)] - 1], axis=1)


def _intervals(intervals: ArrayLike) -> Indices:
    given = np.asarray(intervals)
    if given.size == 0:
        return np.empty((0, 2), np.int64)
    if given.ndim != 2 or given.shape[1] != 2 or given.dtype.kind not in "ui":
        raise GeometryError("must be (N, 2) whole numbers.", where="intervals")
    if (given[:, 1] < given[:, 0]).any():
        raise GeometryError("must not end before they begin.", where="intervals")
    return given.astype(np.int64)
