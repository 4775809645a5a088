"""Where the files of a data set of Pascal VOC lie."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from labelwidgets.errors import FormatError
from labelwidgets.formats.inputs import Input, as_text
from labelwidgets.formats.matching import path_parts
from labelwidgets.formats.pictures import stem_of
from labelwidgets.media.kinds import IMAGE_SUFFIXES

BOXES, CLASSES, OBJECTS, SETS = (
    "Annotations",
    "SegmentationClass",
    "SegmentationObject",
    "ImageSets",
)
PICTURES = "JPEGImages"
_FOLDERS = (BOXES, CLASSES, OBJECTS, PICTURES)
SPLITS = ("train", "val", "test")
MAX_LIST = 1 << 27


@dataclass
class Sheet:
    """What there is of one picture, each None where it is not there.

    Parameters
    ----------
    stem
        The path of the picture without its suffix.
    boxes
        The file of XML.
    classes, objects
        The pictures of pixels.
    picture
        The picture itself.
    split
        The set that it is in, empty if it is in none.
    """

    stem: str
    boxes: str | None = None
    classes: str | None = None
    objects: str | None = None
    picture: str | None = None
    split: str = ""


def sheets_of(source: Input) -> dict[str, Sheet]:
    """Return what a folder or zip has, by the stems of the pictures."""
    sheets: dict[str, Sheet] = {}
    names = source.names()
    apart = any(BOXES in name.split("/")[:-1] for name in names)
    for name in names:
        folder = _folder(name)
        suffix = "." + name.rsplit(".", 1)[-1].lower()
        stem = _stem(name, folder)
        if suffix == ".xml" and (folder == BOXES or not apart):
            sheets.setdefault(stem, Sheet(stem)).boxes = name
        elif suffix == ".png" and folder == CLASSES:
            sheets.setdefault(stem, Sheet(stem)).classes = name
        elif suffix == ".png" and folder == OBJECTS:
            sheets.setdefault(stem, Sheet(stem)).objects = name
        elif suffix in IMAGE_SUFFIXES and folder in ("", PICTURES):
            sheets.setdefault(stem, Sheet(stem)).picture = name
    for stem, split in _splits(source, sheets):
        sheet = sheets.setdefault(stem, Sheet(stem))
        sheet.split = sheet.split or split
    return dict(sorted(sheets.items()))


def tags_of(source: Input, sheets: dict[str, Sheet]) -> Iterator[tuple[str, str, str, str]]:
    """Return what lists of classes say: the list, its line, the stem, and the class that is there.

    Raises
    ------
    FormatError
        If a line is none.
    """
    for name in source.names():
        folder, file = name.rpartition("/")[::2]
        made, _, part = stem_of(file).rpartition("_")
        main = folder == f"{SETS}/Main" or folder.endswith(f"/{SETS}/Main")
        if not main or not file.endswith(".txt") or not made:
            continue
        if part not in (*SPLITS, "trainval"):
            continue
        for number, line in _lines(source, name):
            stem, _, value = line.rpartition(" ")
            if value not in ("1", "0", "-1") or not stem.strip():
                raise FormatError(
                    "must be the name of a picture and 1, 0 or -1.",
                    where=f"{source.where(name)}, line {number}",
                )
            if value == "1":
                yield name, f"line {number}", _known(stem.strip(), sheets), made


def _splits(source: Input, sheets: dict[str, Sheet]) -> Iterator[tuple[str, str]]:
    for name in source.names():
        parts = name.split("/")
        split = stem_of(parts[-1])
        if SETS in parts[:-1] and name.endswith(".txt") and split in SPLITS:
            for _, line in _lines(source, name):
                # Of people's layout, a number follows: which of those on the picture.
                stem = line.split('"')[1] if line.count('"') == 2 else line
                head, _, last = stem.rpartition(" ")
                if parts[-2] in ("Layout", "Action") and head and last.isdecimal():
                    stem = head.strip()
                if stem:
                    yield _known(stem, sheets), split


def _lines(source: Input, name: str) -> Iterator[tuple[int, str]]:
    text = as_text(source.read(name, MAX_LIST), source.where(name))
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if line and not line.startswith("#"):
            yield number, line


def _known(stem: str, sheets: dict[str, Sheet]) -> str:
    """Return the stem that a list means: some give the path of the picture."""
    parts = path_parts(stem)
    for start in range(len(parts)):
        tail = "/".join(parts[start:])
        for one in (tail, stem_of(tail)):
            if one in sheets:
                return one
    return "/".join(parts)


def _folder(name: str) -> str:
    """Return which of VOC's folders a file lies in, empty for none of them."""
    folders = name.split("/")[:-1]
    return next((one for one in reversed(folders) if one in (*_FOLDERS, SETS)), "")


def _stem(name: str, folder: str) -> str:
    parts = path_parts(stem_of(name))
    if folder:
        at = len(parts) - 1 - parts[::-1].index(folder)
        parts = parts[at + 1 :]
    return "/".join(parts)
