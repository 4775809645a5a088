"""CLEAR MOT: objects missed and made up, and how often one was taken for another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from labelwidgets.algorithms.sparse_assignment import assigned, knots
from labelwidgets.algorithms.track_pairs import TrackPairs

Indices = NDArray[np.int64]
_EPSILON = float(np.finfo(float).eps)
# More than any sum of overlaps on a frame: who went together goes on together.
_LOYALTY = 1000.0


class Switch(NamedTuple):
    """An object that goes on under another name.

    Parameters
    ----------
    frame
        The first one on which it has the new name.
    track
        Ordinal of the track of the reference.
    before, after
        Ordinals of the other tracks.
    """

    frame: int
    track: int
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class ClearMot:
    """CLEAR MOT scores.

    Parameters
    ----------
    mota
        1 - (missed + extra + switches) / sightings of the reference; NaN where it has none.
    motp
        Mean overlap of what was found; NaN where nothing was.
    hits, missed, extra
        Sightings found, not found, and of nothing.
    switches
        Each time that an object got another name.
    fragments
        How often objects were found again after they had been lost.
    mostly_tracked, partly_tracked, mostly_lost
        Tracks of the reference found on more than 80 %, on 20 to 80 %, and on less of their
        frames.
    """

    mota: float
    motp: float
    hits: int
    missed: int
    extra: int
    switches: list[Switch]
    fragments: int
    mostly_tracked: int
    partly_tracked: int
    mostly_lost: int


def clear_mot(pairs: TrackPairs, threshold: float = 0.5) -> ClearMot:
    """Return the CLEAR MOT scores of tracks against a reference.

    Bernardin and Stiefelhagen, Evaluating multiple object tracking performance, 2008, and Li,
    Huang and Nevatia, Learning to associate, 2009 (fragments, mostly tracked). Equal to TrackEval
    but for one thing: a frame on which one side has nothing at all interrupts a track as any
    other does.

    Parameters
    ----------
    pairs
        Of `track_pairs`.
    threshold
        Overlap from which on something was found.
    """
    one, other = pairs.reference, pairs.other
    chosen = _chosen(pairs, pairs.similarity >= threshold - _EPSILON)
    rows, columns = pairs.rows[chosen], pairs.columns[chosen]
    hits = len(rows)
    missed, extra = len(one.times) - hits, len(other.times) - hits

    order = np.lexsort((one.times[rows], one.tracks[rows]))
    track, partner = one.tracks[rows][order], other.tracks[columns][order]
    time = one.times[rows][order]
    goes_on = np.diff(track) == 0
    changed = np.nonzero(goes_on & (np.diff(partner) != 0))[0]
    switches = [
        Switch(int(pairs.frames[time[k + 1]]), int(track[k]), int(partner[k]), int(partner[k + 1]))
        for k in changed
    ]
    fragments = int((goes_on & (np.diff(time) > 1)).sum())
    length = np.bincount(one.tracks, minlength=len(one.names))
    share = np.bincount(track, minlength=len(one.names)) / np.maximum(length, 1)
    mostly, partly = int((share > 0.8).sum()), int((share >= 0.2).sum())
    total = len(one.times)
    return ClearMot(
        mota=1 - (missed + extra + len(switches)) / total if total else float("nan"),
        motp=float(pairs.similarity[chosen].mean()) if hits else float("nan"),
        hits=hits,
        missed=missed,
        extra=extra,
        switches=sorted(switches),
        fragments=fragments,
        mostly_tracked=mostly,
        partly_tracked=partly - mostly,
        mostly_lost=len(one.names) - partly,
    )


def _chosen(pairs: TrackPairs, usable: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which pairs are matched, frame by frame: those that were before come first."""
    one, other = pairs.reference, pairs.other
    competing = sorted(knots(pairs.rows, pairs.columns, usable), key=lambda knot: knot[0])
    chosen = usable.copy()
    for knot in competing:
        chosen[knot] = False
    # By row of the reference: its track's row on the frame before, and the partner of each row.
    order = np.lexsort((one.times, one.tracks))
    near = (np.diff(one.tracks[order]) == 0) & (np.diff(one.times[order]) == 1)
    before = np.full(len(one.times), -1)
    before[order[1:][near]] = order[:-1][near]
    partner = np.full(len(one.times), -1)
    partner[pairs.rows[chosen]] = other.tracks[pairs.columns[chosen]]
    for knot in competing:
        rows, columns = pairs.rows[knot], pairs.columns[knot]
        last = np.where(before[rows] >= 0, partner[before[rows]], -1)
        loyal = last == other.tracks[columns]
        taken = knot[assigned(rows, columns, pairs.similarity[knot] + _LOYALTY * loyal)]
        chosen[taken] = True
        partner[pairs.rows[taken]] = other.tracks[pairs.columns[taken]]
    return chosen
