"""The values of a whole scan in memory, read coarse first."""

from __future__ import annotations

import contextvars
import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from labelwidgets.errors import GivenUpError, LabelwidgetsError, LimitError
from labelwidgets.media.cancellation import current
from labelwidgets.media.thread_pools import thread_pool
from labelwidgets.media.volumes import KeptVolume, Volume

MOST_BYTES = 2 << 30
"""More of the values of scans is not held in memory at once."""

# Of slices that are apart by as much, first those, then the ones between them.
_STRIDES = (16, 8, 4, 2, 1)
# Most slices come from elsewhere, and while one is waited for others can be decoded.
_THREADS = min(8, 2 + (os.cpu_count() or 1))


class HeldVolume:
    """The values of a scan, as far as they have been read. Safe from several threads.

    Who wants them reads on by `read`, for as long as is waited; nothing is read by itself. A scan
    that keeps its values is asked for them again; those of all others are held here.

    Parameters
    ----------
    volume
        Has the slices.

    Raises
    ------
    LimitError
        If it has more values than are held in memory.
    """

    def __init__(self, volume: Volume) -> None:
        self.volume = volume
        self._keeper = volume if isinstance(volume, KeptVolume) else None
        self._values: npt.NDArray[Any] | None = None
        self._known = np.zeros(len(volume), bool)
        self._waiting = list(reversed(_coarse_first(len(volume))))
        self._lost = 0
        self._failed: LabelwidgetsError | None = None
        self._projections: dict[str, npt.NDArray[Any]] = {}
        self._turn = threading.Lock()
        slices, rows, columns = volume.grid.shape
        self._check(slices * rows * columns * 2)

    def __repr__(self) -> str:
        return f"HeldVolume({self.volume!r}, {self.missing} to read)"

    @property
    def total(self) -> int:
        """Number of slices."""
        return len(self._known)

    @property
    def missing(self) -> int:
        """Number of slices that are still to be read."""
        return len(self._waiting)

    @property
    def lost(self) -> int:
        """Number of slices that could not be read: what is beside them is shown in their place."""
        return self._lost

    @property
    def nbytes(self) -> int:
        """Bytes that are held here."""
        return 0 if self._values is None else self._values.nbytes

    def read(self, patience: float | None = None) -> None:
        """Read what is missing, for so many seconds, or all of it where None.

        At least the first few slices are there afterwards. One that cannot be read is left out.

        Raises
        ------
        GivenUpError
            If nobody wants it any more.
        LabelwidgetsError
            If not one slice can be read.
        """
        end = None if patience is None else time.monotonic() + patience
        self._look_again()
        while self._waiting:
            # In turns, so that all who wait get on.
            with self._turn:
                self._read_some()
            if end is not None and time.monotonic() > end and self._known.any():
                break
        if not self._known.any():
            raise self._failed or LimitError("has no slices.", where="scan")

    def lines(
        self, plane: Literal["row", "column"], index: int
    ) -> tuple[npt.NDArray[Any], npt.NDArray[np.intp] | None]:
        """Return a row or a column of the slices that are there, and which these are (None: all).

        Call `read` before.
        """
        known = np.flatnonzero(self._known)
        if len(known) < self.total:
            at = index if plane == "row" else np.s_[:, index]
            return np.stack([self._slice(int(k))[at] for k in known]), known
        return _cut(self._whole(), plane, index), None

    def largest(
        self, plane: Literal["row", "column"]
    ) -> tuple[npt.NDArray[Any], npt.NDArray[np.intp] | None]:
        """Return the largest values of all rows, or all columns, as `lines` has those of one."""
        known = np.flatnonzero(self._known)
        axis = 0 if plane == "row" else 1
        if len(known) < self.total:
            return np.stack([self._slice(int(k)).max(axis=axis) for k in known]), known
        if plane not in self._projections:
            self._projections[plane] = self._whole().max(axis=axis + 1)
        return self._projections[plane], None

    def sample(self) -> npt.NDArray[Any]:
        """Return a slice that is there, one of the middle where it can be."""
        known = np.flatnonzero(self._known)
        return self._slice(int(known[np.argmin(np.abs(known - self.total // 2))]))

    def _slice(self, index: int) -> npt.NDArray[Any]:
        if self._values is None:
            return self.volume.values(index)
        held: npt.NDArray[Any] = self._values[index]
        return held

    def _whole(self) -> npt.NDArray[Any]:
        if self._values is None:
            return self.volume.box((0, 0, 0), self.volume.grid.shape)
        return self._values

    def _look_again(self) -> None:
        """Find out which slices the scan has let go of, as others needed the room."""
        if self._keeper is None:
            return
        with self._turn:
            gone = [int(k) for k in np.flatnonzero(self._known) if not self._keeper.holds(int(k))]
            self._known[gone] = False
            self._waiting.extend(reversed(gone))

    def _read_some(self) -> None:
        taken = [self._waiting.pop() for _ in range(min(_THREADS, len(self._waiting)))]
        read = self.volume.values
        asked = [_pool().submit(contextvars.copy_context().run, read, k) for k in taken]
        # What nobody has taken yet is for whoever asks next, whatever happens.
        left = dict.fromkeys(taken)
        try:
            for k, answer in zip(taken, asked, strict=True):
                try:
                    self._put(k, answer.result())
                except (GivenUpError, LimitError):
                    raise
                except LabelwidgetsError as error:
                    self._failed = error
                    self._lost += 1
                left.pop(k)
        finally:
            self._waiting.extend(reversed(left))
        wanted = current()
        if wanted is not None:
            wanted.check()

    def _put(self, index: int, values: npt.NDArray[Any]) -> None:
        if self._keeper is not None:
            self._check(self.total * values.nbytes)
            self._known[index] = True
            return
        shape = (self.total, *values.shape)
        held = self._values
        if held is None:
            self._check(int(np.prod(shape)) * values.dtype.itemsize)
            held = np.zeros(shape, values.dtype)
        elif held.dtype != values.dtype:
            held = held.astype(np.promote_types(held.dtype, values.dtype), copy=False)
        held[index] = values
        self._values = held
        self._known[index] = True

    def _check(self, size: int) -> None:
        if size > MOST_BYTES:
            raise LimitError(
                f"has {size / 2**30:.1f} GiB of values, of which at most "
                f"{MOST_BYTES / 2**30:.0f} GiB are held in memory to be cut across its slices.",
                where="scan",
                hint="Its slices can be looked at.",
            )


def _cut(values: npt.NDArray[Any], plane: str, index: int) -> npt.NDArray[Any]:
    return values[:, index] if plane == "row" else values[:, :, index]


def _coarse_first(count: int) -> list[int]:
    def all_of_them() -> Iterator[int]:
        yield count // 2
        yield 0
        yield count - 1
        for stride in _STRIDES:
            yield from range(0, count, stride)

    return list(dict.fromkeys(all_of_them())) if count else []


def _pool() -> ThreadPoolExecutor:
    return thread_pool("labelwidgets-slices", _THREADS)
