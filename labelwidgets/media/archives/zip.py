"""Zip archives (PKWARE's APPNOTE 6.3), read by their directory."""

from __future__ import annotations

import stat
import struct
import zlib
from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from labelwidgets.errors import LabelwidgetsError, SourceError
from labelwidgets.media.archives.archive import check_name, fault
from labelwidgets.media.archives.inflate import RAW, Inflated, Inflater, check_ratio
from labelwidgets.media.limits import Limits
from labelwidgets.media.places import Place
from labelwidgets.media.urls import masked

# The end of the directory, its comment of up to 64 kB, and a directory of some hundred members.
_TAIL = (1 << 16) + 22
_END = struct.Struct("<4s4H2LH")
_LOCATOR = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_ENCRYPTED = 0x2041
_UTF8 = 0x800
_STORED, _DEFLATED = 0, 8
_METHODS = {9: "Deflate64", 12: "BZIP2", 14: "LZMA", 93: "Zstandard", 95: "XZ", 99: "AES"}
# Local headers may be longer than the directory says, by so much at most for one request.
_SLACK = 4096


class Entry(NamedTuple):
    """A member as the directory has it; `end` is where the next thing begins."""

    name: str
    flags: int
    method: int
    check: int
    stored: int
    size: int
    header: int
    end: int


class ZipArchive:
    """A zip archive whose directory was read.

    Parameters
    ----------
    place
        Where it lies.
    limits
        Bounds on members and on what they inflate to.

    Raises
    ------
    SourceError
        If it is no zip archive, cut short, or contradicts itself.
    LimitError
        If it has more members than allowed.
    """

    def __init__(self, place: Place, limits: Limits) -> None:
        self._place, self._limits = place, limits
        self.faults: dict[str, LabelwidgetsError] = {}
        self._entries: dict[str, Entry] = {}
        self._starts: dict[str, int] = {}
        for entry in _entries(place, limits, self.faults):
            self._add(entry)

    def names(self) -> Iterable[str]:
        """Return the names of the members that can be read."""
        return self._entries

    def member(self, name: str) -> Place:
        """Return where a member lies; its local header and its data are one request."""
        entry = self._entries[name]
        kind = ZipMember if entry.method == _STORED else DeflatedMember
        return kind(self._place, entry, self._starts, self._limits)

    def _add(self, entry: Entry) -> None:
        name, archive = entry.name, self._place.url
        if name in self._entries or name in self.faults:
            # Readers differ in which one they take.
            self._entries.pop(name, None)
            self.faults.setdefault(name, fault(archive, name, "is in the archive more than once."))
            return
        try:
            self._check(entry)
        except LabelwidgetsError as error:
            self.faults[name] = error
        else:
            self._entries[name] = entry

    def _check(self, entry: Entry) -> None:
        archive, name = self._place.url, entry.name
        check_name(archive, name)
        if entry.flags & _ENCRYPTED or entry.method == 99:
            raise fault(archive, name, "is encrypted.", "Unpack the archive and name the folder.")
        if entry.method not in (_STORED, _DEFLATED):
            how = _METHODS.get(entry.method, f"method {entry.method}")
            raise fault(archive, name, f"is compressed by {how}; read are stored and deflated.")
        if entry.method == _STORED and entry.stored != entry.size:
            raise fault(archive, name, "contradicts itself about its size.")
        if entry.header + _LOCAL.size + entry.stored > entry.end:
            raise fault(archive, name, "overlaps another part of the archive.")
        check_ratio(entry.stored, entry.size, self._limits, archive, name)


