"""The moves that a labeler makes, and what became of a task."""

from __future__ import annotations

from typing import Any

import pandas as pd

from labelwidgets.project.base import ProjectBase
from labelwidgets.workflow.move_frames import history_frame


class Working(ProjectBase):
    """Moves of tasks."""

    def submit(self, task: str) -> dict[str, Any]:
        """Submit a task; `WorkflowError` lists the required answers that are missing."""
        return self.session().submit(task)

    def skip(self, task: str, reason: str) -> dict[str, Any]:
        """Skip a task, saying why."""
        return self.session().skip(task, reason)

    def reopen(self, task: str) -> dict[str, Any]:
        """Reopen a task that was submitted, skipped or done."""
        return self.session().reopen(task)

    def requeue(self, task: str, reason: str | None = None) -> dict[str, Any]:
        """Put a task that was skipped, submitted or done back into the queue, for anybody."""
        return self.session().requeue(task, reason)

    def history(self, task: str) -> pd.DataFrame:
        """Return one row a move of a task, in their order.

        Columns: seq (int64), time (datetime64[us, UTC]), actor, kind, from_stage, from_state,
        stage, state, assignee (string) and note (dict: a reason, a score ...).
        """
        self.session().task(task)
        return history_frame(self._store, task)
