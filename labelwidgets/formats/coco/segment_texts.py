"""Segmentations that lie in a file, as they are written to another one: without decoding them.

Lists of numbers are written as they lie, each number with the digits that it came with, so that
nothing is rounded and nothing is spent on it. What else they hold is decoded, and refused there.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from labelwidgets.formats.coco.shapes import flat_rings
from labelwidgets.formats.coco.text_columns import Column, arrow
from labelwidgets.schema.geometry import Geometry, Mask

_encode = msgspec.json.Encoder().encode
_first_of = operator.itemgetter(0)
_OBJECT = ord("{")
# What is in no list of numbers, but in texts, objects, null, true and false.
_NO_NUMBERS = (b'"', b"{", b"u", b"l")
# But for the first, they are all behind the last letter that is in numbers.
_QUOTE, _LAST = ord('"'), ord("e")
# A run-length code whose text needs nothing done to it.
_COUNTS = rb'"counts"\s*:\s*("(?:[0-\[\]-o]|\\\\)*+")'
_SIZE = rb'"size"\s*:\s*\[\s*([1-9]\d{0,6})\s*,\s*([1-9]\d{0,6})\s*\]'
_CODES = (
    (re.compile(rb"\{\s*" + _SIZE + rb"\s*,\s*" + _COUNTS + rb"\s*\}"), (1, 2, 3)),
    (re.compile(rb"\{\s*" + _COUNTS + rb"\s*,\s*" + _SIZE + rb"\s*\}"), (2, 3, 1)),
)


class Texts(NamedTuple):
    """Segmentations as they are written, and which of them are run-length codes."""

    texts: Column
    is_code: npt.NDArray[np.bool_]


def segment_texts(entries: npt.NDArray[Any], decode: Callable[[bytes], Geometry]) -> Texts:
    """Return segmentations as they are written.

    Parameters
    ----------
    entries
        (N,), they as they lie in a file of valid JSON.
    decode
        Makes a shape of one, or raises a `FormatError`.
    """
    pyarrow = arrow(len(entries))
    if pyarrow is not None:
        texts = pyarrow.array(entries, pyarrow.large_binary())
        ends, data = (np.frombuffer(one, np.uint8) for one in texts.buffers()[1:])
        is_code = data[ends.view(np.int64)[: len(entries)]] == _OBJECT
        if not is_code.any() and data.max() <= _LAST and not (data == _QUOTE).any():
            return Texts(texts, is_code)
    several = entries.tolist()
    is_code = np.fromiter(map(_first_of, several), np.uint8, len(several)) == _OBJECT
    numbers = entries[~is_code].tolist()
    if not _are_numbers(numbers):
        numbers = [one if _are_numbers([one]) else _decoded(one, decode) for one in numbers]
    codes = [code_text(one) or _decoded(one, decode) for one in entries[is_code].tolist()]
    made = np.empty(len(several), object)
    made[is_code], made[~is_code] = codes, numbers
    return Texts(made.tolist(), is_code)


def _are_numbers(entries: Sequence[bytes]) -> bool:
    text = b"".join(entries)
    return not any(sign in text for sign in _NO_NUMBERS)


def _decoded(entry: bytes, decode: Callable[[bytes], Geometry]) -> bytes:
    shape: Any = decode(entry)
    return _encode(shape.rle if isinstance(shape, Mask) else flat_rings(shape.parts))


def code_text(entry: bytes) -> bytes | None:
    """Return a run-length code as it is written, None where it must be decoded for that."""
    for pattern, (height, width, counts) in _CODES:
        found = pattern.fullmatch(entry)
        if found is not None:
            return b'{"size":[%b,%b],"counts":%b}' % (found[height], found[width], found[counts])
    return None
