"""The bytes of samples, fetched in as few requests as will do and kept for a while."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, Protocol

from labelwidgets.errors import ImageError
from labelwidgets.media.cancellation import current
from labelwidgets.media.places import Place
from labelwidgets.media.ranges import fetch_ranges
from labelwidgets.media.urls import masked
from labelwidgets.media.video.containers import damage
from labelwidgets.media.video.packet_scan import NO_PTS
from labelwidgets.media.video.samples import Samples

# Of groups of pictures that are gone back and forth in.
_KEPT = 1 << 25
# So many bytes are asked for at a time: enough to be quick, and given up on soon.
_PIECE = 1 << 22
# What is read beyond a frame where frames are shown one after the other, at first.
_AHEAD = 1 << 17


class SampleBytes(Protocol):
    """Where the bytes of samples come from."""

    def load(self, first: int, last: int, /) -> list[bytes]:
        """Return the bytes of the samples from one to another."""


class Located:
    """Samples that lie in one piece each.

    Parameters
    ----------
    place
        The file.
    samples
        Where they lie in it.
    """

    def __init__(self, place: Place, samples: Samples) -> None:
        self._place = place
        self._position, self._size = samples.position, samples.size

    def load(self, first: int, last: int) -> list[bytes]:
        """Return the bytes of the samples from one to another.

        Raises
        ------
        ImageError
            If the file has become shorter.
        """
        starts = self._position[first : last + 1].tolist()
        sizes = self._size[first : last + 1].tolist()
        ranges = [(start, start + size) for start, size in zip(starts, sizes, strict=True)]
        found = fetch_ranges(self._place, ranges)
        if any(len(data) < size for data, size in zip(found, sizes, strict=True)):
            raise ImageError(
                "has become shorter since it was opened.", where=masked(self._place.url)
            )
        return found


class Demuxed:
    """Samples that lie in pieces among others, as in transport streams: FFmpeg puts them together.

    Parameters
    ----------
    container, stream
        Opened, and kept for this alone.
    samples
        What a scan has found of them.
    url
        Of the file, for errors.
    """

    def __init__(self, container: Any, stream: Any, samples: Samples, url: str) -> None:
        self._container, self._stream, self._url = container, stream, url
        self._samples = samples
        self._packets: Any = None
        self._next = -1

    def load(self, first: int, last: int) -> list[bytes]:
        """Return the bytes of the samples from one to another."""
        with damage(self._url):
            if first != self._next:
                self._go(first)
            found = []
            for _ in range(first, last + 1):
                packet = self._take()
                if packet is None:
                    self._next = -1
                    raise ImageError(
                        "has other packets than when it was opened.", where=masked(self._url)
                    )
                found.append(bytes(packet))
            self._next = last + 1
            return found

    def _take(self) -> Any:
        wanted = current()
        if wanted is not None:
            wanted.check()
        for packet in self._packets:
            if packet.size:
                return packet
        return None

    def _go(self, sample: int) -> None:
        """Let the next packet be that of a sample."""
        self._next = -1
        # Timestamps lead near it; from there on packets are told by their timestamp and size.
        back = 0
        for _ in range(4):
            anchor = sample - back
            while anchor > 0 and self._samples.pts[anchor] == NO_PTS:
                anchor -= 1
            if anchor <= 0:
                break
            self._container.seek(int(self._samples.pts[anchor]), stream=self._stream, backward=True)
            self._packets = iter(self._container.demux(self._stream))
            at = self._find(sample)
            if at is not None and self._skip(sample - at):
                return
            back = back * 4 + 64
        self._container.seek(0, any_frame=True)
        self._packets = iter(self._container.demux(self._stream))
        self._skip(sample)

    def _find(self, sample: int) -> int | None:
        """Return which sample the packets go on with, None where that is not known or beyond."""
        packet = self._peek()
        if packet is None or packet.pts is None:
            return None
        same = (self._samples.pts[: sample + 1] == packet.pts) & (
            self._samples.size[: sample + 1] == packet.size
        )
        places = same.nonzero()[0]
        return int(places[0]) if len(places) == 1 else None

    def _peek(self) -> Any:
        packet = self._take()
        if packet is not None:
            from itertools import chain

            self._packets = chain([packet], self._packets)
        return packet

    def _skip(self, count: int) -> bool:
        return all(self._take() is not None for _ in range(count))


class KeptBytes:
    """The bytes of samples, those that were used last being kept.

    Parameters
    ----------
    source
        Where they come from.
    sizes
        (samples,) how many bytes each has.
    """

    def __init__(self, source: SampleBytes, sizes: Sequence[int]) -> None:
        self._source, self._sizes = source, sizes
        self._kept: OrderedDict[int, bytes] = OrderedDict()
        self._held = 0
        self._ahead = _AHEAD
        self._end = -1

    def get(self, sample: int, last: int) -> bytes:
        """Return the bytes of a sample, and fetch those up to another one with it if need be."""
        known = self._kept.get(sample)
        if known is None:
            known = self._fetch(sample, last)
        else:
            self._kept.move_to_end(sample)
        return known

    def run(self, first: int, last: int) -> list[bytes]:
        """Return the bytes of the samples from one to another."""
        return [self.get(sample, last) for sample in range(first, last + 1)]

    def _fetch(self, sample: int, last: int) -> bytes:
        following = sample == self._end
        # Where one piece follows the other, somebody is going through the video.
        self._ahead = min(2 * self._ahead, _PIECE) if following else _AHEAD
        stop, total = sample, 0
        while stop < len(self._sizes) and stop not in self._kept:
            total += int(self._sizes[stop])
            wanted = total <= _PIECE if stop <= last else following and total <= self._ahead
            if stop > sample and not wanted:
                break
            stop += 1
        found = self._source.load(sample, stop - 1)
        for number, data in enumerate(found, sample):
            self._kept[number] = data
            self._held += len(data)
        self._end = stop
        while self._held > _KEPT and len(self._kept) > len(found):
            _, gone = self._kept.popitem(last=False)
            self._held -= len(gone)
        return found[0]
