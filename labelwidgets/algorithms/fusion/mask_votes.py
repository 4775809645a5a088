"""The pixels that most have marked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.algorithms.crowd.settings import share
from labelwidgets.algorithms.fusion.patterns import patterns_of, read_masks
from labelwidgets.algorithms.fusion.staple_labels import coded_maps
from labelwidgets.errors import GeometryError
from labelwidgets.numbered import numbered


def majority_mask(
    masks: ArrayLike | Sequence[ArrayLike],
    weights: ArrayLike | None = None,
    at_least: float = 0.5,
) -> NDArray[np.bool_]:
    """Return the pixels that more than a share of the weight has marked.

    Parameters
    ----------
    masks
        (D, ...) or D masks of one shape, 2D or 3D.
    weights
        (D,) of people, from 0; None is 1 each.
    at_least
        The share that must be passed; of a half, exactly half is not enough. Where it is 1, all
        have to have marked it, where 0, one of them.

    Returns
    -------
    ndarray of bool

    Raises
    ------
    GeometryError
        If masks differ in shape or have no pixels, or there are not as many weights.
    SchemaError
        If the share is impossible.
    """
    share(at_least, "at_least")
    read = read_masks(masks)
    each = read_weights(weights, len(read))
    found = patterns_of(read, 2)
    held = found.votes @ each / each.sum()
    # Sums of weights are not quite exact: what is as good as the share has not passed it.
    passed = held > at_least + 1e-9 if at_least < 1 else held >= 1 - 1e-9
    mask: NDArray[np.bool_] = passed.take(found.code)
    return mask


def majority_labels(
    maps: ArrayLike | Sequence[ArrayLike], undecided: int | None = None
) -> NDArray[Any]:
    """Return for each pixel the label that most have given it.

    Parameters
    ----------
    maps
        (D, ...) or D maps of whole numbers of one shape, 2D or 3D.
    undecided
        What pixels are where two labels have as many votes; None takes the smaller label.

    Returns
    -------
    ndarray of whole numbers

    Raises
    ------
    GeometryError
        As for `staple_labels`.
    """
    labels, found = coded_maps(maps)
    votes = np.eye(len(labels))[found.votes].sum(axis=1)
    chosen = labels[votes.argmax(axis=1)]
    if undecided is not None:
        tied = (votes == votes.max(axis=1, keepdims=True)).sum(axis=1) > 1
        chosen = np.where(tied, undecided, chosen)
    values: NDArray[Any] = chosen.take(found.code)
    return values


def read_weights(weights: ArrayLike | None, count: int) -> NDArray[np.float64]:
    """Return one weight a person, not all of them 0; GeometryError where there is none."""
    if weights is None:
        return np.ones(count)
    each = np.asarray(weights, np.float64)
    if each.shape != (count,) or not np.isfinite(each).all() or (each < 0).any():
        raise GeometryError(f"must be {numbered(count, 'number')} from 0.", where="weights")
    return each if each.sum() > 0 else np.ones(count)
