from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from labelwidgets.schema.geometry import Rectangle, Tag
from labelwidgets.store.store import Store
from tests.store.making import NewPlace, create, delete, items, make_store, rectangle, update

TASKS = {
    "id": "string",
    "item_id": "string",
    "title": "string",
    "folder": "string",
    "stage": "string",
    "state": "string",
    "assignee": "string",
    "priority": "int64",
    "batch": "string",
    "n_annotations": "int64",
    "score": "float64",
    "copy": "int64",
    "maker": "string",
    "rounds": "int64",
    "updated_at": "datetime64[us, UTC]",
}
ANNOTATIONS = {
    "id": "string",
    "task_id": "string",
    "item_id": "string",
    "class_name": "string",
    "geometry_type": "string",
    "geometry": "object",
    "attributes": "object",
    "frame": "Int64",
    "pts": "Int64",
    "track_id": "string",
    "author": "string",
    "origin": "string",
    "confidence": "float64",
    "state": "string",
    "created_at": "datetime64[us, UTC]",
    "updated_at": "datetime64[us, UTC]",
    "revision": "int64",
    "x": "float64",
    "y": "float64",
    "width": "float64",
    "height": "float64",
    "area": "float64",
}
EVENTS = {
    "seq": "int64",
    "id": "string",
    "time": "datetime64[us, UTC]",
    "actor": "string",
    "client": "string",
    "task_id": "string",
    "annotation_id": "string",
    "kind": "string",
    "gesture": "string",
    "undoes": "string",
    "redoes": "string",
    "base_revision": "Int64",
    "payload": "object",
}


def dtypes(frame: pd.DataFrame) -> dict[str, str]:
    return {str(name): str(kind) for name, kind in frame.dtypes.items()}


def check_columns(store: Store) -> None:
    past = store.at(datetime.now(UTC))
    for found in (store.tasks, past.tasks):
        assert dtypes(found) == TASKS
    for found in (store.annotations, past.annotations):
        assert dtypes(found) == ANNOTATIONS
    for found in (store.events, past.events):
        assert dtypes(found) == EVENTS


def test_columns_and_dtypes_are_the_same_empty_and_full(new_place: NewPlace) -> None:
    with make_store(new_place(), count=0) as store:
        assert store.tasks.empty
        check_columns(store)
    with make_store(new_place()) as store:
        task = store.task_ids()[0]
        check_columns(store)
        store.apply([create(task), create(task, after={"frame": 1, "confidence": 0.5})], "ana")
        answers = {
            "class_name": None,
            "geometry": {"type": "tag"},
            "attributes": {"weather": "dry"},
        }
        store.apply([create(task, f"{task}:image", after=answers)], "ana", client="tab")
        check_columns(store)


def test_annotations_hold_shapes_and_their_boxes(store: Store, task: str) -> None:
    store.apply([create(task, after={"geometry": {**rectangle(0, 0, 4, 2), "angle": 90}})], "ana")
    answers = {"class_name": None, "geometry": {"type": "tag"}, "attributes": {"weather": "dry"}}
    store.apply([create(task, f"{task}:image", after=answers)], "ana")
    shape, tag = (row for _, row in store.annotations.iterrows())
    assert shape["geometry"] == Rectangle(0, 0, 4, 2, 90)
    assert shape[["x", "y", "width", "height", "area"]].tolist() == pytest.approx([1, -1, 2, 4, 8])
    assert tag["geometry"] == Tag()
    assert tag["attributes"] == {"weather": "dry"}
    assert tag["area"] == 0
    assert store.tasks["n_annotations"].tolist() == [2, 0, 0, 0]


def test_frames_can_be_queried(store: Store, task: str) -> None:
    store.apply([create(task), create(task, after={"geometry": rectangle(0, 0, 99, 99)})], "ana")
    answers = {"class_name": None, "geometry": {"type": "tag"}}
    store.apply([create(task, f"{task}:image", after=answers)], "ana")
    assert len(store.annotations.query("class_name == 'car' and area < 50")) == 1
    assert len(store.tasks.query("assignee != assignee or state == 'queued'")) == 4


def test_deleted_annotations_are_not_in_the_frame(store: Store, task: str) -> None:
    first, second = create(task), create(task)
    store.apply([first, second, delete(task, first.annotation, 1)], "ana")
    assert store.annotations["id"].tolist() == [second.annotation]


def test_at_a_time_is_the_same_store_then(store: Store, task: str) -> None:
    pictures = []
    first = create(task)
    for edit in [
        first,
        create(task),
        update(task, first.annotation, 1, {"geometry": rectangle(50)}),
        delete(task, first.annotation, 2),
        create(task, first.annotation, base=3),
    ]:
        store.apply([edit], "ana")
        now = store.events["time"].iloc[-1].to_pydatetime()
        pictures.append((now, store.tasks, store.annotations, store.events))
    for now, *frames in pictures:
        past = store.at(now)
        pd.testing.assert_frame_equal(past.tasks, frames[0])
        pd.testing.assert_frame_equal(past.annotations, frames[1])
        pd.testing.assert_frame_equal(past.events, frames[2])
    naive = store.at(pictures[0][0].replace(tzinfo=None))
    pd.testing.assert_frame_equal(naive.annotations, pictures[0][2])
    long_ago = store.at(datetime(2000, 1, 1, tzinfo=UTC))
    assert long_ago.tasks.empty
    assert long_ago.annotations.empty
    assert long_ago.events.empty
    assert "annotations=0" in repr(long_ago)


def test_items_that_come_later_were_not_there_before(store: Store) -> None:
    before = store.tasks
    now = store.events["time"].iloc[-1].to_pydatetime()
    added = store.add_items(items(6), {"stage": "annotate", "state": "queued"}, "ben")
    assert added == 2
    assert len(store.tasks) == 6
    pd.testing.assert_frame_equal(store.at(now).tasks, before)
    assert len(store.at(now + timedelta(days=1)).tasks) == 6
    assert store.add_items(items(6), {"stage": "annotate", "state": "queued"}, "ben") == 0


def test_an_item_that_failed_has_its_place_and_waits_until_it_can_be_read(
    new_place: NewPlace,
) -> None:
    with make_store(new_place(), count=0) as store:
        initial = {"stage": "annotate", "state": "queued"}
        store.add_items(items(1, status="failed", error="is cut off"), initial, "ana")
        assert len(store.tasks) == 1
        assert store.items()["status"].tolist() == ["failed"]
        assert store.next_task("ana", ["in_progress"], ["queued"]) is None
        (row,), _ = store.page()
        assert (row["status"], row["error"]) == ("failed", "is cut off")
        store.add_items(items(1, metadata={"width": 9, "height": 9}), initial, "ana")
        assert len(store.tasks) == 1
        assert store.next_task("ana", ["in_progress"], ["queued"]) == store.tasks["id"][0]
        assert store.items()["status"].tolist() == ["ok"]
        assert store.items()["metadata"].tolist() == [{"width": 9, "height": 9}]


def test_items_come_back_as_they_were_given(new_place: NewPlace) -> None:
    with make_store(new_place(), count=3) as store:
        pd.testing.assert_frame_equal(store.items(), items(3), check_dtype=False)
