"""Moves of tasks as a person asks for them: before the line of writers, or in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select, update

from labelwidgets.schema.annotation import Annotation
from labelwidgets.store import late, leases, log
from labelwidgets.store.claims import Wanted, look, statements_of
from labelwidgets.store.database import Database
from labelwidgets.store.moves import (
    Decide,
    Move,
    find_family,
    move_family,
    move_task,
    release_expired,
)
from labelwidgets.store.proposals import judged, propose
from labelwidgets.store.tables import meta

# How often a task is looked for before the line, until it is done in it.
_TRIES = 5


def move(database: Database, task_id: str, actor: str, decide: Decide) -> dict[str, Any]:
    """Move a task in one transaction, and return it as it is then; see `Store.move`."""
    if database.location.path is None:
        with database.proposing() as connection:
            family = find_family(connection, task_id, missing_ok=True)
            # What was somebody else's meanwhile is for the line, see `late`.
            mine = family is not None and family.task["assignee"] in (None, actor)
            move = judged(connection, family, decide) if family and mine else None
            made = propose(connection, family, actor, move) if family and move else None
        if made is not None:
            return made
    with database.writing() as connection:
        return late.move_or_keep(connection, task_id, actor, decide)


def claim(database: Database, wanted: Wanted, decide: Decide) -> dict[str, Any] | None:
    """Move the next task of a person, that nobody else can take at the same moment.

    Returns
    -------
    dict or None
        The task as it is then; None if none is left.
    """
    actor = wanted.actor
    for _ in range(_TRIES if database.location.path is None else 0):
        with database.proposing() as connection:
            family, expired = look(connection, wanted, before_line=True)
            move = judged(connection, family, decide) if family and not expired else None
            if family is None or move is None:
                break
            made = propose(connection, family, actor, move)
        if made is not None:
            return made
    database.make_ready(statements_of(wanted))
    with database.writing() as connection:
        family, expired = look(connection, wanted)
        for left in expired:
            release_expired(connection, left, wanted.waiting[0])
        if expired:
            family, _ = look(connection, wanted)
        if family is None:
            return None
        before = family.task["revision"]
        made = move_family(connection, family, actor, decide)
        if made["assignee"] == actor and made["revision"] == before:
            # It was theirs already, and is theirs anew.
            leases.renew(connection, made["id"], actor, None)
        return made


def move_all(connection: Connection, task_ids: Sequence[str], actor: str, decide: Decide) -> int:
    """Move tasks, all or none, and return how many moved; see `move_task`."""
    moved = 0

    def counted(
        task: Mapping[str, Any], annotations: Callable[[], list[Annotation]]
    ) -> Move | None:
        nonlocal moved
        move = decide(task, annotations)
        moved += move is not None
        return move

    for task_id in task_ids:
        move_task(connection, task_id, actor, counted)
    return moved


def put_workflow(
    connection: Connection, change: Callable[[str], tuple[str, Mapping[str, Move]]], actor: str
) -> None:
    """Replace the workflow, and move tasks with it; see `Store.put_workflow`."""
    head = log.take_head(connection)
    before = str(connection.execute(select(meta.c.workflow)).scalar_one())
    after, moves = change(before)
    payload = {"before": {"workflow": before}, "after": {"workflow": after}}
    log.append(connection, head, "workflow", actor, payload)
    connection.execute(update(meta).values(workflow=after))
    for task_id, move in moves.items():
        move_task(connection, task_id, actor, lambda *_, made=move: made)
