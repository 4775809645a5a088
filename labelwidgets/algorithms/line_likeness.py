"""How alike two lines or two sets of joints are, from 0 to 1.

Coordinates are in pixels, x right and y down.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def object_keypoint_similarity(
    first: ArrayLike, second: ArrayLike, area: float, sigma: float = 0.09
) -> float:
    """Return the similarity of two sets of joints, as COCO's evaluation of keypoints has it.

    Parameters
    ----------
    first, second
        (N, 3) x, y and visibility in pixels; a joint of visibility 0 was not labelled.
    area
        Of the object, in square pixels.
    sigma
        How far apart two people put a joint, as a share of the root of the area: one standard
        deviation, the same for all joints.

    Returns
    -------
    float
        The mean of exp(-d^2 / (2 area (2 sigma)^2)) over the joints that either has; one that
        only one of them has counts 0. It is 0 where numbers of joints differ, and 1 where
        neither has any.
    """
    one, other = np.asarray(first, np.float64), np.asarray(second, np.float64)
    if one.shape != other.shape:
        return 0.0
    seen, seen_too = one[:, 2] > 0, other[:, 2] > 0
    either, both = seen | seen_too, seen & seen_too
    if not either.any():
        return 1.0
    squares = ((one[:, :2] - other[:, :2]) ** 2).sum(axis=1)
    if area <= 0:
        return float((both & (squares == 0)).sum() / either.sum())
    near = np.exp(-squares / (2 * area * (2 * sigma) ** 2))
    return float(near[both].sum() / either.sum())


def line_similarity(
    first: ArrayLike, second: ArrayLike, area: float, thickness: float = 0.01
) -> tuple[float, float]:
    """Return how alike two lines are, as they are drawn and with one of them turned round.

    Both are walked at the same share of their lengths, stopping at each vertex of either; what
    is seen there is compared as joints are (see `object_keypoint_similarity`).

    Parameters
    ----------
    first, second
        (N, 2) and (M, 2) vertices in pixels.
    area
        Of the picture, in square pixels.
    thickness
        How far apart two people draw a line, as a share of the root of the area.

    Returns
    -------
    tuple of float
        From 0 to 1 each; the first is the greater one where both go the same way.
    """
    one, other = np.asarray(first, np.float64), np.asarray(second, np.float64)
    return (
        _walked(one, other, area * (2 * thickness) ** 2),
        _walked(one, other[::-1], area * (2 * thickness) ** 2),
    )


def _walked(one: NDArray[np.float64], other: NDArray[np.float64], spread: float) -> float:
    at_one, at_other = _shares(one), _shares(other)
    stops = np.unique(np.concatenate([at_one, at_other]))
    squares = np.zeros(len(stops))
    for axis in (0, 1):
        apart = np.interp(stops, at_one, one[:, axis]) - np.interp(stops, at_other, other[:, axis])
        squares += apart**2
    if spread <= 0:
        return float((squares == 0).mean())
    return float(np.exp(-squares / (2 * spread)).mean())


def _shares(line: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how much of the line's length lies before each of its vertices."""
    legs = np.hypot(*np.diff(line, axis=0).T)
    total = legs.sum()
    if total <= 0:
        return np.linspace(0, 1, len(line))
    shares: NDArray[np.float64] = np.concatenate([[0.0], np.cumsum(legs)]) / total
    shares[-1] = 1.0
    return shares
