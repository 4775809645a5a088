"""The label that most say, or those of most weight."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.algorithms.crowd.answers import Answers, answers
from labelwidgets.algorithms.crowd.votes import Votes, read_votes
from labelwidgets.errors import SchemaError

Floats = NDArray[np.float64]


def majority_vote(
    task: ArrayLike, worker: ArrayLike, label: ArrayLike, labels: ArrayLike | None = None
) -> Answers:
    """Return the label that most say. Of labels with as many votes, the one voted for first wins.

    Parameters
    ----------
    task, worker, label, labels
        See `read_votes`.

    Returns
    -------
    Answers
        `posterior` is the share of the votes, `ability` the share of a worker's votes that are
        the answer.
    """
    votes = read_votes(task, worker, label, labels)
    posterior = votes.table / votes.table.sum(axis=1, keepdims=True)
    return answers(votes, posterior, agreeing(votes, votes.winners(posterior)))


def weighted_vote(
    task: ArrayLike,
    worker: ArrayLike,
    label: ArrayLike,
    weights: Mapping[Any, float] | None = None,
    labels: ArrayLike | None = None,
) -> Answers:
    """Return the label of most weight. Of equals, the one voted for first wins.

    Parameters
    ----------
    task, worker, label, labels
        See `read_votes`.
    weights
        By worker, 0 or more; who is not named has 1. None weighs everybody by how often they
        agree with the majority (Wawa: worker agreement with aggregate, Appen).

    Returns
    -------
    Answers
        `posterior` is the share of the weight, `ability` the weight of a worker.

    Raises
    ------
    SchemaError
        If a weight is negative or no number.
    """
    votes = read_votes(task, worker, label, labels)
    if weights is None:
        each = agreeing(votes, votes.winners(votes.table))
    else:
        each = np.array([_weight(weights.get(name, 1.0), name) for name in votes.workers.tolist()])
    size = len(votes.labels)
    heap = np.bincount(
        votes.task * size + votes.label, each[votes.worker], len(votes.tasks) * size
    ).reshape(-1, size)
    total = heap.sum(axis=1, keepdims=True)
    # Where nobody has any weight, votes are what is left.
    heap = np.where(total > 0, heap, votes.table)
    posterior = heap / heap.sum(axis=1, keepdims=True)
    return answers(votes, posterior, each)


def agreeing(votes: Votes, answer: NDArray[np.int64]) -> Floats:
    """Return the share of each worker's votes that are the answer."""
    same = (votes.label == answer[votes.task]).astype(np.float64)
    count = np.bincount(votes.worker, minlength=len(votes.workers))
    agreed: Floats = np.bincount(votes.worker, same, len(votes.workers)) / count
    return agreed


def _weight(value: Any, name: Any) -> float:
    try:
        weight = float(value)
    except (TypeError, ValueError):
        weight = -1.0
    if not 0 <= weight < np.inf:
        raise SchemaError(
            f"must be a number from 0, not {value!r:.60}.", where=f"weights[{str(name)[:60]!r}]"
        )
    return weight
