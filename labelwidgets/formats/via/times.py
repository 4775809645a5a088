"""Frames of videos by their time, and their time by the frame, as VIA 3 counts in seconds."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from labelwidgets.errors import FormatError
from labelwidgets.formats.clips import Clip

if TYPE_CHECKING:
    import numpy.typing as npt

    from labelwidgets.media.dataset import Dataset
    from labelwidgets.media.videos import Video

# A time that is written with fewer digits than it has may lie just before its frame.
_ROUNDING = 1e-3


def frame_at(clip: Clip, dataset: Dataset | None, seconds: float, end: bool = False) -> int:
    """Return the frame that is seen at a time; as an `end`, the last one before it.

    Parameters
    ----------
    clip
        The video.
    dataset
        Where it is opened, as its frames may have times of their own; without it, all are as long.
    seconds
        Since its beginning.
    end
        The time is one at which something is over.

    Raises
    ------
    FormatError
        If there is no such frame, or it is not known which one it is.
    """
    if seconds < 0:
        raise FormatError("must not be negative.", where="z")
    if dataset is not None and clip.item.kind == "video":
        return _frame_of(dataset.video(clip.item.id), seconds, end)
    rate = _rate(clip, "z")
    if end:
        frame = math.ceil(seconds * rate - _ROUNDING) - 1
    else:
        frame = math.floor(seconds * rate + _ROUNDING)
    if clip.frames is not None and frame == clip.frames:
        frame -= 1  # The time at which the video ends.
    clip.check(max(frame, 0), "z")
    return max(frame, 0)


def time_of(clip: Clip, dataset: Dataset | None, frame: int) -> float:
    """Return when a frame is first seen, in seconds; of the one behind the last, when that ends.

    Raises
    ------
    FormatError
        If it is not known how long frames are.
    """
    if dataset is not None and clip.item.kind == "video":
        times = _times(dataset.video(clip.item.id))
        at = min(frame, len(times))
        last = float(times[-1]) + _step(times)
        return round(float(times[at]) if at < len(times) else last, 6)
    return round(frame / _rate(clip, f"item {clip.item.id!r}"), 6)


def _rate(clip: Clip, where: str) -> float:
    if not clip.rate:
        raise FormatError(
            "has times, and it is not known how many frames a second the video has.",
            where=where,
            hint="Pass dataset=, or items whose metadata say it (fps).",
        )
    return clip.rate


def _frame_of(video: Video, seconds: float, end: bool) -> int:
    times = _times(video)
    if seconds > times[-1] + max(2 * _step(times), 1):
        raise FormatError(f"is {seconds:g} s, and the video is over at {times[-1]:g}.", where="z")
    at = np.searchsorted(times, seconds + (-_ROUNDING if end else _ROUNDING), side="right")
    return max(int(at) - 1, 0)


def _times(video: Video) -> npt.NDArray[np.float64]:
    times: npt.NDArray[np.float64] = (video.pts - video.pts[0]) * float(video.facts.time_base)
    return times


def _step(times: npt.NDArray[np.float64]) -> float:
    """Return how long a frame is, on average."""
    return float(times[-1]) / max(len(times) - 1, 1)
