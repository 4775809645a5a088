"""Which detection means which object: by their scores, as COCO's evaluation has it."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.errors import GeometryError

Floats: TypeAlias = NDArray[np.float64]
Bits: TypeAlias = NDArray[np.bool_]
Indices: TypeAlias = NDArray[np.int64]

# What pycocotools takes for a threshold of 1: overlaps are rounded.
_ALMOST = 1 - 1e-10


class Matched(NamedTuple):
    """What detections of one picture and class come to.

    Parameters
    ----------
    partner
        (A, T, D) int64: for each of A ranges of sizes and T thresholds the object that a
        detection means, -1 for none.
    ignored
        (A, T, D) bool: the detection counts neither as right nor as wrong.
    """

    partner: Indices
    ignored: Bits


def match_detections(
    overlaps: ArrayLike,
    thresholds: ArrayLike,
    ignored: ArrayLike,
    crowd: ArrayLike,
    outside: ArrayLike,
) -> Matched:
    """Match the detections of one picture and class with its objects, the surest first.

    Each takes the object that it overlaps most of those that are still free; one that is ignored
    only where no other is left. A crowd is free for any number of them.

    Parameters
    ----------
    overlaps
        (D, G) from 0 to 1, the surest detection first.
    thresholds
        (T,) what overlaps less is no match.
    ignored
        (A, G) bool: in each range of sizes, the objects that need not be found.
    crowd
        (G,) bool.
    outside
        (A, D) bool: in each range of sizes, the detections that are not in it; without a partner
        they are ignored.

    Raises
    ------
    GeometryError
        If the shapes do not go together.

    Notes
    -----
    The greedy matching of ``COCOeval.evaluateImg`` in pycocotools, for all ranges and thresholds
    at once: of equal overlaps the last object counts, in the order of the file.
    """
    alike = np.asarray(overlaps, np.float64)
    least = np.minimum(np.asarray(thresholds, np.float64), _ALMOST)
    spared, many = np.asarray(ignored, bool), np.asarray(crowd, bool)
    beyond = np.asarray(outside, bool)
    shapes = (spared.ndim, beyond.ndim, least.ndim) == (2, 2, 1) and alike.ndim == 2
    if (
        not shapes
        or (beyond.shape[1], spared.shape[1]) != alike.shape
        or many.shape != (alike.shape[1],)
    ):
        raise GeometryError("must be (D, G), (T,), (A, G), (G,) and (A, D).", where="overlaps")
    ranges, count, objects = len(spared), len(least), alike.shape[1]
    partner = np.full((ranges, count, len(alike)), -1, np.int64)
    left_out = np.zeros(partner.shape, bool)
    if objects:
        free = np.ones((ranges, count, objects), bool)
        near = alike[:, None, :] >= least[None, :, None]
        at = np.ogrid[:ranges, :count]
        for which in np.flatnonzero(near.any(axis=(1, 2))):
            able = near[which][None] & free
            # What need not be found comes behind all that must be.
            rank = np.where(able, alike[which] + 2.0 * ~spared[:, None, :], -1.0)
            best = objects - 1 - np.argmax(rank[..., ::-1], axis=2)
            found = np.take_along_axis(able, best[..., None], axis=2)[..., 0]
            partner[:, :, which] = np.where(found, best, -1)
            left_out[:, :, which] = found & spared[np.arange(ranges)[:, None], best]
            free[at[0], at[1], best] &= ~found | many[best]
    left_out |= (partner < 0) & beyond[:, None, :]
    return Matched(partner, left_out)
