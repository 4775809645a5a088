"""A consensus that is come to by itself: by agreement, fused or a champion's, and sent on."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from labelwidgets.errors import WorkflowError
from labelwidgets.schema.annotation import Annotation, Origin
from labelwidgets.schema.ids import new_id
from labelwidgets.workflow.agreeing import agreements
from labelwidgets.workflow.fusing import fusion_edits
from labelwidgets.workflow.headless import acknowledged
from labelwidgets.workflow.opinions import Opinions, opinions_of
from labelwidgets.workflow.routing import send
from labelwidgets.workflow.stages import ROUTING, Stage

if TYPE_CHECKING:
    import pandas as pd

    from labelwidgets.workflow.session import Session


logger = logging.getLogger(__name__)


def settle(session: Session, stage: Stage, task_ids: Sequence[str]) -> dict[str, str]:
    """Come to a consensus about tasks whose opinions are all in, and send them on.

    Where people agree (or are not asked to), their labels are fused, or a champion's are taken,
    each item as a gesture of who calls this; the others go on as they are. The
    answer of a method that learns who is able comes of the opinions on all items.

    Returns
    -------
    dict of str to str
        Why a task stays where it is, by task; those that were sent on are not in it.
    """
    store, workflow = session.store, session.workflow
    tasks, labels = store.tasks, store.annotations
    mine = tasks[tasks["id"].isin(list(task_ids))]
    items = dict(zip(mine["id"].tolist(), mine["item_id"].tolist(), strict=True))
    said = opinions_of(labels, tasks, store.hands, parts=workflow.parts)
    found = {}
    if "agreement" in stage.options:
        found = agreements(said, stage.options, list(items.values()))
    notes: dict[str, dict[str, Any]] = {
        task: found[item].note(stage.options) if item in found else {"holds": True}
        for task, item in items.items()
    }
    agreed = [items[task] for task, note in notes.items() if note["holds"]]
    made, champions = _answers(said, stage, agreed)
    failed: dict[str, str] = {}
    for task, note in notes.items():
        item = items[task]
        try:
            if "champion" in stage.options and note["holds"]:
                # Without one of those whose word counts, nobody's does.
                note |= {"holds": item in champions, "champion": champions.get(item)}
            if note["holds"] and made.get(item):
                note["fused"] = _write(session, made[item], tasks, labels)
            if store.task(task)["state"] == ROUTING:
                send(store, workflow, store.task(task), session.user, note)
        except Exception as problem:  # one item holds no others up
            failed[task] = f"{type(problem).__name__}: {problem}"
    return failed


def settle_all(session: Session) -> None:
    """Settle what waits for it, where the person may; what fails stays, for `Project.advance`."""
    if session.role == "annotator" or session.workflow.archived:
        return
    tasks = session.store.tasks
    for stage in session.workflow.stages:
        waits = tasks[(tasks["stage"] == stage.name) & (tasks["state"] == ROUTING)]
        if stage.settles and len(waits):
            for task, why in settle(session, stage, list(waits["id"])).items():
                logger.warning("Task %s waits in stage %s: %s", task, stage.name, why)


def _answers(
    said: Opinions, stage: Stage, agreed: Sequence[str]
) -> tuple[dict[str, list[Annotation]], dict[str, str]]:
    """Return the labels to write by item, and whose opinion won where that was asked for."""
    from labelwidgets.workflow.consensus_labels import consensus

    if "champion" in stage.options:
        return _of_champions(said, stage, set(agreed))
    if "fuse" not in stage.options or not agreed:
        return {}, {}
    made: dict[str, list[Annotation]] = {}
    for one in consensus(said.labels, stage.options["fuse"], items=said.submitted).annotations:
        made.setdefault(one.item_id, []).append(one)
    return made, {}


def _of_champions(
    said: Opinions, stage: Stage, agreed: set[str]
) -> tuple[dict[str, list[Annotation]], dict[str, str]]:
    named = stage.options["champion"]
    ranked = [named] if isinstance(named, str) else list(named)
    given = set(said.submitted)
    champions = {
        item: next((who for who in ranked if (item, who) in given), None) for item in agreed
    }
    won = {item: who for item, who in champions.items() if who is not None}
    labels = said.labels
    whose = labels["item_id"].map(won)
    theirs = labels[(whose == labels["author"]).fillna(False).to_numpy(bool)]
    made: dict[str, list[Annotation]] = {}
    for label in _records(theirs):
        origin = Origin(
            "consensus", "champion", parameters={"from": [label.id], "person": label.author}
        )
        copy = msgspec.structs.replace(label, id=new_id(), origin=origin, revision=0)
        made.setdefault(label.item_id, []).append(copy)
    return made, won


def _records(frame: pd.DataFrame) -> list[Annotation]:
    names = ("item_id", "class_name", "geometry", "attributes", "frame", "id", "author")
    rows = frame[list(names)].astype(object).where(frame[list(names)].notna(), None)
    return [
        Annotation(**{**dict(zip(names, row, strict=True)), "attributes": row[3] or {}})
        for row in rows.itertuples(index=False, name=None)
    ]


def _write(
    session: Session, made: Sequence[Annotation], tasks: pd.DataFrame, labels: pd.DataFrame
) -> str:
    """Write the labels of an item into its main task, and return the gesture."""
    item = made[0].item_id
    own, there = tasks[tasks["item_id"] == item], labels[labels["item_id"] == item]
    edits = fusion_edits(made, own, there, session.store.held)
    if not edits:
        raise WorkflowError("has nothing to write.", where=f"item {item}")
    acknowledged(session.apply(edits))
    return str(edits[0].gesture)
