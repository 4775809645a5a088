"""SLIC: clusters of pixels that are near in colour and place, each made one connected region."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.algorithms.compiling import compiles
from labelwidgets.algorithms.superpixels.colour import Image, Planes, as_image, planes_of
from labelwidgets.errors import SchemaError

Labels: TypeAlias = NDArray[np.int32]

MAX_ITERATIONS = 100
# Each pass looks at every third row only, in turn; the last one at all.
_ROW_STEP = 3
# A coarse answer looks at about so many pixels, and gives a superpixel at least so many a side.
_COARSE_PIXELS = 190_000
_COARSE_SIDE = 4
_COARSE_ITERATIONS = 3


def superpixels(
    image: ArrayLike,
    count: int,
    *,
    compactness: float = 10.0,
    iterations: int = 6,
    smallest: float = 0.25,
    coarse: bool = False,
    between: Callable[[], object] | None = None,
) -> Labels:
    """Cut an image into about `count` small regions that follow its edges.

    Parameters
    ----------
    image
        (H, W) grey or (H, W, 3 or 4) colour. uint8 is taken as sRGB; other
        types, as 16-bit grey and float, are stretched from their percentiles
        0.5 and 99.5 to black and white. Transparency is not looked at.
    count
        How many superpixels to aim for, 1 or more. They begin as cells of a
        regular grid; as many as there are pixels at most.
    compactness
        How much being near counts against being alike: a difference of so
        much in CIELAB (lightness runs from 0 to 100) is worth the side of a
        cell. Higher is squarer, 0 looks at colour alone.
    iterations
        Passes over a third of the rows each, before the last one over all.
    smallest
        Regions of less than this part of a cell go to the neighbour whose
        colour is nearest; 0 to 1.
    coarse
        Answer from an image several times smaller, for a first look.
    between
        Called between the passes; what it raises ends the work.

    Returns
    -------
    ndarray
        (H, W) int32, 0..n-1 in the order of the labels' first pixels, row by
        row. Each label is one 4-connected region. The same image gives the
        same labels.

    Raises
    ------
    SchemaError
        If `image` is none, or a parameter is out of its range.

    Notes
    -----
    SLIC (Achanta et al., IEEE TPAMI 34(11), 2012) with passes over a part of
    the rows, as in fast-slic. Without numba, scikit-image computes it: the
    same contract, not the same regions, and ten times slower.
    """
    pixels = as_image(image)
    number = _whole(count, "count", 1)
    aims = Aims(
        _part(compactness, "compactness", 1e6),
        _whole(iterations, "iterations", 1, MAX_ITERATIONS),
        _part(smallest, "smallest", 1.0),
        between or (lambda: None),
    )
    if not coarse:
        return _slic(planes_of(pixels), number, aims)
    labels, factor = coarse_superpixels(pixels, number, aims)
    return _enlarged(labels, factor, pixels.shape[0], pixels.shape[1])


class Aims(NamedTuple):
    """What `superpixels` was asked for, checked."""

    compactness: float = 10.0
    iterations: int = 6
    smallest: float = 0.25
    between: Callable[[], object] = lambda: None


def coarse_superpixels(
    image: ArrayLike, count: int, aims: Aims | None = None
) -> tuple[Labels, int]:
    """Return superpixels of a smaller image, and how many times smaller it is."""
    image, aims = as_image(image), aims or Aims()
    height, width = image.shape[:2]
    side = math.sqrt(height * width / count)
    factor = min(
        round(math.sqrt(height * width / _COARSE_PIXELS)),
        int(side / _COARSE_SIDE),
        height,
        width,
    )
    if factor < 2:
        return _slic(planes_of(image), count, aims), 1
    rough = aims._replace(iterations=min(aims.iterations, _COARSE_ITERATIONS))
    return _slic(planes_of(_shrunk(image, factor)), count, rough), factor


def _slic(planes: Planes, count: int, aims: Aims) -> Labels:
    compactness, iterations, smallest, between = aims
    if not compiles():
        return _slic_of_skimage(planes, count, aims)
    from labelwidgets.algorithms.superpixels.clustering_kernels import assign, recentre
    from labelwidgets.algorithms.superpixels.regions_kernels import connect

    height, width = planes.shape[1:]
    grid = _grid(height, width, count)
    down, across = height / grid[0], width / grid[1]
    weight = np.array([compactness / down, compactness / across], np.float32) ** 2
    reach = (math.ceil(down), math.ceil(across))
    step = min(_ROW_STEP, max(1, int(down / 2)))
    centres = _centres(planes, *grid)
    labels = np.empty((height, width), np.int32)
    for number in range(iterations):
        between()
        first = number % step
        assign(planes, centres, grid, reach, weight, first, step, labels)
        recentre(planes, labels, first, step, centres)
    between()
    assign(planes, centres, grid, reach, weight, 0, 1, labels)
    between()
    connect(labels, planes, centres, max(1, int(smallest * down * across)))
    return labels


def _grid(height: int, width: int, count: int) -> tuple[int, int]:
    """Return rows and columns of cells that are about square, about `count` of them."""
    count = min(count, height * width)
    rows = min(height, max(1, round(math.sqrt(count * height / width))))
    columns = min(width, max(1, round(count / rows)))
    return min(height, max(1, round(count / columns))), columns


def _centres(planes: Planes, rows: int, columns: int) -> NDArray[np.float32]:
    """Return (K, 2 + C): y, x and colour of the middles of the cells."""
    height, width = planes.shape[1:]
    y = (np.arange(rows) + 0.5) * height / rows - 0.5
    x = (np.arange(columns) + 0.5) * width / columns - 0.5
    places = np.stack(np.meshgrid(y, x, indexing="ij"), -1).reshape(-1, 2)
    i, j = np.rint(places).astype(np.int64).T
    return np.ascontiguousarray(np.hstack([places, planes[:, i, j].T]), np.float32)


def _slic_of_skimage(planes: Planes, count: int, aims: Aims) -> Labels:
    from skimage.measure import label
    from skimage.segmentation import slic

    # It scales the values to 0..1 by itself, and so must the compactness be.
    spread = float(planes.max() - planes.min()) or 1.0
    pixels = planes.shape[1] * planes.shape[2]
    made = slic(
        np.moveaxis(planes, 0, 2),
        n_segments=min(count, pixels),
        compactness=max(aims.compactness / spread, 1e-6),
        max_num_iter=aims.iterations,
        convert2lab=False,
        min_size_factor=aims.smallest,
        max_size_factor=10,
        start_label=0,
        channel_axis=2,
    )
    found = label(made, background=-1, connectivity=1)  # type: ignore[no-untyped-call]
    return in_order(found)


def in_order(labels: NDArray[Any]) -> Labels:
    """Return labels as 0..n-1 in the order of their first pixels, row by row."""
    _, first, back = np.unique(labels, return_index=True, return_inverse=True)
    ranks = np.empty(first.size, np.int32)
    ranks[np.argsort(first)] = np.arange(first.size, dtype=np.int32)
    return ranks[back].reshape(labels.shape)


def _shrunk(image: Image, factor: int) -> Image:
    """Return the image so many times smaller, of the means of four pixels in each block."""
    height, width = image.shape[0] // factor, image.shape[1] // factor
    near, far = factor // 4, factor - 1 - factor // 4
    parts = [
        image[top::factor, left::factor][:height, :width]
        for top in (near, far)
        for left in (near, far)
    ]
    if image.dtype == np.uint8:
        total = sum(part.astype(np.uint16) for part in parts)
        return (np.asarray(total) // 4).astype(np.uint8)
    return np.asarray(sum(part / 4 for part in parts))


def _enlarged(labels: Labels, factor: int, height: int, width: int) -> Labels:
    """Return labels so many times larger; what the blocks do not cover goes to the last ones."""
    if factor == 1:
        return labels
    rows = np.minimum(np.arange(height) // factor, labels.shape[0] - 1)
    columns = np.minimum(np.arange(width) // factor, labels.shape[1] - 1)
    return np.ascontiguousarray(labels[:, columns][rows])


def _whole(value: Any, name: str, least: int, most: int | None = None) -> int:
    try:
        if isinstance(value, bool):
            raise TypeError
        number = operator.index(value)
    except TypeError:
        raise SchemaError(f"must be a whole number, not {value!r:.60}.", where=name) from None
    if number < least or (most is not None and number > most):
        limits = f"{least} or more" if most is None else f"{least} to {most}"
        raise SchemaError(f"must be {limits}, not {number}.", where=name)
    return number


def _part(value: Any, name: str, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | np.floating | np.integer):
        raise SchemaError(f"must be a number, not {value!r:.60}.", where=name)
    if not 0 <= value <= most:
        raise SchemaError(f"must be 0 to {most:g}, not {value}.", where=name)
    return float(value)
