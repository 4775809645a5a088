"""Applying edits: pure, from edits and the state before to events and the state after."""

from __future__ import annotations

from collections.abc import Collection, Container, Mapping, Sequence
from typing import Any

import msgspec

from labelwidgets.errors import (
    ConflictError,
    LabelwidgetsError,
    SchemaError,
    WorkflowError,
)
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.patch import Patch
from labelwidgets.schema.renames import Renames
from labelwidgets.store.clock import to_datetime
from labelwidgets.store.edits import (
    FIELDS,
    Applied,
    Check,
    Edit,
    Outcome,
    Proposal,
    Reason,
    Refused,
    read_change,
)
from labelwidgets.store.item_metadata import size_of
from labelwidgets.store.records import Held, to_text
from labelwidgets.store.tables import IMAGE_SUFFIX


class _Refusal(Exception):  # noqa: N818 - never leaves this module
    def __init__(self, reason: Reason, error: LabelwidgetsError) -> None:
        self.reason: Reason = reason
        self.error = error


class Ledger:
    """One transaction's worth of edits.

    Parameters
    ----------
    tasks
        Rows of the tasks that the edits name, as `queue.tasks_of` has them.
    held
        What is held of the annotations that the edits name, deleted ones too.
    known
        Outcomes of edits that the log already has, by edit id.
    actor, client
        Who sends the edits, and from which view.
    seq, moment
        Last sequence number of the log, and the time of these edits in microseconds.
    check
        Judges each edit that would otherwise be applied.
    authors
        Author of created annotations by id, where it is not the actor (an import).
    within
        Ids of the only tasks that may be edited, and seen in the outcomes; None for all.
    renames
        Former names, which edits may still have.

    Attributes
    ----------
    events : list of dict
        Rows to append to the table `events`.
    touched : dict of str to Held
        The state after, of the annotations that were changed.
    applied : list of Applied
        Edits that were not known before.
    """

    def __init__(
        self,
        *,
        tasks: Mapping[str, Mapping[str, Any]],
        held: Mapping[str, Held],
        known: Mapping[str, Outcome],
        actor: str,
        client: str | None,
        seq: int,
        moment: int,
        check: Check | None = None,
        authors: Mapping[str, str] | None = None,
        within: Container[str] | None = None,
        renames: Renames | None = None,
    ) -> None:
        self._tasks = tasks
        self._before = held
        self._known = dict(known)
        self._actor = actor
        self._client = client
        self._seq = seq
        self._moment = moment
        self._time = to_datetime(moment)
        self._check = check
        self._authors = authors or {}
        self._within = within
        self._renames = renames or Renames()
        self.events: list[dict[str, Any]] = []
        self.touched: dict[str, Held] = {}
        self.applied: list[Applied] = []

    def apply(self, edits: Sequence[Edit]) -> list[Outcome]:
        """Apply edits gesture by gesture; return an outcome for each, in their order."""
        gestures: dict[str, list[Edit]] = {}
        for edit in edits:
            gestures.setdefault(edit.gesture_id, []).append(edit)
        outcomes: dict[int, Outcome] = {}
        for gesture in gestures.values():
            for edit, outcome in zip(gesture, self._gesture(gesture), strict=True):
                outcomes[id(edit)] = outcome
        return [outcomes[id(edit)] for edit in edits]

    def _current(self, annotation: str) -> Held | None:
        return self.touched.get(annotation) or self._before.get(annotation)

    def _gesture(self, edits: Sequence[Edit]) -> list[Outcome]:
        fresh: dict[str, Edit] = {}
        for edit in edits:
            try:
                self._admit(edit, fresh.get(edit.id))
            except _Refusal as refusal:
                return self._refuse(edits, edit, refusal)
            if edit.id not in self._known:
                fresh[edit.id] = edit
        draft: dict[str, Held] = {}
        events: list[dict[str, Any]] = []
        applied: list[Applied] = []
        made: set[str] = set()
        for edit in fresh.values():
            seq = self._seq + len(events) + 1
            try:
                held, payload = self._step(edit, draft, made, seq)
            except _Refusal as refusal:
                return self._refuse(edits, edit, refusal)
            draft[edit.annotation] = held
            made.add(edit.id)
            payload["revision"] = held.annotation.revision
            events.append(self._event(edit, seq, edit.kind, payload))
            applied.append(
                Applied(
                    id=edit.id,
                    task=edit.task,
                    annotation=edit.annotation,
                    revision=held.annotation.revision,
                    kind=edit.kind,
                    after=payload.get("after"),
                    actor=self._actor,
                    gesture=edit.gesture_id,
                    time=self._time,
                    seq=seq,
                    undoes=edit.undoes,
                    redoes=edit.redoes,
                    client=self._client,
                )
            )
        self._seq += len(events)
        self.events += events
        self.touched |= draft
        self.applied += applied
        self._known |= {outcome.id: outcome for outcome in applied}
        return [self._known[edit.id] for edit in edits]

    def _admit(self, edit: Edit, twin: Edit | None) -> None:
        """Refuse what is about a task out of reach, or has the id of another edit."""
        if not self._reaches(edit.task):
            where = f"task {str(edit.task)[:80]!r}"
            error = WorkflowError("is not in the work list of this session.", where=where)
            raise _Refusal("forbidden", error)
        used = edit.id in self._known and self._earlier(edit) is None
        if used or (twin is not None and twin != edit):
            raise _Refusal("invalid", SchemaError("The id is in use.", where=edit.id))

    def _earlier(self, edit: Edit) -> Outcome | None:
        """Return what became of an edit that was sent before, None if it was not."""
        known = self._known.get(edit.id)
        if known is None or (known.task, known.annotation) != (edit.task, edit.annotation):
            return None
        return known if self._reaches(edit.task) else None

    def _reaches(self, task: str) -> bool:
        return self._within is None or task in self._within

    def _refuse(self, edits: Sequence[Edit], culprit: Edit, refusal: _Refusal) -> list[Outcome]:
        return [self._earlier(edit) or self._refuse_one(edit, culprit, refusal) for edit in edits]

    def _refuse_one(self, edit: Edit, culprit: Edit, refusal: _Refusal) -> Refused:
        reason, error = refusal.reason, refusal.error
        message = str(error)
        if edit is not culprit:
            message = f"Refused with its gesture: {message}"
            try:
                read_change(edit)
            except LabelwidgetsError as own:
                reason, error, message = "invalid", own, str(own)
        held = self._current(edit.annotation)
        if held and (held.annotation.task_id != edit.task or not self._reaches(edit.task)):
            held = None
        outcome = Refused(
            id=edit.id,
            task=edit.task,
            annotation=edit.annotation,
            reason=reason,
            message=message,
            error=type(error).__name__,
            current=held.record if held else None,
            revision=held.annotation.revision if held else 0,
        )
        if reason == "conflict":
            # What the person drew is kept, though it changes nothing.
            self._seq += 1
            payload = {
                "kind": edit.kind,
                "after": edit.after,
                "revision": held.annotation.revision if held else 0,
                "message": message,
            }
            self.events.append(self._event(edit, self._seq, "conflict", payload))
            self._known[edit.id] = outcome
        return outcome

    def _event(self, edit: Edit, seq: int, kind: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "seq": seq,
            "id": edit.id,
            "time": self._moment,
            "actor": self._actor,
            "client": self._client,
            "task": edit.task,
            "annotation": edit.annotation,
            "kind": kind,
            "gesture": edit.gesture_id,
            "undoes": edit.undoes,
            "redoes": edit.redoes,
            "base_revision": edit.base,
            "payload": to_text(payload),
        }

    def _step(
        self, edit: Edit, draft: Mapping[str, Held], made: Collection[str], seq: int
    ) -> tuple[Held, dict[str, Any]]:
        """Return what is held after one edit, and the payload of its event.

        `draft` and `made` are what the edits before it in the gesture hold, and their ids.
        """
        try:
            values = read_change(edit)
        except LabelwidgetsError as error:
            raise _Refusal("invalid", error) from None
        task = self._tasks.get(edit.task)
        if task is None:
            raise _Refusal("invalid", SchemaError("There is no such task.", where=edit.task))
        held = draft.get(edit.annotation) or self._current(edit.annotation)
        if held is not None and held.annotation.task_id != edit.task:
            raise _Refusal(
                "invalid", SchemaError("belongs to another task.", where=edit.annotation)
            )
        self._check_parent(edit, made)
        self._check_base(edit, held)
        before = None if held is None or held.deleted else held.annotation
        values = self._renamed(values, before)
        if before is not None and before.state == "locked" and set(values) != {"state"}:
            raise _Refusal(
                "forbidden",
                WorkflowError("is locked.", where=edit.annotation, hint="Unlock it first."),
            )
        try:
            after = self._after(edit, task, held, before, values)
            if self._check is not None:
                made_of = after or before
                size = size_of(task["metadata"], made_of.frame if made_of else None)
                self._check(Proposal(edit, task, size, before, after))
        except WorkflowError as error:
            raise _Refusal("forbidden", error) from None
        except LabelwidgetsError as error:
            raise _Refusal("invalid", error) from None
        if held is not None:
            seq = held.seq
        if before is not None and after is None:
            gone = msgspec.structs.replace(before, updated_at=self._time, revision=edit.base + 1)
            return Held(gone, True, seq), {"before": before.to_dict()}
        assert after is not None  # noqa: S101 - only a delete leaves nothing
        if before is None:
            return Held(after, False, seq), {"after": after.to_dict()}
        was, now = _fields(before, values), _fields(after, values)
        patch = values.get("geometry")
        if isinstance(patch, Patch):
            # An event is as small as the stroke, and so is what takes it back.
            was["geometry"] = msgspec.to_builtins(patch.back(before.geometry))
            now["geometry"] = msgspec.to_builtins(patch)
        return Held(after, False, seq), {"before": was, "after": now}

    def _renamed(self, values: dict[str, Any], before: Annotation | None) -> dict[str, Any]:
        """Return the values of an edit under the names that things have now."""
        if not self._renames:
            return values
        made = dict(values)
        if "class_name" in values:
            made["class_name"] = self._renames.class_name(values["class_name"])
        if "attributes" in values:
            own = before.class_name if before else None
            answers = self._renames.answers(made.get("class_name", own), values["attributes"])
            made["attributes"] = answers
        return made

    def _check_parent(self, edit: Edit, made: Collection[str]) -> None:
        if edit.parent is None or edit.parent in made:
            return
        parent = self._known.get(edit.parent)
        if parent is None:
            raise _Refusal(
                "early",
                ConflictError(
                    "was edited on top of an edit that is not there.",
                    where=edit.annotation,
                    hint="Send the edits before it, then this one again.",
                ),
            )
        if isinstance(parent, Refused):
            raise _Refusal(
                "conflict",
                ConflictError(
                    "was edited on top of an edit that was refused.",
                    where=edit.annotation,
                    hint="Look at it as it is now, and edit it again.",
                ),
            )

    def _check_base(self, edit: Edit, held: Held | None) -> None:
        revision = held.annotation.revision if held else 0
        where = edit.annotation
        if edit.base < revision:
            raise _Refusal(
                "conflict",
                ConflictError(
                    f"has changed since: it is at revision {revision}, "
                    f"the edit was made at revision {edit.base}.",
                    where=where,
                    hint="Look at it as it is now, and edit it again.",
                ),
            )
        if edit.base > revision:
            raise _Refusal(
                "early",
                ConflictError(
                    f"is at revision {revision}, the edit was made at revision {edit.base}.",
                    where=where,
                    hint="Send the edits before it, then this one again.",
                ),
            )
        alive = held is not None and not held.deleted
        if edit.kind == "create" and alive:
            raise _Refusal("invalid", SchemaError("is there already.", where=where))
        if edit.kind != "create" and not alive:
            raise _Refusal("invalid", SchemaError("is not there.", where=where))

    def _after(
        self,
        edit: Edit,
        task: Mapping[str, Any],
        held: Held | None,
        before: Annotation | None,
        values: Mapping[str, Any],
    ) -> Annotation | None:
        if edit.kind == "delete":
            return None
        if before is not None:
            patch = values.get("geometry")
            if isinstance(patch, Patch):
                values = {**values, "geometry": patch.applied_to(before.geometry)}
            after = msgspec.structs.replace(
                before, **values, updated_at=self._time, revision=edit.base + 1
            )
        else:
            # One that is brought back keeps who made it, when and how.
            former = held.annotation if held else None
            fields = {"origin": former.origin, **values} if former else dict(values)
            after = Annotation(
                **fields,
                id=edit.annotation,
                item_id=task["item_id"],
                task_id=edit.task,
                author=former.author if former else self._authors.get(edit.annotation, self._actor),
                created_at=former.created_at if former else self._time,
                updated_at=self._time,
                revision=edit.base + 1,
            )
        if (after.class_name is None) != (after.id == edit.task + IMAGE_SUFFIX):
            raise SchemaError(
                "is the identifier of the answers about the image as a whole, "
                "a tag without a class, and of nothing else.",
                where=edit.task + IMAGE_SUFFIX,
            )
        return after


def _fields(annotation: Annotation, names: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: msgspec.to_builtins(getattr(annotation, name)) for name in FIELDS if name in names
    }
