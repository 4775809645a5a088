"""The values of the slices of a scan, read one by one, some of them, or all beside each other."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, MutableSequence, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from labelwidgets.algorithms.tone import window_of
from labelwidgets.media.access import Access
from labelwidgets.media.cancellation import current
from labelwidgets.media.dicom import kept_values
from labelwidgets.media.dicom.colours import rgb_of
from labelwidgets.media.dicom.decoding import mask_stored
from labelwidgets.media.dicom.kept_values import KeptValues
from labelwidgets.media.dicom.look_up import LookUp
from labelwidgets.media.dicom.pixel_file import PixelFile
from labelwidgets.media.dicom.slice_header import EXPLICIT, IMPLICIT, SliceHeader
from labelwidgets.media.dicom.values import (
    Rescale,
    fits_small,
    padding_of,
    rescale_in_place,
    rescale_of,
    values_of,
)
from labelwidgets.media.thread_pools import thread_pool
from labelwidgets.media.urls import is_local

_MODALITY_LUT, _VOI_LUT = 0x00283000, 0x00283010
_NEAR, _FAR = min(8, max(2, os.cpu_count() or 2)), 16


class StoredSlice(Protocol):
    """Where the picture of a slice is stored."""

    @property
    def url(self) -> str:
        """Of its file."""

    @property
    def frame(self) -> int:
        """Its number in the file, from 0."""

    @property
    def header(self) -> SliceHeader:
        """That of the file, with what holds for this frame."""


S = TypeVar("S", bound=StoredSlice)


class SlicePixels(Generic[S]):
    """The values of the slices of one scan. Safe from several threads.

    What was read is kept, as far as there is room (see `KeptValues`).

    Parameters
    ----------
    slices
        In their order, all of one size.
    access
        Reads their files.
    factor
        What values are multiplied with after the modality's own rescale, such as for SUV.
    found
        Looks for the pixels of a slice whose header does not say where they are: returns it with
        a header that does.
    """

    def __init__(
        self,
        slices: MutableSequence[S],
        access: Access,
        factor: float = 1.0,
        found: Callable[[S], S] | None = None,
    ) -> None:
        self._slices, self._access, self._factor = slices, access, factor
        self._found = found
        self._kept = KeptValues(len(slices))
        self._files: dict[str, PixelFile] = {}
        self._lock = threading.Lock()
        self._turns = [threading.Lock() for _ in range(min(64, len(slices)))]

    @property
    def colour(self) -> bool:
        """Whether slices are RGB."""
        return _is_colour(self._slices[0].header)

    def holds(self, index: int) -> bool:
        """Say whether the values of a slice are in memory."""
        return self._kept.get(index) is not None

    def values(self, index: int) -> npt.NDArray[Any]:
        """Return the values of a slice, (rows, columns), or RGB of 8 bits; read-only.

        Raises
        ------
        ImageError
            If it is damaged, or cannot be decoded.
        LimitError
            If it is larger than the limits allow.
        SourceError
            If its file cannot be read.
        """
        known = self._kept.get(index)
        if known is not None:
            return known
        with self._turns[index % len(self._turns)]:
            known = self._kept.get(index)
            if known is not None:
                return known
            made = self._read(index)
        made.flags.writeable = False
        return made

    def box(self, start: tuple[int, int, int], stop: tuple[int, int, int]) -> npt.NDArray[Any]:
        """Return the values between two indices (slice, row, column); read-only.

        No slice outside is read; those inside are read beside each other, and kept where there
        is room for the whole scan. Otherwise only their rows are read, where that can be.

        Raises what `values` does.
        """
        first, last = start[0], stop[0]
        rows, columns = slice(start[1], stop[1]), slice(start[2], stop[2])
        missing = self._kept.missing(first, last)
        if missing:
            parts = self._many(missing, (start[1], stop[1]))
            found = self._kept.between(first, last)
            if found is None:
                # There is no room for it.
                other = (k for k in range(first, last) if k not in parts)
                parts |= {k: self.values(k)[rows] for k in other}
                made = np.stack([parts[k] for k in range(first, last)])[:, :, columns]
                made.flags.writeable = False
                return made
        else:
            found = self._kept.between(first, last)
            if found is None:
                return self.box(start, stop)
        return found[:, rows, columns]

    def voi_tables(self, index: int) -> tuple[LookUp, ...]:
        """Return the VOI LUTs of the file of a slice."""
        if not self._slices[index].header.has_voi_lut:
            return ()
        return self._file(self._stored(index)).tables(_VOI_LUT)

    def overlay(self, index: int) -> npt.NDArray[np.bool_] | None:
        """Return the pixels of a slice that overlays of its file cover, None for none."""
        one = self._stored(index)
        return self._file(one).overlay(one.frame) if one.header.overlays else None

    def percentiles(self, index: int) -> tuple[float, float]:
        """Return the 0.1 and the 99.9 percentile of a slice, without its padding."""
        one = self._stored(index)
        values = self.values(index)
        if one.header.padding is not None and not self.colour:
            padding = padding_of(self._file(one).stored(one.frame), one.header)
            if padding is not None and not padding.all():
                return window_of(values[~padding][:, None])
        return window_of(values)

    def _stored(self, index: int) -> S:
        one = self._slices[index]
        if one.header.pixel_offset is None and self._found is not None:
            one = self._slices[index] = self._found(one)
        return one

    def _read(self, index: int) -> npt.NDArray[Any]:
        one = self._stored(index)
        file = self._file(one)
        file.check()
        header = one.header
        if (
            header.pixel_kind == "integer"
            and not _is_colour(header)
            and not header.has_modality_lut
        ):
            rescale = rescale_of(header, file.where, self._factor)
            if rescale.is_whole and header.bits_allocated in (8, 16):
                return self._read_in_place(index, one, file, rescale)
        made = self._values(one, file)
        self._kept.put(index, made)
        return made

    def _read_in_place(
        self, index: int, one: StoredSlice, file: PixelFile, rescale: Rescale
    ) -> npt.NDArray[Any]:
        """Read a slice to where it is kept, as int16 where its values fit."""
        header = one.header
        shape = (header.rows, header.columns)
        room = self._kept.room(shape, np.dtype(np.int16))
        cells = np.empty(shape, np.int16) if room is None else room[index]
        if header.bits_allocated == 16 and header.transfer_syntax in (IMPLICIT, EXPLICIT):
            file.fill(cells, one.frame)
            stored = cells if header.signed else cells.view(np.uint16)
            mask_stored(stored, header)
        else:
            stored = file.stored(one.frame)
            if stored.dtype.itemsize > 2:
                made = values_of(stored, rescale)
                self._kept.put(index, made)
                return made
            np.copyto(cells, stored, casting="unsafe")
        if not fits_small(header, rescale):
            ends = [int(end) * rescale.slope + rescale.intercept for end in _ends(stored)]
            if min(ends) < -32768 or max(ends) > 32767:
                made = values_of(stored.copy(), rescale)
                self._kept.put(index, made)
                return made
        rescale_in_place(cells, rescale)
        if room is None:
            self._kept.put(index, cells)
            return cells
        self._kept.written(index, room)
        kept: npt.NDArray[np.int16] = room[index]
        return kept

    def _values(
        self, one: StoredSlice, file: PixelFile, rows: tuple[int, int] | None = None
    ) -> npt.NDArray[Any]:
        header = one.header
        stored = file.stored(one.frame, rows)
        if header.photometric == "PALETTE COLOR" and header.has_palette:
            return file.palette().apply(stored)
        if header.samples > 1:
            return rgb_of(stored, header, file.where)
        table = file.tables(_MODALITY_LUT)[:1] if header.has_modality_lut else ()
        rescale = Rescale() if table else rescale_of(header, file.where, self._factor)
        made = values_of(stored, rescale, table[0] if table else None)
        return made if made.base is None or made.flags.writeable else made.copy()

    def _many(self, indices: Sequence[int], rows: tuple[int, int]) -> dict[int, npt.NDArray[Any]]:
        """Read slices beside each other: to where they are kept, or else return their rows."""
        wanted = current()
        header = self._slices[indices[0]].header
        cells = header.rows * header.columns * (3 if self.colour else 2)
        kept = len(self._slices) * cells <= kept_values.MOST_BYTES
        found: dict[int, npt.NDArray[Any]] = {}

        def read(index: int) -> npt.NDArray[Any] | None:
            if wanted is not None:
                wanted.check()
            if kept:
                self.values(index)
                return None
            one = self._stored(index)
            file = self._file(one)
            file.check()
            return self._values(one, file, rows)

        pool = _pool(all(is_local(self._slices[k].url) for k in indices))
        # In the context of the caller, as what is read is counted to its item.
        asked = [pool.submit(copy_context().run, read, index) for index in indices]
        try:
            for index, answer in zip(indices, asked, strict=True):
                made = answer.result()
                if made is not None:
                    found[index] = made
        finally:
            for answer in asked:
                answer.cancel()
        return found

    def _file(self, one: StoredSlice) -> PixelFile:
        with self._lock:
            found = self._files.get(one.url)
            if found is None:
                found = self._files[one.url] = PixelFile(one.url, one.header, self._access)
            return found


def _is_colour(header: SliceHeader) -> bool:
    return header.samples > 1 or (header.photometric == "PALETTE COLOR" and header.has_palette)


def _ends(stored: npt.NDArray[Any]) -> tuple[int, int]:
    return int(stored.min()), int(stored.max())


def _pool(near: bool) -> ThreadPoolExecutor:
    # What runs in it waits for nothing else in it.
    return thread_pool(f"labelwidgets-{'near' if near else 'far'}-pixels", _NEAR if near else _FAR)
