"""The order of the queue: what a person should do next, and is likely to want after it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    exists,
    not_,
    or_,
    select,
    true,
)

from labelwidgets.store.among import Among, Sight, seen_by
from labelwidgets.store.log import CHUNK
from labelwidgets.store.statements import is_among, several
from labelwidgets.store.tables import PROBES, items, tasks


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
