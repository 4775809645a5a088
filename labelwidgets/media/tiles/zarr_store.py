"""Zarr's view of the one door through which bytes come."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator, Iterable
from contextvars import copy_context
from typing import NamedTuple

from zarr.abc.store import (
    ByteRequest,
    OffsetByteRequest,
    RangeByteRequest,
    Store,
    SuffixByteRequest,
)
from zarr.core.buffer import Buffer, BufferPrototype

from labelwidgets.errors import ImageError, LimitError, MissingFileError
from labelwidgets.media.access import Access
from labelwidgets.media.tiles.inflating import check_inflated

_JSON = ("zarr.json", ".zarray", ".zattrs", ".zgroup", ".zmetadata")
# Most bytes of the JSON that describes a group or an array.
_MOST_JSON = 16 << 20


class Chunks(NamedTuple):
    """How an array is stored.

    Parameters
    ----------
    decoded
        Bytes of the pixels of a chunk.
    in_shard
        How many chunks lie in one file, 0 where each is a file of its own.
    index_first
        Whether the index of such a file is its beginning, and not its end.
    codec
        What each is compressed by (see `check_inflated`).
    inner, outer
        Bytes of checksums that are compressed with the pixels, and that follow what is compressed.
    """

    decoded: int
    in_shard: int = 0
    index_first: bool = False
    codec: str = ""
    inner: int = 0
    outer: int = 0

    @property
    def stored(self) -> int:
        """Most bytes that a file may have."""
        return max(1, self.in_shard) * (2 * self.decoded + 16) + (1 << 16)

    def check(self, data: bytes, start: int, whole: bool, key: str) -> None:
        """Raise an error where chunks become larger than their pixels are.

        Parameters
        ----------
        data
            Of a file: all of it, or one chunk in a shard, or the index at the beginning of one.
        start, whole
            Where it begins, and whether it is all of the file.
        key
            The name of the file.
        """
        parts = [data]
        size = 16 * self.in_shard
        if self.in_shard and whole:
            # The index (Zarr v3, sharding codec 1.0): numbers, and 4 bytes of CRC-32C.
            index = data[:size] if self.index_first else data[-size - 4 : -4]
            parts = [data[at : at + count] for at, count in _pairs(index) if at < len(data)]
        elif self.index_first and start == 0:
            # No chunk lies there: what is read as the index would else be decoded unchecked.
            if any(at < size + 4 for at, _ in _pairs(data[:size])):
                raise ImageError("is damaged: a chunk lies in the index of its shard.", where=key)
            return
        for part in parts:
            stored = part[: max(0, len(part) - self.outer)]
            check_inflated(stored, self.codec, self.decoded + self.inner, key)


def _pairs(index: bytes) -> Iterable[tuple[int, int]]:
    return struct.iter_unpack("<2Q", index[: len(index) // 16 * 16])


class AccessStore(Store):
    """A directory of files that an `Access` reads; it cannot be written or listed.

    Parameters
    ----------
    access
        Reads the files.
    url
        The canonical URL of the directory.

    Attributes
    ----------
    chunks
        How the arrays are stored, by their path: chunks may not have many more bytes than their
        pixels, nor become more when they are inflated.
    """

    supports_writes = False
    supports_deletes = False
    supports_listing = False

    def __init__(self, access: Access, url: str) -> None:
        super().__init__(read_only=True)
        self._access = access
        self._url = url.rstrip("/")
        self.chunks: dict[str, Chunks] = {}
        # Zarr reads in a thread of its own; traffic is counted to the item all the same.
        self._context = copy_context()

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    async def get(
        self, key: str, prototype: BufferPrototype, byte_range: ByteRequest | None = None
    ) -> Buffer | None:
        """Return the bytes of a file, None where there is none."""
        context = self._context.copy()
        data = await asyncio.to_thread(context.run, self._read, key, byte_range)
        return None if data is None else prototype.buffer.from_bytes(data)

    def _read(self, key: str, byte_range: ByteRequest | None) -> bytes | None:
        place = self._access.place(f"{self._url}/{key}")
        inside = (path for path in self.chunks if key.startswith(f"{path}/" if path else ""))
        chunks = self.chunks.get(max(inside, key=len, default=""), Chunks(_MOST_JSON))
        is_json = key.rpartition("/")[2] in _JSON
        most = _MOST_JSON if is_json else chunks.stored
        try:
            match byte_range:
                case None:
                    data = place.fetch(0, most + 1)
                case RangeByteRequest(start, end):
                    data = place.fetch(start, min(end, start + most + 1))
                case OffsetByteRequest(offset):
                    data = place.fetch(offset, offset + most + 1)
                case SuffixByteRequest(suffix):
                    size = place.size()
                    data = place.fetch(max(0, size - min(suffix, most)), size)
        except MissingFileError:
            return None
        if len(data) > most:
            raise LimitError(
                f"has {len(data)} bytes or more, at most {most} are allowed.", where=key
            )
        if not is_json and not isinstance(byte_range, SuffixByteRequest):
            start = getattr(byte_range, "start", getattr(byte_range, "offset", 0))
            chunks.check(data, start, byte_range is None, key)
        return data

    async def get_partial_values(
        self, prototype: BufferPrototype, key_ranges: Iterable[tuple[str, ByteRequest | None]]
    ) -> list[Buffer | None]:
        """Return ranges of files."""
        asked = [self.get(key, prototype, byte_range) for key, byte_range in key_ranges]
        return list(await asyncio.gather(*asked))

    async def exists(self, key: str) -> bool:
        """Say whether there is such a file."""
        context = self._context.copy()
        place = self._access.place(f"{self._url}/{key}")
        try:
            await asyncio.to_thread(context.run, place.fetch, 0, 1)
        except MissingFileError:
            return False
        return True

    async def set(self, key: str, value: Buffer) -> None:
        """Refuse to write."""
        raise NotImplementedError("Sources are never written.")

    async def delete(self, key: str) -> None:
        """Refuse to delete."""
        raise NotImplementedError("Sources are never written.")

    def list(self) -> AsyncIterator[str]:
        """Refuse to list."""
        raise NotImplementedError("What there is stands in the metadata.")

    def list_prefix(self, prefix: str) -> AsyncIterator[str]:
        """Refuse to list."""
        raise NotImplementedError("What there is stands in the metadata.")

    def list_dir(self, prefix: str) -> AsyncIterator[str]:
        """Refuse to list."""
        raise NotImplementedError("What there is stands in the metadata.")
