"""Tasks, annotations and events as pandas frames, the same columns and dtypes when empty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import pandas as pd
from sqlalchemy import Connection, Select, Table, func, literal, select

from labelwidgets.schema.collecting import no_collecting
from labelwidgets.store.arrow import MANY, read_arrow
from labelwidgets.store.frame_columns import ANNOTATION_COLUMNS, EVENT_COLUMNS, TASK_COLUMNS, Reader
from labelwidgets.store.history import EDIT_KINDS
from labelwidgets.store.location import Location
from labelwidgets.store.tables import events, items, labels, tasks

Columns: TypeAlias = Mapping[str, Any]
# Rows that are read at once.
_PIECE = 100_000


def frame(readers: Mapping[str, Reader], columns: Columns) -> pd.DataFrame:
    """Return a frame with the columns and dtypes of `readers`."""
    made = {name: read(columns[name]) for name, read in readers.items()}
    # Not copied: of millions of rows that would take as long again, and as much memory.
    return pd.DataFrame(made, copy=False)


def columns_of(names: Sequence[str], rows: Sequence[Any]) -> Columns:
    """Return the columns of rows that are tuples in the order of `names`."""
    return dict(zip(names, zip(*rows, strict=True) if rows else [()] * len(names), strict=True))


def columns_of_rows(names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> Columns:
    """Return the columns of rows that are mappings."""
    return {name: [row[name] for row in rows] for name in names}


def item_frame(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return items with the columns of `Dataset.items`."""
    columns = ["id", "kind", "title", "folder", "urls", "metadata", "status", "trusted"]
    return pd.DataFrame(rows, columns=columns)


def task_frame(connection: Connection, location: Location | None = None) -> pd.DataFrame:
    """Return one row a task, in the order of the dataset; see `Store.tasks`.

    Parameters
    ----------
    location
        Of a PostgreSQL database, of which many are read as Arrow.
    """
    counts = (
        select(labels.c.task_id, func.count().label("n_annotations"))
        .where(labels.c.deleted.is_(False))
        .group_by(labels.c.task_id)
        .subquery()
    )
    found = {
        **{name: tasks.c[name] for name in TASK_COLUMNS if name in tasks.c},
        "folder": items.c.folder,
        "n_annotations": func.coalesce(counts.c.n_annotations, 0),
    }
    query = (
        select(*(found[name].label(name) for name in TASK_COLUMNS))
        .join(items, items.c.id == tasks.c.item_id)
        .outerjoin(counts, counts.c.task_id == tasks.c.id)
        .order_by(tasks.c.position)
    )
    return _read_frame(connection, location, tasks, TASK_COLUMNS, query)


def annotation_frame(
    connection: Connection,
    location: Location | None = None,
    names: Sequence[str] = tuple(ANNOTATION_COLUMNS),
) -> pd.DataFrame:
    """Return one row an annotation, in the order they were made; see `Store.annotations`.

    Parameters
    ----------
    location
        Of a PostgreSQL database, of which many are read as Arrow.
    names
        The columns that are wanted, of `ANNOTATION_COLUMNS`.
    """
    readers = {name: ANNOTATION_COLUMNS[name] for name in names}
    query = (
        select(*(labels.c[name] for name in names))
        .where(labels.c.deleted.is_(False))
        .order_by(labels.c.seq)
    )
    return _read_frame(connection, location, labels, readers, query)


def _read_frame(
    connection: Connection,
    location: Location | None,
    table: Table,
    readers: Mapping[str, Reader],
    query: Select[Any],
) -> pd.DataFrame:
    """Return the frame of a query, whose columns have the names of the frame's."""
    if location is not None and _are_many(connection, table):
        columns = read_arrow(location, query)
        if columns is not None:
            return frame(readers, columns)
    with no_collecting():
        if location is None:
            return _read_in_pieces(connection, readers, query)
        rows = connection.execute(query).all()
        return frame(readers, columns_of(list(readers), rows))


def _read_in_pieces(
    connection: Connection, readers: Mapping[str, Reader], query: Select[Any]
) -> pd.DataFrame:
    """Return the frame of a query: rows of Python's objects take five times the room of columns."""
    parts: dict[str, list[pd.Series[Any]]] = {name: [] for name in readers}
    found = connection.execute(query, execution_options={"yield_per": _PIECE})
    for rows in found.partitions():
        columns = columns_of(list(readers), rows)
        for name, read in readers.items():
            parts[name].append(read(columns[name]))
    if not parts or not next(iter(parts.values())):
        return frame(readers, columns_of(list(readers), []))
    made = {}
    for name in readers:
        several = parts.pop(name)
        made[name] = several[0] if len(several) == 1 else pd.concat(several, ignore_index=True)
    return pd.DataFrame(made, copy=False)


def _are_many(connection: Connection, table: Table) -> bool:
    """Say whether a table has so many rows that another connection pays."""
    one = select(literal(1)).select_from(table).offset(MANY).limit(1)
    return connection.execute(one).first() is not None


def event_frame(connection: Connection, until: int | None = None) -> pd.DataFrame:
    """Return one row an event, in their order; see `Store.events`."""
    named = {"task_id": "task", "annotation_id": "annotation"}
    found = select(*(events.c[named.get(name, name)] for name in EVENT_COLUMNS))
    if until is not None:
        found = found.where(events.c.time <= until)
    rows = connection.execute(found.order_by(events.c.seq)).all()
    return frame(EVENT_COLUMNS, columns_of(list(EVENT_COLUMNS), rows))


ACTIVITY_COLUMNS = ("seq", "time", "actor", "task_id", "annotation_id", "kind")
MOVE_COLUMNS = (*ACTIVITY_COLUMNS, "payload")


def activity_frame(connection: Connection) -> pd.DataFrame:
    """Return one row an event, in their order, without what it says: see `Store.activity`."""
    return _some_of_events(connection, ACTIVITY_COLUMNS, moves=False)


def move_frame(connection: Connection) -> pd.DataFrame:
    """Return one row a move of a task, in their order: see `Store.moves`."""
    return _some_of_events(connection, MOVE_COLUMNS, moves=True)


def _some_of_events(connection: Connection, names: Sequence[str], *, moves: bool) -> pd.DataFrame:
    named = {"task_id": "task", "annotation_id": "annotation"}
    found = select(*(events.c[named.get(name, name)] for name in names))
    if moves:
        found = found.where(
            events.c.kind.not_in((*EDIT_KINDS, "conflict")), events.c.task.is_not(None)
        )
    rows = connection.execute(found.order_by(events.c.seq)).all()
    return frame({name: EVENT_COLUMNS[name] for name in names}, columns_of(list(names), rows))
