"""Which of many samples a straight line between others does not already say."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

# In pixels: numbers on a line that are rounded to six decimals, its ends as well, are that far off.
EXACT = 1.1e-6
# Beyond so many rounds all that is left is kept: more keyframes than needed, and none wrong.
_ROUNDS = 64


def needed_keyframes(
    frames: npt.ArrayLike,
    values: npt.ArrayLike,
    must: npt.ArrayLike,
    tolerance: float = 0.0,
) -> npt.NDArray[np.bool_]:
    """Return which samples have to be kept so that lines between them say all others.

    Ramer (1972) and Douglas and Peucker (1973), over time and in all coordinates at once: between
    two samples that are kept, the one that is furthest from the line is kept as well, until none
    is further than `tolerance`.

    Parameters
    ----------
    frames
        (N,) whole numbers, rising within each stretch.
    values
        (N, D) coordinates.
    must
        (N,) bool, samples that are kept in any case. The first and the last sample of all always
        are; those of each stretch (of a track, up to a gap) have to be among them.
    tolerance
        How far a sample may be from the line, in the unit of `values`; 0 is a
        millionth, which rounding to six decimals takes.

    Returns
    -------
    ndarray
        (N,) bool.
    """
    times = np.asarray(frames, np.float64)
    points = np.asarray(values, np.float64).reshape(times.size, -1)
    kept = np.array(must, bool)
    if not kept.size:
        return kept
    kept[[0, -1]] = True
    limit = max(0.0, tolerance) + EXACT
    active = np.flatnonzero(~kept)
    for _ in range(_ROUNDS):
        if not active.size:
            return kept
        ends = np.flatnonzero(kept)
        segment = np.searchsorted(ends, active) - 1
        a, b = ends[segment], ends[segment + 1]
        part = (times[active] - times[a]) / (times[b] - times[a])
        line = points[a] + (points[b] - points[a]) * part[:, None]
        error = np.abs(points[active] - line).max(axis=1)
        starts = np.flatnonzero(np.diff(segment, prepend=-1))
        worst = np.maximum.reduceat(error, starts)
        length = np.diff(np.append(starts, active.size))
        bad = worst > limit
        hits = np.flatnonzero(np.repeat(bad, length) & (error == np.repeat(worst, length)))
        _, first = np.unique(segment[hits], return_index=True)
        kept[active[hits[first]]] = True
        active = active[np.repeat(bad, length)]
        active = active[~kept[active]]
    kept[active] = True
    return kept
