from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from labelwidgets.workflow.presets import maker_only
from labelwidgets.workflow.step_analytics import finished, forecast, throughput, waiting

NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)


def moves(*rows: tuple[float, str, str, str, dict[str, Any], dict[str, Any]]) -> pd.DataFrame:
    """Return moves: hours before now, actor, task, kind, before, after."""
    hours, actors, names, kinds, befores, afters = zip(*rows, strict=True) if rows else [()] * 6
    times = pd.Series([NOW - timedelta(hours=float(at)) for at in hours], dtype="object")
    payloads = [
        {"before": before, "after": after} for before, after in zip(befores, afters, strict=True)
    ]
    return pd.DataFrame(
        {
            "seq": np.arange(1, len(rows) + 1),
            "time": pd.to_datetime(times, utc=True).astype("datetime64[us, UTC]"),
            "actor": pd.array(list(actors), dtype="string"),
            "task_id": pd.array(list(names), dtype="string"),
            "annotation_id": pd.array([None] * len(rows), dtype="string"),
            "kind": pd.array(list(kinds), dtype="string"),
            "payload": pd.Series(payloads, dtype="object"),
        }
    )


def tasks(*rows: tuple[str, str, str, float]) -> pd.DataFrame:
    """Return tasks: id, stage, state, hours since the last move."""
    names, stages, states, hours = zip(*rows, strict=True) if rows else [()] * 4
    times = pd.Series([NOW - timedelta(hours=float(at)) for at in hours], dtype="object")
    return pd.DataFrame(
        {
            "id": pd.array(list(names), dtype="string"),
            "stage": pd.array(list(stages), dtype="string"),
            "state": pd.array(list(states), dtype="string"),
            "updated_at": pd.to_datetime(times, utc=True).astype("datetime64[us, UTC]"),
        }
    )


QUEUED, OPEN = {"state": "queued"}, {"state": "in_progress"}
REVIEW = {"stage": "review", "state": "queued"}
LOG = moves(
    (30, "ana", "t1", "open", QUEUED, OPEN),
    (29, "ana", "t1", "submit", {"stage": "annotate", "state": "in_progress"}, REVIEW),
    (25, "rex", "t1", "reject", REVIEW, {"stage": "annotate", "state": "queued"}),
    (5, "ana", "t2", "open", QUEUED, OPEN),
    (4.5, "ana", "t2", "submit", {"stage": "annotate", "state": "in_progress"}, REVIEW),
)
TASKS = tasks(("t1", "annotate", "queued", 25), ("t2", "review", "queued", 4.5))


def test_where_tasks_are_and_how_long_they_stayed() -> None:
    table = waiting(LOG, TASKS, NOW).set_index(["stage", "state"])
    review = table.loc[("review", "queued")]
    assert (review["tasks"], review["passed"]) == (1, 1)
    assert review["median_seconds"] == review["p90_seconds"] == 4 * 3600
    assert review["oldest_seconds"] == 4.5 * 3600
    drawing = table.loc[("annotate", "in_progress")]
    assert (drawing["tasks"], drawing["passed"]) == (0, 2)
    assert drawing["median_seconds"] == 0.75 * 3600
    assert table.loc[("annotate", "queued"), "tasks"] == 1
    assert table["tasks"].sum() == 2


def test_throughput_leaves_no_period_out() -> None:
    log = moves(
        (72, "ana", "t1", "submit", OPEN, QUEUED),
        (71, "bob", "t2", "submit", OPEN, QUEUED),
        (1, "rex", "t1", "accept", QUEUED, OPEN),
    )
    table = throughput(log)
    assert table["submit"].tolist() == [2, 0, 0, 0]
    assert table["accept"].tolist() == [0, 0, 0, 1]
    assert table["people"].tolist() == [2, 0, 0, 1]
    assert (table["begins"].diff().dropna() == pd.Timedelta(days=1)).all()


def test_a_forecast_goes_on_as_it_did_lately() -> None:
    done = [(f"d{n}", "done", "done", 24.0 * n) for n in range(1, 6)]
    left = [(f"q{n}", "annotate", "queued", 200.0) for n in range(10)]
    table = tasks(*done, *left)
    row = forecast(table, table["state"] == "done", NOW).iloc[0]
    assert (row["tasks"], row["finished"], row["remaining"]) == (15, 5, 10)
    assert row["per_day"] == pytest.approx(1)
    assert row["finish"] == NOW + timedelta(days=10)


def test_where_nothing_was_finished_there_is_no_forecast() -> None:
    row = forecast(TASKS, TASKS["state"] == "done", NOW).iloc[0]
    assert row["per_day"] == 0
    assert np.isnan(row["days_left"])
    assert pd.isna(row["finish"])
    long_ago = tasks(("a", "done", "done", 24 * 30), ("b", "annotate", "queued", 1))
    assert pd.isna(forecast(long_ago, long_ago["state"] == "done", NOW).iloc[0]["finish"])


def test_what_is_submitted_or_skipped_is_finished_where_there_are_only_makers() -> None:
    states = ["queued", "in_progress", "submitted", "skipped"]
    table = tasks(*((state, "annotate", state, 1.0) for state in states))
    assert finished(table, maker_only()).tolist() == [False, False, True, True]


def test_columns_and_dtypes_are_the_same_empty_and_full() -> None:
    for full, nothing in (
        (waiting(LOG, TASKS, NOW), waiting(moves(), tasks(), NOW)),
        (throughput(LOG), throughput(moves())),
        (
            forecast(TASKS, TASKS["state"] == "done", NOW),
            forecast(tasks(), tasks()["state"] == "done", NOW),
        ),
    ):
        assert full.dtypes.astype(str).to_dict() == nothing.dtypes.astype(str).to_dict()
