"""Taking the items of a dataset into a store, each with its task."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, Table, bindparam, func, insert, select, text, update

from labelwidgets.errors import SchemaError
from labelwidgets.schema.ids import is_id, new_id
from labelwidgets.store import log
from labelwidgets.store.log import CHUNK
from labelwidgets.store.past import TASKS_ADDED
from labelwidgets.store.records import from_text, to_text
from labelwidgets.store.tables import PLACES, items, tasks

if TYPE_CHECKING:
    import pandas as pd


class Opinions(NamedTuple):
    """Items that several people label, each in a task of their own.

    Parameters
    ----------
    count
        From the id of an item to how many people label it; 0 for one task.
    main, each
        `stage` and `state` of the main task of such an item, and of each opinion.
    """

    count: Callable[[str], int]
    main: Mapping[str, Any]
    each: Mapping[str, Any]


INITIAL: Mapping[str, Any] = {"assignee": None, "priority": 0, "batch": None, "score": None}
_RENEWED = ("urls", "metadata", "status", "error", "trusted")


def add_items(
    connection: Connection,
    head: log.Head,
    frame: pd.DataFrame,
    initial: Mapping[str, Any],
    actor: str,
    opinions: Opinions | None = None,
) -> int:
    """Add the items of a frame that are new, and return how many there were.

    Of those that are known, where they lie and what is known of them are brought up to
    date. An item that failed has a task too, in its place; the queue passes it over until it
    comes again and can be read.

    Parameters
    ----------
    frame
        Columns as in `Dataset.items`; the columns `error` and `trusted` may be missing.
    initial
        `stage` and `state` of a new task.
    opinions
        Which items have several tasks; None for none.

    Raises
    ------
    SchemaError
        If an item's id is not an identifier or there twice, naming the row.
    """
    if frame.empty:
        return 0
    place = _last(connection, items)
    fresh = place < 0
    start = {**INITIAL, **initial}
    added = queued = 0
    seen: set[str] = set()
    rows = _rows(frame, seen)
    while some := list(islice(rows, CHUNK)):
        ids = [made["id"] for made in some]
        known = {} if fresh else _known(connection, ids)
        with_task = set() if fresh else _with_task(connection, ids)
        new_items: list[dict[str, Any]] = []
        new_tasks: list[dict[str, Any]] = []
        renewed: list[dict[str, Any]] = []
        for made in some:
            before = known.get(made["id"])
            at = before.position if before else place + 1
            if before is None:
                place = at
                new_items.append({**made, "position": place})
            elif (change := _renewal(before, made)) is not None:
                renewed.append({"of_id": made["id"], **change})
            if made["id"] not in with_task:
                count = opinions.count(made["id"]) if opinions else 0
                if opinions is None or count == 0:
                    new_tasks.append(_task(made, start, at * PLACES, head))
                    continue
                main, each = {**start, **opinions.main}, {**start, **opinions.each}
                new_tasks.append(_task(made, main, at * PLACES, head))
                new_tasks += [
                    _task(made, each, at * PLACES + copy, head, copy)
                    for copy in range(1, count + 1)
                ]
        _insert(connection, items, new_items)
        _insert(connection, tasks, new_tasks)
        if renewed:
            connection.execute(
                update(items)
                .where(items.c.id == bindparam("of_id"))
                .values({name: bindparam(name) for name in _RENEWED}),
                renewed,
            )
        added, queued = added + len(new_items), queued + len(new_tasks)
    if queued > CHUNK and connection.dialect.name != "sqlite":
        # Until a server has counted, it plans as for an empty table: the queue would be slow.
        for table in (items, tasks):
            connection.execute(text(f"ANALYZE {table.name}"))
    if queued:
        note: dict[str, Any] = {"count": queued, "after": start}
        if opinions is not None:
            note |= {"main": dict(opinions.main), "opinions": dict(opinions.each)}
        log.append(connection, head, TASKS_ADDED, actor, note)
    return added


def _rows(frame: pd.DataFrame, seen: set[str]) -> Iterator[dict[str, Any]]:
    names = [str(name) for name in frame.columns]
    for number, values in enumerate(frame.itertuples(index=False, name=None)):
        made = _item(dict(zip(names, values, strict=True)), number)
        if made["id"] in seen:
            raise SchemaError("is there twice.", where=f"items, row {number}, id {made['id']}")
        seen.add(made["id"])
        yield made


def _last(connection: Connection, table: Table) -> int:
    found = connection.execute(select(func.max(table.c.position))).scalar()
    return -1 if found is None else int(found)


def _known(connection: Connection, ids: Sequence[str]) -> dict[str, Any]:
    columns = [items.c[name] for name in ("id", "position", *_RENEWED)]
    found = connection.execute(select(*columns).where(items.c.id.in_(ids)))
    return {row.id: row for row in found}


def _with_task(connection: Connection, ids: Sequence[str]) -> set[str]:
    main = tasks.c.item_id.in_(ids) & (tasks.c.copy == 0)
    found = connection.execute(select(tasks.c.item_id).where(main))
    return set(found.scalars())


def _renewal(before: Any, made: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what is new of an item that is known, None if nothing is.

    What was found out when the same files were checked is not forgotten where they come again
    without a check.
    """
    now = {name: made[name] for name in _RENEWED}
    if (
        made["status"] == "unchecked"
        and before.status != "unchecked"
        and before.urls == now["urls"]
    ):
        metadata = {**from_text(before.metadata), **from_text(now["metadata"])}
        now |= {
            "metadata": to_text(metadata),
            "status": before.status,
            "error": before.error,
        }
    return now if any(getattr(before, name) != now[name] for name in _RENEWED) else None


