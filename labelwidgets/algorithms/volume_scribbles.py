"""From scribbles on an object and on its background, on a few slices, to the object's voxels."""

from __future__ import annotations

import math
import warnings
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.errors import GeometryError

Method: TypeAlias = Literal["watershed", "random_walker"]
Bits: TypeAlias = NDArray[np.bool_]
Floats: TypeAlias = NDArray[np.float32]
Steps: TypeAlias = tuple[float, float, float]

MOST_VOXELS: dict[str, int] = {"watershed": 1_500_000, "random_walker": 120_000}
"""Above so many voxels a box is looked at from afar: seconds of work, by either method."""

# Strength with which the walker keeps to edges: skimage's default for values of 0 to 1.
_BETA = 130
_OBJECT, _BACKGROUND = 1, 2


def segment_volume(
    values: ArrayLike,
    on: ArrayLike,
    off: ArrayLike,
    *,
    method: Method = "watershed",
    spacing: Steps = (1.0, 1.0, 1.0),
    most: int | None = None,
) -> Bits:
    """Select an object of which some voxels were marked.

    Parameters
    ----------
    values
        (D, H, W), of any type; what is no number counts as the least.
    on, off
        bool, of the same shape: voxels of the object, and of what is not it. Where both are
        set, neither counts.
    method
        ``"watershed"`` floods from both over the gradient; ``"random_walker"`` asks which of
        them a walker who avoids edges would meet first: slower, and better where edges are weak.
    spacing
        Millimetres, or 1, from voxel to voxel along each axis.
    most
        A larger box is looked at from afar: on a coarser copy, whose border is then smoothed to
        that of the voxels. None: `MOST_VOXELS`.

    Returns
    -------
    ndarray
        (D, H, W) bool. The voxels of `on` are in it, those of `off` are not.

    Raises
    ------
    GeometryError
        If the shapes differ, or an option is impossible.

    Notes
    -----
    `skimage.segmentation.watershed` (F. Meyer) and `skimage.segmentation.random_walker`
    (L. Grady, Random walks for image segmentation, PAMI 2006).
    """
    array = np.asarray(values)
    inner, outer = np.asarray(on, bool), np.asarray(off, bool)
    if array.ndim != 3 or not array.size or array.dtype.kind not in "buif":
        raise GeometryError(
            f"must be a (slices, rows, columns) array of numbers, not {array.dtype} of shape "
            f"{array.shape}.",
            where="values",
        )
    if inner.shape != array.shape or outer.shape != array.shape:
        raise GeometryError(f"must have the shape of the values, {array.shape}.", where="on, off")
    if method not in MOST_VOXELS:
        raise GeometryError(
            f"must be one of {list(MOST_VOXELS)}, not {method!r:.40}.", where="method"
        )
    if len(spacing) != 3 or not all(0 < step < math.inf for step in spacing):
        raise GeometryError(f"must be three lengths above 0, not {spacing}.", where="spacing")
    both = inner & outer
    inner, outer = np.asarray(inner & ~both), np.asarray(outer & ~both)
    if not inner.any() or not outer.any():
        return inner
    scaled = _scaled(array)
    factors = _factors(array.shape, spacing, most or MOST_VOXELS[method], method == "watershed")
    if max(factors) == 1:
        return _run(scaled, inner, outer, method, spacing)
    far_on, far_off = _shrunk(inner, factors), _shrunk(outer, factors)
    # Of a block that holds both, the object keeps what is its.
    far_off &= ~far_on
    wide = tuple(step * factor for step, factor in zip(spacing, factors, strict=True))
    found = (
        _run(_averaged(scaled, factors), far_on, far_off, method, (wide[0], wide[1], wide[2]))
        if far_off.any()
        else far_on
    )
    large: Bits = (_enlarged(found, factors, array.shape) | inner) & ~outer
    return large


def _run(values: Floats, on: Bits, off: Bits, method: Method, steps: Steps) -> Bits:
    from skimage import segmentation

    markers = np.zeros(on.shape, np.int32)
    markers[on] = _OBJECT
    markers[off] = _BACKGROUND
    if method == "random_walker" and values.std() > 0 and (markers == 0).any():
        with warnings.catch_warnings():
            # It recommends a solver that would have to be installed.
            warnings.simplefilter("ignore")
            labels: Any = segmentation.random_walker(
                values.astype(np.float64), markers, beta=_BETA, mode="cg_j", spacing=np.array(steps)
            )
    else:
        labels = _flooded(values, markers, steps)
    chosen: Bits = labels == _OBJECT
    return chosen


