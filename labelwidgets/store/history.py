"""Undo and redo: which gestures can be taken back, and the edits that do it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, select

from labelwidgets.schema.ids import new_id
from labelwidgets.store.edits import FIELDS, Edit, Kind
from labelwidgets.store.records import Held, from_text
from labelwidgets.store.tables import events

EDIT_KINDS = ("create", "update", "delete")


class Mark(NamedTuple):
    """One event of the log, as much of it as says what can be undone."""

    seq: int
    task: str
    gesture: str
    undoes: str | None
    redoes: str | None


class Stacks(NamedTuple):
    """Gestures that can be undone and redone, the next one last."""

    undo: list[str]
    redo: list[str]


class Step(msgspec.Struct, frozen=True, omit_defaults=True):
    """One edit of a gesture: what it changed, `before` and `after`."""

    id: str
    task: str
    annotation: str
    kind: Kind
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None


class Gesture(msgspec.Struct, frozen=True):
    """The edits that belong together, in their order."""

    id: str
    edits: list[Step]


class History(NamedTuple):
    """What one person can undo and redo on one task, the next one last."""

    undo: list[Gesture]
    redo: list[Gesture]


def stacks(marks: Iterable[Mark]) -> Stacks:
    """Return the stacks that follow from one person's events on one task, in their order.

    A plain gesture is pushed on the undo stack and clears the redo stack; one that
    undoes moves its target from undo to redo; one that redoes moves it back.
    """
    undo: dict[str, None] = {}
    redo: dict[str, None] = {}
    seen: set[str] = set()
    for mark in marks:
        if mark.gesture in seen:
            continue
        seen.add(mark.gesture)
        if mark.undoes is not None:
            if mark.undoes in undo:
                del undo[mark.undoes]
                redo[mark.undoes] = None
        elif mark.redoes is not None:
            if mark.redoes in redo:
                del redo[mark.redoes]
                undo[mark.redoes] = None
        else:
            undo[mark.gesture] = None
            redo.clear()
    return Stacks(list(undo), list(redo))


def tops(marks: Mapping[str, Sequence[Mark]], *, undo: bool) -> list[tuple[str, str]]:
    """Return the last gesture that one person can undo (or redo), as (task, gesture) pairs.

    Parameters
    ----------
    marks
        By task.
    undo
        Or redo.

    Returns
    -------
    list of tuple
        One for every task on whose stack the gesture is on top.
    """
    heads: list[tuple[int, str, str]] = []
    for task, some in marks.items():
        stack = stacks(some)[0 if undo else 1]
        if stack:
            heads.append((_touched(some, stack[-1]), task, stack[-1]))
    if not heads:
        return []
    gesture = max(heads)[2]
    return [(task, name) for _, task, name in heads if name == gesture]


def _touched(marks: Sequence[Mark], gesture: str) -> int:
    """Return when a gesture was last made, undone or redone."""
    return max(mark.seq for mark in marks if gesture in (mark.gesture, mark.undoes, mark.redoes))


def undo_edits(gestures: Sequence[Gesture], held: Mapping[str, Held]) -> list[Edit]:
    """Return the edits that take gestures back, as one gesture.

    Parameters
    ----------
    gestures
        One gesture, or its parts on several tasks.
    held
        The annotations of the gestures as they are now.
    """
    steps = [_inverse(step) for gesture in gestures for step in reversed(gesture.edits)]
    return _edits(steps, held, undoes=gestures[0].id, redoes=None)


def redo_edits(gestures: Sequence[Gesture], held: Mapping[str, Held]) -> list[Edit]:
    """Return the edits that bring undone gestures again, as one gesture."""
    steps = [step for gesture in gestures for step in gesture.edits]
    return _edits(steps, held, undoes=None, redoes=gestures[0].id)


_INVERSE: dict[Kind, Kind] = {"create": "delete", "update": "update", "delete": "create"}


def _inverse(step: Step) -> Step:
    return Step(step.id, step.task, step.annotation, _INVERSE[step.kind], step.after, step.before)


def _edits(
    steps: Iterable[Step], held: Mapping[str, Held], *, undoes: str | None, redoes: str | None
) -> list[Edit]:
    gesture = new_id()
    bases: dict[str, int] = {}
    locked: dict[str, bool] = {}
    edits: list[Edit] = []

    def add(step: Step, kind: Kind, after: dict[str, Any] | None) -> None:
        base = bases[step.annotation]
        bases[step.annotation] = base + 1
        edits.append(
            Edit(
                id=new_id(),
                task=step.task,
                kind=kind,
                annotation=step.annotation,
                base=base,
                after=after,
                gesture=gesture,
                undoes=undoes,
                redoes=redoes,
            )
        )

    for step in steps:
        name = step.annotation
        if name not in bases:
            now = held.get(name)
            bases[name] = now.annotation.revision if now else 0
            locked[name] = now is not None and not now.deleted and now.annotation.state == "locked"
        after = None if step.kind == "delete" else dict(step.after or {})
        if after is not None and step.kind == "create":
            # Said outright: what is brought back keeps the origin it had last.
            after.setdefault("origin", {})
        if locked[name] and (step.kind == "delete" or set(after or ()) != {"state"}):
            # A locked annotation takes only the edit that unlocks it, so that comes first.
            add(step, "update", {"state": "editable"})
            locked[name] = False
        add(step, step.kind, after)
        if after is not None and (step.kind == "create" or "state" in after):
            locked[name] = after.get("state", "editable") == "locked"
    return edits


def read_marks(
    connection: Connection, actor: str, task: str | None = None
) -> dict[str, list[Mark]]:
    """Return the marks of one person by task, of all tasks or of one."""
    found = (
        select(events.c.seq, events.c.task, events.c.gesture, events.c.undoes, events.c.redoes)
        .where(events.c.actor == actor, events.c.kind.in_(EDIT_KINDS))
        .order_by(events.c.seq)
    )
    if task is not None:
        found = found.where(events.c.task == task)
    marks: dict[str, list[Mark]] = {}
    for row in connection.execute(found):
        marks.setdefault(row.task, []).append(Mark(*row))
    return marks


def read_gestures(connection: Connection, task: str, gestures: Sequence[str]) -> list[Gesture]:
    """Return gestures with what they changed on one task, in the order asked for."""
    steps: dict[str, list[Step]] = {gesture: [] for gesture in gestures}
    for start in range(0, len(gestures), 500):
        found = (
            select(
                events.c.id,
                events.c.annotation,
                events.c.kind,
                events.c.gesture,
                events.c.payload,
            )
            .where(
                events.c.task == task,
                events.c.gesture.in_(gestures[start : start + 500]),
                events.c.kind.in_(EDIT_KINDS),
            )
            .order_by(events.c.seq)
        )
        for row in connection.execute(found):
            payload = from_text(row.payload)
            steps[row.gesture].append(
                Step(
                    row.id,
                    task,
                    row.annotation,
                    row.kind,
                    _editable(payload.get("before")),
                    _editable(payload.get("after")),
                )
            )
    return [Gesture(gesture, edits) for gesture, edits in steps.items()]


def _editable(fields: dict[str, Any] | None) -> dict[str, Any] | None:
    if fields is None:
        return None
    return {name: fields[name] for name in FIELDS if name in fields}


def read_stacks(connection: Connection, task: str, actor: str) -> Stacks:
    """Return the ids of the gestures that one person can undo and redo on one task."""
    return stacks(read_marks(connection, actor, task).get(task, []))


def read_history(
    connection: Connection, task: str, actor: str, limit: int | None = None
) -> History:
    """Return what one person can undo and redo on one task.

    Parameters
    ----------
    limit
        At most that many gestures on either stack, the next ones.
    """
    undo, redo = read_stacks(connection, task, actor)
    if limit is not None:
        undo, redo = undo[max(0, len(undo) - limit) :], redo[max(0, len(redo) - limit) :]
    return History(read_gestures(connection, task, undo), read_gestures(connection, task, redo))
