"""What a lead does with many tasks at once: assign, rank, batch and push them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from labelwidgets.errors import WorkflowError
from labelwidgets.schema.annotation import Annotation
from labelwidgets.store.moves import Move
from labelwidgets.store.people import Person
from labelwidgets.store.store import Store
from labelwidgets.store.tables import PROBES
from labelwidgets.workflow.people import current_user
from labelwidgets.workflow.sampling import chance
from labelwidgets.workflow.stages import (
    DONE,
    JUDGING,
    NEEDED,
    QUEUED,
    ROLES,
    SKIPPED,
    SUBMITTED,
    Workflow,
    may,
)
from labelwidgets.workflow.team import check_assignable

if TYPE_CHECKING:
    import pandas as pd

# One person, a group ("@readers"), several people, or who does which class.
To: TypeAlias = "str | Sequence[str] | Mapping[str, str | Sequence[str]]"
DEFAULT_BATCH = "default"
MAX_PRIORITY = (1 << 31) - 1
Annotations = Callable[[], list[Annotation]]


def assign(
    store: Store, workflow: Workflow, actor: str, task_ids: Sequence[str], to: To | None, seed: int
) -> int:
    """Assign tasks, in one transaction, and return how many; see `Project.assign`."""
    load: dict[str, int] = {}
    by_class = to if isinstance(to, Mapping) else None
    everybody = [] if to is None or isinstance(to, Mapping) else _people(to)
    shares = {name: _people(who) for name, who in by_class.items()} if by_class else {}
    known = store.read_people()
    for name in [*everybody, *(name for who in shares.values() for name in who)]:
        check_assignable(known, name)

    def decide(task: Mapping[str, Any], annotations: Annotations) -> Move | None:
        if not 0 <= task["copy"] < PROBES:
            return None  # A golden answer is nobody's, and a probe somebody's already.
        waits = task["state"] == QUEUED or (
            task["state"] == SUBMITTED and workflow.kind_of(task) in JUDGING
        )
        if not waits:
            raise WorkflowError(
                f"is {task['state']}, and only what waits can be assigned.", where=_name(task)
            )
        if to is None:
            return Move("assign", {"assignee": None}, {})
        people = everybody if by_class is None else _for_class(annotations(), shares)
        fit = [person for person in people if _fits(task, person, workflow, known)]
        if not fit:
            raise WorkflowError(
                "can be done by none of these people: they made it, or have an opinion on its "
                "item, or their role may not, or none of them does its classes.",
                where=_name(task),
            )
        least = min(load.get(person, 0) for person in fit)
        idle = [person for person in fit if load.get(person, 0) == least]
        chosen = idle[int(chance(task["id"], "assign", seed) * len(idle))]
        load[chosen] = load.get(chosen, 0) + 1
        return Move("assign", {"assignee": chosen}, {})

    # In an order of the seed, so that shares are random and not by place in the dataset.
    order = sorted(task_ids, key=lambda name: chance(name, "order", seed))
    return store.move_all(order, actor, decide)


def _people(to: str | Sequence[str]) -> list[str]:
    people = [to] if isinstance(to, str) else list(to)
    if not people:
        raise WorkflowError("must name somebody.", where="to")
    for person in people:
        current_user(person)
    return list(dict.fromkeys(people))


def _for_class(labels: Sequence[Annotation], shares: Mapping[str, Sequence[str]]) -> list[str]:
    """Return who does the class that most labels of a task are of, of those that somebody does."""
    counts: dict[str, int] = {}
    for name in [made.class_name for made in labels if made.class_name]:
        if name in shares:
            counts[name] = counts.get(name, 0) + 1
    return list(shares[max(counts, key=lambda some: counts[some])]) if counts else []


def _fits(
    task: Mapping[str, Any], person: str, workflow: Workflow, known: Mapping[str, Person]
) -> bool:
    if person.startswith("@"):
        return True
    if known and not may(known[person].role, NEEDED.get(workflow.kind_of(task), ROLES[0])):
        return False
    if workflow.kind_of(task) in JUDGING:
        return bool(task["maker"] != person)
    others = [other for other in task["siblings"] if other["copy"] > 0]
    return task["copy"] == 0 or not any(
        person in (other["assignee"], other["maker"]) for other in others
    )


def prioritize(store: Store, actor: str, task_ids: Sequence[str], priority: int) -> int:
    """Rank tasks: those of a higher number are given out first."""
    sound = isinstance(priority, int) and not isinstance(priority, bool)
    if not sound or abs(priority) > MAX_PRIORITY:
        raise WorkflowError("must be a whole number of 32 bits.", where="priority")

    def decide(task: Mapping[str, Any], annotations: Annotations) -> Move | None:
        same = task["priority"] == priority
        return None if same else Move("prioritize", {"priority": priority}, {})

    return store.move_all(task_ids, actor, decide)


def rank(store: Store, actor: str, scores: pd.Series[Any]) -> int:
    """Rank tasks in the order of scores, the highest first; see `Project.prioritize`."""
    scores = scores.dropna()
    twice = scores.index[scores.index.duplicated()]
    if len(twice):
        raise WorkflowError(
            "is there twice.",
            where=f"scores, row {str(twice[0])[:80]!r}",
            hint="One score an item: scores.groupby(level=0).max().",
        )
    order = scores.sort_values(ascending=False, kind="stable").index
    places = {name: len(order) - at for at, name in enumerate(order)}
    tasks = store.tasks[["id", "item_id"]].itertuples(index=False, name=None)
    ranks: dict[str, int] = {}
    known: set[Any] = set()
    for task_id, item in tasks:
        known |= {task_id, item}
        place = places.get(task_id, places.get(item))
        if place is not None:
            ranks[task_id] = place
    unknown = next((name for name in order if name not in known), None)
    if unknown is not None:
        raise WorkflowError(
            "is the id of no task and no item of the project.",
            where=f"scores, row {str(unknown)[:80]!r}",
            hint="The index must be ids, as in the columns id and item_id of project.tasks.",
        )

    def decide(task: Mapping[str, Any], annotations: Annotations) -> Move | None:
        priority = ranks[task["id"]]
        same = task["priority"] == priority
        return None if same else Move("prioritize", {"priority": priority}, {})

    return store.move_all(list(ranks), actor, decide)


def put_in_batch(store: Store, actor: str, task_ids: Sequence[str], batch: str) -> int:
    """Move tasks, with the opinions on their items, into a batch."""
    if not isinstance(batch, str) or not batch.strip() or len(batch) > 200:
        raise WorkflowError("needs a name of at most 200 characters.", where="batch")
    name = None if batch == DEFAULT_BATCH else batch

    def decide(task: Mapping[str, Any], annotations: Annotations) -> Move | None:
        return None if task["batch"] == name else Move("batch", {"batch": name}, {})

    return store.move_all(task_ids, actor, decide)


def push(
    store: Store, workflow: Workflow, actor: str, task_ids: Sequence[str], stage: str, reason: str
) -> int:
    """Put tasks into a stage, past the table: for a lead who must."""
    to = workflow[stage]
    if to.overlap:
        raise WorkflowError("is for opinions alone.", where=f"stage {stage!r}")
    if not isinstance(reason, str) or not reason.strip():
        raise WorkflowError("needs a reason.", where="push")

    def decide(task: Mapping[str, Any], annotations: Annotations) -> Move:
        if task["copy"] != 0:
            raise WorkflowError("is an opinion, which stays where it is.", where=_name(task))
        state = SUBMITTED if to.kind == "consensus" else to.entry
        changes = {"stage": stage, "state": state, "assignee": None}
        return Move("push", changes, {"reason": reason})

    return store.move_all(task_ids, actor, decide)


def reopen_batch(store: Store, workflow: Workflow, actor: str, batch: str, reason: str) -> int:
    """Put all finished main tasks of a batch back to where work begins, each to its maker."""
    frame = store.tasks
    named = frame["batch"].fillna(DEFAULT_BATCH) == batch
    if not named.any():
        raise WorkflowError("There is no such batch.", where=f"batch {batch[:80]!r}")

    def decide(task: Mapping[str, Any], annotations: Annotations) -> Move | None:
        if "requeue" not in workflow.actions(task):
            return None
        row = workflow.move(task, "requeue")
        changes = {"stage": row.goes_to, "state": row.to, "assignee": task["maker"]}
        return Move("requeue", changes, {"reason": reason, "batch": batch})

    main = frame.loc[named & (frame["copy"] == 0), "id"]
    return store.move_all(list(main), actor, decide)


def batch_frame(store: Store, workflow: Workflow) -> pd.DataFrame:
    """Return one row a batch; see `Project.batches`."""
    frame = store.tasks
    frame = frame[frame["copy"] == 0]
    ends = set(workflow.names("done", "archive"))
    over = frame["stage"].isin(ends) | frame["state"].isin([DONE, SKIPPED])
    if not ends:
        over |= frame["state"] == SUBMITTED
    table = frame.assign(batch=frame["batch"].fillna(DEFAULT_BATCH), done=over)
    found = table.groupby("batch", sort=False).agg(
        tasks=("id", "size"), done=("done", "sum"), priority=("priority", "max")
    )
    found = found.reset_index().astype({"tasks": "int64", "done": "int64", "priority": "int64"})
    return found.assign(complete=found["done"] == found["tasks"])


def _name(task: Mapping[str, Any]) -> str:
    return f"task {task['id']} ({task['title']})"
