"""What should be known of the times of frames before they are trusted."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from labelwidgets.media.volumes import Problem

# Containers round times: WebM to a millisecond, which is this much of a frame at 60 a second.
_ROUNDED = 0.08
# Of a declared rate: 29.97 is not 30, yet 25 said as 25.01 is 25.
_DIFFERS = 0.0009
# Where more steps than this are longer ones, frames are not missing: there are as many as meant.
_SELDOM = 0.05
# So many frames of one remark are named.
_NAMED = 20


def timing_problems(
    pts: npt.NDArray[np.int64], time_base: Fraction, declared: float | None = None
) -> tuple[Problem, ...]:
    """Return what is odd about the times of the frames of a video.

    Parameters
    ----------
    pts
        (frames,) presentation timestamps in the order of showing.
    time_base
        Seconds of a unit of timestamps.
    declared
        Frames a second that somebody said there are, such as a manifest.

    Returns
    -------
    tuple of Problem
        Of the kinds ``frame rate`` (frames are not evenly spaced), ``gap`` (frames are missing),
        ``duplicate`` (two frames have one timestamp) and ``declared rate`` (it is another).
    """
    if len(pts) < 2:
        return ()
    steps = np.diff(pts)
    found = [_twins(steps)]
    moving = steps[steps > 0]
    if not len(moving):
        return tuple(filter(None, found))
    usual = float(np.median(moving))
    # A unit that is too coarse for the rate makes steps that differ by one.
    near = max(1.0, _ROUNDED * usual)
    whole = np.round(steps / usual)
    even = np.abs(steps - usual * np.maximum(whole, 1)) <= near
    left_out = int((whole > 1).sum())
    if bool(even[steps > 0].all()) and left_out <= max(2, _SELDOM * len(steps)):
        found.append(_gaps(whole))
    else:
        found.append(_uneven(steps, usual, near, time_base))
    found.append(_declared(pts, time_base, declared))
    return tuple(filter(None, found))


def mean_rate(pts: npt.NDArray[np.int64], time_base: Fraction) -> float | None:
    """Return how many frames a second there are on average, None of a single frame."""
    span = int(pts[-1] - pts[0]) if len(pts) else 0
    return float((len(pts) - 1) / (span * time_base)) if span > 0 else None


def seconds_of(pts: npt.NDArray[np.int64], time_base: Fraction) -> float:
    """Return how long frames are shown in all, the last one as long as most."""
    if len(pts) < 2:
        return 0.0
    usual = float(np.median(np.diff(pts)))
    return float(int(pts[-1] - pts[0]) * time_base) + usual * float(time_base)


def _twins(steps: npt.NDArray[np.int64]) -> Problem | None:
    twins = np.flatnonzero(steps <= 0) + 1
    if not len(twins):
        return None
    noun = "frame has" if len(twins) == 1 else "frames have"
    return Problem(
        "duplicate",
        f"{len(twins)} {noun} the timestamp of the one before: they are told apart by their "
        "index alone.",
        _some(twins),
    )


def _gaps(whole: npt.NDArray[np.float64]) -> Problem | None:
    after = np.flatnonzero(whole > 1) + 1
    if not len(after):
        return None
    count = int((whole[after - 1] - 1).sum())
    noun = "frame is" if count == 1 else "frames are"
    return Problem(
        "gap",
        f"{count} {noun} missing from an even rate, before "
        f"{'this one' if len(after) == 1 else f'{len(after)} of those that are there'}.",
        _some(after),
    )


def _uneven(
    steps: npt.NDArray[np.int64], usual: float, near: float, time_base: Fraction
) -> Problem:
    odd = np.flatnonzero(np.abs(steps - usual) > near) + 1
    low, high = (1000 * float(int(step) * time_base) for step in (steps.min(), steps.max()))
    return Problem(
        "frame rate",
        f"The frame rate is not constant: frames are shown for {low:.0f} to {high:.0f} ms, most "
        f"for {1000 * usual * float(time_base):.0f} ms. Frames are counted, not computed from "
        "times.",
        _some(odd),
    )


def _declared(
    pts: npt.NDArray[np.int64], time_base: Fraction, declared: float | None
) -> Problem | None:
    rate = mean_rate(pts, time_base)
    if rate is None or not declared:
        return None
    # The ends are rounded to the time base.
    doubt = _DIFFERS + 2 / max(1, int(pts[-1] - pts[0]))
    if abs(declared - rate) <= doubt * rate:
        return None
    return Problem(
        "declared rate",
        f"It is said to have {declared:.6g} frames a second, and has {rate:.6g} on average.",
    )


def _some(frames: Iterable[int]) -> tuple[int, ...]:
    return tuple(int(frame) for frame in frames)[:_NAMED]
