"""Events about the project as a whole: how it is split for training, and what was trained on it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from labelwidgets.store import log
from labelwidgets.store.clock import to_datetime
from labelwidgets.store.records import from_text
from labelwidgets.store.tables import events

SPLIT, TRAINED = "split", "trained"


class Note(NamedTuple):
    """One of these events."""

    seq: int
    time: datetime
    actor: str
    payload: dict[str, Any]


def put_note(connection: Connection, kind: str, actor: str, payload: Mapping[str, Any]) -> None:
    """Add an event of a kind that is about no task."""
    log.append(connection, log.take_head(connection), kind, actor, payload)


def read_notes(connection: Connection, kind: str, until: int | None = None) -> list[Note]:
    """Return the events of a kind, in their order, up to a moment in microseconds."""
    found = (
        select(events.c.seq, events.c.time, events.c.actor, events.c.payload)
        .where(events.c.kind == kind, events.c.task.is_(None))
        .order_by(events.c.seq)
    )
    if until is not None:
        found = found.where(events.c.time <= until)
    return [
        Note(row.seq, to_datetime(row.time), row.actor, from_text(row.payload))
        for row in connection.execute(found)
    ]
