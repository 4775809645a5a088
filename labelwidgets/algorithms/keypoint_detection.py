"""How alike detected joints are to those of an object, as COCO's evaluation has it."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.errors import GeometryError

Floats: TypeAlias = NDArray[np.float64]


def detection_similarities(
    detections: ArrayLike, objects: ArrayLike, areas: ArrayLike, boxes: ArrayLike, sigmas: ArrayLike
) -> Floats:
    """Return the object keypoint similarity of each of D detections with each of G objects.

    Only joints count that the object has. Of one that has none, each detected joint counts by how
    far it lies outside of the box, made three times as wide and tall.

    Parameters
    ----------
    detections, objects
        (D, K, 3) and (G, K, 3): x and y in pixels, and visibility (0: not labelled; of
        detections it is not looked at).
    areas
        (G,) of the objects, in square pixels.
    boxes
        (G, 4) x, y, width and height of the objects.
    sigmas
        (K,) or one for all; see `COCO_SIGMAS`.

    Returns
    -------
    ndarray
        (D, G) float64 from 0 to 1.

    Raises
    ------
    GeometryError
        If the shapes do not go together, or a sigma is not above 0.

    Notes
    -----
    ``COCOeval.computeOks`` in pycocotools.
    """
    found, truth = np.asarray(detections, np.float64), np.asarray(objects, np.float64)
    if found.ndim != 3 or truth.ndim != 3 or found.shape[1:] != truth.shape[1:]:
        raise GeometryError("must be (D, K, 3) and (G, K, 3).", where="detections")
    spread = np.asarray(sigmas, np.float64)
    if spread.shape not in ((), (truth.shape[1],)) or not (spread > 0).all():
        raise GeometryError(f"must be above 0, one or {truth.shape[1]} of them.", where="sigmas")
    size = np.asarray(areas, np.float64) + np.spacing(1.0)
    alike = np.zeros((len(found), len(truth)))
    for which, (joints, box) in enumerate(zip(truth, np.asarray(boxes), strict=True)):
        seen = joints[:, 2] > 0
        if seen.any():
            apart = found[..., :2] - joints[:, :2]
        else:
            low, high = box[:2] - box[2:], box[:2] + 2 * box[2:]
            apart = np.maximum(0, low - found[..., :2]) + np.maximum(0, found[..., :2] - high)
            seen = np.ones_like(seen)
        far = (apart**2).sum(axis=2) / (2 * spread) ** 2 / size[which] / 2
        alike[:, which] = np.exp(-far[:, seen]).mean(axis=1)
    return alike
