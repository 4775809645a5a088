"""Deflated data (RFC 1951, 1952), read forwards, and from checkpoints on the way."""

from __future__ import annotations

import zlib
from bisect import bisect_right
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from labelwidgets.errors import LimitError
from labelwidgets.media.archives.archive import fault, member_of
from labelwidgets.media.limits import Limits
from labelwidgets.media.places import Place

if TYPE_CHECKING:
    from zlib import _Decompress

GZIP, RAW = 16 + zlib.MAX_WBITS, -zlib.MAX_WBITS
# What may be inflated whatever its ratio: a black picture is a thousandth of its size.
FREE = 64 << 20
# A checkpoint keeps the piece of input that it stands in, so pieces are small.
_PIECE = 1 << 14
_FIRST_FETCH, _FETCH = 1 << 16, 8 << 20
# Of some 60 kB each.
_MOST_CHECKPOINTS = 512
_STEP = 1 << 16


def check_ratio(stored: int, size: int, limits: Limits, archive: str, name: str) -> None:
    """Raise LimitError when data inflate to more than is plausible."""
    if size > FREE and size > limits.inflate_ratio * max(stored, 1):
        raise LimitError(
            f"inflates from {stored} bytes to {size} or more, "
            f"at most {limits.inflate_ratio} times as many are allowed.",
            where=member_of(archive, name),
            hint="If the archive is genuine, pass limits=Limits(inflate_ratio=...).",
        )


class Checkpoint(NamedTuple):
    """A place from which data can be inflated: plain bytes before it, deflated bytes before it."""

    position: int
    offset: int
    machine: _Decompress


class Inflater:
    """Reads deflated data forwards.

    Parameters
    ----------
    place
        Where the deflated data lie.
    limits
        Bounds on what they inflate to.
    wbits
        `GZIP` or `RAW`.
    name
        The member that errors name.
    start
        Where to begin; at the beginning where None.
    """

    def __init__(
        self,
        place: Place,
        limits: Limits,
        wbits: int,
        name: str = "",
        start: Checkpoint | None = None,
    ) -> None:
        self._place, self._limits, self._wbits, self._name = place, limits, wbits, name
        self._machine = zlib.decompressobj(wbits) if start is None else start.machine.copy()
        self.position = 0 if start is None else start.position
        self._offset = 0 if start is None else start.offset
        self._fetched, self._from = b"", self._offset
        self._ahead = _FIRST_FETCH
        self._ends = False
        self._streams = 1

    def checkpoint(self) -> Checkpoint:
        """Return a way back to here."""
        return Checkpoint(self.position, self._offset, self._machine.copy())

    def expect(self, offset: int) -> None:
        """Fetch up to an offset in the deflated data at once."""
        self._ahead = min(max(offset - self._offset, 1), _FETCH)

    def read(self, count: int) -> bytes:
        """Return the next bytes, fewer only at the end."""
        parts: list[bytes] = []
        while count > 0 and (part := self.some(count)):
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    def some(self, most: int) -> bytes:
        """Return up to `most` of the next bytes, nothing at the end."""
        while not self._machine.eof or self._next_stream():
            piece = self._peek(_PIECE)
            try:
                made = self._machine.decompress(piece, most)
            except zlib.error as error:
                raise self._fault(f"is damaged ({error}).") from None
            machine = self._machine
            self._offset += len(piece) - len(machine.unconsumed_tail) - len(machine.unused_data)
            if made:
                self.position += len(made)
                url = self._place.url
                check_ratio(self._offset, self.position, self._limits, url, self._name)
                return made
            if not piece and not machine.eof:
                raise self._fault("is cut short.", "Copy or download it again.")
        return b""

    def _next_stream(self) -> bool:
        """Go on with a stream that follows, as in files of several; False at the end."""
        if self._wbits != GZIP:
            return False
        while (piece := self._peek(_PIECE)) and not piece.strip(b"\0"):
            self._offset += len(piece)
        self._offset += len(piece) - len(piece.lstrip(b"\0"))
        head = self._peek(2)
        if not head:
            return False
        if head != b"\x1f\x8b":
            raise self._fault("has something behind its end that is no gzip data.")
        self._streams += 1
        self._limits.check_members(self._streams, self._place.url)
        self._machine = zlib.decompressobj(self._wbits)
        return True

    def _peek(self, count: int) -> bytes:
        begin = self._offset - self._from
        if begin + count > len(self._fetched) and not self._ends:
            rest = self._fetched[begin:]
            at, want = self._offset + len(rest), max(self._ahead, count - len(rest))
            more = self._place.fetch(at, at + want)
            self._ends = len(more) < want
            self._ahead = min(2 * self._ahead, _FETCH)
            self._fetched, self._from, begin = rest + more, self._offset, 0
        return self._fetched[begin : begin + count]

    def _fault(self, what: str, hint: str | None = None) -> Exception:
        return fault(self._place.url, self._name, what, hint)


class Inflated:
    """Deflated data as the plain ones, with checkpoints from where they were read before.

    Parameters
    ----------
    place, limits, wbits, name
        As of `Inflater`.
    url
        The canonical URL of the plain data.
    """

    def __init__(self, place: Place, limits: Limits, wbits: int, name: str, url: str) -> None:
        self._given = place, limits, wbits, name
        self.url = url
        self._lock = Lock()
        self._checkpoints: list[Checkpoint] = []
        self._step = _STEP
        self._size: int | None = None

    def forwards(self) -> Inflater:
        """Return a reader from the beginning."""
        return Inflater(*self._given)

    def keep(self, reader: Inflater) -> None:
        """Keep a checkpoint where a reader is, unless there is one close before it."""
        with self._lock:
            last = self._checkpoints[-1].position if self._checkpoints else -self._step
            if reader.position - last < self._step:
                return
            self._checkpoints.append(reader.checkpoint())
            if len(self._checkpoints) > _MOST_CHECKPOINTS:
                self._step *= 2
                del self._checkpoints[1::2]

    def size(self) -> int:
        """Return how many bytes there are; all are inflated, where nobody knows."""
        if self._size is None:
            reader = self._reader(1 << 62)
            while reader.some(_STEP):
                self.keep(reader)
            self._size = reader.position
        return self._size

    def fetch(self, start: int, stop: int) -> bytes:
        """Return a range of the plain bytes."""
        reader = self._reader(start)
        with self._lock:
            later = bisect_right(self._checkpoints, stop - 1, key=lambda point: point.position)
            if later < len(self._checkpoints):
                reader.expect(self._checkpoints[later].offset + _PIECE)
        while (gap := start - reader.position) > 0:
            if not reader.some(min(gap, _STEP)):
                return b""
            self.keep(reader)
        return reader.read(stop - start)

    def _reader(self, position: int) -> Inflater:
        with self._lock:
            before = bisect_right(self._checkpoints, position, key=lambda point: point.position)
            start = self._checkpoints[before - 1] if before else None
        return Inflater(*self._given, start=start)
