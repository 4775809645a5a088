"""A file of JSON decoded whole, as COCO and its kin are."""

from __future__ import annotations

import json
import re
from typing import TypeVar

import msgspec

from labelwidgets.errors import FormatError
from labelwidgets.formats.coco.records import File, NotThere
from labelwidgets.schema.misfits import in_words

# Texts are taken in one step, also one that is cut off: no way back is kept, and none is tried.
_NO_NUMBER = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|(-?Infinity|NaN)', re.DOTALL)
# More of them are no slip of a pen.
_MAX_NO_NUMBERS = 1_000_000
_BYTE = re.compile(r"\(byte (\d+)\)")

T = TypeVar("T")


def to_utf8(data: bytes, *, whole: bool = True) -> bytes:
    """Return JSON as UTF-8 without a byte order mark, from any encoding that RFC 4627 allows.

    Raises
    ------
    FormatError
        If the bytes are no text.
    """
    encoding = json.detect_encoding(data[:4])
    if encoding == "utf-8":
        return data
    if encoding == "utf-8-sig":
        return data[3:]
    try:
        return data.decode(encoding, "strict" if whole else "ignore").encode()
    except UnicodeError:
        raise FormatError(f"is not {encoding.upper()} text.", hint="Save it as UTF-8.") from None


def text_of(data: bytes, file: str) -> bytes:
    """Return a file as UTF-8: see `to_utf8`; errors name it."""
    try:
        return to_utf8(data)
    except FormatError as error:
        raise error.at(file) from None


_COCO = "A COCO file is an object with the lists images, annotations and categories."


def decode_file(data: bytes, file: str) -> File:
    """Decode a file into records that are still raw: see `decode_document`.

    A file without annotations, of pictures and categories alone, has none.
    """
    made = decode_document(data, file, File, _COCO)
    if isinstance(made.annotations, NotThere) and not made.categories:
        raise FormatError("is not there.", where=f"{file}, annotations", hint=_COCO)
    return made


def decode_document(data: bytes, file: str, kind: type[T], hint: str) -> T:
    """Decode a file of JSON, NaN and infinite numbers being errors of the records they are in.

    Parameters
    ----------
    data
        What is in it, in any encoding of JSON.
    file
        Its name, for errors.
    kind
        What it must be.
    hint
        What it must be, in words.

    Raises
    ------
    FormatError
        If it is not JSON, or something else.
    """
    try:
        data = to_utf8(data)
        try:
            return msgspec.json.decode(data, type=kind)
        except msgspec.ValidationError:
            raise
        except msgspec.DecodeError:
            # Python writes NaN and Infinity, which are no JSON. As text in their place,
            # they are the error of the one record that has them.
            if not 0 < data.count(b"NaN") + data.count(b"Infinity") <= _MAX_NO_NUMBERS:
                raise
            mended = _mended(data)
            if mended is data:
                raise
            return msgspec.json.decode(mended, type=kind)
    except FormatError as error:
        raise error.at(file) from None
    except msgspec.ValidationError as error:
        raise in_words(error)._replace(hint=hint).at(FormatError, file) from None
    except RecursionError:
        raise FormatError("is nested too deeply.", where=file) from None
    except (msgspec.DecodeError, UnicodeError) as error:
        raise FormatError(
            f"{_plain(str(error), data)}.",
            where=file,
            hint="Is the file complete? Fetch or export it again.",
        ) from None


def _mended(data: bytes) -> bytes:
    """Return JSON with what is no number in quotes, the same object where there is nothing so."""
    parts: list[bytes] = []
    last = 0
    # Of a large file most matches are texts, of which nothing is kept.
    for match in _NO_NUMBER.finditer(data):
        if match[1]:
            parts += (data[last : match.start()], b'"%s"' % match[1])
            last = match.end()
    return b"".join([*parts, data[last:]]) if parts else data


def _plain(message: str, data: bytes) -> str:
    """Say a malformed place in lines, and truncation in so many words."""
    if "truncated" in message:
        return f"ends in the middle, after {len(data)} bytes"
    at = _BYTE.search(message)
    if at is None:
        return message
    position = int(at[1])
    line = data.count(b"\n", 0, position) + 1
    column = position - data.rfind(b"\n", 0, position)
    return f"{message[: at.start()].strip()} in line {line}, column {column}"
