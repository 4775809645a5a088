"""Many annotations of a COCO file as its bytes, without an object for each of their fields.

The same bytes as msgspec makes of one record after the other; a test holds both to it.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from labelwidgets.formats.coco.number_texts import row_texts, texts

_encode = msgspec.json.Encoder().encode
_ID = b',{"id":'
_AREA = b'],"area":'
_SEGMENTATION = b',"segmentation":'
# What a record is put together of.
_PARTS = 12


class Records(NamedTuple):
    """Annotations, by what each of them has; their numbers are given as they are written."""

    # From the comma behind the number: `picture_text` and `class_text`.
    pictures: list[bytes]
    classes: list[bytes]
    # x, y, width, height: (N, 4); (N,).
    boxes: npt.NDArray[np.float64]
    areas: npt.NDArray[np.float64]
    segments: list[bytes]
    # Behind the segmentation, before and behind the id in the extension.
    tails: list[bytes]
    ids: list[bytes]
    ends: list[bytes]


def no_records() -> Records:
    """Return no annotations."""
    return Records([], [], np.empty((0, 4)), np.empty(0), [], [], [], [])


def picture_text(number: int) -> bytes:
    """Return the part of records that says which image they are on."""
    return b',"image_id":%d' % number


def class_text(number: int) -> bytes:
    """Return the part of records from their category to their box."""
    return b',"category_id":%d,"bbox":[' % number


def together(records: Records, first: int) -> bytes:
    """Return records with commas between, their numbers being from `first` on."""
    return b"".join(_parts(records, first))[1:]


def one_by_one(records: Records) -> list[tuple[bytes, bytes]]:
    """Return what is before and behind the number of each record."""
    parts, begin = _parts(records, 0), _ID[1:]
    return [
        (begin, b"".join(parts[place + 2 : place + _PARTS]))
        for place in range(0, len(parts), _PARTS)
    ]


def _parts(records: Records, first: int) -> list[bytes]:
    count = len(records.segments)
    if not count:
        return []
    parts = [b""] * (_PARTS * count)
    columns = (
        [_ID] * count,
        _encode(list(range(first, first + count)))[1:-1].split(b","),
        records.pictures,
        records.classes,
        row_texts(records.boxes),
        [_AREA] * count,
        texts(records.areas),
        [_SEGMENTATION] * count,
        records.segments,
        records.tails,
        records.ids,
        records.ends,
    )
    for place, column in enumerate(columns):
        parts[place::_PARTS] = column
    return parts
