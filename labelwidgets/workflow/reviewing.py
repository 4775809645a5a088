"""What one who judges a task is shown of it, and what its maker is told of the verdict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from labelwidgets.errors import LabelwidgetsError
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.issue import Issue
from labelwidgets.schema.verdict import TAGS, Opinion, Verdict, VerdictKind
from labelwidgets.workflow.difference import Change, counted, difference
from labelwidgets.workflow.stages import JUDGING

if TYPE_CHECKING:
    import pandas as pd

    from labelwidgets.workflow.session import Session


class Review(msgspec.Struct, frozen=True):
    """A task as it is judged.

    Parameters
    ----------
    task_id, stage, kind
        Which, in which stage, of which kind.
    actions
        What this person may do with it: ``accept`` and ``reject`` where the person judges.
    strict
        Whether who judges may change nothing.
    tags
        The checklist of errors.
    maker
        Who made what is judged.
    rounds
        How often it was given back.
    verdicts
        On it so far, the first one first.
    issues
        With their threads.
    before
        What the maker handed in, for those who judge; None where nothing was.
    opinions
        What several people labelled on the item, for those who judge.
    """

    task_id: str
    stage: str
    kind: str
    actions: list[str]
    strict: bool
    tags: list[str]
    maker: str | None
    rounds: int
    verdicts: list[Verdict]
    issues: list[Issue]
    before: list[Annotation] | None
    opinions: list[Opinion]

    @property
    def judges(self) -> bool:
        """Whether this person may accept the task."""
        return "accept" in self.actions


def review_of(session: Session, task_id: str) -> Review:
    """Return a task as it is judged by this person, or as its maker is told of it."""
    task = session.task(task_id)
    workflow, store = session.workflow, session.store
    stage = workflow[task["stage"]]
    actions = _actions(session, task)
    judges = "accept" in actions
    return Review(
        task_id=task_id,
        stage=stage.name,
        kind=stage.kind,
        actions=[action for action in actions if action in ("accept", "reject")],
        strict=bool(stage.options.get("strict")),
        tags=list(stage.options.get("tags", TAGS)),
        maker=task["maker"],
        rounds=task["rounds"],
        verdicts=store.verdicts(task_id),
        issues=session.issues.of(task_id),
        before=store.handed_in(task_id) if judges else None,
        opinions=store.opinions(task_id) if judges else [],
    )


def may_judge(session: Session, task: Mapping[str, Any]) -> bool:
    """Say whether a task waits for a verdict that this person may give: of others' work alone."""
    mine = task["assignee"] in (None, session.user)
    judging = session.workflow.kind_of(task) in JUDGING
    return judging and mine and task["maker"] != session.user


def judges(session: Session, task: Mapping[str, Any]) -> bool:
    """Say whether this person may accept a task."""
    return "accept" in _actions(session, task)


def _actions(session: Session, task: Mapping[str, Any]) -> list[str]:
    """Return what this person may do with a task that waits for their verdict."""
    return session.workflow.actions(task, session.role) if may_judge(session, task) else []


def to_judge(session: Session) -> list[str]:
    """Return the tasks of a session that wait for a verdict that the person may give."""
    frame = session.store.tasks
    some = frame[frame["stage"].isin(session.workflow.names(*JUDGING)) & (frame["copy"] == 0)]["id"]
    within = session.work
    ids = [task for task in some if within is None or task in within]
    return [task for task in ids if may_judge(session, session.task(task))]


def changes_of(session: Session, task_id: str) -> list[Change]:
    """Return what was changed of a task since its maker last handed it in."""
    session.task(task_id)
    before = session.store.handed_in(task_id)
    return [] if before is None else difference(before, session.store.read(task_id))


def judge(
    session: Session, task_id: str, verdict: VerdictKind, *args: Any, **said: Any
) -> dict[str, Any]:
    """Accept or reject a task, on record with how many changes of each kind were made to it.

    For the other parameters and errors see `Session.accept`.
    """
    act = session.accept if verdict == "accept" else session.reject
    # The diff is the last of the parameters, where it is given by its place.
    if len(args) < 4 and said.get("diff") is None:
        said["diff"] = counted(changes_of(session, task_id))
    return act(task_id, *args, **said)


def accept_all(session: Session, task_ids: Iterable[str], **said: Any) -> pd.DataFrame:
    """Accept tasks one by one; see `Project.accept_all`."""
    import pandas as pd

    rows = []
    for task_id in task_ids:
        why = None
        try:
            judge(session, task_id, "accept", **said)
        except LabelwidgetsError as error:
            why = str(error)
        rows.append((task_id, why is None, why))
    frame = pd.DataFrame(rows, columns=["id", "accepted", "reason"])
    return frame.astype({"id": "string", "accepted": "bool", "reason": "string"})
