"""How far polygons and lines overlap, pair by pair, in exact areas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.algorithms.polygons import as_parts

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

Floats: TypeAlias = NDArray[np.float64]


def polygon_ious(
    polygons: Sequence[Any], others: Sequence[Any], first: ArrayLike, second: ArrayLike
) -> Floats:
    """Return the intersection over union of pairs of polygons.

    Parameters
    ----------
    polygons, others
        Polygons as in `polygon_to_mask`: parts, rings or a ring, in pixels; edges may cross
        (even-odd rule).
    first, second
        (P,) the one of `polygons` and the one of `others` of each pair.

    Returns
    -------
    ndarray
        (P,) float64; 0 where neither has an area.

    Raises
    ------
    GeometryError
        If a coordinate is not a finite number.
    """
    a, b = [area_of(one) for one in polygons], [area_of(one) for one in others]
    return area_ious(_array(a)[np.asarray(first, int)], _array(b)[np.asarray(second, int)])


def line_ious(
    lines: Sequence[ArrayLike],
    others: Sequence[ArrayLike],
    first: ArrayLike,
    second: ArrayLike,
    thickness: float,
) -> Floats:
    """Return the intersection over union of pairs of lines drawn with a thick pen.

    Parameters
    ----------
    lines, others
        (N, 2) points each, in pixels.
    first, second
        (P,) the one of `lines` and the one of `others` of each pair.
    thickness
        Width of the pen in pixels, its tip round.
    """
    a = _array([band_of(line, thickness) for line in lines])
    b = _array([band_of(line, thickness) for line in others])
    return area_ious(a[np.asarray(first, int)], b[np.asarray(second, int)])


def area_of(polygon: Any) -> BaseGeometry:
    """Return a polygon, given as to `polygon_ious`, as a valid area of shapely."""
    import shapely

    parts = [
        shapely.Polygon(outer, [ring for ring in holes]) for outer, *holes in as_parts(polygon)
    ]
    sound = [part if part.is_valid else shapely.make_valid(part) for part in parts]
    return sound[0] if len(sound) == 1 else shapely.union_all(sound)


def band_of(line: ArrayLike, thickness: float) -> BaseGeometry:
    """Return the area that a pen of a thickness covers along a line."""
    import shapely

    return shapely.LineString(np.asarray(line, np.float64)).buffer(thickness / 2)


def area_ious(a: NDArray[Any], b: NDArray[Any]) -> Floats:
    """Return the intersection over union of each area with the one beside it."""
    import shapely

    shared = shapely.area(shapely.intersection(a, b))
    whole = shapely.area(a) + shapely.area(b) - shared
    ious: Floats = shared / np.where(whole > 0, whole, 1.0)
    # Rounding at crossings may leave it a hair above.
    return np.minimum(ious, 1.0)


def _array(areas: Sequence[BaseGeometry]) -> NDArray[Any]:
    made = np.empty(len(areas), object)
    made[:] = areas
    return made
