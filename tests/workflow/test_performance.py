from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import labelwidgets as lw
from labelwidgets.errors import WorkflowError
from labelwidgets.workflow.performance import COLUMNS, DIMENSIONS, performance
from labelwidgets.workflow.work_time import work_seconds


def write_picture(path: Path) -> None:
    Image.fromarray(np.zeros((60, 80, 3), np.uint8)).save(path)


BEGIN = datetime(2026, 3, 2, 9, tzinfo=UTC)
TASKS = pd.DataFrame({"id": ["t1", "t2"], "item_id": ["i1", "i2"]}, dtype="string")


def log(*rows: tuple[float, str, str | None, str | None, str]) -> pd.DataFrame:
    """Return activity: seconds since the beginning, actor, task, annotation, kind."""
    seconds, actors, tasks, names, kinds = zip(*rows, strict=True) if rows else [()] * 5
    times = pd.Series([BEGIN + timedelta(seconds=float(at)) for at in seconds])
    return pd.DataFrame(
        {
            "seq": np.arange(1, len(rows) + 1),
            "time": pd.to_datetime(times, utc=True).astype("datetime64[us, UTC]"),
            "actor": pd.array(list(actors), dtype="string"),
            "task_id": pd.array(list(tasks), dtype="string"),
            "annotation_id": pd.array(list(names), dtype="string"),
            "kind": pd.array(list(kinds), dtype="string"),
        }
    )


