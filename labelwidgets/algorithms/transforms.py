"""Whole shapes turned and scaled.

Coordinates are in pixels, x right and y down; angles are in degrees,
clockwise on the screen. Nothing is rounded.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from labelwidgets.errors import GeometryError

XY = tuple[float, float]


class RectangleParameters(NamedTuple):
    """A rectangle by its top left corner before turning, size, and turn about its centre."""

    x: float
    y: float
    width: float
    height: float
    angle: float = 0.0


class EllipseParameters(NamedTuple):
    """An ellipse by its centre, half axes, and turn about its centre."""

    x: float
    y: float
    rx: float
    ry: float
    angle: float = 0.0


def normalise_angle(degrees: float) -> float:
    """Return the angle of the same direction that is more than -180 and at most 180 degrees."""
    return degrees - 360.0 * math.ceil((degrees - 180.0) / 360.0)


def rotate_points(points: Any, centre: XY, degrees: float) -> NDArray[np.float64]:
    """Return points turned clockwise about a centre.

    Parameters
    ----------
    points
        (N, 2) x and y in pixels.
    centre
        (x, y) that stays where it is.
    degrees
        Clockwise turn.

    Returns
    -------
    ndarray
        (N, 2) float64.

    Raises
    ------
    GeometryError
        If anything is not a finite number, or `points` has another shape.
    """
    xy = _points(points)
    cx, cy = _pair(centre, "centre")
    angle = math.radians(_finite(degrees, "degrees"))
    cos, sin = math.cos(angle), math.sin(angle)
    dx, dy = xy[:, 0] - cx, xy[:, 1] - cy
    return np.column_stack([cx + dx * cos - dy * sin, cy + dx * sin + dy * cos])


def scale_points(points: Any, anchor: XY, sx: float, sy: float) -> NDArray[np.float64]:
    """Return points stretched away from an anchor by a factor on either axis.

    Parameters
    ----------
    points
        (N, 2) x and y in pixels.
    anchor
        (x, y) that stays where it is.
    sx, sy
        Factors, both greater than 0.

    Returns
    -------
    ndarray
        (N, 2) float64.

    Raises
    ------
    GeometryError
        If a factor is not a finite number greater than 0, or `points` are no points.
    """
    xy = _points(points)
    _factors(sx, sy)
    origin = np.array(_pair(anchor, "anchor"))
    scaled: NDArray[np.float64] = origin + (xy - origin) * np.array([sx, sy])
    return scaled


def rotate_rectangle(
    rectangle: RectangleParameters | tuple[float, ...], centre: XY, degrees: float
) -> RectangleParameters:
    """Return a rectangle turned clockwise about a centre; its size stays.

    Raises
    ------
    GeometryError
        If anything is not a finite number.
    """
    x, y, width, height, angle = _parameters(RectangleParameters, rectangle)
    middle = [(x + width / 2, y + height / 2)]
    ((cx, cy),) = rotate_points(middle, centre, degrees).tolist()
    turned = normalise_angle(angle + degrees)
    return RectangleParameters(cx - width / 2, cy - height / 2, width, height, turned)


def scale_rectangle(
    rectangle: RectangleParameters | tuple[float, ...], anchor: XY, sx: float, sy: float
) -> RectangleParameters:
    """Return a rectangle scaled from an anchor.

    A turned rectangle that is stretched more on one axis than on the other
    would become a parallelogram: what is returned has its centre, the
    direction and length of its upper side, and the length of its left one.

    Raises
    ------
    GeometryError
        If a factor is not a finite number greater than 0.
    """
    x, y, width, height, angle = _parameters(RectangleParameters, rectangle)
    _factors(sx, sy)
    ((cx, cy),) = scale_points([(x + width / 2, y + height / 2)], anchor, sx, sy).tolist()
    across, down, turned = _sides(angle, sx, sy)
    w, h = width * across, height * down
    return RectangleParameters(cx - w / 2, cy - h / 2, w, h, turned)


def rotate_ellipse(
    ellipse: EllipseParameters | tuple[float, ...], centre: XY, degrees: float
) -> EllipseParameters:
    """Return an ellipse turned clockwise about a centre; its half axes stay.

    Raises
    ------
    GeometryError
        If anything is not a finite number.
    """
    x, y, rx, ry, angle = _parameters(EllipseParameters, ellipse)
    ((cx, cy),) = rotate_points([(x, y)], centre, degrees).tolist()
    return EllipseParameters(cx, cy, rx, ry, normalise_angle(angle + degrees))


def scale_ellipse(
    ellipse: EllipseParameters | tuple[float, ...], anchor: XY, sx: float, sy: float
) -> EllipseParameters:
    """Return an ellipse scaled from an anchor, exactly.

    Notes
    -----
    The image of an ellipse under a linear map is an ellipse; its half axes
    are the singular values of the map times the old axes, in the closed form
    for 2 x 2 matrices (Blinn, Consider the lowly 2x2 matrix, IEEE CG&A, 1996).

    Raises
    ------
    GeometryError
        If a factor is not a finite number greater than 0.
    """
    x, y, rx, ry, angle = _parameters(EllipseParameters, ellipse)
    _factors(sx, sy)
    ((cx, cy),) = scale_points([(x, y)], anchor, sx, sy).tolist()
    if sx == sy:
        return EllipseParameters(cx, cy, rx * sx, ry * sx, normalise_angle(angle))
    turn = math.radians(angle)
    cos, sin = math.cos(turn), math.sin(turn)
    a, b, c, d = sx * cos * rx, -sx * sin * ry, sy * sin * rx, sy * cos * ry
    e, f, g, h = (a + d) / 2, (a - d) / 2, (c + b) / 2, (c - b) / 2
    outer, inner = math.hypot(e, h), math.hypot(f, g)
    longer, shorter = outer + inner, abs(outer - inner)
    if longer - shorter <= 1e-9 * longer:
        return EllipseParameters(cx, cy, longer, shorter, normalise_angle(angle))
    along = math.degrees(math.atan2(g, f) + math.atan2(h, e)) / 2
    # Which of the two is still the first axis: the one nearer to where that went.
    _, _, wanted = _sides(angle, sx, sy)
    across = abs(math.sin(math.radians(along - wanted))) > math.sqrt(0.5)
    if across:
        longer, shorter, along = shorter, longer, along + 90
    if math.cos(math.radians(along - wanted)) < 0:
        along += 180
    return EllipseParameters(cx, cy, longer, shorter, normalise_angle(along))


def rectangle_from_side(start: XY, end: XY, reach: XY) -> RectangleParameters:
    """Return the turned rectangle with one side from `start` to `end`, as far as `reach` is off it.

    Parameters
    ----------
    start, end
        Ends of one side, (x, y) in pixels; they give width and angle.
    reach
        A place on the opposite side, or on the line that it lies on.

    Raises
    ------
    GeometryError
        If anything is not a finite number.
    """
    (x0, y0), (x1, y1) = _pair(start, "start"), _pair(end, "end")
    px, py = _pair(reach, "reach")
    width = math.hypot(x1 - x0, y1 - y0)
    if width == 0:
        return RectangleParameters(x0, y0, 0.0, 0.0, 0.0)
    ux, uy = (x1 - x0) / width, (y1 - y0) / width
    depth = -uy * (px - x0) + ux * (py - y0)
    cx, cy = (x0 + x1) / 2 - uy * depth / 2, (y0 + y1) / 2 + ux * depth / 2
    height = abs(depth)
    angle = normalise_angle(math.degrees(math.atan2(uy, ux)))
    return RectangleParameters(cx - width / 2, cy - height / 2, width, height, angle)


def _sides(angle: float, sx: float, sy: float) -> tuple[float, float, float]:
    """Return how much the axes of a turned shape grow, and the direction of the first."""
    if sx == sy:
        return sx, sy, normalise_angle(angle)
    turn = math.radians(angle)
    ux, uy = math.cos(turn) * sx, math.sin(turn) * sy
    vx, vy = -math.sin(turn) * sx, math.cos(turn) * sy
    return math.hypot(ux, uy), math.hypot(vx, vy), normalise_angle(math.degrees(math.atan2(uy, ux)))


def _finite(value: Any, where: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise GeometryError(f"must be a number, not {value!r:.40}.", where=where) from None
    if not math.isfinite(number):
        raise GeometryError(f"must be a finite number, not {number}.", where=where)
    return number


def _factors(sx: Any, sy: Any) -> None:
    for value, where in ((sx, "sx"), (sy, "sy")):
        if _finite(value, where) <= 0:
            raise GeometryError(f"must be greater than 0, not {value}.", where=where)


def _pair(point: Any, where: str) -> XY:
    try:
        x, y = point
    except (TypeError, ValueError):
        raise GeometryError(f"must be (x, y), not {point!r:.40}.", where=where) from None
    return _finite(x, where), _finite(y, where)


def _parameters(kind: Any, values: Any) -> Any:
    made = kind(*values)
    return kind(*(_finite(value, name) for name, value in zip(kind._fields, made, strict=True)))


def _points(points: Any) -> NDArray[np.float64]:
    try:
        xy = np.asarray(points, np.float64)
    except (TypeError, ValueError):
        raise GeometryError("must be a list of [x, y] pairs.", where="points") from None
    if xy.size == 0:
        xy = xy.reshape(0, 2)
    if xy.ndim != 2 or xy.shape[1] != 2:
        raise GeometryError(f"must have the shape (N, 2), not {xy.shape}.", where="points")
    if not np.isfinite(xy).all():
        raise GeometryError("has a coordinate that is not a finite number.", where="points")
    return xy
