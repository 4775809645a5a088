"""MACE: who knows says what is true, who does not says what they always say."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.algorithms.crowd.answers import Answers, answers
from labelwidgets.algorithms.crowd.settings import not_negative, whole
from labelwidgets.algorithms.crowd.votes import Votes, read_votes

Floats = NDArray[np.float64]

# Of the habits of those who guess; the authors' own program has this number.
_HABIT_VOTES = 10.0


def mace(
    task: ArrayLike,
    worker: ArrayLike,
    label: ArrayLike,
    labels: ArrayLike | None = None,
    *,
    alpha: float = 0.5,
    beta: float = 0.5,
    iterations: int = 50,
    restarts: int = 10,
    seed: int = 0,
) -> Answers:
    """Return the likeliest labels where a worker either knows, or says what they always say.

    Variational Bayes after Hovy, Berg-Kirkpatrick, Vaswani and Hovy (2013), "Learning whom to
    trust with MACE", with the priors and the number of rounds of the authors' program.

    Parameters
    ----------
    task, worker, label, labels
        See `read_votes`.
    alpha, beta
        Pseudo votes that were guessed, and that were known, of each worker; more than 0.
    iterations
        Rounds of each start.
    restarts
        How many starts there are: the first is even, others are at random, and the one with the
        highest likelihood counts.
    seed
        Of the random starts.

    Returns
    -------
    Answers
        `ability` is the worker's competence: how likely a vote of theirs was no guess.

    Raises
    ------
    SchemaError
        If the votes cannot be read or a setting is impossible.
    """
    alpha, beta = not_negative(alpha, "alpha") or 1e-9, not_negative(beta, "beta") or 1e-9
    whole(iterations, "iterations")
    whole(restarts, "restarts")
    votes = read_votes(task, worker, label, labels)
    random = np.random.default_rng(seed)
    found = [
        _run(votes, random, start > 0, np.array([alpha, beta]), iterations)
        for start in range(restarts)
    ]
    _, posterior, knows = max(found, key=lambda run: run[0])
    return answers(votes, posterior, knows, iterations=iterations)


def _run(
    votes: Votes, random: np.random.Generator, shaken: bool, pseudo: Floats, iterations: int
) -> tuple[float, Floats, Floats]:
    """Return log likelihood, posterior and competence after one start."""
    workers, size = len(votes.workers), len(votes.labels)
    noise = random.random((workers, 2 + size)) * (0.5 if shaken else 0.0)
    ways = _even(1 + noise[:, :2])
    habits = _even(1 + noise[:, 2:])
    likelihood, posterior, _, _ = _expect(votes, ways, habits)
    for _ in range(iterations):
        _, posterior, way_counts, habit_counts = _expect(votes, ways, habits)
        ways = _variational(way_counts + pseudo)
        habits = _variational(habit_counts + _HABIT_VOTES)
    likelihood, posterior, _, _ = _expect(votes, ways, habits)
    return likelihood, posterior, ways[:, 1]


def _expect(votes: Votes, ways: Floats, habits: Floats) -> tuple[float, Floats, Any, Any]:
    """Return log likelihood, posterior, and how many votes were of which way and habit."""
    size = len(votes.labels)
    guessed = ways[votes.worker, 0] * habits[votes.worker, votes.label]
    known = ways[votes.worker, 1]
    # Of a task, all that was guessed is common to all labels; what was known is the label's own.
    common = np.bincount(votes.task, np.log(guessed), len(votes.tasks))
    own = np.bincount(
        votes.task * size + votes.label, np.log1p(known / guessed), len(votes.tasks) * size
    ).reshape(-1, size)
    top = own.max(axis=1, keepdims=True)
    odds = np.exp(own - top)
    total = odds.sum(axis=1, keepdims=True)
    likelihood = float((common + (top + np.log(total))[:, 0] - np.log(size)).sum())
    posterior: Floats = odds / total
    knew = posterior[votes.task, votes.label] * known / (known + guessed)
    ways_seen = np.stack(
        [
            np.bincount(votes.worker, 1 - knew, len(votes.workers)),
            np.bincount(votes.worker, knew, len(votes.workers)),
        ],
        axis=1,
    )
    habits_seen = np.bincount(
        votes.worker * size + votes.label, 1 - knew, len(votes.workers) * size
    ).reshape(-1, size)
    return likelihood, posterior, ways_seen, habits_seen


def _even(values: Floats) -> Floats:
    shares: Floats = values / values.sum(axis=1, keepdims=True)
    return shares


def _variational(counts: Floats) -> Floats:
    """Return what variational Bayes takes in place of shares; they sum to less than 1."""
    from scipy.special import digamma

    made: Floats = np.exp(digamma(counts) - digamma(counts.sum(axis=1, keepdims=True)))
    return made
