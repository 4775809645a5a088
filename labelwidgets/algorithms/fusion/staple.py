"""STAPLE: the mask that is likely, and how well each person draws it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.algorithms.crowd.settings import check_rounds, not_negative, share
from labelwidgets.algorithms.fusion.patterns import patterns_of, read_masks

Floats = NDArray[np.float64]

# Where everybody is taken to begin: nearly without error. It is what ITK begins with.
_ABLE = 0.99999


@dataclass(frozen=True)
class Staple:
    """A mask out of several, and how well each person drew it.

    Attributes
    ----------
    mask : ndarray of bool
        Where it is at least as likely as not.
    sensitivity, specificity : (D,) ndarray of float64
        How likely somebody has marked a pixel that belongs to it, and left out one that does
        not.
    prior : float
        The share of pixels that was taken to belong to it beforehand.
    iterations : int
        How many rounds it took.
    converged : bool
        Whether it came to rest within them.
    """

    mask: NDArray[np.bool_]
    sensitivity: Floats
    specificity: Floats
    prior: float
    iterations: int
    converged: bool
    _code: NDArray[Any]
    _likely: Floats

    @property
    def probability(self) -> NDArray[np.float32]:
        """How likely each pixel belongs to it, of the shape of the mask."""
        likely: NDArray[np.float32] = self._likely.astype(np.float32)[self._code]
        return likely


def staple(
    masks: ArrayLike | Sequence[ArrayLike],
    *,
    prior: float | None = None,
    background: int = 0,
    tolerance: float = 1e-7,
    iterations: int = 1000,
) -> Staple:
    """Return the mask that several people are likely to have meant.

    Warfield, Zou and Wells (2004), "Simultaneous truth and performance level estimation". The
    expectation maximisation runs over the different patterns of votes, 32 with five people, in
    place of the pixels; what comes out is what ``itk::STAPLEImageFilter`` comes to.

    Parameters
    ----------
    masks
        (D, ...) or D masks of one shape, 2D or 3D: what is not 0 is marked.
    prior
        The share of pixels that belongs to it; None takes the mean share that was marked.
    background
        How many more pixels there are which nobody marked, where `masks` are a part of the
        picture: with it, a part gives what the whole picture does.
    tolerance, iterations
        It ends when no sensitivity and specificity changes by more, or after so many rounds.

    Returns
    -------
    Staple

    Raises
    ------
    GeometryError
        If masks differ in shape or have no pixels.
    SchemaError
        If a setting is impossible.
    """
    check_rounds(tolerance, iterations)
    not_negative(background, "background")
    found = patterns_of(read_masks(masks), 2)
    counts = found.counts.copy()
    said = found.votes.astype(np.float64)
    nobody = np.flatnonzero(~said.any(axis=1))
    if nobody.size:
        counts[nobody[0]] += background
    elif background:
        said = np.concatenate([said, np.zeros((1, said.shape[1]))])
        counts = np.append(counts, background)
    total = counts.sum()
    frequent = share(prior, "prior") if prior is not None else float((counts @ said).mean() / total)
    likely, able, wary, rounds, converged = _rest(said, counts, frequent, tolerance, iterations)
    likely = likely[: len(found.votes)]
    mask = (likely >= 0.5).take(found.code)
    return Staple(mask, able, wary, frequent, rounds, converged, found.code, likely)


def _rest(
    said: Floats, counts: Floats, prior: float, tolerance: float, iterations: int
) -> tuple[Floats, Floats, Floats, int, bool]:
    """Return how likely each pattern is marked rightly, sensitivities and specificities."""
    people = said.shape[1]
    left = 1 - said
    able, wary = np.full(people, _ABLE), np.full(people, _ABLE)
    rounds, converged = 0, False
    likely = np.zeros(len(said))
    while rounds < iterations and not converged:
        rounds += 1
        likely = _likely(said, left, able, wary, prior)
        yes, no = counts * likely, counts * (1 - likely)
        # Where nothing belongs to it, or all does, there is nothing to learn of one of them.
        more_able = (yes @ said) / yes.sum() if yes.sum() > 0 else able
        more_wary = (no @ left) / no.sum() if no.sum() > 0 else wary
        change = max(np.abs(more_able - able).max(), np.abs(more_wary - wary).max())
        able, wary = more_able, more_wary
        converged = bool(change <= tolerance)
    return _likely(said, left, able, wary, prior), able, wary, rounds, converged


def _likely(said: Floats, left: Floats, able: Floats, wary: Floats, prior: float) -> Floats:
    """Return how likely each pattern belongs to the mask."""
    if prior in (0.0, 1.0):
        return np.full(len(said), prior)
    # As logarithms, of numbers that are not quite 0: of many people a product would be.
    tiny = 1e-300
    yes = said @ np.log(np.maximum(able, tiny)) + left @ np.log(np.maximum(1 - able, tiny))
    no = left @ np.log(np.maximum(wary, tiny)) + said @ np.log(np.maximum(1 - wary, tiny))
    odds = np.log(prior) + yes - np.log1p(-prior) - no
    likely: Floats = 1 / (1 + np.exp(-np.clip(odds, -700, 700)))
    return likely