def _flooded(values: Floats, markers: NDArray[np.int32], steps: Steps) -> NDArray[np.int32]:
    """Return the watershed of the gradient."""
    from scipy import ndimage
    from skimage import segmentation

    more = _between(steps)
    for axis, by in enumerate(more):
        # Slices far apart get others between them: or else an edge would be as thick as a slice.
        values = _interpolated(values, by, axis)
    places = tuple(slice(None, None, by) for by in more)
    sparse = np.zeros(values.shape, np.int32)
    sparse[places] = markers
    slope = ndimage.gaussian_gradient_magnitude(values, 1.0, mode="nearest")
    labels = segmentation.watershed(slope, sparse)  # type: ignore[no-untyped-call]
    found: NDArray[np.int32] = labels[places]
    return found


def _between(steps: Steps) -> tuple[int, int, int]:
    """Return into how many each step along an axis is parted, so that all get nearly as long."""
    fine = min(steps)
    deep, high, across = (max(1, min(16, round(step / fine))) for step in steps)
    return deep, high, across


def _interpolated(values: Floats, by: int, axis: int) -> Floats:
    if by == 1 or values.shape[axis] == 1:
        return values
    at = np.arange((values.shape[axis] - 1) * by + 1) / by
    low = np.minimum(at.astype(int), values.shape[axis] - 2)
    part = (at - low).astype(np.float32).reshape([-1 if n == axis else 1 for n in range(3)])
    made: Floats = values.take(low, axis) * (1 - part) + values.take(low + 1, axis) * part
    return made


def _scaled(values: NDArray[Any]) -> Floats:
    """Return values from 0 to 1."""
    made = values.astype(np.float32)
    finite = np.isfinite(made)
    if not finite.all():
        made[~finite] = made[finite].min() if finite.any() else 0
    low, high = float(made.min()), float(made.max())
    if high > low:
        made -= low
        made /= high - low
    else:
        made[:] = 0
    return made


def _factors(
    shape: tuple[int, ...], steps: Steps, most: int, flooded: bool
) -> tuple[int, int, int]:
    """Return by how much each axis is made coarser, so that voxels get as cubic as they can."""
    factors = [1, 1, 1]

    def size() -> int:
        deep, high, across = (step * by for step, by in zip(steps, factors, strict=True))
        parted = zip(shape, factors, _between((deep, high, across)), strict=True)
        return math.prod(-(-side // by) * (more if flooded else 1) for side, by, more in parted)

    while size() > most:
        axis = min(
            (at for at in range(3) if factors[at] < shape[at]),
            key=lambda at: factors[at] * steps[at],
        )
        factors[axis] += 1
    return factors[0], factors[1], factors[2]


def _blocks(values: NDArray[Any], factors: tuple[int, int, int], mode: Any) -> NDArray[Any]:
    """Return (d, factor, h, factor, w, factor) of an array that is filled up."""
    padding = [(0, -side % by) for side, by in zip(values.shape, factors, strict=True)]
    padded = np.pad(values, padding, mode=mode)
    split: list[int] = []
    for side, by in zip(padded.shape, factors, strict=True):
        split += [side // by, by]
    return padded.reshape(split)


def _averaged(values: Floats, factors: tuple[int, int, int]) -> Floats:
    averages: Floats = _blocks(values, factors, "edge").mean(axis=(1, 3, 5), dtype=np.float32)
    return averages


def _shrunk(mask: Bits, factors: tuple[int, int, int]) -> Bits:
    return np.asarray(_blocks(mask, factors, "constant").any(axis=(1, 3, 5)))


def _enlarged(mask: Bits, factors: tuple[int, int, int], shape: tuple[int, ...]) -> Bits:
    """Return a coarse mask at full size, its border half way between the centres of blocks."""
    share = mask.astype(np.float32)
    for axis, (by, side) in enumerate(zip(factors, shape, strict=True)):
        at = (np.arange(side) + 0.5) / by - 0.5
        low = np.clip(np.floor(at).astype(int), 0, share.shape[axis] - 1)
        high = np.minimum(low + 1, share.shape[axis] - 1)
        part = np.clip(at - low, 0, 1).astype(np.float32)
        part = part.reshape([-1 if at == axis else 1 for at in range(3)])
        share = share.take(low, axis) * (1 - part) + share.take(high, axis) * part
    found: Bits = share >= 0.5
    return found
