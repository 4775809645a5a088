"""A decoder that stays open: it goes on where that is nearer than beginning anew."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from labelwidgets.errors import ImageError
from labelwidgets.media.cancellation import current
from labelwidgets.media.urls import masked
from labelwidgets.media.video.containers import import_av
from labelwidgets.media.video.sample_bytes import KeptBytes
from labelwidgets.media.video.samples import SampleIndex

_THREADS = 8
# A frame that has not come so many samples behind its own comes no more by itself.
_PATIENCE = 64

Take = Callable[[int, Any], object]
"""Called with the index of each frame that comes, and the frame as it was decoded."""


class Decoder:
    """Decodes samples of one stream. To be used by one thread at a time.

    A sample is handed over with its number in place of its timestamp, so that each frame says by
    itself which one it is, whatever the file says of times.

    Parameters
    ----------
    context
        Codec context of the stream, not opened yet.
    index
        Its samples and frames.
    data
        The bytes of its samples.
    url
        Of the file, for errors.
    """

    def __init__(self, context: Any, index: SampleIndex, data: KeptBytes, url: str) -> None:
        self._av = import_av(masked(url))
        self._context, self._index, self._data, self._url = context, index, data, url
        threads = min(_THREADS, os.cpu_count() or 1)
        if not context.is_open:
            context.thread_type, context.thread_count = "AUTO", threads
            if context.name == "h264":
                # Else it would guess from the first frames, and drop those that come too late.
                context.reorder_depth = max(context.reorder_depth, index.reordering)
        self._delay = threads + index.reordering
        # The next sample; None where the decoder has to begin anew.
        self._next: int | None = None
        # Frames before this one would need what was before the key sample.
        self._valid = 0
        self._first = 0
        self._skipping: str | None = None
        # Frames whose samples went in and that have not come yet.
        self._inside: set[int] = set()

    def decode(self, frame: int, since: int, take: Take) -> None:
        """Decode until a frame has come.

        Parameters
        ----------
        frame
            Which one.
        since
            From this frame on those before it are wanted too; others are left out as far as
            nothing refers to them.
        take
            What to do with frames that come.

        Raises
        ------
        ImageError
            If it cannot be decoded.
        GivenUpError
            If nobody wants it any more.
        """
        number = self._index.number(frame)
        if self._reachable(frame, number) and self._run(frame, since, take):
            return
        # What a key sample promises, not every file keeps: then from the one before.
        for back in range(number, -1, -1):
            if number - back > 4 and back > 0:
                continue
            self._begin(back)
            if self._run(frame, since, take):
                return
        raise ImageError(f"is damaged: frame {frame} cannot be decoded.", where=masked(self._url))

    def _reachable(self, frame: int, number: int) -> bool:
        if self._next is None or frame < self._valid:
            return False
        if frame in self._inside:
            return True
        sample, first = int(self._index.order[frame]), self._index.nth_group(number).first
        # A few more samples cost less than emptying the decoder and filling it again.
        return self._next <= sample and self._next >= first - self._delay

    def _begin(self, number: int) -> None:
        group = self._index.nth_group(number)
        if self._context.is_open:
            self._context.flush_buffers()
        self._next, self._first, self._valid = group.first, group.first, group.start
        self._inside.clear()

    def _run(self, frame: int, since: int, take: Take) -> bool:
        """Feed samples until a frame has come; return whether it has."""
        index, context = self._index, self._context
        target = int(index.order[frame])
        total = len(index.samples.pts)
        plan = min(total - 1, target + self._delay)
        found, wanted = False, current()
        while not found:
            if wanted is not None:
                wanted.check()
            sample = self._next
            if sample is None or sample >= total or sample > target + _PATIENCE:
                found = self._drain(frame, take)
                break
            shown = int(index.frames[sample])
            if 0 <= shown < self._valid:
                # It needs what lies before the key sample: it would come out wrong.
                self._next = sample + 1
                continue
            data = self._data.get(sample, plan)
            kept = shown >= since
            self._skip("DEFAULT" if kept else "NONREF")
            packet = _packet(self._av, data, sample, bool(index.samples.key[sample]))
            self._next = sample + 1
            if shown >= 0 and kept:
                self._inside.add(shown)
            try:
                frames = context.decode(packet)
            except self._av.FFmpegError:
                # What else is in the file can still be seen.
                self._inside.discard(shown)
                continue
            found = self._hand_over(frames, frame, take)
        return found

    def _drain(self, frame: int, take: Take) -> bool:
        self._next = None
        try:
            frames = self._context.decode(None)
        except self._av.FFmpegError:
            return False
        return self._hand_over(frames, frame, take)

    def _hand_over(self, frames: list[Any], wanted: int, take: Take) -> bool:
        found = False
        for one in frames:
            if one.pts is None or not 0 <= one.pts < len(self._index.frames):
                continue
            shown = int(self._index.frames[one.pts])
            self._inside.discard(shown)
            if shown >= self._valid:
                take(shown, one)
                found = found or shown == wanted
        return found

    def _skip(self, what: str) -> None:
        if what != self._skipping:
            self._context.skip_frame = what
            self._skipping = what


def decoded_samples(
    context: Any,
    data: KeptBytes,
    key: Any,
    first: int,
    last: int,
    url: str,
    take: Take | None = None,
) -> list[int]:
    """Return which of some samples become frames, in the order in which those come.

    The decoder is empty afterwards.

    Parameters
    ----------
    context
        Codec context of the stream.
    data
        The bytes of its samples.
    key
        (samples,) whether decoding can begin with each.
    first, last
        The samples that are decoded.
    url
        Of the file, for errors.
    take
        Called with the sample of each frame, and the frame.
    """
    av = import_av(masked(url))
    wanted = current()
    came: list[int] = []
    if not context.is_open:
        context.thread_type, context.thread_count = "AUTO", min(_THREADS, os.cpu_count() or 1)
    for sample in range(first, last + 2):
        if wanted is not None:
            wanted.check()
        packet = None
        if sample <= last:
            packet = _packet(av, data.get(sample, last), sample, bool(key[sample]))
        try:
            frames = context.decode(packet)
        except av.FFmpegError:
            continue
        for one in frames:
            if one.pts is None or not first <= one.pts <= last:
                continue
            came.append(one.pts)
            if take is not None:
                take(one.pts, one)
    if context.is_open:
        context.flush_buffers()
    return came


def _packet(av: Any, data: bytes, sample: int, key: bool) -> Any:
    # By its size first: around bytes as they are there would not be the zeros behind the end that
    # decoders read on into.
    packet = av.Packet(len(data))
    packet.update(data)
    packet.pts = packet.dts = sample
    packet.is_keyframe = key
    return packet
