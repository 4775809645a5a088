"""The records of a COCO file as they lie in it, checked for type alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Literal, TypeVar, cast

import msgspec

from labelwidgets.errors import FormatError, LimitError
from labelwidgets.schema.misfits import in_words

MAX_BYTES = 1 << 31
MAX_RECORD_BYTES = 1 << 26
MAX_ID_DIGITS = 30
_ID_END = 10**MAX_ID_DIGITS
VERSION = 1
CAPTION = "caption"
"""The question about a picture that captions are answers to."""

NULL = msgspec.Raw(b"null")
Id = int | str


class NotThere(list[msgspec.Raw]):
    """The annotations of a file that has no list of them, as COCO's ``image_info_test2017``."""


class File(msgspec.Struct):
    """A file; its records are decoded one by one, so that each has its own error."""

    images: list[msgspec.Raw]
    annotations: list[msgspec.Raw] = msgspec.field(default_factory=NotThere)
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


OF_CLASSES = ("neg_category_ids", "not_exhaustive_category_ids")
"""What LVIS says of images, and TAO of videos: classes that are not there, or only in part."""


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
    color: Any = None


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
    # COCO Annotator writes words.
    iscrowd: int | bool | Literal["true", "false"] | None = None
    track_id: Id | None = None
    instance_id: Id | None = None
    attributes: msgspec.Raw = NULL
    labelwidgets: msgspec.Raw = NULL


class Pose(msgspec.Struct):
    """The joints of an annotation."""

    category_id: Id | None = None
    keypoints: list[float] = []


class FileExtension(msgspec.Struct):
    """What labelwidgets adds to the file."""

    version: int
    ontology: Any = None


class ImageExtension(msgspec.Struct):
    """What labelwidgets adds to an image."""

    item: str
    frame: int | None = None
    annotations: list[msgspec.Raw] = []


_ODD = re.compile(rb'[\[,:]\s*"(-?Infinity|NaN)"')
_BAD = (msgspec.MsgspecError, UnicodeError, RecursionError)

T = TypeVar("T")


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
        message, where, _ = in_words(error)
        # What `whole_documents` made of it is text.
        odd = _ODD.search(data) if "got `str`" in str(error) else None
        if odd is not None:
            message = f"is {odd[1].decode()}, not a finite number."
        place = f"{field}.{where}" if field and where else field or where
        raise FormatError(message, where=place.replace(".[", "[") or None) from None
    except RecursionError:
        raise FormatError("is nested too deeply.", where=field or None) from None
    except (msgspec.DecodeError, UnicodeError) as error:
        raise FormatError(f"{error}.", where=field or None) from None


def decode_each(raws: Sequence[msgspec.Raw | bytes], kind: type[T]) -> list[T | None]:
    """Decode records or fields many at once: None those that `decode` refuses."""
    one, several = _decoder(cast(Any, kind)), _decoder(cast(Any, list[kind]))  # type: ignore[valid-type]
    data = b"[%b]" % b",".join(raws)
    if len(data) <= MAX_RECORD_BYTES:
        try:
            made: list[T | None] = several.decode(data)
            return made
        except _BAD:
            pass
    return [_or_none(one, raw) for raw in raws]


def _or_none(decoder: msgspec.json.Decoder[T], raw: msgspec.Raw | bytes) -> T | None:
    if memoryview(raw).nbytes > MAX_RECORD_BYTES:
        return None
    try:
        return decoder.decode(raw)
    except _BAD:
        return None


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
    return raw is NULL or bytes(raw) == b"null"
