"""Moves of tasks, each with its event."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias, overload

from sqlalchemy import Connection, Select, bindparam, func, select, text, update

from labelwidgets.errors import WorkflowError
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.ids import is_id
from labelwidgets.store import log
from labelwidgets.store.clock import to_datetime
from labelwidgets.store.copies import join_labels
from labelwidgets.store.leases import lease_after, seen_lease
from labelwidgets.store.records import from_rows
from labelwidgets.store.statements import Statement, read, write
from labelwidgets.store.tables import PROBES, labels, tasks
from labelwidgets.store.task_rows import task_of
from labelwidgets.store.walls import walled


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
    joins
        Of a whole: its parts, whose labels are copied into it. None of them: those that were are
        taken back; None: nothing of that.
    """

    kind: str
    changes: Mapping[str, Any]
    note: Mapping[str, Any]
    also: Mapping[str, Any] = {}
    joins: Sequence[str] | None = None


# From a task, and a way to get its annotations, to a move; None is no move at all.
# The task comes with its `siblings`: the other tasks of its item.
Decide: TypeAlias = Callable[[Mapping[str, Any], Callable[[], list[Annotation]]], Move | None]


class Family(NamedTuple):
    """A task with the other tasks of its item, in their order, and where the log ended then."""

    head: log.Head
    task: dict[str, Any]
    siblings: list[dict[str, Any]]


@overload
def find_family(connection: Connection, task_id: str) -> Family: ...
@overload
def find_family(connection: Connection, task_id: str, *, missing_ok: bool) -> Family | None: ...
def find_family(connection: Connection, task_id: str, *, missing_ok: bool = False) -> Family | None:
    """Return a task with its siblings, read in one trip to the database.

    Behind walls, who gives the opinions of others is not told, but how far they are.

    Raises
    ------
    WorkflowError
        If there is no such task, unless it may be missing.
    """
    named = task_id if is_id(str(task_id)) else ""
    asked = _FAMILY_BEHIND if walled(connection) else _FAMILY
    (head,), rows = read(connection, log.asked_head(connection), (asked, {"id": named}))
    return None if missing_ok and not rows else family_of(log.head_of(head), rows, task_id)


def family_of(head: log.Head, rows: Sequence[Mapping[str, Any]], task_id: str) -> Family:
    """Return a task with its siblings from the rows of all of them."""
    tasks_of_item = {row["id"]: task_of(row) for row in rows}
    task = tasks_of_item.pop(task_id, None)
    if task is None:
        raise _no_such(task_id)
    return Family(head, task, list(tasks_of_item.values()))


def _family(sqlite: bool) -> Select[Any]:
    named = tasks.alias("named")
    item = select(named.c.item_id).where(named.c.id == bindparam("id")).scalar_subquery()
    return select(tasks).where(tasks.c.item_id == item).order_by(tasks.c.position)


_FAMILY = Statement(_family)
_FAMILY_BEHIND = Statement(lambda sqlite: text("SELECT * FROM lw_family(:id)"))


def find_task(connection: Connection, task_id: str) -> dict[str, Any]:
    """Return a task.

    Raises
    ------
    WorkflowError
        If there is no such task.
    """
    found = select(tasks).where(tasks.c.id == task_id)
    row = connection.execute(found).mappings().first()
    if row is None:
        raise _no_such(task_id)
    return task_of(row)


def _no_such(task_id: str) -> WorkflowError:
    return WorkflowError(
        "There is no such task.",
        where=f"task {str(task_id)[:80]!r}",
        hint="See the column id of the tasks frame.",
    )


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


def read_named(connection: Connection, ids: Collection[str]) -> list[Annotation]:
    """Return annotations by id, in that order; those that are deleted or unknown are left out."""
    found = log.read_held(connection, ids)
    return [found[name].annotation for name in ids if name in found and not found[name].deleted]


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
    return find_family(connection, task["id"]).siblings


def move_task(
    connection: Connection, task_id: str, actor: str, decide: Decide, *, last: bool = False
) -> dict[str, Any]:
    """Do what `decide` says with a task, and return it as it is then.

    With `last` the transaction ends with it.
    """
    return move_family(connection, find_family(connection, task_id), actor, decide, last=last)


def move_family(
    connection: Connection, family: Family, actor: str, decide: Decide, *, last: bool = False
) -> dict[str, Any]:
    """Do what `decide` says with a task, and return it as it is then; see `move_task`."""
    head, task, siblings = family
    move = decide({**task, "siblings": siblings}, lambda: read_annotations(connection, task["id"]))
    if move is None:
        return task
    for whole, further in move.also.items():
        if further.joins is not None:
            join_labels(connection, further.joins, whole, actor)
            head = log.take_head(connection)
    written: list[tuple[Statement, list[dict[str, Any]]]] = []
    moved = dict(task)
    for step, (one, done) in enumerate(steps(task, siblings, move)):
        event, changes = made_of(one, actor, done)
        at = log.Head(head.seq + step, head.moment)
        lease = lease_after(one, done.changes, at)
        stamped = {**changes, **lease, "updated_at": head.moment}
        # The event of a move comes first.
        written.append((log.EVENT, [{**event, "seq": at.seq + 1, "time": head.moment}]))
        written.append((change_of(tuple(stamped)), [{**stamped, "of_id": one["id"]}]))
        if step == 0:
            moved = {**task, **stamped, **seen_lease(lease)}
            moved["updated_at"] = to_datetime(head.moment)
    write(connection, *written, last=last)
    return moved


def steps(
    task: dict[str, Any], siblings: Sequence[dict[str, Any]], move: Move
) -> list[tuple[dict[str, Any], Move]]:
    """Return the tasks that a move moves, each with its own."""
    return [
        (task, move),
        *((one, move.also[one["id"]]) for one in siblings if one["id"] in move.also),
    ]


def made_of(
    task: Mapping[str, Any], actor: str, move: Move
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the event of a move, and the new values of the columns of its task."""
    changes = dict(move.changes)
    revision = task["revision"] + 1
    payload = {
        "before": {name: task[name] for name in changes},
        "after": changes,
        "revision": revision,
        **move.note,
    }
    event = log.event_of(move.kind, actor, payload, task=task["id"])
    return event, {**changes, "revision": revision}


@lru_cache
def change_of(names: tuple[str, ...]) -> Statement:
    """Return the statement that changes columns of the task `of_id`."""
    values = {name: bindparam(name, type_=tasks.c[name].type) for name in names}
    return Statement(
        lambda sqlite: update(tasks).where(tasks.c.id == bindparam("of_id")).values(values)
    )


def release_expired(connection: Connection, task_id: str, state: str) -> None:
    """Put a task whose lease has ended back into the queue, in the name of whoever had it."""
    if walled(connection):
        # Whose it is is not seen by everybody, and nobody writes in the name of another.
        connection.execute(select(func.lw_release_expired(task_id)))
        return
    holder = str(find_task(connection, task_id)["assignee"])

    def decide(task: Mapping[str, Any], annotations: Callable[[], list[Annotation]]) -> Move:
        note = {"expired": True, "stage": task["stage"], "lease_seq": task["lease_seq"]}
        # A probe is of one person, and waits for them.
        whose = holder if task["copy"] >= PROBES else None
        return Move("release", {"state": state, "assignee": whose}, note)

    move_task(connection, task_id, holder, decide)
