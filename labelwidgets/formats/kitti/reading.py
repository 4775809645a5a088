"""From KITTI's rows of objects to annotations."""

from __future__ import annotations

import re

from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.inputs import Input
from labelwidgets.formats.kitti.rows import MAX_BYTES, OBJECT, Names, known_of, lines_of, row_of
from labelwidgets.formats.matching import path_parts
from labelwidgets.formats.pictures import stem_of
from labelwidgets.formats.reading import Reading, reader
from labelwidgets.formats.results import Imported
from labelwidgets.media.header import read_header
from labelwidgets.media.kinds import IMAGE_SUFFIXES

MAX_FILES = 4_000_000
_DEEP = 20
_LOOKS = 20
ROWS = re.compile(r"label_\d")
PICTURES = re.compile(r"image_\d")
_PARTS = {"training": "train", "testing": "test"}


def sniff(head: bytes) -> bool:
    """Say whether a file that begins like this has such rows."""
    line = head.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0]
    return OBJECT.fullmatch(line.decode("utf-8", "replace")) is not None


def sniff_files(source: Input) -> bool:
    """Say whether a folder or zip has such files."""
    names = [name for name in source.names() if name.endswith(".txt")]
    apart = [name for name in names if _is_apart(name, ROWS)]
    heads = (source.head(name, 1 << 12) for name in (apart or names)[:_LOOKS])
    # Where nobody has labelled anything, the folder says it.
    return (bool(apart) and all(not head.strip() or sniff(head) for head in heads)) or any(
        map(sniff, heads)
    )


@reader("kitti", "pictures")
def read(job: Reading, *, max_bytes: int = MAX_BYTES) -> Imported:
    """Read rows of objects: see `labelwidgets.formats.read` and `labelwidgets.formats.kitti`.

    Parameters
    ----------
    path
        As for `labelwidgets.formats.read`; a folder, a ``.zip`` or a ``.txt``.
    max_bytes
        Larger files of rows are refused.

    Raises
    ------
    FormatError
        Naming the file, the line and the column.
    LimitError
        If a file is too large, or there are too many.
    """
    source = job.input(max_files=MAX_FILES, max_depth=_DEEP)
    found = job.picture_labels()
    names = Names(found)
    files = _files(source)
    # Of an export without pictures, nothing is there.
    if not files and source.names():
        raise FormatError("has no labels of KITTI.", where=source.shown)
    pictures = _pictures(source)
    stems = [_stem(name, ROWS) for name in files]
    apart = len(set(stems)) == len(stems)
    for name, stem in zip(files, stems, strict=True):
        picture = pictures.get(_key(name, ROWS))
        try:
            lines = list(lines_of(source, name, max_bytes))
            size = None
            if picture is not None and job.items is None:
                with source.open(picture) as file:
                    header = read_header(file, source.where(picture))
                size = header.width, header.height
        except LabelwidgetsError as error:
            found.wrong(name, None, error)
            continue
        called = stem if apart else stem_of(name)
        if picture is not None:
            called += picture[len(stem_of(picture)) :]
        spot = found.spot(name, [called], size=size, labels=len(lines), stem=picture is None)
        if spot is None:
            continue
        part = _part(name)
        if part:
            found.describe(spot.item.id, split=part)
        for record, fields in lines:
            try:
                row = row_of(fields)
                kind = names.of(row.kind)
                answers, others = found.answers(kind, row.said)
                found.keep(
                    kind,
                    row.box,
                    spot,
                    attributes=answers,
                    confidence=row.confidence,
                    parameters={**known_of(others), **row.space},
                )
            except LabelwidgetsError as error:
                found.wrong(record, None, error)
    return found.result()


def _files(source: Input) -> list[str]:
    names = [name for name in source.names() if source.single or name.endswith(".txt")]
    apart = [name for name in names if _is_apart(name, ROWS)]
    if apart or source.single:
        return apart or names
    return [name for name in names if sniff(source.head(name, 1 << 12))]


def _pictures(source: Input) -> dict[str, str]:
    names = () if source.single else source.names()
    return {
        _key(name, PICTURES): name
        for name in names
        if "." + name.rsplit(".", 1)[-1].lower() in IMAGE_SUFFIXES
    }


def _is_apart(name: str, folder: re.Pattern[str]) -> bool:
    return any(folder.fullmatch(part) for part in name.split("/")[:-1])


def _key(name: str, folder: re.Pattern[str]) -> str:
    """Return the path of a picture or of its rows, without what tells them apart."""
    parts = path_parts(stem_of(name))
    return "/".join("*" if folder.fullmatch(part) else part for part in parts)


def _stem(name: str, folder: re.Pattern[str]) -> str:
    parts = path_parts(stem_of(name))
    at = next((at for at, part in enumerate(parts) if folder.fullmatch(part)), -1)
    return "/".join(parts[at + 1 :] or parts)


def _part(name: str) -> str:
    """Return the part of a set that rows are of: the folder above theirs."""
    parts = name.split("/")
    at = next((at for at, part in enumerate(parts[:-1]) if ROWS.fullmatch(part)), 0)
    return _PARTS.get(parts[at - 1], parts[at - 1]) if at else ""
