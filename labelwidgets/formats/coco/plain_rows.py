"""Annotations of a COCO file as rows of columns, for a frame that makes no record of them."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import chain, repeat
from typing import Any, Literal, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from labelwidgets.errors import FormatError
from labelwidgets.formats.coco import records
from labelwidgets.formats.coco.records import NULL
from labelwidgets.schema.annotation import Origin
from labelwidgets.schema.validity import EDGE_TOLERANCE

KINDS = ("rectangle", "polygon", "mask", "keypoints")
RECTANGLE, POLYGON, MASK, KEYPOINTS = range(4)
# No picture has so many pixels along a side.
FAR = 1e9
# What the id of an annotation is not, where it is no number of 64 bits.
NO_ID = -(1 << 63)
_NULL = b"null"
_LIST = ord("[")
_NO_BOX = (0.0, 0.0, 0.0, 0.0)


class Plain(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """An annotation with the fields that COCO's own have, and little that is made of it."""

    image_id: records.Id
    category_id: records.Id
    id: records.Id | None = None
    bbox: tuple[float, float, float, float] | None = None
    area: float | None = None
    segmentation: msgspec.Raw = NULL
    iscrowd: int | bool | None = None


class Lean(Plain, gc=False, forbid_unknown_fields=False):
    """An annotation with all that is known."""

    keypoints: msgspec.Raw = NULL
    score: float | None = None
    track_id: records.Id | None = None
    instance_id: records.Id | None = None
    attributes: msgspec.Raw = NULL
    labelwidgets: msgspec.Raw = NULL


class Said(msgspec.Struct, gc=False):
    """What labelwidgets says of an annotation whose shape is in COCO's own fields."""

    id: str
    type: Literal["rectangle", "polygon", "mask", "keypoints"] | None = None
    task_id: str | None = None
    track_id: str | None = None
    author: str | None = None
    origin: Origin = Origin()
    state: Literal["editable", "locked"] = "editable"
    created_at: datetime | None = None
    updated_at: datetime | None = None
    revision: int = 0
    pts: int | None = None
    track: None = None
    geometry: None = None


class Code(msgspec.Struct):
    """A run-length code, of which the size is looked at."""

    size: tuple[int, int]
    counts: msgspec.Raw


class Spot(NamedTuple):
    """A place by its number, and its size."""

    number: int
    size: tuple[int, int] | None


class Kind(NamedTuple):
    """A category by its number, and the joints of its skeleton."""

    number: int
    joints: int


class Rows:
    """Rows of some annotations; the kind of what is none is -1."""

    def __init__(self, count: int, start: int = 0) -> None:
        self.image = np.zeros(count, np.int32)
        self.category = np.zeros(count, np.int32)
        self.kind = np.full(count, -1, np.int8)
        # x, y, width, height.
        self.box = np.zeros((4, count), np.float64)
        self.area = np.zeros(count, np.float64)
        # The annotations that they are, and their ids.
        self.number = np.arange(start, start + count, dtype=np.int32)
        self.label_id = np.full(count, NO_ID, np.int64)
        self.entries = np.empty(count, object)

    def part(self, there: npt.NDArray[np.bool_]) -> Rows:
        """Return some of the rows."""
        made = Rows(0)
        for name, values in vars(self).items():
            setattr(made, name, values[..., there])
        return made


def joined(several: list[Rows], name: str) -> npt.NDArray[Any]:
    """Return what all rows have of one thing, and take it out of them."""
    made = np.concatenate([getattr(one, name) for one in several], axis=-1)
    for one in several:
        delattr(one, name)
    return made


class Columns(NamedTuple):
    """The fields of some annotations."""

    ids: npt.NDArray[np.int64]
    image: npt.NDArray[np.int32]
    category: npt.NDArray[np.int32]
    box: npt.NDArray[np.float64]
    area: npt.NDArray[np.float64]
    entries: npt.NDArray[Any]
    # Which are polygons of which nothing else is said.
    bare: npt.NDArray[np.bool_]


def columns_of(
    labels: Sequence[Plain], image: Callable[..., int], category: Callable[..., int]
) -> Columns | None:
    """Return the fields of annotations, None where one of them has no such field.

    Parameters
    ----------
    labels
        Of one class; their segmentations are copied.
    image, category
        Return the number of an id, or else what they are given besides.
    """
    count, nowhere = len(labels), repeat(-1)
    # Without a step of Python for each of a million records.
    entries = list(map(bytes, map(_segmentation, labels)))
    try:
        ids = np.fromiter(map(_id, labels), np.int64, count)
        area = np.fromiter(map(_area, labels), np.float64, count)
    except (TypeError, ValueError, OverflowError):
        return None
    # Assigned as a list, each would be asked whether it is one of numbers.
    segmentations = np.fromiter(entries, object, count)
    # Cut after its first two letters.
    bare = segmentations.astype("S2") == b"[["
    boxes = chain.from_iterable([one.bbox or _NO_BOX for one in labels])
    if labels and isinstance(labels[0], Lean):
        bare &= np.fromiter(map(_is_bare, labels), bool, count)
    elif any(set(map(_iscrowd, labels))):
        bare &= np.fromiter(map(operator.not_, map(_iscrowd, labels)), bool, count)
    return Columns(
        ids,
        np.fromiter(map(image, map(_image_id, labels), nowhere), np.int32, count),
        np.fromiter(map(category, map(_category_id, labels), nowhere), np.int32, count),
        np.ascontiguousarray(np.fromiter(boxes, np.float64, 4 * count).reshape(-1, 4).T),
        area,
        segmentations,
        bare,
    )


_id, _image_id, _category_id = map(operator.attrgetter, ("id", "image_id", "category_id"))
_area, _iscrowd, _segmentation = map(operator.attrgetter, ("area", "iscrowd", "segmentation"))


def kind_of(head: bytes) -> int:
    """Return what a segmentation is by its first letters; raise FormatError if that is unclear."""
    if head[0] == 0x7B:
        return MASK
    if head == _NULL:
        return RECTANGLE
    inner = head[1:64].lstrip()[:1] if head[0] == _LIST else b""
    if inner == b"[":
        return POLYGON
    if inner == b"]":
        return RECTANGLE
    raise FormatError("is none that is plain.", where="segmentation")


def _is_bare(label: Any) -> bool:
    """Say whether nothing is said of an annotation but its shape."""
    return (
        label.labelwidgets is NULL
        and label.attributes is NULL
        and label.keypoints is NULL
        and label.score is None
        and not label.iscrowd
        and label.track_id is None
        and label.instance_id is None
    )


def is_inside(box: tuple[float, float, float, float], size: tuple[int, int] | None) -> bool:
    """Say whether a box has an extent and is in its picture."""
    x, y, width, height = box
    right, bottom = size or (FAR, FAR)
    return (
        x >= -EDGE_TOLERANCE
        and y >= -EDGE_TOLERANCE
        and 0 < width <= right + EDGE_TOLERANCE - x
        and 0 < height <= bottom + EDGE_TOLERANCE - y
    )
