"""The samples of a stream in the order of decoding, and which frames they become."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt


class Samples(NamedTuple):
    """What a container says of the packets of a stream, in the order of decoding.

    Parameters
    ----------
    pts
        (samples,) presentation timestamps in the time base of the stream.
    key
        (samples,) whether decoding can begin with it.
    shown
        (samples,) whether it becomes a frame; others are decoded for frames that need them.
    position, size
        (samples,) where their bytes lie in the file; -1 where they do not lie in one piece.
    """

    pts: npt.NDArray[np.int64]
    key: npt.NDArray[np.bool_]
    shown: npt.NDArray[np.bool_]
    position: npt.NDArray[np.int64]
    size: npt.NDArray[np.int64]

    @property
    def located(self) -> bool:
        """Whether the bytes of each lie in one piece, and it is known where."""
        return bool((self.position >= 0).all())


@dataclass(frozen=True, slots=True)
class Group:
    """Frames that are decoded from one key sample on, without what lies before it.

    Parameters
    ----------
    first, last
        The key sample, and the last one that its frames need.
    start, stop
        Its frames, in the order of showing, from the first one up to that of the next group. Frames
        that lie behind a key sample but are shown before it (of an open group of pictures)
        belong to the group before, whose pictures they need.
    """

    first: int
    last: int
    start: int
    stop: int


class SampleIndex:
    """Frames in the order of showing, and the groups that they are decoded in.

    Parameters
    ----------
    samples
        In the order of decoding.
    order
        (frames,) sample of each frame in the order of showing, where that is known from decoding;
        by their timestamps where None.

    Attributes
    ----------
    order : ndarray
        (frames,) sample of each frame.
    frames : ndarray
        (samples,) frame of each sample, -1 where it is not shown.
    pts : ndarray
        (frames,) presentation timestamps.
    """

    def __init__(self, samples: Samples, order: npt.NDArray[np.int64] | None = None) -> None:
        self.samples = samples
        shown = np.flatnonzero(samples.shown)
        if order is None:
            # Two with one timestamp are shown in the order of decoding.
            order = shown[np.argsort(samples.pts[shown], kind="stable")]
        self.order = order
        self.pts = samples.pts[order]
        self.frames = np.full(len(samples.pts), -1, dtype=np.int64)
        self.frames[order] = np.arange(len(order))
        self._first, self._start = self._begins()
        ends = np.append(self._start[1:], len(order))
        self._last = np.array(
            [
                order[start:stop].max(initial=first)
                for first, start, stop in zip(self._first, self._start, ends, strict=True)
            ],
            dtype=np.int64,
        )
        self._stop = ends

    def __len__(self) -> int:
        return len(self.order)

    @property
    def keys(self) -> npt.NDArray[np.int64]:
        """(groups,) the first frame of each group."""
        return self._start

    @property
    def reordering(self) -> int:
        """How many samples a frame is decoded earlier than it is shown, at most."""
        lead = self.frames[self.order] - np.argsort(np.argsort(self.order))
        return int(np.clip(lead.max(initial=0), 0, 16))

    def group(self, frame: int) -> Group:
        """Return the group that a frame is decoded in."""
        return self.nth_group(int(np.searchsorted(self._start, frame, side="right")) - 1)

    def nth_group(self, number: int) -> Group:
        """Return a group by its number."""
        return Group(
            int(self._first[number]),
            int(self._last[number]),
            int(self._start[number]),
            int(self._stop[number]),
        )

    def number(self, frame: int) -> int:
        """Return the number of the group that a frame is decoded in."""
        return int(np.searchsorted(self._start, frame, side="right")) - 1

    def group_bytes(self) -> npt.NDArray[np.int64]:
        """Return (groups,) how many bytes the packets of each have."""
        sums = np.append(0, np.cumsum(self.samples.size))
        return np.asarray(sums[self._last + 1] - sums[self._first])

    def _begins(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return the sample that each group begins with, and its first frame."""
        keys = np.flatnonzero(self.samples.key)
        starts = self.frames[keys]
        # Of a key that is not shown, the first frame that is shown behind it.
        hidden = starts < 0
        rising = np.maximum.accumulate(self.pts) if len(self.pts) else self.pts
        starts[hidden] = np.searchsorted(rising, self.samples.pts[keys[hidden]])
        firsts: list[int] = [0]
        begins: list[int] = [0]
        for first, start in zip(keys.tolist(), starts.tolist(), strict=True):
            if start >= len(self.order) or start < begins[-1]:
                continue
            if start == begins[-1]:
                # Nothing is shown of what lies before it, unless it is the very beginning.
                if len(begins) > 1 or not (self.frames[:first] >= 0).any():
                    firsts[-1] = first
            else:
                firsts.append(first)
                begins.append(start)
        return np.array(firsts, dtype=np.int64), np.array(begins, dtype=np.int64)
