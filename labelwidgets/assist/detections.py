"""Detections as libraries have them: torchvision's dicts, supervision, Ultralytics, Hugging Face.

None of the libraries is needed: their answers are known by what is in them.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from labelwidgets.assist.arrays import HALF, as_array
from labelwidgets.assist.reading import Reading
from labelwidgets.assist.results import Proposed
from labelwidgets.errors import AssistantError
from labelwidgets.numbered import numbered
from labelwidgets.schema.geometry import Geometry, Keypoints, Rectangle


def is_detections(answer: Any) -> bool:
    """Say whether an answer is a set of detections, known by its fields."""
    if isinstance(answer, Mapping):
        return "boxes" in answer or (
            "masks" in answer and ("labels" in answer or "scores" in answer)
        )
    if hasattr(answer, "xyxy") and hasattr(answer, "class_id"):
        return True
    return hasattr(answer, "boxes") and hasattr(answer, "names")


def read_detections(answer: Any, reading: Reading) -> list[Proposed]:
    """Return what a set of detections says: boxes, masks where it has them, or joints.

    Parameters
    ----------
    answer
        A dict of arrays as torchvision's detectors have it: ``boxes`` (N, 4) of left, top, right
        and bottom in pixels, ``labels``, ``scores``, ``masks`` ((N, 1, H, W) or (N, H, W)),
        ``keypoints`` (N, joints, 3); `supervision.Detections`; or a result of Ultralytics.

    Raises
    ------
    AssistantError
        If they do not go together, or one lies nowhere on the picture, naming it.
    """
    fields = _fields(answer)
    boxes = _array(fields.get("boxes"), "boxes")
    masks = _array(fields.get("masks"), "masks")
    joints = _array(fields.get("keypoints"), "keypoints")
    scores = _array(fields.get("scores"), "scores")
    count = next((len(one) for one in (boxes, masks, joints) if one is not None), 0)
    reading.check_count(count)
    labels = _labels(fields.get("labels"))
    given = [("boxes", boxes), ("masks", masks), ("keypoints", joints), ("scores", scores)]
    for name, made in [*given, ("labels", labels)]:
        if made is not None and len(made) != count:
            raise AssistantError(
                f"answered with {len(made)} {name} for {numbered(count, 'object')}."
            )
    if boxes is not None and (boxes.ndim != 2 or boxes.shape[1] != 4) and count:
        raise AssistantError(f"answered with boxes of shape {boxes.shape}, not (objects, 4).")
    names = fields.get("names")
    found: dict[Any, str | None] = {}

    def class_of(said: Any) -> str | None:
        if not isinstance(said, Hashable):
            return reading.class_of(said)
        if said not in found:
            found[said] = reading.class_of(_named(said, names))
        return found[said]

    # Numbers of Python's own, of which each is looked at by itself.
    corners = None if boxes is None else boxes.tolist()
    sure = None if scores is None else scores.tolist()
    made_all: list[Proposed] = []
    for number in range(count):
        try:
            confidence = None if sure is None else reading.confidence_of(sure[number])
            if not reading.enough(confidence):
                continue
            if labels is None:
                class_name = reading.default_class()
            else:
                class_name = class_of(labels[number])
                if class_name is None:
                    continue
            if masks is not None:
                made_all += reading.of_mask(set_pixels(masks[number]), class_name, confidence)
                continue
            shape = (
                _joints(joints[number]) if joints is not None else box_of(corners[number])  # type: ignore[index]
            )
            if shape is not None:
                made_all += reading.of_geometry(shape, class_name, confidence)
        except AssistantError as error:
            raise error.at(f"object {number}") from None
    return made_all


def box_of(corners: Any) -> Geometry | None:
    """Return (left, top, right, bottom) as a box; None where it has no extent.

    Raises
    ------
    AssistantError
        If the corners are no numbers, or the wrong way round.
    """
    try:
        left, top, right, bottom = (float(value) for value in corners)
    except (TypeError, ValueError):
        raise AssistantError(f"answered with the box {corners!r:.80}, not four numbers.") from None
    if not math.isfinite(left + top + right + bottom):
        raise AssistantError("answered with a box with NaN or infinity in it.")
    if right < left or bottom < top:
        raise AssistantError(
            f"answered with the box {left:g}, {top:g}, {right:g}, {bottom:g}, which ends before "
            "it begins.",
            hint="Boxes are left, top, right, bottom in pixels.",
        )
    if right == left or bottom == top:
        return None
    return Rectangle(left, top, right - left, bottom - top)


def _fields(answer: Any) -> Mapping[str, Any]:
    if isinstance(answer, Mapping):
        return answer
    if hasattr(answer, "xyxy"):
        data = getattr(answer, "data", None) or {}
        names = data.get("class_name") if isinstance(data, Mapping) else None
        return {
            "boxes": answer.xyxy,
            "masks": getattr(answer, "mask", None),
            "scores": getattr(answer, "confidence", None),
            "labels": answer.class_id if names is None else names,
        }
    boxes = answer.boxes
    masks = getattr(answer, "masks", None)
    return {
        "boxes": boxes.xyxy,
        "scores": boxes.conf,
        "labels": boxes.cls,
        "names": answer.names,
        "masks": None if masks is None else masks.data,
    }


def _named(said: Any, names: Any) -> Any:
    if not isinstance(names, Mapping):
        return said
    return names.get(int(said), said)


def _array(value: Any, field: str) -> npt.NDArray[Any] | None:
    if value is None:
        return None
    array = as_array(value)
    if array is None:
        try:
            array = np.asarray(
                [as_array(one) if as_array(one) is not None else one for one in value]
            )
        except (TypeError, ValueError):
            array = None
    if array is None or array.dtype.kind not in "buif":
        raise AssistantError(f"answered with {field} that are no numbers.")
    return array


def _labels(value: Any) -> Sequence[Any] | None:
    if value is None:
        return None
    array = as_array(value)
    labels = value if array is None else array.tolist()
    if isinstance(labels, str) or not isinstance(labels, Sequence):
        raise AssistantError("answered with labels that are no list.")
    return labels


def set_pixels(mask: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return a mask of torchvision's, (1, H, W) of probabilities, as a mask."""
    if mask.ndim == 3 and mask.shape[0] == 1:
        mask = mask[0]
    if mask.dtype.kind == "f" and np.isfinite(mask).all():
        return np.asarray(mask >= HALF)
    return mask


def _joints(points: npt.NDArray[Any]) -> Keypoints:
    """Return joints, of which torchvision says 1 for those that are seen."""
    if points.ndim != 2 or points.shape[1] not in (2, 3):
        raise AssistantError(f"answered with joints of shape {points.shape}, not (joints, 3).")
    if not np.isfinite(points).all():
        raise AssistantError("answered with joints with NaN or infinity in them.")
    seen = points[:, 2] if points.shape[1] == 3 else np.ones(len(points))
    return Keypoints(
        [
            (float(x), float(y), 2 if s > 0 else 0)
            for (x, y), s in zip(points[:, :2], seen, strict=True)
        ]
    )
