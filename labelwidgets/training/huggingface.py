"""Training sets for Hugging Face's `datasets`: typed columns, pictures as the files they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from labelwidgets.extras import library
from labelwidgets.media.encoded import eight_bits
from labelwidgets.training.picture_files import PictureFiles
from labelwidgets.training.records import data_hash
from labelwidgets.training.targets import objects_of

if TYPE_CHECKING:
    from labelwidgets.training.training_set import TrainingSet


def huggingface_dataset(training: TrainingSet, streaming: bool = False) -> Any:
    """Return a `datasets.Dataset`, or an `IterableDataset` that reads nothing before it is asked.

    Columns: image (`Image`), image_id (number of the sample), width, height, item_id, name, and
    objects: a dict of lists as in the detection data sets of the hub, with id, area, bbox (x, y,
    width and height in pixels, as in COCO), category (`ClassLabel`, from 0) and iscrowd.

    Parameters
    ----------
    training
        The training set.
    streaming
        Whether it is an `IterableDataset`. A `Dataset` is written to the cache of `datasets`, under
        the version of labels and data: the same one is there at once.

    Raises
    ------
    MissingExtraError
        If `datasets` is not installed.
    SourceError
        If a picture cannot be read.
    """
    hub = library("datasets", "huggingface", "to_huggingface")
    many = getattr(hub, "List", hub.Sequence)
    number, real, text = hub.Value("int64"), hub.Value("float32"), hub.Value("string")
    features = hub.Features(
        {
            "image": hub.Image(),
            "image_id": number,
            "width": number,
            "height": number,
            "item_id": text,
            "name": text,
            "objects": {
                "id": many(text),
                "area": many(real),
                "bbox": many(many(real, length=4)),
                "category": many(hub.ClassLabel(names=list(training.classes))),
                "iscrowd": many(number),
            },
        }
    )
    rows = Rows(training)
    if streaming:
        return hub.IterableDataset.from_generator(rows, features=features)
    # Not by a hash of the generator, which would be one of all that it can reach.
    name = f"{training.version[:32]}{data_hash(training.items)[:16]}"
    return hub.Dataset.from_generator(rows, features=features, fingerprint=name)


def detection_inputs(rows: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return a batch of rows as image processors of `transformers` take it: those of DETR and kin.

    ``hub.with_transform(lambda rows: processor(**detection_inputs(rows), return_tensors="pt"))``
    is a dataset of what their models are trained with.

    Parameters
    ----------
    rows
        A batch of `huggingface_dataset`: lists by the names of its columns.

    Returns
    -------
    dict
        ``images``, in colours of 8 bits whatever the files hold, and ``annotations``: for each
        its image_id and annotations with bbox (x, y, width, height), category_id (from 0), area
        and iscrowd, which transformers calls ``coco_detection``.
    """
    names = {"bbox": "bbox", "category": "category_id", "area": "area", "iscrowd": "iscrowd"}
    told = []
    for id, objects in zip(rows["image_id"], rows["objects"], strict=True):
        columns = zip(*(objects[name] for name in names), strict=True)
        each = [dict(zip(names.values(), values, strict=True)) for values in columns]
        told.append({"image_id": id, "annotations": [{"image_id": id, **one} for one in each]})
    return {"images": [_colours(picture) for picture in rows["image"]], "annotations": told}


def _colours(picture: Any) -> Any:
    """Return a picture of Pillow in colours of 8 bits."""
    if picture.mode[0] in "IF":
        from PIL import Image

        picture = Image.fromarray(eight_bits(np.asarray(picture)))
    return picture.convert("RGB")


class Rows:
    """What rows are made from, in any process: `datasets` codes it, and it holds no secrets."""

    def __init__(self, training: TrainingSet) -> None:
        self._samples, self._pixels = training.samples, training.pixels()
        self._numbers = training.numbers

    def __call__(self) -> Iterator[dict[str, Any]]:
        """Return the rows, one after another."""
        files = PictureFiles(self._pixels.dataset, None)
        for index, sample in enumerate(self._samples):
            width, height = files.size(sample)
            objects = objects_of(sample, (width, height), self._numbers)
            boxes = objects.boxes.copy()
            boxes[:, 2:] -= boxes[:, :2]
            yield {
                "image": {"bytes": files.data(sample), "path": sample.name},
                "image_id": index,
                "width": width,
                "height": height,
                "item_id": sample.item,
                "name": sample.name,
                "objects": {
                    "id": [label.id for label in objects.labels],
                    "area": objects.areas.tolist(),
                    "bbox": boxes.tolist(),
                    "category": (objects.numbers - 1).tolist(),
                    "iscrowd": objects.crowd.tolist(),
                },
            }
