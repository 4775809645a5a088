"""Moves of tasks as frames: what was judged, and what became of one task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from labelwidgets.store.store import Store

if TYPE_CHECKING:
    import pandas as pd

VERDICTS = ("accept", "reject")
_NOTED = ("before", "after", "revision")


def review_frame(store: Store) -> pd.DataFrame:
    """Return one row a verdict on what somebody made, in their order.

    Columns: seq (int64), time (datetime64[us, UTC]), task_id, item_id, title, stage, verdict
    (``accept`` or ``reject``), reviewer, maker, comment (string), score (float64, 0 to 10), tags
    (list), diff (dict or None) and round (int64: how often the task was given back before).
    """
    import pandas as pd

    rounds: dict[str, int] = {}
    tasks = store.tasks.set_index("id")
    rows = []
    for event in store.read_moves(kinds=VERDICTS):
        note = event["payload"]
        if "score" not in note or note.get("maker") is None:
            continue
        task = event["task"]
        known = task in tasks.index
        rows.append(
            {
                "seq": event["seq"],
                "time": event["time"],
                "task_id": task,
                "item_id": tasks.at[task, "item_id"] if known else None,
                "title": tasks.at[task, "title"] if known else None,
                "stage": note["before"].get("stage"),
                "verdict": event["kind"],
                "reviewer": event["actor"],
                "maker": note["maker"],
                "score": note["score"],
                "comment": note["comment"],
                "tags": note["tags"],
                "diff": note["diff"],
                "round": rounds.get(task, 0),
            }
        )
        rounds[task] = rounds.get(task, 0) + (event["kind"] == "reject")
    columns = ["seq", "time", "task_id", "item_id", "title", "stage", "verdict", "reviewer"]
    columns += ["maker", "score", "comment", "tags", "diff", "round"]
    text = ["task_id", "item_id", "title", "stage", "verdict", "reviewer", "maker", "comment"]
    return _typed(pd.DataFrame(rows, columns=columns, dtype="object"), text, ("seq", "round"))


def history_frame(store: Store, task_id: str) -> pd.DataFrame:
    """Return one row a move of a task, in their order.

    Columns: seq (int64), time (datetime64[us, UTC]), actor, kind, from_stage, from_state, stage,
    state, assignee (string) and note (dict: a reason, a score ...). Where a move left a column as
    it was, it is as before.
    """
    import pandas as pd

    store.task(task_id)
    rows = []
    now: dict[str, Any] = {}
    for event in store.read_moves(task=task_id):
        payload = event["payload"]
        before: Mapping[str, Any] = {**now, **payload.get("before", {})}
        now = {**before, **payload.get("after", {})}
        rows.append(
            {
                "seq": event["seq"],
                "time": event["time"],
                "actor": event["actor"],
                "kind": event["kind"],
                "from_stage": before.get("stage"),
                "from_state": before.get("state"),
                "stage": now.get("stage"),
                "state": now.get("state"),
                "assignee": now.get("assignee"),
                "note": {name: payload[name] for name in payload if name not in _NOTED},
            }
        )
    columns = ["seq", "time", "actor", "kind", "from_stage", "from_state", "stage", "state"]
    columns += ["assignee", "note"]
    text = ["actor", "kind", "from_stage", "from_state", "stage", "state", "assignee"]
    return _typed(pd.DataFrame(rows, columns=columns, dtype="object"), text, ("seq",))


def _typed(frame: pd.DataFrame, text: Sequence[str], whole: Sequence[str]) -> pd.DataFrame:
    import pandas as pd

    kinds: dict[str, Any] = dict.fromkeys(text, "string") | dict.fromkeys(whole, "int64")
    if "score" in frame.columns:
        kinds["score"] = "float64"
    frame = frame.astype(kinds)
    moments = pd.to_datetime(frame["time"], utc=True)
    return frame.assign(time=moments.astype("datetime64[us, UTC]"))
