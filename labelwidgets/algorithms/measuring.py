"""Lengths, angles, areas and the values inside, as a ruler tells them.

Coordinates are in pixels, x right and y down; the centre of pixel (i, j) is (i + 0.5, j + 0.5).
`spacing` is the millimetres of a pixel along x and y: with (1, 1) results are in pixels. The
browser has the same functions, held to the same table of results.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

XY: TypeAlias = tuple[float, float]
PIXELS: XY = (1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Statistics:
    """What some values are together; NaN where there is none.

    Parameters
    ----------
    count
        How many are finite; the others are left out of everything.
    mean, sd
        Their mean, and their standard deviation as a population: that of all pixels there are
        (the sum of squares is divided by `count`).
    least, most
        The smallest and the largest.
    """

    count: int
    mean: float
    sd: float
    least: float
    most: float


def path_length(points: Sequence[XY], spacing: XY = PIXELS) -> float:
    """Return the length of a path along all of its legs.

    Parameters
    ----------
    points
        (x, y) each, in pixels.
    spacing
        Millimetres a pixel along x and y.

    Returns
    -------
    float
        In millimetres; 0 for a single point.
    """
    return math.fsum(
        math.hypot((x1 - x0) * spacing[0], (y1 - y0) * spacing[1])
        for (x0, y0), (x1, y1) in pairwise(points)
    )


def angle_between(points: Sequence[XY], spacing: XY = PIXELS) -> float:
    """Return the angle at the second of three points.

    Parameters
    ----------
    points
        Three of them, (x, y) in pixels.
    spacing
        Millimetres a pixel along x and y: where they differ, the angle in the patient is another
        than that in the picture.

    Returns
    -------
    float
        From 0 to 180 degrees; NaN where there are not three points, or two of them are one.
    """
    if len(points) != 3:
        return math.nan
    (ax, ay), (bx, by), (cx, cy) = points
    ux, uy = (ax - bx) * spacing[0], (ay - by) * spacing[1]
    vx, vy = (cx - bx) * spacing[0], (cy - by) * spacing[1]
    if (ux == 0 and uy == 0) or (vx == 0 and vy == 0):
        return math.nan
    # Of the two, sine and cosine, one always is exact enough.
    return math.degrees(abs(math.atan2(ux * vy - uy * vx, ux * vx + uy * vy)))


def two_axes(points: Sequence[XY], spacing: XY = PIXELS) -> tuple[float, float]:
    """Return the long and the short axis of a bidirectional measurement (as of RECIST 1.1).

    Parameters
    ----------
    points
        Four: the ends of one axis, then those of the other, (x, y) in pixels.
    spacing
        Millimetres a pixel along x and y.

    Returns
    -------
    tuple of float
        The longer one first, in millimetres; NaN both where there are not four points.
    """
    if len(points) != 4:
        return math.nan, math.nan
    lengths = path_length(points[:2], spacing), path_length(points[2:], spacing)
    return max(lengths), min(lengths)


def ellipse_area(rx: float, ry: float, spacing: XY = PIXELS) -> float:
    """Return the area of an ellipse with these half axes, in square millimetres.

    How it is turned does not matter, not even where pixels are not square.
    """
    return math.pi * rx * ry * spacing[0] * spacing[1]


def ellipse_to_mask(
    x: float, y: float, rx: float, ry: float, angle: float, shape: tuple[int, int]
) -> npt.NDArray[np.bool_]:
    """Return the pixels whose centres lie in an ellipse, those on its line among them.

    Parameters
    ----------
    x, y, rx, ry
        Centre and half axes, in pixels.
    angle
        Degrees by which it is turned, clockwise as it is seen.
    shape
        (height, width) of the picture.

    Returns
    -------
    ndarray
        (height, width) bool.
    """
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    dx = np.arange(shape[1]) + 0.5 - x
    dy = (np.arange(shape[0]) + 0.5 - y)[:, None]
    u, v = (dx * cos + dy * sin) / rx, (dy * cos - dx * sin) / ry
    inside: npt.NDArray[np.bool_] = u * u + v * v <= 1
    return inside


def statistics(values: npt.NDArray[Any]) -> Statistics:
    """Return count, mean, standard deviation, least and most of the finite values.

    Parameters
    ----------
    values
        Of any shape and number type.
    """
    finite = np.asarray(values, np.float64).ravel()
    finite = finite[np.isfinite(finite)]
    if not finite.size:
        return Statistics(0, math.nan, math.nan, math.nan, math.nan)
    return Statistics(
        int(finite.size),
        float(finite.mean()),
        float(finite.std()),
        float(finite.min()),
        float(finite.max()),
    )
