"""What a model proposes for tasks, put beside what is there: nothing of a person's is changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import msgspec

from labelwidgets.errors import LabelwidgetsError
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.answer_origins import merged, only
from labelwidgets.schema.geometry import Bounds
from labelwidgets.schema.ids import new_id
from labelwidgets.store.edits import Edit
from labelwidgets.store.first_labels import RUN
from labelwidgets.store.store import Store
from labelwidgets.store.tables import IMAGE_SUFFIX
from labelwidgets.workflow import headless
from labelwidgets.workflow.incoming import lasting_ids
from labelwidgets.workflow.session import Session
from labelwidgets.workflow.stages import AT_WORK

# From which overlap on a proposal says what a label of the same class says already.
SAME = 0.5
HANDED_IN = "has been handed in"
BY_PEOPLE = "has labels that a person made"


class Prelabelled(NamedTuple):
    """What came of proposals for one task: how many labels were added, taken away and kept."""

    task: str
    added: int = 0
    replaced: int = 0
    kept: int = 0
    error: str | None = None


class Plan(NamedTuple):
    """The edits for one task, and what they come to."""

    edits: list[Edit]
    counts: Prelabelled


def new_run() -> str:
    """Return the name of the gesture that a run of a model is."""
    return RUN + new_id()


def touched_of(store: Store, labels: Collection[Annotation]) -> set[str]:
    """Return which of labels are a person's: drawn, or changed since a model proposed them."""
    people = {one.id for one in labels if one.origin.kind != "model" or one.state != "editable"}
    changed = [one.id for one in labels if one.revision > 1 and one.id not in people]
    return people | store.touched(changed)


def prelabel(
    session: Session,
    proposed: Mapping[str, Sequence[Annotation]],
    model: str,
    gesture: str,
    *,
    beside: bool = False,
) -> list[Prelabelled]:
    """Write what a model proposes for tasks: a task whole or not at all.

    Its own untouched labels of an earlier run are replaced; those that it proposes again stay as
    they are, and what a person deleted does not come back.

    Parameters
    ----------
    session
        Of who lets it.
    proposed
        Labels by task, of origin ``model``.
    model
        Its name, as in the origin.
    gesture
        Of the run; see `new_run`.
    beside
        Also where people have made labels: then only what overlaps with none of its class.
    """
    store = session.store
    plans: list[Plan] = []
    done: list[Prelabelled] = []
    for task_id, labels in proposed.items():
        now = store.read(task_id)
        touched = touched_of(store, now)
        at_work = store.task(task_id)["state"] in AT_WORK
        if not at_work or (touched and not beside):
            done.append(Prelabelled(task_id, error=BY_PEOPLE if at_work else HANDED_IN))
            continue
        made = _wanted(store, lasting_ids(_placed(labels, task_id), 0))
        own = {one.id: one for one in now if one.origin.name == model and one.id not in touched}
        plans.append(_plan(task_id, now, own, made, store, gesture))
    return done + _applied(session, plans)


def _wanted(store: Store, made: Sequence[Annotation]) -> list[Annotation]:
    """Return proposals without those that a person deleted."""
    held = store.held([one.id for one in made])
    gone = {name for name, one in held.items() if one.deleted}
    rejected = store.deleted_by_hand(gone) if gone else set()
    return [one for one in made if one.id not in rejected]


def _placed(labels: Collection[Annotation], task_id: str) -> list[Annotation]:
    """Return labels with their task, all answers about the image in one."""
    shapes: list[Annotation] = []
    answers: Annotation | None = None
    for label in labels:
        made = msgspec.structs.replace(label, task_id=task_id, id=new_id())
        if made.class_name is not None:
            shapes.append(made)
        elif answers is None:
            answers = made
        else:
            answers = merged(answers, made)
    return shapes if answers is None else [*shapes, answers]


def _plan(
    task_id: str,
    now: Sequence[Annotation],
    own: Mapping[str, Annotation],
    made: Sequence[Annotation],
    store: Store,
    gesture: str,
) -> Plan:
    """Return the edits that put `made` in place of `own`, beside the other labels of a task."""
    others = [one for one in now if one.id not in own]
    answers = next((one for one in now if one.class_name is None), None)
    new: list[Annotation] = []
    kept = 0
    for one in made:
        if one.class_name is None:
            said = _unsaid(one, answers, own)
            if said is not None:
                new.append(msgspec.structs.replace(said, id=task_id + IMAGE_SUFFIX))
        elif one.id in own:
            kept += 1
        elif not _is_said(one, others):
            new.append(one)
    again = {one.id for one in made}
    if answers is not None and any(one.class_name is None for one in made):
        again.add(answers.id)
    old = [name for name in own if name not in again]
    held = store.held([*old, *(one.id for one in new)])
    edits = [*headless.deletions(old, held), *headless.creations(new, held)]
    edits = [msgspec.structs.replace(edit, gesture=gesture) for edit in edits]
    return Plan(edits, Prelabelled(task_id, len(edits) - len(old), len(old), kept))


def _unsaid(
    made: Annotation, answers: Annotation | None, own: Mapping[str, Annotation]
) -> Annotation | None:
    """Return answers about the image to the questions that no person has answered."""
    if answers is None or answers.id in own:
        return made
    left = made.attributes.keys() - answers.attributes.keys()
    return only(made, left) if left else None


def _is_said(made: Annotation, others: Collection[Annotation]) -> bool:
    """Say whether one of other labels is of the same thing."""
    mine = made.geometry.bounds
    for other in others:
        if (other.class_name, other.frame) != (made.class_name, made.frame):
            continue
        theirs = other.geometry.bounds
        if mine is None or theirs is None:
            if mine is theirs:
                return True
        elif overlap(mine, theirs) >= SAME:
            return True
    return False


def overlap(one: Bounds, other: Bounds) -> float:
    """Return the intersection over union of two upright boxes (x, y, width, height)."""
    width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    common = max(0.0, width) * max(0.0, height)
    both = one[2] * one[3] + other[2] * other[3] - common
    return common / both if both > 0 else 0.0


def _applied(session: Session, plans: Sequence[Plan]) -> list[Prelabelled]:
    """Apply plans at once, or where one of them is refused each by itself."""
    edits = [edit for plan in plans for edit in plan.edits]
    try:
        headless.acknowledged(session.apply(edits) if edits else [])
    except LabelwidgetsError as error:
        if len(plans) == 1:
            return [Prelabelled(plans[0].counts.task, error=str(error))]
        return [made for plan in plans for made in _applied(session, [plan])]
    return [plan.counts for plan in plans]
