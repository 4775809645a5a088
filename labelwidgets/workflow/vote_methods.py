"""How votes become answers: the methods of a consensus by their names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from labelwidgets.algorithms.crowd import (
    Answers,
    dawid_skene,
    glad,
    mace,
    majority_vote,
    weighted_vote,
)
from labelwidgets.workflow.object_votes import Said

# With the priors of `dawid_skene` for people of whom little is known.
_SMOOTHING, _TRUST = 0.1, 2.0


def _dawid_skene(task: Any, worker: Any, label: Any, labels: Any = None) -> Answers:
    return dawid_skene(task, worker, label, labels, smoothing=_SMOOTHING, trust=_TRUST)


def _one_coin(task: Any, worker: Any, label: Any, labels: Any = None) -> Answers:
    return dawid_skene(
        task, worker, label, labels, smoothing=_SMOOTHING, trust=_TRUST, one_coin=True
    )


METHODS: Mapping[str, Callable[..., Answers]] = {
    "majority": majority_vote,
    "weighted": weighted_vote,
    "dawid_skene": _dawid_skene,
    "one_coin": _one_coin,
    "mace": mace,
    "glad": glad,
}
"""How votes become answers, by what `consensus` calls it."""


def answers_of(said: Said, method: str, weights: Mapping[str, float] | None) -> Answers:
    """Return what votes come to by a method."""
    labels = sorted(set(said.value))
    if method == "weighted":
        return weighted_vote(said.task, said.rater, said.value, weights, labels)
    return METHODS[method](said.task, said.rater, said.value, labels)


def weights_of(answers: Answers | None, method: str) -> dict[str, float]:
    """Return what each rater counts in shapes and answers to questions."""
    if answers is None or method == "majority":
        return {}
    able = answers.ability
    if method == "glad":
        able = 1 / (1 + np.exp(-np.clip(able, -30, 30)))
    return dict(zip(answers.workers.tolist(), np.maximum(able, 1e-6).tolist(), strict=True))