def _task(
    item: Mapping[str, Any],
    start: Mapping[str, Any],
    position: int,
    head: log.Head,
    copy: int = 0,
) -> dict[str, Any]:
    return {
        **start,
        "copy": copy,
        **_orders(item["metadata"]),
        "id": new_id(),
        "item_id": item["id"],
        "position": position,
        "title": item["title"],
        "seq": head.seq + 1,
        "updated_at": head.moment,
        "revision": 0,
    }


def _orders(metadata: str) -> dict[str, Any]:
    """Return batch and priority of a task where its item came with them, as jobs do."""
    if "batch_id" not in metadata and "priority_weight" not in metadata:
        return {}
    values = from_text(metadata)
    batch, priority = values.get("batch_id"), values.get("priority_weight")
    found: dict[str, Any] = {"batch": batch} if isinstance(batch, str) else {}
    if isinstance(priority, int) and not isinstance(priority, bool) and abs(priority) < 1 << 31:
        found["priority"] = priority
    return found


def _insert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows with the same columns.

    The statement goes to the driver as it is: preparing each row anew takes SQLAlchemy as long
    as SQLite takes to write it.
    """
    if not rows:
        return
    statement = insert(table).compile(dialect=connection.dialect, column_keys=list(rows[0]))
    order = statement.positiontup
    if order is None:
        connection.exec_driver_sql(str(statement), [dict(row) for row in rows])
    else:
        connection.exec_driver_sql(
            str(statement), [tuple(row[name] for name in order) for row in rows]
        )


def _item(row: Mapping[Any, Any], number: int) -> dict[str, Any]:
    name = row["id"]
    if not isinstance(name, str) or not is_id(name):
        raise SchemaError(f"{str(name)[:80]!r} is not an identifier.", where=f"items, row {number}")
    error = row.get("error")
    return {
        "id": name,
        "kind": str(row["kind"]),
        "title": str(row["title"]),
        "folder": str(row["folder"]),
        "urls": to_text(list(row["urls"])),
        "metadata": to_text(_plain(row["metadata"])),
        "status": str(row["status"]),
        "error": error if isinstance(error, str) else None,
        "trusted": bool(row.get("trusted", True)),
    }


def _plain(value: Any) -> Any:
    """Return metadata as JSON can hold it: numpy's numbers as Python's, the rest as text."""
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if hasattr(value, "item") and getattr(value, "size", 1) == 1:
        return _plain(value.item())
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    return str(value)
