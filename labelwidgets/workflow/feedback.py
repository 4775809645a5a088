"""Telling people at once, and a limited number of times, how their work compares with gold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from labelwidgets.errors import WorkflowError
from labelwidgets.schema.annotation import Annotation
from labelwidgets.store.item_metadata import size_of
from labelwidgets.store.store import Store
from labelwidgets.workflow.conflicts import conflict_frame
from labelwidgets.workflow.gold import authors_of
from labelwidgets.workflow.gold_score import Submission, compare_with_gold, score_of
from labelwidgets.workflow.quality_rules import QualityRules
from labelwidgets.workflow.stages import Workflow

MAX_ATTEMPTS = 100
FEEDBACK = "feedback"

# What a person is told of each kind of conflict; never which object, or where it should be.
_WORDS = {
    "missing": "missing",
    "extra": "too many",
    "mismatching_label": "of another class",
    "low_overlap": "drawn loosely",
    "mismatching_direction": "drawn the other way round",
    "mismatching_attributes": "answered otherwise",
    "mismatching_groups": "grouped otherwise",
    "covered": "covered by others",
    "id_switch": "going on as another object",
}

Tell = Callable[[Mapping[str, Any], Sequence[Annotation]], dict[str, Any] | None]


class Budget(msgspec.Struct, frozen=True):
    """How often a person is told how a task compares with the golden answer of its item.

    Parameters
    ----------
    attempts
        How many times a task, from 1 to 100.
    threshold
        From which share of right objects and answers on nothing is said, above 0 and at most 1.
    rules
        How strictly it is compared.
    """

    attempts: int
    threshold: float
    rules: QualityRules

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Budget:
        """Return the budget that the option of a stage is.

        Raises
        ------
        SchemaError
            If there is no such setting of a comparison, or it is impossible.
        WorkflowError
            If a number is impossible.
        """
        rest = dict(options)
        attempts, threshold = rest.pop("attempts", 3), rest.pop("threshold", 0.7)
        whole = isinstance(attempts, int) and not isinstance(attempts, bool)
        if not whole or not 1 <= attempts <= MAX_ATTEMPTS:
            raise WorkflowError(
                f"must be a whole number from 1 to {MAX_ATTEMPTS}.", where="feedback, attempts"
            )
        real = isinstance(threshold, int | float) and not isinstance(threshold, bool)
        if not real or not 0 < threshold <= 1:
            raise WorkflowError("must be above 0 and at most 1.", where="feedback, threshold")
        return cls(attempts, float(threshold), QualityRules.of(**rest))


def with_feedback(workflow: Workflow, options: Mapping[str, Any] | None) -> Workflow:
    """Return a workflow whose stages to annotate in have a feedback budget, or none any more."""
    stages = []
    for stage in workflow.stages:
        if stage.kind == "annotate":
            kept = {name: value for name, value in stage.options.items() if name != FEEDBACK}
            more = {} if options is None else {FEEDBACK: dict(options)}
            stage = msgspec.structs.replace(stage, options=kept | more)
        stages.append(stage)
    return msgspec.structs.replace(workflow, stages=stages)


def telling(store: Store, workflow: Workflow, task_id: str, user: str) -> Tell | None:
    """Return what says whether a person is told about a task when it is submitted.

    None where the stage has no budget, it is used up, the item has no golden answer (that this
    person may read), or it is the person's own.

    Returns
    -------
    callable or None
        From the task and its labels to the note of the event; None says nothing.
    """
    if not any(FEEDBACK in stage.options for stage in workflow.stages):
        return None
    task = store.task(task_id)
    options = workflow[task["stage"]].options.get(FEEDBACK)
    answer = store.golden([task["item_id"]]).get(task["item_id"]) if options else None
    if answer is None:
        return None
    budget, gold = Budget.of(options or {}), store.read(answer)
    spent = sum(move["actor"] == user for move in store.read_moves((FEEDBACK,), task_id))
    if spent >= budget.attempts or user in authors_of(gold):
        return None
    item = store.item(task["item_id"]) or {"metadata": {}}
    size = size_of(item["metadata"])

    def tell(task: Mapping[str, Any], labels: Sequence[Annotation]) -> dict[str, Any] | None:
        handed = Submission(task["item_id"], task["id"], user, labels)
        sizes = None if size is None else lambda _: size
        compared = compare_with_gold([handed], gold, budget.rules, sizes)
        score = score_of(compared[0], budget.rules)
        if score.share >= budget.threshold:
            return None
        kinds = Counter(conflict_frame(compared, budget.rules, sizes)["type"])
        return {
            "score": score.share,
            "right": score.right,
            "total": score.total,
            "threshold": budget.threshold,
            "conflicts": dict(kinds.most_common()),
            "left": budget.attempts - spent - 1,
        }

    return tell


def told(task: Mapping[str, Any], note: Mapping[str, Any]) -> WorkflowError:
    """Return what a person is told: how much was right, and what kinds of things were not."""
    wrong = ", ".join(f"{count} {_WORDS[kind]}" for kind, count in note["conflicts"].items())
    left = note["left"]
    again = "once more" if left == 1 else f"{left} more times" if left else "not again"
    return WorkflowError(
        f"compares with a checked answer at {note['score']:.0%}, where {note['threshold']:.0%} is "
        f"asked for{f' ({wrong})' if wrong else ''}.",
        where=task["title"],
        hint=f"Correct it and submit again; you will be told {again}.",
    )
