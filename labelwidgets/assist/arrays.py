"""Arrays of a model: masks, maps of class numbers, probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from labelwidgets.assist.reading import SLACK, Reading
from labelwidgets.assist.results import Proposed
from labelwidgets.errors import AssistantError

# From here on a pixel is set, where a map of probabilities has no other class to compare with.
HALF = 0.5
# Numbers of classes up to here are counted in a table.
_MOST_COUNTED = 1 << 16


class ClassMap(msgspec.Struct, frozen=True):
    """The class of each pixel.

    Parameters
    ----------
    numbers
        Whole numbers, of the shape of the picture.
    confidence
        From 0 to 1, of the same shape; None where that is not known.
    words
        What the numbers, from 0, are called; None for what `classes` says.
    """

    numbers: npt.NDArray[Any]
    confidence: npt.NDArray[Any] | None = None
    words: Sequence[Any] | None = None


def as_array(value: Any) -> npt.NDArray[Any] | None:
    """Return an array of numpy, torch, TensorFlow, JAX or Pillow as one of numpy, else None."""
    if isinstance(value, np.ndarray):
        return value
    if isinstance(value, np.generic):
        return np.asarray(value)
    if hasattr(value, "detach") and hasattr(value, "cpu"):
        made = value.detach().cpu()
        # numpy has no bfloat16.
        if "bfloat16" in str(getattr(made, "dtype", "")):
            made = made.float()
        return np.asarray(made.numpy())
    if hasattr(value, "__array__") or hasattr(value, "__array_interface__"):
        made = np.asarray(value)
        return made if made.dtype != object else None
    return None


def read_array(array: npt.NDArray[Any], reading: Reading) -> list[Proposed]:
    """Return what an array says.

    Parameters
    ----------
    array
        Of the shape of the picture (H, W), or of the scan (slices, rows, columns): bool, 0 and 1
        or 255 (a mask of the class that is selected), whole numbers with classes (a map of
        classes), or probabilities from 0 to 1. One axis more, before or after, with as many
        classes as there are: probabilities of each. One number a class: of the picture as a whole.

    Raises
    ------
    AssistantError, ToolError
        If it is of another size, or holds anything else.
    """
    kind = array.dtype.kind
    shape = tuple(reading.shape)
    if kind not in "buif":
        raise AssistantError(f"answered with an array of {array.dtype}, not of numbers.")
    if kind == "f" and not np.isfinite(array).all():
        raise AssistantError("answered with NaN or infinity.")
    if array.shape == shape:
        return _of_picture(array, reading)
    count = reading.names.count
    if kind == "f" and array.ndim == 1 and len(array) == (count or len(array)) and len(array):
        return read_scores(array, reading)
    if array.ndim == len(shape) + 1:
        planes = _planes(array, shape, count)
        if planes is not None:
            return _of_planes(planes, reading)
    said = "(slices, rows, columns)" if reading.volume else "(height, width)"
    if reading.grey and array.ndim < len(shape):
        raise AssistantError(
            f"answered with an array of shape {array.shape}, the picture has {said} {shape}.",
            hint="The picture is grey: its pixels are (height, width), without an axis of colours "
            "to take a mean of. Ask pixels.ndim == 2.",
        )
    raise AssistantError(
        f"answered with an array of shape {array.shape}, the picture has {said} {shape}.",
        hint="One axis more, before or after, is for the classes; there are "
        f"{count if count is not None else 'none, say them with classes='}.",
    )


def read_scores(scores: npt.NDArray[Any], reading: Reading) -> list[Proposed]:
    """Return the surest class of a picture as a whole, of a probability for each."""
    _check_probabilities(scores)
    best = int(scores.argmax())
    confidence = reading.confidence_of(scores[best])
    return reading.of_label(best, confidence) if reading.enough(confidence) else []


def _of_picture(array: npt.NDArray[Any], reading: Reading) -> list[Proposed]:
    if array.dtype.kind == "f":
        _check_probabilities(array)
        return _of_probability(array, reading)
    if array.dtype == bool or not reading.names.given:
        return reading.of_mask(array, reading.default_class())
    return read_class_map(ClassMap(array), reading)


def _of_probability(array: npt.NDArray[Any], reading: Reading) -> list[Proposed]:
    mask = array >= HALF
    if not mask.any():
        return []
    confidence = reading.confidence_of(array[mask].mean(dtype=np.float64))
    return (
        reading.of_mask(mask, reading.default_class(), confidence)
        if reading.enough(confidence)
        else []
    )


def _of_planes(planes: npt.NDArray[Any], reading: Reading) -> list[Proposed]:
    _check_probabilities(planes)
    return read_class_map(ClassMap(planes.argmax(axis=0), planes.max(axis=0)), reading)


def read_class_map(answer: ClassMap, reading: Reading) -> list[Proposed]:
    """Return a mask for each class of a map, as sure as its pixels are on average."""
    numbers, sure = answer.numbers, answer.confidence
    if numbers.shape != tuple(reading.shape):
        raise AssistantError(
            f"answered with a map of shape {numbers.shape}, the picture has {reading.shape}."
        )
    if sure is not None:
        if not np.isfinite(sure).all():
            raise AssistantError("answered with NaN or infinity.")
        _check_probabilities(sure)
    made: list[Proposed] = []
    means = _means(numbers, sure)
    reading.check_count(len(means))
    for number, mean in means.items():
        said = answer.words[number] if answer.words is not None else number
        name = reading.class_of(said)
        if name is None:
            continue
        confidence = reading.confidence_of(mean)
        if reading.enough(confidence):
            made += reading.of_mask(numbers == number, name, confidence)
    return made


def _means(numbers: npt.NDArray[Any], sure: npt.NDArray[Any] | None) -> dict[int, float | None]:
    """Return the numbers that there are, and how sure their pixels are on average."""
    flat = numbers.ravel()
    low, high = int(flat.min(initial=0)), int(flat.max(initial=0))
    if low < 0 or high >= _MOST_COUNTED:
        return {
            number: None if sure is None else float(sure[numbers == number].mean(dtype=np.float64))
            for number in np.unique(flat).tolist()
        }
    # To count is quicker than to sort.
    counts = np.bincount(flat)
    found = np.flatnonzero(counts).tolist()
    if sure is None:
        return dict.fromkeys(found)
    sums = np.bincount(flat, sure.ravel())
    return {number: float(sums[number] / counts[number]) for number in found}


def _planes(
    array: npt.NDArray[Any], shape: tuple[int, ...], count: int | None
) -> npt.NDArray[Any] | None:
    if array.dtype.kind != "f" or count is None:
        return None
    if array.shape == (count, *shape):
        return array
    return np.moveaxis(array, -1, 0) if array.shape == (*shape, count) else None


def _check_probabilities(array: npt.NDArray[Any]) -> None:
    low, high = float(array.min(initial=0)), float(array.max(initial=0))
    if low < -SLACK or high > 1 + SLACK:
        least = float(array.min())
        values = f"values from {least:.4g} to {high:.4g}" if least < high else f"{high:.4g} alone"
        raise AssistantError(
            f"answered with {values}, not probabilities from 0 to 1.",
            hint="Apply softmax or sigmoid, or threshold it: values > 0.",
        )
