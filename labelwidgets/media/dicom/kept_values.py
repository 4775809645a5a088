"""The values of scans in memory: each in one array, as many scans as there is room for."""

from __future__ import annotations

import threading
import weakref
from collections import OrderedDict
from typing import Any

import numpy as np
import numpy.typing as npt

MOST_BYTES = 2 << 30
"""More is not kept of all scans together; what was not used for longest goes."""


class KeptValues:
    """The values of the slices of a scan that were read so far. Safe from several threads.

    Room is taken for all slices at once, but of the machine only what is written to.

    Parameters
    ----------
    count
        How many slices there are.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._array: npt.NDArray[Any] | None = None
        self._there = np.zeros(count, np.bool_)
        self._lock = threading.Lock()

    def get(self, index: int) -> npt.NDArray[Any] | None:
        """Return a slice that is there, read-only."""
        with self._lock:
            if self._array is None or not self._there[index]:
                return None
            made: npt.NDArray[Any] = self._array[index]
        made.flags.writeable = False
        return made

    def missing(self, start: int, stop: int) -> list[int]:
        """Return which slices between two are not there."""
        with self._lock:
            return [int(index) + start for index in np.flatnonzero(~self._there[start:stop])]

    def between(self, start: int, stop: int) -> npt.NDArray[Any] | None:
        """Return the slices between two, read-only, None where one of them is not there."""
        with self._lock:
            if self._array is None or not self._there[start:stop].all():
                return None
            made = self._array[start:stop]
        _shelf.use(self)
        made.flags.writeable = False
        return made

    def room(self, shape: tuple[int, ...], kind: np.dtype[Any]) -> npt.NDArray[Any] | None:
        """Return the array of all slices to be written to; None where it has another type.

        Also None where it would be larger than all that is kept.
        """
        with self._lock:
            if self._array is None:
                size = self._count * int(np.prod(shape)) * kind.itemsize
                if size > MOST_BYTES:
                    return None
                self._array = np.empty((self._count, *shape), kind)
            elif self._array.dtype != kind or self._array.shape[1:] != shape:
                return None
            made = self._array
        _shelf.use(self)
        return made

    def written(self, index: int, room: npt.NDArray[Any]) -> None:
        """Say that a slice was written to the array that `room` returned."""
        with self._lock:
            if self._array is None:
                return
            if self._array is not room:
                # It was replaced meanwhile, by one of a larger type.
                self._array[index] = room[index]
            self._there[index] = True

    def put(self, index: int, values: npt.NDArray[Any]) -> None:
        """Keep the values of a slice; all get a larger type where these need it."""
        with self._lock:
            kind = values.dtype
            if self._array is not None and self._array.shape[1:] == values.shape:
                kind = np.promote_types(kind, self._array.dtype)
            size = self._count * int(values.size) * kind.itemsize
            if size > MOST_BYTES:
                self._drop()
                return
            if self._array is None or self._array.shape[1:] != values.shape:
                self._array = np.empty((self._count, *values.shape), kind)
                self._there[:] = False
            elif self._array.dtype != kind:
                larger = np.empty(self._array.shape, kind)
                larger[self._there] = self._array[self._there]
                self._array = larger
            self._array[index] = values
            self._there[index] = True
        _shelf.use(self)

    @property
    def nbytes(self) -> int:
        """Bytes of the array."""
        array = self._array
        return 0 if array is None else array.nbytes

    def drop(self) -> None:
        """Forget all values; those that somebody still holds stay as they are."""
        with self._lock:
            self._drop()

    def _drop(self) -> None:
        self._array = None
        self._there[:] = False


class _Shelf:
    """Which scans are kept, those that were used last at the end."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, weakref.ref[KeptValues]] = OrderedDict()
        self._lock = threading.Lock()

    def use(self, kept: KeptValues) -> None:
        with self._lock:
            self._kept[id(kept)] = weakref.ref(kept)
            self._kept.move_to_end(id(kept))
            alive = {name: one() for name, one in self._kept.items()}
            total = sum(one.nbytes for one in alive.values() if one is not None)
            for name, one in alive.items():
                if one is None or (total > MOST_BYTES and one is not kept):
                    del self._kept[name]
                if one is not None and name not in self._kept:
                    total -= one.nbytes
                    one.drop()


_shelf = _Shelf()
