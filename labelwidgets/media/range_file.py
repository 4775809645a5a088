"""A file that is fetched by ranges, as far as it is read."""

from __future__ import annotations

import io
from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

from labelwidgets.media.places import Place

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class Plan(NamedTuple):
    """How a kind of file is read.

    Parameters
    ----------
    block
        Bytes of the blocks that are fetched; neighbours that are missing come in one request.
    kept
        How many blocks are kept, those that were read last.
    """

    block: int
    kept: int


HEADERS = Plan(block=1 << 16, kept=16)
"""Headers of pictures, indexes and directories: little, here and there."""
VIDEO = Plan(block=1 << 20, kept=24)
"""Groups of pictures: long runs, read once."""


class RangeFile(io.RawIOBase):
    """A file of which only those blocks are fetched that are read.

    Parameters
    ----------
    place
        Where it lies.
    plan
        Size and number of the blocks.
    """

    def __init__(self, place: Place, plan: Plan = HEADERS) -> None:
        super().__init__()
        self._place = place
        self._plan = plan
        self._position = 0
        self._size: int | None = None
        self._blocks: OrderedDict[int, bytes] = OrderedDict()

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def seekable(self) -> bool:
        """Say that it can be read from anywhere."""
        return True

    def tell(self) -> int:
        """Return the position in bytes."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a position; to one from the end, the size is asked for."""
        if whence == io.SEEK_END:
            offset += self._end()
        elif whence == io.SEEK_CUR:
            offset += self._position
        if offset < 0:
            raise ValueError(f"negative position {offset}")
        self._position = offset
        return offset

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fill a buffer and return how many bytes there were."""
        view = memoryview(buffer).cast("B")
        data = self._read(self._position, len(view))
        view[: len(data)] = data
        self._position += len(data)
        return len(data)

    def readall(self) -> bytes:
        """Return what is left."""
        data = self._read(self._position, max(0, self._end() - self._position))
        self._position += len(data)
        return data

    def _end(self) -> int:
        if self._size is None:
            self._size = self._place.size()
        return self._size

    def _read(self, start: int, count: int) -> bytes:
        block = self._plan.block
        if self._size is not None:
            count = min(count, self._size - start)
        if count <= 0:
            return b""
        first, last = start // block, (start + count - 1) // block
        blocks = self._gather(first, last)
        offset = start - first * block
        # Blocks are large, and most of what is read is small: they are not copied for it.
        data = blocks[0] if len(blocks) == 1 else b"".join(blocks)
        return data[offset : offset + count]

    def _gather(self, first: int, last: int) -> list[bytes]:
        """Return blocks, the missing ones fetched in runs."""
        block = self._plan.block
        found: dict[int, bytes] = {}
        missing: list[int] = []
        for number in range(first, last + 1):
            known = self._blocks.get(number)
            if known is None:
                missing.append(number)
            else:
                self._blocks.move_to_end(number)
                found[number] = known
        for begin, end in _runs(missing):
            data = self._place.fetch(begin * block, end * block)
            if len(data) < (end - begin) * block:
                self._size = begin * block + len(data)
            for number in range(begin, end):
                found[number] = data[(number - begin) * block : (number - begin + 1) * block]
                self._blocks[number] = found[number]
        while len(self._blocks) > self._plan.kept:
            self._blocks.popitem(last=False)
        return [found[number] for number in range(first, last + 1)]


def _runs(numbers: list[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number:
            runs[-1] = (runs[-1][0], number + 1)
        else:
            runs.append((number, number + 1))
    return runs
