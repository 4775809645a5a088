"""Moves that are judged before the line of writers, and made in it only if nothing came between.

On a server the line then waits for no trip to whoever is at its head. What may have come between
is in the log: any event of the tasks that the move was judged by, and any that is of no task.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    String,
    bindparam,
    exists,
    func,
    insert,
    null,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.sql import ClauseElement

from labelwidgets.errors import LabelwidgetsError
from labelwidgets.store.clock import SERVER_CLOCK, to_datetime
from labelwidgets.store.engine import LINE
from labelwidgets.store.leases import LEASE, lease_after, seen_lease
from labelwidgets.store.log import Head, end_of_log
from labelwidgets.store.moves import Decide, Family, Move, made_of, read_annotations, steps
from labelwidgets.store.statements import Statement, Values, is_among, read, several
from labelwidgets.store.tables import events, tasks
from labelwidgets.store.walls import walled


def judged(connection: Connection, family: Family, decide: Decide) -> Move | None:
    """Return the move that is to be proposed; None where it is for the line to decide."""
    task = family.task
    try:
        move = decide(
            {**task, "siblings": family.siblings}, lambda: read_annotations(connection, task["id"])
        )
    except LabelwidgetsError:
        return None
    if move is not None and any(also.joins is not None for also in move.also.values()):
        # Labels go with it.
        return None
    return move


def propose(
    connection: Connection, family: Family, actor: str, move: Move
) -> dict[str, Any] | None:
    """Make a move and end the transaction; return the task as it is then.

    Returns
    -------
    dict or None
        None where something came between, and nothing was done.
    """
    task = family.task
    asked: list[tuple[Statement, Values]] = [(_LINE, {})]
    first = ""
    moved: dict[str, Any] = {}
    leased = False
    first_event, next_event = _BEHIND if walled(connection) else _SEEING
    for one, done in steps(task, family.siblings, move):
        event, changes = made_of(one, actor, done)
        leases = lease_after(one, done.changes, family.head)["lease_until"] is not None
        if not first:
            first, moved, leased = event["id"], changes, leases
            named = several(connection, [task["id"], *(each["id"] for each in family.siblings)])
            asked.append((first_event, {**event, "seen": family.head.seq, "tasks": named}))
        else:
            asked.append((next_event, {**event, "first": first}))
        values = {**changes, "of_id": one["id"], "event": event["id"]}
        asked.append((_moved(tuple(changes), leases), values))
    _, made, *_ = read(connection, *asked, last=True)
    if not made:
        return None
    at = Head(made[0]["seq"] - 1, made[0]["time"])
    lease = lease_after(task, move.changes, at) if leased else {"lease_until": None}
    return {**task, **moved, **seen_lease(lease), "updated_at": to_datetime(at.moment)}


_LINE = Statement(lambda sqlite: text(LINE))
_GIVEN = ("id", "actor", "client", "task", "kind", "payload")


def _event(condition: Callable[[bool], ColumnElement[bool]], end: Select[Any]) -> Statement:
    """Return the statement that appends an event if a condition holds, and returns its place."""

    def make(sqlite: bool) -> ClauseElement:
        last = end.subquery()
        given = [bindparam(name, type_=events.c[name].type) for name in _GIVEN]
        moment = func.greatest(last.c.time, SERVER_CLOCK)
        found: Select[Any] = select(last.c.seq + 1, moment, *given).where(condition(sqlite))
        made = insert(events).from_select(["seq", "time", *_GIVEN], found)
        return made.returning(events.c.seq, events.c.time)

    return Statement(make)


def _nothing_new(sqlite: bool) -> ColumnElement[bool]:
    newer = events.alias("newer")
    about = or_(newer.c.task.is_(None), is_among(newer.c.task, "tasks", sqlite))
    return ~exists(select(newer.c.seq).where(newer.c.seq > bindparam("seen"), about))


def _nothing_new_behind(sqlite: bool) -> ColumnElement[bool]:
    """Return the same for who does not see all events."""
    named = bindparam("tasks", type_=ARRAY(String))
    found: ColumnElement[bool] = func.lw_nothing_new(bindparam("seen", type_=BigInteger), named)
    return found


def _first_is_there(sqlite: bool) -> ColumnElement[bool]:
    other = events.alias("other")
    return exists(select(other.c.seq).where(other.c.id == bindparam("first")))


_LAST = select(events.c.seq, events.c.time).order_by(events.c.seq.desc()).limit(1)
_SEEING = _event(_nothing_new, _LAST), _event(_first_is_there, _LAST)
_BEHIND = _event(_nothing_new_behind, end_of_log()), _event(_first_is_there, end_of_log())


@lru_cache
def _moved(names: tuple[str, ...], leases: bool) -> Statement:
    """Return the statement that changes columns of the task `of_id` if its event is there."""
    values: Mapping[str, Any] = {
        **{name: bindparam(name, type_=tasks.c[name].type) for name in names},
        "updated_at": events.c.time,
        "lease_until": events.c.time + LEASE if leases else null(),
        **({"lease_seq": events.c.seq} if leases else {}),
    }
    there = (tasks.c.id == bindparam("of_id")) & (events.c.id == bindparam("event"))
    return Statement(lambda sqlite: update(tasks).where(there).values(values))
