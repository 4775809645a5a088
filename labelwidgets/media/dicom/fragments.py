"""Encapsulated pixel data: which bytes are those of a frame (DICOM PS3.5 A.4)."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from itertools import pairwise

from labelwidgets.errors import ImageError, LimitError
from labelwidgets.media.dicom.slice_header import SliceHeader
from labelwidgets.numbered import numbered

Fetch = Callable[[int, int], bytes]
"""Returns bytes of a file from a position, as many as asked for: fewer only where it ends."""
Spans = list[tuple[int, int]]

_ITEM = b"\xfe\xff\x00\xe0"
_DELIMITER = b"\xfe\xff\xdd\xe0"
_LENGTH = struct.Struct("<I")
_RLE = "1.2.840.10008.1.2.5"
# What a picture of JPEG, JPEG-LS, JPEG 2000 or JPEG XL begins with.
_STARTS = (b"\xff\xd8", b"\xff\x4f", b"\xff\x0a", b"\x00\x00")
_MORE = 1_000_000


class EncapsulatedFrames:
    """Where the frames of a file are.

    An offset table leads to a frame without a look at those before it; without one, the headers
    of all items are read once.

    Parameters
    ----------
    fetch
        Reads the file.
    header
        Its header.
    where
        The name that errors give to it.

    Raises
    ------
    ImageError
        If it is damaged, or holds fewer frames than it claims.
    """

    def __init__(self, fetch: Fetch, header: SliceHeader, where: str) -> None:
        self._fetch, self._where = fetch, where
        self._count = max(1, header.frames)
        self._begins: dict[int, bytes] = {}
        self._single = header.transfer_syntax == _RLE
        start = header.pixel_offset or 0
        length = self._item(start)
        if length is None:
            raise self._cut()
        self._first = start + 8 + length
        self._known = self._extended(header) or {}
        self._starts: list[int] = []
        if not self._known and self._count > 1 and length >= 4 * self._count:
            table = fetch(start + 8, 4 * self._count)
            if len(table) == 4 * self._count:
                offsets = struct.unpack(f"<{self._count}I", table)
                if offsets[0] == 0 and all(a < b for a, b in pairwise(offsets)):
                    self._starts = [self._first + offset for offset in offsets]

    def spans(self, frame: int) -> Spans:
        """Return start and stop of the fragments of a frame, in their order."""
        found = self._known.get(frame)
        if found is not None:
            return found
        if self._starts and self._item(self._starts[frame]) is not None:
            stop = self._starts[frame + 1] if frame + 1 < self._count else None
            found = self._known[frame] = self._walk(self._starts[frame], stop)
            return found
        self._known = dict(enumerate(self._by_scan()))
        return self._known[frame]

    def read(self, frame: int) -> bytes:
        """Return the encoded bytes of a frame."""
        spans = self.spans(frame)
        if len(spans) > 1 and spans[-1][1] - spans[0][0] < 1.5 * sum(b - a for a, b in spans):
            # In one request, with what lies between.
            first, last = spans[0][0], spans[-1][1]
            data = self._fetch(first, last - first)
            parts = [data[start - first : stop - first] for start, stop in spans]
        else:
            parts = [self._fetch(start, stop - start) for start, stop in spans]
        if sum(map(len, parts)) != sum(stop - start for start, stop in spans):
            raise self._cut()
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _item(self, start: int) -> int | None:
        """Return the length of an item, None where none begins."""
        # With what its content begins with, so that it is not read twice.
        head = self._fetch(start, 10)
        if head[:4] != _ITEM or len(head) < 8:
            return None
        self._begins[start + 8] = head[8:]
        length: int = _LENGTH.unpack_from(head, 4)[0]
        return None if length == 0xFFFFFFFF else length

    def _extended(self, header: SliceHeader) -> dict[int, Spans] | None:
        """Return what the extended offset table says, which has one fragment for each frame."""
        if header.offset_table is None or header.offset_lengths is None:
            return None
        size = 8 * self._count
        if header.offset_table[1] < size or header.offset_lengths[1] < size:
            return None
        places, lengths = (
            self._fetch(table[0], size) for table in (header.offset_table, header.offset_lengths)
        )
        if len(places) < size or len(lengths) < size:
            return None
        return {
            frame: [(self._first + place + 8, self._first + place + 8 + length)]
            for frame, (place, length) in enumerate(
                zip(
                    struct.unpack(f"<{self._count}Q", places),
                    struct.unpack(f"<{self._count}Q", lengths),
                    strict=True,
                )
            )
        }

    def _walk(self, pos: int, stop: int | None) -> Spans:
        """Return the fragments from a position up to another one, or to the end of them all."""
        found: Spans = []
        while stop is None or pos < stop:
            length = self._item(pos)
            if length is None:
                if self._fetch(pos, 4) == _DELIMITER or (found and not self._fetch(pos, 1)):
                    break
                raise self._cut()
            found.append((pos + 8, pos + 8 + length))
            pos += 8 + length
            if len(found) > _MORE + self._count:
                raise LimitError("has too many fragments of pixels.", where=self._where)
        if not found:
            raise self._cut()
        return found

    def _by_scan(self) -> Sequence[Spans]:
        fragments = self._walk(self._first, None)
        if self._count == 1:
            return [fragments]
        if len(fragments) == self._count or self._single:
            frames = [[one] for one in fragments]
        else:
            frames = []
            for one in fragments:
                if not frames or self._begins[one[0]] in _STARTS:
                    frames.append([])
                frames[-1].append(one)
        self._begins.clear()
        if len(frames) < self._count:
            raise ImageError(
                f"claims {numbered(self._count, 'frame')}, of which {len(frames)} are there.",
                where=self._where,
            )
        return frames

    def _cut(self) -> ImageError:
        return ImageError(
            "ends within its pixels: it was cut short, or claims a false length.",
            where=self._where,
        )
