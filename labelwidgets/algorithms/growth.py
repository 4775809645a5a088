"""Regions grown from a click: by grey value, and by colour.

Indices are in array order: (row, column) of a picture, (z, row, column) of a volume.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.algorithms.compiling import compiles
from labelwidgets.algorithms.seeds import COMPILED, index_of, range_around, volume_of
from labelwidgets.errors import GeometryError

Pixels: TypeAlias = NDArray[Any]
Grown: TypeAlias = NDArray[np.bool_]
Index: TypeAlias = tuple[int, ...]
Metric: TypeAlias = Literal["max", "euclidean"]


def grow(
    pixels: ArrayLike,
    seed: Sequence[int],
    low: float,
    high: float,
    radius: float | None = None,
    *,
    connected: bool = True,
    spacing: Sequence[float] | None = None,
) -> Grown:
    """Select the pixels whose value is near that of a clicked one.

    A pixel of 450 clicked with -30, 30 and a radius of 10 selects what has values of
    420 to 480 (both included) and lies within 10 pixels.

    Parameters
    ----------
    pixels
        (H, W) or (D, H, W), bool, integers or floats.
    seed
        Index of the clicked pixel: (row, column) or (z, row, column).
    low, high
        Range of values **relative to that of the seed**, both ends included, in the unit
        of the pixels. Sums are exact for integers: they go on past the ends of the dtype.
    radius
        How far from the seed a pixel's centre may lie (Euclidean, a disc or a ball), in
        pixels, or in millimetres where `spacing` is given. None: anywhere.
    connected
        True selects the region around the seed: pixels that are reached from it over
        sides of pixels (4 neighbours in 2D, 6 in 3D) without leaving range and radius.
        False is the literal rule: every pixel in range within the radius.
    spacing
        Millimetres from pixel to pixel along each axis of the array, where pixels are not
        square or the radius is meant in millimetres.

    Returns
    -------
    ndarray
        bool, of the shape of `pixels`. NaN is never selected. Where `low` and `high` leave
        the seed's own value out, a connected region is empty.

    Raises
    ------
    GeometryError
        If the array has not two or three dimensions, the seed lies outside, the range is
        upside down, or the radius or spacing is negative or not a number.

    Notes
    -----
    Connected regions are those of `scipy.ndimage.label`.
    """
    array = volume_of(pixels, (2, 3))
    where = index_of(seed, array.shape, "seed")
    if not low <= high:
        raise GeometryError(f"must be a low and a high end, not {low} to {high}.", where="range")
    steps = _steps(spacing, array.ndim)
    mask = np.zeros(array.shape, bool)
    if array.ndim == 3:
        from labelwidgets.algorithms.volume_growth import grow_volume

        grow_volume(
            array, where, low, high, radius, connected=connected, spacing=steps
        ).region.put_into(mask)
        return mask
    lower, upper = range_around(array[where], low, high)
    rule = _Rule(lower=[lower], upper=[upper])
    reach = _reach((1, *array.shape), (0, *where), _length(radius), steps)
    _select(array[None, ..., None], (0, *where), rule, reach, connected, mask[None])
    return mask


def wand(
    image: ArrayLike,
    seeds: Sequence[Sequence[int]] | Sequence[int],
    tolerance: float,
    *,
    connected: bool = True,
    radius: float | None = None,
    metric: Metric = "max",
) -> Grown:
    """Select what has nearly the colour of a clicked pixel (the magic wand).

    Parameters
    ----------
    image
        (H, W) grey of any depth, or (H, W, C) colour. Of two or four channels the last one
        is opacity and does not count.
    seeds
        Index (row, column) of a clicked pixel, or of several: what each of them selects by
        its own colour is united.
    tolerance
        How far a colour may be from that of the seed, in the unit of the pixels (0 to 255
        where they are of 8 bits, 0 to 65535 of 16).
    connected
        True: what is reached from the seed over sides of pixels. False: everywhere.
    radius
        How far from the seed a pixel's centre may lie, in pixels. None: anywhere.
    metric
        How far two colours are apart: ``"max"``, the largest difference of a channel;
        ``"euclidean"``, the root of the sum of their squares. The same for grey.

    Returns
    -------
    ndarray
        (H, W) bool.

    Raises
    ------
    GeometryError
        If the image has another shape, a seed lies outside, or a number is impossible.

    Notes
    -----
    For one seed it is `skimage.segmentation.flood` with ``connectivity=1`` on grey, and on
    the image of the distances from the seed's colour.
    """
    array = volume_of(image, (2, 3))
    if array.ndim == 3 and array.shape[2] in (2, 4):
        array = array[..., :-1]
    if metric not in ("max", "euclidean"):
        raise GeometryError(f'must be "max" or "euclidean", not {metric!r}.', where="metric")
    if not tolerance >= 0:
        raise GeometryError(f"must be 0 or more, not {tolerance}.", where="tolerance")
    picture = array.reshape((1, *array.shape[:2], -1))
    mask = np.zeros(picture.shape[:3], bool)
    points = seeds if np.ndim(seeds) == 2 else [seeds]
    length = _length(radius)
    for number, point in enumerate(points):
        row, column = index_of(point, array.shape[:2], f"seeds[{number}]")  # type: ignore[arg-type]
        colour = picture[0, row, column]
        ends = [range_around(value, -tolerance, tolerance) for value in colour]
        limit = float(tolerance) ** 2 if metric == "euclidean" and colour.size > 1 else -1.0
        rule = _Rule([end[0] for end in ends], [end[1] for end in ends], colour, limit)
        reach = _reach(mask.shape, (0, row, column), length, (1.0, 1.0, 1.0))
        _select(picture, (0, row, column), rule, reach, connected, mask)
    selected: Grown = mask[0]
    return selected


class _Rule:
    """Which values may be selected: between two ends in each channel, and near a colour."""

    def __init__(
        self, lower: list[Any], upper: list[Any], centre: Any = (0,), limit: float = -1.0
    ) -> None:
        self.lower, self.upper = lower, upper
        self.centre = np.asarray(centre, np.float64)
        self.limit = limit

    def selects(self, pixels: Pixels) -> Grown:
        """Return where (..., C) pixels may be selected."""
        inside = np.ones(pixels.shape[:-1], bool)
        for channel, (low, high) in enumerate(zip(self.lower, self.upper, strict=True)):
            values = pixels[..., channel]
            inside &= (values >= low) & (values <= high)
        if self.limit >= 0:
            distance = np.zeros(pixels.shape[:-1])
            for channel, value in enumerate(self.centre):
                distance += (pixels[..., channel].astype(np.float64) - value) ** 2
            inside &= distance <= self.limit
        return inside


class _Reach:
    """What lies within a distance: a box, and in each of its rows how far to either side."""

    def __init__(self, first: Index, end: Index, halves: NDArray[np.int64] | None) -> None:
        self.first, self.end, self.halves = first, end, halves

    @property
    def box(self) -> tuple[slice, ...]:
        return tuple(slice(a, b) for a, b in zip(self.first, self.end, strict=True))


def _select(
    pixels: Pixels,
    seed: Index,
    rule: _Rule,
    reach: _Reach,
    connected: bool,
    mask: Grown,
) -> None:
    """Set what is selected in `mask`; pixels are (1, H, W, C)."""
    kind = COMPILED.get(pixels.dtype.str[1:])
    if connected and kind and compiles():
        from labelwidgets.algorithms.flood_kernels import flood

        given = np.ascontiguousarray(pixels[0], kind)
        flood(
            given.reshape(len(given), -1),
            np.array(seed[1:], np.int64),
            _repeated(rule.lower, kind),
            _repeated(rule.upper, kind),
            rule.centre,
            rule.limit,
            np.array([*reach.first[1:], *reach.end[1:], seed[2]], np.int64),
            np.zeros(0, np.int64) if reach.halves is None else reach.halves[0],
            mask[0].view(np.uint8),
        )
        return
    box = reach.box
    allowed = rule.selects(pixels[box])
    if reach.halves is not None:
        columns = np.abs(np.arange(reach.first[2], reach.end[2]) - seed[2])
        allowed &= columns <= reach.halves[..., None]
    if connected:
        allowed = _region(allowed, tuple(s - f for s, f in zip(seed, reach.first, strict=True)))
    mask[box] |= allowed


def _repeated(ends: list[Any], kind: str) -> Pixels:
    """Return the ends of each channel for the 64 pixels of a word."""
    if len(ends) == 1:
        return np.full(64, ends[0], kind)
    return np.tile(np.array(ends, kind), 64)


def _region(allowed: Grown, seed: Index) -> Grown:
    """Return the connected region around a pixel."""
    from scipy import ndimage

    if not allowed[seed]:
        return np.zeros_like(allowed)
    labels, _ = ndimage.label(allowed)
    region: Grown = labels == labels[seed]
    return region


def _reach(shape: Index, seed: Index, radius: float, steps: tuple[float, ...]) -> _Reach:
    """Return what of an array lies within a radius of a pixel."""
    if math.isinf(radius):
        return _Reach((0, 0, 0), shape, None)
    first, end = [], []
    for size, at, step in zip(shape, seed, steps, strict=True):
        far = int(min(size, radius / step + 1))
        first.append(max(0, at - far))
        end.append(min(size, at + far + 1))
    reach = _Reach(tuple(first), tuple(end), None)
    if compiles():
        from labelwidgets.algorithms.flood_kernels import half_widths

        reach.halves = np.empty((end[0] - first[0], end[1] - first[1]), np.int64)
        half_widths(reach.first, (*reach.end[:2], shape[2]), seed, steps, radius, reach.halves)
    else:
        reach.halves = plain_half_widths(reach, shape[2], seed, steps, radius)
    return reach


def plain_half_widths(
    reach: _Reach, width: int, seed: Index, steps: tuple[float, ...], radius: float
) -> NDArray[np.int64]:
    """Return how many columns to either side of the seed's lie within a radius, for each row."""
    deep, high = (
        (np.arange(reach.first[axis] - seed[axis], reach.end[axis] - seed[axis]) * steps[axis]) ** 2
        for axis in (0, 1)
    )
    rest = deep[:, None] + high[None, :]
    step, limit = steps[2], radius * radius
    root = np.sqrt(np.maximum(limit - rest, 0)) / step
    halves = np.floor(np.minimum(root, width)).astype(np.int64)
    # The root rounds: what counts is the sum of the squares.
    halves += rest + ((halves + 1) * step) ** 2 <= limit
    halves -= rest + (halves * step) ** 2 > limit
    return halves


def _length(radius: float | None) -> float:
    if radius is None:
        return math.inf
    if not radius >= 0:
        raise GeometryError(f"must be 0 or more, not {radius}.", where="radius")
    return float(radius)


def _steps(spacing: Sequence[float] | None, dimensions: int) -> tuple[float, float, float]:
    if spacing is None:
        return (1.0, 1.0, 1.0)
    steps = tuple(float(step) for step in spacing)
    if len(steps) != dimensions or not all(0 < step < math.inf for step in steps):
        raise GeometryError(
            f"must be {dimensions} lengths above 0 in mm, one for each axis, not {steps}.",
            where="spacing",
        )
    deep, high, across = (1.0,) * (3 - dimensions) + steps
    return deep, high, across
