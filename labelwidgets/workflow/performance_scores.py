"""How people's work compares with that of others and with gold, and how it drifts, by person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from labelwidgets.workflow.agreement import agreement

SCORES = ("consensus_iou", "gold_score", "seconds_drift", "score_drift")
# A rater that nobody can be called.
_FUSED = "\0consensus"


def consensus_overlap(
    labels: pd.DataFrame,
    submitted: Sequence[tuple[str, str]],
    fused: pd.DataFrame,
    per_class: bool = False,
) -> pd.DataFrame:
    """Return how far each person's labels of an item overlap with its consensus.

    Where labels were fused, those are the consensus; else the other people's labels, and the
    value is the mean over them. An item that one person has had alone, and nobody fused, has none.

    Parameters
    ----------
    labels, submitted
        What people said of items, and pairs of item and person, as `opinions_of` has them.
    fused
        The labels that came of a consensus.
    per_class
        Whether a row is of one class.

    Returns
    -------
    pandas.DataFrame
        Columns person, item, with `per_class` class (string), and value (float64).
    """
    levels = ["person", "item", *(["class"] if per_class else [])]
    pairs = pd.DataFrame(list(submitted), columns=["item_id", "author"], dtype="string")
    known = set(fused["item_id"])
    counts = pairs.groupby("item_id")["author"].nunique()
    some = known | set(counts.index[counts > 1])
    pairs = pairs[pairs["item_id"].isin(some)]
    if pairs.empty:
        empty = pd.DataFrame(columns=[*levels, "value"])
        return empty.astype(dict.fromkeys(levels, "string") | {"value": "float64"})
    both = pd.concat(
        [labels[labels["item_id"].isin(some)], fused.assign(author=_FUSED)], ignore_index=True
    )
    more = pd.DataFrame({"item_id": sorted(known & set(pairs["item_id"])), "author": _FUSED})
    asked = pd.concat([pairs, more], ignore_index=True)
    by = ["item", "pair", *(["class"] if per_class else [])]
    found = agreement(both, "iou", by, items=list(asked.itertuples(index=False, name=None)))
    sides = [
        found.rename(columns={one: "person", other: "peer"})
        for one, other in (("rater_a", "rater_b"), ("rater_b", "rater_a"))
    ]
    rows = pd.concat(sides, ignore_index=True)
    rows = rows.rename(columns={"item_id": "item", "class_name": "class"})
    against = rows["peer"] == _FUSED
    rows = rows[(rows["person"] != _FUSED) & (against | ~rows["item"].isin(known))]
    return rows.groupby(levels)["value"].mean().reset_index()


def with_scores(
    table: pd.DataFrame, keys: Sequence[str], name: str, rows: pd.DataFrame
) -> pd.DataFrame:
    """Return a frame with a column of the means of rows by its keys, NaN where there are none.

    Parameters
    ----------
    table
        With the columns `keys`.
    rows
        Some of the columns `keys`, and value; where one is missing nothing can be said.
    """
    if rows.empty or not set(keys) <= set(rows.columns):
        return table.assign(**{name: np.nan})
    means = rows.groupby(list(keys))["value"].mean().rename(name).reset_index()
    for key in keys:
        means[key] = means[key].astype(table[key].dtype)
    return table.merge(means, how="left", on=list(keys)).astype({name: "float64"})


def placed(rows: pd.DataFrame, tasks: pd.DataFrame, moves: pd.DataFrame) -> pd.DataFrame:
    """Return rows of a person and an item with the task in which they had it, and the day.

    The day is that on which the person submitted it last.
    """
    made = tasks[tasks["maker"].notna() & (tasks["copy"] >= 0)]
    own = made[["maker", "item_id", "id"]].set_axis(["person", "item", "task"], axis=1)
    own = own.drop_duplicates(["person", "item"], keep="last")
    done = moves[moves["kind"] == "submit"].sort_values("seq")
    days = done.groupby(["task_id", "actor"])["time"].last().dt.floor("D").rename("day")
    days = days.reset_index().set_axis(["task", "person", "day"], axis=1)
    if "task" not in rows:
        rows = rows.merge(own, how="left", on=["person", "item"])
    return rows.merge(days, how="left", on=["task", "person"])


def drift(daily: pd.DataFrame, keys: Sequence[str], column: str) -> pd.Series[Any]:
    """Return by how much a column changes a day: the slope of the least-squares line.

    Parameters
    ----------
    daily
        One row a group of `keys` and day.
    column
        Days without a value do not count; with less than two, there is no slope.
    """
    some = daily[daily[column].notna()].copy()
    some["x"] = (some["day"] - some["day"].min()).dt.total_seconds() / 86_400
    some["y"] = some[column].astype("float64")
    grouped = some.groupby(list(keys))
    x = some["x"] - grouped["x"].transform("mean")
    y = some["y"] - grouped["y"].transform("mean")
    sums = some.assign(xy=x * y, xx=x * x).groupby(list(keys))[["xy", "xx"]].sum()
    return sums["xy"] / sums["xx"].where(sums["xx"] > 0)
