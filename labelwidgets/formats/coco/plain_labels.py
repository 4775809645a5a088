"""Labels that are boxes, outlines and masks, many at once, on their way to a COCO file."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from itertools import chain, compress
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from labelwidgets.formats.coco.extension_texts import label_tails
from labelwidgets.formats.coco.images import Images
from labelwidgets.formats.coco.mask_columns import Masks, mask_columns
from labelwidgets.formats.coco.number_texts import run_texts
from labelwidgets.formats.coco.outline_measures import measures, point_array
from labelwidgets.formats.coco.record_texts import Records, class_text, no_records, picture_text
from labelwidgets.formats.coco.text_columns import Column, rows, some_of
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Mask, Polygon, Rectangle, Ring

Floats = npt.NDArray[np.float64]

PLAIN = ("", "polygon", "rectangle", "mask")
_BOX, _MASK = 2, 3
# Outlines of more points are no quicker all at once.
_MOST_POINTS = 256
_MINUS = np.array(-0.0).view(np.int64)
_picture_of = operator.attrgetter("item_id", "frame")
_class_of = operator.attrgetter("class_name")
_shape_of = operator.attrgetter("geometry")
_parts_of = operator.attrgetter("parts")
_first = operator.itemgetter(0)
_box_of = operator.attrgetter("x", "y", "width", "height")


class PlainLabels:
    """Makes records of labels that nothing special is about.

    Parameters
    ----------
    images
        The image records.
    category_ids
        Of classes by name.
    """

    def __init__(self, images: Images, category_ids: Mapping[str, int]) -> None:
        self._images = images
        self._pictures = {place: picture_text(number) for place, number in images.numbers()}
        self._classes: dict[str | None, bytes] = {
            name: class_text(id) for name, id in category_ids.items()
        }

    def records(self, labels: Sequence[Annotation]) -> tuple[Records, list[bool]]:
        """Return records of some labels, and of which: the others need a closer look."""
        # By columns, without a step of Python for each field of each label.
        pictures = list(map(self._pictures.get, map(_picture_of, labels)))
        classes = list(map(self._classes.get, map(_class_of, labels)))
        shapes = _shapes(list(map(_shape_of, labels)))
        tails = label_tails(labels, PLAIN, shapes.kinds)
        known = np.fromiter(map(all, zip(pictures, classes, strict=True)), bool, len(labels))
        taken = known & tails.there & (shapes.kinds > 0)
        is_mask = shapes.kinds == _MASK
        masks = self._masks(labels, shapes.all, np.flatnonzero(taken & is_mask))
        if masks is not None:
            taken[taken & is_mask] = masks.there
        rings = _rings(shapes, taken & ~is_mask)
        minus = rings.with_minus()
        if len(minus):
            # The least of 0 and -0 is either.
            taken[np.flatnonzero(taken & ~is_mask)[minus]] = False
            rings = _rings(shapes, taken & ~is_mask)
        if not taken.any():
            return no_records(), taken.tolist()
        columns = [pictures, classes, tails.before, tails.ids, tails.behind]
        on, of, *ends = (some_of(one, taken) for one in columns)
        made = rings.written() if len(rings.counts) else None
        if masks is not None and len(masks.areas):
            made = _with_masks(made, masks, is_mask[taken])
        assert made is not None  # noqa: S101 - as some are taken
        return Records(on, of, *made, *ends), taken.tolist()

    def _masks(
        self, labels: Sequence[Annotation], shapes: Sequence[Any], places: npt.NDArray[np.intp]
    ) -> Masks | None:
        """Return the masks at some places, None where there are none."""
        several = places.tolist()
        sizes = [self._images.size(_picture_of(labels[at])) for at in several]
        return mask_columns([shapes[at] for at in several], sizes) if several else None


class _Written(NamedTuple):
    """Boxes, areas and segmentations of shapes, as `Records` has them."""

    boxes: Floats
    areas: Floats
    segments: Sequence[Column]


def _with_masks(made: _Written | None, masks: Masks, is_mask: npt.NDArray[np.bool_]) -> _Written:
    """Return masks, and what else there is of N shapes, at their places."""
    if made is None:
        return _Written(masks.boxes, masks.areas, [masks.texts])
    count = len(is_mask)
    boxes, areas, texts = np.empty((count, 4)), np.empty(count), np.empty(count, object)
    for own, there in ((masks, is_mask), (made, ~is_mask)):
        boxes[there], areas[there] = own.boxes, own.areas
    texts[is_mask], texts[~is_mask] = masks.texts, rows(made.segments, len(made.areas))
    return _Written(boxes, areas, [texts.tolist()])


class _Shapes(NamedTuple):
    """The shapes of N labels."""

    # (N,): what they are, by their number in `PLAIN`.
    kinds: npt.NDArray[np.int8]
    polygons: npt.NDArray[np.bool_]
    # Of each polygon the first ring, and its points.
    rings: list[Ring]
    counts: npt.NDArray[np.int64]
    all: list[Any]


def _shapes(shapes: list[Any]) -> _Shapes:
    """Find upright boxes, outlines without holes or other parts, and masks."""
    types = list(map(type, shapes))
    kinds = np.zeros(len(shapes), np.int8)
    polygons = np.array([one is Polygon for one in types], bool)
    parts = list(map(_parts_of, compress(shapes, polygons.tolist())))
    outer = list(map(_first, parts))
    rings = list(map(_first, outer))
    counts = _lengths(rings)
    kinds[polygons] = (_lengths(parts) == 1) & (_lengths(outer) == 1) & (counts <= _MOST_POINTS)
    for place in [at for at, one in enumerate(types) if one is Rectangle]:
        kinds[place] = 0 if shapes[place].angle else _BOX
    kinds[[at for at, one in enumerate(types) if one is Mask]] = _MASK
    return _Shapes(kinds, polygons, rings, counts, shapes)


def _lengths(lists: Sequence[Sequence[Any]]) -> npt.NDArray[np.int64]:
    return np.fromiter(map(len, lists), np.int64, len(lists))


class _Rings(NamedTuple):
    """The outlines of N shapes, those of boxes among them."""

    # (M, 2), (N,)
    points: Floats
    counts: npt.NDArray[np.int64]
    # Which of them are boxes, (N,), and their x, y, width and height.
    is_box: npt.NDArray[np.bool_]
    sides: Floats

    def written(self) -> _Written:
        """Return their boxes and areas, and what is written of them."""
        boxes, areas = measures(self.points, self.counts)
        boxes[self.is_box] = self.sides
        areas[self.is_box] = self.sides[:, 2] * self.sides[:, 3]
        return _Written(boxes, areas, (b"[[", self.texts(), b"]]"))

    def with_minus(self) -> npt.NDArray[np.intp]:
        """Return the numbers of those that have a coordinate that is -0."""
        # By its bits, as it is equal to 0.
        places = np.flatnonzero(self.points.ravel().view(np.int64) == _MINUS)
        return np.unique(np.searchsorted(2 * np.cumsum(self.counts), places, side="right"))

    def texts(self) -> Column:
        """Return them as they are written."""
        # A gap between each two rings, at which their texts are parted.
        ends = np.cumsum(2 * self.counts + 1) - 1
        spread = np.full(ends[-1] + 1, np.nan)
        is_number = np.ones(len(spread), bool)
        is_number[ends] = False
        spread[is_number] = self.points.ravel()
        return run_texts(spread[:-1], len(ends))


def _rings(shapes: _Shapes, taken: npt.NDArray[np.bool_]) -> _Rings:
    """Return the outlines of those of some shapes that are taken."""
    own = taken[shapes.polygons]
    rings = list(compress(shapes.rings, own.tolist()))
    is_box = (shapes.kinds == _BOX)[taken]
    counts = np.full(len(is_box), 4)
    counts[~is_box] = shapes.counts[own]
    drawn = point_array(list(chain.from_iterable(rings)))
    if not is_box.any():
        return _Rings(drawn, counts, is_box, np.empty((0, 4)))
    points, of_box = np.empty((int(counts.sum()), 2)), np.repeat(is_box, counts)
    boxes = compress(shapes.all, (taken & (shapes.kinds == _BOX)).tolist())
    sides = np.array(list(map(_box_of, boxes)))
    points[of_box], points[~of_box] = _corners(sides), drawn
    return _Rings(points, counts, is_box, sides)


def _corners(sides: Floats) -> Floats:
    """Return the corners of boxes, (4 * N, 2), to the last bit those of `Rectangle`."""
    x, y, width, height = sides.T
    middle, half = (x + width / 2, y + height / 2), (width / 2, height / 2)
    left, right = middle[0] - half[0], middle[0] + half[0]
    top, bottom = middle[1] - half[1], middle[1] + half[1]
    corners = np.stack([left, top, right, top, right, bottom, left, bottom], axis=1)
    return corners.reshape(-1, 2)
