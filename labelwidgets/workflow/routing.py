"""Routers: where a task goes by what it is, or what is in it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from labelwidgets.errors import WorkflowError
from labelwidgets.schema.annotation import Annotation
from labelwidgets.store.moves import Move
from labelwidgets.store.store import Store
from labelwidgets.workflow.agreeing import agreements, item_opinions
from labelwidgets.workflow.landing import landing, router_exit
from labelwidgets.workflow.registry import find_predicate
from labelwidgets.workflow.rows import label_rows, task_row
from labelwidgets.workflow.stages import ROUTING, Workflow

logger = logging.getLogger(__name__)


def route(
    store: Store, workflow: Workflow, task_id: str, actor: str, *, blind: bool = False
) -> dict[str, Any]:
    """Send a task on through the routers that it is in, and return it.

    Where a rule cannot be asked here (its function is registered in another notebook), or
    fails, the task stays and waits for `Project.advance`: nobody's submission fails for it.
    So does one that goes by agreement where a `blind` person has submitted it, who must not read
    what others say, and one whose consensus writes labels, which is a lead's gesture.
    """
    task = store.task(task_id)
    try:
        while task["state"] == ROUTING:
            stage = workflow[task["stage"]]
            if stage.kind == "consensus" or ("agreement" in stage.options and blind):
                break
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
    options = workflow[task["stage"]].options
    if "agreement" in options:
        item = task["item_id"]
        found = agreements(item_opinions(store, item), options, [item])[item]
        return send(store, workflow, task, actor, found.note(options))
    return send(store, workflow, task, actor, {"holds": asks(store, workflow, task)})


def send(
    store: Store, workflow: Workflow, task: Mapping[str, Any], actor: str, note: Mapping[str, Any]
) -> dict[str, Any]:
    """Send a task out of the stage where it is routed, by whether the rule `holds`."""
    stage = task["stage"]
    row = router_exit(workflow, stage, yes=note["holds"])
    to, state, passed = landing(workflow, row, task["item_id"])
    note = {**note} | ({"passed": passed} if passed else {})

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
