"""Messages that are too long for a websocket, put together from pieces.

A Jupyter server closes the websocket on a message of 10 MiB, without a word. A page offers what is
longer, is told which pieces are missing, and sends those; each answer says what is missing still.
So what a reload or a lost connection broke off goes on where it was, and a piece that comes twice
or out of order does no harm.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

from labelwidgets.errors import LimitError, LinkError

PIECE_BYTES = 4 * 1024 * 1024
# Of one upload, and of all that are on their way together.
MOST_BYTES = 256 * 1024 * 1024
MOST_UPLOADS = 8
# One of which nothing more comes is forgotten after so many seconds; a page offers it again.
PATIENCE = 600.0


@dataclass
class Upload:
    """One message on its way.

    Parameters
    ----------
    size
        Its bytes.
    checksum
        The CRC-32 of all of them.
    sender
        The view that sends it: another one, once its page was loaded again.
    heard
        When something of it came last.
    pieces
        Those that are here, by number.
    """

    size: int
    checksum: int
    sender: str
    heard: float
    pieces: dict[int, bytes] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many pieces there are in all."""
        return -(-self.size // PIECE_BYTES)

    def length(self, number: int) -> int:
        """Return the bytes that a piece must have."""
        return min(PIECE_BYTES, self.size - number * PIECE_BYTES)

    def missing(self) -> list[int]:
        """Return the numbers of the pieces that are not here."""
        return [number for number in range(self.count) if number not in self.pieces]


class Uploads:
    """The messages of one widget's pages that are on their way in pieces.

    Parameters
    ----------
    clock
        Returns seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._uploads: dict[str, Upload] = {}

    def offer(self, name: str, size: int, checksum: int, sender: str) -> list[int]:
        """Take note of an upload that is to come, or goes on; return the pieces that are missing.

        Raises
        ------
        LimitError
            If it is larger than any may be.
        LinkError
            If it is not what was offered by that name before, or too much is on its way already.
        """
        where = f"upload {name[:80]!r}"
        if not 0 < size <= MOST_BYTES:
            raise LimitError(f"has {size} bytes, at most {MOST_BYTES} are allowed.", where=where)
        now = self._clock()
        known = self._uploads.get(name)
        if known is not None:
            if (known.size, known.checksum) != (size, checksum):
                raise LinkError("is offered with another size or checksum.", where=where)
            known.heard, known.sender = now, sender
            return known.missing()
        for old in [old for old, it in self._uploads.items() if now - it.heard > PATIENCE]:
            del self._uploads[old]
        promised = sum(upload.size for upload in self._uploads.values())
        if len(self._uploads) >= MOST_UPLOADS or promised + size > MOST_BYTES:
            raise LinkError("has to wait: too much is on its way already.", where=where)
        self._uploads[name] = made = Upload(size, checksum, sender, now)
        return made.missing()

    def take(self, name: str, number: int, data: bytes) -> list[int] | None:
        """Keep a piece; return those that are missing still, or None where nothing was offered.

        Raises
        ------
        LinkError
            If there is no piece of that number, or it has another length.
        """
        upload = self._uploads.get(name)
        if upload is None:
            return None
        where = f"upload {name[:80]!r}, piece {number}"
        if not 0 <= number < upload.count:
            raise LinkError(f"is none of {upload.count}.", where=where)
        if len(data) != upload.length(number):
            raise LinkError(f"has {len(data)} bytes, not {upload.length(number)}.", where=where)
        upload.heard = self._clock()
        upload.pieces.setdefault(number, data)
        return upload.missing()

    def finish(self, name: str) -> tuple[bytes, str]:
        """Return the whole message and its sender, and forget it.

        Raises
        ------
        LinkError
            If its checksum is another: it has to be sent again.
        """
        upload = self._uploads.pop(name)
        whole = b"".join(upload.pieces[number] for number in range(upload.count))
        if zlib.crc32(whole) != upload.checksum:
            raise LinkError("arrived damaged.", where=f"upload {name[:80]!r}")
        return whole, upload.sender
