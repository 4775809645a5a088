"""How far the surfaces of two masks are apart, in pixels or millimetres."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.errors import GeometryError
from labelwidgets.numbered import numbered

Bits: TypeAlias = NDArray[np.bool_]


class SurfaceDistances(NamedTuple):
    """Distances between two surfaces; NaN where one mask has none.

    Parameters
    ----------
    hausdorff
        The largest: from the point of either that is farthest from the other.
    hausdorff95
        The same of 95 % of the points of each: the larger of the two 95th percentiles.
    mean
        Of all points of both.
    """

    hausdorff: float
    hausdorff95: float
    mean: float


def surface_distances(
    mask: ArrayLike, other: ArrayLike, spacing: Sequence[float] | None = None
) -> SurfaceDistances:
    """Return how far the surfaces of two masks are apart.

    Parameters
    ----------
    mask, other
        (H, W) or (K, H, W) each, bool or numbers; what is not 0 is set.
    spacing
        Distance from pixel to pixel along each axis of the arrays, as in millimetres; 1 without.

    Returns
    -------
    SurfaceDistances
        In the unit of `spacing`, pixels without.

    Raises
    ------
    GeometryError
        If the masks have not one shape of two or three dimensions, or the spacing does not fit.

    Notes
    -----
    The surface is what of a mask touches, by a side, what is not set. Percentiles are taken of
    each direction, and the larger counts, as in MONAI and Maier-Hein et al., "Metrics reloaded",
    Nature Methods 21 (2024).
    """
    from scipy import ndimage

    a, b = np.asarray(mask) != 0, np.asarray(other) != 0
    if a.shape != b.shape or a.ndim not in (2, 3):
        raise GeometryError(
            f"of {a.shape} and {b.shape} do not go together: both must be (H, W) or (K, H, W).",
            where="masks",
        )
    steps = (1.0,) * a.ndim if spacing is None else tuple(float(step) for step in spacing)
    if len(steps) != a.ndim or not all(np.isfinite(step) and step > 0 for step in steps):
        raise GeometryError(f"must be {numbered(a.ndim, 'number')} above 0.", where="spacing")
    if not a.any() or not b.any():
        return SurfaceDistances(np.nan, np.nan, np.nan)
    box = _box_of(a | b)
    mine, its = _surface(a[box]), _surface(b[box])
    there = ndimage.distance_transform_edt(~its, sampling=steps)[mine]
    back = ndimage.distance_transform_edt(~mine, sampling=steps)[its]
    return SurfaceDistances(
        float(max(there.max(), back.max())),
        float(max(np.percentile(there, 95), np.percentile(back, 95))),
        float((there.sum() + back.sum()) / (there.size + back.size)),
    )


def _surface(mask: Bits) -> Bits:
    from scipy import ndimage

    surface: Bits = mask & ~ndimage.binary_erosion(mask)
    return surface


def _box_of(mask: Bits) -> tuple[slice, ...]:
    found = []
    for axis in range(mask.ndim):
        line = mask.any(axis=tuple(other for other in range(mask.ndim) if other != axis))
        places = np.flatnonzero(line)
        found.append(slice(int(places[0]), int(places[-1]) + 1))
    return tuple(found)
