"""One file with pixels: its frames, tables and overlays, read from wherever it lies."""

from __future__ import annotations

import sys
import threading
from typing import IO, TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from labelwidgets.errors import ImageError
from labelwidgets.media.access import Access
from labelwidgets.media.dicom.codecs import native_size
from labelwidgets.media.dicom.datasets import read_dataset
from labelwidgets.media.dicom.decoding import check_picture, is_native, native_span, read_frame
from labelwidgets.media.dicom.fragments import EncapsulatedFrames, Fetch
from labelwidgets.media.dicom.headers import data_set_start
from labelwidgets.media.dicom.inflating import Inflated
from labelwidgets.media.dicom.look_up import LookUp, tables_of
from labelwidgets.media.dicom.overlays import overlay_of, overlay_tags
from labelwidgets.media.dicom.palettes import TAGS as PALETTE_TAGS
from labelwidgets.media.dicom.palettes import Palette, palette_of
from labelwidgets.media.dicom.slice_header import BIG_ENDIAN, DEFLATED, SliceHeader
from labelwidgets.media.places import fetch_into
from labelwidgets.media.range_file import Plan, RangeFile
from labelwidgets.media.urls import masked

if TYPE_CHECKING:
    from pydicom import Dataset

# So little is read in blocks that are kept: headers of fragments, offset tables.
_LITTLE = 1 << 12
_ITEMS = Plan(block=1 << 14, kept=16)


class PixelFile:
    """The pixels of a file. Safe from several threads.

    Parameters
    ----------
    url
        Canonical URL of the file.
    header
        That of the file, or of one of its frames.
    access
        Reads it.
    """

    def __init__(self, url: str, header: SliceHeader, access: Access) -> None:
        self.url, self.header, self._access = url, header, access
        self.where = masked(url)
        self._lock = threading.Lock()
        self._checked = False
        self._frames: EncapsulatedFrames | None = None
        self._inflated: Inflated | None = None
        self._tables: dict[int, tuple[LookUp, ...]] = {}
        self._palette: Palette | None = None
        self._overlays: Dataset | None = None

    def check(self) -> None:
        """Check what its header claims; see `check_picture`."""
        if not self._checked:
            check_picture(self.header, self.where, self._access.limits)
            self._checked = True

    def stored(self, frame: int, rows: tuple[int, int] | None = None) -> npt.NDArray[Any]:
        """Return the stored values of a frame, or of some of its rows; see `read_frame`.

        Of uncompressed frames no other rows are read.
        """
        self.check()
        header = self.header
        if rows is not None and self._has_rows():
            start, _ = native_span(header, frame, self.where)
            row = native_size(header) // header.rows
            count = rows[1] - rows[0]
            part = replace(
                header,
                rows=count,
                pixel_offset=start + rows[0] * row,
                pixel_length=count * row,
            )
            return read_frame(self._fetch, part, 0, self.where)
        with self._lock:
            fetch, frames = self._source()
        made = read_frame(fetch, header, frame, self.where, frames)
        return made if rows is None else made[rows[0] : rows[1]]

    def fill(self, cells: npt.NDArray[np.int16], frame: int) -> None:
        """Read an uncompressed frame with cells of 16 bits, little endian, straight to its place.

        Raises
        ------
        ImageError
            If the file ends before.
        """
        self.check()
        start, stop = native_span(self.header, frame, self.where)
        buffer = cells.data.cast("B")
        if fetch_into(self._access.place(self.url), start, buffer) < stop - start:
            raise ImageError(
                "ends within its pixels: it was cut short, or claims a false length.",
                where=self.where,
            )
        if sys.byteorder == "big":
            cells.byteswap(inplace=True)

    def tables(self, sequence: int) -> tuple[LookUp, ...]:
        """Return the tables of a modality LUT or VOI LUT sequence; see `tables_of`."""
        with self._lock:
            if sequence not in self._tables:
                dataset = self._dataset([sequence])
                self._tables[sequence] = tables_of(dataset, sequence, self.header, self.where)
            return self._tables[sequence]

    def palette(self) -> Palette:
        """Return its palette; see `palette_of`."""
        with self._lock:
            if self._palette is None:
                dataset = self._dataset(PALETTE_TAGS)
                self._palette = palette_of(dataset, self.header, self.where)
            return self._palette

    def overlay(self, frame: int) -> npt.NDArray[np.bool_] | None:
        """Return the pixels that overlays cover; see `overlay_of`."""
        with self._lock:
            if self._overlays is None:
                self._overlays = self._dataset(overlay_tags(self.header))
            return overlay_of(self._overlays, self.header, frame)

    def dataset(self, tags: list[int]) -> Dataset:
        """Return some elements before the pixels, as pydicom has them."""
        return self._dataset(tags)

    def _dataset(self, tags: list[int]) -> Dataset:
        with self._access.open(self.url) as file:
            return read_dataset(file, self.header, self.where, self._access.limits, tags)

    def _has_rows(self) -> bool:
        """Say whether rows of a frame lie by themselves."""
        header = self.header
        return (
            is_native(header)
            and header.transfer_syntax not in (DEFLATED, BIG_ENDIAN)
            and header.bits_allocated >= 8
            and (header.samples == 1 or header.planar == 0)
        )

    def _source(self) -> tuple[Fetch, EncapsulatedFrames | None]:
        """Return what frames are read with."""
        header = self.header
        if header.transfer_syntax == DEFLATED:
            if self._inflated is None:
                self._inflated = Inflated(
                    self._fetch, data_set_start(self._fetch), self._access.limits, self.where
                )
            inflated = self._inflated
            if header.frames == 1:
                # Nothing of it is wanted twice.
                self._inflated = None
            return _one_by_one(inflated), None
        if is_native(header) or header.pixel_length is not None:
            return self._fetch, None
        if header.frames == 1:
            return self._from_pixels_on(), None
        if self._frames is None:
            file = cast("IO[bytes]", RangeFile(self._access.place(self.url), _ITEMS))

            def fetch(start: int, count: int) -> bytes:
                if count > _LITTLE:
                    return self._fetch(start, count)
                file.seek(start)
                return file.read(count)

            self._frames = EncapsulatedFrames(fetch, header, self.where)
        return self._fetch, self._frames

    def _fetch(self, start: int, count: int) -> bytes:
        return self._access.place(self.url).fetch(start, start + count)

    def _from_pixels_on(self) -> Fetch:
        """Return a reader of all that comes after the header, which is fetched in one request."""
        first = self.header.pixel_offset or 0
        limits = self._access.limits
        data = self._fetch(first, limits.file_bytes + 1)
        limits.check_bytes(len(data), self.where)

        def fetch(start: int, count: int) -> bytes:
            return data[start - first : start - first + count]

        return fetch


def _one_by_one(inflated: Inflated) -> Fetch:
    lock = threading.Lock()

    def fetch(start: int, count: int) -> bytes:
        with lock:
            return inflated.fetch(start, count)

    return fetch
