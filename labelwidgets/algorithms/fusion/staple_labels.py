"""STAPLE for maps of several labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.algorithms.crowd.settings import check_rounds
from labelwidgets.algorithms.fusion.patterns import Patterns, patterns_of, read_maps
from labelwidgets.errors import GeometryError

Floats = NDArray[np.float64]

# Different numbers in the maps, together.
_MOST_LABELS = 1024


@dataclass(frozen=True)
class StapleLabels:
    """A label map out of several, and how each person confuses labels.

    Attributes
    ----------
    values : ndarray of whole numbers
        The likeliest label of each pixel; of equals, the smallest.
    labels : (K,) ndarray
        The labels that there are, rising.
    confusion : (D, K, K) ndarray of float64
        How likely somebody says the label of the last axis where that before is true.
    iterations : int
        How many rounds it took.
    converged : bool
        Whether it came to rest within them.
    """

    values: NDArray[Any]
    labels: NDArray[Any]
    confusion: Floats
    iterations: int
    converged: bool
    _code: NDArray[Any]
    _likely: Floats

    def probability(self, label: int) -> NDArray[np.float32]:
        """Return how likely each pixel has a label.

        Raises
        ------
        GeometryError
            If there is no such label.
        """
        at = np.flatnonzero(self.labels == label)
        if not at.size:
            raise GeometryError(f"is in no map: {label!r:.40}.", where="label")
        likely: NDArray[np.float32] = self._likely[:, at[0]].astype(np.float32)[self._code]
        return likely


def staple_labels(
    maps: ArrayLike | Sequence[ArrayLike], *, tolerance: float = 1e-6, iterations: int = 1000
) -> StapleLabels:
    """Return the label map that several people are likely to have meant.

    Rohlfing, Russakoff and Maurer (2004), as ``itk::MultiLabelSTAPLEImageFilter`` has it: labels
    are as frequent as they are in all maps together, and people begin with how they differ from
    the majority.

    Parameters
    ----------
    maps
        (D, ...) or D maps of whole numbers of one shape, 2D or 3D.
    tolerance, iterations
        It ends when no part of a confusion changes by more, or after so many rounds.

    Returns
    -------
    StapleLabels

    Raises
    ------
    GeometryError
        If maps differ in shape, have no pixels, hold other than whole numbers, or more than
        1,024 different ones.
    """
    check_rounds(tolerance, iterations)
    labels, found = coded_maps(maps)
    size = len(labels)
    said = np.eye(size)[found.votes]
    held = np.einsum("p,pdk->k", found.counts, said)
    prior = held / held.sum()
    votes = said.sum(axis=1)
    chosen = votes == votes.max(axis=1, keepdims=True)
    # As ITK: pixels without a majority say nothing of anybody.
    decided = chosen.sum(axis=1) == 1
    confusion = _confusion(said, found.counts * decided, chosen.astype(np.float64))
    rounds, converged = 0, False
    while rounds < iterations and not converged:
        rounds += 1
        likely = _likely(found.votes, confusion, prior)
        after = _confusion(said, found.counts, likely)
        converged = bool(np.abs(after - confusion).max() <= tolerance)
        confusion = after
    likely = _likely(found.votes, confusion, prior)
    values = labels[likely.argmax(axis=1)].take(found.code)
    return StapleLabels(values, labels, confusion, rounds, converged, found.code, likely)


def coded_maps(maps: ArrayLike | Sequence[ArrayLike]) -> tuple[NDArray[Any], Patterns]:
    """Return the labels of maps, rising, and the patterns of their numbers."""
    read = read_maps(maps)
    labels = _different(read)
    if len(labels) > _MOST_LABELS:
        raise GeometryError(
            f"have {len(labels)} different labels, at most {_MOST_LABELS} are allowed.",
            where="maps",
            hint="Fuse objects one by one, as masks.",
        )
    if (labels == np.arange(len(labels))).all():
        numbered = read
    else:
        numbered = [np.searchsorted(labels, one) for one in read]
    return labels, patterns_of([one.astype(_narrow(len(labels))) for one in numbered], len(labels))


def _different(maps: Sequence[NDArray[Any]]) -> NDArray[Any]:
    low, high = min(int(one.min()) for one in maps), max(int(one.max()) for one in maps)
    if high - low < 2**16:
        there = np.zeros(high - low + 1, bool)
        for one in maps:
            there[one.astype(np.int64).reshape(-1) - low] = True
        return np.flatnonzero(there) + low
    return np.unique(np.concatenate([np.unique(one) for one in maps]))


def _narrow(size: int) -> Any:
    return np.min_scalar_type(size - 1)


def _confusion(said: Floats, counts: Floats, likely: Floats) -> Floats:
    """Return (D, true, said) of what is likely; a label that is never true, told rightly."""
    heap: Floats = np.einsum("p,pt,pds->dts", counts, likely, said, optimize=True)
    total = heap.sum(axis=2, keepdims=True)
    return np.where(total > 0, heap / np.where(total > 0, total, 1), np.eye(heap.shape[1]))


def _likely(votes: NDArray[np.int64], confusion: Floats, prior: Floats) -> Floats:
    """Return (P, K) how likely each label is, of each pattern."""
    logs = np.log(np.maximum(confusion, 1e-300))
    joint = np.tile(np.log(np.maximum(prior, 1e-300)), (len(votes), 1))
    for person in range(votes.shape[1]):
        joint += logs[person][:, votes[:, person]].T
    odds = np.exp(joint - joint.max(axis=1, keepdims=True))
    likely: Floats = odds / odds.sum(axis=1, keepdims=True)
    return likely
