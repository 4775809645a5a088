"""The axes of a scan in the order and the directions that a model was trained with."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from labelwidgets.formats.nifti.library import library
from labelwidgets.formats.nifti.writing import affine_of
from labelwidgets.media.volumes import Grid


class Order(NamedTuple):
    """How (column, row, slice) of a scan become axes that lead right, to the front and up.

    Parameters
    ----------
    axes
        Which of the three each new axis is.
    mirrored
        Whether each new axis leads the other way.
    shape
        (columns, rows, slices).
    """

    axes: tuple[int, int, int]
    mirrored: tuple[bool, bool, bool]
    shape: tuple[int, int, int]

    @classmethod
    def to_ras(cls, grid: Grid) -> Order:
        """Return the order in which the axes of a grid are nearest to right, front and up."""
        nibabel = library()
        depth, height, width = grid.shape
        leads = nibabel.io_orientation(affine_of(grid))
        axes = [0, 1, 2]
        mirrored = [False, False, False]
        for axis, (becomes, direction) in enumerate(leads.tolist()):
            axes[int(becomes)], mirrored[int(becomes)] = axis, direction < 0
        return cls(
            (axes[0], axes[1], axes[2]),
            (mirrored[0], mirrored[1], mirrored[2]),
            (width, height, depth),
        )

    def voxel(self, index: list[int]) -> list[int]:
        """Return where a voxel (column, row, slice) of the scan is then."""
        return [
            self.shape[axis] - 1 - index[axis] if mirrored else index[axis]
            for axis, mirrored in zip(self.axes, self.mirrored, strict=True)
        ]

    def turned(
        self, values: npt.NDArray[Any], affine: npt.NDArray[np.float64]
    ) -> tuple[npt.NDArray[Any], npt.NDArray[np.float64]]:
        """Return values (columns, rows, slices) and their affine in this order."""
        back = np.zeros((4, 4))
        back[3, 3] = 1
        for new, (axis, mirrored) in enumerate(zip(self.axes, self.mirrored, strict=True)):
            back[axis, new] = -1 if mirrored else 1
            back[axis, 3] = self.shape[axis] - 1 if mirrored else 0
        made = values.transpose(self.axes)
        made = made[tuple(slice(None, None, -1 if one else 1) for one in self.mirrored)]
        return made, affine @ back
