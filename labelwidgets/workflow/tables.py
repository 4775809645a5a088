"""The table of moves that follows from stages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from labelwidgets.errors import WorkflowError
from labelwidgets.workflow.stages import (
    ARCHIVED,
    DONE,
    IN_PROGRESS,
    IN_REVIEW,
    QUEUED,
    ROUTING,
    SKIPPED,
    SUBMITTED,
    WAITING,
    Stage,
    Transition,
    Workflow,
)


def workflow(name: str, stages: Sequence[Stage]) -> Workflow:
    """Make a workflow of stages, with the table of moves that follows from their kinds.

    A task goes from stage to stage in their order, unless a stage names its `next`.

    Parameters
    ----------
    name
        Of the workflow.
    stages
        At least one; the first that is not for opinions is where a new task begins.

    Raises
    ------
    WorkflowError
        If the stages do not fit together, naming the one that does not.
    """
    stages = list(stages)
    by_name = {stage.name: stage for stage in stages}
    home = next((s for s in stages if s.kind == "annotate" and not s.beside), None)
    table = []
    for place, stage in enumerate(stages):
        for option in ("next", "then", "back"):
            if stage.options.get(option, stage.name) not in by_name:
                raise WorkflowError(
                    f"is {stage.options[option]!r}, which is no stage.",
                    where=f"workflow {name!r}, stage {stage.name!r}, {option}",
                )
        after = by_name[stage.options["next"]] if "next" in stage.options else None
        if after is None:
            # Those who give opinions, or do a part, stand beside the way of the main task.
            after = next((s for s in stages[place + 1 :] if not s.beside), None)
        table += stage_rows(stage, after, home, by_name)
    for stage in stages:
        if stage.kind == "join":
            # Whoever did a part may take it back until somebody goes on with the whole.
            onward = next(row for row in table if (row.stage, row.action) == (stage.name, "join"))
            table.append(Transition(onward.goes_to, onward.to, "wait", WAITING, stage.name))
    return Workflow(name, stages, table)


def stage_rows(
    stage: Stage, after: Stage | None, home: Stage | None, by_name: Mapping[str, Stage]
) -> list[Transition]:
    """Return the moves from a stage.

    Parameters
    ----------
    stage
        Which.
    after
        Where its tasks go; None where they stay.
    home
        Where one person labels, None if there is no such stage.
    by_name
        All stages.
    """
    at = stage.name
    if stage.kind == "annotate":
        # An opinion stays where it was given; what comes of all of them goes on.
        onward = None if stage.beside else after
        to = (SUBMITTED, None) if onward is None else (onward.entry, onward.name)
        rows = [
            Transition(at, QUEUED, "open", IN_PROGRESS),
            Transition(at, QUEUED, "submit", *to),
            Transition(at, QUEUED, "skip", SKIPPED),
            Transition(at, IN_PROGRESS, "submit", *to),
            Transition(at, IN_PROGRESS, "skip", SKIPPED),
            Transition(at, IN_PROGRESS, "release", QUEUED),
            Transition(at, SKIPPED, "reopen", IN_PROGRESS),
            Transition(at, SKIPPED, "requeue", QUEUED),
        ]
        if onward is None:
            rows.append(Transition(at, SUBMITTED, "reopen", IN_PROGRESS))
            rows.append(Transition(at, SUBMITTED, "requeue", QUEUED, role="reviewer"))
        return rows
    if stage.kind == "model":
        on = _after(stage, after)
        rows = [Transition(at, QUEUED, "submit", on.entry, on.name)]
        if "then" in stage.options:
            sure = by_name[stage.options["then"]]
            rows.append(Transition(at, QUEUED, "route", sure.entry, sure.name))
        return rows
    if stage.kind == "router":
        targets = [_after(stage, after)]
        if "then" in stage.options:
            targets.insert(0, by_name[stage.options["then"]])
        unique = {target.name: target for target in targets}
        return [Transition(at, ROUTING, "route", t.entry, t.name) for t in unique.values()]
    if stage.kind == "join":
        on = _after(stage, after)
        return [
            Transition(at, WAITING, "join", on.entry, on.name),
            Transition(at, WAITING, "skip", SKIPPED),
            Transition(at, SKIPPED, "requeue", WAITING),
        ]
    if stage.kind == "consensus":
        on = weighed = _after(stage, after)
        rows = []
        if stage.settles:
            rows.append(Transition(at, ROUTING, "wait", WAITING))
            if "then" in stage.options:
                weighed = by_name[stage.options["then"]]
                rows.append(Transition(at, ROUTING, "route", weighed.entry, weighed.name))
            if weighed != on or "then" not in stage.options:
                rows.append(Transition(at, ROUTING, "route", on.entry, on.name))
        on = weighed
        return [
            Transition(at, WAITING, "gather", ROUTING if stage.settles else SUBMITTED),
            *rows,
            Transition(at, WAITING, "skip", SKIPPED),
            Transition(at, SKIPPED, "requeue", WAITING),
            Transition(at, SUBMITTED, "open", IN_REVIEW, role="reviewer"),
            Transition(at, SUBMITTED, "accept", on.entry, on.name, "reviewer"),
            Transition(at, SUBMITTED, "wait", WAITING),
            Transition(at, IN_REVIEW, "accept", on.entry, on.name, "reviewer"),
            Transition(at, IN_REVIEW, "release", SUBMITTED, role="reviewer"),
        ]
    if stage.kind in ("review", "qc"):
        return _judging(stage, after, home, by_name)
    rows = []
    role = "reviewer" if stage.kind == "done" else "admin"
    fused = next((s for s in by_name.values() if s.kind == "consensus"), None)
    if home is not None:
        rows.append(Transition(at, stage.entry, "reopen", IN_PROGRESS, home.name, role))
        rows.append(Transition(at, stage.entry, "requeue", QUEUED, home.name, role))
    elif fused is not None:
        rows.append(Transition(at, stage.entry, "reopen", IN_REVIEW, fused.name, role))
        rows.append(Transition(at, stage.entry, "requeue", SUBMITTED, fused.name, role))
    store = next((s for s in by_name.values() if s.kind == "archive"), None)
    if stage.kind == "done" and store is not None:
        rows.append(Transition(at, DONE, "archive", ARCHIVED, store.name, "admin"))
    return rows


def _judging(
    stage: Stage, after: Stage | None, home: Stage | None, by_name: Mapping[str, Stage]
) -> list[Transition]:
    at, on = stage.name, _after(stage, after)
    back = by_name[stage.options["back"]] if "back" in stage.options else home
    if back is None and stage.kind == "review" and any(s.overlap for s in by_name.values()):
        # Of opinions alone nothing goes back: who judges puts right what came of them.
        back = stage
    if back is None:
        raise WorkflowError(
            "has no stage to give rejected tasks back to.",
            where=f"stage {at!r}",
            hint="Add one of the kind annotate, or name it in `back`.",
        )
    role = "qc" if stage.kind == "qc" else "reviewer"
    rows = [
        Transition(at, SUBMITTED, "open", IN_REVIEW, role=role),
        Transition(at, SUBMITTED, "accept", on.entry, on.name, role),
        Transition(at, SUBMITTED, "reject", back.entry, back.name, role),
        Transition(at, IN_REVIEW, "accept", on.entry, on.name, role),
        Transition(at, IN_REVIEW, "reject", back.entry, back.name, role),
        Transition(at, IN_REVIEW, "release", SUBMITTED, role=role),
    ]
    if back is stage:
        rows = [row for row in rows if row.action != "reject"]
    if home is not None:
        # A maker takes back what nobody has looked at yet.
        taken = "annotator" if stage.kind == "review" else "reviewer"
        rows.append(Transition(at, SUBMITTED, "reopen", IN_PROGRESS, home.name, taken))
    return rows


def _after(stage: Stage, after: Stage | None) -> Stage:
    if after is None:
        raise WorkflowError(
            "is the last one, and a task cannot stay in it.",
            where=f"stage {stage.name!r}",
            hint='Add a stage of the kind done, such as Stage("done", "done").',
        )
    return after
