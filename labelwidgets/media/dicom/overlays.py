"""Overlays: lines and texts that lie in planes of their own above a picture (PS3.3 C.9.2)."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from labelwidgets.media.dicom.look_up import bytes_of, order_of
from labelwidgets.media.dicom.slice_header import SliceHeader

if TYPE_CHECKING:
    from pydicom import Dataset

_ROWS, _COLUMNS, _FRAMES, _ORIGIN, _FIRST, _DATA = 0x10, 0x11, 0x15, 0x50, 0x51, 0x3000


def overlay_tags(header: SliceHeader) -> list[int]:
    """Return the elements of a file that make its overlays."""
    elements = (_ROWS, _COLUMNS, _FRAMES, _ORIGIN, _FIRST, _DATA)
    return [group << 16 | element for group in header.overlays for element in elements]


def overlay_of(dataset: Dataset, header: SliceHeader, frame: int) -> npt.NDArray[np.bool_] | None:
    """Return the pixels of a frame that its overlays cover, None where there are none.

    What of an overlay lies beside the picture is left out, and one whose size does not fit its
    data altogether.

    Parameters
    ----------
    dataset
        Has the elements of `overlay_tags`.
    header
        Of the file.
    frame
        Its number, from 0.

    Returns
    -------
    ndarray of bool
        (rows, columns).
    """
    order = order_of(header)
    made = np.zeros((header.rows, header.columns), np.bool_)
    for group in header.overlays:
        rows, columns = (
            _words(dataset, group << 16 | element, f"{order}H", (0,))[0]
            for element in (_ROWS, _COLUMNS)
        )
        top, left = (*_words(dataset, group << 16 | _ORIGIN, f"{order}hh", (1, 1)),)
        first = _words(dataset, group << 16 | _FIRST, f"{order}H", (1,))[0]
        frames = _text(bytes_of(dataset, group << 16 | _FRAMES, order))
        at = frame - (first - 1) if frames is not None else 0
        if rows == 0 or columns == 0 or not 0 <= at < (frames or 1):
            continue
        data = np.frombuffer(bytes_of(dataset, group << 16 | _DATA, order), np.uint8)
        begin = at * rows * columns
        if len(data) * 8 < begin + rows * columns:
            continue
        part = data[begin // 8 : -(-(begin + rows * columns) // 8)]
        bits = np.unpackbits(part, bitorder="little")[begin % 8 :][: rows * columns]
        _place(made, bits.reshape(rows, columns), top - 1, left - 1)
    return made if made.any() else None


def burnt_in(
    colours: npt.NDArray[np.uint8], overlay: npt.NDArray[np.bool_]
) -> npt.NDArray[np.uint8]:
    """Return a copy of a picture, (rows, columns, 3), that is white where an overlay covers it."""
    made = colours.copy()
    made[overlay] = 255
    return made


def _place(made: npt.NDArray[np.bool_], plane: npt.NDArray[np.uint8], top: int, left: int) -> None:
    """Set the pixels of a plane whose first one is at a place that may lie outside."""
    rows, columns = made.shape
    down, across = max(0, -top), max(0, -left)
    top, left = max(0, top), max(0, left)
    part = plane[down : down + max(0, rows - top), across : across + max(0, columns - left)]
    made[top : top + part.shape[0], left : left + part.shape[1]] |= part != 0


def _words(dataset: Dataset, tag: int, kind: str, usual: tuple[int, ...]) -> tuple[int, ...]:
    data = bytes_of(dataset, tag, kind[0])
    return struct.unpack_from(kind, data) if len(data) >= struct.calcsize(kind) else usual


def _text(data: bytes) -> int | None:
    try:
        return int(data.decode("latin-1").strip(" \0"))
    except ValueError:
        return None
