"""Sending on the tasks that wait for a computer: routers, models, and what opinions come to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from labelwidgets.store.store import Store
from labelwidgets.workflow.headless import acknowledged, creations, place
from labelwidgets.workflow.registry import Model, find_model
from labelwidgets.workflow.routing import route, route_once
from labelwidgets.workflow.settling import settle
from labelwidgets.workflow.stages import QUEUED, ROUTING

if TYPE_CHECKING:
    import pandas as pd

    from labelwidgets.workflow.session import Session


def advance(store: Store, session: Session, models: Mapping[str, Model] | None) -> pd.DataFrame:
    """Send on what waits at routers and for models; see `Project.advance`."""
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
        stay = settle(session, stage, list(mine["id"])) if stage.settles and len(mine) else {}
        for task_id in mine["id"]:
            error = stay.get(task_id)
            try:
                if stage.settles:
                    # It may have come to a router that looks at it.
                    route(store, session.workflow, task_id, session.user)
                elif stage.kind == "router":
                    route_once(store, session.workflow, store.task(task_id), session.user)
                else:
                    named = stage.options.get("model", stage.name)
                    function = (models or {}).get(named) or find_model(named)
                    label_by(session, task_id, function, named)
            except Exception as problem:  # whatever a function of somebody's raises
                error = f"{type(problem).__name__}: {problem}"
            now = store.task(task_id)
            rows.append((task_id, stage.name, now["stage"], now["state"], error))
    columns = ["task_id", "from_stage", "stage", "state", "error"]
    return pd.DataFrame(rows, columns=columns, dtype="string")


def label_by(session: Session, task_id: str, model: Model, name: str) -> dict[str, Any]:
    """Let a model label a task, as one gesture, and send the task on."""
    import msgspec

    from labelwidgets.schema.annotation import Origin

    item = session.item(session.item_of(task_id))
    if any(label.origin == Origin("model", name) for label in session.look(task_id)[1]):
        # Labelled before, by a run that ended before it could send the task on.
        return session.pass_on(task_id)
    made = [
        msgspec.structs.replace(
            label, item_id=item["id"], task_id=task_id, origin=Origin("model", name)
        )
        for label in model(session.pixels(item["id"]), item)
    ]
    placed = place(made, {item["id"]: [task_id]})
    held = session.store.held([label.id for label in placed])
    acknowledged(session.apply(creations(placed, held)))
    return session.pass_on(task_id)
