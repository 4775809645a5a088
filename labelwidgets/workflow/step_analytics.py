"""How tasks flow through the stages: where they wait, how many pass, and when all will be done."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from labelwidgets.workflow.stages import Workflow

COUNTED = ("submit", "accept", "reject", "skip", "reopen")
FORECAST_DAYS = 7
# Where one of these is possible, somebody has still to do it.
_WORK = {"submit", "accept"}
_DAY = 86_400.0


def waiting(moves: pd.DataFrame, tasks: pd.DataFrame, now: datetime) -> pd.DataFrame:
    """Return where tasks are, and how long they were there, stage by stage.

    Parameters
    ----------
    moves
        As `Store.moves`.
    tasks
        As `Store.tasks`.
    now
        With a time zone.

    Returns
    -------
    pandas.DataFrame
        One row a stage and state that tasks are in or have left: stage, state (string), tasks (how
        many are there now), passed (how often one left it; int64), median_seconds and p90_seconds
        (that those stayed which left), oldest_seconds (since the last move of the task that waits
        there longest; float64).
    """
    stays = _stays(moves, tasks)
    left = stays.groupby(["stage", "state"])["seconds"].agg(
        passed="size",
        median_seconds="median",
        p90_seconds=lambda values: float(np.percentile(values, 90)),
    )
    since = (now - tasks["updated_at"]).dt.total_seconds().clip(lower=0.0)
    here = (
        tasks.assign(since=since)
        .groupby(["stage", "state"])
        .agg(tasks=("id", "size"), oldest_seconds=("since", "max"))
    )
    found = pd.concat([here, left], axis=1).reset_index(names=["stage", "state"])
    found[["tasks", "passed"]] = found[["tasks", "passed"]].fillna(0)
    kinds = {"stage": "string", "state": "string", "tasks": "int64", "passed": "int64"}
    kinds |= dict.fromkeys(("median_seconds", "p90_seconds", "oldest_seconds"), "float64")
    made = found[list(kinds)].astype(kinds)
    return made.sort_values(["stage", "state"], ignore_index=True)


def _stays(moves: pd.DataFrame, tasks: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each time that a task was brought somewhere and left it again."""
    # A move within a stage does not name it: it is that which the task left first, if it did.
    first: dict[str, str] = {}
    for task, payload in zip(moves["task_id"], moves["payload"], strict=True):
        if "stage" in payload.get("before", {}):
            first.setdefault(task, payload["before"]["stage"])
    stages = dict(zip(tasks["id"], tasks["stage"], strict=True)) | first
    rows: list[tuple[str, str, float]] = []
    since: dict[str, tuple[datetime, str]] = {}
    for task, time, payload in zip(moves["task_id"], moves["time"], moves["payload"], strict=True):
        after = payload.get("after", {})
        if task in since:
            begun, state = since[task]
            rows.append((stages[task], state, (time - begun).total_seconds()))
        stages[task] = after.get("stage", stages.get(task))
        if "state" in after:
            since[task] = (time, after["state"])
    made = pd.DataFrame(rows, columns=["stage", "state", "seconds"])
    return made.astype({"stage": "string", "state": "string", "seconds": "float64"})


def throughput(moves: pd.DataFrame, freq: str = "D") -> pd.DataFrame:
    """Return how much was done in each period, none left out between the first and the last.

    Parameters
    ----------
    moves
        As `Store.moves`.
    freq
        Length of a period as pandas has it, such as ``D``, ``h`` or ``7D``.

    Returns
    -------
    pandas.DataFrame
        begins (datetime64[us, UTC]), submit, accept, reject, skip, reopen (how often) and people
        (how many moved a task; int64).
    """
    if moves.empty:
        columns: dict[str, Any] = {"begins": pd.Series(dtype="datetime64[us, UTC]")}
        columns |= {name: pd.Series(dtype="int64") for name in (*COUNTED, "people")}
        return pd.DataFrame(columns)
    grouped = moves.set_index("time").resample(freq)
    kinds = pd.DataFrame({name: moves["kind"] == name for name in COUNTED})
    counts = kinds.set_axis(moves["time"]).resample(freq).sum()
    counts["people"] = grouped["actor"].nunique()
    made = counts.astype("int64").reset_index(names="begins")
    return made.astype({"begins": "datetime64[us, UTC]"})


def finished(tasks: pd.DataFrame, workflow: Workflow) -> pd.Series[bool]:
    """Return which tasks nobody has to do anything with any more, as a workflow has it."""
    places = list(zip(tasks["stage"], tasks["state"], strict=True))
    done = {
        (stage, state)
        for stage, state in set(places)
        if not _WORK & set(workflow.actions({"stage": stage, "state": state}))
    }
    return pd.Series([place in done for place in places], index=tasks.index, dtype=bool)


def forecast(
    tasks: pd.DataFrame,
    finished: pd.Series[bool],
    now: datetime,
    days: int = FORECAST_DAYS,
) -> pd.DataFrame:
    """Return when all will be done if work goes on as it did lately.

    Parameters
    ----------
    tasks
        As `Store.tasks`.
    finished
        Which of them nobody has to do anything with any more.
    now
        With a time zone.
    days
        How long back the pace is taken from; from when the first of them was finished, if that is
        later. A day is a calendar day, whether people worked or not.

    Returns
    -------
    pandas.DataFrame
        One row: tasks, finished, remaining (int64), per_day, days_left (float64) and finish
        (datetime64[us, UTC]; missing where nothing was finished lately).
    """
    begin = now - timedelta(days=days)
    times = tasks.loc[finished, "updated_at"]
    recent = times[times >= begin]
    since = max(begin, times.min().to_pydatetime()) if len(times) else begin
    # What was finished within the last hour alone says little of a day.
    elapsed = max((now - since).total_seconds(), 3600.0) / _DAY
    pace = len(recent) / elapsed
    remaining = int((~finished).sum())
    left = remaining / pace if pace else np.nan
    finish = now + timedelta(days=left) if np.isfinite(left) and left < 36_500 else None
    return pd.DataFrame(
        {
            "tasks": pd.Series([len(tasks)], dtype="int64"),
            "finished": pd.Series([len(tasks) - remaining], dtype="int64"),
            "remaining": pd.Series([remaining], dtype="int64"),
            "per_day": pd.Series([pace], dtype="float64"),
            "days_left": pd.Series([left], dtype="float64"),
            "finish": pd.to_datetime(pd.Series([finish]), utc=True).astype("datetime64[us, UTC]"),
        }
    )
