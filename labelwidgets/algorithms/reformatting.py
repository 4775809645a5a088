"""Cuts across the slices of a scan, in true proportions.

A cut holds still a row or a column of the voxels. Its picture has square pixels of the finest
spacing of the scan and is flat in the patient: slices lie where they are, however far apart
(between them values are linear, over a gap too), and those that were taken with a tilted gantry
are slid back to where they were (`shift`). It hangs as radiologists have it: the head above, or
the front in a cut from left to right and back to front, and the patient's left to the right.

The mapping is that of multiplanar reconstruction from positions and direction cosines (DICOM
PS3.3 C.7.6.2.1.1), with trilinear interpolation in the indices of the grid, as ITK's
``ResampleImageFilter`` has it for an even grid. `js/src/geometry/cut.ts` is its twin.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

Plane: TypeAlias = Literal["row", "column"]

FloatArray: TypeAlias = npt.NDArray[np.float64]

# No edge of a picture has more pixels: beyond, they are coarser.
_MOST = 4096
# Sums of rounded numbers that should be whole count as such.
_NEARLY = 1e-6


@dataclass(frozen=True, slots=True)
class CutLayout:
    """How the picture of a cut across the slices is laid out.

    A *line* is what a slice has in common with the cut: a row, or a column, of its voxels.

    Parameters
    ----------
    width, height
        Pixels of the picture.
    pitch
        Millimetres a pixel.
    upright
        Whether slices lie beside each other, not one above the other.
    line_flipped, slice_flipped
        Whether indices increase to the left, or upwards.
    step
        Millimetres from voxel to voxel along a line.
    shift, heights
        (slices,) millimetres along the lines, and across them, to the first voxel of each slice.
    line_start, slice_start
        Pixels before the centre of the first voxel.
    """

    width: int
    height: int
    pitch: float
    upright: bool
    line_flipped: bool
    slice_flipped: bool
    step: float
    shift: FloatArray
    heights: FloatArray
    line_start: int
    slice_start: int


def cut_layout(
    shape: tuple[int, int, int], affine: FloatArray, positions: FloatArray | None, plane: Plane
) -> CutLayout:
    """Return how the cuts of a plane are laid out, all alike.

    Parameters
    ----------
    shape
        Number of slices, rows and columns.
    affine
        (4, 4) from the indices (column, row, slice) of a voxel to its centre in millimetres
        (LPS).
    positions
        (slices, 3) centre of the first voxel of each slice, in millimetres (LPS); None where
        `affine` says it all.
    plane
        ``row`` for cuts of constant row, ``column`` for those of constant column.
    """
    across, down = affine[:3, 0], affine[:3, 1]
    if positions is None:
        positions = affine[:3, 3] + np.arange(shape[0])[:, None] * affine[:3, 2]
    along, line = (across, shape[2]) if plane == "row" else (down, shape[1])
    step = _length(along)
    direction = along / step
    gaps = np.diff(positions, axis=0)
    slid = gaps @ direction
    off = gaps - slid[:, None] * direction
    shift = np.concatenate([[0.0], np.cumsum(slid)])
    heights = np.concatenate([[0.0], np.cumsum(np.sqrt((off * off).sum(axis=1)))])
    head = heights[1] / 2 if len(heights) > 1 else 0.5
    foot = (heights[-1] - heights[-2]) / 2 if len(heights) > 1 else 0.5
    least, most = float(shift.min()), float(shift.max()) + (line - 1) * step
    tall = float(heights[-1]) + head + foot
    apart = float(heights[-1]) / (len(heights) - 1) if len(heights) > 1 else 0.0
    finest = min(_length(across), _length(down), apart or np.inf)
    pitch = max(finest, (most - least + step) / _MOST, tall / _MOST)
    line_start = int(np.floor((step / 2 - least) / pitch + _NEARLY))
    slice_start = int(np.floor(head / pitch + _NEARLY))
    # The edge at the end belongs to what comes after it.
    wide = line_start + int(np.ceil((most + step / 2) / pitch - _NEARLY))
    high = slice_start + int(np.ceil((heights[-1] + foot) / pitch - _NEARLY))
    leap = off.sum(axis=0)
    stack = leap / _length(leap) if _length(leap) > 0 else np.cross(across, down)
    right, below = _facing(np.cross(direction, stack))
    upright = bool(
        abs(stack @ right) + abs(direction @ below)
        > abs(direction @ right) + abs(stack @ below) + _NEARLY
    )
    return CutLayout(
        width=high if upright else wide,
        height=wide if upright else high,
        pitch=float(pitch),
        upright=upright,
        line_flipped=bool(direction @ (below if upright else right) < 0),
        slice_flipped=bool(stack @ (right if upright else below) < 0),
        step=step,
        shift=shift,
        heights=heights,
        line_start=line_start,
        slice_start=slice_start,
    )


def cut_picture(
    lines: npt.NDArray[Any], layout: CutLayout, known: npt.NDArray[np.intp] | None = None
) -> FloatArray:
    """Return the picture of a cut.

    Parameters
    ----------
    lines
        (slices, voxels of a line), or (slices, voxels, channels): the values of the cut's row
        or column in each slice.
    layout
        Of the cuts of this plane.
    known
        Indices, increasing, of the slices that `lines` has, where the others are still to be
        read: between those that are known values are linear, so that the picture is coarse.

    Returns
    -------
    ndarray
        (height, width), or with channels, of the values, not rounded; NaN outside of the scan,
        where the slices of a tilted gantry end. At the centre of a voxel it has that voxel's
        value.
    """
    heights = layout.heights
    present = heights if known is None else heights[known]
    wide, high = layout.width, layout.height
    count, length = (wide, high) if layout.upright else (high, wide)
    v = np.arange(-layout.slice_start, count - layout.slice_start, dtype=np.float64) * layout.pitch
    low, share = _between(present, v)
    values = lines.astype(np.float64, copy=False)
    if len(present) > 1:
        weights = share.reshape((-1,) + (1,) * (values.ndim - 1))
        made = values[low] * (1 - weights) + values[low + 1] * weights
    else:
        made = np.repeat(values[:1], count, axis=0)
    # Where along the line of a slice a pixel is, in voxels: one line of pixels lies in one slice.
    u = (np.arange(length) - layout.line_start) * layout.pitch
    if len(heights) > 1:
        at_slice, within = _between(heights, v, clamp=False)
        slid = layout.shift[at_slice] * (1 - within) + layout.shift[at_slice + 1] * within
    else:
        slid = np.zeros(count)
    if np.ptp(slid) < _NEARLY * layout.step:
        slid = slid[:1]
    made = _along(made, (u[None, :] - slid[:, None]) / layout.step)
    if layout.line_flipped:
        made = made[:, ::-1]
    if layout.slice_flipped:
        made = made[::-1]
    turned = made.swapaxes(0, 1) if layout.upright else made
    return np.ascontiguousarray(turned)


def _along(lines: FloatArray, at: FloatArray) -> FloatArray:
    """Return the values of each line at places along it, NaN beyond its last voxels.

    `at` has a row for each line, or one for all of them.
    """
    last = lines.shape[1] - 1
    nearest = np.rint(at)
    outside = (at < -0.5 - _NEARLY) | (at > last + 0.5 + _NEARLY)
    if np.abs(at - nearest).max() <= _NEARLY:
        made = _taken(lines, np.clip(nearest, 0, last).astype(np.intp))
    else:
        place = np.clip(at, 0, last)
        low = np.minimum(np.floor(place), max(0, last - 1)).astype(np.intp)
        share = place - low
        if lines.ndim > 2:
            share = share[..., None]
        upper = np.minimum(low + 1, last)
        made = _taken(lines, low) * (1 - share) + _taken(lines, upper) * share
    if outside.any():
        made[np.broadcast_to(outside, made.shape[:2])] = np.nan
    return made


def _taken(lines: FloatArray, index: npt.NDArray[np.intp]) -> FloatArray:
    if len(index) == 1:
        return lines[:, index[0]]
    picked: FloatArray = lines[np.arange(len(lines))[:, None], index]
    return picked


def _between(
    numbers: FloatArray, values: FloatArray, clamp: bool = True
) -> tuple[npt.NDArray[np.intp], FloatArray]:
    """Return the index of the number below each value, and how far it is on to the next one."""
    last = len(numbers) - 1
    if last < 1:
        return np.zeros(len(values), np.intp), np.zeros(len(values))
    low = np.clip(np.searchsorted(numbers, values, "right") - 1, 0, last - 1)
    gap = numbers[low + 1] - numbers[low]
    share = np.divide(values - numbers[low], gap, out=np.zeros(len(values)), where=gap > 0)
    # Sums of rounded numbers that lie in a slice have its very values.
    share = np.where(np.abs(share - np.rint(share)) < _NEARLY, np.rint(share), share)
    return low, np.clip(share, 0, 1) if clamp else share


def _facing(normal: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return where right and below are in a picture with this normal, as radiologists hang it."""
    left, back, feet = np.array([1.0, 0, 0]), np.array([0, 1.0, 0]), np.array([0, 0, -1.0])
    which = int(np.argmax(np.abs(normal)))
    if which == 2:
        return left, back
    return (left, feet) if which == 1 else (back, feet)


def _length(vector: FloatArray) -> float:
    return float(np.sqrt(vector @ vector))
