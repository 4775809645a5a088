"""Training sets for supervision: a picture and its `Detections` each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, overload

import numpy as np
import numpy.typing as npt

from labelwidgets.extras import library
from labelwidgets.numbered import numbered
from labelwidgets.training.targets import masks_of, objects_of

if TYPE_CHECKING:
    from labelwidgets.training.training_set import TrainingSet

Detected = tuple[str, npt.NDArray[Any], Any]


class SupervisionPictures(Sequence[Detected]):
    """(name, picture, detections) by number, as supervision's `DetectionDataset` yields them.

    The picture is (H, W, 3) in the order blue, green, red, as OpenCV has it. Of detections,
    ``class_id`` counts from 0; ``mask`` is there where classes are drawn with an area,
    ``confidence`` where all labels have one, ``tracker_id`` where all are of tracks; ``data`` has
    ``class_name``, ``annotation_id``, ``area`` and ``iscrowd``.
    """

    def __init__(self, training: TrainingSet) -> None:
        self._detections = library("supervision", "=supervision", "to_supervision").Detections
        self._training, self._pixels = training, training.pixels()
        self.classes = list(training.classes)
        self._masks = training.has_areas
        self._tracks: dict[tuple[str, str], int] = {}

    def __repr__(self) -> str:
        return (
            f"SupervisionPictures({numbered(len(self), 'picture')}, "
            f"{numbered(len(self.classes), 'class')})"
        )

    def __len__(self) -> int:
        return len(self._training.samples)

    @overload
    def __getitem__(self, index: int) -> Detected: ...
    @overload
    def __getitem__(self, index: slice) -> list[Detected]: ...
    def __getitem__(self, index: int | slice) -> Detected | list[Detected]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        sample = self._training.samples[index]
        picture = self._pixels.read(sample.item, sample.frame, 3)
        size = picture.shape[1], picture.shape[0]
        objects = objects_of(sample, size, self._training.numbers)
        labels = objects.labels
        sure = [label.confidence for label in labels]
        tracks = [(label.item_id, label.track_id) for label in labels if label.track_id is not None]
        every = bool(labels) and len(tracks) == len(labels)
        made = self._detections(
            xyxy=objects.boxes,
            mask=masks_of(objects, size).astype(bool) if self._masks else None,
            confidence=None if not labels or None in sure else np.array(sure, np.float32),
            class_id=objects.numbers - 1,
            tracker_id=np.array([self._track(one) for one in tracks]) if every else None,
            data={
                "class_name": np.array([label.class_name for label in labels], dtype=str),
                "annotation_id": np.array([label.id for label in labels], dtype=str),
                "area": objects.areas.astype(np.float64),
                "iscrowd": objects.crowd,
            },
        )
        return sample.name, np.ascontiguousarray(picture[:, :, ::-1]), made

    def __iter__(self) -> Iterator[Detected]:
        return (self[at] for at in range(len(self)))

    def _track(self, key: tuple[str, str]) -> int:
        return self._tracks.setdefault(key, len(self._tracks) + 1)
