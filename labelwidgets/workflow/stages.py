"""A workflow as data: stages of work, and one table of the moves that are allowed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

import msgspec

from labelwidgets.errors import RightsError, WorkflowError
from labelwidgets.schema.misfits import in_words
from labelwidgets.workflow.stage_options import SETTLING, check_options

if TYPE_CHECKING:
    import pandas as pd

QUEUED = "queued"
IN_PROGRESS = "in_progress"
SUBMITTED = "submitted"
IN_REVIEW = "in_review"
WAITING = "waiting"
ROUTING = "routing"
SKIPPED = "skipped"
DONE = "done"
ARCHIVED = "archived"

# A maker may change the labels of a task in these states, a reviewer in those.
OPEN_STATES = (QUEUED, IN_PROGRESS)
REVIEW_STATES = (SUBMITTED, IN_REVIEW)
# In these, nobody has handed in the labels of a task.
AT_WORK = (QUEUED, IN_PROGRESS, SKIPPED)

Kind: TypeAlias = Literal[
    "annotate", "model", "review", "consensus", "join", "qc", "router", "done", "archive"
]

# The state in which a task comes into a stage of each kind.
ENTRY: Mapping[str, str] = {
    "annotate": QUEUED,
    "model": QUEUED,
    "review": SUBMITTED,
    "consensus": WAITING,
    "join": WAITING,
    "qc": SUBMITTED,
    "router": ROUTING,
    "done": DONE,
    "archive": ARCHIVED,
}
# Stages in which somebody judges what others have made.
JUDGING = ("review", "qc", "consensus")

# The least role that works in stages of a kind, where that is not the first one.
NEEDED: Mapping[str, str] = {
    "model": "admin",
    "review": "reviewer",
    "consensus": "reviewer",
    "qc": "qc",
}

# Each may do what those before it may.
ROLES = ("annotator", "reviewer", "qc", "admin")


class Stage(msgspec.Struct, frozen=True, omit_defaults=True):
    """A stage of work.

    Parameters
    ----------
    name
        Of the stage; tasks have it in their column `stage`.
    kind
        ``annotate``, ``model``, ``review``, ``consensus``, ``join``, ``qc``, ``router``, ``done``
        or ``archive``.
    options
        What the kind has; see `labelwidgets.workflow.stage_options.OPTIONS`.

    Raises
    ------
    WorkflowError
        If the kind or an option is none of these, naming it.
    """

    name: str
    kind: Kind
    options: dict[str, Any] = {}

    def __post_init__(self) -> None:
        check_options(self.name, self.kind, self.options)

    @property
    def entry(self) -> str:
        """The state in which a task comes into the stage."""
        return ENTRY[self.kind]

    @property
    def overlap(self) -> int:
        """How many people label each of its items, each in a task of their own; 0 for one task."""
        return int(self.options.get("overlap", 0))

    @property
    def part(self) -> bool:
        """Whether its tasks are parts of the work on an item, which are joined when all are in."""
        return bool(self.options.get("part"))

    @property
    def beside(self) -> bool:
        """Whether its tasks stand beside the main one of an item."""
        return bool(self.overlap) or self.part

    @property
    def classes(self) -> tuple[str, ...] | None:
        """The only classes that are labelled in it; None for all."""
        named = self.options.get("classes")
        return None if named is None else tuple(named)

    @property
    def settles(self) -> bool:
        """Whether it is a consensus that is come to without somebody who weighs opinions."""
        return self.kind == "consensus" and any(name in self.options for name in SETTLING)


class Transition(msgspec.Struct, frozen=True, omit_defaults=True):
    """One move that is allowed: an action that takes a task from a state to a state.

    Parameters
    ----------
    stage
        The stage that the task is in.
    state
        The state before.
    action
        Such as ``open``, ``submit``, ``skip``, ``accept``, ``reject`` or ``reopen``.
    to
        The state after.
    to_stage
        The stage after, None for the same.
    role
        Who may: this role, or one that stands above it in `ROLES`.
    """

    stage: str
    state: str
    action: str
    to: str
    to_stage: str | None = None
    role: str = "annotator"

    @property
    def goes_to(self) -> str:
        """The stage after."""
        return self.to_stage or self.stage


class Workflow(msgspec.Struct, frozen=True, omit_defaults=True):
    """Stages, and the transitions of the tasks in them.

    Parameters
    ----------
    name
        Of the preset that it is.
    stages
        In the order that a task goes through them.
    table
        All moves that are allowed.
    archived
        Whether the project is closed: then nothing in it may change.
    """

    name: str
    stages: list[Stage]
    table: list[Transition]
    archived: bool = False

    def __post_init__(self) -> None:
        where = f"workflow {self.name!r}"
        if not self.stages:
            raise WorkflowError("needs at least one stage.", where=where)
        names = [stage.name for stage in self.stages]
        if len(set(names)) < len(names):
            raise WorkflowError("has a stage twice.", where=where)
        if all(stage.beside for stage in self.stages):
            raise WorkflowError(
                "has opinions and no stage for what comes of them.",
                where=where,
                hint="Add a stage of the kind consensus.",
            )
        overlapping = any(stage.overlap for stage in self.stages)
        if overlapping and self.first("consensus") is None:
            raise WorkflowError("has opinions and no stage of the kind consensus.", where=where)
        if any(stage.part for stage in self.stages) and self.first("join") is None:
            raise WorkflowError("has parts and no stage of the kind join.", where=where)
        seen = set()
        for row in self.table:
            at = f"{where}, {row.stage}: {row.action} from {row.state}"
            if row.stage not in names or row.goes_to not in names:
                raise WorkflowError("is in a stage that there is not.", where=at)
            if row.role not in ROLES:
                raise WorkflowError(f"is for {row.role!r}, which is no role.", where=at)
            # A router alone may send a task to several stages.
            key = (row.stage, row.state, row.action, row.to_stage if row.action == "route" else "")
            if key in seen:
                raise WorkflowError("is there twice.", where=at)
            seen.add(key)

    def __getitem__(self, name: str) -> Stage:
        for stage in self.stages:
            if stage.name == name:
                return stage
        raise WorkflowError(
            f"has no stage {str(name)[:80]!r}.",
            where=f"workflow {self.name!r}",
            hint=f"Its stages are: {', '.join(stage.name for stage in self.stages)}.",
        )

    def first(self, *kinds: str) -> Stage | None:
        """Return the first stage of one of these kinds, None if there is none."""
        return next((stage for stage in self.stages if stage.kind in kinds), None)

    def names(self, *kinds: str) -> list[str]:
        """Return the names of the stages of these kinds."""
        return [stage.name for stage in self.stages if stage.kind in kinds]

    def kind_of(self, task: Mapping[str, Any]) -> str:
        """Return of what kind the stage is that a task is in."""
        return self[task["stage"]].kind

    @property
    def initial(self) -> dict[str, str]:
        """Stage and state of a new task that is no opinion."""
        stage = next(stage for stage in self.stages if not stage.beside)
        return {"stage": stage.name, "state": stage.entry}

    @property
    def states(self) -> set[str]:
        """The states that a task can be in."""
        found = {stage.entry for stage in self.stages}
        return found | {row.state for row in self.table} | {row.to for row in self.table}

    @property
    def finished(self) -> tuple[str, ...]:
        """The states of a task that is through: submitted, where nothing comes after that."""
        ends = [stage.entry for stage in self.stages if stage.kind in ("done", "archive")]
        return tuple(ends) or (SUBMITTED,)

    @property
    def opinions(self) -> Stage | None:
        """The stage in which several people label one item, None if there is none."""
        return next((stage for stage in self.stages if stage.overlap), None)

    @property
    def parts(self) -> list[str]:
        """The stages in which people do their part of the work on an item."""
        return [stage.name for stage in self.stages if stage.part]

    @property
    def weighing(self) -> list[str]:
        """The stages in which somebody makes one answer out of several people's."""
        sent = [stage.options.get("next") for stage in self.stages if stage.settles]
        return [
            stage.name
            for stage in self.stages
            if stage.kind == "consensus" or (stage.kind == "review" and stage.name in sent)
        ]

    @property
    def transitions(self) -> pd.DataFrame:
        """The table as a frame: stage, state, action, to, to_stage and role (string)."""
        import pandas as pd

        columns = list(Transition.__struct_fields__)
        rows = [msgspec.structs.astuple(row) for row in self.table]
        return pd.DataFrame(rows, columns=columns, dtype="string")

    def moves(self, task: Mapping[str, Any], role: str | None = None) -> list[Transition]:
        """Return the rows of the table for a task as it is, those for a role; None for all."""
        return [
            row
            for row in self.table
            if row.stage == task["stage"]
            and row.state == task["state"]
            and (role is None or may(role, row.role))
        ]

    def actions(self, task: Mapping[str, Any], role: str | None = None) -> list[str]:
        """Return what can be done with a task as it is."""
        return list(dict.fromkeys(row.action for row in self.moves(task, role)))

    def move(self, task: Mapping[str, Any], action: str, role: str | None = None) -> Transition:
        """Return the row of the table that an action on a task is.

        Raises
        ------
        WorkflowError
            If the action is not allowed, naming the task, its state and what is.
        """
        rows = self.moves(task)
        found = next((row for row in rows if row.action == action), None)
        if found is not None and (role is None or may(role, found.role)):
            return found
        possible = ", ".join(self.actions(task, role)) or "nothing"
        here = "" if len(self.stages) == 1 else f" in stage {task['stage']}"
        kind = WorkflowError if found is None else RightsError
        raise kind(
            f"is {task['state']}{here}, so that it cannot {action}."
            if found is None
            else f"is not for the role {role} to {action}: it takes {found.role}.",
            where=f"task {task['id']} ({task['title']})",
            hint=f"Possible now: {possible}.",
        )

    def target(self, task: Mapping[str, Any], action: str) -> str:
        """Return the state that an action takes a task to; see `move`."""
        return self.move(task, action).to

    def to_dict(self) -> dict[str, Any]:
        """Return the workflow as plain dicts and lists."""
        return cast("dict[str, Any]", msgspec.to_builtins(self))

    @classmethod
    def from_dict(cls, data: Any) -> Workflow:
        """Make a workflow from plain dicts and lists; errors name the field.

        A stage that is only a name, as they were first, is one to annotate.
        """
        if isinstance(data, Mapping) and isinstance(data.get("stages"), list):
            stages = [
                {"name": stage, "kind": "annotate"} if isinstance(stage, str) else stage
                for stage in data["stages"]
            ]
            data = {**data, "stages": stages}
        try:
            return msgspec.convert(data, Workflow)
        except msgspec.ValidationError as error:
            raise in_words(error).at(WorkflowError, "workflow") from None

    def _repr_html_(self) -> str:
        from labelwidgets.workflow.drawing import draw

        return draw(self)


def may(role: str, needed: str) -> bool:
    """Say whether a role may do what takes another."""
    return ROLES.index(role) >= ROLES.index(needed)


def check_role(role: str | None) -> str | None:
    """Return a role, None for one that may do everything.

    Raises
    ------
    WorkflowError
        If there is no such role.
    """
    if role is not None and role not in ROLES:
        raise WorkflowError(
            f"{str(role)[:80]!r} is no role.", where="role", hint=f"Roles: {', '.join(ROLES)}."
        )
    return role
