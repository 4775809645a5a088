"""Reading the headers of a tar archive, and of what lies between them as little as is quick."""

from __future__ import annotations

from labelwidgets.media.places import Place
from labelwidgets.media.ranges import fetch_ranges

# Between headers further apart than this, a request is sooner there than the bytes.
JUMP = 1 << 17
# Slices of a scan are all of one size, so that it is known where the next headers are.
_EVEN = 1 << 15
_MOST_GUESSED = 64
_STREAM = 8 << 20
_LEAST = 512


class HeaderJumps:
    """Bytes at growing offsets: jumped to where they are far apart, else read through.

    Parameters
    ----------
    place
        Where the archive lies.
    size
        Its bytes.
    head
        Its first bytes, which are known already.
    """

    def __init__(self, place: Place, size: int, head: bytes) -> None:
        self._place, self._size = place, size
        self._blocks: dict[int, bytes] = {0: head}
        self._last = -1
        self._spans: list[int] = []
        self._reach = _LEAST
        self._stream = 1 << 16
        self._guesses = 1

    def begins(self, offset: int) -> None:
        """Hear where the headers of a member begin."""
        if self._last >= 0:
            self._spans = [*self._spans[-3:], offset - self._last]
        self._last = offset

    def read(self, offset: int, count: int) -> bytes:
        """Return bytes, fewer only at the end."""
        known = self._known(offset, count)
        if known is None:
            # How much stands before the data of a member: its name may take blocks of its own.
            self._reach = max(self._reach, min(offset + count - self._last, 1 << 13))
            self._fetch(offset, count)
            known = self._known(offset, count)
        return self._blocks[offset][:count] if known is None else known

    def _known(self, offset: int, count: int) -> bytes | None:
        for begin, data in self._blocks.items():
            if begin <= offset and offset + count <= begin + len(data):
                return data[offset - begin : offset - begin + count]
        return None

    def _fetch(self, offset: int, count: int) -> None:
        spans = self._spans
        span = spans[-1] if spans else 0
        even = len(spans) > 2 and len(set(spans)) == 1 and span >= _EVEN
        if even and offset == self._last:
            guessed = [offset + number * span for number in range(self._guesses)]
            starts = [start for start in guessed if start < self._size] or [offset]
            found = fetch_ranges(self._place, [(start, start + self._reach) for start in starts])
            self._blocks = dict(zip(starts, found, strict=True))
            self._guesses = min(2 * self._guesses, _MOST_GUESSED)
            return
        self._guesses = 1
        if spans and sum(spans) / len(spans) >= JUMP:
            want = max(count, self._reach if offset == self._last else 0)
        elif not spans:
            want = max(count, _LEAST)
        else:
            want, self._stream = max(count, self._stream), min(2 * self._stream, _STREAM)
        self._blocks = {offset: self._place.fetch(offset, offset + want)}
