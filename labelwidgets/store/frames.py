"""Tasks, annotations and events as pandas frames, the same columns and dtypes when empty."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlalchemy import Connection, Select, Table, func, literal, select

from labelwidgets.schema.annotation import Origin
from labelwidgets.schema.collecting import no_collecting
from labelwidgets.schema.geometries import AnyGeometry
from labelwidgets.schema.ontology import AttributeValue
from labelwidgets.store.arrow import MANY, read_arrow
from labelwidgets.store.history import EDIT_KINDS
from labelwidgets.store.location import Location
from labelwidgets.store.tables import events, items, labels, tasks

Columns: TypeAlias = Mapping[str, Any]
# Cells that are decoded in one call.
_PIECE = 100_000


# Values are a sequence, or a column of Arrow where they were read so (`arrow.read_arrow`).
def _is_arrow(values: Any) -> bool:
    return hasattr(values, "chunks")


def _text(values: Any) -> pd.Series[Any]:
    if _is_arrow(values):
        dtype: Any = pd.StringDtype()
        return pd.Series(dtype.__from_arrow__(values))
    return pd.Series(pd.array(list(values), dtype="string"))


def _whole(values: Any) -> pd.Series[Any]:
    if _is_arrow(values):
        dtype: Any = pd.Int64Dtype()
        return pd.Series(dtype.__from_arrow__(values.cast("int64")))
    return pd.Series(pd.array(list(values), dtype="Int64"))


def _count(values: Any) -> pd.Series[Any]:
    return pd.Series(_numbers(values, "int64"))


def _number(values: Any) -> pd.Series[Any]:
    return pd.Series(_numbers(values, "float64"))


def _flag(values: Any) -> pd.Series[Any]:
    return pd.Series(_numbers(values, "bool"))


def _time(values: Any) -> pd.Series[Any]:
    moments = pd.Series(_numbers(values, "int64").astype("datetime64[us]"))
    return moments.dt.tz_localize("UTC")


def _time_if_any(values: Any) -> pd.Series[Any]:
    moments = pd.Series(
        [pd.NaT if value is None else pd.Timestamp(value, unit="us", tz="UTC") for value in values],
        dtype="datetime64[us, UTC]",
    )
    return moments


def _numbers(values: Any, dtype: str) -> npt.NDArray[Any]:
    # A missing number of Arrow becomes NaN, as None does.
    return np.array(values.to_numpy() if _is_arrow(values) else values, dtype=dtype)


def _json(kind: Any) -> Callable[[Any], pd.Series[Any]]:
    decode = msgspec.json.Decoder(list[kind]).decode

    def read(values: Any) -> pd.Series[Any]:
        cells = np.empty(len(values), dtype=object)
        with no_collecting():
            for start in range(0, len(values), _PIECE):
                piece = values[start : start + _PIECE]
                texts = piece.to_pylist() if _is_arrow(piece) else piece
                # One call for many is several times as fast as one call a cell.
                cells[start : start + _PIECE] = decode(f"[{','.join(texts)}]")
        return pd.Series(cells)

    return read


_decode_answers = msgspec.json.Decoder(list[dict[str, AttributeValue]]).decode
# Of most labels nothing is asked.
_NO_ANSWERS = "{}"


def _answers(values: Any) -> pd.Series[Any]:
    cells = np.empty(len(values), dtype=object)
    with no_collecting():
        # Each of its own: people write into them.
        cells[:] = [{} for _ in range(len(values))]
        for start in range(0, len(values), _PIECE):
            given = _given(values[start : start + _PIECE])
            made = _decode_answers(f"[{','.join(given.values())}]") if given else []
            for place, answers in zip(given, made, strict=True):
                cells[start + place] = answers
    return pd.Series(cells)


def _given(piece: Any) -> dict[int, str]:
    """Return the texts of a piece that have answers, by their place in it."""
    if _is_arrow(piece):
        import pyarrow.compute as compute

        places = compute.indices_nonzero(compute.not_equal(piece, _NO_ANSWERS))
        return dict(zip(places.to_pylist(), piece.take(places).to_pylist(), strict=True))
    return {place: text for place, text in enumerate(piece) if text != _NO_ANSWERS}


def _origin(values: Any) -> pd.Series[Any]:
    if _is_arrow(values):
        coded = values.combine_chunks().dictionary_encode()
        few = _origin(coded.dictionary.to_pylist())
        return few.take(coded.indices.to_numpy()).reset_index(drop=True)
    kinds = {text: msgspec.json.decode(text, type=Origin).kind for text in set(values)}
    return _text([kinds[text] for text in values])


Reader: TypeAlias = Callable[[Any], "pd.Series[Any]"]

TASK_COLUMNS: Mapping[str, Reader] = {
    "id": _text,
    "item_id": _text,
    "title": _text,
    "folder": _text,
    "stage": _text,
    "state": _text,
    "assignee": _text,
    "priority": _count,
    "batch": _text,
    "n_annotations": _count,
    "score": _number,
    "copy": _count,
    "maker": _text,
    "rounds": _count,
    "updated_at": _time,
}

ANNOTATION_COLUMNS: Mapping[str, Reader] = {
    "id": _text,
    "task_id": _text,
    "item_id": _text,
    "class_name": _text,
    "geometry_type": _text,
    "geometry": _json(AnyGeometry),
    "attributes": _answers,
    "frame": _whole,
    "pts": _whole,
    "track_id": _text,
    "author": _text,
    "origin": _origin,
    "confidence": _number,
    "state": _text,
    "created_at": _time,
    "updated_at": _time,
    "revision": _count,
    "x": _number,
    "y": _number,
    "width": _number,
    "height": _number,
    "area": _number,
}

EVENT_COLUMNS: Mapping[str, Reader] = {
    "seq": _count,
    "id": _text,
    "time": _time,
    "actor": _text,
    "client": _text,
    "task_id": _text,
    "annotation_id": _text,
    "kind": _text,
    "gesture": _text,
    "undoes": _text,
    "redoes": _text,
    "base_revision": _whole,
    "payload": _json(dict[str, Any]),
}


ISSUE_COLUMNS: Mapping[str, Reader] = {
    "id": _text,
    "task_id": _text,
    "item_id": _text,
    "annotation_id": _text,
    "class_name": _text,
    "frame": _whole,
    "x": _number,
    "y": _number,
    "relative_x": _number,
    "relative_y": _number,
    "deleted": _flag,
    "state": _text,
    "text": _text,
    "n_comments": _count,
    "author": _text,
    "resolved_by": _text,
    "created_at": _time,
    "updated_at": _time,
}

COMMENT_COLUMNS: Mapping[str, Reader] = {
    "id": _text,
    "issue_id": _text,
    "author": _text,
    "text": _text,
    "created_at": _time,
}


PEOPLE_COLUMNS: Mapping[str, Reader] = {
    "name": _text,
    "role": _text,
    "groups": _json(list[str]),
    "login": _text,
    "added_by": _text,
    "added_at": _time,
    "removed_at": _time_if_any,
}

ACCESS_COLUMNS: Mapping[str, Reader] = {
    "time": _time,
    "until": _time,
    "person": _text,
    "action": _text,
    "task_id": _text,
    "n": _count,
    "detail": _json(dict[str, Any]),
}


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
