"""Tar archives (POSIX ustar and pax, GNU), plain or gzipped, read by an index of their headers."""

from __future__ import annotations

import tarfile
import zlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple, Protocol

from labelwidgets.errors import LabelwidgetsError, SourceError
from labelwidgets.media.archives.archive import check_name, fault
from labelwidgets.media.archives.header_jumps import HeaderJumps
from labelwidgets.media.archives.inflate import GZIP, Inflated, Inflater
from labelwidgets.media.limits import Limits
from labelwidgets.media.places import Place
from labelwidgets.media.urls import masked
from labelwidgets.numbered import numbered

BLOCK = 512
# Within members that are larger there are checkpoints too.
_STRIDE = 4 << 20
# A path and a few dates; all else in a pax header is nothing that we read.
_MOST_EXTENDED = 1 << 20
_PLAIN = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE)
_REFUSED = {
    tarfile.LNKTYPE: "is a hard link, not a file.",
    tarfile.SYMTYPE: "is a link, not a file.",
    tarfile.CHRTYPE: "is a device, not a file.",
    tarfile.BLKTYPE: "is a device, not a file.",
    tarfile.FIFOTYPE: "is a pipe, not a file.",
    tarfile.GNUTYPE_SPARSE: "is a sparse file, which is not read.",
}


class Forwards(Protocol):
    """Bytes that are read at offsets that grow."""

    def read(self, offset: int, count: int) -> bytes:
        """Return bytes, fewer only at the end."""
        ...

    def begins(self, offset: int) -> None:
        """Hear where the headers of a member begin."""
        ...


class Entry(NamedTuple):
    """Where a member lies: its header, of which `check` is the CRC-32, and behind it its data."""

    header: int
    size: int
    check: int


class TarArchive:
    """A tar archive whose headers were read.

    Parameters
    ----------
    place
        Where it lies. It may be gzipped: then all of it is inflated once, and checkpoints are kept
        on the way.
    limits
        Bounds on members and on what they inflate to.

    Raises
    ------
    SourceError
        If it is no tar archive.
    LimitError
        If it has more members than allowed, or inflates to more.
    """

    def __init__(self, place: Place, limits: Limits) -> None:
        self._url, self._limits = place.url, limits
        self.faults: dict[str, LabelwidgetsError] = {}
        self._entries: dict[str, Entry] = {}
        self._data: Place = place
        head = place.fetch(0, BLOCK)
        source: Forwards
        if head[:2] == b"\x1f\x8b":
            self._data = inflated = Inflated(place, limits, GZIP, "", place.url)
            source, size = _Inflating(inflated), None
        else:
            size = place.size()
            source = HeaderJumps(place, size, head)
        try:
            for name, entry in self._members(source):
                self._add(name, entry, size)
        except LabelwidgetsError as error:
            if not self._entries:
                raise
            self.faults[""] = error

    def names(self) -> Iterable[str]:
        """Return the names of the members that can be read."""
        return self._entries

    def member(self, name: str) -> Place:
        """Return where a member lies; its header and its data are one request."""
        return TarMember(self._data, self._url, name, self._entries[name])

    def _members(self, source: Forwards) -> Iterator[tuple[str, Entry | str]]:
        """Yield the names of members with their entries, or why they are refused."""
        where = masked(self._url)
        offset = count = 0
        name: str | None = None
        fields: dict[str, str] = {}
        while True:
            if name is None and not fields:
                source.begins(offset)
            block = source.read(offset, BLOCK)
            if not block.strip(b"\0") and (block or count):
                return
            made = _header(block, count, where)
            header, offset = offset, offset + BLOCK
            if made.type in (tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE):
                data = self._extended(source, offset, made.size, where)
                offset += _padded(made.size)
                if made.type == tarfile.GNUTYPE_LONGNAME:
                    name = data.rstrip(b"\0").decode("utf-8", "surrogateescape")
                else:
                    fields = _pax(data, where)
                continue
            if made.type in (tarfile.XGLTYPE, tarfile.GNUTYPE_LONGLINK):
                offset += _padded(made.size)
                continue
            count += 1
            self._limits.check_members(count, where)
            called = fields.get("path", name or made.name)
            size = _size(fields, made, where)
            bare = made.type in (tarfile.LNKTYPE, tarfile.SYMTYPE, tarfile.DIRTYPE)
            offset += 0 if bare else _padded(size)
            sparse = any(key.startswith("GNU.sparse.") for key in fields)
            name, fields = None, {}
            if sparse:
                yield called, _REFUSED[tarfile.GNUTYPE_SPARSE]
            elif made.type in _REFUSED:
                yield called, _REFUSED[made.type]
                if made.type == tarfile.GNUTYPE_SPARSE:
                    # Further blocks may say where its holes are.
                    extended = block[482]
                    while extended:
                        extended = source.read(header + BLOCK, BLOCK)[504]
                        header, offset = header + BLOCK, offset + BLOCK
            elif made.type in _PLAIN and not called.endswith("/"):
                yield called, Entry(header, size, zlib.crc32(block))

    def _extended(self, source: Forwards, offset: int, size: int, where: str) -> bytes:
        if size > _MOST_EXTENDED:
            raise SourceError(f"has a name or header of {size} bytes.", where=where)
        data = source.read(offset, size)
        if len(data) < size:
            raise SourceError("is cut short.", where=where, hint="Copy or download it again.")
        return data

    def _add(self, name: str, entry: Entry | str, size: int | None) -> None:
        name = name.removeprefix("./")
        try:
            check_name(self._url, name)
            if name in self._entries or name in self.faults:
                raise fault(self._url, name, "is in the archive more than once.")
            if isinstance(entry, str):
                raise fault(self._url, name, entry)
            if size is not None and entry.header + BLOCK + entry.size > size:
                raise fault(self._url, name, "is cut short: the archive ends within it.")
            self._entries[name] = entry
        except LabelwidgetsError as error:
            self._entries.pop(name, None)
            self.faults.setdefault(name, error)


