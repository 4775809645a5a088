"""The image records of a COCO file, by item and frame."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

import msgspec

from labelwidgets.formats.addresses import parts_of
from labelwidgets.formats.coco.text_columns import Column, joined, parted, rows
from labelwidgets.formats.plain_pictures import PlainPictures

Place: TypeAlias = tuple[str, int | None]
"""The id of an item, and the number of a frame."""
Record: TypeAlias = dict[str, Any]

_encode = msgspec.json.Encoder().encode


class MadeImages(dict[Place, Record]):
    """Records, each made beforehand."""

    def number(self, place: Place) -> int | None:
        """Return the id of a record, None where there is none."""
        return self[place]["id"] if place in self else None

    def numbers(self) -> Iterable[tuple[Place, int]]:
        """Return the ids of all."""
        return ((place, one["id"]) for place, one in self.items())

    def size(self, place: Place) -> tuple[int, int] | None:
        """Return (width, height) of an image, None where it is not known."""
        one = self[place]
        return (one["width"], one["height"]) if "width" in one else None

    def text(self) -> bytes:
        """Return the list of all records as JSON."""
        return _encode(list(self.values()))


class PictureImages(Mapping[Place, Record]):
    """Records of pictures, each made when it is asked for; it may be changed then.

    Parameters
    ----------
    pictures
        The pictures; their ids are 1, 2, 3, ....
    """

    def __init__(self, pictures: PlainPictures) -> None:
        self._pictures = pictures
        self._numbers = dict(zip(pictures.ids, range(1, len(pictures.ids) + 1), strict=True))
        self._made: dict[int, Record] = {}

    def __getitem__(self, place: Place) -> Record:
        number = self.number(place)
        if number is None:
            raise KeyError(place)
        if number not in self._made:
            given, at = self._pictures, number - 1
            url = given.urls[at] if given.urls else ""
            self._made[number] = image_record(
                number, place[0], given.names[at], self.size(place), url
            )
        return self._made[number]

    def __iter__(self) -> Iterator[Place]:
        return ((item, None) for item in self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)

    def number(self, place: Place) -> int | None:
        """Return the id of a record, None where there is none."""
        return self._numbers.get(place[0]) if place[1] is None else None

    def numbers(self) -> Iterable[tuple[Place, int]]:
        """Return the ids of all."""
        return (((item, None), number) for item, number in self._numbers.items())

    def size(self, place: Place) -> tuple[int, int]:
        """Return (width, height) of an image."""
        at = self._numbers[place[0]] - 1
        return self._pictures.widths[at], self._pictures.heights[at]

    def text(self) -> bytes:
        """Return the list of all records as JSON, the same as if each were made."""
        given, count = self._pictures, len(self)
        urls: Column = b""
        if given.urls is not None:
            urls = [b',"coco_url":' + _encode(one) if is_public(one) else b"" for one in given.urls]
        columns: list[Column] = [
            *(b',{"id":', range(1, count + 1)),
            *(b',"file_name":', list(map(_encode, given.names))),
            *(b',"width":', parted(_encode(given.widths)[1:-1], b",", count)),
            *(b',"height":', parted(_encode(given.heights)[1:-1], b",", count)),
            *(urls, b',"labelwidgets":{"item":', list(map(_encode, given.ids)), b"}}"),
        ]
        several = rows(columns, count) if self._made else [joined(columns, count)]
        for number, one in self._made.items():
            several[number - 1] = b"," + _encode(one)
        together = b"".join(several)
        return b"[%b]" % together[1:]


Images: TypeAlias = MadeImages | PictureImages


def image_record(
    number: int, item: str, name: str, size: tuple[int, int] | None, url: str
) -> Record:
    """Return the record of a picture.

    Parameters
    ----------
    number, item, name, size
        The id in the file and in the dataset, the file name, and (width, height) if they are known.
    url
        Where the picture is, empty where nobody said.
    """
    record: Record = {"id": number, "file_name": name}
    if size is not None:
        record["width"], record["height"] = size
    if is_public(url):
        record["coco_url"] = url
    record["labelwidgets"] = {"item": item}
    return record


def is_public(url: str) -> bool:
    """Say whether a URL may be in a file that travels: remote, without keys."""
    if ":" not in url:
        return False
    parts = parts_of(url)
    return parts.scheme not in ("", "file", "local", "memory") and not (
        parts.query or parts.username or parts.password or len(parts.scheme) == 1
    )
