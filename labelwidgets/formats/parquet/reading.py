"""From Parquet and Arrow to annotations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.coco.records import decode
from labelwidgets.formats.inputs import Input
from labelwidgets.formats.item_records import ItemRecord
from labelwidgets.formats.parquet.columns import ITEMS, ONTOLOGY, item_in, label_of
from labelwidgets.formats.parquet.library import library
from labelwidgets.formats.parquet.tables import IPC, Table
from labelwidgets.formats.reading import Reading, reader
from labelwidgets.formats.results import Imported
from labelwidgets.formats.whole_records import WholeRecords
from labelwidgets.schema.ontology import Ontology

MAX_ROWS = 50_000_000
_SUFFIXES = (".parquet", ".arrow")


def sniff(head: bytes) -> bool:
    """Say whether a file that begins like this is Parquet or Arrow."""
    return head.startswith((b"PAR1", IPC))


def sniff_files(source: Input) -> bool:
    """Say whether a folder or zip has such files."""
    return any(name.lower().endswith(_SUFFIXES) for name in source.names())


@reader("parquet", "pictures")
def read(job: Reading, *, max_rows: int = MAX_ROWS) -> Imported:
    """Read Parquet or Arrow: see `labelwidgets.formats.read` and `labelwidgets.formats.parquet`.

    Parameters
    ----------
    items
        As for `labelwidgets.formats.read`. Items are matched by id, else by address and path.
    max_rows
        Files with more are refused.

    Raises
    ------
    FormatError
        Naming the file, the row and the column.
    LimitError
        If there are too many rows.
    MissingExtraError
        If pyarrow is not installed.
    """
    arrow = library()
    source = job.input()
    found = job.whole_records()
    names = source.ending(*_SUFFIXES)
    if not names:
        raise FormatError("has no .parquet and no .arrow.", where=source.shown)
    files = [Table(arrow, source, name, max_rows) for name in names]
    told: bytes | None = None
    for one in files:
        if told is None and (told := one.metadata.get(ONTOLOGY)) is not None:
            try:
                found.read_ontology(Ontology.from_json(told))
            except LabelwidgetsError as error:
                raise error.at(f"{one.where}, schema") from None
    for one in sorted(files, key=lambda file: not file.is_of_items):
        if one.is_of_items:
            _take(found, one, lambda place, row: found.item(place, item_in(row)))
        else:
            _read_listed(found, one)
            _take(found, one, lambda place, row: found.label(place, label_of(row)))
    return found.result()


def _read_listed(found: WholeRecords, file: Table) -> None:
    """Take in the items that a single file has in its schema."""
    given = file.metadata.get(ITEMS)
    if given is None:
        return
    for number, raw in enumerate(decode(msgspec.Raw(given), list[msgspec.Raw], "items")):
        place, id = f"items[{number}]", None
        try:
            one = decode(raw, ItemRecord)
            id = one.id
            found.item(place, one)
        except LabelwidgetsError as error:
            found.wrong(place, id, error)


def _take(found: WholeRecords, file: Table, take: Callable[[str, dict[str, Any]], None]) -> None:
    for number, row in enumerate(file.rows()):
        place = f"row {number}" if file.alone else f"{file.name}, row {number}"
        try:
            take(place, row)
        except LabelwidgetsError as error:
            found.wrong(place, row.get("id"), error)
