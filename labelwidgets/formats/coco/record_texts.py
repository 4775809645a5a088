"""Many annotations of a COCO file as its bytes, without an object for each of their fields.

The same bytes as msgspec makes of one record after the other; a test holds both to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from labelwidgets.formats.coco.number_texts import ended_texts
from labelwidgets.formats.coco.text_columns import Column, joined, rows


class Records(NamedTuple):
    """Annotations, by what each of them has; their numbers are given as they are written."""

    # Behind the number: `picture_text` and `class_text`.
    pictures: Column
    classes: Column
    # x, y, width, height: (N, 4); (N,).
    boxes: npt.NDArray[np.float64]
    areas: npt.NDArray[np.float64]
    # In parts.
    segments: Sequence[Column]
    # Behind the segmentation, before and behind the id in the extension.
    tails: Column
    ids: Column
    ends: Column


def no_records() -> Records:
    """Return no annotations."""
    return Records([], [], np.empty((0, 4)), np.empty(0), [], [], [], [])


def picture_text(number: int) -> bytes:
    """Return the part of records that says which image they are on."""
    return b',"image_id":%d' % number


def class_text(number: int) -> bytes:
    """Return the part of records from their category to their box."""
    return b',"category_id":%d,"bbox":' % number


def together(records: Records, first: int) -> bytes | memoryview:
    """Return records with a comma before each, their numbers being from `first` on."""
    count = len(records.areas)
    return joined([b',{"id":', range(first, first + count), *_behind(records)], count)


def one_by_one(records: Records) -> list[bytes]:
    """Return what is behind the number of each record."""
    return rows(_behind(records), len(records.areas))


def numbered_text(number: int, behind: bytes) -> bytes:
    """Return one record with a comma before it."""
    return b',{"id":%d%b' % (number, behind)


def _behind(records: Records) -> list[Column]:
    # The texts of numbers end with the comma behind them.
    return [
        records.pictures,
        records.classes,
        ended_texts(records.boxes),
        b'"area":',
        ended_texts(records.areas),
        b'"segmentation":',
        *records.segments,
        records.tails,
        records.ids,
        records.ends,
    ]
