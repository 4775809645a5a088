"""Leases: a task that somebody works on is theirs for a while, as long as they show a sign of life.

The clock that counts is the database's (`clock.now`), so that nobody gains by a wrong one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    String,
    bindparam,
    func,
    select,
    update,
)

from labelwidgets.store.clock import SERVER_CLOCK, clock_of, now, to_datetime
from labelwidgets.store.log import Head
from labelwidgets.store.statements import Statement, Values, is_among, several
from labelwidgets.store.tables import tasks
from labelwidgets.store.walls import walled

# Microseconds that a task is somebody's without a sign of life.
LEASE = 10 * 60 * 1_000_000
# The states of a task that somebody works on.
HELD = ("in_progress", "in_review")


def lease_after(task: Mapping[str, Any], changes: Mapping[str, Any], head: Head) -> dict[str, Any]:
    """Return the columns of the lease of a task after a move, which is the next event.

    The number of the claim stays when the lease ends: of two claims, the later one has the higher.
    """
    after = {**task, **changes}
    if after["state"] in HELD and after["assignee"] is not None:
        return {"lease_until": head.moment + LEASE, "lease_seq": head.seq + 1}
    return {"lease_until": None}


def seen_lease(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of a lease with its end as a datetime, as tasks are read."""
    until = columns["lease_until"]
    return {**columns, "lease_until": None if until is None else to_datetime(until)}


def asked_expired(
    connection: Connection, actor: str, active: Sequence[str]
) -> tuple[Statement, Values]:
    """Ask for the tasks of others whose lease has ended, and who may have left them."""
    if walled(connection):
        return _EXPIRED_BEHIND, {"active": several(connection, active)}
    moment = now(connection) if connection.dialect.name == "sqlite" else 0
    return _EXPIRED, {"actor": actor, "active": several(connection, active), "now": moment}


def _expired(sqlite: bool) -> Select[Any]:
    clock: ColumnElement[int] = bindparam("now", type_=BigInteger) if sqlite else SERVER_CLOCK
    return (
        select(tasks.c.id)
        .where(
            is_among(tasks.c.state, "active", sqlite),
            tasks.c.lease_until < clock,
            tasks.c.assignee.is_not(None),
            tasks.c.assignee != bindparam("actor"),
        )
        .order_by(tasks.c.position)
        .limit(100)
    )


_EXPIRED = Statement(_expired)
_EXPIRED_BEHIND = Statement(
    lambda sqlite: select(func.lw_expired(bindparam("active", type_=ARRAY(String))).label("id"))
)


def renew(connection: Connection, task_id: str, actor: str, lease_seq: int | None) -> bool:
    """Prolong a lease, whether or not it has ended; say whether the task is still this person's.

    Parameters
    ----------
    lease_seq
        The claim that the lease is of; None for whichever the person has.
    """
    mine = (tasks.c.id == task_id) & (tasks.c.assignee == actor) & tasks.c.lease_until.is_not(None)
    if lease_seq is not None:
        mine &= tasks.c.lease_seq == lease_seq
    until = clock_of(connection) + LEASE
    return bool(connection.execute(update(tasks).where(mine).values(lease_until=until)).rowcount)
