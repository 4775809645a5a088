"""Who may do what when: stages of work, and one person's session."""

from labelwidgets.workflow.permissions import rights
from labelwidgets.workflow.presets import (
    consensus,
    maker_only,
    maker_reviewer,
    maker_reviewer_qc,
    model_first,
)
from labelwidgets.workflow.registry import model, predicate
from labelwidgets.workflow.stages import Stage, Transition, Workflow
from labelwidgets.workflow.tables import workflow

__all__ = [
    "Stage",
    "Transition",
    "Workflow",
    "consensus",
    "maker_only",
    "maker_reviewer",
    "maker_reviewer_qc",
    "model",
    "model_first",
    "predicate",
    "rights",
    "workflow",
]
