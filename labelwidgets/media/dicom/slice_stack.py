"""A scan of DICOM files: its slices in the order of space, with values in their unit."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from labelwidgets.errors import ImageError
from labelwidgets.media.access import Access
from labelwidgets.media.dicom.assembly import Assembly, Slice, assemble
from labelwidgets.media.dicom.datasets import read_dataset
from labelwidgets.media.dicom.reading import read_frames
from labelwidgets.media.encoded import Encoded, encode_pixels
from labelwidgets.media.urls import masked
from labelwidgets.media.volumes import Facts, Grid, Instance, Window

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
        first = self._slices[0].header
        windows = tuple(
            Window("From the file", level, width, "the file")
            for level, width in zip(first.window_centres, first.window_widths, strict=False)
        )
        unit = "HU" if first.modality == "CT" else ""
        self.facts = Facts(first.modality, unit, False, windows, assembly.problems)

    def __len__(self) -> int:
        return len(self._slices)

    def values(self, slice_index: int) -> npt.NDArray[Any]:
        """Return the values of a slice, (rows, columns)."""
        from pydicom.pixels.utils import pixel_array

        one = self._slice(slice_index)
        data = io.BytesIO(self._access.read(one.url))
        index = one.frame if one.header.frames > 1 else None
        try:
            stored = pixel_array(data, index=index)
        except (ValueError, AttributeError, RuntimeError, NotImplementedError) as error:
            raise ImageError(f"cannot be decoded ({error}).", where=masked(one.url)) from None
        whole: npt.NDArray[Any] = (stored * one.header.slope + one.header.intercept).astype("i2")
        return whole

    def box(self, start: tuple[int, int, int], stop: tuple[int, int, int]) -> npt.NDArray[Any]:
        """Return the values between two indices."""
        slices = [
            self.values(at)[start[1] : stop[1], start[2] : stop[2]]
            for at in range(start[0], stop[0])
        ]
        return np.stack(slices)

    def encoded(self, slice_index: int) -> Encoded:
        """Return a slice for the browser."""
        window = self.facts.windows[0] if self.facts.windows else None
        ends = (
            None
            if window is None
            else (window.level - window.width / 2, window.level + window.width / 2)
        )
        return encode_pixels(self.values(slice_index), ends)

    def header(self, slice_index: int) -> list[dict[str, Any]]:
        """Return the elements of a slice's header."""
        return [
            {
                "tag": f"{element.tag.group:04X},{element.tag.element:04X}",
                "name": element.name,
                "vr": element.VR,
                "value": str(element.value)[:200],
                "level": 0,
            }
            for element in self.dataset(slice_index)
        ]

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

    def _slice(self, index: int) -> Slice:
        if not 0 <= index < len(self._slices):
            raise ImageError(f"has no slice {index}.", where="series")
        return self._slices[index]
