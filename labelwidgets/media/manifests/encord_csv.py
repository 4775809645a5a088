"""Manifests in Encord's CSV: a line for each object of a private cloud.

The columns are ``ObjectUrl``, a title and ``Create video``, in any case. The title stands under
``Title``, or under ``Image group title`` or ``Image sequence title``. ``Create video`` is true
or false, blank is false. One file may hold items of several kinds:

- what has the name of a video is a video; its title may be blank;
- lines with ``Create video`` true that share a title are a sequence, which needs that title;
- of other lines, those that share a title are a group, and a line by itself is one if it stands
  under ``Image group title`` or says false expressly; else it is a single picture. Encord says
  that it takes none, and has one in its sample; here they are taken.

The order of the lines is the order of the files. DICOM has no place in such a file, and
duplicates cannot be skipped from within it: both are for JSON.

Source: Encord's documentation, "Private cloud integration".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from labelwidgets.errors import LabelwidgetsError, SourceError
from labelwidgets.media.items import OnError
from labelwidgets.media.kinds import VIDEO_SUFFIXES, kind_of, suffix_of
from labelwidgets.media.manifests.tables import Line, plain_name
from labelwidgets.media.rows import Row
from labelwidgets.media.urls import masked

_TITLES = {
    "title": None,
    "imagegrouptitle": "image_group",
    "imagesequencetitle": "image_sequence",
}
_CREATE = "createvideo"
_ANSWERS = {"true": True, "false": False, "": None}


def is_header(cells: Sequence[str]) -> bool:
    """Say whether the first line of a table is that of such a manifest."""
    return "objecturl" in map(plain_name, cells)


@dataclass
class _Part:
    """One line: what it names, and what it says about that."""

    number: int
    line: Line
    url: str
    title: str
    under: str | None
    create_video: bool | None


@dataclass
class _Several:
    """Lines that are one item."""

    kind: str
    title: str
    parts: list[_Part] = field(default_factory=list)
    broken: bool = False


def rows(
    header: Line, lines: Iterable[Line], canonical: Callable[[str], str], on_error: OnError
) -> list[Row]:
    """Return a row for each item, in the order of their first lines.

    Parameters
    ----------
    header, lines
        The first line, and the others.
    canonical
        Makes a URL the canonical one, or raises.
    on_error
        Called for each line that is wrong. A group or sequence with such a line is left out.

    Raises
    ------
    SourceError
        If the columns are not those of such a file.
    """
    columns = [plain_name(cell) for cell in header.cells]
    for name in {"objecturl", _CREATE, *_TITLES}:
        if columns.count(name) > 1:
            raise SourceError(f"has several columns {name!r}.", where=header.place)
    made = _gathered(columns, lines, canonical, on_error)
    return [_row(one) for one in made if not one.broken]


def _gathered(
    columns: list[str], lines: Iterable[Line], canonical: Callable[[str], str], on_error: OnError
) -> list[_Several]:
    made: list[_Several] = []
    by_title: dict[tuple[bool, str], _Several] = {}
    for number, line in enumerate(lines):
        values = dict(zip(columns, line.cells, strict=False))
        title, under = _title(values)
        try:
            part = _part(number, line, values, canonical)
        except LabelwidgetsError as error:
            named = masked(values.get("objecturl", ""))[:2000]
            on_error(number, line.place, None, named, error.at(line.place))
            # What it belongs to would not be whole.
            part = None
        is_video = part is not None and suffix_of(part.url) in VIDEO_SUFFIXES
        sequence = under == "image_sequence" or bool(part and part.create_video)
        if not title or (is_video and not sequence):
            if part is not None:
                made.append(_Several(kind_of([part.url]), title, [part]))
            continue
        one = by_title.get((sequence, title))
        if one is None:
            one = _Several("image_sequence" if sequence else "image_group", title)
            by_title[sequence, title] = one
            made.append(one)
        if part is None:
            one.broken = True
        else:
            one.parts.append(part)
    return made


def _title(values: dict[str, str]) -> tuple[str, str | None]:
    for name, kind in reversed(_TITLES.items()):
        title = values.get(name, "").strip()
        if title:
            return title, kind
    return "", None


def _part(
    number: int, line: Line, values: dict[str, str], canonical: Callable[[str], str]
) -> _Part:
    said = values.get(_CREATE, "").strip().lower()
    if said not in _ANSWERS:
        raise SourceError(f"must be true, false or blank, not {said!r:.80}.", where="Create video")
    create_video = _ANSWERS[said]
    title, under = _title(values)
    if under == "image_sequence" and not create_video:
        raise SourceError("must be true for a sequence.", where="Create video")
    if under == "image_group" and create_video:
        raise SourceError(
            "must be false for a group.",
            where="Create video",
            hint="Name the column 'Image sequence title' if it is one.",
        )
    url = values.get("objecturl", "")
    if not url.strip():
        raise SourceError("is blank.", where="ObjectUrl")
    url = canonical(url)
    if create_video and not title:
        raise SourceError("is needed for a sequence.", where="title")
    if create_video and suffix_of(url) in VIDEO_SUFFIXES:
        raise SourceError("must be false for a video.", where="Create video")
    if kind_of([url]) == "dicom_series":
        raise SourceError(
            "is DICOM, which such a CSV file cannot hold.",
            where=masked(url),
            hint="List it under dicom_series in JSON.",
        )
    return _Part(number, line, url, title, under, create_video)


def _row(one: _Several) -> Row:
    first = one.parts[0]
    alone = len(one.parts) == 1 and first.under is None and first.create_video is None
    kind = "image" if one.kind == "image_group" and alone else one.kind
    urls = [part.url for part in one.parts]
    values = {"urls": urls, "kind": kind, "title": one.title or None}
    return Row(first.number, first.line.place, values)
