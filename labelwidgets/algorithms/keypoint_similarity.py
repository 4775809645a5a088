"""How alike two skeletons are, joint by joint."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.errors import GeometryError

Floats: TypeAlias = NDArray[np.float64]

COCO_SIGMAS = (
    *(0.026, 0.025, 0.025, 0.035, 0.035),  # nose, eyes, ears
    *(0.079, 0.079, 0.072, 0.072, 0.062, 0.062),  # shoulders, elbows, wrists
    *(0.107, 0.107, 0.087, 0.087, 0.089, 0.089),  # hips, knees, ankles
)
"""How far people put the 17 joints of COCO apart, as parts of the size of the person."""


def keypoint_similarities(
    points: ArrayLike, others: ArrayLike, areas: ArrayLike, sigmas: ArrayLike
) -> Floats:
    """Return the object keypoint similarity (OKS) of pairs of skeletons.

    Neither of a pair is the truth: a joint counts where either has it, and as 0 where only one
    has. Where the second is the truth with all joints that the first has, it is COCO's.

    Parameters
    ----------
    points, others
        (P, K, 3) x and y in pixels, and visibility (0: not labelled).
    areas
        (P,) size of the object in square pixels.
    sigmas
        (K,) or one for all, above 0: `COCO_SIGMAS` for COCO's people.

    Returns
    -------
    ndarray
        (P,) float64 from 0 to 1; 0 where neither has a joint.

    Raises
    ------
    GeometryError
        If shapes do not go together, or a sigma is not above 0.

    Notes
    -----
    The mean of ``exp(-d² / (2 * area * (2 * sigma)²))``, as in
    https://cocodataset.org/#keypoints-eval and pycocotools.
    """
    a, b = np.asarray(points, np.float64), np.asarray(others, np.float64)
    if a.ndim != 3 or a.shape[2] != 3 or a.shape != b.shape:
        raise GeometryError("must be (P, K, 3), both alike.", where="points")
    spread = np.asarray(sigmas, np.float64)
    if spread.shape not in ((), (a.shape[1],)) or not (spread > 0).all():
        raise GeometryError(f"must be above 0, one or {a.shape[1]} of them.", where="sigmas")
    distance = ((a[..., :2] - b[..., :2]) ** 2).sum(axis=2)
    size = np.asarray(areas, np.float64).reshape(-1, 1) + np.spacing(1.0)
    alike = np.exp(-distance / (2 * size * (2 * spread) ** 2))
    mine, its = a[..., 2] > 0, b[..., 2] > 0
    counted = (mine | its).sum(axis=1)
    similarity: Floats = (alike * (mine & its)).sum(axis=1) / np.maximum(counted, 1)
    return similarity
