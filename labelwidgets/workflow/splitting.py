"""Splitting the classes of items among people who label them at the same time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from labelwidgets.errors import WorkflowError
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.ontology import Ontology
from labelwidgets.store import walls
from labelwidgets.store.more_tasks import NewTask
from labelwidgets.store.moves import Move
from labelwidgets.store.store import Store
from labelwidgets.store.tables import PROBES
from labelwidgets.workflow.people import current_user
from labelwidgets.workflow.stages import QUEUED, WAITING, Stage, Workflow
from labelwidgets.workflow.widening import free_name, home_of, with_parts

# Who labels which classes; None among the classes is the questions about the image.
Shares: TypeAlias = Mapping[str, Sequence[str | None]]
Annotations = Callable[[], list[Annotation]]


def part_stages(
    workflow: Workflow, ontology: Ontology, shares: Shares, *, shown: bool
) -> tuple[Workflow, dict[str, str]]:
    """Return a workflow with a stage for each share, and the stage of each person.

    A share that there was before, of the same classes, is in the same stage.

    Raises
    ------
    WorkflowError
        If a class is none, or somebody's twice.
    """
    home_of(workflow)
    wanted = _checked(shares, ontology, shown=shown)
    known = {_key(stage.options): stage.name for stage in workflow.stages if stage.part}
    named: dict[str, str] = {}
    new: dict[str, dict[str, Any]] = {}
    for person, options in wanted.items():
        name = known.get(_key(options))
        if name is None:
            said = ", ".join(options["classes"])
            name = free_name(workflow, said if len(said) <= 50 else f"{said[:49]}…")
            while name in new:
                name += "'"
            new[name] = options
        named[person] = name
    return (with_parts(workflow, new) if new else workflow), named


def _checked(shares: Shares, ontology: Ontology, *, shown: bool) -> dict[str, dict[str, Any]]:
    if not isinstance(shares, Mapping) or len(shares) < 2:
        raise WorkflowError(
            "must say who labels what, of at least two people.",
            where="split",
            hint='Such as {"ana": ["car"], "ben": ["sign"]}.',
        )
    whose: dict[str | None, str] = {}
    found: dict[str, dict[str, Any]] = {}
    for person, names in shares.items():
        current_user(person)
        classes = [names] if isinstance(names, str) else list(names)
        for name in classes:
            if name is not None and name not in ontology:
                raise WorkflowError(f"{name!r:.80} is no class.", where=f"share of {person}")
            if name in whose:
                raise WorkflowError(
                    f"{name!r:.80} is labelled by {whose[name]} already.",
                    where=f"share of {person}",
                )
            whose[name] = person
        some = [name for name in classes if name is not None]
        if not some:
            raise WorkflowError("has no class.", where=f"share of {person}")
        found[person] = {"classes": some, "questions": None in classes, "shown": shown}
    if None not in whose and ontology.image_attributes:
        # Somebody has to answer them.
        found[next(iter(found))]["questions"] = True
    return found


def _key(options: Mapping[str, Any]) -> tuple[Any, ...]:
    classes = tuple(sorted(options["classes"]))
    return classes, bool(options.get("questions")), bool(options.get("shown"))


def split(
    store: Store, workflow: Workflow, actor: str, main_ids: Sequence[str], stages: Mapping[str, str]
) -> int:
    """Make a part of each item for each person, in one transaction; return how many items.

    Parameters
    ----------
    stages
        The stage of each person's part.
    """
    home, join = home_of(workflow), workflow.first("join")
    if join is None:
        raise WorkflowError("has no stage of the kind join.", where=f"workflow {workflow.name!r}")
    whole = join.name
    with store.reading() as connection:
        if walls.standing(connection) is not None:
            # Whoever submits last would write what others made, which the walls let nobody do.
            raise WorkflowError(
                "is held by walls, behind which parts cannot be joined.",
                where=str(store.location),
                hint="Assign whole tasks, by class: project.assign(query, {'car': 'ana'}).",
            )

    def plan(task: Mapping[str, Any], annotations: Annotations) -> list[NewTask]:
        waits = (task["stage"], task["state"], task["copy"]) == (home.name, QUEUED, 0)
        if not waits or any(0 < other["copy"] < PROBES for other in task["siblings"]):
            raise WorkflowError(
                f"is {task['state']} in stage {task['stage']}, and only what nobody has begun "
                "can be split.",
                where=f"task {task['id']} ({task['title']})",
            )
        return [
            NewTask({"stage": name, "state": QUEUED, "assignee": person}, _takes(workflow[name]))
            for person, name in stages.items()
        ]

    def move(task: Mapping[str, Any], annotations: Annotations) -> Move:
        changes = {"stage": whole, "state": WAITING, "assignee": None}
        return Move("split", changes, {"parts": dict(stages)})

    store.add_beside(main_ids, actor, plan, move, {"parts": dict(stages)})
    return len(main_ids)


def _takes(stage: Stage) -> Callable[[Annotation], bool]:
    classes = stage.classes or ()
    asked = bool(stage.options.get("questions"))
    return lambda made: asked if made.class_name is None else made.class_name in classes
