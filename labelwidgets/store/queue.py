"""Tasks: rows, the order of the queue, and pages for a navigator."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    exists,
    func,
    not_,
    or_,
    select,
    true,
)

from labelwidgets.store.among import Among, Sight, seen_by
from labelwidgets.store.clock import to_datetime
from labelwidgets.store.log import CHUNK, chunks
from labelwidgets.store.records import from_text
from labelwidgets.store.statements import Statement, Values, is_among, several
from labelwidgets.store.tables import PROBES, items, labels, tasks

# Kinds of items with slices, however many their files.
_SCANS = ("dicom_series", "volume")


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


def size_of(metadata: Mapping[str, Any], frame: int | None = None) -> tuple[int, int] | None:
    """Return (width, height) in pixels of an item, None where its metadata lacks them.

    Parameters
    ----------
    metadata
        Of the item.
    frame
        Which picture of a group, from 0.
    """
    frames = metadata.get("frames")
    if isinstance(frames, list) and "width" not in metadata:
        one = frames[frame] if frame is not None and 0 <= frame < len(frames) else None
        return size_of(one) if isinstance(one, Mapping) and "frames" not in one else None
    size = metadata.get("width"), metadata.get("height")
    whole = all(isinstance(n, int) and not isinstance(n, bool) and n > 0 for n in size)
    return (int(size[0] or 0), int(size[1] or 0)) if whole else None


def pictures_of(kind: str, metadata: Mapping[str, Any], files: int) -> int | None:
    """Return how many pictures an item has, on each of which shapes lie.

    Of a scan these are its slices, of a video its frames, which its metadata tell, as one file
    may hold many of them and some files none; None where they do not.

    Parameters
    ----------
    kind, metadata
        Of the item.
    files
        How many it has.
    """
    if kind != "video" and kind not in _SCANS:
        return files
    # What a manifest computed of rate and duration is no count (``frame_count``).
    slices = metadata.get("frames" if kind == "video" else "slices")
    whole = isinstance(slices, int) and not isinstance(slices, bool) and slices > 0
    return slices if whole else None


def spacing_of(metadata: Mapping[str, Any]) -> tuple[float, float] | None:
    """Return millimetres a pixel along x and y, None where the metadata of an item lacks them.

    Its ``spacing`` is one number, or both.
    """
    value = metadata.get("spacing")
    pair = value if isinstance(value, list | tuple) else [value, value]
    sound = len(pair) == 2 and all(
        isinstance(n, int | float) and not isinstance(n, bool) and math.isfinite(n) and n > 0
        for n in pair
    )
    return (float(pair[0] or 0), float(pair[1] or 0)) if sound else None


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


class Way(NamedTuple):
    """One of the ways to the next task: a query of ids and items, and whether of free tasks."""

    query: Select[Any]
    is_free: bool


def ways(
    actor: str,
    active: Sequence[str],
    waiting: Sequence[str],
    among: Among,
    restricted: tuple[bool, bool],
    *,
    sqlite: bool,
) -> list[Way]:
    """Return the ways to the task that a person should do next, the first ones first.

    What was given back to the person; else the task in one of the `active` states that is
    assigned to the person and was touched last; else the first in one of the `waiting` states
    whose item can be read, those assigned to the person before those that are nobody's, by
    falling priority and then by position. A probe of the person comes up in its place among them.

    Parameters
    ----------
    among
        Which tasks are in the queue at all.
    restricted
        Whether only some tasks count, parameter `within`, and some do not, parameter `but`.
    """
    only = is_among(tasks.c.id, "within", sqlite) if restricted[0] else true()
    others = not_(is_among(tasks.c.id, "but", sqlite)) if restricted[1] else true()
    found = select(tasks.c.id, tasks.c.item_id).where(only, others, *among.conditions(actor))
    own = tasks.c.assignee == actor
    waits = (
        found.join(items, items.c.id == tasks.c.item_id)
        .where(items.c.status != "failed")
        .order_by(tasks.c.priority.desc(), tasks.c.position)
    )
    # What was begun is sought at once: first what was given back, then what was touched last.
    is_back = tasks.c.state.in_(waiting) & (tasks.c.rounds > 0)
    is_active = tasks.c.state.in_(active)
    begun = (
        found.join(items, items.c.id == tasks.c.item_id)
        .where(own, or_(is_active, and_(is_back, items.c.status != "failed")))
        .order_by(
            case((is_active, 1), else_=0),
            case((is_active, tasks.c.updated_at)).desc(),
            case((is_active, 0), else_=tasks.c.priority).desc(),
            tasks.c.position,
        )
    )
    made = [Way(begun, False)]
    for state in waiting:
        queued = waits.where(tasks.c.state == state)
        # What is one person's is little: it is sought by whose it is, and then put in order.
        ranked = queued.order_by(None).order_by((tasks.c.priority + 0).desc(), tasks.c.position)
        mine = ranked.where(own, tasks.c.copy < PROBES)
        free = queued.where(among.free())
        if not among.judging:
            made.append(
                Way(_due(actor, state, among, restricted, mine, free, sqlite=sqlite), False)
            )
        made += [Way(mine, False), Way(free, True)]
    return made


def _due(
    actor: str,
    state: str,
    among: Among,
    restricted: tuple[bool, bool],
    mine: Select[Any],
    free: Select[Any],
    *,
    sqlite: bool,
) -> Select[Any]:
    """Return the probes of a person that nothing else comes before: their own work, else free."""
    own = tasks.alias("own")
    rank = own.c.priority + 0
    first = select(own.c.id, own.c.item_id, rank.label("priority"), own.c.position).where(
        own.c.assignee == actor, own.c.state == state, own.c.copy >= PROBES
    )
    if restricted[0]:
        first = first.where(is_among(own.c.id, "within", sqlite))
    if restricted[1]:
        first = first.where(not_(is_among(own.c.id, "but", sqlite)))
    if among.stages is not None:
        first = first.where(own.c.stage.in_(list(among.stages)))
    # If the first one is not due, none is.
    due = first.order_by(rank.desc(), own.c.position).limit(1).subquery("due")

    def before(priority: ColumnElement[int]) -> ColumnElement[bool]:
        return or_(
            priority > due.c.priority,
            and_(priority == due.c.priority, tasks.c.position < due.c.position),
        )

    def there(work: Select[Any], *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
        return exists(work.order_by(None).where(*conditions).correlate(due))

    return select(due.c.id, due.c.item_id).where(
        ~there(mine, before(tasks.c.priority + 0)),
        or_(there(mine), ~there(free, before(tasks.c.priority))),
    )


def find_next(
    connection: Connection,
    actor: str,
    active: Sequence[str],
    waiting: Sequence[str],
    within: Collection[str] | None,
    but: Collection[str] = (),
    among: Among | None = None,
) -> str | None:
    """Return the task that a person should do next, None if there is none; see `ways`.

    Parameters
    ----------
    within
        Only these tasks.
    but
        None of these.
    """
    restricted = (within is not None, bool(but))
    given = {"within": several(connection, within or ()), "but": several(connection, but)}
    values = {name: given[name] for name, used in zip(given, restricted, strict=True) if used}
    sqlite = connection.dialect.name == "sqlite"
    for way in ways(actor, active, waiting, among or Among(), restricted, sqlite=sqlite):
        found = connection.execute(way.query.limit(1), values).first()
        if found is not None:
            return str(found.id)
    return None


def find_upcoming(
    connection: Connection,
    actor: str,
    active: Sequence[str],
    waiting: Sequence[str],
    within: Collection[str] | None,
    task: str,
    limit: int,
    among: Among | None = None,
    sight: Sight | None = None,
) -> list[str]:
    """Return the items that a person is likely to want after those of a task.

    Those of the tasks that `find_next` would give one after the other, and after the first of
    them the neighbours in the order of the dataset. Nothing is claimed: somebody else may get them.

    Parameters
    ----------
    limit
        How many at most.
    """
    found: list[str] = []
    joined = select(tasks.c.item_id, tasks.c.id).join(items, items.c.id == tasks.c.item_id)
    readable = joined.where(items.c.status != "failed", tasks.c.id != task)
    here = select(tasks.c.position).where(tasks.c.id == task).scalar_subquery()
    among = among or Among()
    queued = readable.where(*among.conditions(actor))
    own, by_rank = tasks.c.assignee == actor, (tasks.c.priority.desc(), tasks.c.position)
    mine = queued.where(own, tasks.c.state.in_(active)).order_by(
        tasks.c.updated_at.desc(), tasks.c.position
    )
    waits = queued.where(tasks.c.state.in_(waiting)).order_by(*by_rank)
    back = waits.where(own, tasks.c.rounds > 0)
    ordinary = waits.where(own, tasks.c.copy < PROBES)
    for query in (back, mine, ordinary, waits.where(among.free())):
        few = query
        if within is not None and len(within) <= CHUNK:
            few = query.where(tasks.c.id.in_(within)).limit(limit)
        elif within is None:
            few = query.limit(limit)
        for item, each in connection.execute(few):
            if len(found) < limit and (within is None or each in within):
                found.append(item)
    seen = readable.where(*seen_by(sight))
    after = seen.where(tasks.c.position > here).order_by(tasks.c.position)
    before = seen.where(tasks.c.position < here).order_by(tasks.c.position.desc())
    beside = [
        item
        for query in (after, before)
        for item, each in connection.execute(query.limit(1))
        if within is None or each in within
    ]
    return list(dict.fromkeys([*found[:1], *beside, *found[1:]]))[:limit]


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
