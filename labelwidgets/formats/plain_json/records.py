"""The records of plain JSON."""

from __future__ import annotations

import msgspec

from labelwidgets.formats.coco.records import NULL

NAME, VERSION = "labelwidgets", 1


class Header(msgspec.Struct):
    """What a file begins with."""

    format: str
    version: int
    ontology: msgspec.Raw = NULL


class File(Header):
    """A file; its records are decoded one by one, so that each has its own error."""

    items: list[msgspec.Raw] = []
    annotations: list[msgspec.Raw] = []


class Line(msgspec.Struct):
    """A line after the first one: one of them."""

    item: msgspec.Raw = NULL
    annotation: msgspec.Raw = NULL
