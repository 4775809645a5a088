"""Regions of a volume grown on one bit a voxel, by compiled code."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labelwidgets.algorithms.box_masks import BoxMask
from labelwidgets.algorithms.seeds import COMPILED
from labelwidgets.algorithms.volume_reach import Reach, nearest_to_seed, part_of, thinned

# Halvings of the radius, until what is filled from near to far is little.
_HALVINGS = 10


class BitGrowth:
    """What grows in a volume, held as one bit a voxel; see `grow_volume`."""

    def __init__(self, volume: NDArray[Any], reach: Reach, lower: Any, upper: Any) -> None:
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
        """How many voxels are selected."""
        from labelwidgets.algorithms.bit_volume_kernels import count_words

        return int(count_words(self.made))

    def wall_off(self, walls: BoxMask) -> None:
        """Let nothing be selected, nor grown through, where walls are."""
        from labelwidgets.algorithms.bit_volume_kernels import pack

        mask = part_of(walls, self.reach)
        if mask is not None:
            words = np.empty_like(self.allowed)
            pack(mask.view(np.uint8), words)
            self.allowed &= ~words

    def open(self, ball: NDArray[np.int64]) -> None:
        """Leave out what a ball, in rows, does not fit into."""
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
            start = nearest_to_seed(self.region().mask, self.reach, opening)
        if start is None:
            return False
        z, y, x = start
        self._word, self._bit = (z, y, x // 64), np.uint64(1) << np.uint64(x % 64)
        self._off = self.reach.distance(start)
        return True

    def flood(self) -> None:
        """Select what is reached from where the region begins."""
        self.made = self._flooded(self.allowed)

    def _flooded(self, allowed: NDArray[np.uint64]) -> NDArray[np.uint64]:
        from labelwidgets.algorithms.bit_volume_kernels import flood_words

        made = np.zeros_like(allowed)
        made[self._word] = self._bit
        flood_words(allowed, made)
        return made

    def thin(self, allowed: NDArray[np.uint64], most: int, connected: bool) -> None:
        """Keep so many of the voxels that are selected: those reached first, or the nearest."""
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
        """Return what is selected."""
        return BoxMask.of_words(self.made, self.width, self.reach.first)

    def nothing(self) -> BoxMask:
        """Return a mask of the same box in which nothing is selected."""
        return BoxMask.of_words(np.zeros_like(self.allowed), self.width, self.reach.first)


def _nearest(
    allowed: NDArray[np.uint64], reach: Reach, width: int, most: int
) -> NDArray[np.uint64]:
    """Return so many of the voxels that are allowed, the nearest ones."""
    from labelwidgets.algorithms.bit_volume_kernels import pack

    mask = BoxMask.of_words(allowed, width, reach.first).mask
    words = np.empty_like(allowed)
    pack(thinned(mask, reach, most).view(np.uint8), words)
    return words
