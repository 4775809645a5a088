"""Where one shot of a video ends and the next begins."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from itertools import pairwise
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from labelwidgets.errors import ImageError

Levels: TypeAlias = npt.NDArray[np.float32]

_BINS = 32
# How many times the change at a cut is that of the frames around it: PySceneDetect's
# AdaptiveDetector, whose window is so many frames to either side.
_RATIO = 3.0
_AROUND = 2
# Of a fade: the least change from frame to frame, in levels, and how straight its way is from the
# one shot to the other. Things that move, and a camera that does, take detours.
_STEP = 0.4
_STRAIGHT = 0.7
_PAUSE = 2
_SLOW = 0.25
_MOST_AT_ONCE = 0.6
# A frame whose values spread less than this shows nothing.
_BLANK = 6.0


class Cut(NamedTuple):
    """Where a shot begins.

    Parameters
    ----------
    frame
        The first frame of the new shot; of a fade the middle of it.
    kind
        ``cut`` from one frame to the next, or ``fade``: any change over several frames.
    last, first
        The last frame that is of the old shot alone, and the first that is of the new one alone.
    strength
        How far the values changed, in levels from 0 to 255.
    """

    frame: int
    kind: Literal["cut", "fade"]
    last: int
    first: int
    strength: float


def small_copy(frame: npt.NDArray[np.uint8], edge: int = 64) -> npt.NDArray[np.uint8]:
    """Return a frame shrunk so that its longer side is about `edge` pixels.

    Parameters
    ----------
    frame
        (H, W) or (H, W, C).
    edge
        In pixels. Blocks of whole pixels are averaged; what is left over at the right and at the
        bottom is not looked at.
    """
    step = max(1, max(frame.shape[:2]) // edge)
    if step == 1:
        return frame
    rows, columns = (max(1, side // step) for side in frame.shape[:2])
    down, across = min(step, frame.shape[0]), min(step, frame.shape[1])
    # Some rows and columns of each block say enough of it.
    some = [np.unique(np.linspace(0, n - 1, 4).round().astype(int)) for n in (down, across)]
    whole = frame[: rows * down, : columns * across]
    blocks = whole.reshape(rows, down, columns, across, *frame.shape[2:])
    picked = blocks[:, some[0]][:, :, :, some[1]]
    return np.asarray(picked.mean(axis=(1, 3)).round().astype(np.uint8))


def find_cuts(
    frames: Iterable[npt.NDArray[np.uint8]], threshold: float = 16.0, shortest: int = 5
) -> list[Cut]:
    """Return where the shots of a video begin, but for the first.

    A cut is where pixels change by `threshold` levels on average and by three times as much as
    from frame to frame around (the rule of PySceneDetect's AdaptiveDetector), and go on from
    there: a flash comes back. A fade is a run of frames whose histograms change a little each, in
    one direction, until they are `threshold` levels apart: the twin comparison of Zhang,
    Kankanhalli and Smoliar (1993), with the earth mover's distance between histograms.

    Parameters
    ----------
    frames
        All frames in the order of showing, (H, W) or (H, W, C) uint8, small (see `small_copy`)
        and of one size. Read once; of each only histograms are kept.
    threshold
        In levels from 0 to 255. Less finds more.
    shortest
        Number of frames that a shot has at least: of two beginnings that lie closer together, the
        stronger one stays.

    Returns
    -------
    list of Cut
        In the order of their frames.

    Raises
    ------
    ImageError
        If frames differ in size.
    """
    seen = _Seen(frames)
    found = _hard(seen, threshold)
    found += _fades(seen, threshold, [cut.frame for cut in found])
    return _apart(sorted(found), shortest)


class _Seen:
    """What is kept of each frame."""

    def __init__(self, frames: Iterable[npt.NDArray[np.uint8]]) -> None:
        self.change: list[float] = [0.0]
        self.over: list[float] = [0.0]
        self.spread: list[float] = []
        self.levels: list[Levels] = []
        recent: deque[npt.NDArray[np.int16]] = deque(maxlen=2)
        for number, frame in enumerate(frames):
            values = np.asarray(frame, np.int16)
            if recent and values.shape != recent[-1].shape:
                raise ImageError(
                    f"has the shape {values.shape}, those before have {recent[-1].shape}.",
                    where=f"frame {number}",
                )
            if recent:
                self.change.append(float(np.abs(values - recent[-1]).mean()))
                self.over.append(float(np.abs(values - recent[0]).mean()))
            recent.append(values)
            self.spread.append(float(values.std(axis=(0, 1)).max()))
            self.levels.append(_cumulated(values))

    def __len__(self) -> int:
        return len(self.spread)

    def apart(self, one: int, other: int) -> float:
        """Return how far the histograms of two frames are apart, in levels."""
        gap = np.abs(self.levels[one] - self.levels[other]).sum(axis=-1)
        return float(gap.mean()) * (256 / _BINS)


def _cumulated(values: npt.NDArray[Any]) -> Levels:
    planes = values.reshape(values.shape[0] * values.shape[1], -1)
    counts = [np.bincount(plane * _BINS // 256, minlength=_BINS) for plane in planes.T]
    return np.asarray(np.cumsum(counts, axis=-1) / len(planes), np.float32)


def _hard(seen: _Seen, threshold: float) -> list[Cut]:
    change, count = seen.change, len(seen)
    found = []
    for k in range(1, count):
        if change[k] < threshold:
            continue
        around = [
            change[n] for n in range(k - _AROUND, k + _AROUND + 1) if n != k and 0 < n < count
        ]
        # Beside a second cut, or a flash, the quieter side is what is usual here.
        usual = float(np.median(around)) if around else 0.0
        if change[k] < _RATIO * usual:
            continue
        comes_back = k + 1 < count and seen.over[k + 1] < change[k] / 2
        came_back = k > 1 and seen.over[k] < change[k] / 2
        if not comes_back and not came_back:
            found.append(Cut(k, "cut", k - 1, k, change[k]))
    return found


def _fades(seen: _Seen, threshold: float, cuts: list[int]) -> list[Cut]:
    runs = []
    for low, high in pairwise([0, *cuts, len(seen)]):
        runs += _runs(seen, low, high)
    found = []
    for first, last in (_trimmed(seen, *run) for run in runs):
        strength = seen.apart(first, last)
        steps = [seen.apart(k - 1, k) for k in range(first + 1, last + 1)]
        straight = strength >= _STRAIGHT * sum(steps)
        # One step that is most of the way is a flash, or what goes with a cut.
        if strength >= threshold and straight and max(steps) < _MOST_AT_ONCE * strength:
            found.append(Cut((first + last + 1) // 2, "fade", first, last, strength))
    return _through_blanks(seen, found)


def _runs(seen: _Seen, low: int, high: int) -> list[tuple[int, int]]:
    """Return the runs of change among the frames from `low` to before `high`, blanks apart."""
    found: list[tuple[int, int]] = []
    start: int | None = None
    last = low
    for k in range(low + 1, high):
        if seen.apart(k - 1, k) >= _STEP:
            start = k - 1 if start is None else start
            last = k
        # What fades to black and comes again from there are two fades.
        turns = start is not None and seen.spread[k] < _BLANK and last == k
        if start is not None and (k - last > _PAUSE or turns or k == high - 1):
            if last - start > 1:
                found.append((start, last))
            start = None
    return found


def _trimmed(seen: _Seen, first: int, last: int) -> tuple[int, int]:
    """Return a run without what changed little at its ends: things that move before and after."""
    steps = np.array([seen.apart(k - 1, k) for k in range(first + 1, last + 1)])
    least = _SLOW * np.convolve(steps, np.full(3, 1 / 3), "same").max()
    fast = np.flatnonzero(steps >= least)
    return first + int(fast[0]), first + int(fast[-1]) + 1


def _through_blanks(seen: _Seen, fades: list[Cut]) -> list[Cut]:
    """Join a fade into a blank with the one out of it: that is one new shot."""
    found: list[Cut] = []
    for fade in fades:
        before = found[-1] if found else None
        if before and max(seen.spread[before.first : fade.last + 1], default=255) < 2 * _BLANK:
            middle = (before.first + fade.last + 1) // 2
            strength = max(before.strength, fade.strength)
            found[-1] = Cut(middle, "fade", before.last, fade.first, strength)
        else:
            found.append(fade)
    return found


def _apart(cuts: list[Cut], shortest: int) -> list[Cut]:
    found: list[Cut] = []
    for cut in cuts:
        if found and cut.frame - found[-1].frame < shortest:
            if cut.strength > found[-1].strength:
                found[-1] = cut
        else:
            found.append(cut)
    return found
