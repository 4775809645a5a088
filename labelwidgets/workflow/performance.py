"""What each person did, how fast, and what reviewers thought of it, as one frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import pandas as pd

from labelwidgets.workflow.dimensions import dimensions_of
from labelwidgets.workflow.work_time import IDLE_SECONDS, work_seconds

By: TypeAlias = "str | Sequence[str]"

DIMENSIONS = ("person", "task", "item", "frame", "class", "day")
"""What numbers can be broken down by."""

COLUMNS = {
    "labels": "int64",
    "seconds": "float64",
    "seconds_per_label": "float64",
    "last_activity": "datetime64[us, UTC]",
    "submitted": "int64",
    "accepted": "int64",
    "rejected": "int64",
    "acceptance_rate": "float64",
    "score": "float64",
    "first_pass": "float64",
    "rework": "float64",
    "edit_distance": "float64",
}

# Labels that nobody made by hand here: they came from a file, or from other people's labels.
_NOT_MADE = ("import", "consensus")
_EDITS = ("create", "update", "delete")
_VERDICTS = ("accept", "reject")
_KEYS = {
    "person": "string",
    "task": "string",
    "item": "string",
    "frame": "Int64",
    "class": "string",
    "day": "datetime64[us, UTC]",
}


def performance(
    activity: pd.DataFrame,
    moves: pd.DataFrame,
    labels: pd.DataFrame,
    tasks: pd.DataFrame,
    by: By = "person",
    idle: float = IDLE_SECONDS,
) -> pd.DataFrame:
    """Return what was done, how fast, and what became of it.

    Parameters
    ----------
    activity
        Every event, as `Store.activity` has them: columns seq, time, actor, task_id,
        annotation_id, kind.
    moves
        Those of tasks with their payload, as `Store.moves` has them.
    labels
        As `Store.annotations`; of its columns id, task_id, item_id, class_name, frame, author,
        origin and created_at are read.
    tasks
        As `Store.tasks`.
    by
        One or several of ``person``, ``task``, ``item``, ``frame``, ``class``, ``day``: rows of
        the frame. Verdicts are about tasks, so by class or frame their columns are missing.
    idle
        A longer pause, in seconds, is no work; see `work_seconds`.

    Returns
    -------
    pandas.DataFrame
        One row a group, with the columns of `by` first; then labels (how many there are now that
        were made here, not imported or fused; int64), seconds (of work), seconds_per_label
        (float64), last_activity (datetime64[us, UTC]), submitted, accepted, rejected (verdicts on
        what the person made; int64), acceptance_rate (accepted of both), score (mean, 0 to 10),
        first_pass (share of tasks that the first verdict accepted), rework (rejections a task) and
        edit_distance (share of a task's objects that the reviewer changed, mean over verdicts;
        float64).

    Raises
    ------
    WorkflowError
        If `by` names something else.
    """
    keys = dimensions_of(by, DIMENSIONS)
    items = tasks.set_index("id")["item_id"]
    done = _done(activity, labels, items, idle)
    made = _made(labels)
    judged = _judged(activity, moves, labels, items)
    parts: list[pd.DataFrame | pd.Series[Any]] = [
        done.groupby(keys).agg(seconds=("seconds", "sum"), last_activity=("time", "max")),
        made.groupby(keys).size().rename("labels"),
        done[done["kind"] == "submit"].groupby(keys).size().rename("submitted"),
    ]
    if "class" not in keys and "frame" not in keys:
        parts.append(_verdicts(judged, keys))
    found = pd.concat(parts, axis=1)
    found.index.names = keys
    return _shaped(found.reset_index(), keys).sort_values(keys, ignore_index=True)


def _done(
    activity: pd.DataFrame, labels: pd.DataFrame, items: pd.Series[str], idle: float
) -> pd.DataFrame:
    """Return what people did, with the work that led to it and what it was about."""
    done = activity[activity["task_id"].notna()]
    about = labels.set_index("id")[["class_name", "frame"]]
    done = done.join(about, on="annotation_id")
    return pd.DataFrame(
        {
            "person": done["actor"],
            "task": done["task_id"],
            "item": done["task_id"].map(items),
            "frame": done["frame"],
            "class": done["class_name"],
            "day": done["time"].dt.floor("D"),
            "time": done["time"],
            "kind": done["kind"],
            "seconds": work_seconds(done, idle),
        }
    )


def _made(labels: pd.DataFrame) -> pd.DataFrame:
    mine = labels[~labels["origin"].isin(_NOT_MADE) & labels["class_name"].notna()]
    return pd.DataFrame(
        {
            "person": mine["author"],
            "task": mine["task_id"],
            "item": mine["item_id"],
            "frame": mine["frame"],
            "class": mine["class_name"],
            "day": mine["created_at"].dt.floor("D"),
        }
    )


def _judged(
    activity: pd.DataFrame, moves: pd.DataFrame, labels: pd.DataFrame, items: pd.Series[str]
) -> pd.DataFrame:
    """Return one row a verdict: of whom, on what, and how much the reviewer changed."""
    said = moves[moves["kind"].isin(_VERDICTS)].sort_values("seq")
    notes = list(said["payload"])
    verdicts = pd.DataFrame(
        {
            "seq": said["seq"],
            "actor": said["actor"],
            "task": said["task_id"],
            "person": pd.array([note.get("maker") for note in notes], dtype="string"),
            "item": said["task_id"].map(items).astype("string"),
            "day": said["time"].dt.floor("D"),
            "accepted": (said["kind"] == "accept").astype("float64"),
            "score": pd.array([note.get("score") for note in notes], dtype="Float64"),
        }
    ).reset_index(drop=True)
    verdicts["first"] = ~verdicts.duplicated(["task", "person"])
    verdicts["edit_distance"] = _changed(activity, verdicts, labels)
    return verdicts


def _changed(
    activity: pd.DataFrame, verdicts: pd.DataFrame, labels: pd.DataFrame
) -> pd.Series[float]:
    """Return for each verdict which share of the task's objects its reviewer changed."""
    edits = activity[activity["kind"].isin(_EDITS) & activity["task_id"].isin(verdicts["task"])]
    edits = edits.rename(columns={"task_id": "task"}).sort_values("seq")
    ends = verdicts[["seq", "actor", "task"]].assign(verdict=verdicts["seq"]).sort_values("seq")
    # Each edit belongs to the next verdict of the same person on the task.
    owned = pd.merge_asof(
        edits[["seq", "actor", "task", "annotation_id"]],
        ends,
        on="seq",
        by=["actor", "task"],
        direction="forward",
    )
    owned = owned[owned["verdict"].notna()]
    touched = owned.groupby("verdict")["annotation_id"].nunique()
    there = labels.groupby("task_id").size()
    changed = verdicts["seq"].map(touched).fillna(0.0).astype("float64")
    objects = verdicts["task"].map(there).fillna(0.0).astype("float64")
    # What was deleted is no longer there to be counted.
    return changed / objects.where(objects > changed, changed.clip(lower=1.0))


