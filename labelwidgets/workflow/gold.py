"""Golden answers: setting and removing them, and seeding them into people's queues, unseen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from labelwidgets.errors import SchemaError, WorkflowError
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Tag
from labelwidgets.schema.ids import new_id
from labelwidgets.store.edits import FIELDS, Edit, Kind
from labelwidgets.store.gold_tasks import Probe
from labelwidgets.store.records import Held
from labelwidgets.store.store import Store
from labelwidgets.store.tables import IMAGE_SUFFIX, PROBES
from labelwidgets.workflow.people import current_user
from labelwidgets.workflow.sampling import chance
from labelwidgets.workflow.stages import (
    IN_PROGRESS,
    QUEUED,
    ROUTING,
    SKIPPED,
    SUBMITTED,
    WAITING,
    Workflow,
)

if TYPE_CHECKING:
    import pandas as pd

_UNFINISHED = (QUEUED, IN_PROGRESS, WAITING, ROUTING, SKIPPED)

Answers = Mapping[str, Sequence[Annotation]]


def answers_of_tasks(store: Store, task_ids: Sequence[str]) -> tuple[Answers, dict[str, str]]:
    """Return the labels of finished tasks by their item, and by item who made them.

    Raises
    ------
    WorkflowError
        If a task is not finished, or two are of one item.
    """
    found: dict[str, list[Annotation]] = {}
    makers: dict[str, str] = {}
    for task_id in task_ids:
        task = store.task(task_id)
        where = f"task {task_id} ({task['title']})"
        if task["copy"] < 0:
            continue
        if task["state"] in _UNFINISHED:
            raise WorkflowError(
                f"is {task['state']}, and only what is finished can be a golden answer.",
                where=where,
            )
        if task["item_id"] in found:
            raise WorkflowError(
                "is of an item of which another task is named too: it has one golden answer.",
                where=where,
            )
        found[task["item_id"]] = store.read(task_id)
        if task["maker"]:
            makers[task["item_id"]] = task["maker"]
    return found, makers


def answers_of_labels(
    labels: Sequence[Annotation], items: Iterable[str] | None, known: Callable[[str], bool]
) -> Answers:
    """Return labels by their item; of the items alone that are named, where some are.

    Raises
    ------
    SchemaError
        If an item is none of the project, naming it.
    """
    wanted = None if items is None else [str(item) for item in items]
    found: dict[str, list[Annotation]] = {item: [] for item in wanted or ()}
    for made in labels:
        if wanted is None or made.item_id in found:
            found.setdefault(made.item_id, []).append(made)
    for item in found:
        if not known(item):
            raise SchemaError(
                f"{item[:80]!r} is no item of the project.",
                where="item_id",
                hint="See the column item_id of the tasks frame.",
            )
    return found


def gold_start(workflow: Workflow) -> dict[str, str]:
    """Return stage and state of a task that holds a golden answer: it is nobody's work."""
    end = workflow.first("done", "archive")
    if end is not None:
        return {"stage": end.name, "state": end.entry}
    return {"stage": workflow.stages[-1].name, "state": SUBMITTED}


def probe_start(workflow: Workflow) -> dict[str, str]:
    """Return stage and state of a task that compares somebody with a golden answer."""
    stage = workflow.first("annotate")
    if stage is None:
        raise WorkflowError(
            "has no stage in which people label.", where=f"workflow {workflow.name!r}"
        )
    single = next(
        (one for one in workflow.stages if one.kind == "annotate" and not one.overlap), stage
    )
    return {"stage": single.name, "state": single.entry}


def setting(
    answers: Answers,
    tasks: Mapping[str, str],
    held: Mapping[str, Held],
    before: Sequence[Annotation],
    makers: Mapping[str, str],
) -> tuple[list[Edit], dict[str, str]]:
    """Return the edits of one gesture that set golden answers, and the authors of what they make.

    Parameters
    ----------
    answers
        Labels by item.
    tasks
        Tasks for golden answers, by item.
    held
        What is held of the answers about the images of those tasks, by id.
    before
        Labels that are in the tasks now: they go.
    makers
        Who answers for an item as a whole, where that is known.
    """
    gesture = new_id()
    edits = [
        _edit("delete", made.task_id or "", made.id, made.revision, None, gesture)
        for made in before
        if made.class_name is not None
    ]
    authors: dict[str, str] = {}
    for item, labels in answers.items():
        task = tasks[item]
        about = task + IMAGE_SUFFIX
        said: dict[str, Any] = {}
        for made in labels:
            if made.class_name is None:
                said |= made.attributes
                continue
            name = new_id()
            after = {field: getattr(made, field) for field in FIELDS} | {"state": "editable"}
            edits.append(_edit("create", task, name, 0, after, gesture))
            if made.author:
                authors[name] = made.author
        now = held.get(about)
        base = now.annotation.revision if now else 0
        fresh = now is None or now.deleted
        values = {"class_name": None, "geometry": Tag(), "attributes": said}
        after = values if fresh else {"attributes": said}
        kind: Kind = "create" if fresh else "update"
        edits.append(_edit(kind, task, about, base, after, gesture))
        if item in makers:
            authors[about] = makers[item]
    return edits, authors


