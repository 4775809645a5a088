"""Segmentations that lie in a file, as the same ones are written here: without decoding them.

Most files have numbers in the form that they are written in here, and blanks between them at the
most. Where that is not sure of a segmentation, it is decoded.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from labelwidgets.formats.coco.shapes import flat_rings
from labelwidgets.schema.geometry import Geometry, Mask

Bytes = npt.NDArray[np.uint8]
_Places = npt.NDArray[np.int64]

_encode = msgspec.json.Encoder().encode
_first_of = operator.itemgetter(0)
_OBJECT = ord("{")
_BLANK = re.compile(rb"[ \t\r\n]")
_BLANKS = b" \t\r\n"
# Between two segmentations, none of which has it but in a text.
_BETWEEN = b"|"
# What is in no list of plain numbers: texts, objects, exponents, null.
_NO_NUMBERS = (b'"', b"{", b"e", b"E", b"u")
# That many digits and a point are always the shortest text of a number that they are.
_MOST_DIGITS = 16
# The longest text of a point with the comma behind it, and how much of one is compared.
_MOST_POINT = 2 * _MOST_DIGITS + 2
_TAIL = 6
_COMMA, _POINT, _ZERO, _MINUS, _OPEN, _CLOSE, _BAR = b",.0-[]|"
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
        (N,), they as they lie in a file.
    decode
        Makes a shape of one, or raises a `FormatError`.
    """
    several = entries.tolist()
    is_code = np.fromiter(map(_first_of, several), np.uint8, len(several)) == _OBJECT
    rings = several if not is_code.any() else entries[~is_code].tolist()
    texts, sure = ring_texts(rings)
    for place in np.flatnonzero(~sure).tolist():
        texts[place] = _decoded(rings[place], decode)
    if len(rings) == len(several):
        return Texts(texts, is_code)
    outlines, made = iter(texts), []
    for entry, code in zip(several, is_code.tolist(), strict=True):
        text = (code_text(entry) or _decoded(entry, decode)) if code else next(outlines)
        made.append(text)
    return Texts(made, is_code)


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


def ring_texts(entries: Sequence[bytes]) -> tuple[list[bytes], npt.NDArray[np.bool_]]:
    """Return lists of rings as they are written, and for which of them that is sure.

    Parameters
    ----------
    entries
        Segmentations that begin with ``[[``, as they lie in a file of valid JSON.
    """
    if not entries:
        return [], np.ones(0, bool)
    text = _BETWEEN.join(entries)
    if any(sign in text for sign in _NO_NUMBERS):
        # Few pieces have any: one by one, all are looked at by `ring_texts` but these.
        return _one_by_one(entries)
    if _BLANK.search(text) is not None:
        text = text.translate(None, _BLANKS)
    made = text.split(_BETWEEN)
    if len(made) != len(entries):
        return list(entries), np.zeros(len(entries), bool)
    wrong = _unsure(np.frombuffer(text + _BETWEEN, np.uint8))
    sure = np.ones(len(entries), bool)
    if len(wrong):
        ends = np.cumsum(np.fromiter(map(len, made), np.int64, len(made)) + 1)
        sure[np.searchsorted(ends, wrong, side="right")] = False
    return made, sure


def _one_by_one(entries: Sequence[bytes]) -> tuple[list[bytes], npt.NDArray[np.bool_]]:
    plain = np.array([not any(sign in one for sign in _NO_NUMBERS) for one in entries], bool)
    made, sure = list(entries), np.zeros(len(entries), bool)
    places = np.flatnonzero(plain)
    if len(places):
        some, known = ring_texts([entries[place] for place in places.tolist()])
        for place, one in zip(places.tolist(), some, strict=True):
            made[place] = one
        sure[places] = known
    return made, sure


def _unsure(text: Bytes) -> npt.NDArray[np.int64]:
    """Return where something is that may be written otherwise.

    A number of at most 15 digits with a point, none of them a last 0 that could be left out, is the
    shortest that is the same double: no two of so few digits are.
    """
    opens, closes = np.flatnonzero(text == _OPEN), np.flatnonzero(text == _CLOSE)
    begins, ends = opens[text[opens + 1] != _OPEN], closes[text[closes - 1] != _CLOSE]
    commas = text == _COMMA
    parts = len(opens) - len(begins)
    # Of lists of rings each has a bracket around it, and there is a comma behind all numbers
    # and rings but the last ones.
    numbers = np.count_nonzero(commas) + parts
    if (
        len(begins) != len(ends)
        or parts != np.count_nonzero(text == _BAR)
        or numbers != np.count_nonzero(text == _POINT)
    ):
        return np.concatenate([opens, ends])
    marks = commas | (text == _OPEN) | (text == _CLOSE)
    zeros = text == _ZERO
    last = np.flatnonzero(zeros[:-1] & marks[1:])
    # Less than a hundredth, and those below 0 and above -1: more digits, exponents, -0.0.
    first = np.flatnonzero(marks[:-1] & zeros[1:]) + 1
    below = np.flatnonzero(text == _MINUS)
    wrong = [
        _longer(marks),
        last[text[last - 1] != _POINT],
        first[(text[first + 2] == _ZERO) & (text[first + 3] == _ZERO)],
        below[text[below + 1] == _ZERO],
        _closed(text, begins, ends),
    ]
    found: npt.NDArray[np.int64] = np.concatenate(wrong)
    return found


def _longer(marks: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Return where there are more characters than `_MOST_DIGITS` without a mark among them."""
    near, width = marks, 1
    while 2 * width <= _MOST_DIGITS + 1:
        # Whether a mark is among so many characters.
        near = near[:-width] | near[width:]
        width *= 2
    rest = _MOST_DIGITS + 1 - width
    near = near[: len(near) - rest] | near[rest:]
    return np.flatnonzero(~near)


def _closed(text: Bytes, begins: _Places, ends: _Places) -> npt.NDArray[np.int64]:
    """Return the ends of rings that may end with the point that they begin with."""
    if not len(begins):
        return ends
    # A point is at least seven characters: "1.0,2.0".
    tails = sliding_window_view(text, _TAIL)[np.maximum(ends - _TAIL, 0)]
    room = np.concatenate([text, np.zeros(_MOST_POINT, np.uint8)])
    heads = sliding_window_view(room, _MOST_POINT)[begins + 1]
    # Those whose last characters are nowhere behind a comma of the first numbers are none.
    count = _MOST_POINT - _TAIL
    alike = (heads[:, _TAIL:] == _COMMA) & (heads[:, _TAIL - 1 : -1] == tails[:, -1:])
    alike &= heads[:, _TAIL - 2 : -2] == tails[:, -2:-1]
    maybe = np.flatnonzero(alike.any(axis=1))
    heads, tails, alike = heads[maybe], tails[maybe], alike[maybe]
    for place in range(_TAIL - 2):
        alike &= heads[:, place : place + count] == tails[:, place, None]
    ends = ends[maybe]
    found: _Places = ends[alike.any(axis=1)]
    return found
