"""Reading a data file, whatever its shape, by what is in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from labelwidgets.errors import SourceError
from labelwidgets.media.access import Access
from labelwidgets.media.items import Item, OnError
from labelwidgets.media.kinds import suffix_of
from labelwidgets.media.manifests import encord_csv, encord_json, gt_studio, url_table
from labelwidgets.media.manifests.documents import json_of, text_of
from labelwidgets.media.manifests.tables import lines_of
from labelwidgets.media.rows import AUTHOR, Naming, Row, items_of_rows
from labelwidgets.media.urls import masked

_LINES = (".jsonl", ".ndjson")
_TABLES = (".csv", ".tsv")
_EXPECTED = (
    "Expected is JSON of Encord (videos, images, image_groups, image_sequences, dicom_series), "
    "of GT Studio (jobs with image_url or video_data), or a list of URLs or of objects with url; "
    "or CSV with the columns ObjectUrl, Title and Create video, or with folder and url."
)
_SHAPES = {"dict": "an object", "Repeated": "an object", "list": "a list", "str": "a text"}


class Manifest(NamedTuple):
    """What a data file says: its items, and whether those that it names twice are skipped."""

    items: list[Item]
    skip_duplicates: bool


def is_data_file(url: str) -> bool:
    """Say whether a canonical URL is that of a file that names others, going by its suffix."""
    return suffix_of(url) in (".json", *_LINES, *_TABLES)


def read_manifest(
    source: str | Mapping[str, Any], access: Access, on_error: OnError, reverse: bool = False
) -> Manifest:
    """Read the items that a data file names.

    What stands in a file is held to the policy of `access`; what the author gives as a dict,
    in the shape of such a file, is trusted.

    Parameters
    ----------
    source
        Canonical URL of the file, or its value.
    access
        Reaches it.
    on_error
        Called for each part that makes no item.
    reverse
        Whether the files of Encord's groups come in the reverse order of their numbers.

    Raises
    ------
    SourceError
        If it cannot be read, is of another shape, or names nothing.
    """
    failed = 0

    def failing(*about: Any) -> None:
        nonlocal failed
        failed += 1
        on_error(*about)

    if isinstance(source, str):
        where = masked(source)
        found = _of_file(
            source, text_of(access.read(source), where), where, access, failing, reverse
        )
    else:
        where = "source"
        found = _of_value(source, where, failing, reverse)
    items = items_of_rows(found.rows, access.limits, failing, found.naming)
    if not items and not failed:
        raise SourceError("names nothing to label.", where=where, hint=_EXPECTED)
    return Manifest(items, found.skip_duplicates)


class _Found(NamedTuple):
    """What is in a data file: its rows, and how they are taken."""

    rows: Iterable[Row]
    naming: Naming = AUTHOR
    skip_duplicates: bool = False


def _of_file(
    url: str, text: str, where: str, access: Access, on_error: OnError, reverse: bool
) -> _Found:
    def admitted(given: Any) -> str:
        if isinstance(given, str) and given != given.strip():
            raise SourceError("begins or ends with white space.", where=masked(given.strip())[:300])
        return access.policy.admit(given, url)

    suffix, naming = suffix_of(url), Naming(admitted, trusted=False)
    if suffix in _TABLES:
        return _of_table(text, where, naming, on_error)
    if suffix in _LINES:
        return _Found(_of_lines(text, where, on_error), naming)
    return _of_value(json_of(text, where), where, on_error, reverse)._replace(naming=naming)


def _of_table(text: str, where: str, naming: Naming, on_error: OnError) -> _Found:
    lines = lines_of(text, where)
    first = next(lines, None)
    if first is None:
        raise SourceError("is empty.", where=where)
    if encord_csv.is_header(first.cells):
        rows = encord_csv.rows(first, lines, naming.canonical, on_error)
        # Each URL was looked at with its line, so that errors name it.
        return _Found(rows, naming._replace(canonical=str))
    if url_table.is_header(first.cells) or url_table.is_row(first.cells):
        return _Found(url_table.rows(first, lines), naming)
    raise SourceError(
        f"is a table of another shape: its first line is {', '.join(first.cells)!r:.200}.",
        where=where,
        hint=_EXPECTED,
    )


def _of_lines(text: str, where: str, on_error: OnError) -> Iterator[Row]:
    """Return the rows of JSON lines: of jobs, or of objects with ``url``."""
    values: list[tuple[str, Any]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            values.append((f"line {number}", json_of(line, f"{where}, line {number}")))
    if values and gt_studio.is_job(values[0][1]):
        return gt_studio.rows(values, on_error)
    if values and _is_row(values[0][1]):
        return iter(_plain_rows(values, on_error))
    raise SourceError("is of another shape, or empty.", where=where, hint=_EXPECTED)


def _of_value(value: Any, where: str, on_error: OnError, reverse: bool) -> _Found:
    if isinstance(value, Mapping) and {"annotations", "categories"} <= set(value):
        raise SourceError(
            "is a COCO file: it has labels, and no addresses.",
            where=where,
            hint="Open the folder of its pictures, then call project.import_annotations.",
        )
    if encord_json.is_manifest(value):
        rows = encord_json.rows(value, on_error, reverse)
        return _Found(rows, skip_duplicates=encord_json.skips_duplicates(value))
    if reverse:
        raise SourceError("is for Encord's JSON only.", where="reverse")
    jobs = gt_studio.jobs_in(value)
    if jobs is not None:
        return _Found(gt_studio.rows(jobs, on_error))
    if isinstance(value, list) and value and _is_row(value[0]):
        entries = [(f"[{index}]", entry) for index, entry in enumerate(value)]
        return _Found(_plain_rows(entries, on_error))
    keys = f" with {', '.join(map(str, value))!r:.120}" if isinstance(value, Mapping) else ""
    raise SourceError(
        f"is JSON of another shape: {_SHAPES.get(type(value).__name__, 'a value')}{keys}.",
        where=where,
        hint=_EXPECTED,
    )


def _is_row(value: Any) -> bool:
    return isinstance(value, str) or (
        isinstance(value, Mapping) and bool({"url", "urls"} & set(value))
    )


def _plain_rows(entries: Iterable[tuple[str, Any]], on_error: OnError) -> list[Row]:
    rows = []
    for number, (place, entry) in enumerate(entries):
        if _is_row(entry):
            rows.append(Row(number, place, {"url": entry} if isinstance(entry, str) else entry))
            continue
        error = SourceError("must be a URL, or an object with url or urls.", where=place)
        on_error(number, place, None, "", error)
    return rows
