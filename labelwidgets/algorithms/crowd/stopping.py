"""When a task has been answered often enough."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.algorithms.crowd.settings import share, whole
from labelwidgets.errors import SchemaError


def enough_votes(
    posterior: ArrayLike,
    votes: ArrayLike,
    certainty: float = 0.95,
    least: int = 2,
    most: int | None = None,
) -> NDArray[np.bool_]:
    """Say which tasks need no further labeler.

    A task is done when its likeliest answer is at least that certain, and `least` people gave
    one; or when `most` people did. This needs fewer votes than as many for every task: those on
    which people agree end early (Sheng, Provost and Ipeirotis 2008, "Get another label?").

    Parameters
    ----------
    posterior
        (T, K) how likely each label of each task is, as `dawid_skene` or `mace` have it. The
        plain share of votes is not a probability of being right, and 1 after the first vote.
    votes
        (T,) how many people have answered each.
    certainty
        From 0 to 1.
    least, most
        How many answers there have to be, and how many there may be; None: any number.

    Returns
    -------
    ndarray of bool
        (T,)

    Raises
    ------
    SchemaError
        If shapes or settings are impossible.
    """
    likely, given = np.asarray(posterior, np.float64), np.asarray(votes)
    if likely.ndim != 2 or given.shape != likely.shape[:1] or not likely.shape[1]:
        raise SchemaError(
            f"must be (T, K), and votes (T,), not {likely.shape} and {given.shape}.",
            where="posterior",
        )
    share(certainty, "certainty")
    whole(least, "least")
    done: NDArray[np.bool_] = (likely.max(axis=1) >= certainty) & (given >= least)
    if most is not None:
        done |= given >= whole(most, "most", least)
    return done
