"""Workflows with more stages beside the way of the main task, for projects that have begun."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from labelwidgets.errors import WorkflowError
from labelwidgets.workflow.stages import IN_PROGRESS, Stage, Transition, Workflow
from labelwidgets.workflow.tables import stage_rows


def home_of(workflow: Workflow) -> Stage:
    """Return the stage that one person's work begins in.

    Raises
    ------
    WorkflowError
        If there is none: all items are labelled by several people.
    """
    found = next((s for s in workflow.stages if s.kind == "annotate" and not s.beside), None)
    if found is None:
        raise WorkflowError(
            "has no stage that one person labels in.", where=f"workflow {workflow.name!r}"
        )
    return found


def with_opinions(workflow: Workflow) -> Workflow:
    """Return a workflow in which people may be asked for opinions on any item.

    Where it has no stages for that, they are added: nobody is asked but about items that are
    named, and what somebody makes of the opinions goes where one person's work would go.
    """
    if workflow.opinions is not None and workflow.first("consensus") is not None:
        return workflow
    options = {"overlap": 2, "blind": True, "share": 0.0}
    opinions = Stage(free_name(workflow, "opinions"), "annotate", options)
    fused = Stage(free_name(workflow, "consensus"), "consensus")
    return _added(workflow, [opinions], fused)


def with_parts(workflow: Workflow, parts: Mapping[str, Mapping[str, Any]]) -> Workflow:
    """Return a workflow with stages for parts of the work, and one in which they are joined.

    Parameters
    ----------
    workflow
        As it is.
    parts
        Options of each part's stage, by the name of the stage.
    """
    stages = [Stage(name, "annotate", {**options, "part": True}) for name, options in parts.items()]
    return _added(workflow, stages, Stage(free_name(workflow, "join"), "join"))


def free_name(workflow: Workflow, wanted: str) -> str:
    """Return a name for a stage that no stage has."""
    known = {stage.name for stage in workflow.stages}
    number = 2
    name = wanted
    while name in known:
        name, number = f"{wanted} {number}", number + 1
    return name


def _added(workflow: Workflow, beside: list[Stage], gathers: Stage) -> Workflow:
    """Add stages after that of one person, and the rows that lead from them to where it leads."""
    home = home_of(workflow)
    here = next((s for s in workflow.stages if s.kind == gathers.kind), None)
    at = workflow.stages.index(home) + 1
    stages = [*workflow.stages[:at], *beside, *([gathers] if here is None else [])]
    stages += workflow.stages[at:]
    by_name = {stage.name: stage for stage in stages}
    onward = workflow.move({"stage": home.name, "state": IN_PROGRESS}, "submit")
    after = by_name[onward.goes_to]
    rows = [row for stage in beside for row in stage_rows(stage, None, home, by_name)]
    if here is None:
        rows += [_into(row, after, onward) for row in stage_rows(gathers, after, home, by_name)]
        if gathers.kind == "join":
            rows.append(
                Transition(onward.goes_to, onward.to, "wait", "waiting", to_stage=gathers.name)
            )
    known = {(row.stage, row.state, row.action, row.goes_to) for row in workflow.table}
    new = [row for row in rows if (row.stage, row.state, row.action, row.goes_to) not in known]
    return msgspec.structs.replace(workflow, stages=stages, table=[*workflow.table, *new])


def _into(row: Transition, after: Stage, onward: Transition) -> Transition:
    # What was handed in by one person may stay where it was made.
    return msgspec.structs.replace(row, to=onward.to) if row.to_stage == after.name else row
