"""Dawid and Skene's model: each worker confuses labels in a way of their own."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.algorithms.crowd.answers import Answers, answers
from labelwidgets.algorithms.crowd.settings import check_rounds, not_negative
from labelwidgets.algorithms.crowd.votes import Votes, read_votes

Floats = NDArray[np.float64]

# What never happened is not taken to be impossible.
_LEAST = 1e-10


def dawid_skene(
    task: ArrayLike,
    worker: ArrayLike,
    label: ArrayLike,
    labels: ArrayLike | None = None,
    *,
    smoothing: float = 0.0,
    trust: float = 0.0,
    one_coin: bool = False,
    tolerance: float = 1e-5,
    iterations: int = 100,
) -> Answers:
    """Return the likeliest labels where each worker confuses labels in a way of their own.

    Expectation maximisation after Dawid and Skene (1979), begun at the shares of the votes, and
    ended when the lower bound of the log likelihood grows by less than `tolerance` a vote.

    Parameters
    ----------
    task, worker, label, labels
        See `read_votes`.
    smoothing
        Pseudo votes for each cell of each worker's confusion matrix, and for each label: a
        Dirichlet prior, which makes the estimate the most probable one (MAP) in place of the
        likeliest. 0 is none; 1 is Laplace's.
    trust
        Pseudo votes of each worker for what is true, of each label: who voted little is taken
        to be able.
    one_coin
        Let each worker have one number, how often they are right, and err evenly.
    tolerance, iterations
        When it ends.

    Returns
    -------
    Answers
        With `confusion`; `ability` is how likely a worker is right, over labels as frequent as
        they are found to be.

    Raises
    ------
    SchemaError
        If the votes cannot be read or a setting is impossible.
    """
    check_rounds(tolerance, iterations)
    smoothing, trust = not_negative(smoothing, "smoothing"), not_negative(trust, "trust")
    votes = read_votes(task, worker, label, labels)
    prior_votes = smoothing + trust * np.eye(len(votes.labels))
    posterior = votes.table / votes.table.sum(axis=1, keepdims=True)
    confusion, prior, _ = _estimates(votes, posterior, prior_votes, smoothing, one_coin)
    bound, rounds, converged = -np.inf, 0, False
    while rounds < iterations and not converged:
        rounds += 1
        # A worker's row of the sparse matrix is a label, so the true one goes last.
        logs = np.log(confusion).transpose(0, 2, 1).reshape(-1, len(votes.labels))
        joint = votes.said @ logs + np.log(prior)
        top = joint.max(axis=1, keepdims=True)
        odds = np.exp(joint - top)
        posterior = odds / odds.sum(axis=1, keepdims=True)
        confusion, prior, seen = _estimates(votes, posterior, prior_votes, smoothing, one_coin)
        grown = _bound(seen, posterior, confusion, prior, prior_votes) / votes.count
        converged = bool(grown - bound < tolerance)
        bound = grown
    ability = np.einsum("wkk,k->w", confusion, prior)
    return answers(
        votes,
        posterior,
        ability,
        confusion=confusion,
        iterations=rounds,
        converged=converged,
    )


def _estimates(
    votes: Votes, posterior: Floats, prior_votes: Floats, smoothing: float, one_coin: bool
) -> tuple[Floats, Floats, Floats]:
    """Return confusion (W, true, said), how frequent labels are, and (W x said, true) counts."""
    size = len(votes.labels)
    seen: Floats = votes.said_by @ posterior
    counts = seen.reshape(-1, size, size).transpose(0, 2, 1) + prior_votes
    if one_coin:
        total = counts.sum(axis=(1, 2))
        right = np.clip(np.einsum("wkk->w", counts) / total, _LEAST, 1 - _LEAST)
        wrong = (1 - right) / max(1, size - 1)
        confusion = np.where(np.eye(size, dtype=bool), right[:, None, None], wrong[:, None, None])
    else:
        counts = np.maximum(counts, _LEAST)
        confusion = counts / counts.sum(axis=2, keepdims=True)
    frequent = posterior.sum(axis=0) + smoothing
    return confusion, np.maximum(frequent / frequent.sum(), 1e-300), seen


def _bound(
    seen: Floats, posterior: Floats, confusion: Floats, prior: Floats, prior_votes: Floats
) -> float:
    """Return the lower bound of the log likelihood, with what the prior adds to it."""
    logs = np.log(confusion)
    joint = (seen * logs.transpose(0, 2, 1).reshape(seen.shape)).sum()
    joint += (posterior.sum(axis=0) * np.log(prior)).sum() + (prior_votes * logs).sum()
    sure = posterior[posterior > 0]
    return float(joint - (sure * np.log(sure)).sum())
