"""How precise detections are at each recall, and on average."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.errors import GeometryError

Floats: TypeAlias = NDArray[np.float64]

RECALLS = np.linspace(0.0, 1.0, 101)
"""Where the precision is looked at: 101 points, as COCO's evaluation has it."""


class Curve(NamedTuple):
    """Precision over recall.

    Parameters
    ----------
    precision, score
        (..., R) the best precision that is reached at each recall or above, and the score of the
        detection that reaches the recall; 0 where it is not reached.
    recall
        (...) the share of the objects that is found.
    """

    precision: Floats
    score: Floats
    recall: Floats


def precision_over_recall(
    scores: ArrayLike,
    right: ArrayLike,
    ignored: ArrayLike,
    objects: int,
    recalls: ArrayLike = RECALLS,
) -> Curve:
    """Return precision over recall of the detections of one class, over all pictures.

    Parameters
    ----------
    scores
        (N,) of equal ones the first comes first.
    right, ignored
        (..., N) bool: whether a detection means an object, and whether it does not count.
    objects
        How many there are to be found, at least one.
    recalls
        (R,) rising.

    Raises
    ------
    GeometryError
        If the shapes do not go together, or there is nothing to be found.

    Notes
    -----
    As ``COCOeval.accumulate`` in pycocotools: the curve is made to fall, and is taken at 101
    recalls. Its mean is the average precision.
    """
    sure = np.asarray(scores, np.float64)
    hit, spared = np.asarray(right, bool), np.asarray(ignored, bool)
    at = np.asarray(recalls, np.float64)
    if hit.shape != spared.shape or hit.shape[-1:] != sure.shape or objects < 1:
        raise GeometryError("must be (N,), (..., N) and (..., N), of one object or more.")
    order = np.argsort(-sure, kind="stable")
    sure, hit, spared = sure[order], hit[..., order], spared[..., order]
    true = np.cumsum(hit & ~spared, axis=-1, dtype=np.float64)
    false = np.cumsum(~hit & ~spared, axis=-1, dtype=np.float64)
    found = true / objects
    precise = true / (false + true + np.spacing(1.0))
    falling = np.maximum.accumulate(precise[..., ::-1], axis=-1)[..., ::-1]
    lead = hit.shape[:-1]
    precision, score = np.zeros((*lead, at.size)), np.zeros((*lead, at.size))
    recall = found[..., -1] if sure.size else np.zeros(lead)
    for place in np.ndindex(*lead):
        reached = np.searchsorted(found[place], at, side="left")
        there = reached < sure.size
        precision[place][there] = falling[place][reached[there]]
        score[place][there] = sure[reached[there]]
    return Curve(precision, score, recall)
