"""Training sets for FiftyOne: samples whose boxes are parts of the picture."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from labelwidgets.schema.geometry import Cuboid, Ellipse, Mask, Polygon, Tag
from labelwidgets.training.extras import library
from labelwidgets.training.picture_files import PictureFiles
from labelwidgets.training.targets import objects_of, points_of
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
    ``classification`` its tags.

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
            fields[name] = kind(**{part: [each(**made) for made in fields[name]]})
    return fo.Sample(**fields)


def fiftyone_dicts(
    training: TrainingSet, folder: str | os.PathLike[str] | None = None, link: bool = True
) -> Iterator[dict[str, Any]]:
    """Return the same as plain dicts: the arguments of a sample, with lists of those of labels.

    This needs no package; see `fiftyone_samples`.
    """
    files = PictureFiles(training.dataset, folder, link)
    for sample in training.samples:
        width, height = size = files.size(sample)
        objects = objects_of(sample, size, training.numbers)
        boxes, joints = [], []
        for label, box in zip(objects.labels, objects.boxes.tolist(), strict=True):
            points = points_of(label.geometry)
            if points:
                spots = [(x / width, y / height) if seen else _NOWHERE for x, y, seen in points]
                joints.append({**_said(label), "points": spots})
                continue
            left, top, right, bottom = box
            one = _said(label) | {
                "bounding_box": [
                    left / width,
                    top / height,
                    (right - left) / width,
                    (bottom - top) / height,
                ]
            }
            if isinstance(label.geometry, _DRAWN):
                one["mask"] = pixels_within(label.geometry, _around(box))
            boxes.append(one)
        made: dict[str, Any] = {"filepath": files.path(sample), "ground_truth": boxes}
        part = training.parts.get(sample.item)
        if part is not None:
            made["tags"] = [part]
        if joints:
            made["keypoints"] = joints
        tags = [
            _said(label)
            for label in sample.labels
            if isinstance(label.geometry, Tag) and label.class_name in training.numbers
        ]
        if tags:
            made["classification"] = tags
        yield made


# A joint that is not there.
_NOWHERE = (float("nan"), float("nan"))
# Names that labels of FiftyOne have already.
_TAKEN = ("label", "confidence", "id", "tags", "index", "mask", "bounding_box", "points")


def _said(label: Annotation) -> dict[str, Any]:
    made: dict[str, Any] = {"label": label.class_name}
    if label.confidence is not None:
        made["confidence"] = label.confidence
    for name, answer in label.attributes.items():
        made[f"answer_{name}" if name in _TAKEN else name] = answer
    return made


def _around(box: list[float]) -> tuple[int, int, int, int]:
    """Return whole pixels of a box: FiftyOne stretches a mask over its box."""
    left, top = round(box[0]), round(box[1])
    return left, top, max(round(box[2]) - left, 1), max(round(box[3]) - top, 1)
