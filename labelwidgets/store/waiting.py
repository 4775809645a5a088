"""How much a person has to do."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, and_, func, or_, select

from labelwidgets.store.among import Among
from labelwidgets.store.log import CHUNK
from labelwidgets.store.tables import items, tasks


def count_waiting(
    connection: Connection,
    actor: str,
    active: Sequence[str],
    waiting: Sequence[str],
    within: Collection[str] | None,
    limit: int,
    among: Among | None = None,
) -> int:
    """Return how many tasks `find_next` would give a person one after the other; none is claimed.

    Parameters
    ----------
    limit
        Counted no further: a person need not know how many thousands there are.
    """
    among = among or Among()
    own = tasks.c.assignee == actor
    readable = and_(tasks.c.state.in_(waiting), items.c.status != "failed")
    mine = and_(own, tasks.c.state.in_(active))
    query = (
        select(tasks.c.id, tasks.c.item_id)
        .join(items, items.c.id == tasks.c.item_id)
        .where(or_(mine, and_(readable, or_(own, among.free()))), *among.conditions(actor))
    )
    if within is not None and len(within) > CHUNK:
        found = connection.execute(query)
        return min(limit, len({item for name, item in found if name in within}))
    if within is not None:
        query = query.where(tasks.c.id.in_(within))
    # Of an item that several people label, a person gets one task, though more of them wait.
    some = query.with_only_columns(tasks.c.item_id).distinct().limit(limit).subquery()
    return int(connection.execute(select(func.count()).select_from(some)).scalar_one())
