"""Dawid and Skene's model: each worker confuses labels in a way of their own."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.algorithms.compiling import compiles
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
    seen = _said_where_true(votes, posterior)
    confusion, prior = _estimates(seen, posterior, prior_votes, smoothing, one_coin)
    weigh = _weigh if compiles() else plain_weigh
    bound, rounds, converged = -np.inf, 0, False
    while rounds < iterations and not converged:
        rounds += 1
        # A worker's row is a label, so the true one goes last.
        logs = np.log(confusion).transpose(0, 2, 1).reshape(seen.shape)
        entropy = weigh(votes, logs, np.log(prior), posterior, seen)
        confusion, prior = _estimates(seen, posterior, prior_votes, smoothing, one_coin)
        grown = (_expected(seen, posterior, confusion, prior, prior_votes) + entropy) / votes.count
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


def _said_where_true(votes: Votes, posterior: Floats) -> Floats:
    """Return (W x said, true) how often workers said what, where each label is true."""
    size = len(votes.labels)
    codes = votes.worker * size + votes.label
    seen = np.empty((len(votes.workers) * size, size))
    for true in range(size):
        seen[:, true] = np.bincount(codes, posterior[votes.task, true], len(seen))
    return seen


def _weigh(votes: Votes, logs: Floats, prior: Floats, posterior: Floats, seen: Floats) -> float:
    from labelwidgets.algorithms.crowd import dawid_skene_kernels as kernels

    rows = np.ascontiguousarray(logs)
    return float(kernels.weigh(*votes.by_task, rows, prior, posterior, seen))


def plain_weigh(
    votes: Votes, logs: Floats, prior: Floats, posterior: Floats, seen: Floats
) -> float:
    """Do what `dawid_skene_kernels.weigh` does, with products of sparse matrices."""
    joint = votes.said @ logs + prior
    odds = joint - joint.max(axis=1, keepdims=True)
    odds -= np.log(np.exp(odds).sum(axis=1, keepdims=True))
    np.exp(odds, out=posterior)
    seen[:] = votes.said_by @ posterior
    return -float((posterior * odds).sum())


def _estimates(
    seen: Floats, posterior: Floats, prior_votes: Floats, smoothing: float, one_coin: bool
) -> tuple[Floats, Floats]:
    """Return confusion (W, true, said) and how frequent labels are, of (W x said, true) counts."""
    size = seen.shape[1]
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
    return confusion, np.maximum(frequent / frequent.sum(), 1e-300)


def _expected(
    seen: Floats, posterior: Floats, confusion: Floats, prior: Floats, prior_votes: Floats
) -> float:
    """Return what is expected of the log likelihood, with what the prior adds to it.

    With the entropy it is the bound that grows in each round. crowd-kit's counts once a vote how
    frequent labels are, not once a task; that may fall, and it ends where it does.
    """
    logs = np.log(confusion)
    joint = (seen * logs.transpose(0, 2, 1).reshape(seen.shape)).sum()
    joint += posterior.sum(axis=0) @ np.log(prior) + (prior_votes * logs).sum()
    return float(joint)
