"""Labels of one task brought into another of the same item: copied, moved there or taken back."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from labelwidgets.errors import StoreError
from labelwidgets.schema.annotation import Annotation, Origin
from labelwidgets.schema.ids import new_id
from labelwidgets.store import log
from labelwidgets.store.application import apply_edits, read_before
from labelwidgets.store.edits import FIELDS, Edit, Refused
from labelwidgets.store.records import Held, from_row
from labelwidgets.store.tables import IMAGE_SUFFIX, labels

JOINED = "join"


def derived(*names: str) -> str:
    """Return an id that follows from others: what was brought over once is found again by it."""
    return hashlib.sha256("\0".join(names).encode()).hexdigest()[:20]


def move_labels(
    connection: Connection,
    source: str,
    target: str,
    actor: str,
    fits: Callable[[Annotation], bool] = lambda _: True,
) -> int:
    """Move labels from a task into another, as one gesture, and return how many.

    They keep their authors. Locked ones stay where they are too.
    """
    some = [held for held in _alive(connection, source) if fits(held.annotation)]
    gone = [_gone(held) for held in some if held.annotation.state != "locked"]
    edits, authors = _copies(connection, some, source, target, lambda made: made.origin)
    _apply(connection, [*edits, *gone], actor, authors)
    return len(some)


def join_labels(connection: Connection, sources: Sequence[str], target: str, actor: str) -> int:
    """Copy the labels of parts into the task that they are parts of, and return how many.

    What was joined into it before is taken back. The copies keep their authors, and say what
    they are copies of: to join again brings back the same.
    """
    _part(connection, target, actor)
    count = 0
    for source in sources:
        some = _alive(connection, source)
        edits, authors = _copies(connection, some, source, target, _joined)
        _apply(connection, edits, actor, authors)
        count += len(some)
    return count


def _part(connection: Connection, target: str, actor: str) -> None:
    some = [held for held in _alive(connection, target) if _is_joined(held.annotation)]
    gone = [_gone(held) for held in some if held.annotation.state != "locked"]
    _apply(connection, gone, actor, {})


def _is_joined(made: Annotation) -> bool:
    return (made.origin.kind, made.origin.name) == ("consensus", JOINED)


def _joined(made: Annotation) -> Origin:
    known: dict[str, Any] = {"from": [made.id]}
    if made.origin != Origin():
        known["origin"] = msgspec.to_builtins(made.origin)
    return Origin("consensus", JOINED, parameters=known)


def _alive(connection: Connection, task_id: str) -> list[Held]:
    found = select(labels).where(labels.c.task_id == task_id, labels.c.deleted.is_(False))
    return [from_row(row) for row in connection.execute(found.order_by(labels.c.seq)).mappings()]


def _copies(
    connection: Connection,
    some: Sequence[Held],
    source: str,
    target: str,
    origin: Callable[[Annotation], Origin],
) -> tuple[list[Edit], dict[str, str]]:
    """Return the edits that make copies, and their authors by id."""
    names = {
        held.annotation.id: target + IMAGE_SUFFIX
        if held.annotation.id == source + IMAGE_SUFFIX
        else derived(target, held.annotation.id)
        for held in some
    }
    there = log.read_held(connection, names.values())
    edits, authors = [], {}
    for held in some:
        made = held.annotation
        name = names[made.id]
        now = there.get(name)
        record = msgspec.structs.replace(made, origin=origin(made)).to_dict()
        after = {field: record[field] for field in FIELDS if field in record}
        kind: Any = "create"
        if now is not None and not now.deleted:
            # Answers about the image that are there already are added to.
            kind = "update"
            after = {"attributes": {**now.annotation.attributes, **made.attributes}}
        base = now.annotation.revision if now else 0
        edits.append(_edit(kind, target, name, base, after))
        if made.author:
            authors[name] = made.author
    return edits, authors


def _gone(held: Held) -> Edit:
    made = held.annotation
    return _edit("delete", made.task_id or "", made.id, made.revision, None)


def _edit(kind: Any, task: str, name: str, base: int, after: dict[str, Any] | None) -> Edit:
    return Edit(id=new_id(), task=task, kind=kind, annotation=name, base=base, after=after)


def _apply(
    connection: Connection, edits: Sequence[Edit], actor: str, authors: dict[str, str]
) -> None:
    gesture = new_id()
    tied = [msgspec.structs.replace(edit, gesture=gesture) for edit in edits]
    if not tied:
        return
    before = read_before(connection, tied)
    outcomes, _ = apply_edits(connection, tied, before, actor, authors=authors)
    refused = next((made for made in outcomes if isinstance(made, Refused)), None)
    if refused is not None:
        raise StoreError(refused.message, where=f"annotation {refused.annotation}")
