"""Who saw what, and who was refused: rows that are only added, and the frame of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, insert, select

from labelwidgets.store.clock import clock_of
from labelwidgets.store.history import EDIT_KINDS
from labelwidgets.store.records import to_text
from labelwidgets.store.tables import access

if TYPE_CHECKING:
    import pandas as pd

# Of these, so many microseconds apart at most, consecutive ones of a person on a task are one row.
_TOGETHER = 10 * 60 * 1_000_000
# What the log of events calls it, and what it is here.
_NAMES = {**dict.fromkeys(EDIT_KINDS, "edited"), "open": "claimed"}


def put_access(
    connection: Connection,
    person: str,
    action: str,
    task: str | None,
    detail: Mapping[str, Any],
) -> None:
    """Add a row, with the time of the database."""
    connection.execute(
        insert(access).values(
            time=clock_of(connection),
            person=person,
            action=action,
            task=task,
            detail=to_text(detail),
        )
    )


def access_frame(connection: Connection) -> pd.DataFrame:
    """Return who did what and when, from both logs; see `Store.access`."""
    import pandas as pd

    from labelwidgets.store.frame_columns import ACCESS_COLUMNS
    from labelwidgets.store.frames import activity_frame, columns_of_rows, frame

    rows = [
        {**row, "until": row["time"], "n": 1, "task_id": row["task"]}
        for row in connection.execute(select(access).order_by(access.c.seq)).mappings()
    ]
    seen = frame(ACCESS_COLUMNS, columns_of_rows(list(ACCESS_COLUMNS), rows))
    done = _gathered(activity_frame(connection))
    both = [some for some in (seen, done) if len(some)]
    if not both:
        return seen
    made = pd.concat(both, ignore_index=True)
    return made.sort_values("time", kind="stable", ignore_index=True)


def _gathered(activity: pd.DataFrame) -> pd.DataFrame:
    """Return the events as rows of the frame: what is one stretch of work is one row."""
    import numpy as np
    import pandas as pd

    from labelwidgets.store.frame_columns import ACCESS_COLUMNS

    events = activity[activity["kind"] != "conflict"]
    action = events["kind"].map(_NAMES).fillna(events["kind"]).astype("string")
    events = events.assign(action=action, task_id=events["task_id"].astype("string"))
    events = events.sort_values(["actor", "seq"], kind="stable")
    pause = (events["time"].diff() > pd.Timedelta(_TOGETHER, "us")).to_numpy(bool)
    other = np.asarray(events["action"] != "edited", bool)
    for name in ("actor", "action", "task_id"):
        codes = pd.factorize(events[name])[0]
        other = other | (np.diff(codes, prepend=-2) != 0)
    found = events.groupby(np.cumsum(other | pause), sort=False).agg(
        time=("time", "first"),
        until=("time", "last"),
        person=("actor", "first"),
        action=("action", "first"),
        task_id=("task_id", "first"),
        n=("seq", "size"),
    )
    found["detail"] = pd.Series([{} for _ in range(len(found))], index=found.index, dtype=object)
    return found[list(ACCESS_COLUMNS)].astype({"n": "int64"}).reset_index(drop=True)
