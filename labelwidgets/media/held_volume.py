"""The values of a whole scan in memory, read coarse first."""

from __future__ import annotations

import contextvars
import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from labelwidgets.errors import GivenUpError, ImageError, LabelwidgetsError, LimitError
from labelwidgets.media.cancellation import current
from labelwidgets.media.volumes import Volume

MOST_BYTES = 2 << 30
"""More of the values of scans is not held in memory at once."""

# Of slices that are apart by as much, first those, then the ones between them.
_STRIDES = (16, 8, 4, 2, 1)
# Most slices come from elsewhere, and while one is waited for others can be decoded.
_THREADS = min(8, 2 + (os.cpu_count() or 1))


class HeldVolume:
    """The values of a scan, as far as they have been read. Safe from several threads.

    Who wants them reads on by `read`, for as long as is waited; nothing is read by itself.

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
        self._values: npt.NDArray[Any] | None = None
        self._known = np.zeros(len(volume), bool)
        self._waiting = list(reversed(_coarse_first(len(volume))))
        self._lost = 0
        self._failed: LabelwidgetsError | None = None
        self._projections: dict[str, npt.NDArray[Any]] = {}
        self._turn = threading.Lock()
        slices, rows, columns = volume.grid.shape
        self._check(slices * rows * columns * 2)

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
        """Bytes that are held."""
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
        values, known = self._held, np.flatnonzero(self._known)
        cut = values[:, index] if plane == "row" else values[:, :, index]
        return (cut, None) if len(known) == self.total else (cut[known], known)

    def largest(
        self, plane: Literal["row", "column"]
    ) -> tuple[npt.NDArray[Any], npt.NDArray[np.intp] | None]:
        """Return the largest values of all rows, or all columns, as `lines` has those of one."""
        values, known = self._held, np.flatnonzero(self._known)
        axis = 1 if plane == "row" else 2
        if len(known) < self.total:
            return values[known].max(axis=axis), known
        if plane not in self._projections:
            self._projections[plane] = values.max(axis=axis)
        return self._projections[plane], None

    def sample(self) -> npt.NDArray[Any]:
        """Return a slice that is there, one of the middle where it can be."""
        known = np.flatnonzero(self._known)
        middle: npt.NDArray[Any] = self._held[known[np.argmin(np.abs(known - self.total // 2))]]
        return middle

    @property
    def _held(self) -> npt.NDArray[Any]:
        if self._values is None:
            raise ImageError("was cut before any slice of it was read.", where="scan")
        return self._values

    def _read_some(self) -> None:
        taken = [self._waiting.pop() for _ in range(min(_THREADS, len(self._waiting)))]
        asked = [_pool().submit(contextvars.copy_context().run, self._slice, k) for k in taken]
        left = []
        for k, answer in zip(taken, asked, strict=True):
            try:
                self._put(k, answer.result())
            except GivenUpError:
                left.append(k)
            except LabelwidgetsError as error:
                self._failed = error
                self._lost += 1
        if left:
            self._waiting.extend(reversed(left))
            raise GivenUpError("was given up on.")
        wanted = current()
        if wanted is not None:
            wanted.check()

    def _slice(self, index: int) -> npt.NDArray[Any]:
        return self.volume.values(index)

    def _put(self, index: int, values: npt.NDArray[Any]) -> None:
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


def _coarse_first(count: int) -> list[int]:
    def all_of_them() -> Iterator[int]:
        yield count // 2
        yield 0
        yield count - 1
        for stride in _STRIDES:
            yield from range(0, count, stride)

    return list(dict.fromkeys(all_of_them())) if count else []


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_THREADS, thread_name_prefix="labelwidgets-slices")
