"""Templates of skeletons, fitted into a box.

Coordinates are in pixels, x right and y down; those of a template from 0 to 1.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from labelwidgets.errors import GeometryError


def fit_template(
    positions: Any, x: float, y: float, width: float, height: float
) -> NDArray[np.float64]:
    """Return where the joints of a skeleton's template lie in a box.

    Parameters
    ----------
    positions
        (N, 2) x and y from 0 to 1, as `Skeleton.positions` has them.
    x, y, width, height
        The box in pixels.

    Returns
    -------
    ndarray
        (N, 2) float64: the template stretched so that its outermost joints
        lie on the sides of the box; in the middle where it has no extent.

    Raises
    ------
    GeometryError
        If `positions` are not (N, 2) finite numbers.
    """
    at = np.array(positions, dtype=np.float64)
    if at.ndim != 2 or at.shape[1] != 2 or not len(at) or not np.isfinite(at).all():
        raise GeometryError("must be a list of finite [x, y] pairs.", where="positions")
    low, high = at.min(axis=0), at.max(axis=0)
    extent = high - low
    share = np.where(extent > 0, (at - low) / np.where(extent > 0, extent, 1), 0.5)
    fitted: NDArray[np.float64] = np.array([x, y]) + share * np.array([width, height])
    return fitted