class ZipMember:
    """A member that is stored as it is.

    Parameters
    ----------
    archive
        Where the archive lies.
    entry
        What its directory says.
    starts
        Where data begin, by name, as far as it is known already.
    limits
        Bounds on what it inflates to.
    """

    def __init__(
        self, archive: Place, entry: Entry, starts: dict[str, int], limits: Limits
    ) -> None:
        self._archive, self._entry, self._starts = archive, entry, starts
        self._limits = limits
        self.url = f"zip://{entry.name}::{archive.url}"

    def size(self) -> int:
        """Return how many bytes it has; the directory knows."""
        return self._entry.size

    def fetch(self, start: int, stop: int) -> bytes:
        """Return a range of its bytes; of a whole one the checksum is compared."""
        stop = min(stop, self._entry.size)
        if stop <= start:
            return b""
        data = self.stored(start, stop)
        if start == 0 and stop == self._entry.size:
            self._compare(zlib.crc32(data))
        return data

    def _compare(self, check: int) -> None:
        if check != self._entry.check:
            raise self._fault("is damaged: its checksum is another one.")

    def stored(self, start: int, stop: int) -> bytes:
        """Return a range of the bytes as they lie in the archive."""
        entry = self._entry
        begin = self._starts.get(entry.name)
        if begin is None:
            names = len(_raw_name(entry))
            most = entry.header + _LOCAL.size + names + _SLACK
            if start > _SLACK:
                head = self._archive.fetch(entry.header, min(most, entry.end))
                begin = self._begin(head)
            else:
                head = self._archive.fetch(entry.header, min(most + stop, entry.end))
                begin = self._begin(head)
                data = head[begin - entry.header + start : begin - entry.header + stop]
                if len(data) == stop - start:
                    return data
        data = self._archive.fetch(begin + start, begin + stop)
        if len(data) < stop - start:
            raise self._fault("is cut short: the archive ends within it.")
        return data

    def _begin(self, head: bytes) -> int:
        """Return where its data begin, by its local header, which must agree."""
        entry = self._entry
        if len(head) < _LOCAL.size:
            raise self._fault("is cut short: the archive ends within it.")
        mark, _, flags, method, *_, names, extra = _LOCAL.unpack_from(head)
        if mark != b"PK\x03\x04":
            raise self._fault(
                "is not where the directory says.",
                "If the archive was replaced since, open the dataset again.",
            )
        name = head[_LOCAL.size : _LOCAL.size + names]
        if method != entry.method or flags & _ENCRYPTED or name != _raw_name(entry):
            raise self._fault("is another one than the directory says.")
        begin = int(entry.header + _LOCAL.size + names + extra)
        if begin + entry.stored > entry.end:
            raise self._fault("overlaps another part of the archive.")
        self._starts[entry.name] = begin
        return begin

    def _fault(self, what: str, hint: str | None = None) -> SourceError:
        return fault(self._archive.url, self._entry.name, what, hint)


class DeflatedMember(ZipMember):
    """A member that is deflated; a range of it is inflated from the last checkpoint before."""

    def __init__(
        self, archive: Place, entry: Entry, starts: dict[str, int], limits: Limits
    ) -> None:
        super().__init__(archive, entry, starts, limits)
        stored = _Stored(self, archive.url, entry.stored)
        self._plain = Inflated(stored, limits, RAW, entry.name, self.url)

    def fetch(self, start: int, stop: int) -> bytes:
        """Return a range of its bytes; of a whole one the checksum is compared."""
        stop = min(stop, self._entry.size)
        if stop <= start:
            return b""
        if start == 0 and stop == self._entry.size:
            return self._whole()
        data = self._plain.fetch(start, stop)
        if len(data) < stop - start:
            raise self._fault("is cut short: it inflates to less than the directory says.")
        return data

    def _whole(self) -> bytes:
        """Return all of it, in one request and no more than the directory says."""
        size = self._entry.size
        reader = Inflater(_Whole(self.stored(0, self._entry.stored)), self._limits, RAW)
        try:
            data = reader.read(size + 1)
        except LabelwidgetsError as error:
            raise self._fault(error.message) from None
        if len(data) != size:
            how = "more" if len(data) > size else "less"
            raise self._fault(f"inflates to {how} than the directory says.")
        self._compare(zlib.crc32(data))
        return data


class _Stored:
    """The bytes of a member as they lie in the archive."""

    def __init__(self, member: ZipMember, url: str, size: int) -> None:
        self.url, self._member, self._size = url, member, size

    def size(self) -> int:
        return self._size

    def fetch(self, start: int, stop: int) -> bytes:
        stop = min(stop, self._size)
        return self._member.stored(start, stop) if start < stop else b""


class _Whole:
    """Bytes that are here."""

    url = ""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def size(self) -> int:
        return len(self._data)

    def fetch(self, start: int, stop: int) -> bytes:
        return self._data[start:stop]


def _raw_name(entry: Entry) -> bytes:
    return entry.name.encode("utf-8" if entry.flags & _UTF8 else "cp437", "surrogateescape")


