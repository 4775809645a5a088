"""Training sets for TensorFlow: a `tf.data.Dataset` of pictures and targets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from labelwidgets.errors import SchemaError
from labelwidgets.extras import library
from labelwidgets.media.encoded import eight_bits
from labelwidgets.media.kinds import VOLUMES
from labelwidgets.training.targets import class_map, objects_of

if TYPE_CHECKING:
    from labelwidgets.media.worker_pixels import Picture
    from labelwidgets.training.training_set import TrainingSet

# Read beside each other.
_AT_A_TIME = 8


def tensorflow_dataset(
    training: TrainingSet, target: Literal["detection", "semantic"] = "detection"
) -> Any:
    """Return a `tf.data.Dataset` of (picture, target), one after another.

    Pictures are (H, W, 3) uint8, slices of scans (H, W, 1) float32. Targets of ``detection`` are a
    dict of `boxes` ((N, 4) float32: left, top, right, bottom in pixels, which KerasCV calls
    ``xyxy``), `labels` ((N,) int64, numbers of classes from 1), `iscrowd` and `image_id`; of
    ``semantic`` (H, W) int64, 0 where there is no class. Pictures have different sizes: resize,
    or use ``padded_batch`` or ``ragged_batch``.

    Parameters
    ----------
    training
        The training set.
    target
        ``detection`` or ``semantic``.

    Raises
    ------
    MissingExtraError
        If TensorFlow is not installed.
    SchemaError
        If there is no such target, or scans are among other pictures.
    """
    tf = library("tensorflow", "=tensorflow", "to_tensorflow")
    if target not in ("detection", "semantic"):
        raise SchemaError(f"must be detection or semantic, not {target!r:.40}.", where="target")
    scans = set(training.items["kind"].isin(VOLUMES))
    if len(scans) > 1:
        raise SchemaError(
            "has scans among other pictures, which are of other values.",
            where="training set",
            hint="Choose one of both with query=.",
        )
    picture = tf.TensorSpec((None, None, 1), tf.float32)
    if scans != {True}:
        picture = tf.TensorSpec((None, None, 3), tf.uint8)
    said: Any = tf.TensorSpec((None, None), tf.int64)
    if target == "detection":
        said = {
            "boxes": tf.TensorSpec((None, 4), tf.float32),
            "labels": tf.TensorSpec((None,), tf.int64),
            "iscrowd": tf.TensorSpec((None,), tf.int64),
            "image_id": tf.TensorSpec((), tf.int64),
        }

    def rows() -> Iterator[tuple[Picture, Any]]:
        return _rows(training, target, scans == {True})

    made = tf.data.Dataset.from_generator(rows, output_signature=(picture, said))
    return made.apply(tf.data.experimental.assert_cardinality(len(training)))


def _rows(training: TrainingSet, target: str, scan: bool) -> Iterator[tuple[Picture, Any]]:
    pixels, samples = training.pixels(), training.samples
    for start in range(0, len(samples), _AT_A_TIME):
        some = samples[start : start + _AT_A_TIME]
        pictures = pixels.read_all([(sample.item, sample.frame) for sample in some])
        for index, (sample, read) in enumerate(zip(some, pictures, strict=True), start):
            size = read.shape[1], read.shape[0]
            objects = objects_of(sample, size, training.numbers)
            picture: Picture = read.astype(np.float32) if scan else eight_bits(read)
            if target == "semantic":
                yield picture, class_map(objects, size)
            else:
                yield (
                    picture,
                    {
                        "boxes": objects.boxes,
                        "labels": objects.numbers,
                        "iscrowd": objects.crowd,
                        "image_id": np.int64(index),
                    },
                )
