"""Regions of a volume grown on arrays of bool: where nothing is compiled, and to compare with."""

from __future__ import annotations

import heapq
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labelwidgets.algorithms.box_masks import BoxMask, Index
from labelwidgets.algorithms.volume_reach import Bits, Reach, nearest_to_seed, part_of, thinned


class PlainGrowth:
    """What grows in a volume, by scipy; it does what `BitGrowth` does."""

    def __init__(self, volume: NDArray[Any], reach: Reach, lower: Any, upper: Any) -> None:
        self.reach = reach
        part = volume[reach.box]
        self.allowed = (part >= lower) & (part <= upper)
        if reach.halves.size:
            columns = np.abs(np.arange(part.shape[2]) - reach.inner[2])
            self.allowed &= columns <= reach.halves[..., None]
        self.made = self.allowed

    @property
    def count(self) -> int:
        """How many voxels are selected."""
        return int(np.count_nonzero(self.made))

    def wall_off(self, walls: BoxMask) -> None:
        """Let nothing be selected, nor grown through, where walls are."""
        mask = part_of(walls, self.reach)
        if mask is not None:
            self.allowed &= ~mask

    def open(self, ball: NDArray[np.int64]) -> None:
        """Leave out what a ball, in rows, does not fit into."""
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
        found = nearest_to_seed(self.allowed, self.reach, opening) if opening else None
        self.start = found or self.start
        return found is not None

    def flood(self) -> None:
        """Select what is reached from where the region begins."""
        from scipy import ndimage

        labels, _ = ndimage.label(self.allowed)
        self.made = labels == labels[self.start]

    def thin(self, allowed: Bits, most: int, connected: bool) -> None:
        """Keep so many of the voxels that are selected: those reached first, or the nearest."""
        if connected:
            self.made = _reached(allowed, self.reach, self.start, most)
        else:
            self.made = thinned(self.made, self.reach, most)

    def region(self) -> BoxMask:
        """Return what is selected."""
        return BoxMask(self.made, self.reach.first)

    def nothing(self) -> BoxMask:
        """Return a mask of the same box in which nothing is selected."""
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
