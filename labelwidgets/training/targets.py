"""What is on a picture as arrays, for whichever library trains with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from labelwidgets.errors import FormatError
from labelwidgets.formats.outlines import box_of_joints
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import (
    Cuboid,
    Ellipse,
    Geometry,
    Keypoints,
    Mask,
    Point,
    Polygon,
    Rectangle,
    Tag,
)
from labelwidgets.training.samples import Sample
from labelwidgets.workflow.areas import pixels_within

_AREAS = (Rectangle, Ellipse, Polygon, Cuboid, Mask)


class Objects(NamedTuple):
    """The N objects of a picture, in the order in which they were made.

    Parameters
    ----------
    labels
        The label of each.
    boxes
        (N, 4) float32: left, top, right and bottom in pixels, cut to the picture; of a point, and
        across a straight line, a pixel; of joints the box that came with them, such as that of a
        person in COCO, while it holds them.
    numbers
        (N,) int64: of the classes, from 1.
    areas
        (N,) float32, in pixels; of what has no area, that of its box.
    crowd
        (N,) int64: 1 where it is a crowd of COCO's.
    """

    labels: list[Annotation]
    boxes: npt.NDArray[np.float32]
    numbers: npt.NDArray[np.int64]
    areas: npt.NDArray[np.float32]
    crowd: npt.NDArray[np.int64]


def class_numbers(names: tuple[str, ...]) -> dict[str, int]:
    """Return the number of each class, from 1: 0 is the background."""
    return {name: number for number, name in enumerate(names, 1)}


def objects_of(sample: Sample, size: tuple[int, int], numbers: Mapping[str, int]) -> Objects:
    """Return the objects of a picture: its labels with a place in it.

    Tags have none, and what lies wholly outside of the picture has none in it.

    Parameters
    ----------
    sample
        The picture.
    size
        Its (width, height).
    numbers
        Of the classes; labels of others are passed over.

    Raises
    ------
    FormatError
        If a mask has another size than the picture.
    """
    width, height = size
    kept, boxes, areas = [], [], []
    for label in sample.labels:
        bounds = label.geometry.bounds
        if bounds is None or label.class_name not in numbers:
            continue
        _check_size(label, sample, size)
        if isinstance(label.geometry, Keypoints):
            bounds = box_of_joints(label, label.geometry) or bounds
        box = _within(bounds, width, height)
        if box is None or (isinstance(label.geometry, Mask) and not label.geometry.area):
            continue
        kept.append(label)
        boxes.append(box)
        areas.append(label.geometry.area or (box[2] - box[0]) * (box[3] - box[1]))
    return Objects(
        kept,
        np.array(boxes, np.float32).reshape(-1, 4),
        np.array([numbers[label.class_name or ""] for label in kept], np.int64),
        np.array(areas, np.float32),
        np.array([is_crowd(label) for label in kept], np.int64),
    )


def _within(
    bounds: tuple[float, float, float, float], width: int, height: int
) -> tuple[float, float, float, float] | None:
    """Return a box cut to a picture, None where it is outside."""
    x, y, w, h = bounds
    across, down = _cut(x, w, width), _cut(y, h, height)
    if across is None or down is None:
        return None
    return across[0], down[0], across[1], down[1]


def _cut(start: float, length: float, stop: int) -> tuple[float, float] | None:
    low, high = max(start, 0.0), min(start + length, float(stop))
    if low < high:
        return low, high
    if length or not 0 <= start <= stop:
        return None
    # A point or a straight line: the pixel about it.
    middle = min(max(start, 0.5), stop - 0.5)
    return middle - 0.5, middle + 0.5


def is_crowd(label: Annotation) -> bool:
    """Say whether a label is a crowd of COCO's, that is, of objects nobody told apart."""
    return bool(label.origin.parameters.get("iscrowd"))


def masks_of(objects: Objects, size: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """Return the pixels of each object, (N, height, width), 0 or 1.

    Those whose centres lie in it; none of what has no area, such as joints.
    """
    width, height = size
    made = np.zeros((len(objects.labels), height, width), np.uint8)
    for place, label in enumerate(objects.labels):
        if isinstance(label.geometry, _AREAS):
            made[place] = pixels_within(label.geometry, (0, 0, width, height))
    return made


def class_map(objects: Objects, size: tuple[int, int]) -> npt.NDArray[np.int64]:
    """Return the number of the class of each pixel, (height, width): 0 where there is none.

    Where objects lie over one another, the later one has the pixel.
    """
    width, height = size
    made = np.zeros((height, width), np.int64)
    for label, number in zip(objects.labels, objects.numbers.tolist(), strict=True):
        if isinstance(label.geometry, _AREAS):
            made[pixels_within(label.geometry, (0, 0, width, height))] = number
    return made


def joints_of(objects: Objects, most: int) -> npt.NDArray[np.float32]:
    """Return the joints of each object, (N, most, 3): x, y and visibility as in COCO (0, 1, 2).

    A point is a single joint. What is not there is 0, 0, 0.
    """
    made = np.zeros((len(objects.labels), most, 3), np.float32)
    for place, label in enumerate(objects.labels):
        points = points_of(label.geometry)
        made[place, : len(points)] = np.array(points, np.float32).reshape(-1, 3)[:most]
    return made


def points_of(shape: Geometry) -> list[tuple[float, float, int]]:
    """Return the joints of a shape as (x, y, visibility); none where it has no joints."""
    if isinstance(shape, Keypoints):
        return shape.points
    return [(shape.x, shape.y, 2)] if isinstance(shape, Point) else []


def tags_of(sample: Sample, numbers: Mapping[str, int]) -> npt.NDArray[np.float32]:
    """Return which classes a picture is said to have, (classes,), 0 or 1: those of its tags."""
    made = np.zeros(len(numbers), np.float32)
    for label in sample.labels:
        number = numbers.get(label.class_name or "")
        if isinstance(label.geometry, Tag) and number is not None:
            made[number - 1] = 1
    return made


def _check_size(label: Annotation, sample: Sample, size: tuple[int, int]) -> None:
    shape = label.geometry
    if isinstance(shape, Mask) and shape.rle.size != (size[1], size[0]):
        raise FormatError(
            f"is {shape.rle.size[1]} x {shape.rle.size[0]} pixels, and {sample.name} has "
            f"{size[0]} x {size[1]}.",
            where=f"annotation {label.id!r}",
        )
