"""The records of a COCO file as they lie in it, checked for type alone."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any, TypeVar, cast

import msgspec

from labelwidgets.errors import FormatError, LimitError

MAX_BYTES = 1 << 31
MAX_RECORD_BYTES = 1 << 26
MAX_ID_DIGITS = 30
_ID_END = 10**MAX_ID_DIGITS
VERSION = 1
CAPTION = "caption"
"""The question about a picture that captions are answers to."""

NULL = msgspec.Raw(b"null")
Id = int | str


class File(msgspec.Struct):
    """A file; its records are decoded one by one, so that each has its own error."""

    images: list[msgspec.Raw]
    annotations: list[msgspec.Raw]
    categories: list[msgspec.Raw] = []
    videos: list[msgspec.Raw] = []
    # Of TAO.
    tracks: msgspec.Raw = NULL
    labelwidgets: msgspec.Raw = NULL


class Image(msgspec.Struct):
    """An image: its name, its size, and where it is said to lie."""

    id: Id
    file_name: str = ""
    width: int | None = None
    height: int | None = None
    coco_url: str | None = None
    flickr_url: str | None = None
    video_id: Id | None = None
    frame_index: int | None = None
    frame_id: int | None = None
    # Of LVIS and TAO: classes that are not on it, and those of which not all objects are labelled.
    neg_category_ids: list[Id] | None = None
    not_exhaustive_category_ids: list[Id] | None = None
    labelwidgets: msgspec.Raw = NULL


class Video(msgspec.Struct):
    """A video that images are frames of."""

    id: Id
    name: str = ""
    file_name: str = ""
    neg_category_ids: list[Id] | None = None
    not_exhaustive_category_ids: list[Id] | None = None
    labelwidgets: msgspec.Raw = NULL


class VideoExtension(msgspec.Struct):
    """What labelwidgets adds to a video."""

    item: str


class Category(msgspec.Struct):
    """A class, with the joints of its skeleton if it has one (edges count from 1)."""

    id: Id
    name: str
    supercategory: str | None = None
    keypoints: list[str] | None = None
    skeleton: list[list[int]] | None = None
    isthing: int | bool | None = None
    color: list[int] | None = None


class Label(msgspec.Struct):
    """An annotation; the parts that take many forms are decoded when it is clear which."""

    image_id: Id
    category_id: Id | None = None
    id: Id | None = None
    # Of a file of captions, which has no categories.
    caption: str | None = None
    bbox: list[float] | None = None
    area: Any = None
    segmentation: msgspec.Raw = NULL
    keypoints: list[float] | None = None
    score: float | None = None
    iscrowd: int | bool | None = None
    track_id: Id | None = None
    instance_id: Id | None = None
    attributes: msgspec.Raw = NULL
    labelwidgets: msgspec.Raw = NULL


class FileExtension(msgspec.Struct):
    """What labelwidgets adds to the file."""

    version: int
    ontology: Any = None


class ImageExtension(msgspec.Struct):
    """What labelwidgets adds to an image."""

    item: str
    frame: int | None = None
    annotations: list[msgspec.Raw] = []


_BEGINS = re.compile(
    rb'\s*\{\s*"(info|licenses|images|annotations|categories|videos|type|labelwidgets)"\s*:'
)
# As names of fields: an answer may be the same word.
_SEGMENTS = re.compile(rb'"segments_info"\s*:\s*\[')
_IS_THING = re.compile(rb'"isthing"\s*:')
_FEATURE = re.compile(rb'\s*\{\s*"type"\s*:\s*"Feature(Collection)?"')
_RESULTS = re.compile(
    rb'\s*\[\s*\{\s*"(image_id|category_id|bbox|score|segmentation|keypoints)"\s*:'
)
# Texts are taken in one step, also one that is cut off: no way back is kept, and none is tried.
_ODD = re.compile(rb'[\[,:]\s*"(-?Infinity|NaN)"')
_NO_NUMBER = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|(-?Infinity|NaN)', re.DOTALL)
# More of them are no slip of a pen.
_MAX_NO_NUMBERS = 1_000_000
_AT = re.compile(r"(.*?) - at `(?:key in )?\$\.?(.*)`$", re.DOTALL)
_BYTE = re.compile(r"\(byte (\d+)\)")

T = TypeVar("T")


def sniff(head: bytes) -> bool:
    """Say whether a file that begins like this is COCO: an object with one of its keys first.

    YouTube-VIS has the same keys, but lists of frames, panoptic COCO lists of segments.
    """
    head = to_utf8(head, whole=False)
    if _RESULTS.match(head) and b'"category_id"' in head:
        return True
    if b'"file_names"' in head or b'"segmentations"' in head or is_panoptic(head):
        return False
    # GeoJSON begins with a type as well.
    return _BEGINS.match(head) is not None and _FEATURE.match(head) is None


def is_results(data: bytes) -> bool:
    """Say whether a file (UTF-8) is a list of results."""
    return _RESULTS.match(data) is not None


def is_panoptic(head: bytes) -> bool:
    """Say whether a file that begins like this (UTF-8) has segments in pictures."""
    if _BEGINS.match(head) is None or _FEATURE.match(head) is not None:
        return False
    if _SEGMENTS.search(head) is not None:
        return True
    return _IS_THING.search(head) is not None and b'"segmentation"' not in head


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
    """Decode a file into records that are still raw: see `decode_document`."""
    return decode_document(data, file, File, _COCO)


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
        message, where = explain(error)
        raise FormatError(
            message,
            where=f"{file}, {where}" if where else file,
            hint=hint,
        ) from None
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


def decode(raw: msgspec.Raw | bytes, kind: type[T], field: str = "") -> T:
    """Decode one record or field.

    Raises
    ------
    FormatError
        Naming the field.
    LimitError
        If it is unreasonably large.
    """
    data = bytes(raw)
    if len(data) > MAX_RECORD_BYTES:
        raise LimitError(f"has more than {MAX_RECORD_BYTES} bytes.", where=field or None)
    try:
        made: T = _decoder(cast(Any, kind)).decode(data)
        return made
    except msgspec.ValidationError as error:
        message, where = explain(error)
        # What `decode_document` made of it is text.
        odd = _ODD.search(data) if "got str" in message.replace("`", "") else None
        if odd is not None:
            message = f"Expected a finite number, got {odd[1].decode()}."
        place = f"{field}.{where}" if field and where else field or where
        raise FormatError(message, where=place.replace(".[", "[") or None) from None
    except RecursionError:
        raise FormatError("is nested too deeply.", where=field or None) from None
    except (msgspec.DecodeError, UnicodeError) as error:
        raise FormatError(f"{error}.", where=field or None) from None


@lru_cache(maxsize=64)
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


def check_id(id: Id | None, field: str = "id") -> None:
    """Raise unless an id is of a reasonable length.

    Raises
    ------
    FormatError
        Naming the field.
    """
    if isinstance(id, int) and not -_ID_END < id < _ID_END:
        raise FormatError(f"has more than {MAX_ID_DIGITS} digits.", where=field)
    if isinstance(id, str) and len(id) > 200:
        raise FormatError("has more than 200 characters.", where=field)


def is_null(raw: msgspec.Raw | bytes) -> bool:
    """Say whether a field is null or absent."""
    return bytes(raw) == b"null"


def explain(error: msgspec.ValidationError) -> tuple[str, str]:
    """Return what msgspec says is wrong as a sentence, and the field."""
    match = _AT.match(str(error))
    if match is None:
        return f"{error}.", ""
    message, field = match.groups()
    return f"{message.replace('`', '')}.", field


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
