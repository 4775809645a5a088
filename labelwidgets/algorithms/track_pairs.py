"""Two sets of tracks side by side: where which boxes of them overlap."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.errors import GeometryError
from labelwidgets.numbered import numbered

Indices = NDArray[np.int64]
# Pairs that are looked at together: some 100 MB of numbers.
_BLOCK = 1_000_000


class Sightings(NamedTuple):
    """Tracks as they are seen, one row for each object and frame.

    Parameters
    ----------
    times
        (N,) ordinal of the frame among those on which anything is seen.
    tracks
        (N,) ordinal of the track.
    names
        (K,) what each track is called.
    boxes
        (N, 4) x, y, width and height in pixels.
    """

    times: Indices
    tracks: Indices
    names: NDArray[Any]
    boxes: NDArray[np.float64]


class TrackPairs(NamedTuple):
    """Reference and other tracks, and all boxes of them that overlap.

    Parameters
    ----------
    frames
        (T,) frames on which anything is seen, rising.
    reference, other
        The tracks.
    rows, columns
        (P,) rows of `reference` and of `other` that are on one frame and overlap, by time.
    similarity
        (P,) their intersection over union.
    """

    frames: Indices
    reference: Sightings
    other: Sightings
    rows: Indices
    columns: Indices
    similarity: NDArray[np.float64]


def track_pairs(
    frames: ArrayLike,
    tracks: ArrayLike,
    boxes: ArrayLike,
    other_frames: ArrayLike,
    other_tracks: ArrayLike,
    other_boxes: ArrayLike,
) -> TrackPairs:
    """Return two sets of tracks side by side.

    Parameters
    ----------
    frames, other_frames
        (N,) and (M,) indices of frames.
    tracks, other_tracks
        (N,) and (M,) what each object is called; a name comes once a frame.
    boxes, other_boxes
        (N, 4) and (M, 4) x, y, width and height in pixels.

    Raises
    ------
    GeometryError
        If lengths differ, a box is no box, or a track is on a frame twice.
    """
    first = _checked(frames, tracks, boxes, "")
    second = _checked(other_frames, other_tracks, other_boxes, "other_")
    all_frames = np.union1d(first[0], second[0])
    one = _sightings(*first, all_frames, "tracks")
    other = _sightings(*second, all_frames, "other_tracks")
    return TrackPairs(all_frames, one, other, *_overlapping(one, other, len(all_frames)))


def box_iou(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the intersection over union of boxes, one by one.

    Parameters
    ----------
    first, second
        (N, 4) x, y, width and height in pixels.
    """
    low = np.maximum(first[:, :2], second[:, :2])
    high = np.minimum(first[:, :2] + first[:, 2:], second[:, :2] + second[:, 2:])
    shared: NDArray[np.float64] = (high - low).clip(0).prod(axis=1)
    union = first[:, 2:].prod(axis=1) + second[:, 2:].prod(axis=1) - shared
    iou: NDArray[np.float64] = np.divide(shared, union, out=np.zeros(len(shared)), where=union > 0)
    return iou


def _checked(
    frames: ArrayLike, tracks: ArrayLike, boxes: ArrayLike, prefix: str
) -> tuple[Indices, NDArray[Any], NDArray[np.float64]]:
    when, names = np.asarray(frames, np.int64).ravel(), np.asarray(tracks).ravel()
    where = np.asarray(boxes, np.float64).reshape(-1, 4)
    if not len(when) == len(names) == len(where):
        raise GeometryError(
            f"has {numbered(len(where), 'row')}, and there are "
            f"{numbered(len(when), 'frame')} and {numbered(len(names), 'track')}.",
            where=f"{prefix}boxes",
        )
    if not np.isfinite(where).all() or (where[:, 2:] < 0).any():
        raise GeometryError("must be finite, of no negative size.", where=f"{prefix}boxes")
    return when, names, where


def _sightings(
    frames: Indices, names: NDArray[Any], boxes: NDArray[np.float64], known: Indices, where: str
) -> Sightings:
    called, tracks = np.unique(names, return_inverse=True)
    times = np.searchsorted(known, frames)
    order = np.lexsort((tracks, times))
    times, tracks = times[order].astype(np.int64), tracks[order].astype(np.int64)
    twice = np.nonzero((np.diff(times) == 0) & (np.diff(tracks) == 0))[0]
    if len(twice):
        at = twice[0]
        raise GeometryError(
            f"has {called[tracks[at]]!r} twice on frame {known[times[at]]}.", where=where
        )
    return Sightings(times, tracks, called, boxes[order])


def _overlapping(
    one: Sightings, other: Sightings, length: int
) -> tuple[Indices, Indices, NDArray[np.float64]]:
    there = np.searchsorted(other.times, np.arange(length + 1))
    # Each row goes with all rows of the other set on the same frame.
    most = np.diff(there)[one.times]
    ends = np.cumsum(most)
    parts = []
    start = 0
    while start < len(most):
        before = ends[start] - most[start]
        stop = max(start + 1, int(np.searchsorted(ends, before + _BLOCK, side="right")))
        some = most[start:stop]
        rows = np.repeat(np.arange(start, stop), some)
        within = np.arange(len(rows)) - np.repeat(np.cumsum(some) - some, some)
        columns = there[one.times[rows]] + within
        alike = box_iou(one.boxes[rows], other.boxes[columns])
        kept = alike > 0
        parts.append((rows[kept], columns[kept], alike[kept]))
        start = stop
    if not parts:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    rows, columns, alike = (np.concatenate(some) for some in zip(*parts, strict=True))
    return rows, columns, alike
