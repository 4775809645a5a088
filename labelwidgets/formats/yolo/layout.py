"""Which pictures a data set of YOLO has, and where their rows lie."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from labelwidgets.formats.inputs import Input, as_text
from labelwidgets.formats.matching import path_parts
from labelwidgets.formats.yolo.kinds import KINDS, Kind
from labelwidgets.formats.yolo.settings import MAX_LIST, SPLITS, Settings
from labelwidgets.media.kinds import IMAGE_SUFFIXES

# What takes the place of "images" in the path of a picture.
ROWS = ("labels", "labelTxt")
PIXELS = "labelTxt"
_ROW = re.compile(rb"\s*\d+(\.0*)?([ \t]+[-+.\deE]+){4,}\s*(\r?\n|$)")
# How far into how many files with rows is looked for their kind.
_LOOKS = 20
_HEAD = 1 << 18
_LINES = 1000
Key: TypeAlias = tuple[str, ...]


@dataclass
class Sheet:
    """A picture and its rows.

    Parameters
    ----------
    key
        Its path without suffix, and without the folder that says which of both it is.
    rows, picture
        Where they lie, None where they do not.
    listed
        What a list of pictures calls it.
    split
        ``train``, ``val`` or ``test``, empty if it is not known.
    """

    key: Key
    rows: str | None = None
    picture: str | None = None
    listed: str | None = None
    split: str = ""

    @property
    def path(self) -> str:
        """The path of the picture, without suffix where nobody says which it has."""
        return self.picture or self.listed or "/".join(one for one in self.key if one)

    @property
    def whole(self) -> bool:
        """Whether the path has the suffix of the picture."""
        return (self.picture or self.listed) is not None


def sheets_of(source: Input, settings: Settings) -> list[Sheet]:
    """Return the pictures of a data set, in the order of their paths."""
    names = source.names()
    sheets: dict[Key, Sheet] = {}
    lists = {name: split for split, name in _lists(source, settings)}
    apart = any(_is_apart(name) for name in names)
    others = []
    for name in names:
        if name.lower().endswith(tuple(IMAGE_SUFFIXES)):
            sheet = sheets.setdefault(_key(name), Sheet(_key(name)))
            sheet.picture = sheet.picture or name
        elif name.endswith(".txt") and name not in lists:
            others.append(name)
    left = []
    for name in others:
        key = _key(name)
        if _is_apart(name) if apart else (key in sheets or _has_rows(source, name)):
            sheets.setdefault(key, Sheet(key)).rows = name
        elif not apart:
            left.append(name)
    for name, split in lists.items():
        _read_list(source, name, split, sheets)
    # Empty ones, of which only a list knows.
    for name in left:
        if _key(name) in sheets:
            sheets[_key(name)].rows = name
    for sheet in sheets.values():
        sheet.split = sheet.split or _split_of(sheet, settings)
    return sorted(sheets.values(), key=lambda sheet: sheet.path)


def kind_of(source: Input, settings: Settings, sheets: list[Sheet]) -> Kind | None:
    """Return the kind of rows that there are, None if there are none to tell it by."""
    named = next((kind for kind in KINDS if kind == settings.task), None)
    if named is not None:
        return named
    if settings.joints is not None:
        return "pose"
    widths: set[int] = set()
    looked = 0
    for sheet in sheets:
        if sheet.rows is None:
            continue
        if in_pixels(sheet.rows):
            return "obb"
        head = source.head(sheet.rows, _HEAD)
        lines = head.splitlines()[: _LINES if len(head) < _HEAD else -1]
        found = {len(line.split()) for line in lines} - {0}
        widths |= found
        looked += bool(found)
        if looked >= _LOOKS:
            break
    if not widths:
        return None
    if max(widths) < 7:
        return "detect"
    return "obb" if widths <= {9, 10} else "segment"


def has_rows(source: Input) -> bool:
    """Say whether there are rows of numbers in a folder of labels."""
    names = [name for name in source.names() if name.endswith(".txt") and _is_apart(name)]
    return any(in_pixels(name) or _has_rows(source, name) for name in names[:_LOOKS])


def in_pixels(name: str) -> bool:
    """Say whether rows are in pixels, as those of DOTA."""
    return PIXELS in name.split("/")[:-1]


def short_names(sheets: list[Sheet]) -> list[str]:
    """Return what pictures are called without the folders that say which part of a set they are.

    All keep them where two would be called the same without.
    """
    short = ["/".join(_inner(sheet.path)) for sheet in sheets]
    return short if len(set(short)) == len(short) else [sheet.path for sheet in sheets]


def _inner(path: str) -> list[str]:
    parts = path_parts(path)
    folders = parts[:-1]
    if "images" in folders:
        at = len(folders) - 1 - folders[::-1].index("images")
        # A split lies below images, or images below a split.
        del folders[: at + 1]
    if folders and folders[0] in (*SPLITS, "valid"):
        del folders[0]
    return [*folders, *parts[-1:]]


def _key(name: str) -> Key:
    *folders, file = path_parts(name)
    for at in range(len(folders) - 1, -1, -1):
        if folders[at] in ("images", *ROWS):
            folders[at] = ""
            break
    return (*folders, file.rsplit(".", 1)[0] or file)


def _is_apart(name: str) -> bool:
    return any(part in ROWS for part in name.split("/")[:-1])


def _has_rows(source: Input, name: str) -> bool:
    lines = source.head(name, 1 << 14).lstrip(b"\xef\xbb\xbf \t\r\n").split(b"\n", 1)
    return _ROW.fullmatch(lines[0]) is not None


def _lists(source: Input, settings: Settings) -> Iterator[tuple[str, str]]:
    names = source.names()
    for split, paths in settings.splits.items():
        for path in paths:
            if path.endswith(".txt") and (place := _within(path, names)) is not None:
                yield split, place


def _within(path: str, names: list[str]) -> str | None:
    """Return the file that a path of another machine means, None if it is not there."""
    parts, there = path_parts(path), set(names)
    tails = ("/".join(parts[start:]) for start in range(len(parts)))
    return next((tail for tail in tails if tail in there), None)


def _read_list(source: Input, name: str, split: str, sheets: dict[Key, Sheet]) -> None:
    text = as_text(source.read(name, MAX_LIST), source.where(name))
    for line in text.splitlines():
        parts = path_parts(line.strip())
        if not parts:
            continue
        keys = [_key("/".join(parts[start:])) for start in range(len(parts))]
        key = next((key for key in keys if key in sheets), keys[0])
        sheet = sheets.setdefault(key, Sheet(key))
        sheet.listed = sheet.listed or "/".join(parts)
        sheet.split = sheet.split or split


def _split_of(sheet: Sheet, settings: Settings) -> str:
    path = sheet.picture or sheet.listed or ""
    folders = path_parts(path)[:-1] if path else [one or "images" for one in sheet.key[:-1]]
    for split, given in settings.splits.items():
        for one in given:
            parts = path_parts(one)
            tails = (parts[start:] for start in range(len(parts)))
            if any(tail and folders[: len(tail)] == tail for tail in tails):
                return split
    found = next((part for part in folders if part in (*SPLITS, "valid")), "")
    return "val" if found == "valid" else found
