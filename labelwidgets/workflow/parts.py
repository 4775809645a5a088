"""Parts: tasks of people who label one item at the same time, each the classes that are theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from labelwidgets.errors import WorkflowError
from labelwidgets.schema.ontology import Ontology
from labelwidgets.schema.renames import Renames
from labelwidgets.store.moves import Move
from labelwidgets.store.tables import PROBES
from labelwidgets.workflow.stages import SKIPPED, SUBMITTED, WAITING, Stage, Workflow

_SETTLED = (SUBMITTED, SKIPPED)


def with_whole(task: Mapping[str, Any], move: Move, workflow: Workflow) -> Move:
    """Return a move of a part with that of the main task which follows from it.

    When all parts are submitted or skipped, the main task gets the labels of all of them and goes
    on; where one is taken back before anybody has gone on with the whole, it waits again, and
    gives them back.

    Raises
    ------
    WorkflowError
        If a part is taken back too late.
    """
    main = next((other for other in task["siblings"] if other["copy"] == 0), None)
    after = [{**task, **move.changes}, *task["siblings"]]
    parts = parts_among(after, workflow)
    if main is None or task["id"] not in [part["id"] for part in parts]:
        return move
    back = any(part["state"] not in _SETTLED for part in parts)
    if main["state"] == WAITING and workflow.kind_of(main) == "join":
        if back:
            return move
        given = [part["id"] for part in parts if part["state"] == SUBMITTED]
        if not given:
            note: dict[str, Any] = {"reason": "All parts were skipped."}
            return _with(main, Move("skip", _changes(main, "skip", workflow), note), move)
        note = {"joined": given}
        joined = Move("join", _changes(main, "join", workflow), note, joins=given)
        return _with(main, joined, move)
    if not back:
        return move
    kind = "requeue" if workflow.kind_of(main) == "join" else "wait"
    if kind not in workflow.actions(main):
        raise WorkflowError(
            "is part of a whole that somebody has gone on with.",
            where=f"task {task['id']} ({task['title']})",
            hint="Change the labels there.",
        )
    return _with(main, Move(kind, _changes(main, kind, workflow), {}, joins=()), move)


def parts_among(tasks: Sequence[Mapping[str, Any]], workflow: Workflow) -> list[Mapping[str, Any]]:
    """Return the parts that make the whole: of each stage for parts the first task.

    Another in the same stage is what somebody did too late, and is kept for itself.
    """
    found: dict[str, Mapping[str, Any]] = {}
    names = set(workflow.parts)
    for task in sorted(tasks, key=lambda row: int(row["copy"])):
        if 0 < task["copy"] < PROBES and task["stage"] in names:
            found.setdefault(task["stage"], task)
    return list(found.values())


def check_scope(
    task: Mapping[str, Any], stage: Stage, ontology: Ontology, *named: str | None
) -> None:
    """Raise if a label is of a class that is not labelled in a stage.

    Parameters
    ----------
    task
        That the label is of.
    stage
        That the task is in.
    ontology
        Of the project, which knows what was renamed.
    *named
        The class of the label before and after; None for answers about the image.

    Raises
    ------
    WorkflowError
        Naming the class, and those that are.
    """
    classes = scope_of(stage, ontology)
    if classes is None:
        return
    for name in named:
        asked = bool(stage.options.get("questions")) if name is None else name in classes
        if not asked:
            said = "answers about the image" if name is None else f"{name!r:.80}"
            raise WorkflowError(
                f"is for others to label: {said}.",
                where=f"task {task['id']} ({task['title']}), stage {stage.name}",
                hint=f"Here are labelled: {', '.join(classes)}.",
            )


def scope_of(stage: Stage, ontology: Ontology) -> list[str] | None:
    """Return the classes that are labelled in a stage, by their names now; None for all."""
    if stage.classes is None:
        return None
    renames = Renames.of(ontology)
    return [renames.class_name(name) or name for name in stage.classes]


def narrowed(ontology: Ontology, stage: Stage) -> Ontology:
    """Return what may be said in a stage of what may be said in the project."""
    classes = scope_of(stage, ontology)
    if classes is None:
        return ontology
    return msgspec.structs.replace(
        ontology,
        classes=[made for made in ontology.classes if made.name in classes],
        image_attributes=ontology.image_attributes if stage.options.get("questions") else [],
    )


def check_whole(
    task: Mapping[str, Any], siblings: Sequence[Mapping[str, Any]], user: str, workflow: Workflow
) -> None:
    """Raise if a person did a part of what is to be judged."""
    if any(part["maker"] == user for part in parts_among(siblings, workflow)):
        raise WorkflowError(
            f"is made by {user} and others, who cannot review it too.",
            where=f"task {task['id']} ({task['title']})",
        )


def _changes(main: Mapping[str, Any], kind: str, workflow: Workflow) -> dict[str, Any]:
    row = workflow.move(main, kind)
    return {"stage": row.goes_to, "state": row.to, "assignee": None}


def _with(main: Mapping[str, Any], whole: Move, move: Move) -> Move:
    return move._replace(also={main["id"]: whole})
