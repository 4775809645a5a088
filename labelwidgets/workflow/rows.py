"""One task, and its labels, as frames with the columns that those of a project have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from labelwidgets.store.store import Store


def task_row(store: Store, task: Mapping[str, Any]) -> pd.DataFrame:
    """Return a task as a frame of one row, with the columns of `Store.tasks`."""
    from labelwidgets.store.clock import from_datetime
    from labelwidgets.store.frame_columns import TASK_COLUMNS
    from labelwidgets.store.frames import columns_of_rows, frame

    item = store.item(task["item_id"]) or {"folder": ""}
    count = len(store.read(task["id"]))
    at = from_datetime(task["updated_at"])
    row = {**task, "folder": item["folder"], "n_annotations": count, "updated_at": at}
    return frame(TASK_COLUMNS, columns_of_rows(list(TASK_COLUMNS), [row]))


def label_rows(store: Store, task: Mapping[str, Any]) -> pd.DataFrame:
    """Return the annotations of a task as a frame, with the columns of `Store.annotations`."""
    from labelwidgets.store.frame_columns import ANNOTATION_COLUMNS
    from labelwidgets.store.frames import columns_of_rows, frame
    from labelwidgets.store.records import Held, to_row

    rows = [to_row(Held(made, deleted=False, seq=0)) for made in store.read(task["id"])]
    return frame(ANNOTATION_COLUMNS, columns_of_rows(list(ANNOTATION_COLUMNS), rows))
