"""A scan as tools see it: values by slices and boxes, read as they are looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from labelwidgets.algorithms.threshold import brightness
from labelwidgets.errors import ImageError
from labelwidgets.media.volumes import Facts, Grid
from labelwidgets.numbered import numbered

Values: TypeAlias = npt.NDArray[Any]
Index: TypeAlias = tuple[int, int, int]


class Boxes(Protocol):
    """What is needed of a `Volume`: its place, and values by boxes."""

    @property
    def grid(self) -> Grid:
        """Where the voxels are."""

    @property
    def facts(self) -> Facts:
        """What else is known of it."""

    def box(self, start: Index, stop: Index, /) -> Values:
        """Return the values between two indices, reading no other slice."""


class Scan:
    """The values of a scan, of which only the slices that are asked for are read.

    Parameters
    ----------
    volume
        The scan. Of a coloured one the `brightness` is what has values.
    counting
        Counts what is read inside of a `with` statement.
    """

    def __init__(
        self, volume: Boxes, counting: Callable[[], AbstractContextManager[Any]] = nullcontext
    ) -> None:
        self.volume = volume
        self._counting = counting
        self._seen = np.zeros(volume.grid.shape[0], bool)

    @classmethod
    def of(cls, values: npt.ArrayLike, spacing: Sequence[float] | None = None) -> Scan:
        """Return an array as a scan.

        Parameters
        ----------
        values
            (slices, rows, columns).
        spacing
            Millimetres from slice to slice, row to row and column to column.

        Raises
        ------
        ImageError
            If it has not three dimensions.
        """
        array = np.asarray(values)
        if array.ndim != 3 or not array.size or array.dtype.kind not in "buif":
            raise ImageError(
                f"must be a (slices, rows, columns) array of numbers, not {array.dtype} of shape "
                f"{array.shape}.",
                where="values",
            )
        steps = None if spacing is None else tuple(map(float, spacing))
        made = cls(_Array(array, steps))
        made._seen[:] = True
        return made

    def __repr__(self) -> str:
        return f"Scan({numbered(self.shape[0], 'slice')} of {self.shape[2]} x {self.shape[1]})"

    def __len__(self) -> int:
        """Return the number of slices."""
        return self.shape[0]

    @property
    def shape(self) -> Index:
        """Number of slices, rows and columns."""
        return self.volume.grid.shape

    @property
    def grid(self) -> Grid:
        """Where its voxels are in the patient."""
        return self.volume.grid

    @property
    def facts(self) -> Facts:
        """What else is known of it, such as the unit of its values."""
        return self.volume.facts

    @property
    def spacing(self) -> tuple[float, float, float] | None:
        """Millimetres from slice to slice, row to row and column to column, None for unknown."""
        return self.volume.grid.spacing

    @property
    def voxel_volume(self) -> float | None:
        """Millilitres of a voxel, None for unknown."""
        if self.spacing is None:
            return None
        return self.spacing[0] * self.spacing[1] * self.spacing[2] / 1000

    @property
    def heights(self) -> npt.NDArray[np.float64] | None:
        """Where the slices lie along their normal, in millimetres; None for unknown.

        They say more than `spacing` where gaps differ.
        """
        if self.spacing is None:
            return None
        even = np.arange(self.shape[0], dtype=np.float64) * self.spacing[0]
        positions, affine = self.grid.positions, self.grid.affine
        if positions is None or affine is None or len(positions) < 2:
            return even
        normal = np.cross(affine[:3, 0], affine[:3, 1])
        length = float(np.linalg.norm(normal))
        if not length:
            return even
        heights: npt.NDArray[np.float64] = (positions - positions[0]) @ (normal / length)
        gaps = np.diff(heights)
        return heights if (gaps > 0).all() or (gaps < 0).all() else even

    def values(self, slice_index: int) -> Values:
        """Return the values of a slice, (rows, columns); read-only."""
        slab: Values = self.slab(slice_index, slice_index + 1)[0]
        return slab

    def slab(self, first: int, stop: int) -> Values:
        """Return the values of slices `first` to `stop`, (slices, rows, columns); read-only.

        Where the reader of the scan keeps its values they are not copied.

        Raises
        ------
        SourceError, ImageError, LimitError
            If there are no such slices, or they cannot be read.
        """
        if not 0 <= first < stop <= self.shape[0]:
            raise ImageError(f"has no slices {first} to {stop}.", where="scan")
        _, rows, columns = self.shape
        with self._counting():
            read = self.volume.box((first, 0, 0), (stop, rows, columns))
        if read.ndim == 4:
            read = brightness(read.reshape(-1, *read.shape[2:])).reshape(read.shape[:3])
        self._seen[first:stop] = True
        read = read.view()
        read.flags.writeable = False
        return read

    def box(self, start: Index, stop: Index) -> Values:
        """Return the values between two indices (slice, row, column), reading no other slice."""
        slab: Values = self.slab(start[0], stop[0])[:, start[1] : stop[1], start[2] : stop[2]]
        return slab

    def has_read(self, first: int, stop: int) -> bool:
        """Say whether the slices `first` to `stop` have been read before."""
        return bool(self._seen[first:stop].all())


class _Array:
    """An array as a volume."""

    def __init__(self, values: Values, spacing: tuple[float, ...] | None) -> None:
        if spacing is not None and (len(spacing) != 3 or not all(step > 0 for step in spacing)):
            raise ImageError(f"must be three lengths above 0, not {spacing}.", where="spacing")
        self._values = values
        steps = None if spacing is None else (spacing[0], spacing[1], spacing[2])
        self.grid = Grid((values.shape[0], values.shape[1], values.shape[2]), steps)
        self.facts = Facts()

    def box(self, start: Index, stop: Index) -> Values:
        box = tuple(slice(a, b) for a, b in zip(start, stop, strict=True))
        return self._values[box]
