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


def read_first(connection: Connection, origin: OriginKind) -> list[Annotation]:
    """Return the labels of main tasks of an origin as they were made, in that order.

    What was changed or deleted since is as it was; what was taken back as a gesture never was.
    """
    # A wide net: what the origin is exactly is seen in the event.
    main = select(tasks.c.id).where(tasks.c.copy == 0)
    like = labels.c.origin.like(f'%"{origin}"%')
    some = select(labels.c.id).where(like, labels.c.task_id.in_(main))
    found = (
        select(events.c.annotation, events.c.kind, events.c.undoes, events.c.payload)
        .where(events.c.kind.in_(("create", "delete")), events.c.annotation.in_(some))
        .order_by(events.c.seq)
    )
    first: dict[str, dict[str, Any]] = {}
    undone: set[str] = set()
    for name, kind, undoes, payload in connection.execute(found):
        if kind == "create":
            undone.discard(name)
            if name not in first:
                first[name] = from_text(payload)["after"]
        elif undoes is not None:
            undone.add(name)
    made = (
        msgspec.convert(record, Annotation, str_keys=True)
        for name, record in first.items()
        if name not in undone
    )
    return [one for one in made if one.origin.kind == origin]


def read_deleted_by_hand(connection: Connection, ids: Collection[str]) -> set[str]:
    """Return those of deleted labels whose deletion did not take back what made them."""
    last: dict[str, str | None] = {}
    for some in chunks(ids):
        found = (
            select(events.c.annotation, events.c.undoes)
            .where(events.c.kind == "delete", events.c.annotation.in_(some))
            .order_by(events.c.seq)
        )
        last |= {name: undoes for name, undoes in connection.execute(found)}
    return {name for name, undoes in last.items() if undoes is None}
