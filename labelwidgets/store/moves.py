"""Moves of tasks, each with its event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import Connection, func, select, update

from labelwidgets.errors import WorkflowError
from labelwidgets.schema.annotation import Annotation
from labelwidgets.store import log
from labelwidgets.store.clock import to_datetime
from labelwidgets.store.leases import lease_after, seen_lease
from labelwidgets.store.queue import task_of
from labelwidgets.store.records import from_rows
from labelwidgets.store.tables import labels, tasks


class Move(NamedTuple):
    """What a move does to a task.

    Parameters
    ----------
    kind
        Of the event, such as ``submit``.
    changes
        New values of columns of the table `tasks`.
    note
        What else the event should keep, such as a reason.
    also
        Moves of other tasks of the same item that go with it, by their ids.
    """

    kind: str
    changes: Mapping[str, Any]
    note: Mapping[str, Any]
    also: Mapping[str, Any] = {}


# From a task, and a way to get its annotations, to a move; None is no move at all.
# The task comes with its `siblings`: the other tasks of its item.
Decide: TypeAlias = Callable[[Mapping[str, Any], Callable[[], list[Annotation]]], Move | None]


def find_task(connection: Connection, task_id: str, *, lock: bool = False) -> dict[str, Any]:
    """Return a task.

    Raises
    ------
    WorkflowError
        If there is no such task.
    """
    found = select(tasks).where(tasks.c.id == task_id)
    row = (
        connection.execute(found.with_for_update(key_share=True) if lock else found)
        .mappings()
        .first()
    )
    if row is None:
        raise WorkflowError(
            "There is no such task.",
            where=f"task {str(task_id)[:80]!r}",
            hint="See the column id of the tasks frame.",
        )
    return task_of(row)


def read_annotations(
    connection: Connection, task_id: str | None = None, *, main: bool = False
) -> list[Annotation]:
    """Return the annotations of a task, or of all, in the order they were made.

    With `main` those of main tasks alone, without opinions and golden answers.
    """
    found = select(labels).where(labels.c.deleted.is_(False))
    if main:
        found = found.join(tasks, tasks.c.id == labels.c.task_id).where(tasks.c.copy == 0)
    if task_id is not None:
        found = found.where(labels.c.task_id == task_id)
    return from_rows(connection.execute(found.order_by(labels.c.seq)).mappings())


def read_largest(connection: Connection, task_id: str, most: int) -> tuple[list[Annotation], int]:
    """Return the shapes of a task with the largest areas and its tags, and how many shapes it has.

    The answers about the image are no tag: they have no class.
    """
    mine = (labels.c.task_id == task_id) & labels.c.deleted.is_(False)
    is_tag = labels.c.geometry_type == "tag"
    shapes, tags = mine & ~is_tag, mine & is_tag & labels.c.class_name.is_not(None)
    total = connection.execute(select(func.count()).where(shapes)).scalar_one()
    found = select(labels).where(shapes).order_by(labels.c.area.desc(), labels.c.seq).limit(most)
    said = select(labels).where(tags).order_by(labels.c.seq).limit(most)
    rows = [row for query in (found, said) for row in connection.execute(query).mappings()]
    return from_rows(rows), total


def read_deleted(connection: Connection, task_id: str) -> dict[str, int]:
    """Return the revisions of the deleted annotations of a task, by id."""
    found = select(labels.c.id, labels.c.revision)
    found = found.where(labels.c.task_id == task_id, labels.c.deleted.is_(True))
    return {row.id: row.revision for row in connection.execute(found)}


def find_siblings(connection: Connection, task: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the other tasks of the item of a task, in their order."""
    found = (
        select(tasks)
        .where(tasks.c.item_id == task["item_id"], tasks.c.id != task["id"])
        .order_by(tasks.c.position)
    )
    return [task_of(row) for row in connection.execute(found).mappings()]


def move_task(connection: Connection, task_id: str, actor: str, decide: Decide) -> dict[str, Any]:
    """Do what `decide` says with a task, and return it as it is then."""
    task = find_task(connection, task_id, lock=True)
    siblings = find_siblings(connection, task)
    move = decide({**task, "siblings": siblings}, lambda: read_annotations(connection, task_id))
    if move is None:
        return task
    head = log.take_head(connection)
    head, moved = _write(connection, head, task, actor, move)
    for other in siblings:
        if other["id"] in move.also:
            head, _ = _write(connection, head, other, actor, move.also[other["id"]])
    return moved


def _write(
    connection: Connection, head: log.Head, task: Mapping[str, Any], actor: str, move: Move
) -> tuple[log.Head, dict[str, Any]]:
    changes = dict(move.changes)
    revision = task["revision"] + 1
    payload = {
        "before": {name: task[name] for name in changes},
        "after": changes,
        "revision": revision,
        **move.note,
    }
    after = log.append(connection, head, move.kind, actor, payload, task=task["id"])
    lease = lease_after(task, changes, head)
    stamped = {**changes, **lease, "updated_at": head.moment, "revision": revision}
    connection.execute(update(tasks).where(tasks.c.id == task["id"]).values(**stamped))
    made = {**task, **stamped, **seen_lease(lease), "updated_at": to_datetime(head.moment)}
    return after, made


def release_expired(connection: Connection, task_id: str, state: str) -> None:
    """Put a task whose lease has ended back into the queue, in the name of whoever had it."""
    holder = str(find_task(connection, task_id)["assignee"])

    def decide(task: Mapping[str, Any], annotations: Callable[[], list[Annotation]]) -> Move:
        note = {"expired": True, "stage": task["stage"], "lease_seq": task["lease_seq"]}
        return Move("release", {"state": state, "assignee": None}, note)

    move_task(connection, task_id, holder, decide)
