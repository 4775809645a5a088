"""Asking people for opinions on items that have their tasks already."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from labelwidgets.errors import WorkflowError
from labelwidgets.numbered import numbered
from labelwidgets.schema.annotation import Annotation
from labelwidgets.store.more_tasks import NewTask
from labelwidgets.store.moves import Move
from labelwidgets.store.store import Store
from labelwidgets.store.tables import PROBES
from labelwidgets.workflow.people import current_user
from labelwidgets.workflow.stages import (
    IN_PROGRESS,
    IN_REVIEW,
    SUBMITTED,
    WAITING,
    Workflow,
)

Annotations = Callable[[], list[Annotation]]
MOST = 100


def ask_opinions(
    store: Store,
    workflow: Workflow,
    actor: str,
    main_ids: Sequence[str],
    count: int,
    people: Sequence[str] | None,
    *,
    wait: bool,
) -> int:
    """Ask for opinions, in one transaction, and return how many; see `Project.ask_opinions`."""
    count, people = _asked(count, people)
    stage, fused = workflow.opinions, workflow.first("consensus")
    if stage is None or fused is None:
        raise WorkflowError("has no stage for opinions.", where=f"workflow {workflow.name!r}")
    parts = set(workflow.parts)
    hands = store.hands(main_ids)

    def plan(task: Mapping[str, Any], annotations: Annotations) -> list[NewTask]:
        if task["copy"] != 0:
            raise WorkflowError("is no main task.", where=_name(task))
        siblings = task["siblings"]
        if any(other["copy"] > 0 and other["stage"] in parts for other in siblings):
            raise WorkflowError("is shared by classes, and waits for its parts.", where=_name(task))
        if wait and task["state"] in (IN_PROGRESS, IN_REVIEW):
            raise WorkflowError(
                f"is being worked on by {task['assignee']}.",
                where=_name(task),
                hint="Ask when it is handed in, or with wait=False.",
            )
        given = {name for other in siblings if 0 < other["copy"] < PROBES for name in _whose(other)}
        made = []
        if wait and task["id"] in hands and task["maker"] is not None:
            maker = hands[task["id"]].maker
            if maker not in given:
                # What one person made becomes one opinion among others.
                own = {"stage": stage.name, "state": SUBMITTED, "maker": maker}
                made.append(NewTask(own, lambda _: True))
        if task["maker"] is not None:
            given.add(task["maker"])
        double = [name for name in people if name in given]
        if double:
            raise WorkflowError(f"has an opinion of {double[0]} already.", where=_name(task))
        for number in range(count):
            whose = people[number] if people else None
            start = {"stage": stage.name, "state": stage.entry, "assignee": whose}
            made.append(NewTask(start))
        return made

    def move(task: Mapping[str, Any], annotations: Annotations) -> Move | None:
        if not wait or (task["stage"], task["state"]) == (fused.name, WAITING):
            return None
        changes = {"stage": fused.name, "state": WAITING, "assignee": None, "maker": None}
        return Move("wait", changes, {"asked": count})

    store.add_beside(main_ids, actor, plan, move, {"asked": count})
    return count * len(main_ids)


def _asked(count: int, people: Sequence[str] | None) -> tuple[int, list[str]]:
    named = [people] if isinstance(people, str) else list(people or ())
    for person in named:
        current_user(person)
    if len(set(named)) < len(named):
        raise WorkflowError("name somebody twice.", where="people")
    whole = isinstance(count, int) and not isinstance(count, bool) and 1 <= count <= MOST
    if not whole:
        raise WorkflowError(f"must be a whole number from 1 to {MOST}.", where="count")
    if named and len(named) != count:
        raise WorkflowError(
            f"are {len(named)}, and {numbered(count, 'opinion')} are asked for.", where="people"
        )
    return count, named


def _whose(task: Mapping[str, Any]) -> list[str]:
    return [name for name in (task["maker"], task["assignee"]) if name is not None]


def _name(task: Mapping[str, Any]) -> str:
    return f"task {task['id']} ({task['title']})"
