"""Archives for tests, made by Python's own modules, and a place that counts."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Iterable, Mapping


class Counted:
    """Bytes at a URL, with a log of the ranges that were asked for."""

    def __init__(self, data, url: str = "/data/archive"):
        self.data = data
        self.url = url
        self.log: list[tuple[int, int]] = []

    def size(self) -> int:
        return len(self.data)

    def fetch(self, start: int, stop: int) -> bytes:
        made = bytes(self.data[start:stop])
        self.log.append((start, start + len(made)))
        return made

    @property
    def read(self) -> int:
        return sum(stop - start for start, stop in self.log)


class Sparse(Counted):
    """Many bytes of which only a few are there; all others are zero."""

    def __init__(self, size: int, parts: Mapping[int, bytes], url: str = "/data/archive"):
        super().__init__(b"", url)
        self._size, self._parts = size, dict(parts)

    def size(self) -> int:
        return self._size

    def fetch(self, start: int, stop: int) -> bytes:
        stop = min(stop, self._size)
        made = bytearray(max(0, stop - start))
        for begin, data in self._parts.items():
            low, high = max(start, begin), min(stop, begin + len(data))
            if low < high:
                made[low - start : high - start] = data[low - begin : high - begin]
        self.log.append((start, stop))
        return bytes(made)


class Holes(io.RawIOBase):
    """A file to write to and to seek in, which keeps of its bytes all that are not zero."""

    def __init__(self):
        super().__init__()
        self.parts: dict[int, bytes] = {}
        self.length = self._position = 0

    def writable(self):
        return True

    def seekable(self):
        return True

    def tell(self):
        return self._position

    def seek(self, offset, whence=0):
        self._position = offset + (0, self._position, self.length)[whence]
        return self._position

    def write(self, data):
        data = bytes(data)
        if data != bytes(len(data)):
            self.parts[self._position] = data
        self._position += len(data)
        self.length = max(self.length, self._position)
        return len(data)

    def place(self, url: str) -> Sparse:
        return Sparse(self.length, self.parts, url)


def zipped(members: Iterable[tuple[str, bytes]], method=zipfile.ZIP_STORED, **options) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method, **options) as archive:
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return buffer.getvalue()


def tarred(members: Iterable[tuple[str, bytes]], mode="w", **options) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode, **options) as archive:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()
