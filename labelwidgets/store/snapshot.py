"""A store as it was at a moment: frames that nothing can change any more."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import pandas as pd
from sqlalchemy import Connection, select

from labelwidgets.store.frame_columns import ANNOTATION_COLUMNS, PEOPLE_COLUMNS, TASK_COLUMNS
from labelwidgets.store.frames import columns_of_rows, event_frame, frame
from labelwidgets.store.issues import comment_frame, issue_frame, replay_issues
from labelwidgets.store.log import read_log
from labelwidgets.store.past import replay_annotations, replay_tasks
from labelwidgets.store.people import replay_people
from labelwidgets.store.records import to_row
from labelwidgets.store.tables import items, tasks


class Snapshot(NamedTuple):
    """What was there at a moment.

    Parameters
    ----------
    time
        The moment.
    tasks, annotations, events, issues, comments, people
        Frames with the columns and dtypes of those of the store.
    """

    time: datetime
    tasks: pd.DataFrame
    annotations: pd.DataFrame
    events: pd.DataFrame
    issues: pd.DataFrame
    comments: pd.DataFrame
    people: pd.DataFrame

    def __repr__(self) -> str:
        return (
            f"Snapshot(time={self.time.isoformat()}, tasks={len(self.tasks)}, "
            f"annotations={len(self.annotations)}, events={len(self.events)})"
        )


def take(connection: Connection, time: datetime, moment: int) -> Snapshot:
    """Return the snapshot of a moment in microseconds, by replay of the log up to it."""
    log = read_log(connection, moment)
    known = replay_annotations(log)
    alive = [held for held in known.values() if not held.deleted]
    rows = [to_row(held) for held in sorted(alive, key=lambda held: held.seq)]
    counts: dict[str, int] = {}
    for row in rows:
        counts[row["task_id"]] = counts.get(row["task_id"], 0) + 1
    current = connection.execute(
        select(tasks, items.c.folder).join(items, items.c.id == tasks.c.item_id)
    ).mappings()
    made = replay_tasks([dict(row) for row in current], log)
    for task in made:
        task["n_annotations"] = counts.get(task["id"], 0)
    issues, comments = replay_issues(log)
    return Snapshot(
        time,
        frame(TASK_COLUMNS, columns_of_rows(list(TASK_COLUMNS), made)),
        frame(ANNOTATION_COLUMNS, columns_of_rows(list(ANNOTATION_COLUMNS), rows)),
        event_frame(connection, moment),
        issue_frame(issues, comments, known),
        comment_frame(comments),
        frame(PEOPLE_COLUMNS, columns_of_rows(list(PEOPLE_COLUMNS), replay_people(log))),
    )
