"""Labels that are boxes and outlines, many at once, on their way to a COCO file."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from labelwidgets.formats.coco.extension_texts import Tail, label_tail
from labelwidgets.formats.coco.number_texts import row_texts, run_texts
from labelwidgets.formats.coco.outline_measures import measures
from labelwidgets.formats.coco.record_texts import Records, class_text, no_records, picture_text
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Polygon, Rectangle, Ring

Floats = npt.NDArray[np.float64]

# Outlines of more points are no quicker all at once.
_MOST_POINTS = 256
_place_of = operator.attrgetter("item_id", "frame", "class_name", "geometry")
_box_of = operator.attrgetter("x", "y", "width", "height")


class PlainLabels:
    """Makes records of labels that nothing special is about.

    Parameters
    ----------
    images
        The image records by item and frame.
    category_ids
        Of classes by name.
    """

    def __init__(
        self,
        images: Mapping[tuple[str, int | None], Mapping[str, Any]],
        category_ids: Mapping[str, int],
    ) -> None:
        self._pictures = {place: picture_text(one["id"]) for place, one in images.items()}
        self._classes = {name: class_text(id) for name, id in category_ids.items()}

    def records(self, labels: Sequence[Annotation]) -> tuple[Records, list[bool]]:
        """Return records of some labels, and of which: the others need a closer look."""
        taken: list[bool] = []
        shapes: list[Polygon | Rectangle] = []
        pictures: list[bytes] = []
        classes: list[bytes] = []
        tails: list[Tail] = []
        for label in labels:
            item, frame, name, shape = _place_of(label)
            picture, kind = self._pictures.get((item, frame)), self._classes.get(name)
            tail = None
            if picture is not None and kind is not None and (its_type := _plain_type(shape)):
                tail = label_tail(label, its_type)
            taken.append(tail is not None)
            if tail is None or picture is None or kind is None:
                continue
            shapes.append(shape)
            pictures.append(picture)
            classes.append(kind)
            tails.append(tail)
        found = _texts(shapes) if shapes else None
        if found is None:
            return no_records(), [False] * len(labels)
        return Records(pictures, classes, *found, *map(list, zip(*tails, strict=True))), taken


def _plain_type(shape: Any) -> str:
    """Return the type of an upright box, or of an outline without holes or other parts; else ""."""
    kind = type(shape)
    if kind is Polygon:
        parts = shape.parts
        is_one = len(parts) == 1 and len(parts[0]) == 1 and len(parts[0][0]) <= _MOST_POINTS
        return "polygon" if is_one else ""
    return "rectangle" if kind is Rectangle and not shape.angle else ""


class _Texts(NamedTuple):
    boxes: Floats
    areas: Floats
    segments: list[bytes]


def _texts(shapes: Sequence[Polygon | Rectangle]) -> _Texts | None:
    """Return the boxes, areas and segmentations of shapes; None where a number is -0."""
    is_box = [type(one) is Rectangle for one in shapes]
    rings = [one.parts[0][0] for one in shapes if isinstance(one, Polygon)]
    some = [one for one in shapes if isinstance(one, Rectangle)]
    outlines, upright = _outlines(rings) if rings else None, _upright(some) if some else None
    if not rings or not some:
        return outlines or upright
    if outlines is None or upright is None:
        return None
    there = np.array(is_box)
    boxes, areas = np.empty((len(shapes), 4)), np.empty(len(shapes))
    for which, of in ((there, upright), (~there, outlines)):
        boxes[which], areas[which] = of.boxes, of.areas
    own = iter(upright.segments), iter(outlines.segments)
    return _Texts(boxes, areas, [next(own[not one]) for one in is_box])


def _outlines(rings: Sequence[Ring]) -> _Texts | None:
    counts = np.fromiter(map(len, rings), np.int64, len(rings))
    points = chain.from_iterable(chain.from_iterable(rings))
    numbers = np.fromiter(points, np.float64, 2 * int(counts.sum()))
    if (np.signbit(numbers) & (numbers == 0)).any():
        # The least of 0 and -0 is either.
        return None
    # A gap between each two rings, at which their texts are parted.
    gaps = np.repeat(np.arange(len(rings)), 2 * counts)
    spread = np.full(len(numbers) + len(rings) - 1, np.nan)
    spread[np.arange(len(numbers)) + gaps] = numbers
    found = measures(numbers.reshape(-1, 2), counts)
    return _Texts(*found, [b"[[%b]]" % one for one in run_texts(spread)])


def _upright(boxes: Sequence[Rectangle]) -> _Texts:
    sides = np.array(list(map(_box_of, boxes)))
    x, y, width, height = sides.T
    middle, half = (x + width / 2, y + height / 2), (width / 2, height / 2)
    left, right = middle[0] - half[0], middle[0] + half[0]
    top, bottom = middle[1] - half[1], middle[1] + half[1]
    corners = np.stack([left, top, right, top, right, bottom, left, bottom], axis=1)
    segments = [b"[[%b]]" % one for one in row_texts(corners)]
    return _Texts(sides, width * height, segments)
