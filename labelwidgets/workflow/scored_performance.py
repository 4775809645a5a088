"""Performance with what takes comparing: consensus, gold, and drift over days."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from labelwidgets.store.store import Store
from labelwidgets.workflow.gold_report import golden_work, things_of
from labelwidgets.workflow.gold_score import compare_with_gold
from labelwidgets.workflow.opinions import opinions_of
from labelwidgets.workflow.performance import performance
from labelwidgets.workflow.performance_scores import (
    consensus_overlap,
    drift,
    placed,
    with_scores,
)
from labelwidgets.workflow.quality_rules import QualityRules

_DRIFTS = {"seconds_drift": "seconds_per_label", "score_drift": "score"}


def scored_performance(store: Store, by: str | Sequence[str], idle: float) -> pd.DataFrame:
    """Return the performance of a project's people; see `Project.performance`."""
    keys = [by] if isinstance(by, str) else list(by)
    every = store.tasks
    # To set a golden answer is no labelling.
    gold = set(every.loc[every["copy"] < 0, "id"])
    tasks = every[every["copy"] >= 0]
    activity, labels = store.activity, store.annotations
    if gold:
        activity = activity[~activity["task_id"].isin(gold).fillna(False).to_numpy(bool)]
        labels = labels[~labels["task_id"].isin(gold).to_numpy(bool)]
    moves = store.moves
    table = performance(activity, moves, labels, tasks, keys, idle)
    per_class = "class" in keys
    overlaps = placed(_overlaps(store, labels, tasks, per_class), tasks, moves)
    table = with_scores(table, keys, "consensus_iou", overlaps)
    right = placed(_right(store, per_class), tasks, moves)
    table = with_scores(table, keys, "gold_score", right)
    if "day" in keys:
        return table.assign(**dict.fromkeys(_DRIFTS, np.nan))
    daily = performance(activity, moves, labels, tasks, [*keys, "day"], idle)
    for name, column in _DRIFTS.items():
        slopes = drift(daily, keys, column).rename(name).reset_index()
        slopes = slopes.rename(columns={name: "value"})
        table = with_scores(table, keys, name, slopes[slopes["value"].notna()])
    return table


def _overlaps(
    store: Store, labels: pd.DataFrame, tasks: pd.DataFrame, per_class: bool
) -> pd.DataFrame:
    fused = labels["origin"] == "consensus"
    several = (tasks["copy"] > 0).any() or labels["author"].nunique() > 1
    if not several and not fused.any():
        return consensus_overlap(labels[:0], [], labels[:0], per_class)
    main = set(tasks.loc[tasks["copy"] == 0, "id"])
    found = opinions_of(labels, tasks, store.hands)
    agreed = labels[(fused & labels["task_id"].isin(main)).fillna(False).to_numpy(bool)]
    return consensus_overlap(found.labels, found.submitted, agreed, per_class)


def _right(store: Store, per_class: bool) -> pd.DataFrame:
    work, truth = golden_work(store)
    rules = QualityRules()
    things = things_of(compare_with_gold(work, truth, rules), rules)
    names = ["person", "item", "task", *(["class"] if per_class else [])]
    if per_class:
        things = things[things["class"].notna()]
    made = things[[*names, "right"]].rename(columns={"right": "value"})
    return made.astype(dict.fromkeys(names, "string") | {"value": "float64"})
