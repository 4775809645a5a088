"""Masks on the slices of a scan that are one object."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from labelwidgets.errors import FormatError
from labelwidgets.formats.coco import records
from labelwidgets.formats.coco.categories import Entry
from labelwidgets.formats.coco.places import Place
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import RLE, Mask, VolumeMask


class SlicePart(NamedTuple):
    """A mask on a slice that is a part of an object, and the slices without pixels beside it."""

    record: str
    annotation: Annotation
    empty: list[int]
    place: Place
    category: Entry


class _SliceExtension(msgspec.Struct):
    """What labelwidgets adds to an annotation that is a part of an object through slices."""

    type: str | None = None
    empty: list[int] = []


def through_slices(label: records.Label) -> list[int] | None:
    """Return the slices without pixels that a part of an object names, None if it is no part."""
    if records.is_null(label.labelwidgets):
        return None
    said = records.decode(label.labelwidgets, _SliceExtension, "labelwidgets")
    return said.empty if said.type == "volumemask" else None


def joined_slices(parts: Sequence[SlicePart]) -> VolumeMask:
    """Return the object of which masks on slices are the parts.

    Raises
    ------
    FormatError
        If one lies on no slice, or two on the same.
    """
    slices: dict[int, RLE] = {}
    for part in parts:
        index, shape = part.annotation.frame, part.annotation.geometry
        if index is None or not isinstance(shape, Mask):
            raise FormatError("lies on no slice.", where="image_id")
        if index in slices:
            raise FormatError("is there twice on a slice.", where="labelwidgets.id")
        slices[index] = shape.rle
        height, width = shape.rle.size
        for other in part.empty:
            slices.setdefault(other, RLE((height, width), [height * width]))  # type: ignore[arg-type]
    return VolumeMask(slices)
