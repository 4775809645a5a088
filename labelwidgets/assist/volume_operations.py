"""What can be done to a volume mask as a whole; a page asks for it by name."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

from labelwidgets import algorithms
from labelwidgets.assist.cancelling import checkpoint
from labelwidgets.assist.voxel_box import VoxelBox, box_of_volume
from labelwidgets.errors import ToolError
from labelwidgets.media.volumes import Grid, Volume
from labelwidgets.schema.geometry import VolumeMask
from labelwidgets.schema.patch import VolumePatch

Numbers: TypeAlias = Mapping[str, float]
_Work: TypeAlias = Callable[[VolumeMask, Grid, Numbers], VolumePatch | None]


class Statistics(msgspec.Struct, frozen=True):
    """What is known of the values in a volume mask.

    Parameters
    ----------
    voxels
        How many are set.
    millilitres
        Their volume; None where the files do not say how large a voxel is.
    mean, deviation, least, most
        Of their values, in the unit of the scan; None where they have none, as in colours.
        The deviation is that of the population.
    """

    voxels: int
    millilitres: float | None = None
    mean: float | None = None
    deviation: float | None = None
    least: float | None = None
    most: float | None = None


def operate(name: str, mask: VolumeMask, grid: Grid, numbers: Numbers) -> VolumePatch | None:
    """Return what an operation changes of a volume mask, None where it changes nothing.

    Parameters
    ----------
    name
        ``fill`` (cavities), ``largest`` (island alone), ``small`` (islands below ``least``
        voxels are removed), ``grow`` and ``shrink`` (by ``margin`` millimetres), ``interpolate``
        (the slices between labelled ones).
    mask
        The volume mask.
    grid
        Of its scan.
    numbers
        What the operation is told.

    Raises
    ------
    ToolError
        If there is no such operation, a number is missing, or millimetres mean nothing in this
        scan.
    GeometryError
        If a number is impossible.
    """
    work = OPERATIONS.get(name)
    if work is None:
        raise ToolError("is no operation on volume masks.", where=f"{str(name)[:60]!r}")
    return work(mask, grid, numbers)


def measure(mask: VolumeMask, volume: Volume) -> Statistics:
    """Return volume and values of a mask; only its slices are read.

    Raises
    ------
    ToolError
        If the mask lies not within its scan.
    """
    grid = volume.grid
    box = box_of_volume(mask, grid.shape)
    count = int(np.count_nonzero(box.voxels))
    size = None if grid.spacing is None else math.prod(grid.spacing) / 1000
    made = Statistics(count, None if size is None else count * size)
    if volume.facts.colour:
        return made
    found = [_values(volume, box, index) for index in range(len(box.voxels))]
    values = np.concatenate(found) if found else np.empty(0)
    if not values.size:
        return made
    # In double precision: sums of half a million floats are not exact.
    return msgspec.structs.replace(
        made,
        mean=float(values.mean(dtype=np.float64)),
        deviation=float(values.std(dtype=np.float64)),
        least=float(values.min()),
        most=float(values.max()),
    )


def depths_of(grid: Grid) -> npt.NDArray[np.float64]:
    """Return where each slice lies along the normal, in millimetres, from 0 on.

    Raises
    ------
    ToolError
        If the files do not say it, or slices lie in one place.
    """
    count = grid.shape[0]
    if grid.spacing is None:
        raise ToolError(
            "does not say how large its voxels are, so that millimetres mean nothing in it.",
            where="scan",
        )
    depths = grid.spacing[0] * np.arange(count)
    if grid.positions is not None and grid.affine is not None:
        normal = np.cross(grid.affine[:3, 0], grid.affine[:3, 1])
        length = float(np.linalg.norm(normal))
        along = (grid.positions - grid.positions[0]) @ (normal / length) if length else depths
        depths = along if count < 2 or along[-1] >= 0 else -along
    if not (np.diff(depths) > 0).all():
        raise ToolError("has slices that do not follow one another in space.", where="scan")
    return np.asarray(depths, np.float64)


def _fill(mask: VolumeMask, grid: Grid, numbers: Numbers) -> VolumePatch | None:
    box = box_of_volume(mask, grid.shape)
    return box.patch_to(algorithms.fill_holes_3d(box.voxels))


def _largest(mask: VolumeMask, grid: Grid, numbers: Numbers) -> VolumePatch | None:
    box = box_of_volume(mask, grid.shape)
    return box.patch_to(algorithms.keep_largest_island_3d(box.voxels))


def _small(mask: VolumeMask, grid: Grid, numbers: Numbers) -> VolumePatch | None:
    box = box_of_volume(mask, grid.shape)
    least = _number(numbers, "least")
    return box.patch_to(algorithms.remove_small_islands_3d(box.voxels, least))


def _grow(mask: VolumeMask, grid: Grid, numbers: Numbers) -> VolumePatch | None:
    margin = _number(numbers, "margin")
    depths, pitch = depths_of(grid), _pitch(grid)
    deep, down, across = _room(margin, depths, pitch)
    box = box_of_volume(mask, grid.shape, (deep, down, across))
    return box.patch_to(algorithms.grow_mask_3d(box.voxels, margin, pitch, _of(box, depths)))


def _shrink(mask: VolumeMask, grid: Grid, numbers: Numbers) -> VolumePatch | None:
    margin = _number(numbers, "margin")
    depths, pitch = depths_of(grid), _pitch(grid)
    deep, _, _ = _room(margin, depths, pitch)
    # The empty slices on either side eat into it too, those beyond the scan do not.
    box = box_of_volume(mask, grid.shape, (deep, 1, 1))
    return box.patch_to(algorithms.shrink_mask_3d(box.voxels, margin, pitch, _of(box, depths)))


def _interpolate(mask: VolumeMask, grid: Grid, numbers: Numbers) -> VolumePatch | None:
    box = box_of_volume(mask, grid.shape)
    # Where the files say nothing of space, slices are taken to be evenly spaced.
    depths = depths_of(grid) if grid.spacing else np.arange(grid.shape[0], dtype=np.float64)
    pitch = _pitch(grid) if grid.spacing else (1.0, 1.0)
    after = box.voxels.copy()
    made = algorithms.interpolate_slices(dict(enumerate(box.voxels)), _of(box, depths), pitch)
    for index, one in made.items():
        after[index] = one
    return box.patch_to(after)


OPERATIONS: dict[str, _Work] = {
    "fill": _fill,
    "largest": _largest,
    "small": _small,
    "grow": _grow,
    "shrink": _shrink,
    "interpolate": _interpolate,
}


def _of(box: VoxelBox, depths: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    first = box.corner[0]
    return depths[first : first + len(box.voxels)]


def _room(
    margin: float, depths: npt.NDArray[np.float64], pitch: tuple[float, float]
) -> tuple[int, int, int]:
    """Return so many slices, rows and columns as a margin may reach, or one more."""
    gap = float(np.diff(depths).min()) if len(depths) > 1 else pitch[0]
    most = algorithms.MAX_MARGIN_MM
    deep, down, across = (
        math.ceil(min(max(0.0, margin), most) / step) + 1 for step in (gap, *pitch)
    )
    return deep, down, across


def _pitch(grid: Grid) -> tuple[float, float]:
    _, down, across = grid.spacing or (1.0, 1.0, 1.0)
    return down, across


def _number(numbers: Numbers, name: str) -> float:
    value = numbers.get(name)
    if value is None or not math.isfinite(value):
        raise ToolError("needs a number.", where=name)
    return value


def _values(volume: Volume, box: VoxelBox, index: int) -> npt.NDArray[Any]:
    checkpoint()
    first, top, left = box.corner
    inside = box.voxels[index]
    if not inside.any():
        return np.empty(0)
    rows, columns = inside.shape
    values = volume.values(first + index)[top : top + rows, left : left + columns][inside]
    finite: npt.NDArray[Any] = values[np.isfinite(values)]
    return finite
