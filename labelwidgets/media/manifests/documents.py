"""The text of a data file, and the JSON in it, within limits."""

from __future__ import annotations

import codecs
import json
import math
from collections import Counter
from typing import Any

from labelwidgets.errors import SourceError
from labelwidgets.media.rows import Unfit

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# The digits of the largest 64-bit numbers.
_DIGITS = 19


class Repeated(dict[str, Any]):
    """An object of JSON in which keys are there twice: `keys_twice` has their names."""

    keys_twice: tuple[str, ...] = ()


def text_of(data: bytes, where: str) -> str:
    """Return the text of a data file: UTF-8 or UTF-16, with or without a byte-order mark.

    Raises
    ------
    SourceError
        If it is neither, saying at which byte.
    """
    encoding = next((name for mark, name in _BOMS if data.startswith(mark)), None)
    # Without a mark, zeros among the first letters tell UTF-16 and UTF-32 (RFC 4627, 3).
    encoding = encoding or json.detect_encoding(data[:4])
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise SourceError(
            f"is not text in UTF-8 or UTF-16 (byte {error.start}).",
            where=where,
            hint="Save it as UTF-8.",
        ) from None
    if "\0" in text:
        raise SourceError("is not text: it holds zeros.", where=where)
    return text


def json_of(text: str, where: str) -> Any:
    """Return the value of JSON text; numbers beyond 64 bits and NaN become `Unfit`.

    An object with a key twice is a `Repeated`, with the last value of each key.

    Raises
    ------
    SourceError
        If it is not JSON, saying in which line, or nested too deeply.
    """
    try:
        return json.loads(
            text,
            parse_int=_integer,
            parse_float=_number,
            parse_constant=Unfit,
            object_pairs_hook=_object,
        )
    except json.JSONDecodeError as error:
        raise SourceError(
            f"is not JSON: {error.msg}, line {error.lineno}, column {error.colno}.", where=where
        ) from None
    except RecursionError:
        raise SourceError("is nested too deeply.", where=where) from None


def _integer(text: str) -> Any:
    digits = len(text.lstrip("-"))
    if digits > _DIGITS or not -(1 << 63) <= int(text) < 1 << 63:
        return Unfit(f"a whole number of {digits} digits")
    return int(text)


def _number(text: str) -> Any:
    value = float(text)
    return value if math.isfinite(value) else Unfit("a number beyond all others")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    found = Repeated(made)
    counts = Counter(name for name, _ in pairs)
    found.keys_twice = tuple(name for name, count in counts.items() if count > 1)
    return found
