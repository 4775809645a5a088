"""Which tasks there are, and which items they are about."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, select

from labelwidgets.store.among import Sight, seen_by
from labelwidgets.store.log import chunks
from labelwidgets.store.tables import items, tasks
from labelwidgets.store.task_rows import item_of


def read_task_ids(connection: Connection) -> list[str]:
    """Return the ids of all tasks, in the order of the dataset."""
    return list(connection.execute(select(tasks.c.id).order_by(tasks.c.position)).scalars())


def read_seen(
    connection: Connection, sight: Sight, task_ids: Collection[str] | None = None
) -> set[str]:
    """Return those of these tasks, or of all, that a person may see."""
    query = select(tasks.c.id).where(*seen_by(sight))
    if task_ids is None:
        return set(connection.execute(query).scalars())
    found: set[str] = set()
    for some in chunks(task_ids):
        found |= set(connection.execute(query.where(tasks.c.id.in_(some))).scalars())
    return found


def find_item(connection: Connection, item_id: str) -> dict[str, Any] | None:
    """Return one item, None if there is no such."""
    row = connection.execute(select(items).where(items.c.id == item_id)).mappings().first()
    return None if row is None else item_of(row)


def read_items(connection: Connection) -> list[dict[str, Any]]:
    """Return all items, in their order."""
    rows = connection.execute(select(items).order_by(items.c.position)).mappings()
    return [item_of(row) for row in rows]


def read_tasks_of_items(connection: Connection, item_ids: Collection[str]) -> dict[str, list[str]]:
    """Return the tasks of each item, by item."""
    found: dict[str, list[str]] = {}
    for some in chunks(item_ids):
        query = (
            select(tasks.c.item_id, tasks.c.id)
            .where(tasks.c.item_id.in_(some))
            .order_by(tasks.c.position)
        )
        for item, task in connection.execute(query):
            found.setdefault(item, []).append(task)
    return found


def read_items_of_tasks(connection: Connection, task_ids: Collection[str]) -> set[str]:
    """Return the items that tasks are about."""
    found: set[str] = set()
    for some in chunks(task_ids):
        query = select(tasks.c.item_id).where(tasks.c.id.in_(some))
        found |= set(connection.execute(query).scalars())
    return found


def read_videos_of_tasks(connection: Connection, task_ids: Collection[str]) -> dict[str, str]:
    """Return the videos that tasks are about, by task; tasks about others are not in it."""
    found: dict[str, str] = {}
    for some in chunks(task_ids):
        query = (
            select(tasks.c.id, tasks.c.item_id)
            .join(items, items.c.id == tasks.c.item_id)
            .where(tasks.c.id.in_(some), items.c.kind == "video")
        )
        found |= {row.id: row.item_id for row in connection.execute(query)}
    return found
