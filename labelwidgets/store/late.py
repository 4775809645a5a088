"""What somebody did on a task after their lease had ended: kept, as an opinion of their own.

Another person has the task by then, with the labels that were there. The late edits go into
another task of the same item, which begins with those labels; ids in it follow from the ids
that were sent, so that to send again changes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, func, insert, select

from labelwidgets.errors import WorkflowError
from labelwidgets.schema.ids import is_id
from labelwidgets.store import log
from labelwidgets.store.application import Before, apply_edits, read_before
from labelwidgets.store.edits import FIELDS, Edit, Outcome, Refused
from labelwidgets.store.moves import Decide, Move, find_family, find_task, move_family, move_task
from labelwidgets.store.past import TASKS_ADDED, replay_annotations
from labelwidgets.store.records import Held, from_text
from labelwidgets.store.tables import IMAGE_SUFFIX, PLACES, PROBES, events, tasks
from labelwidgets.store.walls import rows_of, walled

_MOVES = ("open", "release", "submit", "skip", "reopen")


class Lost(NamedTuple):
    """A task that somebody lost: the row of it, and the event by which it went."""

    task: Mapping[str, Any]
    seq: int
    payload: Mapping[str, Any]


class Also(Container[str]):
    """The tasks of a work list, and some more."""

    def __init__(self, within: Container[str], more: Collection[str]) -> None:
        self._within, self._more = within, more

    def __contains__(self, task: object) -> bool:
        return task in self._more or task in self._within


class Opinion(NamedTuple):
    """A task of its own for what came late.

    Parameters
    ----------
    id
        Of the task.
    lost
        What it stands for.
    held
        The annotations of the lost task as they were when it went.
    """

    id: str
    lost: Lost
    held: Mapping[str, Held]

    def name(self, former: str) -> str:
        """Return what an annotation, edit or gesture of the lost task is called here."""
        if former == str(self.lost.task["id"]) + IMAGE_SUFFIX:
            return self.id + IMAGE_SUFFIX
        return _derived(self.id, former)

    def rewritten(self, edit: Edit, known: Container[str]) -> Edit:
        """Return an edit of the lost task as one of this task."""
        was = self.held.get(edit.annotation)
        revision = was.annotation.revision if was else 0
        kept = was is not None and not was.deleted
        base = max(1, edit.base - revision + 1) if kept else max(0, edit.base - revision)
        parent = edit.parent
        return msgspec.structs.replace(
            edit,
            id=self.name(edit.id),
            task=self.id,
            annotation=self.name(edit.annotation),
            base=base,
            gesture=self.name(edit.gesture_id),
            # What went through in time is part of what this task began with.
            parent=None if parent is None or parent in known else self.name(parent),
            undoes=edit.undoes and self.name(edit.undoes),
            redoes=edit.redoes and self.name(edit.redoes),
        )

    def outcome(self, edit: Edit, made: Outcome) -> Refused:
        """Return what to say of an edit: on its own task, nothing came of it."""
        if isinstance(made, Refused):
            reason, message, error = made.reason, made.message, made.error
        else:
            why = WorkflowError(
                f"was taken over by {self.lost.task['assignee']} after a time without a sign of "
                f"life; your edit is kept as an opinion of your own, task {self.id}.",
                where=f"task {self.lost.task['id']}",
                hint="Open the next task to go on with it.",
            )
            reason, message, error = "forbidden", str(why), "WorkflowError"
        return Refused(
            id=edit.id,
            task=edit.task,
            annotation=edit.annotation,
            reason=reason,
            message=message,
            error=error,
        )


def find_lost(connection: Connection, task_ids: Iterable[str], actor: str) -> dict[str, Lost]:
    """Return those of these tasks that a person lost to somebody else, by id."""
    found: dict[str, Lost] = {}
    for some in log.chunks(task_ids):
        others = select(tasks).where(tasks.c.id.in_(some), tasks.c.assignee != actor)
        rows = (
            rows_of(connection, "lw_lost", list(some))
            if walled(connection)
            else connection.execute(others).mappings().all()
        )
        for row in rows:
            last = (
                select(events.c.kind, events.c.seq, events.c.payload)
                .where(
                    events.c.task == row["id"], events.c.actor == actor, events.c.kind.in_(_MOVES)
                )
                .order_by(events.c.seq.desc())
                .limit(1)
            )
            event = connection.execute(last).first()
            payload = from_text(event.payload) if event else {}
            if event and event.kind == "release" and payload.get("expired"):
                found[row["id"]] = Lost(dict(row), event.seq, payload)
    return found


def keep(connection: Connection, lost: Lost, actor: str) -> Opinion:
    """Return the opinion of a person who lost a task, made now if there is none yet."""
    former = str(lost.task["id"])
    opinion = Opinion(_derived(former, str(lost.seq)), lost, _held_then(connection, lost))
    there = select(tasks.c.id).where(tasks.c.id == opinion.id)
    if connection.execute(there).first() is not None:
        return opinion
    head = log.take_head(connection)
    copies = select(func.max(tasks.c.copy)).where(
        tasks.c.item_id == lost.task["item_id"], tasks.c.copy < PROBES
    )
    if walled(connection):
        copies = select(func.lw_last_copy(former))
    copy = max(0, connection.execute(copies).scalar_one()) + 1
    start = {
        "stage": lost.payload["stage"],
        "state": lost.payload["before"]["state"],
        "assignee": actor,
        "priority": lost.task["priority"],
        "batch": lost.task["batch"],
        "score": None,
        "copy": copy,
    }
    made = {
        **start,
        "id": opinion.id,
        "item_id": lost.task["item_id"],
        "position": lost.task["position"] // PLACES * PLACES + copy,
        "title": lost.task["title"],
        "rounds": 0,
        "seq": head.seq + 1,
        "updated_at": head.moment,
        "revision": 0,
    }
    connection.execute(insert(tasks), [made])
    note = {"count": 1, "after": start, "late": {"task": former, "release": lost.seq}}
    log.append(connection, head, TASKS_ADDED, actor, note)
    alive = sorted((h for h in opinion.held.values() if not h.deleted), key=lambda h: h.seq)
    copied = [_copy(opinion, held) for held in alive]
    authors = {opinion.name(held.annotation.id): held.annotation.author or actor for held in alive}
    apply_edits(connection, copied, read_before(connection, copied), actor, authors=authors)
    return opinion


def divert(
    connection: Connection, edits: Sequence[Edit], before: Before, actor: str
) -> tuple[list[Edit], dict[str, Opinion]]:
    """Return the edits, those that came late as edits of opinions; and the opinions by task."""
    # Few are somebody else's: only of those it is asked whether this person had them before.
    named = {name for name, task in before.tasks.items() if task["assignee"] not in (None, actor)}
    if walled(connection):
        # They are no longer seen.
        named |= {e.task for e in edits if is_id(str(e.task)) and e.task not in before.tasks}
    opinions = {
        task: keep(connection, lost, actor)
        for task, lost in find_lost(connection, named, actor).items()
    }
    late = [edit for edit in edits if edit.task in opinions and _sound(edit)]
    if not late:
        return list(edits), {}
    own = {edit.id for edit in late}
    asked = own | {edit.parent for edit in late if edit.parent is not None}
    # What was acknowledged before the task went is acknowledged again, as it was.
    known = set(log.read_known(connection, asked))
    return [
        opinions[edit.task].rewritten(edit, known) if edit.id in own - known else edit
        for edit in edits
    ], opinions


def outcomes(
    edits: Sequence[Edit],
    sent: Sequence[Edit],
    made: Sequence[Outcome],
    opinions: Mapping[str, Opinion],
) -> list[Outcome]:
    """Return an outcome for each edit, of which some were `sent` to opinions."""
    return [
        outcome if edit is given else opinions[edit.task].outcome(edit, outcome)
        for edit, given, outcome in zip(edits, sent, made, strict=True)
    ]


class _LateError(Exception):
    """A task was to be submitted by somebody who had lost it."""


def move_or_keep(
    connection: Connection, task_id: str, actor: str, decide: Decide
) -> dict[str, Any]:
    """Move a task as `decide` says; what is submitted too late is submitted as an opinion."""
    lost = None
    family = None
    if not walled(connection):
        family = find_family(connection, task_id)
    if family is None or family.task["assignee"] not in (None, actor):
        # Behind walls, it may be one that is no longer seen.
        lost = find_lost(connection, [task_id], actor).get(task_id)
    if lost is None:
        family = family or find_family(connection, task_id)
        return move_family(connection, family, actor, decide, last=True)

    def in_time(task: Mapping[str, Any], annotations: Any) -> Move | None:
        move = decide(task, annotations)
        if move is not None and move.kind == "submit":
            raise _LateError
        return move

    def submitted(task: Mapping[str, Any], annotations: Any) -> Move | None:
        move = decide(task, annotations)
        if move is None or move.kind != "submit":
            raise _LateError
        return move

    try:
        return move_task(connection, task_id, actor, in_time)
    except _LateError:
        return move_task(connection, keep(connection, lost, actor).id, actor, submitted)
    except WorkflowError as error:
        # It is closed already: by whoever took it over.
        opinion = keep(connection, lost, actor)
        if find_task(connection, opinion.id)["state"] != lost.payload["before"]["state"]:
            raise
        try:
            return move_task(connection, opinion.id, actor, submitted)
        except _LateError:
            raise error from None


def _held_then(connection: Connection, lost: Lost) -> dict[str, Held]:
    """Return the annotations of a lost task as they were when it went."""
    if walled(connection):
        rows = rows_of(connection, "lw_events_before_loss", lost.task["id"])
        return replay_annotations([dict(row) for row in rows])
    about = (events.c.task == lost.task["id"]) | (events.c.kind == "ontology")
    found = select(events).where(about, events.c.seq <= lost.seq).order_by(events.c.seq)
    return replay_annotations([dict(row) for row in connection.execute(found).mappings()])


def _copy(opinion: Opinion, held: Held) -> Edit:
    record = held.annotation.to_dict()
    name = opinion.name(held.annotation.id)
    return Edit(
        id=_derived(name, "copy"),
        task=opinion.id,
        kind="create",
        annotation=name,
        after={field: record[field] for field in FIELDS if field in record},
        gesture=_derived(opinion.id, "copies"),
    )


def _sound(edit: Edit) -> bool:
    names = (edit.id, edit.annotation, edit.gesture_id)
    return all(isinstance(name, str) and is_id(name) for name in names)


def _derived(*names: str) -> str:
    return hashlib.sha256("\0".join(names).encode()).hexdigest()[:20]
