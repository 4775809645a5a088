"""Projections of boxes in space.

A cuboid is (8, 2): the front face clockwise from its top left corner, then
the back face in the same order. Coordinates are in pixels, x right and y down.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from labelwidgets.errors import GeometryError

Corners = NDArray[np.float64]


def cuboid_from_front(
    x: float, y: float, width: float, height: float, depth: tuple[float, float]
) -> Corners:
    """Return the cuboid with an upright front face, its back face moved by `depth`.

    Parameters
    ----------
    x, y, width, height
        The front face in pixels.
    depth
        (x, y) from each front corner to the back one.

    Returns
    -------
    ndarray
        (8, 2) float64.
    """
    front = np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]], float)
    return np.concatenate([front, front + np.asarray(depth, float)])


def move_cuboid_corner(corners: Any, index: int, to: tuple[float, float]) -> Corners:
    """Return a cuboid with one of its corners dragged so that it stays a cuboid.

    A corner of the front resizes both faces: the opposite corner of each stays
    and its sides keep their directions. A corner of the back moves that face whole.

    Parameters
    ----------
    corners
        (8, 2), see above.
    index
        Of the corner, from 0.
    to
        (x, y) where it comes to lie.

    Returns
    -------
    ndarray
        (8, 2) float64.

    Raises
    ------
    GeometryError
        If there are not eight corners, or `index` is none of them.
    """
    points = np.array(corners, dtype=np.float64)
    if points.shape != (8, 2) or not np.isfinite(points).all():
        raise GeometryError("must be eight finite [x, y] pairs.", where="corners")
    if not 0 <= index < 8:
        raise GeometryError(f"must be from 0 to 7, not {index}.", where="index")
    target = np.asarray(to, dtype=np.float64)
    if index >= 4:
        points[4:] += target - points[index]
        return points
    factors = _coordinates(points[:4], index, target)
    if factors is None:
        # A front without area has no directions to keep.
        points[index] = target
        return points
    made = points.copy()
    made[:4] = _resized(points[:4], index, factors)
    made[4:] = _resized(points[4:], index, factors)
    # What the hand took is where the hand is.
    made[index] = target
    return made


def _sides(face: Corners, index: int) -> tuple[Corners, Corners, Corners]:
    """Return the corner opposite of one, and the sides from there to its two neighbours."""
    fixed = face[(index + 2) % 4]
    return fixed, face[(index + 1) % 4] - fixed, face[(index + 3) % 4] - fixed


def _coordinates(face: Corners, index: int, at: Corners) -> tuple[float, float] | None:
    """Return a place in terms of the sides of a face, None where these span no area."""
    fixed, a, b = _sides(face, index)
    turn = float(a[0] * b[1] - a[1] * b[0])
    if abs(turn) < 1e-9:
        return None
    dx, dy = at - fixed
    return float(dx * b[1] - dy * b[0]) / turn, float(a[0] * dy - a[1] * dx) / turn


def _resized(face: Corners, index: int, factors: tuple[float, float]) -> Corners:
    was = _coordinates(face, index, face[index])
    if was is None:
        return face
    fixed, a, b = _sides(face, index)
    made = face.copy()
    made[(index + 1) % 4] = fixed + factors[0] * a
    made[(index + 3) % 4] = fixed + factors[1] * b
    made[index] = fixed + factors[0] * was[0] * a + factors[1] * was[1] * b
    return made
