"""Palettes: the colours that stored values stand for (DICOM PS3.3 C.7.6.3.1.5 and C.7.9)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from labelwidgets.errors import ImageError
from labelwidgets.media.dicom.look_up import LookUp, bytes_of, descriptor_of, look_up, order_of
from labelwidgets.media.dicom.slice_header import SliceHeader

if TYPE_CHECKING:
    from pydicom import Dataset

# Descriptor, plain and segmented data of red, green and blue.
_COLOURS = (
    (0x00281101, 0x00281201, 0x00281221),
    (0x00281102, 0x00281202, 0x00281222),
    (0x00281103, 0x00281203, 0x00281223),
)
TAGS = [tag for colour in _COLOURS for tag in colour]
"""The elements that make a palette."""
_DISCRETE, _LINEAR, _INDIRECT = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Palette:
    """Tables for red, green and blue, with entries of 8 bits."""

    red: LookUp
    green: LookUp
    blue: LookUp

    def apply(self, stored: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
        """Return colours, (rows, columns, 3), of stored values."""
        return np.stack(
            [self.red.apply(stored), self.green.apply(stored), self.blue.apply(stored)], -1
        )


def palette_of(dataset: Dataset, header: SliceHeader, where: str) -> Palette:
    """Return the palette of a file; segmented tables are spread out.

    Raises
    ------
    ImageError
        If it is damaged, or of another length than it claims.
    """
    order = order_of(header)
    tables = []
    for place, plain, segmented in _COLOURS:
        found = descriptor_of(dataset, place, order)
        data = bytes_of(dataset, plain, order)
        if not data:
            data = _spread(bytes_of(dataset, segmented, order), found, order, where)
        tables.append(_eight_bits(look_up(found, data, order, header.signed, where)))
    return Palette(*tables)


def _eight_bits(table: LookUp) -> LookUp:
    entries = table.entries
    # Many claim 16 bits and hold 8 of them.
    if entries.dtype != np.uint8 and int(entries.max(initial=0)) > 255:
        entries = entries >> 8
    return LookUp(table.first, entries.astype(np.uint8), 8)


def _spread(data: bytes, descriptor: tuple[int, ...], order: str, where: str) -> bytes:
    """Return the entries that segments stand for, no more than the descriptor says."""
    if len(descriptor) != 3:
        return b""
    count = descriptor[0] or 1 << 16
    step = 1 if descriptor[2] == 8 else 2
    words = np.frombuffer(data, np.uint8 if step == 1 else order + "u2", len(data) // step).tolist()
    made: list[int] = []
    try:
        _segments(words, 0, None, made, count, step, False)
    except IndexError:
        raise ImageError("has a segmented palette that is damaged.", where=where) from None
    return struct.pack(f"{order}{len(made)}{'B' if step == 1 else 'H'}", *made)


def _segments(
    words: list[int],
    at: int,
    most: int | None,
    made: list[int],
    count: int,
    step: int,
    inside: bool,
) -> None:
    """Append the entries of segments, `most` of them, from a word on."""
    done = 0
    while at + 1 < len(words) and len(made) < count and (most is None or done < most):
        kind, length = words[at], words[at + 1]
        done += 1
        if kind == _DISCRETE:
            if at + 2 + length > len(words):
                raise IndexError
            made += words[at + 2 : at + 2 + length]
            at += 2 + length
        elif kind == _LINEAR:
            end, begin = words[at + 2], made[-1]
            length = min(length, count)
            made += [round(begin + (end - begin) * (index + 1) / length) for index in range(length)]
            at += 3
        elif kind == _INDIRECT and not inside:
            parts = 4 // step
            pointer = sum(words[at + 2 + part] << (8 * step * part) for part in range(parts))
            _segments(words, pointer // step, length, made, count, step, True)
            at += 2 + parts
        else:
            raise IndexError
