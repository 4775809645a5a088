"""A scan of DICOM files: its slices in the order of space, with values in their unit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy.typing as npt

from labelwidgets.algorithms.masks import encode_rle
from labelwidgets.algorithms.tone import window_ends
from labelwidgets.errors import ImageError
from labelwidgets.media.access import Access
from labelwidgets.media.dicom.assembly import Assembly, Slice, assemble
from labelwidgets.media.dicom.datasets import read_dataset
from labelwidgets.media.dicom.header_lines import header_lines
from labelwidgets.media.dicom.overlays import burnt_in
from labelwidgets.media.dicom.reading import frames_of, read_frames
from labelwidgets.media.dicom.slice_pixels import SlicePixels
from labelwidgets.media.dicom.uptake import TAGS as UPTAKE_TAGS
from labelwidgets.media.dicom.uptake import uptake_factor
from labelwidgets.media.dicom.values import unit_of
from labelwidgets.media.dicom.windows import windows_of
from labelwidgets.media.encoded import Encoded, encode_pixels
from labelwidgets.media.limits import Limits
from labelwidgets.media.urls import masked
from labelwidgets.media.volume_page import told, volume_page
from labelwidgets.media.volumes import Facts, Grid, Instance

if TYPE_CHECKING:
    import pydicom


class SliceStack:
    """The slices of one scan. Safe from several threads.

    Parameters
    ----------
    urls
        Canonical URLs of its files, in their natural order. If they are several scans, that with
        the most slices is taken, and `facts` say so; what cannot be read is left out, too.
    access
        Reads them.

    Raises
    ------
    LabelwidgetsError
        If none of the files is a picture that can be read.
    """

    def __init__(self, urls: Sequence[str], access: Access) -> None:
        self._open(assemble(urls, read_frames(urls, access)), access)

    def _open(self, assembly: Assembly, access: Access) -> None:
        self._access = access
        self._slices = assembly.slices
        self.grid: Grid = assembly.grid
        middle = self._slices[len(self._slices) // 2]
        factor, self._unit = self._scale(middle)
        self._pixels = SlicePixels(self._slices, access, factor, self._found)
        header = middle.header
        windows = windows_of(header, self._pixels.voi_tables(len(self) // 2), factor)
        self._automatic: tuple[float, float] | None = None
        self.facts = Facts(
            header.modality,
            self._unit,
            self._pixels.colour,
            windows,
            assembly.problems,
            inverted=header.photometric == "MONOCHROME1",
        )

    def _scale(self, one: Slice) -> tuple[float, str]:
        """Return what values are multiplied with, and the unit they have then."""
        header = one.header
        if header.modality != "PT" or header.units != "BQML":
            return 1.0, unit_of(header)
        with self._access.open(one.url) as file:
            dataset = read_dataset(file, header, masked(one.url), self._access.limits, UPTAKE_TAGS)
        times = [each.header.acquisition_time for each in self._slices]
        factor = uptake_factor(dataset, header, min(filter(None, times), default=""))
        return (1.0, unit_of(header)) if factor is None else (factor, "SUV")

    def __repr__(self) -> str:
        return told(self)

    def _repr_html_(self) -> str:
        return volume_page(self)

    def __len__(self) -> int:
        return len(self._slices)

    def values(self, slice_index: int) -> npt.NDArray[Any]:
        """Return the values of a slice, (rows, columns), or RGB of 8 bits."""
        self._slice(slice_index)
        return self._pixels.values(slice_index)

    def box(self, start: tuple[int, int, int], stop: tuple[int, int, int]) -> npt.NDArray[Any]:
        """Return the values between two indices, all of them within the grid."""
        return self._pixels.box(start, stop)

    def encoded(self, slice_index: int) -> Encoded:
        """Return a slice for the browser."""
        return self.coarse(slice_index, 1)

    def holds(self, slice_index: int) -> bool:
        """Say whether the values of a slice are in memory."""
        self._slice(slice_index)
        return self._pixels.holds(slice_index)

    def coarse(self, slice_index: int, every: int) -> Encoded:
        """Return a slice for the browser, of each `every` rows and columns the first one."""
        values = self.values(slice_index)
        overlay = self._pixels.overlay(slice_index)
        if self.facts.colour:
            shown = values if overlay is None else burnt_in(values, overlay)
            return encode_pixels(shown[::every, ::every])
        if self.facts.windows:
            window = self.facts.windows[0]
            ends = window_ends(window.level, window.width, window.curve)
        else:
            # One for all slices, from the first one that is asked for.
            ends = self._automatic or self._pixels.percentiles(slice_index)
            self._automatic = ends
        made = encode_pixels(values[::every, ::every], ends)
        if overlay is None:
            return made
        # Above the values, which tools work on, and not in them.
        return replace(made, overlay=encode_rle(overlay[::every, ::every]))

    def header(self, slice_index: int) -> list[dict[str, Any]]:
        """Return the elements of a slice's header."""
        return header_lines(self.dataset(slice_index))

    def instance(self, slice_index: int) -> Instance:
        """Return the object that a slice is stored in."""
        one = self._slice(slice_index)
        header = one.header
        several = header.frames > 1 or header.has_functional_groups
        frame = one.frame + 1 if several else None
        return Instance(header.series, header.sop_class, header.sop_instance, frame)

    def dataset(self, slice_index: int) -> pydicom.Dataset:
        """Return the whole header, without pixels, of the file that a slice is in."""
        one = self._slice(slice_index)
        with self._access.open(one.url) as file:
            return read_dataset(file, one.header, masked(one.url), self._access.limits)

    def _found(self, one: Slice) -> Slice:
        """Return a slice, of which a server told the header, with that of its instance."""
        frames = frames_of(one.url, self._access)
        if one.frame >= len(frames):
            raise ImageError(
                f"has no frame {one.frame}, as the server said.", where=masked(one.url)
            )
        return one._replace(header=frames[one.frame])

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Return the files of the scan, each once, in the order of slices: name and bytes."""
        for url in dict.fromkeys(one.url for one in self._slices):
            yield masked(url), self._access.read(url)

    @property
    def limits(self) -> Limits:
        """Bounds on what is read."""
        return self._access.limits

    def _slice(self, index: int) -> Slice:
        if not 0 <= index < len(self._slices):
            raise ImageError(f"has no slice {index}.", where="series")
        return self._slices[index]
