"""Higher order tracking accuracy: how well objects are found, kept apart and placed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwidgets.algorithms.sparse_assignment import best_pairs
from labelwidgets.algorithms.track_pairs import TrackPairs

ALPHAS: NDArray[np.float64] = np.arange(1, 20) / 20
_EPSILON = float(np.finfo(float).eps)

Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Hota:
    """HOTA and what it is made of, at each threshold of `ALPHAS`; all from 0 to 1.

    Parameters
    ----------
    hota
        (19,) the geometric mean of detection and association.
    detection, detection_recall, detection_precision
        (19,) DetA, DetRe, DetPr: objects that were found.
    association, association_recall, association_precision
        (19,) AssA, AssRe, AssPr: objects that stayed the same.
    localisation
        (19,) LocA: mean overlap of what was found; 1 where nothing was.
    """

    hota: Scores
    detection: Scores
    detection_recall: Scores
    detection_precision: Scores
    association: Scores
    association_recall: Scores
    association_precision: Scores
    localisation: Scores


def hota(pairs: TrackPairs) -> Hota:
    """Return the HOTA of tracks against a reference.

    Luiten et al., HOTA: a higher order metric for evaluating multi-object tracking, IJCV 2021;
    equal to the authors' TrackEval. The usual figure is the mean over the thresholds.

    Parameters
    ----------
    pairs
        Of `track_pairs`.
    """
    one, other = pairs.reference, pairs.other
    i, j = one.tracks[pairs.rows], other.tracks[pairs.columns]
    width = max(len(other.names), 1)
    codes, at = np.unique(i * width + j, return_inverse=True)
    length = np.bincount(one.tracks, minlength=len(one.names))[codes // width]
    length_other = np.bincount(other.tracks, minlength=len(other.names))[codes % width]
    # How well two tracks go together on the whole decides who is matched on each frame.
    alike = pairs.similarity
    of_row = np.bincount(pairs.rows, alike, len(one.times))[pairs.rows]
    of_column = np.bincount(pairs.columns, alike, len(other.times))[pairs.columns]
    around = of_row + of_column - alike
    together = np.bincount(at, alike / around, len(codes))
    alignment = together / (length + length_other - together)
    chosen = best_pairs(pairs.rows, pairs.columns, alignment[at] * alike)
    at, alike = at[chosen], alike[chosen]

    shape = (8, len(ALPHAS))
    found = np.zeros(shape)
    for k, alpha in enumerate(ALPHAS):
        good = alike >= alpha - _EPSILON
        hits = int(good.sum())
        count = np.bincount(at[good], minlength=len(codes))
        missed, extra = len(one.times) - hits, len(other.times) - hits
        union = np.maximum(1, length + length_other - count)
        share = [
            float((count * count / size).sum()) / max(1, hits)
            for size in (union, np.maximum(1, length), np.maximum(1, length_other))
        ]
        detection = hits / max(1, hits + missed + extra)
        found[:, k] = (
            np.sqrt(detection * share[0]),
            detection,
            hits / max(1, hits + missed),
            hits / max(1, hits + extra),
            *share,
            float(alike[good].mean()) if hits else 1.0,
        )
    return Hota(*found)
