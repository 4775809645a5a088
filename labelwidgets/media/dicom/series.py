"""A DICOM series: its slices in the order of space, with values in their unit."""

from __future__ import annotations

import io
from collections.abc import Sequence
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from labelwidgets.errors import ImageError
from labelwidgets.media.access import Access
from labelwidgets.media.encoded import Encoded, encode_pixels
from labelwidgets.media.urls import masked
from labelwidgets.media.volumes import Facts, Grid, Instance, Window

if TYPE_CHECKING:
    import pydicom


class DicomSeries:
    """The slices of one scan.

    Parameters
    ----------
    urls
        Canonical URLs of its files.
    access
        Reads them.
    """

    def __init__(self, urls: Sequence[str], access: Access) -> None:
        import pydicom

        self._access = access
        headers = []
        for url in urls:
            with access.open(url) as file:
                read = pydicom.dcmread(file, stop_before_pixels=True)
            if "Rows" not in read or "Columns" not in read:
                raise ImageError("is a DICOM file without a picture.", where=masked(url))
            headers.append((url, read))
        self._headers = sorted(headers, key=lambda one: _height(one[1]))
        first = self._headers[0][1]
        rows, columns = int(first.Rows), int(first.Columns)
        positions = np.array(
            [getattr(one, "ImagePositionPatient", (0, 0, 0)) for _, one in self._headers], float
        )
        between = float(np.linalg.norm(positions[1] - positions[0])) if len(positions) > 1 else 1.0
        down, across = map(float, getattr(first, "PixelSpacing", (1, 1)))
        cosines = np.array(getattr(first, "ImageOrientationPatient", (1, 0, 0, 0, 1, 0)), float)
        affine = np.eye(4)
        affine[:3, 0], affine[:3, 1] = cosines[:3] * across, cosines[3:] * down
        affine[:3, 2] = np.cross(cosines[:3], cosines[3:]) * between
        affine[:3, 3] = positions[0]
        self.grid = Grid(
            (len(self._headers), rows, columns),
            (between, down, across),
            affine,
            positions,
            str(getattr(first, "FrameOfReferenceUID", "")),
        )
        modality = str(getattr(first, "Modality", ""))
        windows = []
        if "WindowCenter" in first:
            level = np.atleast_1d(first.WindowCenter)[0]
            width = np.atleast_1d(first.WindowWidth)[0]
            windows.append(Window("From the file", float(level), float(width), "the file"))
        self.facts = Facts(modality, "HU" if modality == "CT" else "", False, tuple(windows))

    def __len__(self) -> int:
        return len(self._headers)

    def values(self, slice_index: int) -> npt.NDArray[Any]:
        """Return the values of a slice, (rows, columns)."""
        import pydicom

        if not 0 <= slice_index < len(self):
            raise ImageError(f"has no slice {slice_index}.", where="series")
        url, _ = self._headers[slice_index]
        read = pydicom.dcmread(io.BytesIO(self._access.read(url)))
        try:
            stored = read.pixel_array
        except (ValueError, AttributeError, RuntimeError, NotImplementedError) as error:
            raise ImageError(f"cannot be decoded ({error}).", where=masked(url)) from None
        slope = float(getattr(read, "RescaleSlope", 1))
        intercept = float(getattr(read, "RescaleIntercept", 0))
        made = stored * slope + intercept
        whole: npt.NDArray[Any] = made.astype(np.int16)
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
        _, read = self._headers[slice_index]
        return [
            {
                "tag": f"{element.tag.group:04X},{element.tag.element:04X}",
                "name": element.name,
                "vr": element.VR,
                "value": str(element.value)[:200],
                "level": 0,
            }
            for element in read
        ]

    def instance(self, slice_index: int) -> Instance:
        """Return the object that a slice is stored in."""
        _, read = self._headers[slice_index]
        series, kind, own = (
            str(read.get(name, ""))
            for name in ("SeriesInstanceUID", "SOPClassUID", "SOPInstanceUID")
        )
        return Instance(series, kind, own, 1 if "NumberOfFrames" in read else None)

    def dataset(self, slice_index: int) -> pydicom.Dataset:
        """Return a copy of the header of the file that a slice is in."""
        import pydicom

        made = pydicom.Dataset()
        for element in self._headers[slice_index][1]:
            made.add(deepcopy(element))
        return made


def _height(read: Any) -> float:
    cosines = np.array(getattr(read, "ImageOrientationPatient", (1, 0, 0, 0, 1, 0)), float)
    at = np.array(getattr(read, "ImagePositionPatient", (0, 0, 0)), float)
    return float(np.cross(cosines[:3], cosines[3:]) @ at)
