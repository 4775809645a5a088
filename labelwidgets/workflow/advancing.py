"""Sending on the tasks that wait for a computer: routers, models, and what opinions come to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from labelwidgets.errors import WorkflowError
from labelwidgets.schema.annotation import Annotation
from labelwidgets.store.store import Store
from labelwidgets.workflow.headless import acknowledged, creations, place
from labelwidgets.workflow.registry import Labeller, Labels, find_model
from labelwidgets.workflow.routing import route, route_once
from labelwidgets.workflow.settling import settle
from labelwidgets.workflow.stages import QUEUED, ROUTING

if TYPE_CHECKING:
    import pandas as pd

    from labelwidgets.workflow.session import Session


def advance(
    store: Store,
    session: Session,
    models: Mapping[str, Labels] | None,
    labeller: Callable[[Labels], Labeller | None] = lambda _: None,
) -> pd.DataFrame:
    """Send on what waits at routers and for models; see `Project.advance`.

    Parameters
    ----------
    store, session
        Of the project, and of who sends.
    models
        By the names that stages of the kind model have; None for those that are registered.
    labeller
        Makes of a model what labels many tasks at once; None for a function, which is asked
        about each.
    """
    import pandas as pd

    rows = []
    for stage in session.workflow.stages:
        if stage.kind not in ("router", "model") and not stage.settles:
            continue
        waiting = QUEUED if stage.kind == "model" else ROUTING
        # Read again for each stage: what came from the one before is sent on too.
        tasks = store.tasks
        mine = tasks[
            (tasks["stage"] == stage.name) & (tasks["state"] == waiting) & (tasks["copy"] == 0)
        ]
        ids = list(mine["id"])
        stay: dict[str, str | None] = {}
        if stage.settles and ids:
            stay |= settle(session, stage, ids)
        function: Labels | None = None
        if stage.kind == "model" and ids:
            named = stage.options.get("model", stage.name)
            try:
                function = (models or {}).get(named) or find_model(named)
                many = labeller(function)
                if many is not None:
                    stay |= many.label(session, ids, stage.options)
                    function = None
            except WorkflowError as problem:
                stay = dict.fromkeys(ids, f"{type(problem).__name__}: {problem}")
        for task_id in ids:
            error = stay.get(task_id)
            try:
                if stage.settles:
                    # It may have come to a router that looks at it.
                    route(store, session.workflow, task_id, session.user)
                elif stage.kind == "router":
                    route_once(store, session.workflow, store.task(task_id), session.user)
                elif function is not None:
                    label_by(session, task_id, function, named, stage.options)
            except Exception as problem:  # whatever a function of somebody's raises
                error = f"{type(problem).__name__}: {problem}"
            now = store.task(task_id)
            rows.append((task_id, stage.name, now["stage"], now["state"], error))
    columns = ["task_id", "from_stage", "stage", "state", "error"]
    return pd.DataFrame(rows, columns=columns, dtype="string")


def is_sure(labels: Iterable[Annotation], options: Mapping[str, Any]) -> bool:
    """Say whether a model is as sure of all that it proposed as its stage asks, and of anything."""
    least = options.get("sure")
    sure = [label.confidence for label in labels if label.origin.kind == "model"]
    return least is not None and bool(sure) and all((one or 0.0) >= least for one in sure)


def label_by(
    session: Session, task_id: str, model: Labels, name: str, options: Mapping[str, Any]
) -> dict[str, Any]:
    """Let a function label a task, as one gesture, and send the task on."""
    import msgspec

    from labelwidgets.schema.annotation import Origin

    if not callable(model):
        raise WorkflowError("is nothing that labels.", where=f"model {name!r}")
    item = session.item(session.item_of(task_id))
    there = session.look(task_id)[1]
    if any(label.origin == Origin("model", name) for label in there):
        # Labelled before, by a run that ended before it could send the task on.
        return session.pass_on(task_id, sure=is_sure(there, options))
    made = [
        msgspec.structs.replace(
            label, item_id=item["id"], task_id=task_id, origin=Origin("model", name)
        )
        for label in model(session.pixels(item["id"]), item)
        if label.confidence is None or label.confidence >= options.get("threshold", 0.0)
    ]
    placed = place(made, {item["id"]: [task_id]})
    held = session.store.held([label.id for label in placed])
    acknowledged(session.apply(creations(placed, held)))
    return session.pass_on(task_id, sure=is_sure(made, options))
