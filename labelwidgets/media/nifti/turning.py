"""How the slices of a NIfTI volume are turned, so that they are seen as those of DICOM are."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from labelwidgets.media.volumes import Grid

# From right, front and head to left, back and head.
_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])


class Turning(NamedTuple):
    """What is done to stored slices, (rows, columns), and to their order.

    Parameters
    ----------
    swap
        Whether rows become columns, before all else.
    flip_rows, flip_columns, flip_slices
        Whether the first becomes the last.
    """

    swap: bool = False
    flip_rows: bool = False
    flip_columns: bool = False
    flip_slices: bool = False

    def slice(self, stored: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return a slice as it is seen."""
        seen = stored.swapaxes(0, 1) if self.swap else stored
        return seen[:: -1 if self.flip_rows else 1, :: -1 if self.flip_columns else 1]


def turning_of(affine: npt.NDArray[np.float64] | None) -> Turning:
    """Return how slices along the last axis are to be turned.

    Columns then go to the patient's left (of sagittal slices to the back), rows to the back (of
    others to the feet), and slices along row times column.

    Parameters
    ----------
    affine
        (4, 4) from (column, row, slice) to RAS+ millimetres; None where nothing is known.
    """
    if affine is None:
        return Turning()
    axes = (_LPS @ affine)[:3, :3]
    axes = axes / np.linalg.norm(axes, axis=0)
    normal = int(np.abs(np.cross(axes[:, 0], axes[:, 1])).argmax())
    # Along which of left, back and head columns and rows shall go, and which way.
    across, down = ((1, 2), (0, 2), (0, 1))[normal]
    swap = abs(axes[across, 0]) < abs(axes[across, 1])
    column, row = (axes[:, 1], axes[:, 0]) if swap else (axes[:, 0], axes[:, 1])
    flip_columns = column[across] < 0
    flip_rows = row[down] < 0 if down == 1 else row[down] > 0
    column, row = column * (-1 if flip_columns else 1), row * (-1 if flip_rows else 1)
    flip_slices = float(np.cross(column, row) @ axes[:, 2]) < 0
    return Turning(bool(swap), bool(flip_rows), bool(flip_columns), flip_slices)


def grid_of(
    shape: tuple[int, int, int],
    spacing: tuple[float, float, float],
    affine: npt.NDArray[np.float64] | None,
    turning: Turning,
) -> Grid:
    """Return the grid of the turned volume.

    Parameters
    ----------
    shape, spacing, affine
        As stored: (columns, rows, slices), and to RAS+ millimetres.
    turning
        What is done to it.
    """
    columns, rows, slices = shape
    if affine is None:
        return Grid((slices, rows, columns), (spacing[2], spacing[1], spacing[0]))
    # From what is seen to what is stored.
    stored = np.eye(4)
    for axis, flip in ((1, turning.flip_rows), (0, turning.flip_columns)):
        # Of swapped ones, what is seen as columns is stored as rows.
        source = 1 - axis if turning.swap else axis
        stored[source, :3] = 0
        stored[source, axis] = -1 if flip else 1
        stored[source, 3] = shape[source] - 1 if flip else 0
    if turning.flip_slices:
        stored[2, 2], stored[2, 3] = -1, slices - 1
    made = _LPS @ affine @ stored
    if turning.swap:
        columns, rows = rows, columns
    lengths = np.linalg.norm(made[:3, :3], axis=0)
    normal = np.cross(made[:3, 0], made[:3, 1]) / (lengths[0] * lengths[1])
    normal /= np.linalg.norm(normal)
    between = abs(float(normal @ made[:3, 2]))
    positions = made[:3, 3] + np.arange(slices)[:, None] * made[:3, 2]
    for array in (made, positions):
        array.flags.writeable = False
    return Grid(
        (slices, rows, columns),
        (between, float(lengths[1]), float(lengths[0])),
        made,
        positions,
    )
