"""What of a volume lies within a distance of a voxel, and how far from it.

Indices are (slice, row, column), from 0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from labelwidgets.algorithms.box_masks import BoxMask, Index
from labelwidgets.errors import GeometryError

Bits: TypeAlias = NDArray[np.bool_]
Floats: TypeAlias = NDArray[np.float64]
Spacing: TypeAlias = tuple[float | Sequence[float], float, float]


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


def thinned(mask: Bits, reach: Reach, most: int) -> Bits:
    """Return so many of the voxels of a mask of the box, the nearest ones."""
    places = np.flatnonzero(mask)
    distances = reach.distances().reshape(-1)[places]
    kept = places[np.lexsort((places, distances))[:most]]
    made = np.zeros_like(mask)
    made.reshape(-1)[kept] = True
    return made


def nearest_to_seed(allowed: Bits, reach: Reach, radius: float) -> Index | None:
    """Return the voxel of a mask of the box that is nearest to the seed, None for none so near."""
    places = np.flatnonzero(allowed)
    distances = reach.distances().reshape(-1)[places]
    if not places.size or distances.min() > radius * radius:
        return None
    z, y, x = np.unravel_index(places[np.argmin(distances)], allowed.shape)
    return int(z), int(y), int(x)


def part_of(walls: BoxMask, reach: Reach) -> Bits | None:
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
