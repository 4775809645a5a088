"""Whose opinions on which items there are in a project."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from labelwidgets.errors import LabelwidgetsError
from labelwidgets.media.kinds import VOLUMES
from labelwidgets.schema.annotation import Annotation
from labelwidgets.store.hands import Hand
from labelwidgets.workflow.pictures import Pictures
from labelwidgets.workflow.stages import AT_WORK

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

COMPARED = (
    *("task_id", "item_id", "class_name", "geometry_type", "geometry", "attributes", "frame"),
    *("author", "origin", "created_at", "x", "y", "width", "height"),
)
"""The columns of `Project.annotations` that whose opinion a label is, and how far opinions agree,
is known by."""


class Opinions(NamedTuple):
    """Labels to compare, and who had which item before them.

    Parameters
    ----------
    labels
        A part of the frame `annotations`; the author of each is whose opinion it is of.
    submitted
        Pairs of item and person, those among them who left it empty.
    """

    labels: pd.DataFrame
    submitted: list[tuple[str, str]]


def opinions_of(
    annotations: pd.DataFrame,
    tasks: pd.DataFrame,
    hands: Callable[[Sequence[str]], Mapping[str, Hand]] = lambda _: {},
    item: str | None = None,
    parts: Collection[str] = (),
) -> Opinions:
    """Return what people have said of items, each by themselves.

    Where an item has opinions (tasks of one labeler each), those that were submitted count, each
    as its maker's, whoever helped to draw it. So does the main task where somebody made and
    submitted it, as that person's. Where an item has no opinions, the labels of its main task are
    their authors'.

    What reviewers added after the work was first submitted is no opinion of theirs, nor are
    golden answers, or what came of an earlier consensus.

    Parameters
    ----------
    annotations, tasks
        As `Project.annotations` and `Project.tasks` have them.
    hands
        Returns who submitted which of some tasks, as `Store.hands` does.
    item
        Id of the only item; None for all.
    parts
        Stages of parts of the work: an item that people share by classes is nobody's opinion, as
        there is but one answer.
    """
    if parts:
        shared = set(tasks.loc[(tasks["copy"] > 0) & tasks["stage"].isin(list(parts)), "item_id"])
        annotations = annotations[~annotations["item_id"].isin(shared)]
        tasks = tasks[~tasks["item_id"].isin(shared)]
    if item is not None:
        annotations = annotations[annotations["item_id"] == item]
        tasks = tasks[tasks["item_id"] == item]
    apart = set(tasks.loc[tasks["copy"] > 0, "item_id"])
    handed_in = ~tasks["state"].isin(AT_WORK)
    given = tasks[(tasks["copy"] > 0) & handed_in & tasks["maker"].notna()]
    whose = dict(zip(given["id"], given["maker"], strict=True))
    main = tasks[tasks["copy"] == 0]
    asked = main[main["item_id"].isin(apart) & main["maker"].notna()]
    mixed = _by_others(annotations, main)
    known = hands([*dict.fromkeys([*asked["id"], *mixed])])
    said = set(zip(given["item_id"], given["maker"], strict=True))
    for task, item_id in zip(asked["id"], asked["item_id"], strict=True):
        # What somebody made, and not what others came to by weighing opinions.
        if task in known and (item_id, known[task].maker) not in said:
            whose[task] = known[task].maker
    alone = main[~main["item_id"].isin(apart)]
    counted = annotations["task_id"].isin({*whose, *alone["id"]})
    counted &= annotations["origin"] != "consensus"
    labels = annotations[counted.fillna(False).to_numpy(bool)]
    labels = _vouched_for(labels, tasks)
    if mixed:
        labels = labels[~_added_later(labels, tasks, known)]
    if whose:
        named = labels["task_id"].map(whose)
        labels = labels.assign(author=named.fillna(labels["author"]).astype("string"))
    finished = alone[handed_in.loc[alone.index]]
    makers = finished["maker"].fillna(finished["assignee"])
    at = tasks.set_index("id")["item_id"]
    drawn = labels[["item_id", "author"]].dropna().drop_duplicates()
    pairs = {
        (str(item_id), str(name)): None
        for item_id, name in [
            *drawn.itertuples(index=False, name=None),
            *((at[task], name) for task, name in whose.items()),
            *zip(finished["item_id"], makers, strict=True),
        ]
        if isinstance(name, str) and name
    }
    return Opinions(labels, list(pairs))


def _vouched_for(labels: pd.DataFrame, tasks: pd.DataFrame) -> pd.DataFrame:
    """Return labels, what a model proposed being the opinion of who handed it in, else nobody's."""
    proposed = (labels["origin"] == "model").fillna(False).to_numpy(bool)
    if not proposed.any():
        return labels
    handed_in = tasks[~tasks["state"].isin(AT_WORK)].set_index("id")["maker"]
    maker = labels["task_id"].map(handed_in).astype("string")
    author = labels["author"].where(~proposed, maker)
    return labels.assign(author=author)[~proposed | maker.notna().to_numpy(bool)]


def with_models(
    labels: pd.DataFrame, submitted: list[tuple[str, str]], proposed: Collection[Annotation]
) -> Opinions:
    """Return opinions with those of models, by their names, on the items that people have done."""
    import pandas as pd

    from labelwidgets.workflow.label_frame import label_frame

    items = {item for item, _ in submitted}
    known = [
        msgspec.structs.replace(one, author=one.origin.name or "model")
        for one in proposed
        if one.item_id in items
    ]
    if not known:
        return Opinions(labels, submitted)
    rows = label_frame(known)[list(labels.columns)]
    pairs = dict.fromkeys((one.item_id, str(one.author)) for one in known)
    return Opinions(pd.concat([labels, rows], ignore_index=True), [*submitted, *pairs])


def _by_others(annotations: pd.DataFrame, main: pd.DataFrame) -> list[str]:
    """Return the main tasks that hold labels of others than who made them."""
    made = main[main["maker"].notna()]
    makers = dict(zip(made["id"], made["maker"], strict=True))
    some = annotations[annotations["task_id"].isin(set(makers))]
    pairs = some[["task_id", "author"]].drop_duplicates()
    return [
        str(task)
        for task, author in pairs.itertuples(index=False, name=None)
        if author != makers[task]
    ]


def _added_later(
    labels: pd.DataFrame, tasks: pd.DataFrame, hands: Mapping[str, Hand]
) -> NDArray[np.bool_]:
    """Return which labels others made of a task that its maker had submitted before."""
    makers = tasks.set_index("id")["maker"]
    first = labels["task_id"].map({task: hand.first for task, hand in hands.items()})
    foreign = labels["author"].fillna("") != labels["task_id"].map(makers).fillna("")
    later = labels["created_at"] > first.astype("datetime64[us, UTC]")
    return (foreign & later.fillna(False)).to_numpy(bool)


def spacings_of(
    items: Mapping[str, Mapping[str, Any]], pictures: Pictures
) -> dict[str, tuple[float, ...]]:
    """Return millimetres along x, y and from slice to slice of the scans where they are known.

    Parameters
    ----------
    items
        By id: kind and metadata.
    pictures
        Where the headers of scans come from.
    """
    found: dict[str, tuple[float, ...]] = {}
    for item_id, item in items.items():
        if item["kind"] not in VOLUMES:
            continue
        try:
            spacing = pictures.volume(item_id).grid.spacing
        except LabelwidgetsError:
            continue  # In pixels, then.
        if spacing is not None:
            found[item_id] = tuple(float(step) for step in reversed(spacing))
    return found
