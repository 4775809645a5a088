"""The event log: its head, appending to it, and what it knows of an edit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    bindparam,
    func,
    insert,
    literal,
    select,
)

from labelwidgets.schema.ids import new_id
from labelwidgets.store.clock import SERVER_CLOCK, now, to_datetime
from labelwidgets.store.edits import Applied, Outcome, Refused
from labelwidgets.store.history import EDIT_KINDS
from labelwidgets.store.records import Held, from_row, from_text, to_text
from labelwidgets.store.statements import Statement, Values, is_among, read, several, write
from labelwidgets.store.tables import events, labels
from labelwidgets.store.walls import walled

# Parameters in one statement: SQLite takes 32,766 and was slower with thousands than with hundreds.
CHUNK = 500

T = TypeVar("T")


def chunks(values: Iterable[T]) -> Iterator[Sequence[T]]:
    """Cut values into pieces that fit into one statement."""
    every = list(values)
    for start in range(0, len(every), CHUNK):
        yield every[start : start + CHUNK]


class Head(NamedTuple):
    """Where the log ends: its last sequence number, and the time of what comes next."""

    seq: int
    moment: int


def last_seq(connection: Connection) -> int:
    """Return the last sequence number of the log, 0 if it is empty."""
    if walled(connection):
        return int(connection.execute(end_of_log()).scalar_one())
    found = select(events.c.seq).order_by(events.c.seq.desc()).limit(1)
    return connection.execute(found).scalar() or 0


def take_head(connection: Connection) -> Head:
    """Return the head of the log, which this transaction alone may then move.

    The time never runs backwards along the log, though clocks do.
    """
    # Whoever may write is alone in that, see `engine.writing`: sequence numbers become visible
    # in their order, so that nobody who polls misses any.
    ((row,),) = read(connection, asked_head(connection))
    return head_of(row)


def asked_head(connection: Connection) -> tuple[Statement, Values]:
    """Return what `head_of` is made from, to be read with other things in one trip."""
    if walled(connection):
        return _HEAD_BEHIND, {}
    return _HEAD, {"now": now(connection) if connection.dialect.name == "sqlite" else 0}


def head_of(row: Mapping[str, Any]) -> Head:
    """Return the head of the log from the one row that `asked_head` gives."""
    return Head(row["seq"] or 0, max(row["now"], row["time"] or 0))


def _head(sqlite: bool) -> Select[Any]:
    last = select(events.c.seq, events.c.time).order_by(events.c.seq.desc()).limit(1).subquery()
    clock: ColumnElement[int] = bindparam("now", type_=BigInteger) if sqlite else SERVER_CLOCK
    one = select(clock.label("now")).subquery()
    return select(last.c.seq, last.c.time, one.c.now).select_from(
        one.outerjoin(last, literal(True))
    )


def end_of_log() -> Select[Any]:
    """Return where the log ends, `seq` and `time`, also for who does not see its last event."""
    end = func.lw_head().table_valued("seq", "time")
    return select(end.c.seq, end.c.time)


_HEAD = Statement(_head)
_HEAD_BEHIND = Statement(lambda sqlite: end_of_log().add_columns(SERVER_CLOCK.label("now")))


def append(
    connection: Connection,
    head: Head,
    kind: str,
    actor: str,
    payload: Mapping[str, Any],
    *,
    task: str | None = None,
    client: str | None = None,
) -> Head:
    """Append an event that is not an edit, and return the new head."""
    event = event_of(kind, actor, payload, task=task, client=client)
    write(connection, (EVENT, [{**event, "seq": head.seq + 1, "time": head.moment}]))
    return Head(head.seq + 1, head.moment)


def event_of(
    kind: str,
    actor: str,
    payload: Mapping[str, Any],
    *,
    task: str | None = None,
    client: str | None = None,
) -> dict[str, Any]:
    """Return an event that is no edit, without its place and its time."""
    return {
        "id": new_id(),
        "actor": actor,
        "client": client,
        "task": task,
        "kind": kind,
        "payload": to_text(payload),
    }


_NAMES = ("seq", "id", "time", "actor", "client", "task", "kind", "payload")
EVENT = Statement(lambda sqlite: insert(events).values({name: bindparam(name) for name in _NAMES}))


def read_held(connection: Connection, ids: Iterable[str]) -> dict[str, Held]:
    """Return what is held of annotations, deleted ones too, by id."""
    (rows,) = read(connection, asked_held(connection, ids))
    return held_of(rows)


def asked_held(connection: Connection, ids: Iterable[str]) -> tuple[Statement, Values]:
    """Return what `held_of` is made from, to be read with other things in one trip."""
    return _LABELS, {"ids": several(connection, list(ids))}


def held_of(rows: Iterable[Mapping[str, Any]]) -> dict[str, Held]:
    """Return what rows of the table `annotations` hold, by id."""
    return {row["id"]: from_row(row) for row in rows}


_LABELS = Statement(lambda sqlite: select(labels).where(is_among(labels.c.id, "ids", sqlite)))
_EVENTS = Statement(lambda sqlite: select(events).where(is_among(events.c.id, "ids", sqlite)))


def applied_of(row: Mapping[Any, Any]) -> Applied:
    """Return the edit that an event records."""
    payload = from_text(row["payload"])
    return Applied(
        id=row["id"],
        task=row["task"],
        annotation=row["annotation"],
        revision=payload["revision"],
        kind=row["kind"],
        after=payload.get("after"),
        actor=row["actor"],
        gesture=row["gesture"],
        time=to_datetime(row["time"]),
        seq=row["seq"],
        undoes=row["undoes"],
        redoes=row["redoes"],
        client=row["client"],
    )


def read_known(connection: Connection, ids: Iterable[str]) -> dict[str, Outcome]:
    """Return what became of the edits that the log already has, by id."""
    (rows,) = read(connection, asked_known(connection, ids))
    return known_of(connection, rows)


def asked_known(connection: Connection, ids: Iterable[str]) -> tuple[Statement, Values]:
    """Return what `known_of` is made from, to be read with other things in one trip."""
    return _EVENTS, {"ids": several(connection, list(ids))}


def known_of(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> dict[str, Outcome]:
    """Return what became of the edits that events record, by id."""
    known: dict[str, Outcome] = {}
    refused = []
    for row in rows:
        if row["kind"] in EDIT_KINDS:
            known[row["id"]] = applied_of(row)
        else:
            refused.append(row)
    named = {row["annotation"] for row in refused if row["annotation"]}
    held = read_held(connection, named) if named else {}
    for row in refused:
        conflict = row["kind"] == "conflict"
        now_held = held.get(row["annotation"])
        known[row["id"]] = Refused(
            id=row["id"],
            task=row["task"] or "",
            annotation=row["annotation"] or "",
            reason="conflict" if conflict else "invalid",
            message=from_text(row["payload"])["message"] if conflict else "The id is in use.",
            error="ConflictError" if conflict else "SchemaError",
            current=now_held.record if now_held else None,
            revision=now_held.annotation.revision if now_held else 0,
        )
    return known


def read_since(connection: Connection, after: int) -> list[Applied]:
    """Return the edits that were applied after a sequence number, in their order."""
    found = (
        select(events)
        .where(events.c.seq > after, events.c.kind.in_(EDIT_KINDS))
        .order_by(events.c.seq)
    )
    return [applied_of(row) for row in connection.execute(found).mappings()]


def read_log(connection: Connection, until: int | None = None) -> list[Mapping[str, Any]]:
    """Return the rows of the log, in their order, up to a moment."""
    found = select(events).order_by(events.c.seq)
    if until is not None:
        found = found.where(events.c.time <= until)
    return [dict(row) for row in connection.execute(found).mappings()]


def read_moves(
    connection: Connection, kinds: Sequence[str] | None, task: str | None
) -> list[dict[str, Any]]:
    """Return the moves of tasks, in their order; see `Store.read_moves`."""
    columns = [events.c[name] for name in ("seq", "time", "actor", "task", "kind", "payload")]
    found = select(*columns).where(events.c.task.is_not(None)).order_by(events.c.seq)
    if task is not None:
        found = found.where(events.c.task == task)
    if kinds is None:
        found = found.where(events.c.kind.not_in([*EDIT_KINDS, "conflict"]))
    else:
        found = found.where(events.c.kind.in_(list(kinds)))
    return [
        {**row, "time": to_datetime(row["time"]), "payload": from_text(row["payload"])}
        for row in connection.execute(found).mappings()
    ]
