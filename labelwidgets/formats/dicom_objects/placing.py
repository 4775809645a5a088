"""Pictures of others that lie on the grid of a scan, if not slice on slice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from labelwidgets.errors import FormatError
from labelwidgets.media.volumes import Volume

# In voxels: how far a grid may be from the other one. Decimal strings are rounded.
_NEAR = 0.05


@dataclass(frozen=True)
class Plane:
    """Where a picture lies.

    Parameters
    ----------
    position
        The centre of its first pixel in millimetres (LPS).
    cosines
        The directions of its rows and columns, 6 numbers.
    spacing
        Millimetres from row to row and from column to column.
    """

    position: tuple[float, ...]
    cosines: tuple[float, ...]
    spacing: tuple[float, ...]


def place_on(
    plane: Plane, volume: Volume, pixels: npt.NDArray[Any]
) -> tuple[int, npt.NDArray[Any]]:
    """Return the slice that a picture lies on, and its pixels as those of the slice.

    The picture may be a part of the slice, go beyond it, or be turned by right angles.

    Parameters
    ----------
    plane
        Where it lies.
    volume
        The scan, in the same coordinates.
    pixels
        (rows, columns) of the picture.

    Returns
    -------
    int, ndarray
        The index of the slice, and (rows, columns) of the slice, 0 where there is no picture.

    Raises
    ------
    FormatError
        If it lies between the voxels of the scan, or on no slice.
    """
    grid = volume.grid
    if grid.affine is None or grid.positions is None:
        raise FormatError("refers to a scan whose slices are not parallel.")
    axes = grid.affine[:3, :2]
    # In-plane directions of the picture, in voxels of the scan.
    cosines = np.array(plane.cosines)
    steps = np.stack((cosines[:3] * plane.spacing[1], cosines[3:] * plane.spacing[0]), axis=1)
    turn = np.linalg.lstsq(axes, steps, rcond=None)[0]
    normal = np.cross(axes[:, 0], axes[:, 1])
    normal = normal / np.linalg.norm(normal)
    whole = np.rint(turn)
    size = np.array(pixels.shape[::-1])
    if (
        np.abs(normal @ steps).max() > 0.01 * np.linalg.norm(steps)
        or (np.abs(turn - whole).max(axis=1) @ np.ones(2)) * size.max() > 20 * _NEAR
        or np.abs(whole).sum() != 2
        or abs(np.linalg.det(whole)) != 1
    ):
        raise FormatError("has voxels of another size or direction than the scan.")
    away = np.array(plane.position) - grid.positions
    heights = np.abs(away @ normal)
    index = int(heights.argmin())
    gap = grid.spacing[0] if grid.spacing else 1.0
    if heights[index] > max(0.01, 0.25 * gap if len(volume) > 1 else 0.5 * gap):
        raise FormatError(f"lies {heights[index]:.3g} mm from the nearest slice.")
    first = np.linalg.lstsq(axes, away[index], rcond=None)[0]
    if np.abs(first - np.rint(first)).max() > 4 * _NEAR:
        raise FormatError("lies between the voxels of the scan.")
    turned, corner = _turned(pixels, whole.astype(int), np.rint(first).astype(int))
    return index, _pasted(turned, corner, grid.shape[1:])


def _turned(
    pixels: npt.NDArray[Any], turn: npt.NDArray[Any], first: npt.NDArray[Any]
) -> tuple[npt.NDArray[Any], tuple[int, int]]:
    """Return pixels along the axes of the scan, and the column and row of the first one."""
    if turn[0, 0] == 0:
        # Along a row of the picture runs a column of the scan.
        pixels, turn = pixels.T, turn[:, ::-1]
    column, row = first
    if turn[0, 0] < 0:
        pixels, column = pixels[:, ::-1], column - pixels.shape[1] + 1
    if turn[1, 1] < 0:
        pixels, row = pixels[::-1], row - pixels.shape[0] + 1
    return pixels, (int(column), int(row))


def _pasted(
    pixels: npt.NDArray[Any], corner: tuple[int, int], size: tuple[int, int]
) -> npt.NDArray[Any]:
    left, top = corner
    if (left, top) == (0, 0) and pixels.shape == size:
        return pixels
    made = np.zeros(size, pixels.dtype)
    bottom, right = min(top + pixels.shape[0], size[0]), min(left + pixels.shape[1], size[1])
    rows, columns = slice(max(top, 0), max(bottom, 0)), slice(max(left, 0), max(right, 0))
    part = pixels[max(-top, 0) :, max(-left, 0) :]
    area = made[rows, columns]
    area[:] = part[: area.shape[0], : area.shape[1]]
    return made
