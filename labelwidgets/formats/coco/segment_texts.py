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
from labelwidgets.schema.geometry import Geometry, Mask

_encode = msgspec.json.Encoder().encode
_first_of = operator.itemgetter(0)
_OBJECT = ord("{")
# What is in no list of numbers, but in texts, objects, null, true and false.
_NO_NUMBERS = (b'"', b"{", b"u", b"l")
# A run-length code whose text needs nothing done to it.
_COUNTS = rb'"counts"\s*:\s*("(?:[0-\[\]-o]|\\\\)*+")'
_SIZE = rb'"size"\s*:\s*\[\s*([1-9]\d{0,6})\s*,\s*([1-9]\d{0,6})\s*\]'
_CODES = (
    (re.compile(rb"\{\s*" + _SIZE + rb"\s*,\s*" + _COUNTS + rb"\s*\}"), (1, 2, 3)),
    (re.compile(rb"\{\s*" + _COUNTS + rb"\s*,\s*" + _SIZE + rb"\s*\}"), (2, 3, 1)),
)


class Texts(NamedTuple):
    """Segmentations as they are written, and which of them are run-length codes."""

    texts: list[bytes]
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
    several = entries.tolist()
    is_code = np.fromiter(map(_first_of, several), np.uint8, len(several)) == _OBJECT
    if not is_code.any() and _are_numbers(several):
        return Texts(several, is_code)
    texts = []
    for entry, code in zip(several, is_code.tolist(), strict=True):
        text = code_text(entry) if code else entry if _are_numbers([entry]) else None
        texts.append(_decoded(entry, decode) if text is None else text)
    return Texts(texts, is_code)


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
