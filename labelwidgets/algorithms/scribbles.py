"""From scribbles on an object and on its background to the object's mask."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.algorithms.masks import BoolMask
from labelwidgets.algorithms.strokes import stroke_to_mask
from labelwidgets.errors import GeometryError

Method: TypeAlias = Literal["watershed", "random_walker"]
_Floats: TypeAlias = NDArray[np.float32]

# Above so many pixels a window is first looked at from afar.
_MOST_PIXELS = {"watershed": 1_000_000, "random_walker": 90_000}
# Strength with which the walker keeps to edges: skimage's default for images of 0 to 1.
_BETA = 130
_FOREGROUND, _BACKGROUND = 1, 2


def segment_scribbles(
    image: ArrayLike,
    foreground: Sequence[ArrayLike],
    background: Sequence[ArrayLike] = (),
    *,
    method: Method = "watershed",
    width: float = 3.0,
    margin: float = 0.5,
) -> BoolMask:
    """Select an object that was scribbled on.

    Parameters
    ----------
    image
        (H, W) grey of any depth or (H, W, C) colour; of two or four channels the last one is
        opacity and does not count.
    foreground, background
        Scribbles on the object and beside it: each is (N, 2) points x, y, in pixels.
    method
        ``"watershed"`` floods from the scribbles over the gradient, in milliseconds;
        ``"random_walker"`` asks which scribble a walker who avoids edges would meet first:
        slower, and better where edges are weak.
    width
        Of the scribbles, in pixels.
    margin
        How far around the scribbles is looked, as a share of their size (32 pixels at least).
        Without scribbles on the background, what lies on the edge of that window (other than
        the edge of the image) is taken for it.

    Returns
    -------
    ndarray
        (H, W) bool. The foreground's pixels are in it, those of the background are not; where
        both were scribbled, neither counts.

    Raises
    ------
    GeometryError
        If the image, a scribble, or an option is impossible.

    Notes
    -----
    `skimage.segmentation.watershed` (F. Meyer) and `skimage.segmentation.random_walker`
    (L. Grady, Random walks for image segmentation, PAMI 2006). A large window is segmented
    from afar; then a band along the border found is flooded at full resolution.
    """
    array = np.asarray(image)
    if array.ndim not in (2, 3) or not array.size or array.dtype.kind not in "buif":
        raise GeometryError(
            f"must be a (H, W) or (H, W, C) array of numbers, not {array.dtype} {array.shape}.",
            where="image",
        )
    if array.ndim == 3 and array.shape[2] in (2, 4):
        array = array[..., :-1]
    if method not in _MOST_PIXELS:
        raise GeometryError(
            f"must be one of {list(_MOST_PIXELS)}, not {method!r:.40}.", where="method"
        )
    if not 0 < width <= 1000:
        raise GeometryError(f"must be above 0 and at most 1000 pixels, not {width}.", where="width")
    if not 0 <= margin <= 100:
        raise GeometryError(f"must be 0 to 100, not {margin}.", where="margin")
    inner = [_points(path, f"foreground[{n}]") for n, path in enumerate(foreground)]
    outer = [_points(path, f"background[{n}]") for n, path in enumerate(background)]
    shape = array.shape[:2]
    mask = np.zeros(shape, bool)
    window = _window([*inner, *outer], shape, margin)
    if not inner or window is None:
        return mask
    corner = np.array([window[1].start, window[0].start], float)
    pixels = _scaled(array[window])
    size = pixels.shape[:2]
    on = _drawn(inner, corner, size, width)
    off = _drawn(outer, corner, size, width)
    on, off = on & ~off, off & ~on
    if not outer:
        off |= _rim(window, shape) & ~on
    if on.any():
        mask[window] = _segment(pixels, on, off, method) if off.any() else True
    return mask


def _segment(pixels: _Floats, on: BoolMask, off: BoolMask, method: Method) -> BoolMask:
    factor = math.ceil(math.sqrt(on.size / _MOST_PIXELS[method]))
    if factor == 1:
        return _run(pixels, on, off, method)
    far_on, far_off = _shrunk(on, factor), _shrunk(off, factor)
    both = far_on & far_off
    coarse_on, coarse_off = far_on & ~both, far_off & ~both
    if not (coarse_on.any() and coarse_off.any()):  # Too near one another to be told from afar.
        return _run(pixels, on, off, "watershed")
    found = _run(_averaged(pixels, factor), coarse_on, coarse_off, method)
    return _refined(pixels, on, off, found, factor)


def _refined(
    pixels: _Floats, on: BoolMask, off: BoolMask, found: BoolMask, factor: int
) -> BoolMask:
    """Flood a band along the border of what was found from afar."""
    from scipy import ndimage

    # A pixel of the small picture to either side may be wrong.
    block = np.ones((3, 3), bool)
    near = ndimage.binary_dilation(found, block) & ~ndimage.binary_erosion(
        found, block, border_value=1
    )
    rows, columns = (np.arange(size) // factor for size in on.shape)
    large, band = found[np.ix_(rows, columns)], near[np.ix_(rows, columns)]
    inside, outside = (large & ~band) | on, (~large & ~band) | off
    inside, outside = inside & ~off, outside & ~on
    if not (inside.any() and outside.any()):
        return (large | on) & ~off
    # What is decided is flat, so that only the band costs time.
    return _run(pixels, inside, outside, "watershed")


def _run(pixels: _Floats, on: BoolMask, off: BoolMask, method: Method) -> BoolMask:
    from skimage import segmentation

    markers = np.zeros(on.shape, np.int32)
    markers[on] = _FOREGROUND
    markers[off] = _BACKGROUND
    if method == "random_walker" and pixels.std() > 0 and (markers == 0).any():
        with warnings.catch_warnings():
            # It recommends a solver that would have to be installed.
            warnings.simplefilter("ignore")
            axis = {"channel_axis": -1} if pixels.ndim == 3 else {}
            labels = segmentation.random_walker(
                pixels.astype(np.float64), markers, beta=_BETA, mode="cg_j", **axis
            )
    else:
        labels = segmentation.watershed(_gradient(pixels), markers)  # type: ignore[no-untyped-call]
    chosen: BoolMask = labels == _FOREGROUND
    return chosen


def _gradient(pixels: _Floats) -> _Floats:
    """Return the size of the gradient, of colours the largest."""
    from scipy import ndimage

    channels = pixels[..., None] if pixels.ndim == 2 else pixels
    largest = np.zeros(channels.shape[:2], np.float32)
    for number in range(channels.shape[2]):
        size = ndimage.gaussian_gradient_magnitude(channels[..., number], 1.0, mode="nearest")
        np.maximum(largest, size, out=largest)
    return largest


def _scaled(pixels: NDArray[Any]) -> _Floats:
    """Return values from 0 to 1: of all that is in the window, what is no number as the least."""
    values = pixels.astype(np.float64)
    finite = np.isfinite(values)
    if not finite.all():
        values[~finite] = values[finite].min() if finite.any() else 0
    low, high = values.min(), values.max()
    if high > low:
        # Halves, as the difference of the largest numbers is infinite.
        values = (values / 2 - low / 2) / (high / 2 - low / 2)
    else:
        values[:] = 0
    return values.astype(np.float32)


def _averaged(pixels: _Floats, factor: int) -> _Floats:
    height, width = (-size % factor for size in pixels.shape[:2])
    padding = [(0, height), (0, width)] + [(0, 0)] * (pixels.ndim - 2)
    padded = np.pad(pixels, padding, mode="edge")
    rows, columns = padded.shape[0] // factor, padded.shape[1] // factor
    blocks = padded.reshape(rows, factor, columns, factor, *pixels.shape[2:])
    averages: _Floats = blocks.mean(axis=(1, 3), dtype=np.float32)
    return averages


def _shrunk(mask: BoolMask, factor: int) -> BoolMask:
    """Return which blocks of pixels have one that is set."""
    height, width = (-size % factor for size in mask.shape)
    padded = np.pad(mask, [(0, height), (0, width)])
    rows, columns = padded.shape[0] // factor, padded.shape[1] // factor
    blocks = padded.reshape(rows, factor, columns, factor)
    return np.asarray(blocks.any(axis=(1, 3)))


def _drawn(
    paths: list[NDArray[np.float64]],
    corner: NDArray[np.float64],
    size: tuple[int, ...],
    width: float,
) -> BoolMask:
    mask = np.zeros(size, bool)
    for path in paths:
        # A scribble as thin as a hair still marks the pixels that it goes through.
        mask |= stroke_to_mask(path - corner, (size[0], size[1]), radius=max(width / 2, 0.71))
    return mask


def _window(
    paths: list[NDArray[np.float64]], shape: tuple[int, ...], margin: float
) -> tuple[slice, slice] | None:
    if not paths:
        return None
    points = np.concatenate(paths)
    low, high = points.min(axis=0), points.max(axis=0)
    reach = max(32.0, margin * float((high - low).max()))
    columns, rows = (
        slice(
            int(min(max(math.floor(low[axis] - reach), 0), shape[1 - axis])),
            int(min(max(math.ceil(high[axis] + reach), 0), shape[1 - axis])),
        )
        for axis in (0, 1)
    )
    empty = rows.start >= rows.stop or columns.start >= columns.stop
    return None if empty else (rows, columns)


def _rim(window: tuple[slice, slice], shape: tuple[int, ...]) -> BoolMask:
    """Return the edge of a window, but not where it is that of the image."""
    rows, columns = window
    rim = np.zeros((rows.stop - rows.start, columns.stop - columns.start), bool)
    rim[0] |= rows.start > 0
    rim[-1] |= rows.stop < shape[0]
    rim[:, 0] |= columns.start > 0
    rim[:, -1] |= columns.stop < shape[1]
    return rim


def _points(path: ArrayLike, where: str) -> NDArray[np.float64]:
    try:
        points = np.asarray(path, dtype=np.float64)
    except (TypeError, ValueError):
        raise GeometryError("must be a list of points x, y.", where=where) from None
    if points.ndim != 2 or points.shape[1] != 2 or not len(points):
        raise GeometryError("must be a list of points x, y.", where=where)
    if not (np.abs(points) <= 1e9).all():
        raise GeometryError("has a coordinate that is not a finite number.", where=where)
    return points