class TarMember:
    """A member of a tar archive.

    Parameters
    ----------
    data
        The plain archive.
    archive
        Its URL.
    name, entry
        The member.
    """

    def __init__(self, data: Place, archive: str, name: str, entry: Entry) -> None:
        self._data, self._archive, self._name, self._entry = data, archive, name, entry
        self.url = f"tar://{name}::{archive}"

    def size(self) -> int:
        """Return how many bytes it has; its header says so."""
        return self._entry.size

    def fetch(self, start: int, stop: int) -> bytes:
        """Return a range of its bytes; with the first ones its header is compared."""
        stop = min(stop, self._entry.size)
        if stop <= start:
            return b""
        begin = self._entry.header + BLOCK
        if start > 0:
            data = self._data.fetch(begin + start, begin + stop)
        else:
            data = self._data.fetch(self._entry.header, begin + stop)
            head, data = data[:BLOCK], data[BLOCK:]
            if zlib.crc32(head) != self._entry.check:
                raise fault(
                    self._archive,
                    self._name,
                    "is not where it was.",
                    "If the archive was replaced since, open the dataset again.",
                )
        if len(data) < stop - start:
            raise fault(self._archive, self._name, "is cut short: the archive ends within it.")
        return data


class _Inflating:
    """A gzipped archive, inflated once, with a checkpoint where a member begins."""

    def __init__(self, inflated: Inflated) -> None:
        self._inflated = inflated
        self._reader: Inflater = inflated.forwards()
        self._held, self._from = b"", 0

    def read(self, offset: int, count: int) -> bytes:
        if self._from <= offset and offset + count <= self._from + len(self._held):
            return self._held[offset - self._from :][:count]
        self._go(offset)
        self._held, self._from = self._reader.read(count), offset
        return self._held

    def begins(self, offset: int) -> None:
        self._go(offset)
        self._inflated.keep(self._reader)

    def _go(self, offset: int) -> None:
        while (gap := offset - self._reader.position) > 0:
            # Within a large member too, so that it can be read from its middle.
            if not self._reader.some(min(gap, _STRIDE)):
                raise SourceError(
                    "is cut short.",
                    where=masked(self._inflated.url),
                    hint="Copy or download it again.",
                )
            if gap > _STRIDE:
                self._inflated.keep(self._reader)


def _header(block: bytes, count: int, where: str) -> tarfile.TarInfo:
    try:
        made = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except (tarfile.HeaderError, ValueError) as error:
        if not count:
            raise SourceError("is no tar archive.", where=where) from None
        what = "cut short" if len(block) < BLOCK else "damaged"
        raise SourceError(
            f"is {what} after {numbered(count, 'member')} ({error}).", where=where
        ) from None
    if made.size < 0:
        raise SourceError(
            f"is damaged after {numbered(count, 'member')}: a size is negative.", where=where
        )
    return made


def _padded(size: int) -> int:
    return -(-size // BLOCK) * BLOCK


def _size(fields: dict[str, str], made: tarfile.TarInfo, where: str) -> int:
    text = fields.get("size")
    if text is None:
        return made.size
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise SourceError(f"has a member with the size {text[:40]!r}.", where=where)
    return int(text)


def _pax(data: bytes, where: str) -> dict[str, str]:
    """Return the records of an extended header: ``LENGTH KEY=VALUE``, each with a line end."""
    fields: dict[str, str] = {}
    position = 0
    while position < len(data) and data[position]:
        space = data.find(b" ", position, position + 20)
        digits = data[position:space] if space > 0 else b""
        length = int(digits) if digits.isdigit() else 0
        record = data[space + 1 : position + length - 1]
        key, equals, value = record.partition(b"=")
        if not equals or position + length > len(data):
            raise SourceError("has a damaged extended header.", where=where)
        fields[key.decode("utf-8", "replace")] = value.decode("utf-8", "surrogateescape")
        position += length
    return fields
