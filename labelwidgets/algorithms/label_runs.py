"""Maps of labels as runs, in the order in which COCO's masks run."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.algorithms.compiling import compiles
from labelwidgets.algorithms.masks import MAX_PIXELS
from labelwidgets.errors import SchemaError


class LabelRuns(NamedTuple):
    """A map of labels as runs down the columns.

    Parameters
    ----------
    size
        (height, width).
    lengths
        (N,) uint32, how many pixels each run has; their sum is height * width.
    labels
        (N,) the label of each run, uint16 where all fit, else uint32. Two
        runs that follow one another, be it from column to column, never have
        the same label.
    """

    size: tuple[int, int]
    lengths: NDArray[np.uint32]
    labels: NDArray[np.uint16] | NDArray[np.uint32]


def label_runs(labels: ArrayLike) -> LabelRuns:
    """Return a map of labels as runs down the columns.

    Pixel (row, column) has the number ``column * height + row``, as in COCO's
    run-length code, so that the pixels of a label are the edges of a mask.

    Parameters
    ----------
    labels
        (H, W) whole numbers from 0 to 2**31 - 1, as `superpixels` gives.

    Raises
    ------
    SchemaError
        If `labels` is no such map.
    """
    array = np.asarray(labels)
    if array.ndim != 2 or not array.size or array.dtype.kind not in "iu":
        raise SchemaError(
            "must be a (height, width) array of whole numbers with pixels, "
            f"not {array.dtype} of shape {array.shape}.",
            where="labels",
        )
    if array.size > MAX_PIXELS:
        raise SchemaError(f"has more than {MAX_PIXELS} pixels.", where="labels")
    low, high = int(array.min()), int(array.max())
    if low < 0 or high >= 2**31:
        raise SchemaError(f"must be 0 to 2147483647, not {low} to {high}.", where="labels")
    plain = array.astype(np.int32, copy=False)
    if compiles() and plain.flags.c_contiguous:
        from labelwidgets.algorithms.label_runs_kernels import find_label_runs

        starts, found = find_label_runs(plain)
    else:
        starts, found = _find(plain)
    lengths = np.diff(starts, append=array.size).astype(np.uint32)
    kept = found.astype(np.uint16 if high < 2**16 else np.uint32)
    return LabelRuns((array.shape[0], array.shape[1]), lengths, kept)


def labels_of(runs: LabelRuns) -> NDArray[np.int32]:
    """Return the (H, W) int32 map that the runs are of."""
    height, width = runs.size
    flat = np.repeat(runs.labels.astype(np.int32), runs.lengths)
    return np.ascontiguousarray(flat.reshape(width, height).T)


def enlarged(runs: LabelRuns, factor: int, size: tuple[int, int]) -> LabelRuns:
    """Return the runs of the map so many times larger, without its pixels.

    What the blocks do not cover goes to the last ones.
    """
    small = labels_of(runs)
    rows, columns = small.shape
    height, width = size
    taller = np.full(rows, factor)
    taller[-1] += height - factor * rows
    wider = np.full(columns, factor)
    wider[-1] += width - factor * columns
    flat = small.ravel(order="F")
    changes = np.concatenate(([True], flat[1:] != flat[:-1]))
    changes[::rows] = True  # each column for itself, as they are repeated
    begins = np.flatnonzero(changes)
    lengths = np.add.reduceat(np.tile(taller, columns), begins)
    counts = np.bincount(begins // rows, minlength=columns)
    # Which of these runs each run of each wide column is.
    column = np.repeat(np.arange(columns), wider)
    each = counts[column]
    skipped = (np.cumsum(counts) - counts)[column] - (np.cumsum(each) - each)
    which = np.arange(each.sum()) + np.repeat(skipped, each)
    labels, lengths = flat[begins][which], lengths[which]
    joined = np.flatnonzero(np.concatenate(([True], labels[1:] != labels[:-1])))
    return LabelRuns(
        size,
        np.add.reduceat(lengths, joined).astype(np.uint32),
        labels[joined].astype(runs.labels.dtype),
    )


def _find(labels: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Return where the runs begin, and their labels."""
    flat = labels.ravel(order="F")
    starts = np.flatnonzero(np.concatenate(([True], flat[1:] != flat[:-1])))
    return starts, flat[starts]