def labels(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    """Return annotations: id, task, class, author."""
    names, tasks, classes, authors = zip(*rows, strict=True) if rows else [()] * 4
    count = len(rows)
    return pd.DataFrame(
        {
            "id": pd.array(list(names), dtype="string"),
            "task_id": pd.array(list(tasks), dtype="string"),
            "item_id": pd.array([task.replace("t", "i") for task in tasks], dtype="string"),
            "class_name": pd.array(list(classes), dtype="string"),
            "frame": pd.array([None] * count, dtype="Int64"),
            "author": pd.array(list(authors), dtype="string"),
            "origin": pd.array(["hand"] * count, dtype="string"),
            "created_at": pd.to_datetime(pd.Series([BEGIN] * count), utc=True).astype(
                "datetime64[us, UTC]"
            ),
        }
    )


def moves(activity: pd.DataFrame, notes: dict[int, dict[str, Any]]) -> pd.DataFrame:
    """Return the moves of a log, with what verdicts say by sequence number."""
    found = activity[~activity["kind"].isin(["create", "update", "delete"])].copy()
    found["payload"] = [notes.get(seq, {}) for seq in found["seq"]]
    return found


def test_time_is_work_until_a_pause_is_too_long() -> None:
    activity = log(
        (0, "ana", "t1", None, "open"),
        (10, "ana", "t1", "a", "create"),
        (11, "bob", "t2", None, "open"),
        (30, "ana", "t1", "a", "update"),
        (1000, "ana", "t1", "b", "create"),
        (1001, "ana", "t1", None, "submit"),
        (191, "bob", "t2", "c", "create"),
    )
    assert work_seconds(activity, idle=180).tolist() == [0, 10, 0, 20, 0, 1, 180]
    assert work_seconds(activity, idle=19).tolist() == [0, 10, 0, 0, 0, 1, 0]


LOG = log(
    (0, "ana", "t1", None, "open"),
    (10, "ana", "t1", "a", "create"),
    (30, "ana", "t1", "b", "create"),
    (40, "ana", "t1", None, "submit"),
    (50, "rex", "t1", None, "open"),
    (60, "rex", "t1", "a", "update"),
    (61, "rex", "t1", "a", "update"),
    (70, "rex", "t1", None, "reject"),
    (80, "ana", "t1", "b", "update"),
    (90, "ana", "t1", None, "submit"),
    (95, "rex", "t1", None, "accept"),
    (100, "bob", "t2", "c", "create"),
    (110, "bob", "t2", None, "submit"),
    (120, "rex", "t2", None, "accept"),
)
NOTES: dict[int, dict[str, Any]] = {
    8: {"maker": "ana", "score": 4},
    11: {"maker": "ana", "score": 9},
    14: {"maker": "bob", "score": None},
}
LABELS = labels(("a", "t1", "car", "ana"), ("b", "t1", "tree", "ana"), ("c", "t2", "car", "bob"))


def found(by: Any) -> pd.DataFrame:
    return performance(LOG, moves(LOG, NOTES), LABELS, TASKS, by)


def test_what_each_person_did_and_what_reviewers_thought_of_it() -> None:
    people = found("person").set_index("person")
    ana, bob, rex = people.loc["ana"], people.loc["bob"], people.loc["rex"]
    assert (ana["labels"], bob["labels"], rex["labels"]) == (2, 1, 0)
    assert ana["seconds"] == 90
    assert ana["seconds_per_label"] == 45
    assert ana["last_activity"] == BEGIN + timedelta(seconds=90)
    assert (ana["submitted"], ana["accepted"], ana["rejected"]) == (2, 1, 1)
    assert (ana["acceptance_rate"], ana["score"]) == (0.5, 6.5)
    assert (ana["first_pass"], ana["rework"]) == (0, 1)
    assert ana["edit_distance"] == 0.25, "one of two objects at the first verdict, none later"
    assert (bob["acceptance_rate"], bob["first_pass"], bob["rework"]) == (1, 1, 0)
    assert np.isnan(bob["score"])
    assert bob["edit_distance"] == 0
    assert np.isnan(rex["acceptance_rate"])
    assert np.isnan(rex["seconds_per_label"])


def test_seconds_are_the_same_in_all_however_they_are_broken_down() -> None:
    whole = found("person")["seconds"].sum()
    for by in ("task", "item", "day", ["person", "task"], ["day", "item", "person"]):
        assert found(by)["seconds"].sum() == whole


def test_by_class_the_seconds_are_those_of_its_labels() -> None:
    classes = found("class").set_index("class")
    assert classes["labels"].to_dict() == {"car": 2, "tree": 1}
    assert classes.loc["car", "seconds"] == 10 + 10 + 1
    assert classes["acceptance_rate"].isna().all()


def test_labels_that_were_imported_or_fused_are_nobody_s_work() -> None:
    other = LABELS.assign(origin=pd.array(["import", "consensus", "hand"], dtype="string"))
    people = performance(LOG, moves(LOG, NOTES), other, TASKS).set_index("person")
    assert people["labels"].to_dict() == {"ana": 0, "bob": 1, "rex": 0}


@pytest.mark.parametrize("by", [*DIMENSIONS, ["person", "class"], ["item", "frame"]])
def test_columns_and_dtypes_are_the_same_empty_and_full(by: Any) -> None:
    keys = [by] if isinstance(by, str) else by
    nothing = performance(log(), moves(log(), {}), labels(), TASKS[:0], by)
    full = found(by)
    assert list(nothing.columns) == list(full.columns) == [*keys, *COLUMNS]
    assert nothing.dtypes.astype(str).tolist() == full.dtypes.astype(str).tolist()
    assert len(nothing) == 0
    assert {name: str(full[name].dtype) for name in COLUMNS} == COLUMNS


@pytest.mark.parametrize("by", ["colour", [], ["person", "person"]])
def test_what_cannot_be_broken_down_by_is_named(by: Any) -> None:
    with pytest.raises(WorkflowError, match="by"):
        found(by)


def test_a_project_tells_who_did_what(tmp_path: Path) -> None:
    write_picture(tmp_path / "one.png")
    dataset = lw.Dataset.open(str(tmp_path / "one.png"))
    with lw.Project.create(tmp_path / "p.db", dataset, ["car"], user="ana") as project:
        task = project.tasks.iloc[0]
        box = lw.Rectangle(1, 2, 30, 40)
        project.add([lw.Annotation(item_id=task["item_id"], class_name="car", geometry=box)])
        project.submit(task["id"])
        table = project.performance()
        assert table["person"].tolist() == ["ana"]
        assert table[["labels", "submitted", "accepted"]].to_numpy().tolist() == [[1, 1, 0]]
        assert project.performance(["class", "person"])["labels"].tolist() == [1]
