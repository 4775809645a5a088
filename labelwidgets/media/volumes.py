"""What a scan is to everything above its reader: slices with values, and a place in space."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from labelwidgets.algorithms.tone import Curve
from labelwidgets.media.encoded import Encoded

if TYPE_CHECKING:
    import pydicom


@dataclass(frozen=True, slots=True)
class Window:
    """The values that are shown from black to white.

    Parameters
    ----------
    name
        What people call it.
    level, width
        Its middle and its extent, in the unit of the values.
    source
        Where its numbers come from.
    curve
        How shades go from black to white (DICOM PS3.3 C.11.2.1); with level, width and curve,
        `algorithms.window_ends` tells where.
    table
        Shades from 0 to 1 of evenly spaced values from ``level - width / 2`` to
        ``level + width / 2``, in place of a curve: a VOI LUT of the file (PS3.3 C.11.2.1.1).
    """

    name: str
    level: float
    width: float
    source: str = ""
    curve: Curve = "LINEAR_EXACT"
    table: tuple[float, ...] | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Something about a scan that a person should know before trusting it.

    Parameters
    ----------
    kind
        What it is, in a word that does not change: ``gap``, ``tilt``, ``duplicate``, ...
    message
        The same in a sentence.
    slices
        Which slices it is about, from 0; empty for all of them.
    """

    kind: str
    message: str
    slices: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Grid:
    """Where the voxels of a scan are in the patient.

    Parameters
    ----------
    shape
        Number of slices, rows and columns.
    spacing
        Millimetres from slice to slice (the median where they differ), row to row and column
        to column; None where the files do not say.
    affine
        (4, 4) from the indices (column, row, slice) of a voxel to its centre in millimetres,
        x to the patient's left, y to the back and z to the head (LPS, DICOM PS3.3 C.7.6.2.1.1);
        None where the slices are not parallel, or lie nowhere.
    positions
        (slices, 3): the centre of the first voxel of each slice, in millimetres (LPS); None
        where they lie nowhere. They say more than `affine` where gaps differ.
    frame_of_reference
        Scans with the same one share the coordinates of `affine`; empty where unknown.
    """

    shape: tuple[int, int, int]
    spacing: tuple[float, float, float] | None = None
    affine: npt.NDArray[np.float64] | None = None
    positions: npt.NDArray[np.float64] | None = None
    frame_of_reference: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a page is told of a scan beside its grid.

    Parameters
    ----------
    modality
        As DICOM names it (CT, MR, US, ...); empty where unknown.
    unit
        Of the values: ``HU``, ``SUV``, ...; empty for stored values.
    colour
        Whether its slices are RGB.
    windows
        Those that the file suggests, the first one first; none where it suggests none.
    problems
        What a person should know.
    inverted
        Whether its least values are shown white (MONOCHROME1).
    """

    modality: str = ""
    unit: str = ""
    colour: bool = False
    windows: tuple[Window, ...] = ()
    problems: tuple[Problem, ...] = field(default=())
    inverted: bool = False


class Volume(Protocol):
    """A scan, opened: its headers are known, its values are read slice by slice.

    Slices are counted from 0 in the order of space, along the normal of the planes, or where
    they have none in the order of the file. Safe from several threads.
    """

    @property
    def grid(self) -> Grid:
        """Where the voxels are."""

    @property
    def facts(self) -> Facts:
        """What else is known of it."""

    def __len__(self) -> int:
        """Return the number of slices."""

    def values(self, slice_index: int, /) -> npt.NDArray[Any]:
        """Return the values of a slice in `Facts.unit`, rescaled: (rows, columns), or RGB.

        int16 where they are whole and fit, else the smallest type that holds them; read-only.
        """

    def box(self, start: tuple[int, int, int], stop: tuple[int, int, int], /) -> npt.NDArray[Any]:
        """Return the values between two indices (slice, row, column), reading no other slice."""

    def encoded(self, slice_index: int, /) -> Encoded:
        """Return a slice for the browser: `GREY16` with its values, or a colour picture."""

    def header(self, slice_index: int, /) -> list[dict[str, Any]]:
        """Return the elements of a slice's header for people: tag, name, vr, value, level."""


@runtime_checkable
class KeptVolume(Volume, Protocol):
    """A scan that keeps the values that it has read, and can make small copies of slices."""

    def holds(self, slice_index: int, /) -> bool:
        """Say whether the values of a slice are in memory."""

    def coarse(self, slice_index: int, every: int, /) -> Encoded:
        """Return a slice as `encoded` does, of each `every` rows and columns the first one."""


@dataclass(frozen=True, slots=True)
class Instance:
    """The DICOM object that a slice is stored in, by which other objects refer to it.

    Parameters
    ----------
    series, sop_class, sop_instance
        UIDs; empty where the file has none.
    frame
        Its number from 1 in an object of several frames, None in one with a single picture.
    """

    series: str
    sop_class: str
    sop_instance: str
    frame: int | None = None


@runtime_checkable
class DicomVolume(Volume, Protocol):
    """A scan whose slices are DICOM: what segmentations and contours of it refer to."""

    def instance(self, slice_index: int, /) -> Instance:
        """Return the object that a slice is stored in, without reading anything."""

    def dataset(self, slice_index: int, /) -> pydicom.Dataset:
        """Return a copy of the whole header, without pixels, of the file that a slice is in."""
