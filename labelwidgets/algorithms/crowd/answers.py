"""What votes come to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labelwidgets.algorithms.crowd.votes import Votes

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Answers:
    """The likely answer to each of T tasks, and how able each of W workers is.

    Attributes
    ----------
    tasks, labels, workers : (T,), (K,), (W,) ndarray
        What the rows and columns are.
    posterior : (T, K) ndarray of float64
        How likely each label is; rows sum to 1.
    answer : (T,) ndarray of int64
        Index of the likeliest label; of equally likely ones the one that was voted for first.
    ability : (W,) ndarray of float64
        Each method says what it means by it; from 0 to 1, but for GLAD.
    confusion : (W, K, K) ndarray of float64, or None
        How likely a worker gives the label of the last axis where that of the axis before is
        true; None where the method has none.
    difficulty : (T,) ndarray of float64, or None
        How hard a task is, more than 0; GLAD only.
    iterations : int
        How many rounds it took; 0 where there are none.
    converged : bool
        Whether it came to rest within them.
    """

    tasks: NDArray[Any]
    labels: NDArray[Any]
    workers: NDArray[Any]
    posterior: Floats
    answer: NDArray[np.int64]
    ability: Floats
    confusion: Floats | None = None
    difficulty: Floats | None = None
    iterations: int = 0
    converged: bool = True

    @property
    def values(self) -> NDArray[Any]:
        """(T,) the likeliest label of each task."""
        return self.labels[self.answer]

    @property
    def certainty(self) -> Floats:
        """(T,) how likely that label is."""
        rows: Floats = self.posterior[np.arange(len(self.answer)), self.answer]
        return rows


def answers(votes: Votes, posterior: Floats, ability: Floats, **more: Any) -> Answers:
    """Return the answers that posteriors imply."""
    chosen = votes.winners(posterior)
    return Answers(votes.tasks, votes.labels, votes.workers, posterior, chosen, ability, **more)
