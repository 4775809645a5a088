"""Which frames of a motion say all of it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def thin_keyframes(
    frames: npt.ArrayLike, places: npt.ArrayLike, tolerance: float
) -> npt.NDArray[np.intp]:
    """Return which places are kept, so that what lies between them is interpolated well enough.

    Ramer (1972), Douglas and Peucker (1973), in time: the distance of a place is that to where it
    is interpolated on its frame.

    Parameters
    ----------
    frames
        (N,) rising.
    places
        (N, M, 2) x and y of M points on each of them.
    tolerance
        Most pixels by which a point may be off; with 0 all that are not exactly in between stay.

    Returns
    -------
    ndarray
        Rising indices, the first and the last one among them.
    """
    time = np.asarray(frames, np.float64)
    at = np.asarray(places, np.float64)
    if len(time) < 3:
        return np.arange(len(time))
    kept = np.zeros(len(time), bool)
    kept[[0, -1]] = True
    open_ = [(0, len(time) - 1)]
    while open_:
        low, high = open_.pop()
        if high - low < 2:
            continue
        off = deviations(time[low : high + 1], at[low : high + 1])
        worst = int(off.argmax())
        if off[worst] > tolerance:
            kept[low + worst] = True
            open_ += [(low, low + worst), (low + worst, high)]
    return np.flatnonzero(kept)


def deviations(frames: npt.ArrayLike, places: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return by how many pixels places are off what is interpolated from the first to the last.

    Parameters
    ----------
    frames, places
        As for `thin_keyframes`.

    Returns
    -------
    ndarray
        (N,) the largest distance among the points of each frame.
    """
    time = np.asarray(frames, np.float64)
    at = np.asarray(places, np.float64)
    share = ((time - time[0]) / (time[-1] - time[0]))[:, None, None]
    off: npt.NDArray[np.float64] = np.linalg.norm(at - (at[0] + share * (at[-1] - at[0])), axis=-1)
    worst: npt.NDArray[np.float64] = off.max(axis=1)
    return worst
