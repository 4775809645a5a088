"""The tables of Open Images: their columns, and what each is about."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from typing import Literal, NamedTuple

from labelwidgets.errors import FormatError
from labelwidgets.formats.csv_cells import unguarded
from labelwidgets.formats.csv_rows import rows_of
from labelwidgets.formats.inputs import Input

FLAGS = ("IsOccluded", "IsTruncated", "IsGroupOf", "IsDepiction", "IsInside")
EDGES = ("XMin", "XMax", "YMin", "YMax")
BOXES = ("ImageID", "Source", "LabelName", "Confidence", *EDGES, *FLAGS)
TAGS = ("ImageID", "Source", "LabelName", "Confidence")
MASKS: tuple[str, ...] = ("MaskPath", "ImageID", "LabelName", "BoxID", "BoxXMin", "BoxXMax")
MASKS += ("BoxYMin", "BoxYMax", "PredictedIoU", "Clicks")
IMAGES: tuple[str, ...] = ("ImageID", "Subset", "OriginalURL", "OriginalLandingURL", "License")
IMAGES += ("AuthorProfileURL", "Author", "Title", "OriginalSize", "OriginalMD5")
IMAGES += ("Thumbnail300KURL", "Rotation")
CLASSES = ("LabelName", "DisplayName")
SCHEME = "MID"
"""Of the codes of classes: ids of Freebase and of Google's Knowledge Graph."""
MAX_CLASSES = 1_000_000
_SETS = {"train": "train", "validation": "val", "val": "val", "test": "test"}

Kind = Literal["boxes", "tags", "masks", "images", "classes"]


class Table(NamedTuple):
    """A table: what it is about, and the set that its name says."""

    name: str
    kind: Kind
    split: str


def kind_of(head: bytes) -> Kind | None:
    """Return what a table is about that begins like this, None if it is none of Open Images."""
    line = head.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0].decode("utf-8", "replace")
    try:
        names = {cell.strip() for cell in next(csv.reader([line.rstrip("\r")]), [])}
    except csv.Error:
        return None
    if {"MaskPath", "ImageID", "LabelName"} <= names:
        return "masks"
    if {"ImageID", "LabelName", *EDGES} <= names:
        return "boxes"
    if set(TAGS) <= names:
        return "tags"
    if "ImageID" in names and names & {"Subset", "OriginalURL", "Rotation"}:
        return "images"
    return "classes" if names == set(CLASSES) else None


def tables_of(source: Input) -> list[Table]:
    """Return the tables of a folder or zip, pictures before what is on them."""
    found = []
    for name in source.names():
        if not source.single and not name.lower().endswith(".csv"):
            continue
        kind = kind_of(source.head(name))
        last = name.rsplit("/", 1)[-1].lower()
        if kind is None and "class-descriptions" in last:
            kind = "classes"
        if kind is not None:
            words = last.replace("_", "-").split("-")
            split = next((_SETS[word] for word in words if word in _SETS), "")
            found.append(Table(name, kind, split))
    order = ("classes", "images", "boxes", "masks", "tags")
    return sorted(found, key=lambda table: (order.index(table.kind), table.name))


def descriptions(source: Input, tables: list[Table]) -> dict[str, str]:
    """Return what classes are called, by their ids.

    Raises
    ------
    FormatError
        Naming the line.
    """
    names = [table.name for table in tables if table.kind == "classes"]
    if source.single:
        names = [name for name in _BESIDE if source.maybe(name) is not None]
    found: dict[str, str] = {}
    for name in names:
        for line, row in rows_of(source, name):
            if len(row) != 2 or not row[0]:
                raise FormatError(
                    "must have the id of a class and what it is called.",
                    where=f"{source.where(name)}, line {line}",
                )
            if tuple(cell.strip() for cell in row) != CLASSES:
                found.setdefault(unguarded(row[0]), unguarded(row[1]))
            if len(found) > MAX_CLASSES:
                raise FormatError(f"has more than {MAX_CLASSES} classes.", where=source.where(name))
    return found


_BESIDE = (
    "class-descriptions.csv",
    "class-descriptions-boxable.csv",
    "oidv6-class-descriptions.csv",
    "oidv7-class-descriptions.csv",
    "oidv7-class-descriptions-boxable.csv",
)


def set_of(row: Mapping[str, str], table: Table) -> str:
    """Return the set that a picture is in."""
    return _SETS.get(row.get("Subset", "").strip().lower(), table.split)