def _verdicts(judged: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    grouped = judged.groupby(list(keys))
    first = judged[judged["first"]].groupby(list(keys))["accepted"].mean()
    rejected = grouped["accepted"].count() - grouped["accepted"].sum()
    return pd.DataFrame(
        {
            "accepted": grouped["accepted"].sum(),
            "rejected": rejected,
            "acceptance_rate": grouped["accepted"].mean(),
            "score": grouped["score"].mean().astype("Float64"),
            "first_pass": first,
            "rework": rejected / grouped["task"].nunique(),
            "edit_distance": grouped["edit_distance"].mean(),
        }
    )


def _shaped(found: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Return the frame with all columns and their dtypes, also where nothing was found."""
    columns: dict[str, Any] = {}
    for key in keys:
        columns[key] = found[key].astype(_KEYS[key])  # type: ignore[call-overload]
    for name, kind in COLUMNS.items():
        values = found[name] if name in found else pd.Series(pd.NA, index=found.index)
        if kind == "int64":
            values = pd.to_numeric(values).fillna(0)
        elif kind == "float64":
            values = pd.to_numeric(values).astype("Float64").fillna(float("nan"))
        columns[name] = pd.Series(values, index=found.index).astype(kind)  # type: ignore[call-overload]
    columns["seconds"] = columns["seconds"].fillna(0.0)
    columns["seconds_per_label"] = (columns["seconds"] / columns["labels"]).where(
        columns["labels"] > 0
    )
    return pd.DataFrame(columns)
