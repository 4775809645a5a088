"""Deflated data sets, inflated as far as they are read and no further than the limits allow."""

from __future__ import annotations

import zlib
from collections.abc import Callable

from labelwidgets.errors import ImageError, LimitError
from labelwidgets.media.limits import Limits

# Free of the ratio, as of all deflated data: see `Limits`.
_FREE = 64 << 20
_STEP = 1 << 20


_SYNTAX = b"1.2.840.10008.1.2.1.99"


def is_deflated(head: bytes) -> bool:
    """Say whether a file that begins so is deflated, by its meta information."""
    return head[128:132] == b"DICM" and _SYNTAX in head[132 : min(_start(head), 1 << 16)]


def _start(head: bytes) -> int:
    # The group of meta information, which begins with its length, names the syntax (PS3.10, 7.1).
    return 144 + int.from_bytes(head[140:144], "little")


def check_inflated(data: bytes, where: str, limits: Limits) -> None:
    """Raise unless a file that is held whole, if it is deflated, becomes no larger than allowed.

    pydicom inflates without a bound.

    Raises
    ------
    ImageError
        If it is deflated and damaged.
    LimitError
        If it becomes larger than the limits allow.
    """
    if not is_deflated(data):
        return
    start = _start(data)

    def fetch(begin: int, count: int) -> bytes:
        return data[begin : begin + count]

    Inflated(fetch, start, limits, where).fetch(0, limits.file_bytes)


class Inflated:
    """The data set of a file in the deflated transfer syntax (PS3.5 A.5).

    Parameters
    ----------
    fetch
        Returns bytes of the file from a position: fewer only where it ends.
    start
        Where the deflated bytes begin.
    limits
        Bounds on what becomes of them.
    where
        The name that errors give to the file.

    Raises
    ------
    ImageError
        When what is fetched is damaged.
    LimitError
        When it becomes larger than the limits allow.
    """

    def __init__(
        self, fetch: Callable[[int, int], bytes], start: int, limits: Limits, where: str
    ) -> None:
        self._fetch, self._start, self._limits, self._where = fetch, start, limits, where
        self._read = 0
        self._left = b""
        self._data = bytearray()
        # Raw, without the header of zlib.
        self._inflater = zlib.decompressobj(-zlib.MAX_WBITS)

    def fetch(self, start: int, count: int) -> bytes:
        """Return bytes of the inflated data set: fewer only where it ends."""
        self._grow(start + count)
        return bytes(self._data[start : start + count])

    def _grow(self, stop: int) -> None:
        while len(self._data) < stop and not self._inflater.eof:
            if not self._left:
                self._left = self._fetch(self._start + self._read, _STEP)
                self._read += len(self._left)
                if not self._left:
                    raise ImageError("ends within its deflated data.", where=self._where)
            try:
                made = self._inflater.decompress(self._left, _STEP)
            except zlib.error:
                raise ImageError("has damaged deflated data.", where=self._where) from None
            self._left = self._inflater.unconsumed_tail
            self._data += made
            self._check()

    def _check(self) -> None:
        size, limits = len(self._data), self._limits
        if size > min(limits.file_bytes, max(_FREE, limits.inflate_ratio * self._read)):
            raise LimitError(
                f"becomes {size} bytes and more when it is inflated, from {self._read}.",
                where=self._where,
                hint="If the file is genuine, pass limits=Limits(inflate_ratio=..., "
                "file_bytes=...).",
            )
