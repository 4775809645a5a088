"""Which samples become frames, and in which order: by timestamps where these can be relied on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from labelwidgets.media.video.decoding import decoded_samples
from labelwidgets.media.video.packet_scan import NO_PTS
from labelwidgets.media.video.sample_bytes import KeptBytes
from labelwidgets.media.video.samples import SampleIndex, Samples
from labelwidgets.media.volumes import Problem
from labelwidgets.numbered import numbered

# What is tried of a stream whose packets say less than tables do.
_TRIED = 24


@dataclass(frozen=True, slots=True)
class Counted:
    """The frames of a stream.

    Parameters
    ----------
    index
        Its samples and frames.
    rotation
        Degrees by which FFmpeg says the first frame is turned, counter-clockwise; 0 where
        nothing was decoded.
    decoded
        Whether all of it had to be decoded.
    problems
        What is odd about it.
    """

    index: SampleIndex
    rotation: int
    decoded: bool
    problems: list[Problem]


def counted(context: Any, samples: Samples, data: KeptBytes, tried: bool, url: str) -> Counted:
    """Return the frames of a stream.

    Timestamps tell them where there is one for each and no two are alike. Where there is not,
    the stream is decoded once, and its frames are those that come, in the order in which they come.

    Parameters
    ----------
    context
        Codec context of the stream; nothing is in it afterwards.
    samples
        What the container says.
    data
        The bytes of the samples.
    tried
        Whether the first samples are decoded to see if they become what is expected.
    url
        Of the file, for errors.
    """
    last = len(samples.pts) - 1
    problems: list[Problem] = []
    rotation = [0]

    def look(_sample: int, picture: Any) -> None:
        if not seen:
            rotation[0] = int(getattr(picture, "rotation", 0) or 0)
        seen.append(1)

    seen: list[int] = []
    shown = samples.pts[samples.shown]
    missing = int((shown == NO_PTS).sum())
    alike = len(shown) - len(np.unique(shown))
    if missing or alike:
        what = (
            f"{missing} of its frames have no timestamp"
            if missing
            else f"{alike} timestamps are there twice"
        )
        problems.append(
            Problem(
                "timestamps" if missing else "duplicate",
                f"{what[0].upper()}{what[1:]}: frames are counted as they are decoded.",
            )
        )
    else:
        index = SampleIndex(samples)
        head = _odd_head(index)
        if not tried and head is None:
            return Counted(index, 0, False, problems)
        stop = min(last, max(head or 0, _TRIED if tried else 0))
        came = decoded_samples(context, data, samples.key, 0, stop, url, look)
        expected = [int(one) for one in index.order if one <= stop]
        if came == expected:
            return Counted(index, rotation[0], False, problems)
        lost = sorted(set(expected) - set(came))
        if (
            head is not None
            and lost
            and lost[-1] <= head
            and came == [one for one in expected if one not in set(lost)]
        ):
            # They need pictures that were cut off before the beginning.
            samples.shown[lost] = False
            problems.append(
                Problem(
                    "cut", f"{numbered(len(lost), 'packet')} at its beginning cannot be decoded."
                )
            )
            return Counted(SampleIndex(samples), rotation[0], False, problems)
    seen.clear()
    came = decoded_samples(context, data, samples.key, 0, last, url, look)
    order = np.array(list(dict.fromkeys(came)), dtype=np.int64)
    samples.shown[:] = False
    samples.shown[order] = True
    _fill(samples, order)
    return Counted(SampleIndex(samples, order), rotation[0], True, problems)


def _odd_head(index: SampleIndex) -> int | None:
    """Return the last sample of those that may need what was cut off; None where there are none."""
    keys = np.flatnonzero(index.samples.key)
    if not len(keys):
        return min(len(index.samples.pts) - 1, _TRIED)
    first = int(keys[0])
    begin = int(index.frames[first])
    if begin < 0:
        later = index.frames[first:]
        begin = int(later[later >= 0].min(initial=0))
    odd = index.order[:begin]
    if not len(odd) and first == 0:
        return None
    return max(int(odd.max(initial=0)), first)


def _fill(samples: Samples, order: np.ndarray[Any, np.dtype[np.int64]]) -> None:
    """Give frames without a timestamp one between those of their neighbours."""
    pts = samples.pts[order]
    known = np.flatnonzero(pts != NO_PTS)
    if len(known) == len(pts):
        return
    if len(known) == 0:
        samples.pts[order] = np.arange(len(order))
        return
    steps = np.diff(pts[known]) / np.diff(known) if len(known) > 1 else np.ones(1)
    step = max(1, round(float(np.median(steps))))
    places = np.arange(len(pts))
    filled = np.interp(places, known, pts[known]).round().astype(np.int64)
    filled[: known[0]] = pts[known[0]] - step * (known[0] - places[: known[0]])
    filled[known[-1] :] = pts[known[-1]] + step * (places[known[-1] :] - known[-1])
    samples.pts[order] = filled
