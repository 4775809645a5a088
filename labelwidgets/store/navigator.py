"""Tasks in the order of the dataset: pages of them, their folders and neighbours."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from labelwidgets.store.among import Sight, seen_by
from labelwidgets.store.log import CHUNK, chunks
from labelwidgets.store.tables import items, labels, tasks
from labelwidgets.store.task_rows import task_of


def _restrict(
    folder: str | None, within: Collection[str] | None, sight: Sight | None
) -> tuple[list[ColumnElement[bool]], Collection[str] | None]:
    """Return conditions, and the ids that are left to be sorted out here."""
    conditions: list[ColumnElement[bool]] = seen_by(sight)
    if folder is not None:
        conditions.append(items.c.folder == folder)
    if within is not None and len(within) <= CHUNK:
        conditions.append(tasks.c.id.in_(within))
        return conditions, None
    return conditions, within


def read_page(
    connection: Connection,
    folder: str | None,
    within: Collection[str] | None,
    offset: int,
    limit: int,
    sight: Sight | None = None,
) -> tuple[list[dict[str, Any]], int]:
    """Return one page of tasks in the order of the dataset, and how many there are in all."""
    conditions, rest = _restrict(folder, within, sight)
    ids = (
        select(tasks.c.id)
        .join(items, items.c.id == tasks.c.item_id)
        .where(*conditions)
        .order_by(tasks.c.position)
    )
    if rest is None:
        total = connection.execute(select(func.count()).select_from(ids.subquery())).scalar_one()
        page = list(connection.execute(ids.offset(offset).limit(limit)).scalars())
    else:
        every = [found for found in connection.execute(ids).scalars() if found in rest]
        total, page = len(every), every[offset : offset + limit]
    return read_rows(connection, page), total


def read_rows(connection: Connection, ids: Sequence[str]) -> list[dict[str, Any]]:
    """Return tasks for a navigator, in the order of `ids`, each with `n_annotations`."""
    found = {}
    for some in chunks(ids):
        query = (
            select(
                tasks,
                items.c.kind,
                items.c.folder,
                items.c.status,
                items.c.error,
                func.count(labels.c.id).label("n"),
            )
            .join(items, items.c.id == tasks.c.item_id)
            .outerjoin(
                labels,
                (labels.c.task_id == tasks.c.id) & labels.c.deleted.is_(False),
            )
            .where(tasks.c.id.in_(some))
            .group_by(*tasks.c, items.c.kind, items.c.folder, items.c.status, items.c.error)
        )
        for row in connection.execute(query):
            task = task_of(row._mapping)
            task["n_annotations"] = task.pop("n")
            found[row.id] = task
    return [found[task] for task in ids]


def read_folders(
    connection: Connection, within: Collection[str] | None, sight: Sight | None = None
) -> list[dict[str, Any]]:
    """Return the folders in their order, each with how many tasks are in which state."""
    conditions, rest = _restrict(None, within, sight)
    joined = tasks.join(items, items.c.id == tasks.c.item_id)
    folders: dict[str, dict[str, int]] = {}
    if rest is None:
        query = (
            select(items.c.folder, tasks.c.state, func.count())
            .select_from(joined)
            .where(*conditions)
            .group_by(items.c.folder, tasks.c.state)
            .order_by(func.min(tasks.c.position))
        )
        for folder, state, count in connection.execute(query):
            folders.setdefault(folder, {})[state] = count
    else:
        every = (
            select(tasks.c.id, items.c.folder, tasks.c.state)
            .select_from(joined)
            .where(*conditions)
            .order_by(tasks.c.position)
        )
        for task, folder, state in connection.execute(every):
            if task in rest:
                states = folders.setdefault(folder, {})
                states[state] = states.get(state, 0) + 1
    return [
        {"folder": folder, "total": sum(states.values()), "states": states}
        for folder, states in folders.items()
    ]


def find_index(
    connection: Connection,
    task: str,
    folder: str | None,
    within: Collection[str] | None,
    sight: Sight | None = None,
) -> tuple[int | None, int]:
    """Return the index of a task among those of `read_page`, and how many there are in all."""
    conditions, rest = _restrict(folder, within, sight)
    joined = tasks if folder is None else tasks.join(items, items.c.id == tasks.c.item_id)
    if rest is None:
        # Counted by the database: this is asked whenever a task is opened.
        here = select(tasks.c.position).where(tasks.c.id == task).scalar_subquery()
        query = select(
            func.count(),
            func.count().filter(tasks.c.position < here),
            func.count().filter(tasks.c.id == task),
        ).select_from(joined)
        total, before, there = connection.execute(query.where(*conditions)).one()
        return (before if there else None), total
    ids = select(tasks.c.id).select_from(joined).where(*conditions).order_by(tasks.c.position)
    every = [found for found in connection.execute(ids).scalars() if found in rest]
    return (every.index(task) if task in every else None), len(every)


def find_neighbour(
    connection: Connection,
    task: str,
    step: int,
    within: Collection[str] | None,
    sight: Sight | None = None,
) -> str | None:
    """Return the task `step` places on in the order of the dataset, None beyond the ends."""
    here = select(tasks.c.position).where(tasks.c.id == task).scalar_subquery()
    query = select(tasks.c.id).where(*seen_by(sight))
    if step > 0:
        query = query.where(tasks.c.position > here).order_by(tasks.c.position)
    else:
        query = query.where(tasks.c.position < here).order_by(tasks.c.position.desc())
    if within is None or len(within) <= CHUNK:
        if within is not None:
            query = query.where(tasks.c.id.in_(within))
        ahead: str | None = connection.execute(query.offset(abs(step) - 1).limit(1)).scalar()
        return ahead
    left = abs(step)
    for found in connection.execute(query).scalars():
        left -= found in within
        if left == 0:
            return str(found)
    return None
