"""Workflows that many teams have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labelwidgets.workflow.registry import Named
from labelwidgets.workflow.registry import model as register
from labelwidgets.workflow.stages import Stage, Workflow
from labelwidgets.workflow.tables import workflow


def maker_only() -> Workflow:
    """Return the workflow of one maker: a task is made, and submitted or skipped."""
    return workflow("maker_only", [Stage("annotate", "annotate")])


def maker_reviewer(share: float = 1.0, strict: bool = False, seed: int = 0) -> Workflow:
    """Return the workflow of makers, and reviewers who accept or reject what they made.

    Parameters
    ----------
    share
        What share of the tasks is reviewed, 0 to 1; the others are done when submitted.
    strict
        Whether reviewers judge only: what is wrong goes back to its maker. Otherwise they
        may also put it right themselves.
    seed
        Which tasks are in the share: each by a hash of its item and this number.
    """
    options = _sample(share, seed) | ({"strict": True} if strict else {})
    stages = [Stage("annotate", "annotate"), Stage("review", "review", options)]
    return workflow("maker_reviewer", [*stages, Stage("done", "done")])


def maker_reviewer_qc(
    overlap: float = 0.0,
    labelers: int = 3,
    sample: float = 0.1,
    share: float = 1.0,
    strict: bool = False,
    seed: int = 0,
) -> Workflow:
    """Return the workflow of makers, reviewers and a last look at a sample.

    Parameters
    ----------
    overlap
        What share of the items is labelled by several people, 0 to 1, blind; the main task of
        such an item goes through a consensus before it is reviewed.
    labelers
        How many people label each of those.
    sample
        What share of the accepted tasks is looked at again (QC), 0 to 1.
    share, strict, seed
        As in `maker_reviewer`.
    """
    stages = [Stage("annotate", "annotate")]
    if overlap > 0:
        stages.append(Stage("opinions", "annotate", _opinions(labelers, overlap, seed)))
        stages.append(Stage("consensus", "consensus", {"next": "review"}))
    options = _sample(share, seed) | ({"strict": True} if strict else {})
    stages.append(Stage("review", "review", options))
    if sample > 0:
        stages.append(Stage("qc", "qc", _sample(sample, seed)))
    stages.append(Stage("done", "done"))
    if overlap > 0:
        # One person's task does not go by way of the consensus.
        stages[0] = Stage("annotate", "annotate", {"next": "review"})
    return workflow("maker_reviewer_qc", stages)


def model_first(
    model: str | Named,
    threshold: float = 0.5,
    sure: float | None = None,
    share: float = 1.0,
    strict: bool = False,
    seed: int = 0,
) -> Workflow:
    """Return the workflow of a model that labels what comes in, and people who put it right.

    `Project.advance` asks the model about all that waits for it. What people have corrected is
    reviewed; so is, without anybody having corrected it, what the model was sure of.

    Parameters
    ----------
    model
        An assistant, which is registered by its name in this process (as
        `labelwidgets.workflow.model` does); or the name of one that is registered, or passed to
        `Project.advance`, later.
    threshold
        Confidence below which nothing is proposed, 0 to 1.
    sure
        Confidence, 0 to 1, that all that it proposes for a task must have for the task to go to
        review at once. None: all go to people first.
    share, strict, seed
        Of the review, as in `maker_reviewer`; a share of 0 is no review.
    """
    options: dict[str, Any] = {"model": model if isinstance(model, str) else model.name}
    options["threshold"] = threshold
    judged = share > 0
    if sure is not None:
        options |= {"sure": sure, "then": "review" if judged else "done"}
    stages = [Stage("model", "model", options), Stage("annotate", "annotate")]
    if judged:
        checks = _sample(share, seed) | ({"strict": True} if strict else {})
        stages.append(Stage("review", "review", checks))
    made = workflow("model_first", [*stages, Stage("done", "done")])
    if not isinstance(model, str):
        register(model)
    return made


def consensus(
    n: int,
    share: float = 1.0,
    seed: int = 0,
    *,
    threshold: float | Mapping[str, float] | None = None,
    agreement: str = "iou",
    fuse: str = "majority",
) -> Workflow:
    """Return the workflow of `n` blind opinions about each item, and one answer from them.

    Parameters
    ----------
    n
        How many people label an item.
    share
        What share of the items, 0 to 1; each of the others is labelled by one person.
    seed
        Which items are in the share.
    threshold
        How far people must agree, or how far about each class (``"*"``: any other). Where they
        do, their labels are fused and the item is done; where not, somebody adjudicates.
        None: somebody weighs all of them.
    agreement
        By which measure of `labelwidgets.agreement`.
    fuse
        How labels become one: a method of `labelwidgets.consensus`.
    """
    stages = [Stage("opinions", "annotate", _opinions(n, share, seed))]
    if threshold is None:
        stages.append(Stage("consensus", "consensus"))
    else:
        rule = {"agreement": agreement, "threshold": threshold, "fuse": fuse, "then": "done"}
        stages.append(Stage("consensus", "consensus", {**rule, "next": "adjudicate"}))
        stages.append(Stage("adjudicate", "review"))
    stages.append(Stage("done", "done"))
    if share < 1:
        stages.insert(0, Stage("annotate", "annotate", {"next": "done"}))
    return workflow("consensus", stages)


def _opinions(labelers: int, share: float, seed: int) -> dict[str, Any]:
    return {"overlap": labelers, "blind": True} | _sample(share, seed)


def _sample(share: float, seed: int) -> dict[str, Any]:
    return {} if share == 1 else {"share": share, "seed": seed}
