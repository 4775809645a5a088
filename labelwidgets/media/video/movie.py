"""The tables of MP4 and QuickTime files, read without the media (ISO/IEC 14496-12, 8)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labelwidgets.errors import ImageError, LimitError
from labelwidgets.media.places import Place
from labelwidgets.media.urls import masked

# More than the tables of a day at 120 frames a second.
_MOST_BYTES = 1 << 28
_MOST_BOXES = 4096
_MOST_SAMPLES = 1 << 26
_FIRST_READ = 1024
_LATER_READ = 64


@dataclass(frozen=True, slots=True)
class Track:
    """What the tables of a track say beyond what FFmpeg tells of it.

    Parameters
    ----------
    id
        Its number.
    matrix
        Of its header: a, b, c, d of x' = ax + cy, y' = bx + dy (8.3.2).
    offsets
        (samples,) from decoding to showing, in its time scale; None where there are none.
    shift
        By which FFmpeg moves the times of decoding so that no offset is negative.
    simple
        Whether all its samples have one description and lie in this file.
    edited
        Whether there is an edit list.
    """

    id: int
    matrix: tuple[float, float, float, float]
    offsets: npt.NDArray[np.int64] | None
    shift: int
    simple: bool
    edited: bool


@dataclass(frozen=True, slots=True)
class Movie:
    """The tables of a file.

    Parameters
    ----------
    head
        The boxes of the file that say what is in it, as a file of their own.
    tracks
        Those of its video tracks, by their number.
    fragmented
        Whether there are samples that are told of later in the file.
    """

    head: bytes
    tracks: dict[int, Track]
    fragmented: bool


def is_movie(head: bytes) -> bool:
    """Say whether a file that begins so is MP4 or QuickTime."""
    return head[4:8] in (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot")


def read_movie(place: Place, size: int) -> Movie | None:
    """Return the tables of a file, None where it is none of this family.

    Parameters
    ----------
    place
        Where it lies.
    size
        How many bytes it has.

    Raises
    ------
    ImageError
        If there are no tables in it.
    LimitError
        If they are larger than those of any video.
    """
    head = place.fetch(0, _FIRST_READ)
    if not is_movie(head):
        return None
    where = masked(place.url)
    kept = b""
    position, data, start = 0, head, 0
    for _ in range(_MOST_BOXES):
        if position + 8 > size:
            break
        if not start <= position <= start + len(data) - 16:
            start, data = position, place.fetch(position, position + _LATER_READ)
        kind, length, _ = _header(data, position - start, size - position)
        if length < 8:
            break
        if kind in (b"ftyp", b"moov"):
            if length > _MOST_BYTES:
                raise LimitError(f"has tables of {length} bytes.", where=where)
            known = data[position - start : position - start + length]
            rest = position + len(known), min(position + length, size)
            box = known + (place.fetch(*rest) if rest[1] > rest[0] else b"")
            if len(box) < length:
                raise ImageError("is cut short within its tables (moov).", where=where)
            kept += box
            if kind == b"moov":
                return _movie(kept, box, where)
        position += length
    raise ImageError(
        "has no tables (moov): it was cut short, or is still being written.", where=where
    )


def _movie(head: bytes, moov: bytes, where: str) -> Movie:
    tracks: dict[int, Track] = {}
    fragmented = False
    _, _, begin = _header(moov, 0, len(moov))
    for kind, start, stop in _boxes(moov, begin, len(moov)):
        if kind == b"mvex":
            fragmented = True
        elif kind == b"trak":
            track = _track(moov, start, stop, where)
            if track is not None:
                tracks.setdefault(track.id, track)
    return Movie(head, tracks, fragmented)


def _track(data: bytes, start: int, stop: int, where: str) -> Track | None:
    header = _find(data, start, stop, b"tkhd")
    media = _find(data, start, stop, b"mdia")
    if header is None or media is None:
        return None
    handler = _find(data, *media, b"hdlr")
    if handler is None or data[handler[0] + 8 : handler[0] + 12] != b"vide":
        return None
    table = _find(data, *media, b"minf", b"stbl")
    if table is None:
        return None
    wide = data[header[0]] == 1
    at = header[0] + (20 if wide else 12)
    matrix_at = header[0] + (52 if wide else 40)
    if matrix_at + 36 > header[1]:
        return None
    number = struct.unpack_from(">I", data, at)[0]
    values = struct.unpack_from(">9i", data, matrix_at)
    a, b, c, d = (values[index] / 65536 for index in (0, 1, 3, 4))
    offsets, shift = None, 0
    composition = _find(data, *table, b"ctts")
    if composition is not None:
        offsets, shift = _offsets(data, *composition, where)
    return Track(
        number,
        (a, b, c, d),
        offsets,
        shift,
        _simple(data, *table),
        _find(data, start, stop, b"edts", b"elst") is not None,
    )


def _offsets(data: bytes, start: int, stop: int, where: str) -> tuple[npt.NDArray[np.int64], int]:
    count = min(_number(data, start + 4, stop), max(0, stop - start - 8) // 8)
    pairs = np.frombuffer(data, dtype=">u4", count=2 * count, offset=start + 8).reshape(-1, 2)
    runs = pairs[:, 0].astype(np.int64)
    # Signed also in version 0, where some writers use it so.
    values = pairs[:, 1].astype(np.uint32).view(np.int32).astype(np.int64)
    if runs.sum() > _MOST_SAMPLES:
        raise LimitError(f"claims {runs.sum()} samples in a table.", where=where)
    shift = -int(values[:-2].min(initial=0)) if count > 2 else 0
    return np.repeat(values, runs), shift


def _simple(data: bytes, start: int, stop: int) -> bool:
    described = _find(data, start, stop, b"stsd")
    return described is not None and _number(data, described[0] + 4, described[1]) == 1


def _find(data: bytes, start: int, stop: int, *path: bytes) -> tuple[int, int] | None:
    for name in path:
        for kind, first, last in _boxes(data, start, stop):
            if kind == name:
                start, stop = first, last
                break
        else:
            return None
    return start, stop


def _boxes(data: bytes, start: int, stop: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield kind, and beginning and end of the content, of the boxes between two places."""
    for _ in range(_MOST_BOXES):
        if start + 8 > stop:
            return
        kind, length, header = _header(data, start, stop - start)
        if length < header or start + length > stop:
            return
        yield kind, start + header, start + length
        start += length


def _header(data: bytes, start: int, left: int) -> tuple[bytes, int, int]:
    """Return kind, length and length of the header of a box."""
    if start + 8 > len(data):
        return b"", 0, 8
    length, kind = struct.unpack_from(">I4s", data, start)
    if length == 1 and start + 16 <= len(data):
        return kind, int(struct.unpack_from(">Q", data, start + 8)[0]), 16
    return kind, left if length == 0 else length, 8


def _number(data: bytes, at: int, stop: int) -> int:
    return int(struct.unpack_from(">I", data, at)[0]) if at + 4 <= stop else 0
