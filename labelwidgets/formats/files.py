"""Reading label files whole over fsspec."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from labelwidgets.errors import ImageError, LimitError, MissingFileError, SourceError
from labelwidgets.media.access import Access
from labelwidgets.media.places import Place, fetch_into
from labelwidgets.media.range_file import Plan, RangeFile
from labelwidgets.media.urls import canonical_url, is_local
from labelwidgets.media.whole_files import shown as shown

HEAD_BYTES = 1 << 16
# Of an archive: many small files here and there, and long ones.
_PLAN = Plan(block=1 << 18, kept=32)


def read_head(path: str | os.PathLike[str], **storage_options: Any) -> bytes:
    """Return the first 64 KiB of a file.

    Raises
    ------
    SourceError
        If it cannot be read.
    """
    return _read(path, HEAD_BYTES, storage_options)


def read_bytes(path: str | os.PathLike[str], limit: int, **storage_options: Any) -> bytes:
    """Return a whole file.

    Raises
    ------
    SourceError
        If it cannot be read.
    LimitError
        If it has more than `limit` bytes.
    """
    data = _read(path, limit + 1, storage_options)
    if len(data) > limit:
        raise LimitError(
            f"has more than {limit} bytes.", where=shown(path), hint="Split it into several files."
        )
    return data


class Local:
    """A file of this machine, of which parts are read.

    Parameters
    ----------
    path
        As it was given.
    place
        Where that is.
    """

    def __init__(self, path: str | os.PathLike[str], place: Place) -> None:
        self._path, self._place = path, place
        with _told(path):
            self.size = place.size()

    def fetch(self, start: int, stop: int) -> bytes:
        """Return the bytes from `start` up to `stop`.

        Raises
        ------
        SourceError
            If they cannot be read, or the file was changed meanwhile.
        """
        with _told(self._path):
            return self._place.fetch(start, stop)

    def fetch_into(self, start: int, buffer: memoryview) -> int:
        """Fill a buffer from `start` on, and return with how many bytes; see `fetch`."""
        with _told(self._path):
            return fetch_into(self._place, start, buffer)


def local(path: str | os.PathLike[str], **storage_options: Any) -> Local | None:
    """Return a file whose parts can be read as quickly as all of it, None of any other.

    Raises
    ------
    SourceError
        If it cannot be read.
    """
    url = canonical_url(path)
    return Local(path, Access(storage_options).place(url)) if is_local(url) else None


class Ranges(RangeFile):
    """A file of which what is read is fetched; errors name it as it was given: see `ranges`."""

    def __init__(self, path: str | os.PathLike[str], place: Place) -> None:
        super().__init__(place, _PLAN)
        self._path = path

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer and return how many bytes there were."""
        with _told(self._path):
            return super().readinto(buffer)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a position."""
        with _told(self._path):
            try:
                return super().seek(offset, whence)
            except ValueError as error:
                # As files of this machine have it, which is what a reader of archives awaits.
                raise OSError(str(error)) from None


def ranges(path: str | os.PathLike[str], **storage_options: Any) -> Ranges:
    """Return a file to read from anywhere in it, without reading the rest.

    Raises
    ------
    SourceError
        If it cannot be read: from here, and from reading.
    """
    with _told(path):
        return Ranges(path, Access(storage_options).place(canonical_url(path)))


def _read(path: str | os.PathLike[str], size: int, storage_options: dict[str, Any]) -> bytes:
    with _told(path):
        return Access(storage_options).place(canonical_url(path)).fetch(0, size)


@contextmanager
def _told(path: str | os.PathLike[str]) -> Iterator[None]:
    """Say which file it is that cannot be read."""
    try:
        yield
    except MissingFileError:
        raise SourceError("is not there.", where=shown(path)) from None
    except ImageError:
        raise SourceError("is a folder, not a file.", where=shown(path)) from None
    except SourceError as error:
        raise SourceError(
            f"could not be read: it {error.message}",
            where=shown(path),
            hint=error.hint or "Check the address and the storage options.",
        ) from None
