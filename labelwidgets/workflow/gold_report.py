"""How people's work compares with golden answers, as a frame that shows itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
import pandas as pd

from labelwidgets.algorithms.proportions import wilson_interval
from labelwidgets.algorithms.resampling import confidence_interval
from labelwidgets.algorithms.unit_sums import UnitSums
from labelwidgets.errors import SchemaError
from labelwidgets.schema.annotation import Annotation
from labelwidgets.store.store import Store
from labelwidgets.workflow.comparison import Compared, Match
from labelwidgets.workflow.conflicts import conflict_frame
from labelwidgets.workflow.difference import changed_answers
from labelwidgets.workflow.dimensions import dimensions_of
from labelwidgets.workflow.gold import authors_of
from labelwidgets.workflow.gold_score import Submission
from labelwidgets.workflow.quality_rules import QualityRules
from labelwidgets.workflow.stages import AT_WORK
from labelwidgets.workflow.track_quality import track_frame

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEVELS = ("person", "item", "task", "class")
COLUMNS: Mapping[str, str] = {
    "items": "int64",
    **dict.fromkeys(("labels", "reference", "valid", "missing", "extra", "mismatching"), "int64"),
    **dict.fromkeys(("score", "low", "high", "precision", "recall"), "float64"),
    **dict.fromkeys(("iou", "dice", "oks", "hota", "answers"), "float64"),
    "conflicts": "string",
}
INTERVALS = ("wilson", "bootstrap")
Interval: TypeAlias = Literal["wilson", "bootstrap"]

# Families whose likeness is an intersection over a union.
_OVERLAPPING = ("area", "cuboid", "volume", "interval", "track")


def golden_work(store: Store) -> tuple[list[Submission], list[Annotation]]:
    """Return what people have handed in of golden items, and the golden answers.

    Who made a golden answer is not measured by it. What reviewers changed later does not count.
    """
    golden = store.golden()
    if not golden:
        return [], []
    answers = {item: store.read(task) for item, task in golden.items()}
    authors = {item: authors_of(labels) for item, labels in answers.items()}
    tasks = store.tasks
    some = tasks[
        tasks["item_id"].isin(set(golden))
        & (tasks["copy"] >= 0)
        & tasks["maker"].notna()
        & ~tasks["state"].isin(AT_WORK)
    ]
    found = []
    for item, task, person in some[["item_id", "id", "maker"]].itertuples(index=False, name=None):
        if person in authors[item]:
            continue
        labels = store.handed_in(task)
        if labels is not None:
            found.append(Submission(item, task, person, labels))
    return found, [made for labels in answers.values() for made in labels]


def gold_frame(
    compared: Sequence[Compared],
    rules: QualityRules,
    by: str | Sequence[str] = "person",
    interval: Interval = "wilson",
) -> pd.DataFrame:
    """Return how submissions compare with golden answers; see `Project.gold`.

    Parameters
    ----------
    compared
        As `compare_with_gold` returns them.
    rules
        By which they were compared.
    by, interval
        See `Project.gold`.
    """
    levels = dimensions_of(by, LEVELS)
    if interval not in INTERVALS:
        raise SchemaError(f"must be one of {', '.join(INTERVALS)}.", where="interval")
    things = things_of(compared, rules)
    if "class" in levels:
        things = things[things["class"].notna()]
    if things.empty:
        return _shaped([], levels)
    tracks = track_frame(compared)
    told = conflict_frame(compared, rules)
    told["class"] = told["reference_class"].fillna(told["class_name"])
    told["person"] = told["task_id"].map({one.task: one.author for one in compared})
    kinds = {"item_id": "item", "task_id": "task"}
    tracks = tracks.rename(columns={**kinds, "author": "person"})
    told = told.rename(columns=kinds)
    rows = []
    for key, part in things.groupby(levels, sort=True):
        keys = dict(zip(levels, key, strict=True))
        own = _of(tracks, keys) if "class" not in levels else tracks[:0]
        rows.append(keys | _row(part, _of(told, keys), own, interval))
    return _shaped(rows, levels)


def things_of(compared: Sequence[Compared], rules: QualityRules) -> pd.DataFrame:
    """Return one row for each object, question about an image, and rightly empty item."""
    rows: list[dict[str, Any]] = []
    for one in compared:
        about = {"person": one.author, "item": one.item, "task": one.task}
        before = len(rows)
        for layer in one.layers:
            for match in layer.matches:
                if layer.family != "image":
                    rows.append(about | _object(layer.family, match))
                elif rules.compare_attributes:
                    rows += [about | row for row in _questions(match)]
        if len(rows) == before:
            rows.append(about | {"kind": "empty", "right": True})
    names = ["person", "item", "task", "class", "kind", "right", "made", "truth", "similarity"]
    return pd.DataFrame(rows, columns=[*names, "family", "asked", "answered"])


def _questions(match: Match) -> list[dict[str, Any]]:
    one = match.reference.attributes if match.reference else {}
    other = match.label.attributes if match.label else {}
    wrong = changed_answers(one, other)
    return [{"kind": "question", "right": name not in wrong} for name in {*one, *other}]


def _object(family: str, match: Match) -> dict[str, Any]:
    gold, made = match.reference, match.label
    asked = answered = 0
    if gold and made and match.is_right:
        asked = len({*gold.attributes, *made.attributes})
        answered = asked - len(changed_answers(gold.attributes, made.attributes))
    name = gold.class_name if gold else made.class_name if made else None
    return {
        "class": name,
        "kind": "object",
        "family": family,
        "right": match.is_right,
        "made": made is not None,
        "truth": gold is not None,
        "similarity": match.similarity,
        "asked": asked,
        "answered": answered,
    }


def _of(frame: pd.DataFrame, keys: Mapping[str, Any]) -> pd.DataFrame:
    here = np.ones(len(frame), bool)
    for name, value in keys.items():
        here &= (frame[name] == value).fillna(False).to_numpy(bool)
    return frame[here]


def _row(
    things: pd.DataFrame, told: pd.DataFrame, tracks: pd.DataFrame, interval: Interval
) -> dict[str, Any]:
    objects = things[things["kind"] == "object"]
    made, truth = (objects[name].to_numpy(bool) for name in ("made", "truth"))
    right = things["right"].to_numpy(bool)
    both, valid = made & truth, objects["right"].to_numpy(bool)
    similar = objects["similarity"].to_numpy(np.float64)
    family = objects["family"].to_numpy(object)
    joints, tag = family == "joints", family == "tag"
    iou = similar[both & np.isin(family, _OVERLAPPING)]
    low, high = _interval(things, interval)
    asked = things["kind"] == "question"
    total = int(asked.sum()) + int(tag.sum()) + int(objects["asked"].sum())
    answered = right[asked.to_numpy(bool)].sum() + valid[tag].sum() + objects["answered"].sum()
    return {
        "items": things["task"].nunique(),
        "labels": int(made.sum()),
        "reference": int(truth.sum()),
        "valid": int(valid.sum()),
        "missing": int((~made).sum()),
        "extra": int((~truth).sum()),
        "mismatching": int((both & ~valid).sum()),
        "score": right.mean(),
        "low": low,
        "high": high,
        "precision": _ratio(valid.sum(), made.sum()),
        "recall": _ratio(valid.sum(), truth.sum()),
        "iou": _mean(iou),
        "dice": _mean(2 * iou / (1 + iou)),
        "oks": _mean(similar[both & joints]),
        "hota": _mean(tracks["HOTA"].to_numpy(np.float64)),
        "answers": _ratio(answered, total),
        "conflicts": ", ".join(f"{kind} {n}" for kind, n in told["type"].value_counts().items()),
    }


def _interval(things: pd.DataFrame, interval: Interval) -> tuple[float, float]:
    right = things["right"].to_numpy(bool)
    if interval == "wilson":
        low, high = wilson_interval([right.sum()], [right.size])
        return float(low[0]), float(high[0])
    sums = things.assign(right=right.astype(float)).groupby("task")["right"].agg(["sum", "size"])
    found = confidence_interval(
        UnitSums(sums.to_numpy(np.float64), lambda of: of[:, 0] / of[:, 1]), method="percentile"
    )
    return found.low, found.high


def _ratio(part: Any, whole: Any) -> float:
    return float(part / whole) if whole else float("nan")


def _mean(values: NDArray[np.float64]) -> float:
    return float(values.mean()) if values.size else float("nan")


def _shaped(rows: Sequence[Mapping[str, Any]], levels: Sequence[str]) -> pd.DataFrame:
    kinds = dict.fromkeys(levels, "string") | dict(COLUMNS)
    frame = pd.DataFrame([dict(row) for row in rows], columns=list(kinds)).astype(kinds)
    return GoldFrame(frame)


class GoldFrame(pd.DataFrame):
    """A report on golden answers: a frame that shows the scores with their intervals as bars."""

    @property
    def _constructor(self) -> type[pd.DataFrame]:
        return pd.DataFrame  # A part of it is a frame like any other.

    def _repr_html_(self) -> str:
        from labelwidgets.workflow.gold_page import gold_page

        return gold_page(self)
