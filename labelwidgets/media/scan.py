"""A scan as tools see it: values by slices and boxes, of which only what is looked at is read."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from labelwidgets.algorithms.threshold import brightness
from labelwidgets.errors import ImageError
from labelwidgets.media.volumes import Facts, Grid

Values: TypeAlias = npt.NDArray[Any]
Index: TypeAlias = tuple[int, int, int]

# Bytes of a scan up to which what was read of it stays in memory.
MOST_HELD = 2 * 1024**3
# So many slices are read between two looks at whether they are still wanted.
_AT_ONCE = 16


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


def _go_on() -> None:
    """Nobody gives up."""


class Scan:
    """The values of a scan, read slice by slice as they are asked for and then kept.

    Parameters
    ----------
    volume
        The scan. Of a coloured one the `brightness` is what has values.
    pause
        Called before each few slices that are read; it may raise.
    """

    def __init__(self, volume: Boxes, pause: Callable[[], None] = _go_on) -> None:
        self._volume = volume
        self._pause = pause
        self._held = _Held(volume)

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
        made = cls.__new__(cls)
        made._volume, made._pause = _Array(array, steps), _go_on
        made._held = _Held(made._volume, array)
        return made

    def pausing(self, pause: Callable[[], None]) -> Scan:
        """Return the same scan, whose reading ends where `pause` raises."""
        made = Scan.__new__(Scan)
        made._volume, made._pause, made._held = self._volume, pause, self._held
        return made

    def __repr__(self) -> str:
        return f"Scan({self.shape[0]} slices of {self.shape[2]} x {self.shape[1]})"

    def __len__(self) -> int:
        """Return the number of slices."""
        return self.shape[0]

    @property
    def shape(self) -> Index:
        """Number of slices, rows and columns."""
        return self._volume.grid.shape

    @property
    def grid(self) -> Grid:
        """Where its voxels are in the patient."""
        return self._volume.grid

    @property
    def facts(self) -> Facts:
        """What else is known of it, such as the unit of its values."""
        return self._volume.facts

    @property
    def spacing(self) -> tuple[float, float, float] | None:
        """Millimetres from slice to slice, row to row and column to column, None for unknown."""
        return self._volume.grid.spacing

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
        """Return the values of slices `first` to `stop`, (slices, rows, columns).

        Contiguous, read-only, and mostly not copied.

        Raises
        ------
        SourceError, ImageError, LimitError
            If there are no such slices, or they cannot be read.
        """
        if not 0 <= first < stop <= self.shape[0]:
            raise ImageError(f"has no slices {first} to {stop}.", where="scan")
        return self._held.slab(first, stop, self._pause)

    def box(self, start: Index, stop: Index) -> Values:
        """Return the values between two indices (slice, row, column), reading no other slice."""
        slab: Values = self.slab(start[0], stop[0])[:, start[1] : stop[1], start[2] : stop[2]]
        return slab

    def is_held(self, first: int, stop: int) -> bool:
        """Say whether the slices `first` to `stop` have been read already."""
        return self._held.holds(first, stop)


class _Held:
    """What has been read of a volume: an array of all of it, filled as slices come."""

    def __init__(self, volume: Boxes, array: Values | None = None) -> None:
        self._volume = volume
        self._lock = threading.Lock()
        self._there = np.full(volume.grid.shape[0], array is not None)
        self._array = None if array is None else np.ascontiguousarray(array)

    def holds(self, first: int, stop: int) -> bool:
        return bool(self._there[first:stop].all())

    def slab(self, first: int, stop: int, pause: Callable[[], None]) -> Values:
        with self._lock:
            missing = [first + int(at) for at in np.flatnonzero(~self._there[first:stop])]
            while missing:
                pause()
                count = 1
                while count < min(len(missing), _AT_ONCE) and missing[count] == missing[0] + count:
                    count += 1
                read = self._read(missing[0], missing[0] + count)
                if read.dtype.itemsize * int(np.prod(self._volume.grid.shape)) > MOST_HELD:
                    break
                self._put(missing[0], read)
                missing = missing[count:]
            if not missing and self._array is not None:
                found = self._array[first:stop]
                found.flags.writeable = False
                return found
        # Too large to be kept.
        parts = []
        for at in range(first, stop, _AT_ONCE):
            pause()
            parts.append(self._read(at, min(at + _AT_ONCE, stop)))
        found = np.concatenate(parts)
        found.flags.writeable = False
        return found

    def _put(self, first: int, read: Values) -> None:
        array = self._array
        if array is None:
            array = np.empty(self._volume.grid.shape, read.dtype)
        elif np.result_type(array.dtype, read.dtype) != array.dtype:
            # Few scans have slices of other types.
            array = array.astype(np.result_type(array.dtype, read.dtype))
        array[first : first + len(read)] = read
        self._array = array
        self._there[first : first + len(read)] = True

    def _read(self, first: int, stop: int) -> Values:
        _, rows, columns = self._volume.grid.shape
        read = self._volume.box((first, 0, 0), (stop, rows, columns))
        if read.ndim == 4:
            flat = brightness(read.reshape(-1, *read.shape[2:]))
            return flat.reshape(read.shape[:3])
        return read


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
