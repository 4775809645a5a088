"""A copy of a store as one file, which loses nothing: written, proved, and made a store again.

The file is gzipped text, one JSON value a line: first what it is, then each table with its
columns and its rows, and at last how many rows there are and the SHA-256 of all lines before.
Either database gives the same lines, so that a project moves from one to the other by it.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, Integer, Table, func, insert, select, text

from labelwidgets.errors import FormatError, StoreError, StoreReadOnlyError, StoreVersionError
from labelwidgets.schema.ids import new_id
from labelwidgets.store import log
from labelwidgets.store.creation import new_tables
from labelwidgets.store.location import Location
from labelwidgets.store.tables import SCHEMA_VERSION, meta, metadata

FORMAT = "labelwidgets backup"
_CHUNK = 2000


class Backup(NamedTuple):
    """What a backup is of.

    Parameters
    ----------
    uid, name
        Of the project.
    schema
        Version of its tables.
    seq
        Of the last event in it.
    rows
        How many there are in each table.
    """

    uid: str
    name: str
    schema: int
    seq: int
    rows: dict[str, int]


def write_backup(connection: Connection, path: Path) -> Backup:
    """Write all tables of a store, as one snapshot, to a file, and prove it by reading it back.

    The file appears whole or not at all.

    Raises
    ------
    StoreError
        If something lies at the path, or what was read back is not what was written.
    StoreReadOnlyError
        If it cannot be written.
    """
    if path.exists():
        raise StoreError("is there already, and is left as it is.", where=str(path))
    if connection.dialect.name != "sqlite":
        # Rows that this login may not see would be missing: the server then says so.
        connection.execute(text("SET LOCAL row_security = off"))
    draft = path.with_name(f".{path.name}.{new_id()}.new")
    try:
        with gzip.open(draft, "wb", compresslevel=6) as file:
            code = hashlib.sha256()
            for line in _lines(connection):
                code.update(line)
                file.write(line)
            file.write(_line({"sha256": code.hexdigest()}))
        found = read_backup(draft)
        if found.seq != log.last_seq(connection):
            raise StoreError("was read back as another state.", where=str(path))
        _settle(draft)
        os.replace(draft, path)
    except OSError as error:
        raise StoreReadOnlyError(
            f"cannot be written ({error.strerror or error}).", where=str(path)
        ) from None
    finally:
        draft.unlink(missing_ok=True)
    return found


def _settle(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _lines(connection: Connection) -> Iterator[bytes]:
    row = connection.execute(select(meta.c.uid, meta.c.name, meta.c.schema_version)).one()
    yield _line(
        {
            "format": FORMAT,
            "version": 1,
            "uid": row.uid,
            "name": row.name,
            "schema": row.schema_version,
            "seq": log.last_seq(connection),
        }
    )
    counts = {}
    for table in metadata.sorted_tables:
        columns = [column.name for column in table.columns]
        yield _line({"table": table.name, "columns": columns})
        count = 0
        for made in _rows(connection, table):
            count += 1
            yield _line(list(made))
        counts[table.name] = count
    yield _line({"rows": counts})


def _rows(connection: Connection, table: Table) -> Iterator[Any]:
    found = select(table).order_by(*table.primary_key.columns)
    streamed = connection.execution_options(yield_per=_CHUNK)
    yield from streamed.execute(found)


def _line(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def read_backup(path: Path) -> Backup:
    """Return what a backup is of, after it was read whole and proved.

    Raises
    ------
    FormatError
        If it is none, or not as it was written.
    """
    head: dict[str, Any] = {}
    counts: dict[str, int] = {}
    for table, rows in _tables(path, head):
        counts[table.name] = sum(1 for _ in rows)
    return Backup(head["uid"], head["name"], head["schema"], head["seq"], counts)


def _tables(path: Path, head: dict[str, Any]) -> Iterator[tuple[Table, Iterator[dict[str, Any]]]]:
    """Yield the tables with their rows; at the end, raise unless all is as it was written."""
    code = hashlib.sha256()
    try:
        with gzip.open(path, "rb") as file:
            lines = _proved(iter(file), code, path)
            found = next(lines, None)
            if not isinstance(found, dict) or found.get("format") != FORMAT:
                raise _broken(path)
            if found["schema"] != SCHEMA_VERSION:
                raise StoreVersionError(
                    f"is of schema {found['schema']}, and this labelwidgets writes schema "
                    f"{SCHEMA_VERSION}.",
                    where=str(path),
                    hint="Restore it with the version that wrote it, and open that store.",
                )
            head.update(found)
            counts: dict[str, int] = {}
            here = next(lines, None)
            while isinstance(here, dict) and "table" in here:
                table, columns = metadata.tables[here["table"]], here["columns"]
                after: list[Any] = []
                yield table, _until(lines, columns, counts, table.name, after)
                here = after[0] if after else None
            if not isinstance(here, dict) or here.get("rows") != counts:
                raise _broken(path)
            if next(lines, None) != {"sha256": True} or next(lines, None) is not None:
                raise _broken(path)
    except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
        if isinstance(error, FileNotFoundError):
            raise FormatError("There is no such file.", where=str(path)) from None
        if isinstance(error, FormatError):
            raise
        raise _broken(path) from None


def _until(
    lines: Iterator[Any], columns: list[str], counts: dict[str, int], name: str, after: list[Any]
) -> Iterator[dict[str, Any]]:
    counts[name] = 0
    for value in lines:
        if isinstance(value, dict):
            after.append(value)
            return
        counts[name] += 1
        yield dict(zip(columns, value, strict=True))


def _proved(lines: Iterable[bytes], code: Any, path: Path) -> Iterator[Any]:
    for line in lines:
        value = json.loads(line)
        if isinstance(value, dict) and "sha256" in value:
            if value["sha256"] != code.hexdigest():
                raise _broken(path)
            yield {"sha256": True}
            continue
        code.update(line)
        yield value


def _broken(path: Path) -> FormatError:
    return FormatError(
        "is no backup of a project, or not whole.", where=str(path), hint="Make a new one."
    )


def restore_backup(path: Path, place: str | os.PathLike[str], wait: float = 10.0) -> Backup:
    """Make a store of a backup, whole or not at all.

    Raises
    ------
    StoreError
        If something lies at the place.
    FormatError
        If it is no backup, or not as it was written.
    """
    location = Location.of(place)
    head: dict[str, Any] = {}
    counts: dict[str, int] = {}
    with new_tables(location, wait) as connection:
        for table, rows in _tables(path, head):
            counts[table.name] = _fill(connection, table, rows)
    return Backup(head["uid"], head["name"], head["schema"], head["seq"], counts)


def _fill(connection: Connection, table: Table, rows: Iterator[dict[str, Any]]) -> int:
    count = 0
    some: list[dict[str, Any]] = []
    for row in rows:
        some.append(row)
        if len(some) == _CHUNK:
            connection.execute(insert(table), some)
            count, some = count + len(some), []
    if some:
        connection.execute(insert(table), some)
    _count_on(connection, table)
    return count + len(some)


def _count_on(connection: Connection, table: Table) -> None:
    """Have a server count on from the highest number, where it numbers rows by itself."""
    column = table.autoincrement_column
    if connection.dialect.name == "sqlite" or column is None:
        return
    if not isinstance(column.type, Integer):
        return
    named = text("SELECT pg_get_serial_sequence(:table, :column)")
    sequence = connection.execute(named, {"table": table.name, "column": column.name}).scalar()
    highest = connection.execute(select(func.max(column))).scalar()
    if sequence and highest:
        connection.execute(text("SELECT setval(:name, :at)"), {"name": sequence, "at": highest})
