"""One box of several."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.algorithms.crowd.settings import share
from labelwidgets.algorithms.fusion.mask_votes import read_weights
from labelwidgets.errors import GeometryError, SchemaError
from labelwidgets.numbered import numbered

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


class FusedBoxes(NamedTuple):
    """What weighted boxes fusion comes to.

    Attributes
    ----------
    boxes : (M, 4) ndarray of float64
        x, y, width and height in pixels.
    scores : (M,) ndarray of float64
        Falling.
    labels : (M,) ndarray of int64
        The class of each.
    members : (N,) ndarray of int64
        Which of them each box went into.
    """

    boxes: Floats
    scores: Floats
    labels: Indices
    members: Indices


def fuse_boxes(
    boxes: ArrayLike, weights: ArrayLike | None = None, how: Literal["mean", "median"] = "mean"
) -> Floats:
    """Return the box whose edges are in the middle of those of several.

    Parameters
    ----------
    boxes
        (D, 4) x, y, width and height of upright boxes of one object, in pixels.
    weights
        (D,) of people, from 0; None is 1 each.
    how
        ``mean``, or ``median``: the edge that half of the weight is left of, which one careless
        box of three does not move.

    Returns
    -------
    ndarray
        (4,)

    Raises
    ------
    GeometryError
        If a box is none.
    SchemaError
        If `how` is none of both.
    """
    given = _boxes(boxes)
    if not len(given):
        raise GeometryError("must be one at least.", where="boxes")
    each = read_weights(weights, len(given))
    if how == "mean":
        # From one of them on, so that the mean of equal boxes is the same box.
        middle: Floats = given[0] + (each @ (given - given[0])) / each.sum()
        return middle
    if how != "median":
        raise SchemaError(f'must be "mean" or "median", not {how!r:.40}.', where="how")
    fused = np.array([weighted_median(edge, each) for edge in _edges(given).T])
    return np.concatenate([fused[:2], fused[2:] - fused[:2]])


def weighted_median(values: Floats, weights: Floats) -> float:
    """Return the number that half of the weight is below; between two of them, their middle."""
    order = np.argsort(values, kind="stable")
    reach = np.cumsum(weights[order])
    half = reach[-1] / 2
    at = int(np.searchsorted(reach, half - 1e-12 * reach[-1]))
    if at + 1 < len(order) and abs(reach[at] - half) <= 1e-12 * reach[-1]:
        # Those of no weight do not count.
        after = at + 1 + int(np.flatnonzero(weights[order][at + 1 :] > 0)[0])
        return float(values[order[at]] + values[order[after]]) / 2
    return float(values[order[at]])


def weighted_boxes_fusion(
    boxes: ArrayLike,
    scores: ArrayLike,
    labels: ArrayLike,
    raters: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    at_least: float = 0.55,
) -> FusedBoxes:
    """Return the objects that several people or models found, from all their boxes.

    Solovyev, Wang and Gabruseva (2021), "Weighted boxes fusion": boxes go from the surest to the
    least sure one, each to the object of its class that it overlaps most, if by more than
    `at_least`; the box of an object is the mean of its boxes by their scores, and its score their
    mean, times the share of the raters that found it.

    Parameters
    ----------
    boxes
        (N, 4) x, y, width and height of upright boxes of one picture, in pixels.
    scores
        (N,) from 0 to 1, how sure each is.
    labels
        (N,) whole numbers, the class of each.
    raters
        (N,) whole numbers from 0, whose each is.
    weights
        (R,) of raters, from 0; None is 1 each. Who found nothing counts too, so give all.
    at_least
        The overlap (intersection over union) that must be passed.

    Returns
    -------
    FusedBoxes

    Raises
    ------
    GeometryError
        If a box is none, or columns differ in length.
    SchemaError
        If the overlap is impossible.
    """
    share(at_least, "at_least")
    given = _boxes(boxes)
    sure, kinds, people = np.asarray(scores, np.float64), np.asarray(labels), np.asarray(raters)
    if not sure.shape == kinds.shape == people.shape == (len(given),):
        raise GeometryError("must be as many as boxes.", where="scores, labels and raters")
    if people.dtype.kind not in "bui" and len(given):
        raise GeometryError("must be whole numbers.", where="raters")
    count = int(people.max(initial=-1)) + 1
    each = read_weights(weights, count if weights is None else len(np.asarray(weights)))
    if len(each) < count:
        raise GeometryError(f"must be one for each of {numbered(count, 'rater')}.", where="weights")
    force = sure * each[people.astype(np.int64)] if len(given) else sure
    edges = _edges(given)
    members = np.full(len(given), -1, np.int64)
    fused = np.empty((len(given), 4))
    heap = np.zeros((len(given), 4))
    weight, many = np.zeros(len(given)), np.zeros(len(given), np.int64)
    kind = np.empty(len(given), np.int64)
    made = 0
    for index in np.argsort(-force, kind="stable").tolist():
        overlaps = _ious(fused[:made], edges[index]) * (kind[:made] == kinds[index])
        best = int(overlaps.argmax()) if made else 0
        if not made or overlaps[best] <= at_least:
            best, made = made, made + 1
            kind[best] = kinds[index]
        members[index] = best
        heap[best] += force[index] * edges[index]
        weight[best] += force[index]
        many[best] += 1
        fused[best] = heap[best] / weight[best] if weight[best] > 0 else edges[index]
    found = np.minimum(many[:made], len(each)) / max(each.sum(), 1e-300)
    result = weight[:made] / np.maximum(many[:made], 1) * found
    order = np.argsort(-result, kind="stable")
    place = np.empty(made, np.int64)
    place[order] = np.arange(made)
    left = fused[:made][order]
    sizes = np.concatenate([left[:, :2], left[:, 2:] - left[:, :2]], axis=1)
    return FusedBoxes(sizes, result[order], kind[:made][order], place[members])


def _boxes(boxes: ArrayLike) -> Floats:
    given = np.asarray(boxes, np.float64)
    if given.size == 0:
        given = given.reshape(0, 4)
    if given.ndim != 2 or given.shape[1] != 4 or not np.isfinite(given).all():
        raise GeometryError("must be (N, 4) finite x, y, width, height.", where="boxes")
    if (given[:, 2:] < 0).any():
        raise GeometryError("must have no width or height below 0.", where="boxes")
    return given


def _edges(boxes: Floats) -> Floats:
    """Return left, top, right and bottom."""
    return np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], axis=1)


def _ious(many: Floats, one: Floats) -> Floats:
    size = np.minimum(many[:, 2:], one[2:]) - np.maximum(many[:, :2], one[:2])
    shared = np.prod(np.maximum(size, 0), axis=1)
    whole = np.prod(many[:, 2:] - many[:, :2], axis=1) + np.prod(one[2:] - one[:2]) - shared
    ious: Floats = shared / np.where(whole > 0, whole, 1)
    return ious
