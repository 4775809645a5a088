"""Masks of voxels that grow and shrink by a margin in millimetres, exactly."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.algorithms.islands import box_of
from labelwidgets.algorithms.volume_islands import VoxelMask, as_voxels, voxel_box
from labelwidgets.errors import GeometryError

MAX_MARGIN_MM = 500.0
# So that a voxel exactly at the margin counts, whichever way its square was rounded.
_RIM = 1e-9

_Area: TypeAlias = tuple[slice, slice]


def grow_mask_3d(
    mask: ArrayLike,
    margin: float,
    pitch: tuple[float, float],
    depths: ArrayLike,
) -> VoxelMask:
    """Return a mask and all voxels near it: its dilation by a ball.

    Parameters
    ----------
    mask
        (K, H, W), bool or numbers; what is not 0 is set.
    margin
        A voxel is set when its centre is within so many millimetres of the centre of one that
        was; 0 to 500.
    pitch
        Millimetres from row to row, and from column to column.
    depths
        (K,): where each slice lies along the normal, in millimetres, increasing; gaps may differ.

    Returns
    -------
    ndarray
        (K, H, W) bool; a new array.

    Raises
    ------
    GeometryError
        If the margin, the distances or the mask are impossible.

    Notes
    -----
    A ball is a stack of discs: the exact squared Euclidean distance within each slice
    (`scipy.ndimage.distance_transform_edt`) is compared with what the distance between slices
    leaves of the squared margin. Equal to the distance transform of the whole volume, whose
    memory (16 bytes a voxel) and time this does not take.
    """
    given, along = _checked(mask, margin, pitch, depths)
    grown = given.copy()
    for k in np.flatnonzero(given.any(axis=(1, 2))):
        box = box_of(given[k])
        if box is None:
            continue
        area = _widened(box, margin, pitch, given[k].shape)
        squares = _squares(given[k][area], pitch)
        for j, rest in _within(along, int(k), margin):
            grown[j][area] |= squares <= rest
    return grown


def shrink_mask_3d(
    mask: ArrayLike,
    margin: float,
    pitch: tuple[float, float],
    depths: ArrayLike,
) -> VoxelMask:
    """Return the voxels of a mask that are well inside: its erosion by a ball.

    Parameters
    ----------
    mask
        (K, H, W), bool or numbers; what is not 0 is set.
    margin
        A voxel stays when it is farther than so many millimetres, from centre to centre, from
        every voxel that is not set; 0 to 500. Beyond the volume there is nothing to be far from.
    pitch, depths
        As for `grow_mask_3d`.

    Returns
    -------
    ndarray
        (K, H, W) bool; a new array.

    Raises
    ------
    GeometryError
        As for `grow_mask_3d`.
    """
    given, along = _checked(mask, margin, pitch, depths)
    shrunk = given.copy()
    box = voxel_box(given)
    if box is None:
        return shrunk
    # All around the box nothing is set: one pixel of that is as good as the whole of it.
    area = _widened(box[1:], 0, pitch, given.shape[1:], least=1)
    for k in range(len(given)):
        inside = given[k][area]
        squares = _squares(~inside, pitch) if inside.any() else None
        for j, rest in _within(along, k, margin):
            if squares is None:
                shrunk[j] = False
            else:
                shrunk[j][area] &= squares > rest
    return shrunk


def _squares(mask: VoxelMask, pitch: tuple[float, float]) -> NDArray[np.float64]:
    """Return how far each pixel is from one that is set, squared; infinite where none is."""
    from scipy import ndimage

    if not mask.any():
        return np.full(mask.shape, np.inf)
    distance: NDArray[np.float64] = ndimage.distance_transform_edt(~mask, sampling=pitch)
    return distance * distance


def _within(along: NDArray[np.float64], k: int, margin: float) -> Iterator[tuple[int, float]]:
    """Return the slices within reach of one, and what is left of the margin there, squared."""
    reach = margin * (1 + _RIM) + _RIM
    first = int(np.searchsorted(along, along[k] - reach))
    end = int(np.searchsorted(along, along[k] + reach, side="right"))
    for j in range(first, end):
        gap = float(along[j] - along[k])
        yield j, margin * margin - gap * gap + _RIM * max(1.0, margin * margin)


def _widened(
    box: tuple[slice, ...],
    margin: float,
    pitch: tuple[float, float],
    shape: tuple[int, ...],
    least: int = 0,
) -> _Area:
    rows, columns = box
    by = [max(least, math.ceil(margin / step)) for step in pitch]
    return (
        slice(max(0, rows.start - by[0]), min(shape[0], rows.stop + by[0])),
        slice(max(0, columns.start - by[1]), min(shape[1], columns.stop + by[1])),
    )


def _checked(
    mask: ArrayLike, margin: float, pitch: tuple[float, float], depths: ArrayLike
) -> tuple[VoxelMask, NDArray[np.float64]]:
    given = as_voxels(mask)
    along = np.asarray(depths, np.float64)
    if not 0 <= margin <= MAX_MARGIN_MM:
        raise GeometryError(
            f"must be 0 to {MAX_MARGIN_MM:g} mm, not {margin!r:.40}.", where="margin"
        )
    if not all(math.isfinite(step) and step > 0 for step in pitch):
        raise GeometryError(f"must be greater than 0, not {pitch!r:.60}.", where="pitch")
    if along.shape != given.shape[:1] or not (np.diff(along) > 0).all():
        raise GeometryError("must increase from slice to slice, one for each.", where="depths")
    return given, along
