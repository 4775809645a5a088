"""CSV tables of folders and URLs, as of TrainingData.io, and tables with a column ``url``.

A line names one file. Without a header it has a URL, and beside it, as you like, a folder. With
one, the column of the URLs is ``url`` (also ``File URL``, ``Image URL`` and the like), that of the
folders ``folder`` or ``Folder name``; ``title``, ``id`` and ``kind`` mean what they mean in a
frame, and all others go into the metadata. DICOM files of one folder are one series.

Source: TrainingData.io's documentation, "On-Prem Datasets", which shows such tables in pictures.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from labelwidgets.errors import SourceError
from labelwidgets.media.kinds import DICOM_SUFFIXES, SUFFIXES, suffix_of
from labelwidgets.media.manifests.tables import Line, plain_name
from labelwidgets.media.rows import Row

_URLS = frozenset(
    ("url", "urls", "fileurl", "fileurls", "imageurl", "imageurls", "assetsurl", "asseturl")
)
_FOLDERS = frozenset(("folder", "foldername", "folders"))
_ROLES = ("title", "id", "kind")


def is_header(cells: Sequence[str]) -> bool:
    """Say whether the first line of a table names a column of URLs."""
    return any(plain_name(cell) in _URLS for cell in cells)


def is_row(cells: Sequence[str]) -> bool:
    """Say whether the first line of a table without a header is a URL, or a folder and a URL."""
    filled = [cell for cell in cells if cell.strip()]
    return 1 <= len(filled) <= 2 and sum(map(_is_url, filled)) == 1


def _is_url(cell: str) -> bool:
    return "://" in cell or suffix_of(cell.strip()) in SUFFIXES


def rows(first: Line, lines: Iterable[Line]) -> list[Row]:
    """Return a row for each item, in the order of their first lines.

    Raises
    ------
    SourceError
        If the columns are not those of such a table.
    """
    if is_header(first.cells):
        names, all_lines = _columns(first), list(lines)
    else:
        at = next(index for index, cell in enumerate(first.cells) if _is_url(cell))
        names = ["url" if index == at else "folder" for index in range(max(2, at + 1))]
        all_lines = [first, *lines]
    made: list[Row] = []
    series: dict[str, list[str]] = {}
    for number, line in enumerate(all_lines):
        values = _values(names, line)
        url, folder = values["url"], values.get("folder", "")
        if suffix_of(url) not in DICOM_SUFFIXES or "kind" in values:
            made.append(Row(number, line.place, values))
        elif folder in series:
            series[folder].append(url)
        else:
            series[folder] = [url]
            title = values.get("title") or folder.strip("/").rpartition("/")[2] or None
            more: dict[str, Any] = {"urls": series[folder], "title": title}
            others = {name: value for name, value in values.items() if name != "url"}
            made.append(Row(number, line.place, {**others, **more, "kind": "dicom_series"}))
    return made


def _columns(header: Line) -> list[str]:
    names = []
    for cell in header.cells:
        plain = plain_name(cell)
        role = "url" if plain in _URLS else "folder" if plain in _FOLDERS else None
        names.append(role or (plain if plain in _ROLES else cell.strip()))
    for name in names:
        if name and names.count(name) > 1:
            raise SourceError(f"has several columns {name!r:.80}.", where=header.place)
    return names


def _values(names: list[str], line: Line) -> dict[str, str]:
    cells = dict(zip(names, line.cells, strict=False))
    found = {name: cell for name, cell in cells.items() if name and cell.strip()}
    return {**found, "url": cells.get("url", "")}
