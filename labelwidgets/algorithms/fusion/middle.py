"""The middle of points that one far away one does not move."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.algorithms.fusion.mask_votes import read_weights
from labelwidgets.errors import GeometryError

Floats = NDArray[np.float64]

_ROUNDS = 200


def geometric_median(
    points: ArrayLike, weights: ArrayLike | None = None, tolerance: float = 1e-9
) -> Floats:
    """Return the point with the least sum of distances to others.

    Weiszfeld's iteration, after the points themselves have been tried: whether one of them is it,
    Vardi and Zhang (2000) say without one.

    Parameters
    ----------
    points
        (D, C) in pixels.
    weights
        (D,) from 0; None is 1 each.
    tolerance
        In pixels, relative to how far the points are apart.

    Returns
    -------
    ndarray
        (C,)

    Raises
    ------
    GeometryError
        If there is no point or a number is not finite.
    """
    given = np.asarray(points, np.float64)
    if given.ndim != 2 or not given.size or not np.isfinite(given).all():
        raise GeometryError("must be (D, C) finite numbers of one point at least.", where="points")
    each = read_weights(weights, len(given))
    middle: Floats = (each @ given) / each.sum()
    spread = float(np.abs(given - middle).max())
    if spread == 0:
        return middle
    for point in given[each > 0]:
        # A point is it where the others pull less hard than it holds.
        away = np.linalg.norm(given - point, axis=1)
        here = away <= 1e-12 * spread
        pull = np.where(here, 0.0, each / np.where(here, 1.0, away))
        if np.linalg.norm(pull @ (given - point)) <= each[here].sum():
            found: Floats = point.copy()
            return found
    for _ in range(_ROUNDS):
        away = np.linalg.norm(given - middle, axis=1)
        # It is none of the points; it may come by one.
        pull = each / np.maximum(away, 1e-12 * spread)
        after: Floats = (pull @ given) / pull.sum()
        if np.abs(after - middle).max() <= tolerance * spread:
            return after
        middle = after
    return middle
