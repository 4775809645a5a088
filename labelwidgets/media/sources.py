"""Reading bytes where they lie, over fsspec."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, cast

from labelwidgets.errors import ImageError, LabelwidgetsError, MissingExtraError, SourceError
from labelwidgets.media.limits import Limits
from labelwidgets.media.urls import is_local, masked

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

# Of a file that lies far away, this much is fetched to read its header.
PREFIX = 1 << 16

# What speaks the protocols that fsspec does not speak by itself.
_PACKAGES = {
    "http": "aiohttp",
    "https": "aiohttp",
    "s3": "s3fs",
    "s3a": "s3fs",
    "gs": "gcsfs",
    "gcs": "gcsfs",
    "abfs": "adlfs",
    "abfss": "adlfs",
    "az": "adlfs",
}


def filesystem(url: str, options: Mapping[str, Any]) -> tuple[Any, str]:
    """Return the fsspec file system of a canonical URL and the path in it.

    Raises
    ------
    MissingExtraError
        If the package that speaks the protocol is not installed.
    SourceError
        If the protocol is unknown or its options are wrong.
    """
    import fsspec

    with reported(url):
        try:
            return cast("tuple[Any, str]", fsspec.core.url_to_fs(url, **options))
        except ImportError as error:
            package = _PACKAGES.get(url.partition(":")[0].lower())
            raise MissingExtraError(
                f"needs a package that is not installed: {error}.",
                where=masked(url),
                hint=f"Install it with: pip install {package}" if package else None,
            ) from None


@contextmanager
def reported(url: str) -> Iterator[None]:
    """Turn whatever a file system raises into a SourceError that names the file.

    Cloud packages raise errors of many families, and their texts may quote a
    signed URL; so the cause is told in words, masked, and not chained.
    """
    where = masked(url)
    try:
        yield
    except LabelwidgetsError:
        raise
    except FileNotFoundError:
        raise SourceError(
            "does not exist.", where=where, hint="Check the spelling and who may read it."
        ) from None
    except PermissionError as error:
        raise SourceError(
            f"may not be read ({_words(error)}).",
            where=where,
            hint="Check the rights, and the credentials in the storage options.",
        ) from None
    except IsADirectoryError:
        raise ImageError("is a folder, not a picture.", where=where) from None
    except TimeoutError:
        raise SourceError(
            "did not answer in time.", where=where, hint="Try again, or check the network."
        ) from None
    except Exception as error:
        raise SourceError(f"cannot be read ({_words(error)}).", where=where) from None


def read_bytes(url: str, limits: Limits, options: Mapping[str, Any]) -> bytes:
    """Return the content of a file.

    Raises
    ------
    SourceError
        If it cannot be found or read.
    ImageError
        If it is a folder.
    LimitError
        If it is larger than the limits allow.
    """
    if is_local(url):
        with open_local(url) as file:
            limits.check_bytes(os.fstat(file.fileno()).st_size, url)
            with reported(url):
                return file.read()
    fs, path = filesystem(url, options)
    data = _range(fs, path, url, limits.file_bytes + 1)
    limits.check_bytes(len(data), masked(url))
    return data


@contextmanager
def open_header(url: str, limits: Limits, options: Mapping[str, Any]) -> Iterator[IO[bytes]]:
    """Open a file for reading little of it: one range of 64 KiB, the rest only when asked for."""
    if is_local(url):
        with open_local(url) as local:
            limits.check_bytes(os.fstat(local.fileno()).st_size, url)
            yield local
        return
    fs, path = filesystem(url, options)
    prefix = _range(fs, path, url, PREFIX)
    if len(prefix) < PREFIX:
        yield io.BytesIO(prefix)
        return

    def whole() -> IO[bytes]:
        with reported(url):
            return cast("IO[bytes]", fs.open(path, "rb", block_size=PREFIX))

    with PrefixFile(prefix, whole) as far:
        yield cast("IO[bytes]", far)


def open_local(path: str) -> IO[bytes]:
    """Open a local file; a pipe or a device is refused, as it may never end."""
    with reported(path):
        mode = os.stat(path).st_mode
        if stat.S_ISDIR(mode):
            raise ImageError("is a folder, not a picture.", where=path)
        if not stat.S_ISREG(mode):
            raise ImageError("is a pipe or a device, not a file.", where=path)
        return open(path, "rb")


class PrefixFile(io.RawIOBase):
    """A file whose beginning is at hand and whose rest is opened when it is needed.

    Parameters
    ----------
    prefix
        The first bytes of the file.
    whole
        Opens the whole file.
    """

    def __init__(self, prefix: bytes, whole: Callable[[], IO[bytes]]) -> None:
        super().__init__()
        self._prefix = prefix
        self._open = whole
        self._file: IO[bytes] | None = None
        self._position = 0

    @property
    def went_further(self) -> bool:
        """Whether more than the prefix was needed."""
        return self._file is not None

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def seekable(self) -> bool:
        """Say that it can be read from anywhere."""
        return True

    def tell(self) -> int:
        """Return the position in bytes."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a position; from the end only with the whole file."""
        if whence == io.SEEK_END:
            self._position = self._whole().seek(offset, io.SEEK_END)
        else:
            self._position = offset + (self._position if whence == io.SEEK_CUR else 0)
        return self._position

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fill a buffer and return how many bytes there were."""
        view = memoryview(buffer).cast("B")
        if self._position + len(view) <= len(self._prefix):
            data = self._prefix[self._position : self._position + len(view)]
        else:
            file = self._whole()
            file.seek(self._position)
            data = file.read(len(view))
        view[: len(data)] = data
        self._position += len(data)
        return len(data)

    def close(self) -> None:
        """Close the whole file, if it was opened."""
        if self._file is not None:
            self._file.close()
        super().close()

    def _whole(self) -> IO[bytes]:
        if self._file is None:
            self._file = self._open()
        return self._file


def _range(fs: Any, path: str, url: str, count: int) -> bytes:
    with reported(url):
        try:
            return cast("bytes", fs.cat_file(path, start=0, end=count))[:count]
        except (FileNotFoundError, PermissionError, TimeoutError, IsADirectoryError):
            if fs.isdir(path):
                raise IsADirectoryError(path) from None
            raise
        except (OSError, ValueError):
            # Stores answer "range not satisfiable" for any range of an empty file.
            if fs.size(path) == 0:
                return b""
            raise


def _words(error: Exception) -> str:
    text = masked(" ".join(str(error).split()))[:300]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
