"""Regions of a volume grown from a voxel, kept from leaking.

Indices are (slice, row, column), from 0.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.algorithms.box_masks import BoxMask, Index
from labelwidgets.algorithms.compiling import compiles
from labelwidgets.algorithms.growth import COMPILED, index_of, range_around, volume_of
from labelwidgets.errors import GeometryError

Values: TypeAlias = NDArray[Any]
Bits: TypeAlias = NDArray[np.bool_]
Floats: TypeAlias = NDArray[np.float64]
Spacing: TypeAlias = tuple[float | Sequence[float], float, float]

# Halvings of the radius, until what is filled from near to far is little.
_HALVINGS = 10


class VolumeGrowth(NamedTuple):
    """What was grown.

    Parameters
    ----------
    region
        The voxels selected.
    full
        Whether it ends because it has as many voxels as it may.
    """

    region: BoxMask
    full: bool = False


def grow_volume(
    values: ArrayLike,
    seed: Sequence[int],
    low: float,
    high: float,
    radius: float | None = None,
    *,
    connected: bool = True,
    spacing: Spacing = (1.0, 1.0, 1.0),
    opening: float = 0,
    walls: BoxMask | None = None,
    most: int | None = None,
) -> VolumeGrowth:
    """Select the voxels whose value is near that of a clicked one.

    Parameters
    ----------
    values
        (D, H, W), bool, integers or floats; where they are contiguous they are not copied.
    seed
        Slice, row and column of the clicked voxel.
    low, high
        Range of values **relative to that of the seed**, both ends included.
    radius
        How far from the seed a voxel's centre may lie (a ball), in the unit of `spacing`.
        None: anywhere.
    connected
        True selects the region around the seed: what is reached from it over sides of voxels
        (6 neighbours). False is the literal rule: every voxel in range within the radius.
    spacing
        From slice to slice, row to row and column to column: millimetres, or 1 for voxels. In
        place of the first a sequence of D: where along their normal the slices lie.
    opening
        Radius of a ball, in the unit of `spacing`: what it does not fit into is left out before
        anything is connected (morphological opening), so that nothing grows over bridges
        thinner than the ball. The ends of the volume are no walls to it. Where the seed itself
        is left out, what is grown begins at the voxel nearest to it that is not, within the
        radius of the ball.
    walls
        Voxels that are never selected, nor grown through.
    most
        How many voxels are selected at most. Those that can be reached are taken from near to
        far: always the one nearest to the seed that touches one taken already, of two that are
        as near the first in the volume. Not connected, simply the nearest.

    Raises
    ------
    GeometryError
        If the array has not three dimensions, the seed lies outside, the range is upside down,
        or a length is negative, or not a number.

    Notes
    -----
    Without `opening`, `walls` and `most` the connected region is that of
    `scipy.ndimage.label`.
    """
    volume = volume_of(values, (3,))
    at = index_of(seed, volume.shape, "seed")
    if not low <= high:
        raise GeometryError(f"must be a low and a high end, not {low} to {high}.", where="range")
    for name, number in (("radius", radius), ("opening", opening), ("most", most)):
        if number is not None and not number >= 0:
            raise GeometryError(f"must be 0 or more, not {number}.", where=name)
    reach = Reach.around(volume.shape, at, math.inf if radius is None else radius, spacing)
    lower, upper = range_around(volume[at], low, high)
    fits = compiles() and volume.dtype.str[1:] in COMPILED
    grown: Any = (_Compiled if fits else _Plain)(volume, reach, lower, upper)
    if walls is not None:
        grown.wall_off(walls)
    if opening:
        ball = ball_rows(opening, reach.steps)
        if len(ball) > 1 or ball[0, 2]:
            grown.open(ball)
    if connected and not grown.starts(opening):
        return VolumeGrowth(grown.nothing())
    allowed = grown.allowed
    full = False
    if connected:
        grown.flood()
    if most is not None and grown.count > most:
        full = True
        grown.thin(allowed, most, connected)
    return VolumeGrowth(grown.region(), full)


class Reach:
    """What lies within a distance of a voxel: a box, and how far it goes in each of its rows.

    Parameters
    ----------
    first, end
        Corners of the box.
    seed
        Its centre.
    offsets
        How far slices, rows and columns of the box are off the seed, along each axis.
    steps
        Spacing along each axis; the least one of slices.
    """

    def __init__(
        self, first: Index, end: Index, seed: Index, offsets: tuple[Floats, Floats, Floats]
    ) -> None:
        self.first, self.end, self.seed, self.offsets = first, end, seed, offsets
        self.steps = (1.0, 1.0, 1.0)
        self.halves = np.zeros((0, 0), np.int64)

    @classmethod
    def around(
        cls, shape: tuple[int, ...], seed: tuple[int, ...], radius: float, spacing: Spacing
    ) -> Reach:
        """Return what of a volume lies within a radius of a voxel."""
        first, end, offsets, steps = [], [], [], []
        for step, size, at in zip(spacing, shape, seed, strict=True):
            off = _offsets(step, size, at)
            steps.append(float(np.abs(np.diff(off)).min()) if size > 1 else 1.0)
            near = np.flatnonzero(np.abs(off) <= radius)
            # One more to each side, where nothing is: a ball that is opened with ends there.
            first.append(max(0, int(near[0]) - 1))
            end.append(min(off.size, int(near[-1]) + 2))
            offsets.append(off[first[-1] : end[-1]])
        made = cls(
            (first[0], first[1], first[2]),
            (end[0], end[1], end[2]),
            (seed[0], seed[1], seed[2]),
            (offsets[0], offsets[1], offsets[2]),
        )
        made.steps = (steps[0], steps[1], steps[2])
        if not math.isinf(radius):
            made.halves = made.within(radius)
        return made

    @property
    def box(self) -> tuple[slice, ...]:
        """The box as an index."""
        return tuple(slice(a, b) for a, b in zip(self.first, self.end, strict=True))

    @property
    def shape(self) -> Index:
        """How large the box is."""
        (a, b, c), (d, e, f) = self.first, self.end
        return d - a, e - b, f - c

    @property
    def inner(self) -> Index:
        """The seed, as an index of the box."""
        (a, b, c), (d, e, f) = self.first, self.seed
        return d - a, e - b, f - c

    def within(self, radius: float) -> NDArray[np.int64]:
        """Return how many columns to either side of the seed's lie within a radius, by row.

        A voxel does where the sum of the squares of its offsets is at most that of the radius.
        """
        deep, high, _ = (offset**2 for offset in self.offsets)
        rest = deep[:, None] + high[None, :]
        step, limit = self.steps[2], radius * radius
        root = np.sqrt(np.maximum(limit - rest, 0)) / step
        halves = np.floor(np.minimum(root, sum(self.shape))).astype(np.int64)
        # The root rounds: what counts is the sum of the squares.
        halves += rest + ((halves + 1) * step) ** 2 <= limit
        halves -= rest + (halves * step) ** 2 > limit
        return halves

    def distance(self, index: Index) -> float:
        """Return how far a voxel of the box is from the seed."""
        return math.hypot(*(off[at] for off, at in zip(self.offsets, index, strict=True)))

    def distances(self) -> Floats:
        """Return the square of how far each voxel of the box is from the seed."""
        deep, high, across = (offset**2 for offset in self.offsets)
        found: Floats = (deep[:, None] + high)[..., None] + across
        return found


def ball_rows(radius: float, steps: Sequence[float]) -> NDArray[np.int64]:
    """Return the rows of a ball: (slices off, rows off, columns to either side), by the last."""
    deep, high = (int(radius / step) for step in steps[:2])
    dz, dy = np.mgrid[-deep : deep + 1, -high : high + 1]
    rest = radius * radius - (dz * steps[0]) ** 2 - (dy * steps[1]) ** 2
    half = np.floor(np.sqrt(np.maximum(rest, 0)) / steps[2]).astype(np.int64)
    half -= rest < (half * steps[2]) ** 2
    rows = np.stack([dz, dy, half], axis=-1)[rest >= 0]
    ordered: NDArray[np.int64] = rows[np.argsort(rows[:, 2], kind="stable")]
    return ordered


def _offsets(step: float | Sequence[float], size: int, at: int) -> Floats:
    """Return how far along an axis its voxels are off one of them."""
    if isinstance(step, int | float):
        if not 0 < step < math.inf:
            raise GeometryError(f"must be lengths above 0, not {step}.", where="spacing")
        # As far to one side as to the other, without rounding.
        return np.arange(-at, size - at, dtype=np.float64) * step
    places = np.asarray(step, np.float64)
    gaps = np.diff(places)
    ordered = (gaps > 0).all() or (gaps < 0).all()
    if places.shape != (size,) or not np.isfinite(places).all() or not ordered:
        raise GeometryError(f"must be {size} places in order.", where="spacing[0]")
    off: Floats = places - places[at]
    return off


class _Compiled:
    """Growth on volumes of one bit a voxel."""

    def __init__(self, volume: Values, reach: Reach, lower: Any, upper: Any) -> None:
        from labelwidgets.algorithms.bit_volume_kernels import open_words

        kind, self.reach = COMPILED[volume.dtype.str[1:]], reach
        corner = reach.first
        if not volume.flags.c_contiguous or volume.dtype != np.dtype(kind):
            volume, corner = np.ascontiguousarray(volume[reach.box], kind), (0, 0, 0)
        depth, height, self.width = reach.shape
        self.allowed = np.empty((depth, height, (self.width + 63) // 64), np.uint64)
        self.column = reach.inner[2]
        ends = np.array([lower, upper]).astype(kind)
        open_words(
            volume, corner, self.width, ends[0], ends[1], reach.halves, self.column, self.allowed
        )
        self.made = self.allowed

    @property
    def count(self) -> int:
        from labelwidgets.algorithms.bit_volume_kernels import count_words

        return int(count_words(self.made))

    def wall_off(self, walls: BoxMask) -> None:
        from labelwidgets.algorithms.bit_volume_kernels import pack

        mask = _part(walls, self.reach)
        if mask is not None:
            words = np.empty_like(self.allowed)
            pack(mask.view(np.uint8), words)
            self.allowed &= ~words

    def open(self, ball: NDArray[np.int64]) -> None:
        from labelwidgets.algorithms.bit_opening_kernels import dilate_words, erode_words

        fits, opened = np.empty_like(self.allowed), np.empty_like(self.allowed)
        erode_words(self.allowed, self.width, ball, fits)
        dilate_words(fits, self.width, ball, opened)
        self.allowed = self.made = opened

    def starts(self, opening: float) -> bool:
        """Find where what is grown begins; False for nowhere."""
        z, y, x = self.reach.inner
        found = (self.allowed[z, y, x // 64] >> np.uint64(x % 64)) & np.uint64(1)
        start = self.reach.inner if found else None
        if not found and opening:
            start = _nearest_to_seed(self.region().mask, self.reach, opening)
        if start is None:
            return False
        z, y, x = start
        self._word, self._bit = (z, y, x // 64), np.uint64(1) << np.uint64(x % 64)
        self._off = self.reach.distance(start)
        return True

    def flood(self) -> None:
        self.made = self._flooded(self.allowed)

    def _flooded(self, allowed: NDArray[np.uint64]) -> NDArray[np.uint64]:
        from labelwidgets.algorithms.bit_volume_kernels import flood_words

        made = np.zeros_like(allowed)
        made[self._word] = self._bit
        flood_words(allowed, made)
        return made

    def thin(self, allowed: NDArray[np.uint64], most: int, connected: bool) -> None:
        from labelwidgets.algorithms import bit_nearest_kernels as kernels
        from labelwidgets.algorithms.bit_volume_kernels import count_words

        if most == 0:
            self.made = np.zeros_like(allowed)
            return
        if not connected:
            self.made = _nearest(allowed, self.reach, self.width, most)
            return
        best, count = np.zeros_like(allowed), 1
        best[self._word] = self._bit
        near, far = self._off, math.sqrt(sum(float((off**2).max()) for off in self.reach.offsets))
        part = np.empty_like(allowed)
        for _ in range(_HALVINGS):
            radius = (near + far) / 2
            kernels.limit_words(allowed, self.reach.within(radius), self.column, part)
            made = self._flooded(part)
            number = int(count_words(made))
            if number <= most:
                best, count, near = made, number, radius
            else:
                far = radius
        squares = [offset**2 for offset in self.reach.offsets]
        across = np.zeros(64 * allowed.shape[2])
        across[: self.width] = squares[2]
        kernels.fill_nearest(allowed, best, squares[0], squares[1], across, most - count)
        self.made = best

    def region(self) -> BoxMask:
        return BoxMask.of_words(self.made, self.width, self.reach.first)

    def nothing(self) -> BoxMask:
        return BoxMask.of_words(np.zeros_like(self.allowed), self.width, self.reach.first)


def _nearest(
    allowed: NDArray[np.uint64], reach: Reach, width: int, most: int
) -> NDArray[np.uint64]:
    """Return so many of the voxels that are allowed, the nearest ones."""
    from labelwidgets.algorithms.bit_volume_kernels import pack

    mask = BoxMask.of_words(allowed, width, reach.first).mask
    words = np.empty_like(allowed)
    pack(_thinned(mask, reach, most).view(np.uint8), words)
    return words


def _thinned(mask: Bits, reach: Reach, most: int) -> Bits:
    """Return so many of the voxels of a mask of the box, the nearest ones."""
    places = np.flatnonzero(mask)
    distances = reach.distances().reshape(-1)[places]
    kept = places[np.lexsort((places, distances))[:most]]
    made = np.zeros_like(mask)
    made.reshape(-1)[kept] = True
    return made


class _Plain:
    """The same on arrays of bool, by scipy: where nothing is compiled, and to compare with."""

    def __init__(self, volume: Values, reach: Reach, lower: Any, upper: Any) -> None:
        self.reach = reach
        part = volume[reach.box]
        self.allowed = (part >= lower) & (part <= upper)
        if reach.halves.size:
            columns = np.abs(np.arange(part.shape[2]) - reach.inner[2])
            self.allowed &= columns <= reach.halves[..., None]
        self.made = self.allowed

    @property
    def count(self) -> int:
        return int(np.count_nonzero(self.made))

    def wall_off(self, walls: BoxMask) -> None:
        mask = _part(walls, self.reach)
        if mask is not None:
            self.allowed &= ~mask

    def open(self, ball: NDArray[np.int64]) -> None:
        from scipy import ndimage

        deep, high, half = np.abs(ball).max(axis=0)
        element = np.zeros((2 * deep + 1, 2 * high + 1, 2 * half + 1), bool)
        for dz, dy, wide in ball:
            element[deep + dz, high + dy, half - wide : half + wide + 1] = True
        fits = ndimage.binary_erosion(self.allowed, element, border_value=1)
        self.allowed = self.made = ndimage.binary_dilation(fits, element)

    def starts(self, opening: float) -> bool:
        """Find where what is grown begins; False for nowhere."""
        self.start = self.reach.inner
        if self.allowed[self.start]:
            return True
        found = _nearest_to_seed(self.allowed, self.reach, opening) if opening else None
        self.start = found or self.start
        return found is not None

    def flood(self) -> None:
        from scipy import ndimage

        labels, _ = ndimage.label(self.allowed)
        self.made = labels == labels[self.start]

    def thin(self, allowed: Bits, most: int, connected: bool) -> None:
        if connected:
            self.made = _reached(allowed, self.reach, self.start, most)
        else:
            self.made = _thinned(self.made, self.reach, most)

    def region(self) -> BoxMask:
        return BoxMask(self.made, self.reach.first)

    def nothing(self) -> BoxMask:
        return BoxMask(np.zeros_like(self.allowed), self.reach.first)


def _reached(allowed: Bits, reach: Reach, start: Index, most: int) -> Bits:
    """Return the first voxels that are reached, from near to far."""
    made, seen = np.zeros_like(allowed), ~allowed
    distances = reach.distances()
    queue = [(float(distances[start]), start)]
    seen[start] = True
    for _ in range(most):
        if not queue:
            break
        _, place = heapq.heappop(queue)
        made[place] = True
        for axis in range(3):
            for step in (-1, 1):
                beside = list(place)
                beside[axis] += step
                if not 0 <= beside[axis] < allowed.shape[axis]:
                    continue
                index = (beside[0], beside[1], beside[2])
                if not seen[index]:
                    seen[index] = True
                    heapq.heappush(queue, (float(distances[index]), index))
    return made


def _nearest_to_seed(allowed: Bits, reach: Reach, radius: float) -> Index | None:
    """Return the voxel of a mask of the box that is nearest to the seed, None for none so near."""
    places = np.flatnonzero(allowed)
    distances = reach.distances().reshape(-1)[places]
    if not places.size or distances.min() > radius * radius:
        return None
    z, y, x = np.unravel_index(places[np.argmin(distances)], allowed.shape)
    return int(z), int(y), int(x)


def _part(walls: BoxMask, reach: Reach) -> Bits | None:
    """Return what of a mask lies in the box, None for nothing."""
    low = [max(a, b) for a, b in zip(walls.start, reach.first, strict=True)]
    high = [min(a, b) for a, b in zip(walls.stop, reach.end, strict=True)]
    if any(a >= b for a, b in zip(low, high, strict=True)):
        return None
    made = np.zeros(reach.shape, bool)
    inner, outer = (
        tuple(slice(a - c, b - c) for a, b, c in zip(low, high, corner, strict=True))
        for corner in (reach.first, walls.start)
    )
    made[inner] = walls.mask[outer]
    return made
