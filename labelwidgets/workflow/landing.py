"""Where a task comes to rest that leaves a stage."""

from __future__ import annotations

from typing import NamedTuple

from labelwidgets.workflow.sampling import in_share
from labelwidgets.workflow.stages import SUBMITTED, Transition, Workflow


class Landing(NamedTuple):
    """Stage and state of a task after a move, and the stages that it passed by."""

    stage: str
    state: str
    passed: list[str]


def landing(workflow: Workflow, row: Transition, item_id: str) -> Landing:
    """Return where a move takes the task of an item.

    A stage that only a share of the tasks goes into lets the others pass, and a router by
    nothing, or by a share, sends on at once. Other routers need to look at the task first, which
    `labelwidgets.workflow.routing` does as soon as it is there.
    """
    stage, state = row.goes_to, row.to
    passed: list[str] = []
    if row.to_stage is None:
        return Landing(stage, state, passed)
    while stage not in passed:
        here = workflow[stage]
        picked = in_share(item_id, stage, here.options)
        if here.kind in ("review", "qc") and state == SUBMITTED and not picked:
            onward = workflow.move({"stage": stage, "state": SUBMITTED}, "accept")
        elif here.kind == "router" and not _looks(here.options):
            onward = router_exit(workflow, stage, yes=picked)
        else:
            break
        passed.append(stage)
        stage, state = onward.goes_to, onward.to
    return Landing(stage, state, passed)


def _looks(options: object) -> bool:
    return isinstance(options, dict) and not {
        "field",
        "query",
        "predicate",
        "agreement",
    }.isdisjoint(options)


def router_exit(workflow: Workflow, stage: str, *, yes: bool) -> Transition:
    """Return the way out of a router, for tasks that its rule is true of or for the others."""
    rows = [row for row in workflow.table if (row.stage, row.action) == (stage, "route")]
    then = workflow[stage].options.get("then")
    if yes and then is not None:
        return next(row for row in rows if row.goes_to == then)
    onward = workflow[stage].options.get("next")
    if onward is not None:
        return next(row for row in rows if row.goes_to == onward)
    return rows[-1]
