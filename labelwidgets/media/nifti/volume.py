"""A NIfTI volume: its slices along the last axis, turned as those of DICOM are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from labelwidgets.algorithms.tone import window_of
from labelwidgets.errors import ImageError
from labelwidgets.media.access import Access
from labelwidgets.media.encoded import Encoded, encode_pixels
from labelwidgets.media.nifti.header import NiftiHeader, read_nifti_header
from labelwidgets.media.nifti.turning import grid_of, turning_of
from labelwidgets.media.places import Place
from labelwidgets.media.urls import file_name, masked
from labelwidgets.media.volume_page import told, volume_page
from labelwidgets.media.volumes import Facts, Problem, Window
from labelwidgets.numbered import numbered

_GZIPPED = ".nii.gz"


def plain_place(url: str, access: Access) -> Place:
    """Return where the plain file of a volume lies, which may be gzipped.

    What it inflates to is bounded by the limits.
    """
    if not file_name(url).lower().endswith(_GZIPPED):
        return access.place(url)
    return access.place(f"gzip://{file_name(url)[:-3]}::{url}")


class NiftiVolume:
    """The slices of a volume. Safe from several threads.

    Parameters
    ----------
    url
        Canonical URL of the file, ``.nii`` or ``.nii.gz``.
    access
        Reads it.
    number
        Which volume, of those that a file with more than three dimensions holds, from 0.

    Raises
    ------
    ImageError
        If it is no such file, or has no such volume.
    LimitError
        If it is larger than the limits allow.
    """

    def __init__(self, url: str, access: Access, number: int = 0) -> None:
        self.where = masked(url)
        self._place = plain_place(url, access)
        self._header = header = read_nifti_header(self._place, self.where, access.limits)
        if isinstance(number, bool) or not isinstance(number, int):
            raise ImageError("needs the number of a volume, from 0.", where=self.where)
        if not 0 <= number < header.volumes:
            raise ImageError(f"has no volume {number}.", where=self.where)
        self._first = header.offset + number * header.shape[2] * header.slice_bytes
        self._turning = turning_of(header.affine)
        self.grid = grid_of(header.shape, header.spacing, header.affine, self._turning)
        windows: tuple[Window, ...] = ()
        self._ends = header.window
        if header.window is not None:
            low, high = header.window
            windows = (Window("From the file", (low + high) / 2, high - low, "the file"),)
        colour = header.dtype.names is not None
        self.facts = Facts("", "", colour, windows, tuple(_problems(header, number)))

    def __repr__(self) -> str:
        return told(self)

    def _repr_html_(self) -> str:
        return volume_page(self)

    def __len__(self) -> int:
        return self._header.shape[2]

    def values(self, slice_index: int) -> npt.NDArray[Any]:
        """Return the values of a slice, (rows, columns), or RGB; read-only."""
        header = self._header
        count = len(self)
        if not 0 <= slice_index < count:
            raise ImageError(f"has no slice {slice_index}.", where=self.where)
        at = count - 1 - slice_index if self._turning.flip_slices else slice_index
        start = self._first + at * header.slice_bytes
        data = self._place.fetch(start, start + header.slice_bytes)
        return self._turned(data)

    def box(self, start: tuple[int, int, int], stop: tuple[int, int, int]) -> npt.NDArray[Any]:
        """Return the values between two indices (slice, row, column); read-only."""
        rows, columns = slice(start[1], stop[1]), slice(start[2], stop[2])
        slices = range(start[0], stop[0])
        if not slices or slices[0] < 0 or slices[-1] >= len(self):
            raise ImageError("has no such slices.", where=self.where)
        made = np.stack([self.values(at)[rows, columns] for at in slices])
        made.flags.writeable = False
        return made

    def encoded(self, slice_index: int) -> Encoded:
        """Return a slice for the browser."""
        values = self.values(slice_index)
        if self.facts.colour:
            return encode_pixels(values)
        if self._ends is None:
            # One for all slices, from the first one that is asked for.
            self._ends = window_of(values)
        return encode_pixels(values, self._ends)

    def header(self, slice_index: int) -> list[dict[str, Any]]:
        """Return what the header says; there is one for all slices."""
        return list(_fields(self._header))

    def _turned(self, data: bytes) -> npt.NDArray[Any]:
        header = self._header
        if len(data) < header.slice_bytes:
            raise ImageError("ends within its pixels: it was cut short.", where=self.where)
        columns, rows = header.shape[:2]
        stored = np.frombuffer(data, header.dtype)
        if header.dtype.names is not None:
            made = stored.view(np.uint8).reshape(rows, columns, 3)
        else:
            made = _scaled(stored.reshape(rows, columns), header)
        made = np.ascontiguousarray(self._turning.slice(made))
        made.flags.writeable = False
        return made


def _scaled(stored: npt.NDArray[Any], header: NiftiHeader) -> npt.NDArray[Any]:
    """Return values: whole numbers where the type's range stays whole, else floating point."""
    slope, intercept = header.slope, header.intercept
    if stored.dtype.kind == "f":
        kind = np.float32 if stored.dtype.itemsize <= 4 else np.float64
        native: npt.NDArray[Any] = stored.astype(kind)
        if slope != 1 or intercept != 0:
            with np.errstate(over="ignore", invalid="ignore"):
                native = native * kind(slope) + kind(intercept)
        return native
    whole = _is_whole(slope) and _is_whole(intercept) and stored.dtype.itemsize <= 4
    fitting = _fitting(stored.dtype, int(slope), int(intercept)) if whole else None
    if fitting is not None:
        numbers: npt.NDArray[Any] = stored.astype(np.int64) * int(slope) + int(intercept)
        return numbers.astype(fitting)
    with np.errstate(over="ignore"):
        made: npt.NDArray[Any] = stored.astype(np.float64) * slope + intercept
    return made.astype(np.float32) if stored.dtype.itemsize <= 2 else made


def _fitting(dtype: np.dtype[Any], slope: int, intercept: int) -> np.dtype[Any] | None:
    """Return the smallest type that holds all values, of whatever is stored."""
    info = np.iinfo(dtype)
    ends = [int(end) * slope + intercept for end in (info.min, info.max)]
    for name in ("int16", "uint16", "int32", "uint32"):
        limits = np.iinfo(name)
        if limits.min <= min(ends) and max(ends) <= limits.max:
            return np.dtype(name)
    return None


def _is_whole(value: float) -> bool:
    return abs(value) < 2**31 and value == int(value)


def _problems(header: NiftiHeader, number: int) -> Iterator[Problem]:
    if header.affine is None:
        message = "The file does not say where in the patient its voxels are: sides may be mixed."
        yield Problem("position", message)
    if header.volumes > 1:
        yield Problem(
            "volumes",
            f"The file holds {numbered(header.volumes, 'volume')}; number {number + 1} is shown.",
        )
    if header.affine is not None:
        axes = header.affine[:3, :3] / np.linalg.norm(header.affine[:3, :3], axis=0)
        skew = float(np.abs(axes.T @ axes - np.eye(3)).max())
        if skew > 2e-3:
            degrees = float(np.degrees(np.arcsin(min(1.0, skew))))
            message = f"Its axes are not at right angles: {degrees:.1f} degrees off."
            yield Problem("tilt", message)


def _fields(header: NiftiHeader) -> Iterator[dict[str, Any]]:
    for name in header._fields:
        value = getattr(header, name)
        text = " ".join(str(value).split())
        yield {"tag": "", "name": name, "vr": "", "value": text, "level": 0}
