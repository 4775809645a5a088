"""One outline of several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from labelwidgets.algorithms.fusion.mask_votes import majority_mask
from labelwidgets.algorithms.polygons import as_parts, polygon_to_mask
from labelwidgets.algorithms.tracing import mask_to_polygons
from labelwidgets.errors import GeometryError

Parts = list[list[list[tuple[float, float]]]]

# Votes are counted on a grid of so many cells along the longer side: finer than pixels for what
# is small, coarser for what is larger than a screen.
_CELLS = 1024


def fuse_polygons(
    polygons: Sequence[Any], weights: ArrayLike | None = None, at_least: float = 0.5
) -> Parts:
    """Return the outline of where more than a share of several areas lie.

    Votes are counted on a grid, finer than pixels for small shapes, and the outline is drawn
    around the cells that have enough; it is within a cell of where it should be.

    Parameters
    ----------
    polygons
        D areas, each as `polygon_to_mask` takes it: parts of rings, in pixels.
    weights
        (D,) of people, from 0; None is 1 each.
    at_least
        The share of the weight that must be passed; see `majority_mask`.

    Returns
    -------
    list
        Parts as in GeoJSON's MultiPolygon, in pixels; empty where no place has enough votes.

    Raises
    ------
    GeometryError
        If there is no area, or one has a ring of less than three points.
    """
    if not len(polygons):
        raise GeometryError("must be one at least.", where="polygons")
    areas = [as_parts(one) for one in polygons]
    points = np.concatenate([ring for parts in areas for rings in parts for ring in rings])
    low, high = points.min(axis=0), points.max(axis=0)
    longer = float((high - low).max())
    if longer <= 0:
        return []
    scale = _CELLS / longer
    columns, rows = (np.ceil((high - low) * scale).astype(int) + 1).tolist()
    masks = [
        polygon_to_mask(
            [[(ring - low) * scale for ring in rings] for rings in parts], (rows, columns)
        )
        for parts in areas
    ]
    mask = majority_mask(masks, weights, at_least)
    if not mask.any():
        return []
    return [
        [[(x / scale + low[0], y / scale + low[1]) for x, y in ring] for ring in rings]
        for rings in mask_to_polygons(mask, tolerance=1.0)
    ]
