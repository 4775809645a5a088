"""Moves of a task: submit, skip, reopen, accept, reject and the like."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from labelwidgets.errors import RightsError, WorkflowError
from labelwidgets.schema.annotation import Annotation
from labelwidgets.store.moves import Decide, Move
from labelwidgets.store.tables import PROBES
from labelwidgets.workflow.feedback import FEEDBACK, telling, told
from labelwidgets.workflow.hold import Hold
from labelwidgets.workflow.landing import landing
from labelwidgets.workflow.openness import check_judge
from labelwidgets.workflow.overlap import check_distinct, with_main
from labelwidgets.workflow.parts import check_whole, narrowed
from labelwidgets.workflow.routing import route
from labelwidgets.workflow.rules import check_complete
from labelwidgets.workflow.stages import (
    IN_PROGRESS,
    IN_REVIEW,
    JUDGING,
    ROUTING,
    SUBMITTED,
    Workflow,
)
from labelwidgets.workflow.verdicts import verdict

MAX_REASON = 1000
_RESTS = ("annotate", "review", "qc", "done", "archive")
Annotations = Callable[[], list[Annotation]]


class Moving(Hold):
    """What a person does with a task as a whole."""

    def submit(self, task_id: str) -> dict[str, Any]:
        """Submit a task, and return it: it goes on to the next stage of the workflow.

        Raises
        ------
        WorkflowError
            If required answers are missing (it lists them), the task is not open, or the person
            is told what to correct; see `labelwidgets.workflow.feedback`.
        """
        ontology, mode, workflow = self.ontology, self.mode, self.workflow
        # What comes too late is kept, though the task is another's by now, which is not shown.
        lost = self.store.lost(task_id, self._user)
        if not lost:
            self._check_within(task_id)
        tell = None if lost else telling(self.store, workflow, task_id, self._user)
        said: dict[str, Any] = {}

        def decide(task: Mapping[str, Any], annotations: Annotations) -> Move:
            move = self._step(workflow, task, "submit", {"ontology": ontology.hash})
            self._check_distinct(workflow, task)
            self._check_assigned(task)
            labels = annotations()
            check_complete(task, labels, narrowed(ontology, workflow[task["stage"]]), mode)
            # An opinion that is kept because it came late is not gone back to.
            said.clear()
            if tell is not None and task["id"] == task_id:
                said.update(tell(task, labels) or {})
            if said:
                return Move(FEEDBACK, {}, said)
            stays = move.changes["state"] == SUBMITTED and move.changes["stage"] == task["stage"]
            changes = {"assignee": self._user if stays else None, "maker": self._user}
            return with_main(task, _with(move, changes), workflow)

        moved = self._moved(task_id, decide)
        if said:
            raise told(moved, said)
        return moved

    def skip(self, task_id: str, reason: str) -> dict[str, Any]:
        """Skip a task, saying why, and return it.

        Raises
        ------
        WorkflowError
            If there is no reason, or the task is not open.
        """
        workflow = self.workflow
        _check_reason(reason, f"skip of task {task_id}", f"reason to skip task {task_id}")

        def decide(task: Mapping[str, Any], annotations: Annotations) -> Move:
            move = self._step(workflow, task, "skip", {"reason": reason})
            self._check_distinct(workflow, task)
            self._check_assigned(task)
            return with_main(task, _with(move, {"assignee": self._user}), workflow)

        return self._move(task_id, decide)

    def reopen(self, task_id: str) -> dict[str, Any]:
        """Reopen a task that was submitted, skipped or done, and return it.

        Raises
        ------
        WorkflowError
            If it is open, being reviewed, or others have gone on from it.
        """
        workflow = self.workflow

        def decide(task: Mapping[str, Any], annotations: Annotations) -> Move:
            move = self._step(workflow, task, "reopen")
            if task["copy"]:
                self._check_distinct(workflow, task)
            elif self._role == "annotator" and task["maker"] not in (None, self._user):
                raise RightsError(f"was made by {task['maker']}.", where=_name(task))
            return with_main(task, _with(move, {"assignee": self._user}), workflow)

        return self._move(task_id, decide)

    def requeue(self, task_id: str, reason: str | None = None) -> dict[str, Any]:
        """Put a task that was skipped, submitted or done back into the queue, for anybody.

        Raises
        ------
        WorkflowError
            If it cannot be, as it is.
        """
        workflow = self.workflow
        if reason is not None:
            _check_reason(reason, f"requeue of task {task_id}", f"reason, task {task_id}")

        def decide(task: Mapping[str, Any], annotations: Annotations) -> Move:
            note = {} if reason is None else {"reason": reason}
            move = self._step(workflow, task, "requeue", note)
            # A probe stays with whom it is about.
            whose = task["maker"] or task["assignee"] if task["copy"] >= PROBES else None
            return with_main(task, _with(move, {"assignee": whose, "maker": None}), workflow)

        return self._move(task_id, decide)

    def accept(
        self,
        task_id: str,
        score: float | None = None,
        comment: str | None = None,
        tags: Sequence[str] = (),
        diff: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Accept a task that waits to be judged, and return it: it goes on to the next stage.

        Parameters
        ----------
        task_id
            Which.
        score
            How good it is, 0 to 10.
        comment
            What its maker is told.
        tags
            Kinds of errors.
        diff
            What was changed of what the maker had made.

        Raises
        ------
        WorkflowError
            If it does not wait to be judged, this person made it, or another is at it.
        """
        workflow = self.workflow

        def decide(task: Mapping[str, Any], annotations: Annotations) -> Move:
            note = verdict(score, comment, tags, diff, task["maker"])
            move = self._step(workflow, task, "accept", note)
            self._check_judge(workflow, task)
            changes: dict[str, Any] = {"assignee": None}
            if score is not None:
                changes["score"] = note["score"]
            if workflow.kind_of(task) == "consensus" or task["maker"] is None:
                # Who weighed the opinions answers for what came of them.
                changes["maker"] = self._user
            return _with(move, changes)

        return self._move(task_id, decide)

    def reject(
        self,
        task_id: str,
        score: float | None = None,
        comment: str | None = None,
        tags: Sequence[str] = (),
        diff: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Give a task back to its maker, in whose queue it comes first, and return it.

        For parameters and errors see `accept`.
        """
        workflow = self.workflow

        def decide(task: Mapping[str, Any], annotations: Annotations) -> Move:
            note = verdict(score, comment, tags, diff, task["maker"])
            move = self._step(workflow, task, "reject", note)
            self._check_judge(workflow, task)
            changes = {"assignee": task["maker"], "rounds": task["rounds"] + 1}
            if score is not None:
                changes["score"] = note["score"]
            return _with(move, changes)

        return self._move(task_id, decide)

    def pass_on(self, task_id: str, *, sure: bool = False) -> dict[str, Any]:
        """Send on a task that a model has labelled: it has no maker yet.

        Where the stage says so, one that the model is sure of goes elsewhere.
        """
        workflow = self.workflow

        def decide(task: Mapping[str, Any], annotations: Annotations) -> Move | None:
            if workflow.kind_of(task) != "model":
                return None
            action = "route" if sure and "then" in workflow[task["stage"]].options else "submit"
            return _with(self._step(workflow, task, action), {"assignee": None})

        return self._move(task_id, decide)

    def renew(self, task_id: str, lease_seq: int | None = None) -> bool:
        """Show a sign of life, so that a task stays this person's; see `Store.renew`."""
        self._check_within(task_id)
        return self.store.renew(task_id, self._user, lease_seq)

    def archive(self, task_id: str) -> dict[str, Any]:
        """Put a task that is done away, where the workflow has a stage for that."""
        workflow = self.workflow

        def decide(task: Mapping[str, Any], annotations: Annotations) -> Move:
            return _with(self._step(workflow, task, "archive"), {"assignee": None})

        return self._move(task_id, decide)

    def release(self, task_ids: Iterable[str]) -> None:
        """Give tasks that were opened ahead, and never shown, back to the queue."""
        workflow = self.workflow

        def decide(task: Mapping[str, Any], annotations: Annotations) -> Move | None:
            if task["assignee"] != self._user:
                return None
            if task["state"] == IN_REVIEW:
                return _with(self._step(workflow, task, "release"), {"assignee": None})
            if task["state"] != IN_PROGRESS or annotations():
                return None
            # What was given back to this person, or is about them, stays with them.
            whose = self._user if task["rounds"] or task["copy"] >= PROBES else None
            return _with(self._step(workflow, task, "release"), {"assignee": whose})

        for task_id in task_ids:
            self.store.move(task_id, self._user, decide)

    def _begin(self, task: Mapping[str, Any], annotations: Annotations) -> Move | None:
        """Make a task this person's, in progress or in review."""
        workflow = self.workflow
        if "open" not in workflow.actions(task):
            return None
        if workflow.kind_of(task) in JUDGING:
            self._check_judge(workflow, task)
        self._check_distinct(workflow, task)
        self._check_assigned(task)
        return _with(self._step(workflow, task, "open"), {"assignee": self._user})

    def _check_distinct(self, workflow: Workflow, task: Mapping[str, Any]) -> None:
        part = workflow[task["stage"]].part
        check_distinct(task, task["siblings"], self._user, part=part)

    def _check_judge(self, workflow: Workflow, task: Mapping[str, Any]) -> None:
        check_judge(task, self._user, self._assigned(task))
        check_whole(task, task["siblings"], self._user, workflow)

    def _check_assigned(self, task: Mapping[str, Any]) -> None:
        # Whoever stands above annotators may take a task over.
        if not self._assigned(task) and self._role == "annotator":
            raise RightsError(f"is assigned to {task['assignee']}.", where=_name(task))

    def _step(
        self,
        workflow: Workflow,
        task: Mapping[str, Any],
        action: str,
        note: Mapping[str, Any] | None = None,
    ) -> Move:
        """Return the move that an action is by the table, to where the task comes to rest."""
        if workflow.archived:
            raise WorkflowError(
                "is archived.", where="project", hint="Call project.restore() first."
            )
        row = workflow.move(task, action, self._role)
        stays = Move(action, {"stage": task["stage"], "state": SUBMITTED}, note or {})
        if 0 < task["copy"] < PROBES and action == "submit":
            # An opinion stays where it was given, also one that was kept because it came late.
            return stays
        stage, state, passed = landing(workflow, row, task["item_id"])
        if task["copy"] >= PROBES and action == "submit" and workflow[stage].kind not in _RESTS:
            # A probe goes where it would if it were none, but no computer has anything to do there.
            return stays
        more = {"passed": passed} if passed else {}
        return Move(action, {"stage": stage, "state": state}, {**(note or {}), **more})

    def _move(self, task_id: str, decide: Decide) -> dict[str, Any]:
        self._check_within(task_id)
        return self._moved(task_id, decide)

    def _moved(self, task_id: str, decide: Decide) -> dict[str, Any]:
        moved = self.store.move(task_id, self._user, decide)
        if moved["state"] == ROUTING:
            blind = self._role == "annotator"
            return route(self.store, self.workflow, moved["id"], self._user, blind=blind)
        return moved


def _with(move: Move, changes: Mapping[str, Any]) -> Move:
    return move._replace(changes={**move.changes, **changes})


def _name(task: Mapping[str, Any]) -> str:
    return f"task {task['id']} ({task['title']})"


def _check_reason(reason: str, where: str, field: str) -> None:
    if not isinstance(reason, str) or not reason.strip():
        raise WorkflowError("needs a reason.", where=where)
    if len(reason) > MAX_REASON:
        raise WorkflowError(
            f"is {len(reason)} characters long, at most {MAX_REASON} are allowed.", where=field
        )
