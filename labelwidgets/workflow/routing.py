"""Routers: where a task goes by what it is, or what is in it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from labelwidgets.errors import WorkflowError
from labelwidgets.schema.annotation import Annotation
from labelwidgets.store.moves import Move
from labelwidgets.store.store import Store
from labelwidgets.workflow.landing import landing, router_exit
from labelwidgets.workflow.registry import find_predicate
from labelwidgets.workflow.stages import ROUTING, Workflow

if TYPE_CHECKING:
    import pandas as pd

logger = logging.getLogger(__name__)


def route(store: Store, workflow: Workflow, task_id: str, actor: str) -> dict[str, Any]:
    """Send a task on through the routers that it is in, and return it.

    Where a rule cannot be asked here (its function is registered in another notebook), or
    fails, the task stays and waits for `Project.advance`: nobody's submission fails for it.
    """
    task = store.task(task_id)
    try:
        while task["state"] == ROUTING:
            task = route_once(store, workflow, task, actor)
    except Exception as error:  # whatever a predicate raises
        logger.warning("Task %s waits in router %s: %s", task_id, task["stage"], error)
    return store.task(task_id)


def route_once(
    store: Store, workflow: Workflow, task: Mapping[str, Any], actor: str
) -> dict[str, Any]:
    """Send a task on by the rule of the router that it is in, and return it.

    Raises
    ------
    WorkflowError
        If the rule cannot be asked.
    """
    stage = task["stage"]
    holds = asks(store, workflow, task)
    row = router_exit(workflow, stage, yes=holds)
    to, state, passed = landing(workflow, row, task["item_id"])
    note: dict[str, Any] = {"holds": holds} | ({"passed": passed} if passed else {})

    def decide(now: Mapping[str, Any], annotations: Callable[[], list[Annotation]]) -> Move | None:
        if (now["stage"], now["state"]) != (stage, ROUTING):
            return None
        return Move("route", {"stage": to, "state": state}, note)

    return store.move(task["id"], actor, decide)


def asks(store: Store, workflow: Workflow, task: Mapping[str, Any]) -> bool:
    """Return whether the rule of the router that a task is in is true of it.

    Raises
    ------
    WorkflowError
        If that cannot be said.
    """
    options = workflow[task["stage"]].options
    where = f"task {task['id']} ({task['title']}), router {task['stage']}"
    if "field" in options:
        return _field(store, task, options["field"], where)
    if "predicate" in options:
        found = find_predicate(options["predicate"])(dict(task), store.read(task["id"]))
        return bool(found)
    return _query(store, task, options["query"])


def _field(store: Store, task: Mapping[str, Any], name: str, where: str) -> bool:
    item = store.item(task["item_id"]) or {"metadata": {}}
    value = task[name] if name in task else item["metadata"].get(name)
    if not isinstance(value, bool):
        raise WorkflowError(
            f"must be True or False in the task or its item's metadata, not {value!r:.80}.",
            where=f"{where}, field {name!r}",
        )
    return value


def _query(store: Store, task: Mapping[str, Any], query: str) -> bool:
    from labelwidgets.workflow.worklist import evaluate

    return bool(len(evaluate([task_row(store, task), label_rows(store, task)], query)))


def task_row(store: Store, task: Mapping[str, Any]) -> pd.DataFrame:
    """Return a task as a frame of one row, with the columns of `Store.tasks`."""
    from labelwidgets.store.clock import from_datetime
    from labelwidgets.store.frames import TASK_COLUMNS, columns_of_rows, frame

    item = store.item(task["item_id"]) or {"folder": ""}
    count = len(store.read(task["id"]))
    at = from_datetime(task["updated_at"])
    row = {**task, "folder": item["folder"], "n_annotations": count, "updated_at": at}
    return frame(TASK_COLUMNS, columns_of_rows(list(TASK_COLUMNS), [row]))


def label_rows(store: Store, task: Mapping[str, Any]) -> pd.DataFrame:
    """Return the annotations of a task as a frame, with the columns of `Store.annotations`."""
    from labelwidgets.store.frames import ANNOTATION_COLUMNS, columns_of_rows, frame
    from labelwidgets.store.records import Held, to_row

    rows = [to_row(Held(made, deleted=False, seq=0)) for made in store.read(task["id"])]
    return frame(ANNOTATION_COLUMNS, columns_of_rows(list(ANNOTATION_COLUMNS), rows))
