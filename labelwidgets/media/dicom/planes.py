"""Planes of slices: which way they face, how high they lie, and which are alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from labelwidgets.media.dicom.slice_header import Six, SliceHeader

# A tenth of a degree, and what writers round cosines by.
_TURNED = 2e-3
_SKEW = 1e-2

T = TypeVar("T")
Vector = npt.NDArray[np.float64]


def cosines_of(header: SliceHeader) -> npt.NDArray[np.float64] | None:
    """Return the directions of a row and of a column, (2, 3), of length 1.

    None where there are none, or what the file says are no two directions at right angles.
    """
    return None if header.orientation is None else _cosines(header.orientation)


# Slices of a scan have one and the same.
@lru_cache(maxsize=4096)
def _cosines(orientation: Six) -> npt.NDArray[np.float64] | None:
    both = np.array(orientation, np.float64).reshape(2, 3)
    lengths = np.linalg.norm(both, axis=1)
    if not np.all(np.isfinite(both)) or np.any(np.abs(lengths - 1) > _SKEW):
        return None
    both /= lengths[:, None]
    if abs(float(both[0] @ both[1])) > _SKEW:
        return None
    both.flags.writeable = False
    return both


def normal_of(header: SliceHeader) -> Vector:
    """Return the direction in which slices are counted: that of a row times that of a column.

    For those that face no way it is that of an axial slice.
    """
    cosines = cosines_of(header)
    if cosines is None:
        return np.array((0.0, 0.0, 1.0))
    normal: Vector = np.cross(cosines[0], cosines[1])
    return normal / np.linalg.norm(normal)


def is_placed(header: SliceHeader) -> bool:
    """Say whether it is known where in the patient a slice lies."""
    return header.position is not None and cosines_of(header) is not None


def alike(one: npt.NDArray[np.float64] | None, other: npt.NDArray[np.float64] | None) -> bool:
    """Say whether two slices face the same way, and are turned the same way."""
    if one is None or other is None or one is other:
        return one is other
    return bool(np.abs(one - other).max() < _TURNED)


def clusters(values: Iterable[T], close: Callable[[T, T], bool]) -> list[int]:
    """Return for each value which cluster it belongs to, counted as they come.

    Each is compared with the first one of every cluster.
    """
    firsts: list[T] = []
    found: list[int] = []
    last = 0
    for value in values:
        # Neighbours are mostly alike.
        if firsts and close(firsts[last], value):
            found.append(last)
            continue
        for number, first in enumerate(firsts):
            if close(first, value):
                last = number
                break
        else:
            last = len(firsts)
            firsts.append(value)
        found.append(last)
    return found


def heights_of(headers: Sequence[SliceHeader], normal: Vector) -> npt.NDArray[np.float64]:
    """Return how far slices lie along a normal, in millimetres."""
    positions = np.array([header.position for header in headers], np.float64)
    return positions @ normal


def levels(heights: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
    """Return for each height which place of a stack it is, from 0; equal ones share a place.

    Two are equal if they are within a hundredth of a millimetre, or a fiftieth of the median gap
    where that is less.
    """
    order = np.argsort(heights, kind="stable")
    gaps = np.diff(heights[order])
    real = gaps[gaps > 1e-2]
    near = min(1e-2, median(real) / 50) if real.size else 1e-2
    places = np.empty(len(heights), np.intp)
    places[order] = np.concatenate([[0], np.cumsum(gaps > near)]) if len(order) else []
    return places


def median(values: npt.NDArray[np.float64]) -> float:
    """Return the median; numpy's own first imports masked arrays, which takes longer."""
    ordered = np.sort(values)
    middle = len(ordered) // 2
    return float(ordered[middle] + ordered[-1 - middle]) / 2


def name_of(header: SliceHeader) -> str:
    """Return what people call its plane: axial, coronal, sagittal, or oblique between them."""
    if cosines_of(header) is None:
        return "without a plane"
    normal = np.abs(normal_of(header))
    axis = int(normal.argmax())
    name = ("sagittal", "coronal", "axial")[axis]
    # Beyond 30 degrees.
    return name if normal[axis] > 0.866 else f"oblique {name}"
