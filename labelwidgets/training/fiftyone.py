"""Training sets for FiftyOne: samples whose boxes are parts of the picture."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from labelwidgets.extras import library
from labelwidgets.schema.geometry import Cuboid, Ellipse, Geometry, Mask, Polygon, Rectangle, Tag
from labelwidgets.training.picture_files import PictureFiles
from labelwidgets.training.targets import is_crowd, objects_of, points_of
from labelwidgets.workflow.areas import pixels_within

if TYPE_CHECKING:
    from labelwidgets.schema.annotation import Annotation
    from labelwidgets.training.training_set import TrainingSet

_DRAWN = (Polygon, Mask, Ellipse, Cuboid)


def fiftyone_samples(
    training: TrainingSet, folder: str | os.PathLike[str] | None = None, link: bool = True
) -> list[Any]:
    """Return a `fiftyone.Sample` for each picture, for ``dataset.add_samples(samples)``.

    ``ground_truth`` are its `Detections`: boxes as parts of the picture, the mask of what is drawn
    with an area, confidence, and answers as attributes; ``keypoints`` its joints and points, and
    ``classification`` its tags. ``index`` is the number of a track, from 1, and ``iscrowd`` marks
    a crowd of COCO. Questions whose names FiftyOne cannot have are called ``answer_...``.

    What has a mask has the box of the mask's pixels, as `Detection.from_mask` makes it: FiftyOne
    lays a mask on whole pixels, and a box between them would shift it.

    Parameters
    ----------
    training
        The training set.
    folder
        Where pictures are put: needed for frames, slices and what does not lie on this machine.
    link
        Whether those that lie on this machine are linked instead of copied.

    Raises
    ------
    MissingExtraError
        If FiftyOne is not installed.
    FormatError, SourceError
        If a picture has no file, or cannot be read or written.
    """
    fo = library("fiftyone", "=fiftyone", "to_fiftyone")
    return [_made(fo, one) for one in fiftyone_dicts(training, folder, link)]


def _made(fo: Any, one: dict[str, Any]) -> Any:
    fields = dict(one)
    for name, kind, part, each in (
        ("ground_truth", fo.Detections, "detections", fo.Detection),
        ("keypoints", fo.Keypoints, "keypoints", fo.Keypoint),
        ("classification", fo.Classifications, "classifications", fo.Classification),
    ):
        if name in fields:
            fields[name] = kind(**{part: [each(**_free(each, made)) for made in fields[name]]})
    return fo.Sample(**fields)


def _free(kind: Any, made: dict[str, Any]) -> dict[str, Any]:
    """Return fields of a label of FiftyOne, none of them called as one of its methods."""
    return {
        f"answer_{name}" if name not in _TAKEN and hasattr(kind, name) else name: value
        for name, value in made.items()
    }


def fiftyone_dicts(
    training: TrainingSet, folder: str | os.PathLike[str] | None = None, link: bool = True
) -> Iterator[dict[str, Any]]:
    """Return the same as plain dicts: the arguments of a sample, with lists of those of labels.

    This needs no package; see `fiftyone_samples`.
    """
    files = PictureFiles(training.dataset, folder, link)
    tracks: dict[tuple[str, str], int] = {}
    for sample in training.samples:
        width, height = size = files.size(sample)
        objects = objects_of(sample, size, training.numbers)
        boxes, joints = [], []
        for label, box in zip(objects.labels, objects.boxes.tolist(), strict=True):
            points = points_of(label.geometry)
            if points:
                spots = [(x / width, y / height) if seen else _NOWHERE for x, y, seen in points]
                joints.append({**_said(label, tracks), "points": spots})
                continue
            left, top, right, bottom = box
            one = _said(label, tracks) | {
                "bounding_box": [
                    left / width,
                    top / height,
                    (right - left) / width,
                    (bottom - top) / height,
                ]
            }
            if (drawn := _drawn(label.geometry, box)) is not None:
                (x, y), one["mask"] = drawn
                rows, columns = one["mask"].shape
                across, down = part_of(x, columns, width), part_of(y, rows, height)
                one["bounding_box"] = [across[0], down[0], across[1], down[1]]
            boxes.append(one)
        made: dict[str, Any] = {"filepath": files.path(sample), "ground_truth": boxes}
        part = training.parts.get(sample.item)
        if part is not None:
            made["tags"] = [part]
        if joints:
            made["keypoints"] = joints
        tags = [
            _said(label, tracks)
            for label in sample.labels
            if isinstance(label.geometry, Tag) and label.class_name in training.numbers
        ]
        if tags:
            made["classification"] = tags
        yield made


# A joint that is not there.
_NOWHERE = (float("nan"), float("nan"))
# Names that labels of FiftyOne have already.
_TAKEN = (
    *("label", "confidence", "id", "tags", "index", "mask", "bounding_box", "points"),
    *("attributes", "instance", "iscrowd", "logits", "mask_path"),
)


def _said(label: Annotation, tracks: dict[tuple[str, str], int]) -> dict[str, Any]:
    made: dict[str, Any] = {"label": label.class_name}
    if label.track_id is not None:
        made["index"] = tracks.setdefault((label.item_id, label.track_id), len(tracks) + 1)
    if is_crowd(label):
        made["iscrowd"] = True
    if label.confidence is not None:
        made["confidence"] = label.confidence
    for name, answer in label.attributes.items():
        # MongoDB takes no such names.
        plain = name.replace(".", "_").replace("$", "_").replace("\0", "_")
        taken = name in _TAKEN or plain != name or name.startswith("_")
        made[f"answer_{plain}" if taken else name] = answer
    return made


def _drawn(
    shape: Geometry, box: list[float]
) -> tuple[tuple[int, int], npt.NDArray[np.bool_]] | None:
    """Return the first pixel and the pixels of what is more than an upright box."""
    turned = isinstance(shape, Rectangle) and shape.angle
    if not turned and not isinstance(shape, _DRAWN):
        return None
    left, top = math.floor(box[0]), math.floor(box[1])
    inside = left, top, math.ceil(box[2]) - left, math.ceil(box[3]) - top
    mask = pixels_within(shape, inside)
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not rows.size:
        return None
    kept = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return (left + int(columns[0]), top + int(rows[0])), kept


def part_of(start: int, length: int, whole: int) -> tuple[float, float]:
    """Return pixels as parts of a side, so that rounded down they are the same pixels again.

    That is how FiftyOne finds the place of a mask.
    """
    first, part = start / whole, length / whole
    while int(whole * first) < start:
        first = math.nextafter(first, math.inf)
    while int(whole * (first + part)) < start + length:
        part = math.nextafter(part, math.inf)
    return first, part
