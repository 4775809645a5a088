"""What the values of a set of voxels come to: number, mean, deviation and range."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


class ValueStatistics(NamedTuple):
    """What the values of some voxels come to; of no voxels, all but the first are NaN.

    Parameters
    ----------
    voxels
        How many there are.
    mean
        Their mean.
    squares
        The sum of the squares of what they are off the mean.
    least, greatest
        The ends of their range.
    """

    voxels: int
    mean: float
    squares: float
    least: float
    greatest: float

    @property
    def deviation(self) -> float:
        """The standard deviation of all of them (not of a sample, as DICOM's ROI tools have it)."""
        return math.sqrt(self.squares / self.voxels) if self.voxels else math.nan

    def joined(self, other: ValueStatistics) -> ValueStatistics:
        """Return those of both sets together (Chan, Golub and LeVeque 1979)."""
        if not self.voxels or not other.voxels:
            return self if self.voxels else other
        count = self.voxels + other.voxels
        apart = other.mean - self.mean
        return ValueStatistics(
            count,
            self.mean + apart * other.voxels / count,
            self.squares + other.squares + apart * apart * self.voxels * other.voxels / count,
            min(self.least, other.least),
            max(self.greatest, other.greatest),
        )


NOTHING = ValueStatistics(0, math.nan, math.nan, math.nan, math.nan)


def value_statistics(values: NDArray[Any], mask: NDArray[np.bool_]) -> ValueStatistics:
    """Return what the values of the voxels of a mask of the same shape come to."""
    some = values[mask].astype(np.float64)
    if not some.size:
        return NOTHING
    mean = float(some.mean())
    squares = float(((some - mean) ** 2).sum())
    return ValueStatistics(some.size, mean, squares, float(some.min()), float(some.max()))


def volume_statistics(
    slices: Iterable[tuple[NDArray[Any], NDArray[np.bool_]]],
) -> ValueStatistics:
    """Return what the values of a mask through several slices come to, one slice at a time.

    Parameters
    ----------
    slices
        Values (H, W) and mask (H, W) of each.
    """
    found = NOTHING
    for values, mask in slices:
        found = found.joined(value_statistics(values, mask))
    return found
