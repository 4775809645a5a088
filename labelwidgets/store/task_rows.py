"""Rows of tasks and items, as plain values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, select

from labelwidgets.store.clock import to_datetime
from labelwidgets.store.item_metadata import pictures_of
from labelwidgets.store.records import from_text
from labelwidgets.store.statements import Statement, Values, is_among, several
from labelwidgets.store.tables import items, tasks


def item_of(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return an item with plain values."""
    return {
        "id": row["id"],
        "kind": row["kind"],
        "title": row["title"],
        "folder": row["folder"],
        "urls": from_text(row["urls"]),
        "metadata": from_text(row["metadata"]),
        "status": row["status"],
        "trusted": bool(row["trusted"]),
    }


def task_of(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return a task with plain values, its time as a datetime."""
    task = {**row, "updated_at": to_datetime(row["updated_at"])}
    del task["seq"]
    if task["lease_until"] is not None:
        task["lease_until"] = to_datetime(task["lease_until"])
    return task


def asked_tasks(connection: Connection, ids: Iterable[str]) -> tuple[Statement, Values]:
    """Return what `tasks_of` is made from, to be read with other things in one trip."""
    return _TASKS, {"ids": several(connection, list(ids))}


def tasks_of(rows: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return tasks by id, each with the `kind` and `metadata` of its item and its `pictures_of`."""
    found = {}
    for row in rows:
        task = task_of(row)
        task["metadata"] = from_text(task["metadata"])
        urls = from_text(task.pop("urls"))
        task["pictures"] = pictures_of(task["kind"], task["metadata"], len(urls))
        found[row["id"]] = task
    return found


_TASKS = Statement(
    lambda sqlite: (
        select(tasks, *(items.c[name].label(name) for name in ("kind", "metadata", "urls")))
        .join(items, items.c.id == tasks.c.item_id)
        .where(is_among(tasks.c.id, "ids", sqlite))
    )
)
