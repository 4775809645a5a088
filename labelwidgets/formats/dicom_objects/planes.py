"""Where the slices of a scan lie, as objects that are made of its labels say it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from labelwidgets.errors import FormatError
from labelwidgets.media.volumes import DicomVolume, Instance

if TYPE_CHECKING:
    import pydicom


@dataclass(frozen=True)
class Planes:
    """The slices of a scan.

    Parameters
    ----------
    instances
        The objects that they are stored in.
    frame_of_reference
        Of `positions`; empty where the scan lies nowhere, as ultrasound and photographs do.
    positions
        The centre of the first voxel of each slice, in millimetres (LPS); empty as above.
    orientations
        The directions of rows and columns: one for all slices, or one for each.
    spacing
        Millimetres from row to row and from column to column.
    between
        Millimetres from slice to slice where all are equally far, else None.
    thickness
        Of a slice in millimetres.
    """

    instances: list[Instance]
    frame_of_reference: str
    positions: list[list[float]]
    orientations: list[list[float]]
    spacing: tuple[float, float] = (1.0, 1.0)
    between: float | None = None
    thickness: float = 1.0

    @property
    def placed(self) -> bool:
        """Whether the slices lie somewhere."""
        return bool(self.positions)

    def orientation(self, index: int) -> list[float]:
        """Return the directions of a slice."""
        return self.orientations[index if len(self.orientations) > 1 else 0]


def planes_of(
    volume: DicomVolume, header: pydicom.Dataset, uid: Callable[[str], str] = str
) -> Planes:
    """Return where the slices of a scan lie.

    Parameters
    ----------
    volume
        The scan.
    header
        Of its first slice.
    uid
        Gives the UID that stands for one of the scan.

    Raises
    ------
    FormatError
        If a slice has no UID that could be referred to.
    """
    grid = volume.grid
    instances = [_named(volume.instance(index), uid) for index in range(len(volume))]
    for index, instance in enumerate(instances):
        if not instance.sop_instance or not instance.sop_class:
            raise FormatError("is missing in the scan.", where=f"SOPInstanceUID of slice {index}")
    directions = _orientations(volume)
    if (
        not grid.frame_of_reference
        or grid.positions is None
        or grid.spacing is None
        or directions is None
    ):
        return Planes(instances, "", [], [])
    gaps = np.linalg.norm(np.diff(grid.positions, axis=0), axis=1)
    even = gaps.size > 0 and bool(np.ptp(gaps) <= 0.01 * gaps.min())
    return Planes(
        instances,
        uid(grid.frame_of_reference),
        grid.positions.tolist(),
        directions,
        (grid.spacing[1], grid.spacing[2]),
        float(np.median(gaps)) if even else None,
        _thickness(header) or grid.spacing[0],
    )


def _named(instance: Instance, uid: Callable[[str], str]) -> Instance:
    return Instance(
        uid(instance.series), instance.sop_class, uid(instance.sop_instance), instance.frame
    )


def _orientations(volume: DicomVolume) -> list[list[float]] | None:
    affine = volume.grid.affine
    if affine is not None:
        across, down = affine[:3, 0], affine[:3, 1]
        return [[*(across / np.linalg.norm(across)), *(down / np.linalg.norm(down))]]
    found = []
    for index in range(len(volume)):
        one = orientation_in(volume.dataset(index), volume.instance(index).frame)
        if one is None:
            return None
        found.append(one)
    return found


def orientation_in(header: pydicom.Dataset, frame: int | None) -> list[float] | None:
    """Return the directions of rows and columns of a picture, None where it says nothing."""
    from labelwidgets.formats.dicom_objects.parsing import numbers, sequence

    holders = [header]
    if frame is not None:
        each = sequence(header, "PerFrameFunctionalGroupsSequence")
        shared = sequence(header, "SharedFunctionalGroupsSequence")
        groups = [*each[frame - 1 : frame], *shared[:1]]
        holders = [
            plane for group in groups for plane in sequence(group, "PlaneOrientationSequence")
        ]
    for holder in holders:
        found = numbers(holder, "ImageOrientationPatient", 6)
        if found is not None:
            return found
    return None


def _thickness(header: pydicom.Dataset) -> float | None:
    try:
        value = float(header.SliceThickness)
    except (AttributeError, TypeError, ValueError):
        return None
    return value if 0 < value < 1e4 else None
