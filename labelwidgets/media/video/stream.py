"""One stream of a video file: its frames, counted and decoded when they are asked for."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from labelwidgets.errors import ImageError, LimitError
from labelwidgets.media.access import Access
from labelwidgets.media.cancellation import current
from labelwidgets.media.encoded import Encoded, encode_pixels
from labelwidgets.media.urls import is_local, masked
from labelwidgets.media.video.containers import damage
from labelwidgets.media.video.decoding import Decoder
from labelwidgets.media.video.frame_cache import FrameCache
from labelwidgets.media.video.opening import Opened, open_stream
from labelwidgets.media.video.packet_scan import Progress
from labelwidgets.media.video.rotation import turned
from labelwidgets.media.videos import Packet, VideoFacts

# Of decoded frames: 30 of 1080p.
_CACHE = 96 << 20
# Frames before the one that is asked for, which may be asked for next; and how many it is worth
# to have where somebody is going back.
_BEFORE, _GOING_BACK = 2, 24
# Beyond, a browser is not sent a group of pictures: it could not hold it either.
GROUP_BYTES = 64 << 20


class VideoStream:
    """The frames of one stream of a video file. Safe from several threads.

    Frames are counted from 0 in the order in which they are shown; they are those of a full
    sequential decode, bit for bit, whichever way they are come by.

    Parameters
    ----------
    url
        Canonical URL of the file.
    access
        Reads it.
    stream
        Which of its video streams, from 0; cover pictures are not counted.
    progress
        Called with bytes read and bytes in all while a file without tables is read through.

    Raises
    ------
    ImageError
        If it is no video, or damaged so that nothing of it can be shown.
    MissingExtraError
        If PyAV is not installed.
    SourceError
        If it cannot be read, or has no such stream.
    LimitError
        If its frames are larger than the limits allow.
    """

    def __init__(
        self, url: str, access: Access, stream: int = 0, progress: Progress | None = None
    ) -> None:
        self._url = url
        self._lock = threading.Lock()
        self._cache = FrameCache(_CACHE)
        opened = open_stream(access.place(url), stream, access.limits, progress)
        self._opened: Opened = opened
        self._index, self._data = opened.index, opened.data
        self._facts = _bounded(opened)
        self._measured = False
        self._shown_last = -1
        self._converter: Any = None
        self._decoder = Decoder(opened.context, opened.index, opened.data, url)
        if is_local(url):
            # What a container says of the size is not always so; from afar it is believed at first.
            self._measure()

    @property
    def facts(self) -> VideoFacts:
        """What is known of the stream."""
        return self._facts

    @property
    def pts(self) -> npt.NDArray[np.int64]:
        """(frames,) presentation timestamps in the time base of the stream, rising."""
        return self._index.pts

    @property
    def keys(self) -> npt.NDArray[np.int64]:
        """Rising indices of the frames that decoding can begin with, in the order of showing."""
        return self._index.keys

    @property
    def time_base(self) -> Fraction:
        """Seconds of a unit of timestamps."""
        return self._facts.time_base

    def __len__(self) -> int:
        """Return the number of frames."""
        return len(self._index)

    def __getitem__(self, frame: int) -> npt.NDArray[np.uint8]:
        """Return a frame as it is shown, (H, W, 3) RGB."""
        index = self._check(frame)
        with self._turn():
            picture = self._decoded(index)
            self._shown_last = index
            return self._shown(picture)

    def encoded(self, frame: int) -> Encoded:
        """Return a frame for the browser, as a picture without loss."""
        return encode_pixels(self[frame])

    def packets(self, frame: int) -> list[Packet]:
        """Return the group of pictures that a frame is in, in the order of decoding.

        It begins with a key frame. Frames that are shown before that and lie behind it (of an open
        group) are in the group before, whose last packets they are, behind the key frame of the
        next group. So every packet here with a `frame` can be shown from this group alone.

        Raises
        ------
        LimitError
            If it is so long that no browser could hold it.
        """
        number = self._index.number(self._check(frame))
        group = self._index.nth_group(number)
        if self._index.group_bytes()[number] > GROUP_BYTES:
            raise LimitError(
                f"has a group of pictures of more than {GROUP_BYTES >> 20} MB.",
                where=masked(self._url),
            )
        with self._turn():
            data = self._data.run(group.first, group.last)
        samples, frames, pts = self._index.samples, self._index.frames, self._index.pts
        found: list[Packet] = []
        for sample, content in enumerate(data, group.first):
            shown = int(frames[sample])
            if 0 <= shown < group.start:
                continue
            at = int(pts[shown]) if shown >= 0 else int(samples.pts[sample])
            duration = self._duration(shown) if shown >= 0 else 0
            found.append(
                Packet(
                    shown if shown >= 0 else None,
                    at,
                    duration,
                    bool(samples.key[sample]) or sample == group.first,
                    content,
                )
            )
        return found

    def sequential(self) -> Iterator[tuple[int | None, npt.NDArray[np.uint8]]]:
        """Yield timestamp and pixels of each frame as a plain decode of all the file has them.

        FFmpeg reads and decodes the file by itself; neither index nor tables of ours are used.
        """
        with self._opened.again() as (container, stream), damage(self._url):
            wanted = current()
            for picture in container.decode(stream):
                if wanted is not None:
                    wanted.check()
                with self._turn():
                    pixels = self._shown(picture)
                yield picture.pts, pixels

    def _duration(self, frame: int) -> int:
        pts = self._index.pts
        if frame + 1 < len(pts):
            return int(pts[frame + 1] - pts[frame])
        return int(np.median(np.diff(pts))) if len(pts) > 1 else 0

    def _check(self, frame: int) -> int:
        if isinstance(frame, bool) or not isinstance(frame, int | np.integer):
            raise TypeError(f"the index of a frame must be a whole number, not {frame!r}")
        index = int(frame) + (len(self) if frame < 0 else 0)
        if not 0 <= index < len(self):
            raise IndexError(f"frame {frame} of a video of {len(self)}")
        return index

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Wait for the decoder, but not longer than it is wanted."""
        wanted = current()
        while not self._lock.acquire(timeout=-1 if wanted is None else 0.05):
            if wanted is not None:
                wanted.check()
        try:
            yield
        finally:
            self._lock.release()

    def _decoded(self, frame: int) -> Any:
        known = self._cache.get(frame)
        if known is not None:
            return known
        size = self._facts.width * self._facts.height * 3 // 2
        back = 0 < self._shown_last - frame <= _GOING_BACK
        before = _GOING_BACK if back else _BEFORE
        since = frame - min(before, max(0, self._cache.room(size) * 3 // 4 - 1))
        came: list[Any] = []

        def take(shown: int, picture: Any) -> None:
            # Not those that were only needed on the way: decoders use their memory again.
            if shown >= since:
                self._cache.keep(shown, picture)
            if shown == frame:
                came.append(picture)

        self._decoder.decode(frame, since, take)
        # Those that came beside it are not used later than it.
        self._cache.keep(frame, came[-1])
        return came[-1]

    def _shown(self, picture: Any) -> npt.NDArray[np.uint8]:
        if not self._measured:
            self._believe(picture)
        if self._converter is None:
            from av.video.reformatter import VideoReformatter

            self._converter = VideoReformatter()
        size = self._facts.width, self._facts.height
        width, height = size if self._facts.rotation % 180 == 0 else size[::-1]
        same = (picture.width, picture.height) == (width, height)
        rgb = (
            self._converter.reformat(picture, format="rgb24")
            if same
            else self._converter.reformat(picture, width, height, "rgb24")
        )
        pixels: npt.NDArray[np.uint8] = rgb.to_ndarray()
        return turned(pixels, self._facts.rotation, self._opened.mirrored)

    def _measure(self) -> None:
        try:
            self._believe(self._decoded(0))
        except ImageError:
            # Said when it is asked for; others can be seen.
            return

    def _believe(self, picture: Any) -> None:
        """Take the size from the first frame that was decoded."""
        self._measured = True
        self._opened.limits.check_pixels(picture.width, picture.height, masked(self._url))
        width, height = picture.width, picture.height
        if self._facts.rotation % 180:
            width, height = height, width
        if (width, height) != (self._facts.width, self._facts.height):
            self._facts = replace(self._facts, width=width, height=height)


def _bounded(opened: Opened) -> VideoFacts:
    """Return facts without a decoder for browsers where a group is too long for them."""
    if int(opened.index.group_bytes().max(initial=0)) > GROUP_BYTES:
        return replace(opened.facts, decoder=None, description=b"")
    return opened.facts
