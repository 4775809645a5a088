"""Masks of a box of a volume: a small region costs what it holds, not what the volume does.

Indices are (slice, row, column), from 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.algorithms.counts import check_length, pack_edges
from labelwidgets.algorithms.placing import runs_from_part
from labelwidgets.algorithms.runs import rle_of
from labelwidgets.algorithms.volume_statistics import NOTHING, ValueStatistics, value_statistics
from labelwidgets.errors import GeometryError
from labelwidgets.numbered import numbered

Words: TypeAlias = NDArray[np.uint64]
Index: TypeAlias = tuple[int, int, int]


class BoxMask:
    """A set of voxels within a box of a volume.

    Parameters
    ----------
    mask
        (d, h, w) of the box; what is not 0 is set.
    start
        Slice, row and column of the first voxel of the box.

    Raises
    ------
    GeometryError
        If it has not three dimensions, holds no numbers, or begins before the volume.
    """

    def __init__(self, mask: ArrayLike, start: Index = (0, 0, 0)) -> None:
        array = np.asarray(mask)
        if array.ndim != 3 or not array.size or array.dtype.kind not in "buif":
            raise GeometryError(
                f"must be a (slices, rows, columns) array of bool, not {array.dtype} of shape "
                f"{array.shape}.",
                where="mask",
            )
        if len(start) != 3 or min(start) < 0:
            raise GeometryError(f"must be three indices from 0, not {start}.", where="start")
        self._mask: NDArray[np.bool_] | None = array if array.dtype == bool else array != 0
        self._words: Words | None = None
        self.shape: Index = (array.shape[0], array.shape[1], array.shape[2])
        self.start: Index = (int(start[0]), int(start[1]), int(start[2]))

    @classmethod
    def of_words(cls, words: Words, width: int, start: Index) -> BoxMask:
        """Return the mask of voxels as `bit_volume_kernels` has them."""
        made = cls.__new__(cls)
        made._mask, made._words, made.start = None, words, start
        made.shape = (words.shape[0], words.shape[1], width)
        return made

    def __repr__(self) -> str:
        return f"BoxMask({numbered(self.count, 'voxel')} of {self.shape} at {self.start})"

    @property
    def stop(self) -> Index:
        """Where the box ends."""
        a, b, c = (first + size for first, size in zip(self.start, self.shape, strict=True))
        return a, b, c

    @property
    def slices(self) -> tuple[int, int]:
        """The first and the last slice that a voxel is set of; -1 twice for none."""
        data: NDArray[Any] = self.mask if self._words is None else self._words
        some = [self.start[0] + at for at, part in enumerate(data) if part.any()]
        return (some[0], some[-1]) if some else (-1, -1)

    def moved(self, slices: int) -> BoxMask:
        """Return the same voxels so many slices further on; what comes before the first is lost."""
        made = BoxMask.__new__(BoxMask)
        lost = max(0, -(self.start[0] + slices))
        made.start = (self.start[0] + slices + lost, *self.start[1:])
        made.shape = (max(self.shape[0] - lost, 0), *self.shape[1:])
        made._mask = None if self._mask is None else self._mask[lost:]
        made._words = None if self._words is None else self._words[lost:]
        return made

    @property
    def count(self) -> int:
        """How many voxels are set."""
        if self._words is not None:
            from labelwidgets.algorithms.bit_volume_kernels import count_words

            return int(count_words(self._words))
        return int(np.count_nonzero(self.mask))

    @property
    def mask(self) -> NDArray[np.bool_]:
        """(d, h, w) bool of the box."""
        if self._mask is None:
            from labelwidgets.algorithms.bit_volume_kernels import unpack

            flags = np.zeros(self.shape, np.uint8)
            unpack(self._words, self.shape[2], (0, 0, 0), flags)
            self._mask = flags.view(bool)
        return self._mask

    def put_into(self, volume: NDArray[np.bool_]) -> None:
        """Set the voxels in a mask of the whole volume, 0 before in the box."""
        if self._words is not None and volume.flags.c_contiguous:
            from labelwidgets.algorithms.bit_volume_kernels import unpack

            unpack(self._words, self.shape[2], self.start, volume.view(np.uint8))
        else:
            box = tuple(slice(a, b) for a, b in zip(self.start, self.stop, strict=True))
            volume[box] |= self.mask

    def codes(self, size: tuple[int, int]) -> dict[int, dict[str, Any]]:
        """Return the run-length code of each slice of which a voxel is set, by its index.

        Parameters
        ----------
        size
            (rows, columns) of the slices.

        Raises
        ------
        GeometryError
            If the box goes beyond the slices, or a code gets too long.
        """
        if self.stop[1] > size[0] or self.stop[2] > size[1]:
            raise GeometryError(f"{self!r} goes beyond slices of {size}.", where="mask")
        if self._words is not None:
            return self._packed(self._words, size)
        at = (self.start[2], self.start[1])
        return {
            self.start[0] + k: rle_of(runs_from_part(part, at, size))
            for k, part in enumerate(self.mask)
            if part.any()
        }

    def _packed(self, words: Words, size: tuple[int, int]) -> dict[int, dict[str, Any]]:
        from labelwidgets.algorithms.bit_runs_kernels import edges_of_words, most_edges

        made = {}
        _, y, x = self.start
        for k, part in enumerate(words):
            room = most_edges(part)
            if not room:
                continue
            edges = np.empty(room, np.int64)
            used = edges_of_words(part, x, y, size[0], edges)
            check_length(used)
            counts = pack_edges(edges[:used], size[0] * size[1])
            check_length(len(counts))
            made[self.start[0] + k] = {"size": list(size), "counts": counts}
        return made

    def statistics(self, values: NDArray[Any], first: int = 0) -> ValueStatistics:
        """Return what the values of the voxels come to.

        Parameters
        ----------
        values
            (D, H, W), whole slices: all that have a voxel.
        first
            The slice that `values` begin with.
        """
        low, last = self.slices
        if low < 0:
            return NOTHING
        at, some = low - first, slice(low - self.start[0], last + 1 - self.start[0])
        if self._words is not None:
            from labelwidgets.algorithms.bit_runs_kernels import sum_words

            sums = np.zeros(5)
            corner = (at, *self.start[1:])
            sum_words(self._words[some], np.ascontiguousarray(values), corner, sums)
            return ValueStatistics(int(sums[0]), *map(float, sums[1:]))
        rows, columns = (slice(a, b) for a, b in zip(self.start[1:], self.stop[1:], strict=True))
        part = values[at : last + 1 - first, rows, columns]
        return value_statistics(part, self.mask[some])


def join_boxes(masks: Sequence[BoxMask], without: Sequence[BoxMask]) -> BoxMask:
    """Return what is set in any of some masks, and in none of others.

    Parameters
    ----------
    masks
        At least one.
    without
        What is taken away.
    """
    if len(masks) == 1 and not without:
        return masks[0]
    start = tuple(min(one.start[axis] for one in masks) for axis in range(3))
    stop = tuple(max(one.stop[axis] for one in masks) for axis in range(3))
    made = np.zeros([b - a for a, b in zip(start, stop, strict=True)], bool)
    for number, one in enumerate([*masks, *without]):
        low = [max(a, b) for a, b in zip(one.start, start, strict=True)]
        high = [min(a, b) for a, b in zip(one.stop, stop, strict=True)]
        if any(a >= b for a, b in zip(low, high, strict=True)):
            continue
        ours, theirs = (
            tuple(slice(a - c, b - c) for a, b, c in zip(low, high, corner, strict=True))
            for corner in (start, one.start)
        )
        if number < len(masks):
            made[ours] |= one.mask[theirs]
        else:
            made[ours] &= ~one.mask[theirs]
    return BoxMask(made, (start[0], start[1], start[2]))
