"""Where the bytes of one file lie, and how a range of them is fetched."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, Protocol

from labelwidgets.errors import SourceError
from labelwidgets.media.sources import open_local, reported
from labelwidgets.media.versions import cat_version, version_of


class Place(Protocol):
    """One file, wherever it lies."""

    @property
    def url(self) -> str:
        """Its canonical URL."""
        ...

    def size(self) -> int:
        """Return how many bytes it has."""
        ...

    def fetch(self, start: int, stop: int) -> bytes:
        """Return the bytes from `start` up to `stop`: fewer only where the file ends before."""
        ...


class LocalPlace:
    """A file of this machine.

    Parameters
    ----------
    path
        Its absolute path.
    """

    def __init__(self, path: str) -> None:
        self.url = path
        self._version: tuple[int, ...] | None = None

    def size(self) -> int:
        """Return how many bytes it has.

        From then on that file is read, or none: not another one that was put in its place.
        """
        with open_local(self.url) as file:
            facts = os.fstat(file.fileno())
            self._version = _version(facts)
            return facts.st_size

    def fetch(self, start: int, stop: int) -> bytes:
        """Return a range of its bytes."""
        with self._open() as file, reported(self.url):
            # Asked for more than there is, Python makes room for all of it first.
            rest = os.fstat(file.fileno()).st_size - start
            file.seek(start)
            return file.read(max(0, min(stop - start, rest)))

    def fetch_into(self, start: int, buffer: memoryview) -> int:
        """Fill a buffer with bytes from `start` on, and return how many there were."""
        with self._open(buffered=False) as file, reported(self.url):
            file.seek(start)
            done = 0
            while done < len(buffer):
                count = file.readinto(buffer[done:])  # type: ignore[attr-defined]
                if not count:
                    break
                done += count
            return done

    @contextmanager
    def _open(self, buffered: bool = True) -> Iterator[IO[bytes]]:
        with open_local(self.url, buffered=buffered) as file:
            if self._version not in (None, _version(os.fstat(file.fileno()))):
                raise SourceError(
                    "was changed while it was read.", where=self.url, hint="Open it again."
                )
            yield file


def _version(facts: os.stat_result) -> tuple[int, ...]:
    """Return what tells a file from another one of the same name, or from what it was before."""
    return facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns


def fetch_into(place: Place, start: int, buffer: memoryview) -> int:
    """Fill a buffer with bytes of a place from `start` on; return how many there were.

    Without a copy in between where the place can do that.
    """
    direct = getattr(place, "fetch_into", None)
    if direct is not None:
        return int(direct(start, buffer))
    data = place.fetch(start, start + len(buffer))
    buffer[: len(data)] = data
    return len(data)


class RemotePlace:
    """A file of an fsspec file system.

    Parameters
    ----------
    url
        Its canonical URL.
    fs, path
        The file system, and the path in it.
    """

    def __init__(self, url: str, fs: Any, path: str) -> None:
        self.url = url
        self._fs, self._path = fs, path
        self.known_size: int | None = None
        self._version: str | None = None

    def size(self) -> int:
        """Return how many bytes it has; the store is asked once.

        From then on it is read in that version, or not at all.
        """
        if self.known_size is None:
            with reported(self.url):
                facts = self._fs.info(self._path)
                self.known_size = int(facts["size"])
                self._version = version_of(self._fs, facts)
        return self.known_size

    def fetch(self, start: int, stop: int) -> bytes:
        """Return a range of its bytes, in one request."""
        fs, path = self._fs, self._path
        with reported(self.url):
            try:
                return cat_version(fs, path, start, stop, self._version)[: stop - start]
            except (FileNotFoundError, PermissionError, TimeoutError, IsADirectoryError):
                if fs.isdir(path):
                    raise IsADirectoryError(path) from None
                raise
            except (OSError, ValueError):
                # Stores answer "range not satisfiable" where a range begins at the end.
                if fs.size(path) <= start:
                    return b""
                raise
