"""A large COCO file piece by piece: first what is beside its annotations, then some at a time.

No more of it than a piece is in memory at once, and nothing of it is looked at twice. What comes
of that is right for every file that is valid: where it is cut, pieces are JSON only if the cut lies
between two annotations, and all of them together with what is beside them are the file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from labelwidgets.formats.coco import records
from labelwidgets.formats.files import Local, local

# Smaller files are read whole.
_SMALL = 1 << 22
# Bytes that are looked at at once: of annotations some thousands.
_PIECE = 1 << 20
_RECORDS = 20_000
# What comes before the annotations or behind them: pictures, mostly.
_MOST_BESIDE = 1 << 27
_BEGIN = re.compile(rb'"annotations"\s*:\s*\[\s*(\{\s*"(?:[^"\\]|\\.){1,64}")')
_NAMES = rb"images|categories|videos|tracks|info|licenses|type|labelwidgets"
_END = re.compile(rb'\]\s*,\s*(?="(?:' + _NAMES + rb')"\s*:)')
_LAST = re.compile(rb"\]\s*\}\s*\Z")
# A file of which that many ends look like one and are none is read whole.
_MOST_ENDS = 16
_SPACE = b" \t\r\n"
# Between two annotations.
_MOST_SPACE = 256


class WholeFileError(Exception):
    """A file has to be read whole, for which there are many reasons."""


class Piece:
    """Some annotations.

    Parameters
    ----------
    start
        How many there are before them.
    data
        They as a JSON list, until the next piece is asked for.
    """

    def __init__(self, start: int, data: memoryview) -> None:
        self.start, self._data = start, data
        self.count = 0

    def decoded(self, kind: Any) -> list[Any]:
        """Return them as records of a kind, or raise as msgspec does.

        Raw parts of them are there only until the next piece is.
        """
        made: list[Any] = _decoder(kind).decode(self._data)
        self.count = len(made)
        return made

    def raws(self) -> list[msgspec.Raw]:
        """Return them as they lie in the file, for good.

        Raises
        ------
        WholeFileError
            If they are none.
        """
        try:
            made: list[msgspec.Raw] = _decoder(msgspec.Raw).decode(bytes(self._data))
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            raise WholeFileError from None
        self.count = len(made)
        return made


class Pieces:
    """The pieces of a file.

    Parameters
    ----------
    path
        Where it lies.
    limit
        Larger files are none of these.

    Raises
    ------
    WholeFileError
        If it is small or not of this machine, or does not look like JSON that can be cut.
    SourceError
        If it cannot be read.
    """

    def __init__(self, path: str | os.PathLike[str], limit: int, **storage_options: Any) -> None:
        found = local(path, **storage_options)
        if found is None or not _SMALL <= found.size <= limit:
            raise WholeFileError
        self._file: Local = found
        before, self._begin, self._key = self._before()
        behind, self._end = self._behind()
        self.file = _together(before, behind)

    def __iter__(self) -> Iterator[Piece]:
        """Yield the pieces; raise WholeFileError where there is something else."""
        at, count, size = self._begin, 0, _PIECE
        room = bytearray(2 * size + 2)
        # What is left of the piece before, behind the bracket.
        left = 0
        while at < self._end:
            wanted = min(size, self._end - at)
            end = 1 + left + wanted
            if end >= len(room):
                # An annotation that is longer than a piece.
                if end > records.MAX_RECORD_BYTES:
                    raise WholeFileError
                room = room + bytes(end)
            with memoryview(room) as view:
                if self._file.fetch_into(at, view[1 + left : end]) != wanted:
                    raise WholeFileError
            at += wanted
            cut = end if at == self._end else self._cut(room, end)
            if cut is None:
                left, size = end - 1, 2 * size
                continue
            size = _PIECE
            room[0], room[cut] = b"[]"
            piece = Piece(count, memoryview(room)[: cut + 1])
            yield piece
            count += piece.count
            left = max(0, end - cut - 1)
            room[1 : 1 + left] = room[cut + 1 : end]

    def _cut(self, room: bytearray, end: int) -> int | None:
        """Return where the comma before the last annotation that begins in a piece is."""
        while (end := room.rfind(self._key, 1, end)) > 0:
            start = max(1, end - _MOST_SPACE)
            before = room[start:end].rstrip(_SPACE)
            if before.endswith(b",") and before[:-1].rstrip(_SPACE).endswith(b"}"):
                return start + len(before) - 1
        return None

    def _before(self) -> tuple[_Beside, int, bytes]:
        """Return what comes before the annotations, where they begin, and how one begins."""
        data = b""
        for size in _growing(self._file.size):
            data = self._file.fetch(0, size)
            found = _BEGIN.search(data)
            if found is not None:
                begin = found.start(1)
                return _decoded(data[:begin] + b"]}"), begin, found[1]
        raise WholeFileError

    def _behind(self) -> tuple[_Beside, int]:
        """Return what comes behind the annotations, and where they end."""
        whole = self._file.size
        for size in _growing(whole - self._begin):
            start = whole - size
            data = self._file.fetch(start, whole)
            last = _LAST.search(data, max(0, len(data) - _MOST_SPACE))
            if last is not None and self._is_label(data[: last.start()]):
                return _Beside(), start + last.start()
            for number, found in enumerate(_END.finditer(data)):
                if number == _MOST_ENDS:
                    break
                if not self._is_label(data[: found.start()]):
                    continue
                try:
                    beside = _decoded(b"{" + data[found.end() :])
                except WholeFileError:
                    continue
                return beside, start + found.start()
        raise WholeFileError

    def _is_label(self, data: bytes) -> bool:
        """Say whether bytes end with an annotation."""
        at = data.rfind(self._key)
        try:
            return at >= 0 and bool(_decoder(_Some).decode(b"[%b]" % data[at:]))
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            return False


class WholeFile:
    """A file that was read whole, as pieces.

    Parameters
    ----------
    file
        Its records; the list of its annotations is taken out of it.
    """

    def __init__(self, file: records.File) -> None:
        self.file, self._raws = file, file.annotations
        # What is kept of it keeps no list of all.
        file.annotations = []

    def __iter__(self) -> Iterator[Piece]:
        """Yield the pieces."""
        for start in range(0, len(self._raws), _RECORDS):
            yield _Slice(start, self._raws[start : start + _RECORDS])


class _Slice(Piece):
    """Some annotations of a file that was read whole."""

    def __init__(self, start: int, raws: list[msgspec.Raw]) -> None:
        super().__init__(start, memoryview(b""))
        self._raws = raws

    def decoded(self, kind: Any) -> list[Any]:
        decode = msgspec.json.Decoder(kind).decode
        return [decode(raw) for raw in self._raws]

    def raws(self) -> list[msgspec.Raw]:
        return self._raws


class _Some(msgspec.Struct):
    """What tells an annotation from pictures and categories."""

    image_id: records.Id


class _Beside(msgspec.Struct):
    """What a part of a file has of it."""

    images: list[msgspec.Raw] | UnsetType = UNSET
    annotations: list[msgspec.Raw] | UnsetType = UNSET
    categories: list[msgspec.Raw] | UnsetType = UNSET
    videos: list[msgspec.Raw] | UnsetType = UNSET
    tracks: msgspec.Raw | UnsetType = UNSET
    labelwidgets: msgspec.Raw | UnsetType = UNSET


@lru_cache(maxsize=8)
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(list[kind])


def _growing(whole: int) -> Iterator[int]:
    size = _PIECE
    while size < min(whole, _MOST_BESIDE):
        yield size
        size *= 8
    yield min(whole, _MOST_BESIDE)


def _decoded(data: bytes) -> _Beside:
    try:
        return msgspec.json.decode(data, type=_Beside)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        raise WholeFileError from None


def _together(before: _Beside, behind: _Beside) -> records.File:
    """Return what is beside the annotations."""
    if before.annotations != [] or behind.annotations is not UNSET:
        raise WholeFileError
    told: dict[str, Any] = {"annotations": []}
    for part in (before, behind):
        for name in _Beside.__struct_fields__:
            value = getattr(part, name)
            if name == "annotations" or value is UNSET:
                continue
            if name in told:
                # There twice, of which the last one counts in JSON.
                raise WholeFileError
            told[name] = value
    if "images" not in told:
        raise WholeFileError
    return records.File(**told)
