"""The event log: its head, appending to it, and what it knows of an edit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import BigInteger, Connection, Row, insert, literal, select

from labelwidgets.schema.ids import new_id
from labelwidgets.store.clock import SERVER_CLOCK, now, to_datetime
from labelwidgets.store.edits import Applied, Outcome, Refused
from labelwidgets.store.history import EDIT_KINDS
from labelwidgets.store.records import Held, from_row, from_text, to_text
from labelwidgets.store.tables import events, labels

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
    found = select(events.c.seq).order_by(events.c.seq.desc()).limit(1)
    return connection.execute(found).scalar() or 0


def take_head(connection: Connection) -> Head:
    """Return the head of the log, which this transaction alone may then move.

    The time never runs backwards along the log, though clocks do.
    """
    # Whoever may write is alone in that, see `engine.writing`: sequence numbers become visible
    # in their order, so that nobody who polls misses any.
    clock = (
        literal(now(connection), BigInteger)
        if connection.dialect.name == "sqlite"
        else SERVER_CLOCK
    )
    found = (
        select(events.c.seq, events.c.time, clock.label("now"))
        .order_by(events.c.seq.desc())
        .limit(1)
    )
    last = connection.execute(found).first()
    return Head(last.seq, max(last.now, last.time)) if last else Head(0, now(connection))


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
    seq = head.seq + 1
    connection.execute(
        insert(events).values(
            seq=seq,
            id=new_id(),
            time=head.moment,
            actor=actor,
            client=client,
            task=task,
            kind=kind,
            payload=to_text(payload),
        )
    )
    return Head(seq, head.moment)


def read_held(connection: Connection, ids: Iterable[str]) -> dict[str, Held]:
    """Return what is held of annotations, deleted ones too, by id."""
    held = {}
    for some in chunks(ids):
        found = select(labels).where(labels.c.id.in_(some))
        for row in connection.execute(found).mappings():
            held[row["id"]] = from_row(row)
    return held


def applied_of(row: Row[Any]) -> Applied:
    """Return the edit that an event records."""
    payload = from_text(row.payload)
    return Applied(
        id=row.id,
        task=row.task,
        annotation=row.annotation,
        revision=payload["revision"],
        kind=row.kind,
        after=payload.get("after"),
        actor=row.actor,
        gesture=row.gesture,
        time=to_datetime(row.time),
        seq=row.seq,
        undoes=row.undoes,
        redoes=row.redoes,
        client=row.client,
    )


def read_known(connection: Connection, ids: Iterable[str]) -> dict[str, Outcome]:
    """Return what became of the edits that the log already has, by id."""
    rows = [
        row
        for some in chunks(ids)
        for row in connection.execute(select(events).where(events.c.id.in_(some)))
    ]
    refused = [row for row in rows if row.kind not in EDIT_KINDS]
    held = read_held(connection, {row.annotation for row in refused if row.annotation})
    known: dict[str, Outcome] = {row.id: applied_of(row) for row in rows if row.kind in EDIT_KINDS}
    for row in refused:
        conflict = row.kind == "conflict"
        now_held = held.get(row.annotation)
        known[row.id] = Refused(
            id=row.id,
            task=row.task or "",
            annotation=row.annotation or "",
            reason="conflict" if conflict else "invalid",
            message=from_text(row.payload)["message"] if conflict else "The id is in use.",
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
    return [applied_of(row) for row in connection.execute(found)]


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
