"""More tasks for items that have theirs: opinions that are asked for later, parts of the work."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import Connection, func, insert, select

from labelwidgets.errors import WorkflowError
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.ids import new_id
from labelwidgets.store import log
from labelwidgets.store.copies import move_labels
from labelwidgets.store.moves import Decide, find_siblings, find_task, move_task, read_annotations
from labelwidgets.store.past import TASKS_ADDED
from labelwidgets.store.tables import PLACES, PROBES, tasks


class NewTask(NamedTuple):
    """A task to be added beside the main one of an item.

    Parameters
    ----------
    start
        Its `stage` and `state`, and maybe `assignee` and `maker`.
    takes
        Which labels of the main task it begins with: they move there. None for none.
    """

    start: Mapping[str, Any]
    takes: Callable[[Annotation], bool] | None = None


# From a main task with its `siblings`, and a way to get its annotations, to what is added.
Plan: TypeAlias = Callable[[Mapping[str, Any], Callable[[], list[Annotation]]], Sequence[NewTask]]


def add_beside(
    connection: Connection,
    main_ids: Sequence[str],
    actor: str,
    plan: Plan,
    move: Decide,
    note: Mapping[str, Any],
) -> int:
    """Add tasks beside main tasks, move the main ones, and return how many were added.

    Parameters
    ----------
    main_ids
        Which main tasks.
    plan
        What is added to each, or raises.
    move
        What becomes of a main task then.
    note
        What the event that adds them keeps.
    """
    count = 0
    for main_id in main_ids:
        main = find_task(connection, main_id)
        whole = {**main, "siblings": find_siblings(connection, main)}
        for new in plan(whole, partial(read_annotations, connection, main_id)):
            made = _insert(connection, main, new.start, actor, note)
            if new.takes is not None:
                move_labels(connection, main_id, made, actor, new.takes)
            count += 1
        move_task(connection, main_id, actor, move)
    return count


def _insert(
    connection: Connection,
    main: Mapping[str, Any],
    start: Mapping[str, Any],
    actor: str,
    note: Mapping[str, Any],
) -> str:
    head = log.take_head(connection)
    beside = (tasks.c.item_id == main["item_id"]) & (tasks.c.copy < PROBES)
    most = select(func.max(tasks.c.copy)).where(beside)
    copy = max(0, connection.execute(most).scalar_one()) + 1
    if copy >= PROBES:
        raise WorkflowError(
            f"has {copy - 1} tasks beside it, and there can be no more.",
            where=f"task {main['id']} ({main['title']})",
        )
    known = {
        "assignee": None,
        "maker": None,
        "priority": main["priority"],
        "batch": main["batch"],
        "score": None,
        **start,
        "copy": copy,
    }
    made = {
        **known,
        "id": new_id(),
        "item_id": main["item_id"],
        "position": main["position"] // PLACES * PLACES + copy,
        "title": main["title"],
        "rounds": 0,
        "seq": head.seq + 1,
        "updated_at": head.moment,
        "revision": 0,
    }
    connection.execute(insert(tasks), [made])
    log.append(connection, head, TASKS_ADDED, actor, {"count": 1, "after": known, **note})
    return str(made["id"])
