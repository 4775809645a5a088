"""From plain JSON to annotations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeVar

import msgspec

from labelwidgets.errors import FormatError, LabelwidgetsError, LimitError
from labelwidgets.formats.coco.records import decode, is_null
from labelwidgets.formats.coco.whole_documents import to_utf8
from labelwidgets.formats.inputs import Input
from labelwidgets.formats.item_records import ItemRecord
from labelwidgets.formats.plain_json.records import NAME, VERSION, File, Header, Line
from labelwidgets.formats.reading import Reading, reader
from labelwidgets.formats.results import Imported
from labelwidgets.formats.whole_records import WholeRecords
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.misfits import in_words
from labelwidgets.schema.ontology import Ontology

MAX_BYTES = 1 << 31
MAX_LINE = 1 << 26
_BEGINS = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*"format"\s*:\s*"labelwidgets"')


T = TypeVar("T")


def sniff(head: bytes) -> bool:
    """Say whether a file that begins like this is plain JSON of labelwidgets."""
    return _BEGINS.match(head) is not None


@reader("json", "pictures")
def read(job: Reading, *, max_bytes: int = MAX_BYTES) -> Imported:
    """Read plain JSON: see `labelwidgets.formats.read` and `labelwidgets.formats.plain_json`.

    Parameters
    ----------
    items
        As for `labelwidgets.formats.read`. Items are matched by id, else by address and path.
        A path that ends with ``.jsonl`` has a record a line.
    max_bytes
        Larger files are refused before they are decoded; files of lines have no limit but that
        of each line.

    Raises
    ------
    LimitError
        If the file or a record is too large.
    """
    found = job.whole_records()
    lined = job.shown.lower().endswith((".jsonl", ".ndjson"))
    if lined:
        _read_lines(found, job.input())
    else:
        _read_file(found, job.bytes(max_bytes))
    return found.result()


def _read_file(found: WholeRecords, data: bytes) -> None:
    name = found.problems.file
    try:
        file = _decoded(to_utf8(data), File)
        _read_header(found, file)
    except LabelwidgetsError as error:
        raise error.at(name) from None
    for number, raw in enumerate(file.items):
        _take(found, f"items[{number}]", raw, ItemRecord)
    for number, raw in enumerate(file.annotations):
        _take(found, f"annotations[{number}]", raw, Annotation)


def _read_lines(found: WholeRecords, source: Input) -> None:
    started = False
    for number, line in _lines(source):
        place = f"line {number}"
        if not started:
            try:
                _read_header(found, _decoded(line, Header))
            except LabelwidgetsError as error:
                raise error.at(f"{found.problems.file}, {place}") from None
            started = True
            continue
        try:
            one = decode(msgspec.Raw(line), Line)
            if is_null(one.item) == is_null(one.annotation):
                raise FormatError("must have an item or an annotation.")
        except LabelwidgetsError as error:
            found.wrong(place, None, error)
            continue
        if is_null(one.annotation):
            _take(found, place, one.item, ItemRecord)
        else:
            _take(found, place, one.annotation, Annotation)
    if not started:
        raise FormatError("is empty.", where=found.problems.file)


def _lines(source: Input) -> Iterator[tuple[int, bytes]]:
    with source.open(source.name) as file:
        number = 0
        while line := file.readline(MAX_LINE + 1):
            number += 1
            if len(line) > MAX_LINE:
                raise LimitError(
                    f"has more than {MAX_LINE} bytes.", where=f"{source.shown}, line {number}"
                )
            if number == 1:
                line = line.removeprefix(b"\xef\xbb\xbf")
            if line.strip():
                yield number, line


def _decoded(data: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(data, type=kind)
    except RecursionError:
        raise FormatError("is nested too deeply.") from None
    except msgspec.ValidationError as error:
        raise in_words(error).at(FormatError) from None
    except (msgspec.DecodeError, UnicodeError) as error:
        raise FormatError(
            f"is not plain JSON of labelwidgets: {str(error)[:200]}.",
            hint="Is the file complete? Fetch or export it again.",
        ) from None


def _read_header(found: WholeRecords, header: Header) -> None:
    if header.format != NAME:
        raise FormatError(f"must be {NAME!r}, not {header.format[:40]!r}.", where="format")
    if header.version != VERSION:
        raise FormatError(
            f"is {str(header.version)[:20]}, this version reads {VERSION}.",
            where="version",
            hint="Update labelwidgets." if header.version > VERSION else None,
        )
    if not is_null(header.ontology):
        found.read_ontology(decode(header.ontology, Ontology, "ontology"))


def _take(
    found: WholeRecords, place: str, raw: msgspec.Raw, kind: type[ItemRecord] | type[Annotation]
) -> None:
    id: str | None = None
    try:
        one: ItemRecord | Annotation = decode(raw, kind)
        id = one.id
        if isinstance(one, ItemRecord):
            found.item(place, one)
        else:
            found.label(place, one)
    except LabelwidgetsError as error:
        found.wrong(place, id, error)
