"""Taking the items of a dataset into a store, each with its task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from labelwidgets.errors import SchemaError
from labelwidgets.schema.ids import is_id, new_id
from labelwidgets.store import log
from labelwidgets.store.past import TASKS_ADDED
from labelwidgets.store.records import to_text
from labelwidgets.store.tables import items, tasks

if TYPE_CHECKING:
    import pandas as pd

INITIAL: Mapping[str, Any] = {"assignee": None, "priority": 0, "batch": None, "score": None}
_RENEWED = ("urls", "metadata", "status", "error", "trusted")


def add_items(
    connection: Connection,
    head: log.Head,
    frame: pd.DataFrame,
    initial: Mapping[str, Any],
    actor: str,
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

    Raises
    ------
    SchemaError
        If an item's id is not an identifier or there twice, naming the row.
    """
    if frame.empty:
        return 0
    columns = [items.c[name] for name in ("id", *_RENEWED)]
    known = {row.id: row for row in connection.execute(select(*columns))}
    with_task = set(connection.execute(select(tasks.c.item_id)).scalars())
    position = connection.execute(select(func.max(items.c.position))).scalar()
    place = -1 if position is None else int(position)
    last = connection.execute(select(func.max(tasks.c.position))).scalar()
    turn = -1 if last is None else int(last)
    start = {**INITIAL, **initial}
    seq = head.seq + 1
    new_items: list[dict[str, Any]] = []
    new_tasks: list[dict[str, Any]] = []
    renewed: list[dict[str, Any]] = []
    seen: set[str] = set()
    for number, row in enumerate(frame.to_dict("records")):
        made = _item(row, number)
        if made["id"] in seen:
            raise SchemaError("is there twice.", where=f"items, row {number}, id {made['id']}")
        seen.add(made["id"])
        before = known.get(made["id"])
        if before is None:
            place += 1
            new_items.append({**made, "position": place})
        elif any(getattr(before, name) != made[name] for name in _RENEWED):
            renewed.append({"of_id": made["id"], **{name: made[name] for name in _RENEWED}})
        if made["id"] not in with_task:
            with_task.add(made["id"])
            turn += 1
            new_tasks.append(
                {
                    **start,
                    "id": new_id(),
                    "item_id": made["id"],
                    "position": turn,
                    "title": made["title"],
                    "seq": seq,
                    "updated_at": head.moment,
                    "revision": 0,
                }
            )
    if new_items:
        connection.execute(insert(items), new_items)
    if renewed:
        connection.execute(
            update(items)
            .where(items.c.id == bindparam("of_id"))
            .values({name: bindparam(name) for name in _RENEWED}),
            renewed,
        )
    if new_tasks:
        connection.execute(insert(tasks), new_tasks)
        payload = {"count": len(new_tasks), "after": start}
        log.append(connection, head, TASKS_ADDED, actor, payload)
    return len(new_items)


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