def _entries(place: Place, limits: Limits, faults: dict[str, LabelwidgetsError]) -> Iterable[Entry]:
    directory, begin, count, shift = _directory(place, limits)
    where = masked(place.url)
    found: list[Entry] = []
    position = 0
    for _ in range(count):
        if position + _ENTRY.size > len(directory):
            raise SourceError(f"claims {count} members and has {len(found)}.", where=where)
        fields = _ENTRY.unpack_from(directory, position)
        mark, made_by, _, flags, method, _, _, check, stored, size = fields[:10]
        names, extras, comment, _, _, attributes, header = fields[10:]
        if mark != b"PK\x01\x02":
            raise SourceError(f"is damaged: member {len(found)} is not there.", where=where)
        at = position + _ENTRY.size
        raw, extra = directory[at : at + names], directory[at + names : at + names + extras]
        position = at + names + extras + comment
        name = raw.decode("utf-8" if flags & _UTF8 else "cp437", "surrogateescape")
        try:
            stored, size, header = _wide(extra, stored, size, header, place.url, name)
        except SourceError as error:
            faults[name] = error
            continue
        kind = attributes >> 16 if made_by >> 8 == 3 else 0
        if name.endswith("/") or stat.S_ISDIR(kind):
            continue
        if kind and stat.S_IFMT(kind) and not stat.S_ISREG(kind):
            what = "a link" if stat.S_ISLNK(kind) else "a device or a pipe"
            faults[name] = fault(place.url, name, f"is {what}, not a file.")
            continue
        found.append(Entry(name, flags, method, check, stored, size, header + shift, begin))
    if position > len(directory):
        raise SourceError("is damaged: its directory is cut short.", where=where)
    # A member ends where the next one begins.
    order = sorted(range(len(found)), key=lambda number: found[number].header)
    for number, after in pairwise(order):
        found[number] = found[number]._replace(end=min(begin, found[after].header))
    return found


def _directory(place: Place, limits: Limits) -> tuple[bytes, int, int, int]:
    """Return the directory, where it begins, how many it lists, and how far all is shifted."""
    where = masked(place.url)
    size = place.size()
    first = max(0, size - _TAIL)
    tail = place.fetch(first, size)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or at + _END.size > len(tail):
        raise SourceError(
            "is no zip archive, or cut short: the directory at its end is missing.",
            where=where,
            hint="Copy or download it again.",
        )
    _, disk, home, here, count, length, offset, _ = _END.unpack_from(tail, at)
    end = first + at
    if 0xFFFF in (count, here) or 0xFFFFFFFF in (length, offset):
        spot = at - _LOCATOR.size
        if spot >= 0 and tail[spot : spot + 4] == b"PK\x06\x07":
            _, _, record, _ = _LOCATOR.unpack_from(tail, spot)
            known = tail[record - first : record - first + _END64.size] if record >= first else b""
            data = known if len(known) == _END64.size else place.fetch(record, record + 56)
            if len(data) < _END64.size or data[:4] != b"PK\x06\x06":
                raise SourceError("is damaged: its ZIP64 record is not there.", where=where)
            *_, disk, home, here, count, length, offset = _END64.unpack(data)
            end = record
    if disk or home or here != count:
        raise SourceError("is one part of an archive in several files.", where=where)
    limits.check_members(count, where)
    # What was put before the archive, such as a program that unpacks it, shifts it all.
    begin = end - length
    shift = begin - offset
    if begin < 0 or shift < 0 or length < count * _ENTRY.size:
        raise SourceError("contradicts itself about where its directory is.", where=where)
    limits.check_bytes(length, where)
    known = tail[max(0, begin - first) : end - first] if end > first else b""
    missing = length - len(known)
    directory = (place.fetch(begin, begin + missing) if missing else b"") + known
    return directory, begin, count, shift


def _wide(
    extra: bytes, stored: int, size: int, header: int, archive: str, name: str
) -> tuple[int, int, int]:
    """Return sizes and place, those that are too large for 32 bits from the ZIP64 field."""
    if 0xFFFFFFFF not in (stored, size, header):
        return stored, size, header
    position = 0
    while position + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, position)
        if kind == 1:
            known = extra[position + 4 : position + 4 + min(length, 24)]
            numbers = list(struct.unpack(f"<{len(known) // 8}Q", known[: len(known) // 8 * 8]))
            wide = [size, stored, header]
            for number, value in enumerate(wide):
                if value == 0xFFFFFFFF and numbers:
                    wide[number] = numbers.pop(0)
            if 0xFFFFFFFF in wide:
                break
            return wide[1], wide[0], wide[2]
        position += 4 + length
    raise fault(archive, name, "is said to be large, and its ZIP64 field is missing.")
