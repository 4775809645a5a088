"""Which tasks hold golden answers, and who is compared with them, as conditions for the database.

A golden answer is in force as long as its answers about the image as a whole are there, which it
always has, be they none: to set, replace and remove it are edits like any other, and undone alike.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Select, and_, exists, select

from labelwidgets.store import log
from labelwidgets.store.tables import IMAGE_SUFFIX, PROBES, labels, tasks


def in_force(of: FromClause = tasks) -> ColumnElement[bool]:
    """Return what a row of `tasks` satisfies that is a golden answer, and not withdrawn."""
    mark = labels.c.id == of.c.id + IMAGE_SUFFIX
    alive = exists(select(labels.c.id).where(mark, labels.c.deleted.is_(False)))
    return and_(of.c.copy < 0, alive)


def is_golden() -> ColumnElement[bool]:
    """Return whether the item of a task has a golden answer."""
    gold = tasks.alias("gold")
    return exists(select(gold.c.id).where(gold.c.item_id == tasks.c.item_id, in_force(gold)))


def is_probed(actor: str) -> ColumnElement[bool]:
    """Return whether a person has a probe on the item of a task."""
    probe = tasks.alias("probe")
    return exists(
        select(probe.c.id).where(
            probe.c.item_id == tasks.c.item_id,
            probe.c.copy >= PROBES,
            (probe.c.assignee == actor) | (probe.c.maker == actor),
        )
    )


def read_golden(connection: Connection, item_ids: Iterable[str] | None = None) -> dict[str, str]:
    """Return the tasks with golden answers that are in force, by item."""
    found = select(tasks.c.item_id, tasks.c.id).where(in_force()).order_by(tasks.c.position)
    return by_item(connection, found, item_ids)


def by_item(
    connection: Connection, found: Select[Any], item_ids: Iterable[str] | None
) -> dict[str, str]:
    """Return the ids of a query for tasks by their item, of some items or of all."""
    if item_ids is None:
        return {row.item_id: row.id for row in connection.execute(found)}
    return {
        row.item_id: row.id
        for some in log.chunks(item_ids)
        for row in connection.execute(found.where(tasks.c.item_id.in_(some)))
    }
