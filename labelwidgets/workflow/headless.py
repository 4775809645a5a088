"""Edits that a script makes: the same as a gesture's, in the same way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from labelwidgets import errors
from labelwidgets.errors import ConflictError, LabelwidgetsError, SchemaError
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.answer_origins import merged, proposed_answers, with_proposed
from labelwidgets.schema.ids import new_id
from labelwidgets.store.edits import FIELDS, Applied, Edit, Outcome, Refused
from labelwidgets.store.records import Held
from labelwidgets.store.tables import IMAGE_SUFFIX


def place(
    annotations: Iterable[Annotation], tasks: Mapping[str, Sequence[str]]
) -> list[Annotation]:
    """Return annotations with the task of their item, and the id that answers must have.

    Parameters
    ----------
    annotations
        With the item that they belong to, and the task where it has several.
    tasks
        Tasks by item.

    Raises
    ------
    SchemaError
        If an item has no task, naming the annotation.
    """
    placed = []
    for index, made in enumerate(annotations):
        known = tasks.get(made.item_id)
        if not known:
            raise SchemaError(
                f"{str(made.item_id)[:80]!r} is no item of the project that can be labelled.",
                where=f"annotations[{index}], item_id",
                hint="See the column item_id of the tasks frame.",
            )
        task = made.task_id if made.task_id and made.task_id in known else known[0]
        name = task + IMAGE_SUFFIX if made.class_name is None else made.id
        placed.append(msgspec.structs.replace(made, task_id=task, id=name))
    return placed


def creations(placed: Sequence[Annotation], held: Mapping[str, Held]) -> list[Edit]:
    """Return the edits of one gesture that create annotations.

    One that was deleted is brought back. Answers to the image attributes are added to
    those that are there.

    Raises
    ------
    ConflictError
        If an annotation is there already.
    SchemaError
        If an id is there twice.
    """
    gesture = new_id()
    edits = []
    seen: set[str] = set()
    for made in placed:
        if made.id in seen:
            raise SchemaError("is there twice.", where=f"annotation {made.id}")
        seen.add(made.id)
        now = held.get(made.id)
        after = {name: getattr(made, name) for name in FIELDS}
        if now is None or now.deleted:
            kind = "create"
        elif made.class_name is None:
            kind, after = "update", _more_answers(now.annotation, made)
            if after["attributes"] == now.annotation.attributes:
                continue
        else:
            raise ConflictError(
                "is there already.",
                where=f"annotation {made.id}",
                hint="Use Project.update to change it, or give the new one an id of its own.",
            )
        base = now.annotation.revision if now else 0
        edits.append(_edit(kind, made, base, after, gesture))
    return edits


def _more_answers(now: Annotation, made: Annotation) -> dict[str, Any]:
    """Return what changes of answers about an image as others are added to them."""
    both = merged(now, made)
    after: dict[str, Any] = {"attributes": both.attributes}
    if both.origin == now.origin:
        return after
    if now.origin.kind != "model":
        # What a person answered beside it is as sure as before.
        return {**after, "origin": both.origin}
    newest = with_proposed(made.origin, proposed_answers(both.origin))
    return {**after, "origin": newest, "confidence": both.confidence}


def updates(
    placed: Sequence[Annotation],
    held: Mapping[str, Held],
    fields: Collection[str] = FIELDS,
) -> list[Edit]:
    """Return the edits of one gesture that make annotations what they are given as.

    Parameters
    ----------
    placed
        With the revision that they were read at.
    held
        As they are now: what is equal is no edit.
    fields
        The only ones to compare.

    Raises
    ------
    SchemaError
        If an annotation is not there.
    """
    gesture = new_id()
    edits = []
    for made in placed:
        now = held.get(made.id)
        if now is None or now.deleted:
            raise SchemaError("is not there.", where=f"annotation {made.id}")
        after = {
            name: getattr(made, name)
            for name in FIELDS
            if name in fields and getattr(made, name) != getattr(now.annotation, name)
        }
        if after:
            edits.append(_edit("update", made, made.revision, after, gesture))
    return edits


def deletions(ids: Sequence[str], held: Mapping[str, Held]) -> list[Edit]:
    """Return the edits of one gesture that delete annotations.

    Raises
    ------
    SchemaError
        If an annotation is not there.
    """
    gesture = new_id()
    edits = []
    for name in dict.fromkeys(ids):
        now = held.get(name)
        if now is None or now.deleted:
            raise SchemaError("is not there.", where=f"annotation {str(name)[:80]}")
        edits.append(_edit("delete", now.annotation, now.annotation.revision, None, gesture))
    return edits


def _edit(
    kind: Any, made: Annotation, base: int, after: dict[str, Any] | None, gesture: str
) -> Edit:
    return Edit(
        id=new_id(),
        task=made.task_id or "",
        kind=kind,
        annotation=made.id,
        base=base,
        after=after,
        gesture=gesture,
    )


class Done(list[Applied]):
    """Edits that were applied, a list that shows itself briefly: an import undone has thousands."""

    def __repr__(self) -> str:
        counts = Counter(edit.kind for edit in self)
        return f"Done({', '.join(f'{kind}={count}' for kind, count in counts.items())})"


def acknowledged(outcomes: Iterable[Outcome]) -> list[Applied]:
    """Return outcomes that were all applied.

    Raises
    ------
    LabelwidgetsError
        For the first that was refused: ConflictError, SchemaError, OntologyError,
        GeometryError or WorkflowError, naming the annotation.
    """
    applied = Done()
    for outcome in outcomes:
        if isinstance(outcome, Refused):
            kind = getattr(errors, outcome.error, LabelwidgetsError)
            named = outcome.annotation in outcome.message
            raise kind(outcome.message, where=None if named else f"annotation {outcome.annotation}")
        applied.append(outcome)
    return applied
