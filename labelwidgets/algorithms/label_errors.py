"""Labels that a model which has not seen them takes for wrong."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.algorithms.uncertainty import read_probabilities
from labelwidgets.errors import SchemaError

Floats: TypeAlias = NDArray[np.float64]


class LabelErrors(NamedTuple):
    """What `label_errors` finds.

    Attributes
    ----------
    wrong : (N,) ndarray of bool
        Whether a label is likely to be wrong.
    quality : (N,) ndarray of float64
        How likely the given label is, by the model: less is worse.
    likely : (N,) ndarray of int64
        The class that the model is sure of; the given one where it is sure of none.
    joint : (K, K) ndarray of int64
        How many are labelled as the row and are likely the column.
    """

    wrong: NDArray[np.bool_]
    quality: Floats
    likely: NDArray[np.int64]
    joint: NDArray[np.int64]


def label_errors(labels: ArrayLike, probabilities: ArrayLike) -> LabelErrors:
    """Return which labels are likely to be wrong.

    Confident learning: Northcutt, Jiang and Chuang (2021), "Confident learning: estimating
    uncertainty in dataset labels". A class is likely where its probability is at least the mean
    over all that are labelled so; of several, the likeliest. A label is wrong where another class
    is.

    Parameters
    ----------
    labels
        (N,) whole numbers from 0 to K - 1.
    probabilities
        (N, K), of a model that was not trained on the same rows: of cross-validation.

    Returns
    -------
    LabelErrors

    Raises
    ------
    SchemaError
        If they do not fit, or are no probabilities.
    """
    found = read_probabilities(probabilities)
    given = np.asarray(labels)
    if given.shape != (len(found),) or given.dtype.kind not in "iu":
        raise SchemaError(f"must be {(len(found),)} whole numbers.", where="labels")
    classes = found.shape[1]
    if given.size and not (given.min() >= 0 and given.max() < classes):
        raise SchemaError(f"must be from 0 to {classes - 1}.", where="labels")
    given = given.astype(np.int64)
    own = found[np.arange(len(found)), given]
    counts = np.bincount(given, minlength=classes)
    totals = np.bincount(given, weights=own, minlength=classes)
    # Of a class that nobody has there is no mean, and nothing is likely to be of it.
    mean = np.where(counts > 0, totals / np.maximum(counts, 1), np.inf)
    sure = found >= mean
    best = np.where(sure, found, -1.0)
    likely = np.where(sure.any(axis=1), best.argmax(axis=1), given)
    joint = np.zeros((classes, classes), np.int64)
    np.add.at(joint, (given, likely), 1)
    return LabelErrors(likely != given, own, likely.astype(np.int64), joint)
