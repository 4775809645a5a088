"""How far stretches of frames overlap: intervals, and tracks by their boxes on all frames."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[np.float64]
Tube: TypeAlias = tuple[NDArray[np.int64], Floats]
"""(N,) frames, each once, and (N, 4) x, y, width and height on each of them, in pixels."""


def interval_ious(
    first: ArrayLike, last: ArrayLike, other_first: ArrayLike, other_last: ArrayLike
) -> Floats:
    """Return the intersection over union of intervals of frames.

    Parameters
    ----------
    first, last
        The frames that intervals begin and end on; both belong to them.
    other_first, other_last
        Those of the intervals that they are compared with. All are broadcast together.
    """
    begins, others_begin = np.asarray(first, np.float64), np.asarray(other_first, np.float64)
    ends, others_end = np.asarray(last, np.float64) + 1, np.asarray(other_last, np.float64) + 1
    shared = np.maximum(np.minimum(ends, others_end) - np.maximum(begins, others_begin), 0)
    ious: Floats = shared / ((ends - begins) + (others_end - others_begin) - shared)
    return ious


def tube_iou(one: Tube, other: Tube) -> float:
    """Return what two tracks share, by the boxes on all frames, of what both cover.

    As YouTube-VIS has it for masks: Yang, Fan and Xu, "Video instance segmentation" (ICCV 2019).
    It is 0 where neither has an area.
    """
    (frames, boxes), (its_frames, its_boxes) = one, other
    _, at, there = np.intersect1d(frames, its_frames, assume_unique=True, return_indices=True)
    p, q = boxes[at], its_boxes[there]
    size = np.minimum(p[:, :2] + p[:, 2:], q[:, :2] + q[:, 2:])
    size -= np.maximum(p[:, :2], q[:, :2])
    shared = float(np.maximum(size, 0).prod(axis=1).sum())
    whole = float(boxes[:, 2:].prod(axis=1).sum() + its_boxes[:, 2:].prod(axis=1).sum()) - shared
    return shared / whole if whole > 0 else 0.0
