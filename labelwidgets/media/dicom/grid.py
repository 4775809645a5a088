"""Where the voxels of a series are in the patient."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from labelwidgets.media.dicom.planes import cosines_of, is_placed, median, normal_of
from labelwidgets.media.dicom.slice_header import SliceHeader
from labelwidgets.media.volumes import Grid


def grid_of(headers: Sequence[SliceHeader], is_stack: bool) -> Grid:
    """Return the grid of slices that are in their order.

    The affine is that of DICOM PS3.3 C.7.6.2.1.1; its third column leads from slice to slice,
    which under gantry tilt is not along the normal. Where gaps differ, it leads as far as the
    median one, while `positions` are exact.

    Parameters
    ----------
    headers
        At least one, of slices of one size.
    is_stack
        Whether they are parallel, and no two of them at one place.
    """
    first = headers[0]
    shape = (len(headers), first.rows, first.columns)
    placed = all(map(is_placed, headers))
    frames = {header.frame_of_reference for header in headers}
    frame = frames.pop() if len(frames) == 1 else ""
    positions = np.array([header.position for header in headers], np.float64) if placed else None
    if positions is not None:
        positions.flags.writeable = False
    if first.pixel_spacing is None:
        return Grid(shape, None, None, positions, frame)
    down, across = first.pixel_spacing
    between = known_gap(first)
    cosines = cosines_of(first)
    if positions is None or cosines is None or not is_stack:
        return Grid(shape, (between or 1.0, down, across), None, positions, frame)
    normal = normal_of(first)
    gap, direction = between or 1.0, normal
    if len(headers) > 1:
        # Positions are written with six decimals at most.
        gap = round(median(np.diff(positions @ normal)), 6)
        direction = step_of(positions, normal)
    affine = np.eye(4)
    affine[:3, 0], affine[:3, 1] = cosines[0] * across, cosines[1] * down
    affine[:3, 2], affine[:3, 3] = direction * gap, positions[0]
    affine.flags.writeable = False
    return Grid(shape, (gap, down, across), affine, positions, frame)


def step_of(
    positions: npt.NDArray[np.float64], normal: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Return how positions shift with each millimetre along a normal, from the first to the last.

    Parameters
    ----------
    positions
        (slices, 3), sorted along the normal.
    normal
        Of length 1.
    """
    whole = positions[-1] - positions[0]
    step: npt.NDArray[np.float64] = whole / float(whole @ normal)
    return step


def known_gap(header: SliceHeader) -> float | None:
    """Return how far slices lie apart as the header of one says, None where it does not."""
    for value in (header.spacing_between, header.thickness):
        # Writers of gaps that overlap, and of stacks that go down, have written them negative.
        if value is not None and np.isfinite(value) and value != 0:
            return abs(value)
    return None
