"""Opinions: tasks of several people about one item, and the main task that waits for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from labelwidgets.errors import WorkflowError
from labelwidgets.store.intake import Opinions
from labelwidgets.store.moves import Move
from labelwidgets.store.tables import PROBES
from labelwidgets.workflow.parts import with_whole
from labelwidgets.workflow.sampling import in_share
from labelwidgets.workflow.stages import SKIPPED, SUBMITTED, WAITING, Workflow

SETTLED = (SUBMITTED, SKIPPED)


def opinions_of_items(workflow: Workflow) -> Opinions | None:
    """Return which items several people label, by a workflow; None if one task each is all."""
    stage, fused = workflow.opinions, workflow.first("consensus")
    if stage is None or fused is None:
        return None
    name, options, overlap = stage.name, stage.options, stage.overlap

    def count(item_id: str) -> int:
        return overlap if in_share(item_id, name, options) else 0

    main = {"stage": fused.name, "state": fused.entry}
    return Opinions(count, main, {"stage": name, "state": stage.entry})


def check_distinct(
    task: Mapping[str, Any],
    siblings: Sequence[Mapping[str, Any]],
    user: str,
    *,
    part: bool = False,
) -> None:
    """Raise if an opinion is another's, or the person has one on the item already.

    Of parts of the work a person may do several.
    """
    where = f"task {task['id']} ({task['title']})"
    if not task["copy"] or (part and task["copy"] > 0):
        return
    if task["copy"] < 0:
        raise WorkflowError("is a golden answer, and nobody's work.", where=where)
    had = task["assignee"]
    if had not in (None, user) and not had.startswith("@"):
        raise WorkflowError(f"is the opinion of {task['assignee']}.", where=where)
    if any(other["copy"] > 0 and user in (other["assignee"], other["maker"]) for other in siblings):
        raise WorkflowError(f"is about an item that {user} has an opinion on already.", where=where)


def with_main(task: Mapping[str, Any], move: Move, workflow: Workflow) -> Move:
    """Return a move of an opinion with that of the main task which follows from it.

    The main task goes into its consensus when all opinions are submitted or skipped, is skipped
    where all are skipped, and waits again where one is taken back.

    Raises
    ------
    WorkflowError
        If an opinion is taken back after the consensus was made.
    """
    if not 0 < task["copy"] < PROBES:
        return move
    if workflow[task["stage"]].part:
        return with_whole(task, move, workflow)
    beside = set(workflow.parts)
    siblings = [other for other in task["siblings"] if other["stage"] not in beside]
    main = next((other for other in siblings if other["copy"] == 0), None)
    if main is None or workflow.kind_of(main) != "consensus":
        if move.kind in ("reopen", "requeue"):
            raise WorkflowError(
                "was heard: what came of all opinions has gone on.",
                where=f"task {task['id']} ({task['title']})",
            )
        return move
    states = [other["state"] for other in siblings if 0 < other["copy"] < PROBES]
    states.append(move.changes["state"])
    if any(state not in SETTLED for state in states):
        kind = None if main["state"] == WAITING else "wait"
    elif main["state"] != WAITING:
        kind = None
    else:
        kind = "skip" if set(states) == {SKIPPED} else "gather"
    if kind is None:
        return move
    if kind == "wait" and "wait" not in workflow.actions(main):
        if main["state"] == SKIPPED:
            kind = "requeue"
        else:
            raise WorkflowError(
                f"is being weighed with others by {main['assignee']}.",
                where=f"task {task['id']} ({task['title']})",
            )
    note = {"reason": "All opinions were skipped."} if kind == "skip" else {}
    row = workflow.move(main, kind)
    changes = {"stage": row.goes_to, "state": row.to, "assignee": None}
    return move._replace(also={main["id"]: Move(kind, changes, note)})
