"""Whether a person may change the labels of a task as it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labelwidgets.errors import RightsError, WorkflowError
from labelwidgets.workflow.stages import (
    JUDGING,
    OPEN_STATES,
    QUEUED,
    REVIEW_STATES,
    ROUTING,
    Workflow,
    may,
)


def check_open(
    task: Mapping[str, Any], workflow: Workflow, user: str, role: str | None, mine: bool
) -> None:
    """Raise unless a person may change the labels of a task.

    A maker may while it is queued or in progress, and no more once it is past that; a reviewer
    may while it is reviewed, unless the stage is strict; nobody may after that.

    Parameters
    ----------
    task
        As it is.
    workflow
        Of the project.
    user, role
        Who it is; no role may do everything that somebody may.
    mine
        Whether the task is assigned to the person, or to nobody.

    Raises
    ------
    WorkflowError
        Naming the task, and what to do.
    """
    where = f"task {task['id']} ({task['title']})"
    if workflow.archived:
        raise WorkflowError("is archived.", where="project", hint="Call project.restore() first.")
    stage = workflow[task["stage"]]
    state = task["state"]
    if stage.kind == "annotate" and state in OPEN_STATES:
        if task["copy"] and not mine:
            raise WorkflowError(f"is the opinion of {task['assignee']}.", where=where)
        if not mine and role == "annotator":
            had = "is assigned to" if state == QUEUED else "is being labelled by"
            raise RightsError(f"{had} {task['assignee']}.", where=where)
        return
    if stage.kind == "model" and state == QUEUED and (role is None or role == "admin"):
        return
    if stage.kind == "consensus" and state == ROUTING and (role is None or may(role, "reviewer")):
        # What opinions come to is written before the task is sent on.
        return
    if stage.kind in JUDGING and state in REVIEW_STATES:
        needed = "qc" if stage.kind == "qc" else "reviewer"
        if role is not None and not may(role, needed):
            raise WorkflowError(
                f"is in stage {stage.name}, so that its labels are closed.",
                where=where,
                hint="To change them, reopen it first.",
            )
        check_judge(task, user, mine)
        if stage.options.get("strict"):
            raise WorkflowError(
                f"is in stage {stage.name}, where labels are judged and not changed.",
                where=where,
                hint="Reject it, and say what is wrong.",
            )
        return
    raise WorkflowError(
        f"is {state}, so that its labels are closed.",
        where=where,
        hint="To change them, reopen it first.",
    )


def check_leads(task: Mapping[str, Any], workflow: Workflow, role: str | None) -> None:
    """Raise unless a person may change golden answers: whoever leads may."""
    if workflow.archived:
        raise WorkflowError("is archived.", where="project", hint="Call project.restore() first.")
    if role not in (None, "admin"):
        raise WorkflowError(
            "is a golden answer, which only an admin may change.",
            where=f"task {task['id']} ({task['title']})",
        )


def check_judge(task: Mapping[str, Any], user: str, mine: bool) -> None:
    """Raise if a person made a task, or another is reviewing it."""
    where = f"task {task['id']} ({task['title']})"
    if task["maker"] == user:
        raise WorkflowError(
            f"was made by {user}, who cannot review it too.",
            where=where,
            hint="Reopen it to change it; somebody else reviews it.",
        )
    if not mine:
        raise WorkflowError(f"is being reviewed by {task['assignee']}.", where=where)
