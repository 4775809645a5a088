"""How unsure models are: of one model's probabilities, and of those of several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.errors import SchemaError

Floats: TypeAlias = NDArray[np.float64]

# Rows of probabilities may miss 1 by so much: they come from single precision.
_NEAR = 1e-3


def read_probabilities(
    given: ArrayLike, axes: int = 2, rows: Sequence[Any] | None = None
) -> Floats:
    """Return probabilities as float64, each row summing up to 1.

    Parameters
    ----------
    given
        (N, K): N things, K classes; with `axes` of 3 (M, N, K), of M models.
    axes
        How many axes there are.
    rows
        What rows are called in errors; None for their numbers.

    Raises
    ------
    SchemaError
        If they have another shape, are no numbers, or no probabilities.
    """
    try:
        found: Floats = np.array(given, dtype=np.float64)
    except (TypeError, ValueError):
        raise SchemaError("must be numbers of one shape.", where="probabilities") from None
    shape = "(N, K)" if axes == 2 else "(M, N, K)"
    if found.ndim != axes or found.shape[-1] < 1 or (axes == 3 and found.shape[0] < 1):
        raise SchemaError(f"must be {shape}, not {found.shape}.", where="probabilities")
    sound = np.isfinite(found) & (found >= -_NEAR) & (found <= 1 + _NEAR)
    totals = found.sum(axis=-1, keepdims=True)
    wrong = ~sound.all(axis=-1) | (np.abs(totals[..., 0] - 1) > _NEAR * found.shape[-1])
    if wrong.any():
        place = tuple(int(index) for index in np.argwhere(wrong)[0])
        row = found[place]
        raise SchemaError(
            f"must be from 0 to 1 and sum up to 1, not {_shown(row)}.",
            where=f"probabilities, row {place[-1] if rows is None else repr(rows[place[-1]])[:80]}",
            hint=_remedy(row),
        )
    found = np.clip(found, 0, 1)
    made: Floats = found / found.sum(axis=-1, keepdims=True)
    return made


def _remedy(row: Floats) -> str:
    """Return what to do about a row that is no probabilities."""
    if np.isnan(row).any():
        return "Leave out what the model says nothing of: frame.dropna()."
    if row.size == 1:
        return "Of one column p make two, of the class and of none: 1 - p beside p."
    if (row >= 0).all() and abs(row.sum() - 100) < 1:
        return "These are per cent: divide them by 100."
    if (row >= 0).all() and (row <= 1).all():
        return (
            "Pass what predict_proba or a softmax returns; of classes that may hold at once, "
            "one at a time: 1 - p beside p."
        )
    return "Pass what predict_proba or a softmax returns."


def _shown(row: Floats) -> Any:
    return np.array2string(row, precision=4, threshold=6)


def least_confidence(probabilities: ArrayLike) -> Floats:
    """Return how far the likeliest class is from certain: 0 to 1 - 1 / K.

    Lewis and Gale (1994), "A sequential algorithm for training text classifiers".

    Parameters
    ----------
    probabilities
        (N, K), as of `predict_proba`.

    Returns
    -------
    ndarray
        (N,) float64; more is less sure.

    Raises
    ------
    SchemaError
        If they are no probabilities.
    """
    found: Floats = 1 - read_probabilities(probabilities).max(axis=1)
    return found


def margin(probabilities: ArrayLike) -> Floats:
    """Return 1 less the distance between the two likeliest classes: 0 to 1.

    Scheffer, Decomain and Wrobel (2001), "Active hidden Markov models for information extraction".
    Parameters and errors as of `least_confidence`; of one class, 0.
    """
    found = read_probabilities(probabilities)
    if found.shape[1] == 1:
        return np.zeros(len(found))
    two = np.partition(found, found.shape[1] - 2, axis=1)[:, -2:]
    close: Floats = 1 - (two[:, 1] - two[:, 0])
    return close


def entropy(probabilities: ArrayLike) -> Floats:
    """Return the entropy of the classes in nats: 0 to log K.

    Shannon (1948). Parameters and errors as of `least_confidence`.
    """
    return _entropy(read_probabilities(probabilities))


def _entropy(found: Floats) -> Floats:
    logs = np.log(found, out=np.zeros_like(found), where=found > 0)
    total: Floats = -(found * logs).sum(axis=-1)
    return np.maximum(total, 0)


def ensemble_variance(members: ArrayLike) -> Floats:
    """Return how far models are apart: the variance of each class's probability, summed.

    The models are those of an ensemble, or passes of one with dropout: Gal and Ghahramani (2016),
    "Dropout as a Bayesian approximation".

    Parameters
    ----------
    members
        (M, N, K): M models or passes.

    Returns
    -------
    ndarray
        (N,) float64, the population's variance.

    Raises
    ------
    SchemaError
        If they are no probabilities.
    """
    found: Floats = read_probabilities(members, 3).var(axis=0).sum(axis=1)
    return found


def mutual_information(members: ArrayLike) -> Floats:
    """Return what models would tell apart: the entropy of their mean less their mean entropy.

    Houlsby and others (2011), "Bayesian active learning for classification and preference
    learning" (BALD). Where all are unsure alike, 0. Parameters and errors as of
    `ensemble_variance`.
    """
    found = read_probabilities(members, 3)
    apart: Floats = _entropy(found.mean(axis=0)) - _entropy(found).mean(axis=0)
    return np.maximum(apart, 0)


def vote_entropy(members: ArrayLike) -> Floats:
    """Return the entropy in nats of the classes that a committee votes for: 0 to log K.

    Dagan and Engelson (1995), "Committee-based sampling for training probabilistic classifiers".
    Each model has a vote, for its likeliest class. Parameters and errors as of
    `ensemble_variance`.
    """
    found = read_probabilities(members, 3)
    votes = np.eye(found.shape[2])[found.argmax(axis=2)].mean(axis=0)
    return _entropy(votes)


def expected_agreement_gain(posterior: ArrayLike, confusion: ArrayLike) -> Floats:
    """Return how much surer one more answer would make us, as expected.

    It is the expected probability of the likeliest answer after another person's vote, less that
    before: 0 where nobody could change it. Sheng, Provost and Ipeirotis (2008), "Get another
    label?", with the person's confusion of classes.

    Parameters
    ----------
    posterior
        (N, K): how likely each answer is by now, as of Dawid and Skene.
    confusion
        (K, K): how likely somebody says the class of the column where that of the row is true;
        the mean of the people who may be asked.

    Returns
    -------
    ndarray
        (N,) float64 from 0.

    Raises
    ------
    SchemaError
        If they are no probabilities, or their classes are not as many.
    """
    now, says = read_probabilities(posterior), read_probabilities(confusion)
    if says.shape != (now.shape[1],) * 2:
        raise SchemaError(f"must be {(now.shape[1],) * 2}, not {says.shape}.", where="confusion")
    # (N, K true, K said): the likeliest truth after each vote, weighed by how likely the vote is.
    after = (now[:, :, None] * says[None]).max(axis=1).sum(axis=1)
    gain: Floats = after - now.max(axis=1)
    return np.maximum(gain, 0)
