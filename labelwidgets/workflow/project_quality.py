"""Quality of a project's own work: by gold, by what reviewers left of it, or by a person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from labelwidgets.errors import WorkflowError
from labelwidgets.schema.annotation import Annotation
from labelwidgets.store.store import Store
from labelwidgets.workflow.gold_report import golden_work
from labelwidgets.workflow.gold_score import Submission, compare_with_gold
from labelwidgets.workflow.opinions import opinions_of
from labelwidgets.workflow.quality import QualityReport, quality
from labelwidgets.workflow.quality_rules import QualityRules
from labelwidgets.workflow.similarity import SizeOf

if TYPE_CHECKING:
    import pandas as pd

GOLD, REVIEW = "gold", "review"
PARTS: dict[str, Callable[[QualityReport], pd.DataFrame]] = {
    "person": lambda report: report.authors,
    "item": lambda report: report.items,
    "class": lambda report: report.classes,
    "track": lambda report: report.tracks,
    "conflict": lambda report: report.conflicts,
    "match": lambda report: report.matches,
}
"""Parts of a report, by what they have a row for."""


def project_quality(
    store: Store, reference: str, size_of: SizeOf | None, settings: dict[str, Any]
) -> QualityReport:
    """Return how good the work of a project is; see `Project.quality`."""
    rules = QualityRules.of(**settings)
    if reference == GOLD:
        work, truth = golden_work(store)
        return _report(work, truth, rules, size_of)
    if reference == REVIEW:
        return _report(*_reviewed(store), rules, size_of)
    found = opinions_of(store.annotations, store.tasks, store.hands)
    people = {name for _, name in found.submitted}
    if reference not in people:
        raise WorkflowError(
            f"{reference!r:.80} is nobody who has handed something in.",
            where="reference",
            hint=f"Use {GOLD!r}, {REVIEW!r} or one of: {', '.join(sorted(people)) or 'nobody'}.",
        )
    own = (found.labels["author"] == reference).fillna(False)
    items = [item for item, name in found.submitted if name == reference]
    others = [(item, name) for item, name in found.submitted if name != reference]
    shared = {item for item, _ in others}
    return quality(
        found.labels[~own],
        found.labels[own],
        rater="author",
        items=[item for item in items if item in shared],
        submitted=others,
        size_of=size_of,
        **settings,
    )


def _report(
    work: Sequence[Submission],
    truth: Sequence[Annotation],
    rules: QualityRules,
    size_of: SizeOf | None,
) -> QualityReport:
    compared = compare_with_gold(work, truth, rules, size_of)
    labels = [made for one in work for made in one.labels]
    items = {one.item for one in work}
    asked = [made for made in truth if made.item_id in items]
    return QualityReport(compared, rules, labels, asked, size_of)


def _reviewed(store: Store) -> tuple[list[Submission], list[Annotation]]:
    """Return what makers handed in of tasks that were accepted, and what reviewers left of it."""
    last: dict[str, dict[str, Any]] = {}
    for move in store.read_moves(("accept", "reject", "submit")):
        last[move["task"]] = move
    work, truth = [], []
    for task_id, move in last.items():
        maker = move["payload"].get("maker")
        if move["kind"] != "accept" or not maker:
            continue
        task = store.task(task_id)
        labels = store.handed_in(task_id)
        if task["copy"] != 0 or labels is None:
            continue
        work.append(Submission(task["item_id"], task_id, maker, labels))
        truth += store.read(task_id)
    return work, truth
