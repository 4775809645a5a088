"""Verdicts, and what a maker handed in, as the log has them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, or_, select

from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.verdict import Opinion, Verdict
from labelwidgets.store.clock import to_datetime
from labelwidgets.store.moves import find_task, read_annotations
from labelwidgets.store.past import replay_annotations
from labelwidgets.store.records import from_text
from labelwidgets.store.tables import PROBES, events, tasks

_VERDICTS = ("accept", "reject")


def read_verdicts(connection: Connection, task_id: str) -> list[Verdict]:
    """Return the verdicts on a task, the first one first."""
    found = (
        select(events)
        .where(events.c.task == task_id, events.c.kind.in_(_VERDICTS))
        .order_by(events.c.seq)
    )
    return [_verdict(row) for row in connection.execute(found).mappings()]


def _verdict(row: Any) -> Verdict:
    note = from_text(row["payload"])
    return Verdict(
        kind=row["kind"],
        reviewer=row["actor"],
        stage=(note.get("before") or {}).get("stage") or "",
        maker=note.get("maker"),
        score=note.get("score"),
        comment=note.get("comment"),
        tags=list(note.get("tags") or ()),
        diff=note.get("diff") or {},
        time=to_datetime(row["time"]),
    )


def read_handed_in(connection: Connection, task_id: str) -> list[Annotation] | None:
    """Return the labels of a task as they were last handed in; None if they never were.

    By its maker, who submitted it, or by a consensus, which fused what several people said.
    """
    moved = (
        select(events.c.seq, events.c.kind, events.c.payload)
        .where(events.c.task == task_id, events.c.kind.in_(("submit", "route")))
        .order_by(events.c.seq.desc())
    )
    seq = next(
        (
            row.seq
            for row in connection.execute(moved)
            if row.kind == "submit" or "fused" in from_text(row.payload)
        ),
        None,
    )
    if seq is None:
        return None
    # Classes may have been renamed before and between.
    found = (
        select(events)
        .where(events.c.seq <= seq, or_(events.c.task == task_id, events.c.kind == "ontology"))
        .order_by(events.c.seq)
    )
    held = replay_annotations(dict(row) for row in connection.execute(found).mappings())
    alive = sorted((one for one in held.values() if not one.deleted), key=lambda one: one.seq)
    return [one.annotation for one in alive]


def read_opinions(connection: Connection, task_id: str) -> list[Opinion]:
    """Return what people labelled on the item of a task, each in a task of their own.

    None of them is told as long as one is still at work: nobody sees another's before.
    """
    task = find_task(connection, task_id)
    found = (
        select(tasks)
        .where(tasks.c.item_id == task["item_id"], tasks.c.copy > 0, tasks.c.copy < PROBES)
        .order_by(tasks.c.position)
    )
    rows = list(connection.execute(found).mappings())
    if any(row["state"] in ("queued", "in_progress") for row in rows):
        return []
    return [
        Opinion(row["maker"] or row["assignee"] or "", read_annotations(connection, row["id"]))
        for row in rows
        if row["state"] not in ("skipped", "withdrawn")
    ]
