"""Labels as they first were, whatever became of them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from labelwidgets.schema.annotation import Annotation, OriginKind
from labelwidgets.store.log import chunks
from labelwidgets.store.records import from_text
from labelwidgets.store.tables import events, labels, tasks

# What the gestures of a model's runs begin with: what they delete they put something newer for.
RUN = "model-"


def read_first(connection: Connection, origin: OriginKind) -> list[Annotation]:
    """Return the labels of main tasks of an origin as they were made, in that order.

    What was changed or deleted since is as it was; what was taken back as a gesture, or replaced
    by a later run of its model, never was.
    """
    # A wide net: what the origin is exactly is seen in the event.
    main = select(tasks.c.id).where(tasks.c.copy == 0)
    like = labels.c.origin.like(f'%"{origin}"%')
    some = select(labels.c.id).where(like, labels.c.task_id.in_(main))
    found = (
        select(
            events.c.annotation,
            events.c.kind,
            events.c.undoes,
            events.c.payload,
            events.c.gesture,
        )
        .where(events.c.kind.in_(("create", "delete")), events.c.annotation.in_(some))
        .order_by(events.c.seq)
    )
    first: dict[str, dict[str, Any]] = {}
    undone: set[str] = set()
    for name, kind, undoes, payload, gesture in connection.execute(found):
        if kind == "create":
            undone.discard(name)
            if name not in first:
                first[name] = from_text(payload)["after"]
        elif undoes is not None or gesture.startswith(RUN):
            undone.add(name)
    made = (
        msgspec.convert(record, Annotation, str_keys=True)
        for name, record in first.items()
        if name not in undone
    )
    return [one for one in made if one.origin.kind == origin]


def read_deleted_by_hand(connection: Connection, ids: Collection[str]) -> set[str]:
    """Return those of deleted labels whose deletion did not take back what made them.

    Nor was part of a run of the model that made them.
    """
    last: dict[str, bool] = {}
    for some in chunks(ids):
        found = (
            select(events.c.annotation, events.c.undoes, events.c.gesture)
            .where(events.c.kind == "delete", events.c.annotation.in_(some))
            .order_by(events.c.seq)
        )
        last |= {
            name: undoes is None and not gesture.startswith(RUN)
            for name, undoes, gesture in connection.execute(found)
        }
    return {name for name, by_hand in last.items() if by_hand}


def read_touched(connection: Connection, ids: Collection[str]) -> set[str]:
    """Return those of labels that were changed after they were made, other than by runs of models.

    To take a gesture back that made labels, or to bring it again, changes none of them.
    """
    touched: set[str] = set()
    for some in chunks(ids):
        found = select(
            events.c.annotation, events.c.gesture, events.c.undoes, events.c.redoes
        ).where(events.c.kind == "update", events.c.annotation.in_(some))
        for name, gesture, undoes, redoes in connection.execute(found):
            if not (undoes or redoes or gesture).startswith(RUN):
                touched.add(name)
    return touched


def read_from_pages(connection: Connection, ids: Collection[str]) -> set[str]:
    """Return those of labels that a person made, or took, on a page: no code did."""
    made: set[str] = set()
    for some in chunks(ids):
        found = select(events.c.annotation).where(
            events.c.kind == "create", events.c.client.is_not(None), events.c.annotation.in_(some)
        )
        made.update(connection.execute(found).scalars())
    return made
