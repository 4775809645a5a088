"""Volume masks as arrays: of the box around them alone."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from labelwidgets.algorithms.runs import (
    Runs,
    crop_runs,
    mask_from_runs,
    place_runs,
    rle_of,
    runs_bounds,
    runs_from_mask,
    runs_of,
)
from labelwidgets.algorithms.volume_islands import VoxelMask
from labelwidgets.errors import ToolError
from labelwidgets.schema.geometry import RLE, VolumeMask
from labelwidgets.schema.patch import VolumePatch

# What is numbered takes 4 bytes a voxel beside its own.
MOST_VOXELS = 400_000_000


class VoxelBox(NamedTuple):
    """A part of a volume mask: all of it that is set, and some room around it.

    Parameters
    ----------
    voxels
        (slices, rows, columns) bool.
    corner
        Slice, row and column of the first one in the scan.
    size
        (rows, columns) of the slices of the scan.
    """

    voxels: VoxelMask
    corner: tuple[int, int, int]
    size: tuple[int, int]

    def patch_to(self, after: VoxelMask) -> VolumePatch | None:
        """Return what makes the volume mask what `after` is; None where nothing differs."""
        slices: dict[int, RLE | None] = {}
        first, top, left = self.corner
        for index, (was, now) in enumerate(zip(self.voxels, after, strict=True)):
            if np.array_equal(was, now):
                continue
            made = rle_of(place_runs(runs_from_mask(now), left, top, self.size))
            slices[first + index] = RLE(made["size"], made["counts"]) if now.any() else None
        return VolumePatch(slices) if slices else None


def box_of_volume(
    mask: VolumeMask, shape: tuple[int, int, int], room: tuple[int, int, int] = (0, 0, 0)
) -> VoxelBox:
    """Return the box around the voxels of a mask, with room around it within the scan.

    Parameters
    ----------
    mask
        The volume mask.
    shape
        (slices, rows, columns) of the scan.
    room
        So many more slices, rows and columns on either side.

    Raises
    ------
    ToolError
        If the mask lies not within the scan, is empty or too large.
    """
    size = shape[1], shape[2]
    runs = {k: runs_of({"size": code.size, "counts": code.counts}) for k, code in _sorted(mask)}
    found = {k: bounds for k, made in runs.items() if (bounds := runs_bounds(made))}
    if not found:
        raise ToolError("is empty.", where="mask")
    if any(made.size != size for made in runs.values()) or max(found) >= shape[0]:
        raise ToolError("does not lie within its scan.", where="mask")
    first, end = _span(min(found), max(found) + 1, room[0], shape[0])
    top, foot = _span(
        min(y for _, y, _, _ in found.values()),
        max(y + tall for _, y, _, tall in found.values()),
        room[1],
        size[0],
    )
    left, right = _span(
        min(x for x, _, _, _ in found.values()),
        max(x + wide for x, _, wide, _ in found.values()),
        room[2],
        size[1],
    )
    count = (end - first) * (foot - top) * (right - left)
    if count > MOST_VOXELS:
        raise ToolError(
            f"spans a box of {count} voxels, at most {MOST_VOXELS} are allowed.", where="mask"
        )
    voxels = np.zeros((end - first, foot - top, right - left), bool)
    for k in found:
        voxels[k - first] = _cropped(runs[k], top, left, voxels.shape[1:])
    return VoxelBox(voxels, (first, top, left), size)


def _sorted(mask: VolumeMask) -> list[tuple[int, RLE]]:
    return sorted(mask.slices.items())


def _span(low: int, high: int, room: int, end: int) -> tuple[int, int]:
    return max(0, low - room), min(end, high + room)


def _cropped(runs: Runs, top: int, left: int, shape: tuple[int, ...]) -> VoxelMask:
    rows, columns = shape
    return mask_from_runs(crop_runs(runs, (left, top, columns, rows)))
