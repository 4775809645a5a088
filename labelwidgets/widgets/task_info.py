"""What a page is told of a task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labelwidgets.widgets import messages
from labelwidgets.workflow.session import Session

# Rows that the navigator is given at once.
_MOST_ROWS = 500


def task_info(task: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the navigator shows of a task: of the row of a task alone, what that knows."""
    row = {name: task[name] for name in ("id", "item_id", "title", "state", "position")}
    row |= {name: task[name] for name in ("folder", "kind", "n_annotations") if name in task}
    if "status" in task:
        row["error"] = task.get("error") if task["status"] == "failed" else None
    return row


def navigator_info(session: Session, message: messages.Tasks) -> dict[str, Any]:
    """Return the content of a message with rows for the navigator, and where they stand."""
    limit = min(max(1, message.limit), _MOST_ROWS)
    offset, index = message.offset, None
    if message.around is not None:
        index, _ = session.place(message.around, message.folder)
        if index is not None:
            offset = index // limit * limit
    rows, total = session.tasks(message.folder, offset, limit)
    return {
        "type": "tasks",
        "request": message.request,
        "rows": [task_info(row) for row in rows],
        "total": total,
        "offset": offset,
        "folders": [found["folder"] for found in session.folders()],
        "index": index,
    }
