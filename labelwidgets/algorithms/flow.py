"""Points followed from one frame of a video to the next."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from labelwidgets.extras import library

Floats = npt.NDArray[np.float64]
Grey = npt.NDArray[np.uint8]

_LEVELS = 3
_WINDOW = 15


def opencv() -> Any:
    """Return OpenCV.

    Raises
    ------
    MissingExtraError
        If it is not installed, with the command that installs it.
    """
    return library("cv2", "video", "optical flow")


def follow_points(
    before: Grey, after: Grey, points: npt.ArrayLike, window: int = _WINDOW
) -> tuple[Floats, Floats]:
    """Return where points of one frame are on the next, and how far a way back misses them.

    Sparse flow of Lucas and Kanade in a pyramid (Bouguet 2001, OpenCV's
    ``calcOpticalFlowPyrLK``), forward and backward (Kalal, Mikolajczyk and Matas 2010).

    Parameters
    ----------
    before, after
        (H, W) uint8, of one size.
    points
        (N, 2) x and y in pixels, (0, 0) at the outer corner of the first pixel.
    window
        Side of the patch around each point, in pixels.

    Returns
    -------
    there : ndarray
        (N, 2) float64.
    error : ndarray
        (N,) pixels between a point and where the way back from `there` ends; infinite where it
        was lost.

    Raises
    ------
    MissingExtraError
        If OpenCV is not installed.
    """
    cv2 = opencv()
    at = np.asarray(points, np.float64).reshape(-1, 2)
    if not len(at):
        return at, np.empty(0)
    # OpenCV counts from the middles of pixels.
    start = np.ascontiguousarray(at - 0.5, np.float32)[:, None]
    options = {"winSize": (window, window), "maxLevel": _LEVELS}
    there, found, _ = cv2.calcOpticalFlowPyrLK(before, after, start, None, **options)
    back, kept, _ = cv2.calcOpticalFlowPyrLK(after, before, there, None, **options)
    error = np.linalg.norm((back - start)[:, 0].astype(np.float64), axis=1)
    there = there[:, 0].astype(np.float64) + 0.5
    height, width = before.shape
    inside = ((there >= 0) & (there <= [width, height])).all(axis=1)
    lost = (found[:, 0] == 0) | (kept[:, 0] == 0) | ~inside | ~np.isfinite(error)
    return there, np.where(lost, np.inf, error)
