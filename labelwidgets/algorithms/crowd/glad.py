"""GLAD: tasks are more or less hard, workers more or less able."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.algorithms.crowd.answers import Answers, answers
from labelwidgets.algorithms.crowd.settings import check_rounds
from labelwidgets.algorithms.crowd.votes import Votes, read_votes

Floats = NDArray[np.float64]

# Steps of the inner search in each round: it need not end, the next round goes on from there.
_STEPS = 25
# Of the exponent of how easy a task is; what lies beyond is as good as certain.
_EASIEST = 10.0


def glad(
    task: ArrayLike,
    worker: ArrayLike,
    label: ArrayLike,
    labels: ArrayLike | None = None,
    *,
    tolerance: float = 1e-5,
    iterations: int = 100,
) -> Answers:
    """Return the likeliest labels where tasks are more or less hard, and workers able.

    Expectation maximisation after Whitehill, Ruvolo, Wu, Bergsma and Movellan (2009), "Whose
    vote should count more": a vote is right with the probability ``1 / (1 + exp(-a / d))`` of
    the worker's ability `a` and the task's difficulty `d`; wrong ones spread evenly. Of `a` and
    of ``log(1 / d)`` the prior is normal with mean and variance 1.

    Parameters
    ----------
    task, worker, label, labels
        See `read_votes`.
    tolerance, iterations
        It ends when the log posterior grows by less than `tolerance` of itself, or after so many
        rounds.

    Returns
    -------
    Answers
        With `difficulty`; `ability` is `a`: any number, 0 guesses, below 0 says the opposite.

    Raises
    ------
    SchemaError
        If the votes cannot be read or a setting is impossible.
    """
    from scipy.optimize import minimize

    check_rounds(tolerance, iterations)
    votes = read_votes(task, worker, label, labels)
    workers = len(votes.workers)
    found: Floats = np.ones(workers + len(votes.tasks))
    reached, rounds, converged = np.inf, 0, False
    while rounds < iterations and not converged:
        rounds += 1
        posterior = _expect(votes, found[:workers], found[workers:])
        right = posterior[votes.task, votes.label]
        step = minimize(
            _loss,
            found,
            (votes, right),
            "L-BFGS-B",
            jac=True,
            options={"maxiter": _STEPS},
        )
        found = step.x
        # Without the entropy this is no bound; the marginal is what has to come to rest.
        cost = -_marginal(votes, found[:workers], found[workers:])
        converged = bool(reached - cost < tolerance * max(1.0, abs(cost)))
        reached = cost
    ability, ease = found[:workers], found[workers:]
    return answers(
        votes,
        _expect(votes, ability, ease),
        ability,
        difficulty=np.exp(-np.clip(ease, -_EASIEST, _EASIEST)),
        iterations=rounds,
        converged=converged,
    )


def _strength(votes: Votes, ability: Floats, ease: Floats) -> Floats:
    made: Floats = ability[votes.worker] * np.exp(np.clip(ease, -_EASIEST, _EASIEST))[votes.task]
    return made


def _joint(votes: Votes, ability: Floats, ease: Floats) -> Floats:
    """Return (T, K) the log likelihood of the votes of each task under each label."""
    size = len(votes.labels)
    strength = _strength(votes, ability, ease)
    right = -np.logaddexp(0, -strength)
    wrong = -np.logaddexp(0, strength) - np.log(max(1, size - 1))
    common = np.bincount(votes.task, wrong, len(votes.tasks))
    own = np.bincount(
        votes.task * size + votes.label, right - wrong, len(votes.tasks) * size
    ).reshape(-1, size)
    joint: Floats = own + common[:, None] - np.log(size)
    return joint


def _expect(votes: Votes, ability: Floats, ease: Floats) -> Floats:
    joint = _joint(votes, ability, ease)
    odds = np.exp(joint - joint.max(axis=1, keepdims=True))
    posterior: Floats = odds / odds.sum(axis=1, keepdims=True)
    return posterior


def _marginal(votes: Votes, ability: Floats, ease: Floats) -> float:
    """Return the log likelihood of the votes, and of abilities and eases under their priors."""
    joint = _joint(votes, ability, ease)
    top = joint.max(axis=1)
    likely = (top + np.log(np.exp(joint - top[:, None]).sum(axis=1))).sum()
    prior = ((ability - 1) ** 2).sum() / 2 + ((ease - 1) ** 2).sum() / 2
    return float(likely - prior)


def _loss(found: Floats, votes: Votes, right: Floats) -> tuple[float, Floats]:
    """Return what is to be least, and how it changes with each ability and ease."""
    workers = len(votes.workers)
    ability, ease = found[:workers], found[workers:]
    strength = _strength(votes, ability, ease)
    wrong_log = -np.logaddexp(0, strength) - np.log(max(1, len(votes.labels) - 1))
    gained = -right * np.logaddexp(0, -strength) + (1 - right) * wrong_log
    prior = ((found - 1) ** 2).sum() / 2
    pull = right - 1 / (1 + np.exp(-np.clip(strength, -700, 700)))
    easy = np.exp(np.clip(ease, -_EASIEST, _EASIEST))
    by_worker = np.bincount(votes.worker, pull * easy[votes.task], workers)
    by_task = np.bincount(votes.task, pull * strength, len(ease))
    by_task = np.where(np.abs(ease) < _EASIEST, by_task, 0.0)
    slope = np.concatenate([by_worker, by_task]) - (found - 1)
    return float(prior - gained.sum()), -slope
