"""A training set: pictures and labels of a project as they are at a moment, for any library."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from labelwidgets.errors import FormatError, SchemaError
from labelwidgets.extras import library
from labelwidgets.media.dataset import Dataset
from labelwidgets.media.worker_pixels import OptionsOf, Pixels
from labelwidgets.numbered import numbered
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Ellipse, Keypoints, Mask, Point, Polygon, VolumeMask
from labelwidgets.schema.ontology import Ontology
from labelwidgets.training.choice import Choice
from labelwidgets.training.records import Record, Stamps, data_hash, label_version, plain
from labelwidgets.training.samples import Samples, samples_of
from labelwidgets.training.splits import Split
from labelwidgets.training.targets import class_numbers

if TYPE_CHECKING:
    from datetime import datetime

    import pandas as pd

    from labelwidgets.training.monai import MonaiItems
    from labelwidgets.training.supervision import SupervisionPictures
    from labelwidgets.training.torch_pictures import Target, TorchPictures, TorchStream, Transforms
    from labelwidgets.training.torch_volumes import TorchVolumes

_AREA_TOOLS = ("polygon", "mask", "ellipse", "volumemask")


@dataclass(frozen=True)
class TrainingSet:
    """Pictures and labels that a model is trained on; `Project.training_set` makes it.

    Parameters
    ----------
    project, name, user
        The uid and the name of the project, and who asks.
    time
        The moment of the last event that counts.
    choice
        What was chosen.
    classes
        The names of the classes: that of number n is ``classes[n - 1]``.
    ontology
        As it was then.
    items
        A frame like `Dataset.items`, of the chosen ones.
    labels
        Their labels, of main tasks: tracks and masks of volumes whole.
    split
        Of the project.
    dataset
        Where pixels come from.
    """

    project: str
    name: str
    user: str
    time: datetime
    choice: Choice
    classes: tuple[str, ...]
    ontology: Ontology = field(repr=False)
    items: pd.DataFrame = field(repr=False)
    labels: Sequence[Annotation] = field(repr=False)
    split: Split | None = field(repr=False)
    dataset: Dataset = field(repr=False)

    def __len__(self) -> int:
        """Return how many pictures there are."""
        return len(self.samples)

    def __repr__(self) -> str:
        counts = Counter(label.class_name for label in self.labels)
        shown = ", ".join(f"{counts[name]} {name}" for name in self.classes)
        part = f", part {self.choice.part!r}" if self.choice.part else ""
        return (
            f"TrainingSet({numbered(len(self.items), 'item')}{part}: {shown}; version "
            f"{self.version[:12]})"
        )

    def _repr_html_(self) -> str:
        from labelwidgets.training.pages import training_page

        return training_page(self)

    @cached_property
    def samples(self) -> Samples:
        """The pictures with the labels on each; videos and scans are opened for it."""
        choice: Any = self.choice
        return Samples(
            samples_of(
                self.labels,
                self.items,
                self.ontology,
                self.dataset,
                choice.frames,
                choice.unlabelled,
            )
        )

    @cached_property
    def version(self) -> str:
        """The version of the labels; see `labelwidgets.training.records.label_version`."""
        split = None if self.split is None or self.choice.part is None else self.split.hash
        return label_version(self.labels, self.ontology.hash, split, self.choice)

    def record(self, files: bool = False, **run: Any) -> Record:
        """Return what it takes to build the same training set again, and to prove that it is.

        Parameters
        ----------
        files
            Ask the stores for size and version of each file, so that a file that was replaced is
            found out. One request a file.
        **run
            What else is to be on record: parameters, metrics.

        Raises
        ------
        SourceError
            If a file is not there.
        SchemaError
            If something of the run is nothing that JSON holds.
        """
        return Record(
            project=self.project,
            name=self.name,
            time=self.time,
            user=self.user,
            choice=self.choice,
            classes=self.classes,
            items=len(self.items),
            labels=len(self.labels),
            label_version=self.version,
            data_hash=data_hash(self.items, self._stamps() if files else None),
            files=files,
            run=plain(run),
        )

    def _stamps(self) -> Stamps:
        return self.dataset.stamps(self.items["id"])

    def check(self, record: Record) -> None:
        """Raise FormatError unless this is the training set that a record is of."""
        mine = self.record(record.files)
        for name, words in (
            ("project", "is of another project"),
            ("classes", "has other classes"),
            ("label_version", "has other labels"),
            ("data_hash", "has other pictures, or files that were replaced"),
        ):
            if getattr(mine, name) != getattr(record, name):
                raise FormatError(
                    f"{words}: {getattr(mine, name)!r:.80}, and {getattr(record, name)!r:.80} is "
                    "on record.",
                    where=f"training set of {record.time.isoformat()}",
                )

    def pixels(self, storage_options: OptionsOf | None = None) -> Pixels:
        """Return what reads the pictures in any process."""
        return Pixels(self.items, self.dataset, storage_options)

    def to_torch(
        self,
        target: Target = "detection",
        transforms: Transforms | None = None,
        *,
        masks: bool | None = None,
        keypoints: bool | None = None,
        channels: int | None = None,
        volumes: bool = False,
        iterable: bool = False,
        shuffle: bool = False,
        seed: int = 0,
        storage_options: OptionsOf | None = None,
    ) -> TorchPictures | TorchStream | TorchVolumes:
        """Return a dataset of PyTorch; see `labelwidgets.project.Project.to_torch`.

        Parameters
        ----------
        target
            ``detection``: a dict of `boxes` (XYXY), `labels` (numbers of classes from 1), `area`,
            `iscrowd`, `image_id` (the number of the sample), and `masks`, `keypoints` and their
            `visibility` where there are any. ``semantic``: a mask of int64 with the number of the
            class of each pixel, 0 where there is none. ``tags``: float32, 1 for each class that
            the picture is tagged with. ``none``: the number of the sample.
        transforms
            Called with image and target, as those of `torchvision.transforms.v2` are.
        masks, keypoints
            Whether targets of detection have them; None where classes are drawn so.
        channels
            1 or 3; None for colours, and for scans as they are.
        volumes
            Scans as wholes, one sample each; see `TorchVolumes`. Other items are left out.
        iterable
            One sample after another instead of by number, each worker its share.
        shuffle, seed
            Of those: in another order in each epoch (`set_epoch`). By number, it is the
            `DataLoader` that shuffles.
        storage_options
            A function that returns the storage options, called in each process that reads. Needed
            where workers are spawned and their environment does not say how to get at the data.

        Raises
        ------
        MissingExtraError
            If torch and torchvision are not installed.
        SchemaError
            If there is no such target, or options do not go together.
        SourceError
            If `storage_options` is no function, or with `volumes` there is no scan.
        """
        library("torch", "torch", "to_torch")
        library("torchvision", "torch", "to_torch")
        from labelwidgets.training.torch_pictures import TorchPictures, TorchStream, Wanted

        if shuffle and not iterable:
            raise SchemaError(
                "is for a stream (iterable=True).",
                where="shuffle",
                hint="By number it is the DataLoader that shuffles: DataLoader(..., shuffle=True).",
            )
        if keypoints and not self.joints:
            raise SchemaError("are asked for, and no class has joints.", where="keypoints")
        pixels = self.pixels(storage_options)
        if volumes:
            if iterable or target not in ("detection", "semantic"):
                raise SchemaError(
                    "are given by number, with a mask of classes: iterable and other targets are "
                    "not for them.",
                    where="volumes",
                )
            from labelwidgets.training.torch_volumes import TorchVolumes

            chosen = self.chosen_ontology
            return TorchVolumes(self.items, self.labels, pixels, chosen, transforms)
        wanted = Wanted(
            target,
            self.has_areas if masks is None else masks,
            self.joints if keypoints in (None, True) else 0,
            channels,
        )
        made = TorchPictures(self.samples, pixels, self.classes, wanted, transforms)
        return TorchStream(made, shuffle, seed) if iterable else made

    def to_huggingface(self, streaming: bool = False) -> Any:
        """Return a `datasets.Dataset`; see `labelwidgets.training.huggingface`."""
        from labelwidgets.training.huggingface import huggingface_dataset

        return huggingface_dataset(self, streaming)

    def to_tensorflow(self, target: Literal["detection", "semantic"] = "detection") -> Any:
        """Return a `tf.data.Dataset`; see `labelwidgets.training.tensorflow`."""
        from labelwidgets.training.tensorflow import tensorflow_dataset

        return tensorflow_dataset(self, target)

    def to_ultralytics(
        self,
        folder: str | os.PathLike[str],
        task: str = "detect",
        link: bool = True,
        strict: bool = False,
    ) -> str:
        """Write a folder with ``data.yaml``, and return its path.

        See `labelwidgets.training.ultralytics`.
        """
        from labelwidgets.training.ultralytics import write_ultralytics

        return write_ultralytics(self, folder, task, link, strict)

    def to_detectron2(
        self, folder: str | os.PathLike[str] | None = None, link: bool = True
    ) -> list[dict[str, Any]]:
        """Return the dicts of Detectron2; see `labelwidgets.training.detectron2`."""
        from labelwidgets.training.detectron2 import detectron2_dicts

        return detectron2_dicts(self, folder, link)

    def to_monai(self) -> MonaiItems:
        """Return dicts with arrays for MONAI; see `labelwidgets.training.monai`."""
        from labelwidgets.training.monai import MonaiItems

        return MonaiItems(self)

    def to_supervision(self) -> SupervisionPictures:
        """Return pictures with `Detections`; see `labelwidgets.training.supervision`."""
        from labelwidgets.training.supervision import SupervisionPictures

        return SupervisionPictures(self)

    def to_fiftyone(
        self, folder: str | os.PathLike[str] | None = None, link: bool = True
    ) -> list[Any]:
        """Return samples of FiftyOne; see `labelwidgets.training.fiftyone`."""
        from labelwidgets.training.fiftyone import fiftyone_samples

        return fiftyone_samples(self, folder, link)

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number of each class, from 1."""
        return class_numbers(self.classes)

    @property
    def chosen_ontology(self) -> Ontology:
        """The chosen classes, in the order of their numbers."""
        return Ontology([self.ontology[name] for name in self.classes])

    @property
    def parts(self) -> dict[str, str]:
        """The part of each item of the split; empty where there is none."""
        found = {} if self.split is None else self.split.parts
        return {id: found[id] for id in self.items["id"] if id in found}

    @property
    def has_areas(self) -> bool:
        """Whether something is drawn with more than a box: a polygon, an ellipse or pixels."""
        tools = (self.ontology[name].tool for name in self.classes)
        shapes = (label.geometry for label in self.labels)
        return any(tool in _AREA_TOOLS for tool in tools) or any(
            isinstance(shape, Polygon | Mask | Ellipse | VolumeMask) for shape in shapes
        )

    @property
    def joints(self) -> int:
        """The most joints that an object can have; 0 where classes have none."""
        classes = [self.ontology[name] for name in self.classes]
        found = [
            len(made.skeleton.joints) if made.skeleton is not None else 1
            for made in classes
            if made.skeleton is not None or made.tool == "point"
        ]
        drawn = (
            len(label.geometry.points) if isinstance(label.geometry, Keypoints) else 1
            for label in self.labels
            if isinstance(label.geometry, Keypoints | Point)
        )
        return max([*found, *drawn], default=0)