def _edit(
    kind: Kind, task: str, annotation: str, base: int, after: dict[str, Any] | None, gesture: str
) -> Edit:
    return Edit(
        id=new_id(),
        task=task,
        kind=kind,
        annotation=annotation,
        base=base,
        after=after,
        gesture=gesture,
    )


def removing(labels: Sequence[Annotation]) -> list[Edit]:
    """Return the edits of one gesture that remove golden answers, with all that is in them."""
    gesture = new_id()
    return [
        _edit("delete", made.task_id or "", made.id, made.revision, None, gesture)
        for made in labels
    ]


def authors_of(labels: Sequence[Annotation]) -> set[str]:
    """Return who made a golden answer, and is not measured by it."""
    drawn = {made.author for made in labels if made.class_name is not None and made.author}
    return drawn or {made.author for made in labels if made.author}


def seeding(
    tasks: pd.DataFrame,
    annotations: pd.DataFrame,
    golden: Mapping[str, str],
    people: Sequence[str],
    share: float | None,
    number: int | None,
    seed: int,
) -> list[Probe]:
    """Return the probes that bring each person's queue up to a share, or a number, of gold.

    Parameters
    ----------
    tasks, annotations
        The frames of a project.
    golden
        Tasks of golden answers by item.
    people
        Who gets some.
    share
        Of the tasks that wait for a person: those assigned to them, and an equal part of those
        that are anybody's; at least one.
    number
        How many of those that are still to be done; in place of a share.
    seed
        Which items, and where in the queue.
    """
    waits = tasks[(tasks["state"] == QUEUED) & (tasks["copy"] < PROBES) & (tasks["copy"] >= 0)]
    waits = waits.sort_values("priority", ascending=False, kind="stable")
    free = waits[waits["assignee"].isna() | waits["assignee"].str.startswith("@").fillna(False)]
    seen = _seen(tasks, annotations)
    open_probes = tasks[(tasks["copy"] >= PROBES) & tasks["state"].isin([QUEUED, IN_PROGRESS])]
    probes: list[Probe] = []
    for person in people:
        own = waits[waits["assignee"] == person]
        if number is None:
            ahead = len(own) + len(free) / len(people)
            wanted = max(1, round((share or 0.0) * ahead)) if ahead else 0
        else:
            wanted = number
        wanted -= int((open_probes["assignee"] == person).sum())
        fresh = [item for item in golden if (item, person) not in seen]
        ranks = {item: chance(item, "gold", seed, person) for item in fresh}
        items = sorted(fresh, key=ranks.__getitem__)
        among = list(own["id"]) or list(free["id"])
        for item in items[: max(0, wanted)]:
            at = int(chance(item, "place", seed, person) * len(among))
            probes.append(Probe(item, person, among[at] if among else None))
    return probes


def _seen(tasks: pd.DataFrame, annotations: pd.DataFrame) -> set[tuple[str, str]]:
    """Return the pairs of item and person who has worked on it, or made its golden answer."""
    pairs = [
        zip(tasks["item_id"], tasks["assignee"], strict=True),
        zip(tasks["item_id"], tasks["maker"], strict=True),
        zip(annotations["item_id"], annotations["author"], strict=True),
    ]
    return {(item, who) for some in pairs for item, who in some if isinstance(who, str)}


def check_seeding(share: float | None, number: int | None) -> None:
    """Raise unless a share from 0 to 1, or a whole number, is given.

    Raises
    ------
    WorkflowError
        Naming which.
    """
    if (share is None) == (number is None):
        raise WorkflowError("needs a share or a number, and not both.", where="seed_gold")
    real = isinstance(share, int | float) and not isinstance(share, bool)
    if share is not None and not (real and 0 < share <= 1):
        raise WorkflowError("must be above 0 and at most 1.", where="share")
    whole = isinstance(number, int) and not isinstance(number, bool)
    if number is not None and not (whole and number > 0):
        raise WorkflowError("must be a whole number from 1.", where="number")


def annotators(people: pd.DataFrame) -> list[str]:
    """Return the annotators among the people of a project."""
    there = people["removed_at"].isna() & (people["role"] == "annotator")
    return [str(name) for name in people.loc[there.fillna(False).to_numpy(bool), "name"]]


def workers(tasks: pd.DataFrame, moves: pd.DataFrame, workflow: Workflow) -> list[str]:
    """Return who labels: whom tasks are assigned to, and who has begun or submitted some."""
    makes = set(workflow.names("annotate"))
    own = tasks[tasks["stage"].isin(makes)]["assignee"].dropna()
    begun = moves[moves["kind"] == "submit"]["actor"]
    opened = [
        actor
        for actor, kind, payload in zip(
            moves["actor"], moves["kind"], moves["payload"], strict=True
        )
        if kind == "open" and (payload.get("after") or {}).get("stage", "") in makes
    ]
    names = [*own, *begun, *opened]
    return sorted({str(name) for name in names if not str(name).startswith("@")})


def check_people(people: str | Iterable[str]) -> list[str]:
    """Return names of people, each once; `WorkflowError` if one is none."""
    named = [people] if isinstance(people, str) else list(people)
    for person in named:
        current_user(person)
    return list(dict.fromkeys(named))
