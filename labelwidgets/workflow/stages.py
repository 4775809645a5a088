"""A workflow as data: stages of work, and one table of the moves that are allowed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

import msgspec

from labelwidgets.errors import WorkflowError

if TYPE_CHECKING:
    import pandas as pd

QUEUED = "queued"
IN_PROGRESS = "in_progress"
SUBMITTED = "submitted"
SKIPPED = "skipped"

# Labels of a task may be changed in these states, and in no other.
OPEN_STATES = (QUEUED, IN_PROGRESS)


class Transition(msgspec.Struct, frozen=True):
    """One move that is allowed: an action that takes a task from a state to a state.

    Parameters
    ----------
    stage
        The stage that the task is in.
    state
        The state before.
    action
        ``open``, ``submit``, ``skip`` or ``reopen``.
    to
        The state after.
    """

    stage: str
    state: str
    action: str
    to: str


class Workflow(msgspec.Struct, frozen=True):
    """Stages, and the transitions of the tasks in them.

    Parameters
    ----------
    name
        Of the preset that it is.
    stages
        In the order that a task goes through them; a new task is in the first.
    table
        All moves that are allowed.
    """

    name: str
    stages: list[str]
    table: list[Transition]

    def __post_init__(self) -> None:
        if not self.stages:
            raise WorkflowError("needs at least one stage.", where=f"workflow {self.name!r}")
        seen = set()
        for row in self.table:
            where = f"workflow {self.name!r}, {row.stage}: {row.action} from {row.state}"
            if row.stage not in self.stages:
                raise WorkflowError("is in a stage that there is not.", where=where)
            if (row.stage, row.state, row.action) in seen:
                raise WorkflowError("is there twice.", where=where)
            seen.add((row.stage, row.state, row.action))

    @property
    def initial(self) -> dict[str, str]:
        """Stage and state of a new task."""
        return {"stage": self.stages[0], "state": QUEUED}

    @property
    def transitions(self) -> pd.DataFrame:
        """The table as a frame with the columns stage, state, action and to (string)."""
        import pandas as pd

        columns = list(Transition.__struct_fields__)
        rows = [msgspec.structs.astuple(row) for row in self.table]
        return pd.DataFrame(rows, columns=columns, dtype="string")

    def actions(self, task: Mapping[str, Any]) -> list[str]:
        """Return what can be done with a task as it is."""
        return [
            row.action
            for row in self.table
            if row.stage == task["stage"] and row.state == task["state"]
        ]

    def target(self, task: Mapping[str, Any], action: str) -> str:
        """Return the state that an action takes a task to.

        Raises
        ------
        WorkflowError
            If the action is not allowed, naming the task, its state and what is.
        """
        for row in self.table:
            if (row.stage, row.state, row.action) == (task["stage"], task["state"], action):
                return row.to
        possible = ", ".join(self.actions(task)) or "nothing"
        raise WorkflowError(
            f"is {task['state']}, so that it cannot {action}.",
            where=f"task {task['id']} ({task['title']})",
            hint=f"Possible now: {possible}.",
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the workflow as plain dicts and lists."""
        return cast("dict[str, Any]", msgspec.to_builtins(self))

    @classmethod
    def from_dict(cls, data: Any) -> Workflow:
        """Make a workflow from plain dicts and lists; errors name the field."""
        try:
            return msgspec.convert(data, Workflow)
        except msgspec.ValidationError as error:
            raise WorkflowError(f"{error}.", where="workflow") from None


def maker_only() -> Workflow:
    """Return the workflow of one maker: a task is made, and submitted or skipped."""
    moves = [
        (QUEUED, "open", IN_PROGRESS),
        (QUEUED, "submit", SUBMITTED),
        (QUEUED, "skip", SKIPPED),
        (IN_PROGRESS, "submit", SUBMITTED),
        (IN_PROGRESS, "skip", SKIPPED),
        (SUBMITTED, "reopen", IN_PROGRESS),
        (SKIPPED, "reopen", IN_PROGRESS),
    ]
    table = [Transition("annotate", state, action, to) for state, action, to in moves]
    return Workflow("maker_only", ["annotate"], table)
