"""IDF1: how much of the time each object is followed by the one track that follows it best."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwidgets.algorithms.sparse_assignment import best_pairs
from labelwidgets.algorithms.track_pairs import Sightings, TrackPairs

Indices = NDArray[np.int64]
_EPSILON = float(np.finfo(float).eps)


@dataclass(frozen=True, slots=True)
class IdentityScores:
    """Identity scores, and which track is which.

    Parameters
    ----------
    idf1, recall, precision
        From 0 to 1: IDF1, IDR, IDP.
    hits, missed, extra
        IDTP, IDFN, IDFP: sightings.
    tracks, partners
        (K,) ordinals of the tracks of the reference that have one to go with, and of that one.
    """

    idf1: float
    recall: float
    precision: float
    hits: int
    missed: int
    extra: int
    tracks: Indices
    partners: Indices


def identity_scores(pairs: TrackPairs, threshold: float = 0.5) -> IdentityScores:
    """Return the identity scores of tracks against a reference.

    Ristani et al., Performance measures and a data set for multi-target, multi-camera tracking,
    2016; equal to TrackEval.

    Parameters
    ----------
    pairs
        Of `track_pairs`.
    threshold
        Overlap from which on two sightings may be one object.
    """
    one, other = pairs.reference, pairs.other
    good = pairs.similarity >= threshold - _EPSILON
    width = max(len(other.names), 1)
    codes, counts = np.unique(
        one.tracks[pairs.rows[good]] * width + other.tracks[pairs.columns[good]],
        return_counts=True,
    )
    chosen = best_pairs(codes // width, codes % width, counts)
    hits = int(counts[chosen].sum())
    missed, extra = len(one.times) - hits, len(other.times) - hits
    return IdentityScores(
        idf1=hits / max(1.0, hits + 0.5 * missed + 0.5 * extra),
        recall=hits / max(1.0, hits + missed),
        precision=hits / max(1.0, hits + extra),
        hits=hits,
        missed=missed,
        extra=extra,
        tracks=codes[chosen] // width,
        partners=codes[chosen] % width,
    )


def boundary_errors(pairs: TrackPairs, scores: IdentityScores) -> NDArray[np.int64]:
    """Return by how many frames tracks begin and end later than they should.

    Parameters
    ----------
    pairs
        Of `track_pairs`.
    scores
        Which says which track is which.

    Returns
    -------
    ndarray
        (K, 2) frames for each pair of `scores`: where it begins less where it should, and where
        it ends less where it should; negative is too early.
    """
    own, theirs = _spans(pairs.reference, pairs.frames), _spans(pairs.other, pairs.frames)
    errors: NDArray[np.int64] = theirs[scores.partners] - own[scores.tracks]
    return errors


def _spans(seen: Sightings, frames: Indices) -> Indices:
    """Return the first and the last frame of each track."""
    first = np.full(len(seen.names), len(frames), np.int64)
    last = np.full(len(seen.names), -1, np.int64)
    np.minimum.at(first, seen.tracks, seen.times)
    np.maximum.at(last, seen.tracks, seen.times)
    spans: Indices = (
        frames[np.stack([first, last], axis=1)] if len(first) else np.zeros((0, 2), int)
    )
    return spans
