"""A task as it is opened: with all that is to be seen of it, at one moment."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from labelwidgets.schema.annotation import Annotation
from labelwidgets.store import history, log
from labelwidgets.store.moves import find_task, read_annotations, read_deleted
from labelwidgets.store.tables import items
from labelwidgets.store.task_rows import item_of


class Opened(NamedTuple):
    """One task with all that is to be seen of it, at one moment.

    `deleted` has the revisions of its deleted annotations, by id.
    """

    task: dict[str, Any]
    item: dict[str, Any]
    annotations: list[Annotation]
    deleted: dict[str, int]
    stacks: history.Stacks
    seq: int


def read_opened(connection: Connection, task_id: str, actor: str) -> Opened:
    """Return all that is to be seen of a task, and the undo and redo stacks of a person.

    Raises
    ------
    WorkflowError
        If there is no such task.
    """
    task = find_task(connection, task_id)
    item = connection.execute(select(items).where(items.c.id == task["item_id"])).mappings()
    return Opened(
        task,
        item_of(item.one()),
        read_annotations(connection, task_id),
        read_deleted(connection, task_id),
        history.read_stacks(connection, task_id, actor),
        log.last_seq(connection),
    )
