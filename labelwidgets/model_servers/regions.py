"""The part of a scan around extreme points, at the size that a network of DEXTR3D takes.

Source: the client of NVIDIA's AI-Assisted Annotation, `dextr3d` of ``client_api.py``.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from labelwidgets.media.scan import Scan
from labelwidgets.media.volumes import Grid


class Region(NamedTuple):
    """A box of a scan, resampled.

    Parameters
    ----------
    start, stop
        (slice, row, column) of the box.
    grid
        Of what is sent.
    """

    start: tuple[int, int, int]
    stop: tuple[int, int, int]
    grid: Grid

    @property
    def size(self) -> tuple[int, int, int]:
        """Slices, rows and columns of the box."""
        made = tuple(b - a for a, b in zip(self.start, self.stop, strict=True))
        return made[0], made[1], made[2]

    @property
    def steps(self) -> npt.NDArray[np.float64]:
        """Voxels of the scan for each one that is sent, by slice, row and column."""
        return np.asarray(self.size, float) / self.grid.shape

    def values(self, scan: Scan) -> npt.NDArray[np.float32]:
        """Return what is sent, (slices, rows, columns), linear between voxels."""
        from scipy.ndimage import affine_transform

        read = np.asarray(scan.box(self.start, self.stop), np.float32)
        made: npt.NDArray[np.float32] = affine_transform(
            read, self.steps, output_shape=self.grid.shape, order=1, mode="nearest"
        )
        return made

    def points(self, points: list[list[int]]) -> list[list[int]]:
        """Return points, (column, row, slice), as those of what is sent."""
        moved = (np.asarray(points) - self.start[::-1]) / self.steps[::-1]
        return [[int(value) for value in one] for one in moved]

    def back(self, labels: npt.NDArray[Any], shape: tuple[int, int, int]) -> npt.NDArray[Any]:
        """Return a label map of what was sent as one of the scan: that of the nearest voxel."""
        made = np.zeros(shape, labels.dtype)
        index = [
            np.minimum(np.rint(np.arange(size) / step).astype(int), sent - 1)
            for size, step, sent in zip(self.size, self.steps, self.grid.shape, strict=True)
        ]
        made[tuple(map(slice, self.start, self.stop))] = labels[np.ix_(*index)]
        return made


def region_around(
    points: list[list[int]], scan: Scan, pad: float, size: tuple[int, int, int]
) -> Region:
    """Return the box around points.

    Parameters
    ----------
    points
        (column, row, slice).
    scan
        What they are on.
    pad
        Millimetres that are added on each side, voxels where the spacing is not known.
    size
        Slices, rows and columns of what is sent.
    """
    index = np.asarray(points)[:, ::-1]
    margin = (pad / np.asarray(scan.spacing or (1.0, 1.0, 1.0))).astype(int)
    start = np.maximum(index.min(axis=0) - margin, 0)
    stop = np.minimum(index.max(axis=0) + margin + 1, scan.shape)
    steps = (stop - start) / np.asarray(size)
    spacing = tuple(np.asarray(scan.spacing) * steps) if scan.spacing is not None else None
    affine = None
    if scan.grid.affine is not None:
        affine = np.array(scan.grid.affine)
        affine[:3, 3] += affine[:3, :3] @ start[::-1]
        affine[:3, :3] *= steps[::-1]
    first, last = map(tuple, (start.tolist(), stop.tolist()))
    return Region(first, last, Grid(size, spacing, affine))
