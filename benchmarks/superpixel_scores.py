"""How well superpixels follow what is on a picture, by the measures of the literature."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage


class Scores(NamedTuple):
    """Shares of 1: boundary recall, under-segmentation error, achievable accuracy."""

    recall: float
    error: float
    accuracy: float


def scores(labels: NDArray[Any], truth: NDArray[Any], reach: int = 2) -> Scores:
    """Compare superpixels with the true segments.

    Recall: the part of the true boundary with a boundary of superpixels within
    `reach` pixels (a square, as is usual). Error: of Neubert and Protzel (2012),
    the smaller part of each superpixel that a segment cuts, summed. Accuracy: the
    part of the pixels that would be right if each superpixel were given the
    segment that has most of it.
    """
    _, segments = np.unique(truth, return_inverse=True)
    segments = segments.reshape(truth.shape)
    near = ndimage.distance_transform_cdt(~boundary(labels), "chessboard") <= reach
    true = boundary(segments)
    rows, columns = int(labels.max()) + 1, int(segments.max()) + 1
    pairs = labels.astype(np.int64).ravel() * columns + segments.ravel()
    shared = np.bincount(pairs, minlength=rows * columns).reshape(rows, columns)
    rest = shared.sum(axis=1, keepdims=True) - shared
    return Scores(
        float((true & near).sum() / max(1, true.sum())),
        float(np.where(shared > 0, np.minimum(shared, rest), 0).sum() / truth.size),
        float(shared.max(axis=1).sum() / truth.size),
    )


def boundary(labels: NDArray[Any]) -> NDArray[np.bool_]:
    """Return the pixels that differ from the one above or to the left."""
    found = np.zeros(labels.shape, bool)
    found[:, 1:] |= labels[:, 1:] != labels[:, :-1]
    found[1:] |= labels[1:] != labels[:-1]
    return found


def panoptic(
    folder: Path, count: int | None = None
) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.int64]]]:
    """Yield pictures and their segments from a folder laid out as COCO panoptic is."""
    for path in sorted((folder / "images").glob("*.jpg"))[:count]:
        image = np.asarray(Image.open(path).convert("RGB"))
        png = Image.open(folder / "panoptic" / f"{path.stem}.png").convert("RGB")
        ids = np.asarray(png).astype(np.int64)
        yield image, ids[..., 0] + 256 * ids[..., 1] + 65536 * ids[..., 2]
