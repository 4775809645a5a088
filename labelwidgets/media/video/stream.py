"""One stream of a video file: its index, and its frames."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from labelwidgets.errors import ImageError, MissingExtraError, SourceError
from labelwidgets.media.access import Access
from labelwidgets.media.encoded import Encoded, encode_pixels
from labelwidgets.media.range_file import VIDEO
from labelwidgets.media.urls import masked
from labelwidgets.media.videos import Packet, VideoFacts


class VideoStream:
    """The frames of one stream of a video file.

    Parameters
    ----------
    url
        Canonical URL of the file.
    access
        Reads it.
    stream
        Which of its video streams, from 0.
    """

    def __init__(self, url: str, access: Access, stream: int = 0) -> None:
        self._url = url
        self._access = access
        self._stream = stream
        self._lock = threading.Lock()
        self._last: tuple[int, dict[int, npt.NDArray[np.uint8]]] | None = None
        self._read_index()

    @property
    def facts(self) -> VideoFacts:
        """What is known of the stream."""
        return self._facts

    @property
    def pts(self) -> npt.NDArray[np.int64]:
        """(frames,) presentation timestamps in the time base of the stream, rising."""
        return self._pts

    @property
    def keys(self) -> npt.NDArray[np.int64]:
        """Rising indices of the frames that decoding can begin with, in the order of showing."""
        return self._keys

    @property
    def time_base(self) -> Fraction:
        """Seconds of a unit of timestamps."""
        return self._facts.time_base

    def __len__(self) -> int:
        """Return the number of frames."""
        return len(self._pts)

    def __getitem__(self, frame: int) -> npt.NDArray[np.uint8]:
        """Return a frame as it is shown, (H, W, 3) RGB."""
        index = self._check(frame)
        start, stop = self._group(index)
        with self._lock:
            if self._last is None or self._last[0] != start:
                self._last = start, self._decode(start, stop)
            return self._last[1][index]

    def encoded(self, frame: int) -> Encoded:
        """Return a frame for the browser, as a picture without loss."""
        return encode_pixels(self[frame])

    def packets(self, frame: int) -> list[Packet]:
        """Return the group of pictures that a frame is in, in the order of decoding."""
        start, stop = self._group(self._check(frame))
        found: list[Packet] = []
        with self._open() as (container, stream):
            container.seek(int(self._pts[start]), stream=stream, backward=True, any_frame=False)
            for packet in container.demux(stream):
                if packet.pts is None:
                    continue
                at = int(np.searchsorted(self._pts, packet.pts))
                if packet.is_keyframe and at >= stop:
                    break
                if found or (packet.is_keyframe and packet.pts == self._pts[start]):
                    found.append(
                        Packet(
                            at, packet.pts, packet.duration or 0, packet.is_keyframe, bytes(packet)
                        )
                    )
        return found

    def _check(self, frame: int) -> int:
        if isinstance(frame, bool) or not isinstance(frame, int | np.integer):
            raise TypeError(f"the index of a frame must be a whole number, not {frame!r}")
        index = int(frame) + (len(self) if frame < 0 else 0)
        if not 0 <= index < len(self):
            raise IndexError(f"frame {frame} of a video of {len(self)}")
        return index

    def _group(self, index: int) -> tuple[int, int]:
        place = int(np.searchsorted(self._keys, index, side="right"))
        stop = self._keys[place] if place < len(self._keys) else len(self)
        return int(self._keys[max(0, place - 1)]), int(stop)

    def _decode(self, start: int, stop: int) -> dict[int, npt.NDArray[np.uint8]]:
        found: dict[int, npt.NDArray[np.uint8]] = {}
        with self._open() as (container, stream):
            container.seek(int(self._pts[start]), stream=stream, backward=True, any_frame=False)
            for picture in container.decode(stream):
                at = int(np.searchsorted(self._pts, picture.pts))
                if at >= stop:
                    break
                found[at] = picture.to_ndarray(format="rgb24")
        return found

    def _read_index(self) -> None:
        pts, keys = [], []
        with self._open() as (container, stream):
            for packet in container.demux(stream):
                if packet.pts is not None:
                    pts.append(packet.pts)
                    if packet.is_keyframe:
                        keys.append(packet.pts)
            context = stream.codec_context
            self._pts = np.sort(np.array(pts, dtype=np.int64))
            self._keys = np.searchsorted(self._pts, np.sort(np.array(keys, dtype=np.int64)))
            data = bytes(context.extradata or b"")
            self._facts = VideoFacts(
                width=context.width,
                height=context.height,
                rotation=0,
                codec=context.name,
                time_base=stream.time_base,
                rate=stream.average_rate,
                decoder=_decoder(context.name, data),
                description=data,
            )

    @contextmanager
    def _open(self) -> Iterator[tuple[Any, Any]]:
        try:
            import av
        except ImportError:
            raise MissingExtraError(
                "needs the package av, which is not installed.",
                where=masked(self._url),
                hint='pip install "labelwidgets[video]"',
            ) from None
        with self._access.open(self._url, VIDEO) as file:
            try:
                with av.open(file) as container:
                    if self._stream >= len(container.streams.video):
                        raise SourceError("has no such stream.", where=masked(self._url))
                    yield container, container.streams.video[self._stream]
            except av.FFmpegError as error:
                raise ImageError(f"is damaged ({error}).", where=masked(self._url)) from error


def _decoder(codec: str, data: bytes) -> str | None:
    if codec == "h264" and len(data) > 3 and data[0] == 1:
        return f"avc1.{data[1]:02x}{data[2]:02x}{data[3]:02x}"
    return None
