"""Directories of TIFF (revision 6.0) and BigTIFF files, read as far as they are asked for."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from typing import IO, Literal, NamedTuple

from labelwidgets.errors import ImageError

Order = Literal["little", "big"]

# Bytes and struct codes of the types of whole numbers: BYTE, SHORT, LONG, IFD, LONG8, IFD8.
_WHOLE = {1: (1, "B"), 3: (2, "H"), 4: (4, "I"), 13: (4, "I"), 16: (8, "Q"), 18: (8, "Q")}
# Those of the others: ASCII, RATIONAL, SBYTE, UNDEFINED, SSHORT, SLONG, SRATIONAL, FLOAT, DOUBLE,
# SLONG8.
_OTHERS = {2: 1, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 17: 8}
_MOST_ENTRIES = 4096


class Entry(NamedTuple):
    """One tag: its type, how many values it has, and where they lie, unless they are inline."""

    kind: int
    length: int
    at: int
    inline: bytes | None


class Directory:
    """The tags of one picture; their values are read when they are asked for.

    Parameters
    ----------
    file
        The file they are read from.
    order, big
        Which byte of a number comes first, and whether it is a BigTIFF file.
    entries
        The tags.
    following
        Where the next directory lies, 0 where there is none.
    """

    def __init__(
        self,
        file: IO[bytes],
        order: Order,
        big: bool,
        entries: Mapping[int, Entry],
        following: int,
    ) -> None:
        self._file = file
        self._entries = entries
        self.order = order
        self.big = big
        self.following = following

    def __contains__(self, tag: int) -> bool:
        return tag in self._entries

    def entry(self, tag: int) -> Entry | None:
        """Return a tag as it is stored."""
        return self._entries.get(tag)

    def count(self, tag: int) -> int:
        """Return how many values a tag has, 0 where it is missing."""
        entry = self._entries.get(tag)
        return entry.length if entry else 0

    def numbers(self, tag: int, start: int = 0, stop: int | None = None) -> list[int]:
        """Return some of the whole numbers of a tag: only these are read.

        Fewer than asked for come where the tag has no more, none where it holds something else.

        Raises
        ------
        ImageError
            If the file ends before them.
        """
        entry = self._entries.get(tag)
        if entry is None or entry.kind not in _WHOLE:
            return []
        size, code = _WHOLE[entry.kind]
        stop = entry.length if stop is None else min(stop, entry.length)
        if stop <= start:
            return []
        data = self._bytes(entry, start * size, stop * size)
        sign = "<" if self.order == "little" else ">"
        return list(struct.unpack(f"{sign}{stop - start}{code}", data))

    def number(self, tag: int, default: int | None = None) -> int:
        """Return the first number of a tag.

        Raises
        ------
        ImageError
            If it is missing and there is no default.
        """
        found = self.numbers(tag, 0, 1)
        if found:
            return found[0]
        if default is None:
            raise ImageError(f"lacks the tag {tag}.")
        return default

    def raw(self, tag: int, most: int = 1 << 20) -> bytes:
        """Return the bytes of all values of a tag, none where it is missing.

        Raises
        ------
        ImageError
            If there are more than `most`, or the file ends before them.
        """
        entry = self._entries.get(tag)
        if entry is None:
            return b""
        size = _WHOLE[entry.kind][0] if entry.kind in _WHOLE else _OTHERS.get(entry.kind, 0)
        if size * entry.length > most:
            raise ImageError(f"has {size * entry.length} bytes in its tag {tag}.")
        return self._bytes(entry, 0, size * entry.length)

    def _bytes(self, entry: Entry, start: int, stop: int) -> bytes:
        if entry.inline is not None:
            data = entry.inline[start:stop]
        else:
            self._file.seek(entry.at + start)
            data = self._file.read(stop - start)
        if len(data) < stop - start:
            raise ImageError("is cut short within its directory.")
        return data


def read_directories(file: IO[bytes], most: int = 1) -> Iterator[Directory]:
    """Yield the chained directories of a file, at most so many.

    Raises
    ------
    ImageError
        If one is damaged or cut short, or the chain leads back to where it was.
    """
    file.seek(0)
    head = file.read(16)
    order: Order = "little" if head[:2] == b"II" else "big"
    big = int.from_bytes(head[2:4], order) == 43
    offset = int.from_bytes(head[8:16] if big else head[4:8], order)
    seen: set[int] = set()
    while len(seen) < most:
        if offset in seen:
            raise ImageError("has directories that lead back to one another: it is damaged.")
        seen.add(offset)
        directory = read_directory(file, offset, order, big)
        yield directory
        offset = directory.following
        if offset == 0:
            return


def read_directory(file: IO[bytes], offset: int, order: Order, big: bool) -> Directory:
    """Read the directory at an offset.

    Raises
    ------
    ImageError
        If it is damaged or cut short.
    """
    counted, size, word = (8, 20, 8) if big else (2, 12, 4)
    file.seek(offset)
    head = file.read(counted)
    count = int.from_bytes(head, order)
    if len(head) < counted or not 1 <= count <= _MOST_ENTRIES:
        raise ImageError("has no readable directory: it is damaged or cut short.")
    body = file.read(count * size + word)
    if len(body) < count * size:
        raise ImageError("is cut short within its directory.")
    entries: dict[int, Entry] = {}
    for start in range(0, count * size, size):
        tag, kind = (int.from_bytes(body[start + at : start + at + 2], order) for at in (0, 2))
        length = int.from_bytes(body[start + 4 : start + 4 + word], order)
        value = body[start + 4 + word : start + size]
        width = _WHOLE[kind][0] if kind in _WHOLE else _OTHERS.get(kind, 0)
        if width == 0 or length == 0:
            continue
        inline = value if width * length <= word else None
        entries[tag] = Entry(kind, length, int.from_bytes(value, order), inline)
    return Directory(file, order, big, entries, int.from_bytes(body[count * size :], order))
