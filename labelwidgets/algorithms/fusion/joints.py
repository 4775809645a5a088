"""One skeleton of several."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.algorithms.fusion.mask_votes import read_weights
from labelwidgets.algorithms.fusion.middle import geometric_median
from labelwidgets.errors import GeometryError, SchemaError

Floats = NDArray[np.float64]


def fuse_keypoints(
    points: ArrayLike,
    weights: ArrayLike | None = None,
    how: Literal["median", "mean"] = "median",
) -> Floats:
    """Return the joints in the middle of those of several people.

    Parameters
    ----------
    points
        (D, J, 3): x and y in pixels, and visibility as in COCO (0 not labelled, 1 hidden,
        2 visible) of each joint of each person.
    weights
        (D,) of people, from 0; None is 1 each.
    how
        ``median``: the geometric median of those who labelled the joint; ``mean``.

    Returns
    -------
    ndarray
        (J, 3). A joint is labelled where at least half of the weight has labelled it, and visible
        where at least half of that weight saw it. One that is not labelled is (0, 0, 0).

    Raises
    ------
    GeometryError
        If it is no such array.
    SchemaError
        If `how` is none of both.
    """
    given = np.asarray(points, np.float64)
    if given.ndim != 3 or given.shape[2] != 3 or not given.size or not np.isfinite(given).all():
        raise GeometryError("must be (D, J, 3) finite numbers.", where="points")
    if not np.isin(given[..., 2], (0, 1, 2)).all():
        raise GeometryError("must have visibilities of 0, 1 or 2.", where="points")
    if how not in ("median", "mean"):
        raise SchemaError(f'must be "median" or "mean", not {how!r:.40}.', where="how")
    each = read_weights(weights, len(given))
    fused = np.zeros(given.shape[1:])
    for joint in range(given.shape[1]):
        labelled = given[:, joint, 2] > 0
        force = each[labelled]
        if not force.sum() or force.sum() < each.sum() / 2 * (1 - 1e-9):
            continue
        places = given[labelled, joint, :2]
        seen = force[given[labelled, joint, 2] == 2].sum() >= force.sum() / 2 * (1 - 1e-9)
        middle = (
            geometric_median(places, force) if how == "median" else (force @ places) / force.sum()
        )
        fused[joint] = (*middle, 2 if seen else 1)
    return fused
