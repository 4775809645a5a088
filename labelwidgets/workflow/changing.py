"""Changing the workflow of a project that has begun."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from labelwidgets.errors import WorkflowError
from labelwidgets.numbered import numbered
from labelwidgets.store.moves import Move
from labelwidgets.store.records import to_text
from labelwidgets.store.store import Store
from labelwidgets.store.tables import PROBES
from labelwidgets.workflow.stages import IN_PROGRESS, SUBMITTED, Workflow


def change_workflow(
    store: Store, actor: str, new: Workflow, moving: Mapping[str, str] | None = None
) -> None:
    """Replace the workflow of a project; see `Project.change_workflow`."""
    moving = moving or {}

    def change(text: str) -> tuple[str, Mapping[str, Move]]:
        old = Workflow.from_dict(msgspec.json.decode(text))
        moves: dict[str, Move] = {}
        stuck: dict[str, int] = {}
        known = {stage.name for stage in new.stages}
        frame = store.tasks
        columns = ("id", "stage", "state", "copy", "maker")
        rows = zip(*(frame[name] for name in columns), strict=True)
        for task_id, stage, state, copy, maker in rows:
            to = moving.get(stage, stage)
            if to not in known:
                stuck[stage] = stuck.get(stage, 0) + 1
                continue
            target = new[to]
            if 0 < copy < PROBES and stage != to and target.kind != "annotate":
                raise WorkflowError(
                    "holds opinions, which go into a stage of the kind annotate.", where=stage
                )
            states = {row.state for row in new.table if row.stage == to}
            states |= {row.to for row in new.table if row.goes_to == to}
            if stage == to and (state in states or state == SUBMITTED):
                continue
            keeps = stage != to and state in states and state != IN_PROGRESS
            after: dict[str, Any] = {"stage": to, "state": state if keeps else target.entry}
            if old[stage].kind != target.kind:
                # Whoever judged it does not make it, and its maker does not judge it.
                made = target.kind == "annotate" and isinstance(maker, str)
                after["assignee"] = maker if made else None
            moves[task_id] = Move("push", after, {"reason": f"workflow {new.name}"})
        if stuck:
            named = ", ".join(
                f"{stage} ({numbered(count, 'task')})" for stage, count in stuck.items()
            )
            raise WorkflowError(
                f"has no stage for those that are in {named}.",
                where=f"workflow {new.name!r}",
                hint="Say where they go, such as moving={'review': 'annotate'}.",
            )
        return to_text(new.to_dict()), moves

    store.put_workflow(change, actor)


def widen_workflow(store: Store, actor: str, before: Workflow, after: Workflow) -> None:
    """Put a workflow in the place of one that it has all the stages of; no task moves.

    Raises
    ------
    WorkflowError
        If the workflow has changed meanwhile.
    """

    def change(text: str) -> tuple[str, Mapping[str, Move]]:
        if Workflow.from_dict(msgspec.json.decode(text)) != before:
            raise WorkflowError(
                "has changed at this moment.", where=f"workflow {before.name!r}", hint="Try again."
            )
        return to_text(after.to_dict()), {}

    store.put_workflow(change, actor)


def archive(store: Store, actor: str, *, archived: bool) -> None:
    """Close a project, or open it again: while it is closed, nothing in it changes."""

    def change(text: str) -> tuple[str, Mapping[str, Move]]:
        now = Workflow.from_dict(msgspec.json.decode(text))
        if now.archived == archived:
            said = "archived already" if archived else "not archived"
            raise WorkflowError(f"is {said}.", where="project")
        return to_text(msgspec.structs.replace(now, archived=archived).to_dict()), {}

    store.put_workflow(change, actor)
