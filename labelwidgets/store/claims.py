"""The next task of a person, with all that tells whether it can be theirs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, func, select

from labelwidgets.store.among import Among
from labelwidgets.store.leases import asked_expired
from labelwidgets.store.location import APPLICATION_ID
from labelwidgets.store.log import asked_head, head_of
from labelwidgets.store.moves import Family, family_of, find_family
from labelwidgets.store.queue import ways
from labelwidgets.store.statements import Statement, Values, read, several
from labelwidgets.store.tables import tasks
from labelwidgets.store.walls import walled

# Tasks at the front of the queue, of which others may be about to take some.
_FRONT = 64


class Wanted(NamedTuple):
    """Who wants a task, and of which; see `queue.ways`."""

    actor: str
    active: Sequence[str]
    waiting: Sequence[str]
    within: Collection[str] | None
    but: Collection[str]
    among: Among


class Next(NamedTuple):
    """What there is: a task, None for none, and whether others have left theirs for too long."""

    family: Family | None
    expired: list[str]


def look(connection: Connection, wanted: Wanted, *, before_line: bool = False) -> Next:
    """Return the next task, read in one trip to the database.

    Parameters
    ----------
    before_line
        Whether others may look at the same moment: then what one of them is about to take is
        passed over, until this transaction ends. Only on a server.
    """
    actor, active, _, within, but, _ = wanted
    values: Values = {
        "within": several(connection, within or ()),
        "but": several(connection, but),
    }
    statements = statements_of(wanted, before_line=before_line)
    (head,), expired, *found = read(
        connection,
        asked_head(connection),
        asked_expired(connection, actor, active),
        *((statement, values) for statement in statements),
    )
    rows = next((some for some in found if some), [])
    # Each row says which of them was found.
    named = [row.pop("found") for row in rows]
    if rows and walled(connection):
        # The siblings that this person does not see count all the same.
        family: Family | None = find_family(connection, named[0])
    else:
        family = family_of(head_of(head), rows, named[0]) if rows else None
    return Next(family, [row["id"] for row in expired])


def statements_of(wanted: Wanted, *, before_line: bool = False) -> list[Statement]:
    """Return the statements by which a task is looked for, made once a person and queue."""
    actor, active, waiting, within, but, among = wanted
    stages = None if among.stages is None else tuple(among.stages)
    queue = among._replace(stages=stages, groups=tuple(among.groups))
    restricted = (within is not None, bool(but))
    return _statements(actor, tuple(active), tuple(waiting), queue, restricted, before_line)


@lru_cache(maxsize=256)
def _statements(
    actor: str,
    active: tuple[str, ...],
    waiting: tuple[str, ...],
    among: Among,
    restricted: tuple[bool, bool],
    before_line: bool,
) -> list[Statement]:
    """Return the statements of the ways to a task, the first ones first."""
    count = len(ways(actor, active, waiting, among, restricted, sqlite=False))

    def statement(number: int) -> Statement:
        def make(sqlite: bool) -> Select[Any]:
            way = ways(actor, active, waiting, among, restricted, sqlite=sqlite)[number]
            return _family(way.query, way.is_free and before_line)

        return Statement(make, common=False)

    return [statement(number) for number in range(count)]


def _family(query: Select[Any], passes_over: bool) -> Select[Any]:
    """Return a task that a query finds first, with all tasks of its item."""
    if passes_over:
        # Nobody waits for these locks, and they are gone with the transaction.
        front = query.limit(_FRONT).subquery("front")
        mine = func.pg_try_advisory_xact_lock(APPLICATION_ID, func.hashtext(front.c.id))
        first = select(front.c.id, front.c.item_id).where(mine).limit(1)
    else:
        first = query.limit(1)
    found = first.cte("found")
    return (
        select(tasks, found.c.id.label("found"))
        .join(found, found.c.item_id == tasks.c.item_id)
        .order_by(tasks.c.position)
    )
