"""The edits by which a person takes back a gesture, or brings one again."""

from __future__ import annotations

from sqlalchemy import Connection

from labelwidgets.store.edits import Edit
from labelwidgets.store.history import read_gestures, read_marks, redo_edits, tops, undo_edits
from labelwidgets.store.log import read_held


def read_reversal(
    connection: Connection, actor: str, task: str | None, *, undo: bool
) -> list[Edit]:
    """Return the edits that undo or redo the last gesture of a person, none if there is none.

    Parameters
    ----------
    task
        Of one task; None of all, and then on every task where it can be undone.
    """
    last = tops(read_marks(connection, actor, task), undo=undo)
    if not last:
        return []
    gestures = [
        gesture for where, name in last for gesture in read_gestures(connection, where, [name])
    ]
    held = read_held(connection, {step.annotation for each in gestures for step in each.edits})
    return undo_edits(gestures, held) if undo else redo_edits(gestures, held)
