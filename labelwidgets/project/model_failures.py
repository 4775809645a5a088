"""What a model failed at, in words that name it and the picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from labelwidgets.workflow.prelabelling import BY_PEOPLE, HANDED_IN

if TYPE_CHECKING:
    import pandas as pd

# These say of a task that it was left alone, which no model is to blame for.
LEFT_ALONE = (None, HANDED_IN, BY_PEOPLE)


class Failure(NamedTuple):
    """Why a model said nothing of a task."""

    task: str
    item_id: str
    error: str


def said_of(task: Mapping[Any, Any], model: str, error: str) -> str:
    """Return an error with the picture, and the model where it does not say that by itself.

    Parameters
    ----------
    task
        With its title and its item_id.
    model
        Its name.
    error
        What went wrong.
    """
    name = f"assistant {model!r}"
    said = error if name in error else f"{name}: {error}"
    return f"{task['title']!r:.200} (item {task['item_id']}): {said}"


def with_failures(labels: pd.DataFrame, failures: Sequence[Failure]) -> pd.DataFrame:
    """Return a frame of labels with a column `error`, and a row for each failure at its end."""
    import pandas as pd

    frame = labels.assign(error=pd.Series(pd.NA, labels.index, dtype="string"))
    if not failures:
        return frame
    rows = pd.DataFrame(
        [
            {"task_id": one.task, "item_id": one.item_id, "error": one.error, "revision": 0}
            | {"attributes": {}, "geometry": None}
            for one in failures
        ]
    )
    rows = rows.reindex(columns=frame.columns).astype(dict(frame.dtypes))
    return pd.concat([frame, rows], ignore_index=True) if len(frame) else rows
