"""Where files of labels come from: one file, a folder, or a zip."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import PurePosixPath
from typing import IO, Any, cast

from labelwidgets.errors import FormatError, LabelwidgetsError, LimitError, SourceError
from labelwidgets.formats.files import ranges, read_bytes, shown

MAX_FILES = 100_000
# Labels, even masks of one class as text, pack to a tenth or a fiftieth.
_MAX_RATIO = 200
_SMALL = 1 << 24
_BUFFER = 1 << 16


class Input:
    """The files under a path, by their names within it, with forward slashes.

    Parameters
    ----------
    path
        A file, a folder, or an archive that ends with ``.zip``. Of a file, those beside it and
        above it can be read too, by names that begin with ``../``.
    max_files
        More of them are refused.
    max_depth
        How deep folders are looked into.
    **storage_options
        For fsspec.

    Raises
    ------
    SourceError
        If there is nothing, or it cannot be read.
    LimitError
        If there are too many files.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        max_files: int = MAX_FILES,
        max_depth: int = 5,
        **storage_options: Any,
    ) -> None:
        import fsspec

        self.path, self._options = os.fspath(path).rstrip("/"), storage_options
        self.shown = shown(path)
        self._zip: zipfile.ZipFile | None = None
        self._sizes: dict[str, int | None] = {}
        try:
            self._fs, place = fsspec.core.url_to_fs(self.path, **storage_options)
            self._place = str(place).rstrip("/")
            self.single = bool(self._fs.isfile(place))
            folder = not self.single and bool(self._fs.isdir(place))
        except LabelwidgetsError:
            raise
        except Exception as error:
            raise SourceError(
                f"could not be read ({type(error).__name__}).", where=self.shown
            ) from None
        if not self.single and not folder:
            raise SourceError("is not there.", where=self.shown)
        if self.single and self.path.lower().endswith(".zip"):
            self.single = False
            self._open_zip()
        elif self.single:
            self._sizes = {self.name: None}
        else:
            self._list(max_depth)
        if len(self._sizes) > max_files:
            raise LimitError(f"has more than {max_files} files.", where=self.shown)

    @property
    def name(self) -> str:
        """The last part of the path."""
        return PurePosixPath(self.shown.replace("\\", "/")).name

    def names(self) -> list[str]:
        """Return the names of the files, sorted."""
        return sorted(self._sizes)

    def ending(self, *suffixes: str) -> list[str]:
        """Return the names of the files that end so, in capitals or not; of one file, its name."""
        if self.single:
            return [self.name]
        return [name for name in self.names() if name.lower().endswith(suffixes)]

    def where(self, name: str) -> str:
        """Return a file as errors name it."""
        return self.shown if self.single and name == self.name else f"{self.shown}/{name}"

    def read(self, name: str, limit: int) -> bytes:
        """Return a file.

        Raises
        ------
        SourceError
            If it is not there or cannot be read.
        LimitError
            If it has more than `limit` bytes.
        """
        if self._zip is None:
            return read_bytes(self._path_of(name), limit, **self._options)
        size = self._sizes.get(name)
        if size is None:
            raise SourceError("is not there.", where=self.where(name))
        if size > limit:
            raise LimitError(f"has more than {limit} bytes.", where=self.where(name))
        try:
            with self._zip.open(name) as file:
                # What a directory of an archive says of sizes need not be true.
                data = file.read(limit + 1)
        except LabelwidgetsError:
            raise
        except Exception as error:
            raise SourceError(
                f"cannot be unpacked ({type(error).__name__}).", where=self.where(name)
            ) from None
        if len(data) > limit:
            raise LimitError(f"has more than {limit} bytes.", where=self.where(name))
        return data

    def maybe(self, name: str, limit: int = 1 << 20) -> bytes | None:
        """Return a small file that may be there, None where it is not."""
        try:
            return self.read(name, limit)
        except SourceError:
            return None

    def head(self, name: str, size: int = 1 << 16) -> bytes:
        """Return the beginning of a file."""
        with self.open(name) as file:
            return file.read(size)

    def text(self, name: str, limit: int) -> str:
        """Return a file as text; raise FormatError where it is not UTF-8."""
        return as_text(self.read(name, limit), self.where(name))

    def open(self, name: str) -> IO[bytes]:
        """Return a file to read from, piece by piece."""
        try:
            if self._zip is not None:
                member = _Member(self._zip.open(name), self.where(name))
                return cast("IO[bytes]", io.BufferedReader(member, _BUFFER))
            place = self._place if self.single else f"{self._place}/{name}"
            return _lined(self._fs.open(place, "rb"))
        except LabelwidgetsError:
            raise
        except Exception as error:
            raise SourceError(
                f"could not be read ({type(error).__name__}).", where=self.where(name)
            ) from None

    def _path_of(self, name: str) -> str:
        if not self.single:
            return f"{self.path}/{name}"
        if name == self.name:
            return self.path
        parts = self.path.split("/")[:-1]
        rest = name.split("/")
        while rest and rest[0] == "..":
            rest.pop(0)
            if not parts:
                parts = [".."]
            elif parts[-1] == "..":
                parts.append("..")
            else:
                parts.pop()
        return "/".join([*parts, *rest])

    def _list(self, depth: int) -> None:
        try:
            found = self._fs.find(self._place, maxdepth=depth)
        except Exception as error:
            raise SourceError(
                f"could not be listed ({type(error).__name__}).", where=self.shown
            ) from None
        prefix = len(self._place) + 1
        self._sizes = {str(one)[prefix:]: None for one in found}

    def _open_zip(self) -> None:
        try:
            file: Any = self._fs.open(self._place, "rb")
            if type(file).__module__.startswith("fsspec.implementations.local"):
                self._zip = zipfile.ZipFile(file)
            else:
                file.close()
                # However large it is, only its directory is read, and what is asked for.
                self._zip = zipfile.ZipFile(cast("IO[bytes]", ranges(self.path, **self._options)))
            for info in self._zip.infolist():
                if info.file_size > max(_SMALL, _MAX_RATIO * info.compress_size):
                    raise LimitError(
                        f"is {info.file_size} bytes that are packed into {info.compress_size}.",
                        where=f"{self.shown}/{info.filename[:200]}",
                        hint="Unpack it and pass the folder if you trust it.",
                    )
                if not info.is_dir():
                    self._sizes[info.filename] = info.file_size
        except zipfile.BadZipFile:
            raise FormatError("is no zip, or a damaged one.", where=self.shown) from None
        except LabelwidgetsError:
            raise
        except Exception as error:
            raise SourceError(
                f"could not be read ({type(error).__name__}).", where=self.shown
            ) from None


class _Member(io.RawIOBase):
    """A file in an archive, read piece by piece; damage shows only then."""

    def __init__(self, file: IO[bytes], where: str) -> None:
        super().__init__()
        self._file, self._where = file, where

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._file.seekable()

    def tell(self) -> int:
        return self._file.tell()

    def seek(self, offset: int, whence: int = 0) -> int:
        try:
            return self._file.seek(offset, whence)
        except Exception as error:
            raise self._told(error) from None

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._file.read(len(buffer))
        except Exception as error:
            raise self._told(error) from None
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._file.close()
        super().close()

    def _told(self, error: Exception) -> LabelwidgetsError:
        if isinstance(error, LabelwidgetsError):
            return error
        return SourceError(f"cannot be unpacked ({type(error).__name__}).", where=self._where)


def _lined(file: Any) -> IO[bytes]:
    """Return a file that reads lines up to a length, which fsspec's own of buckets do not."""
    from fsspec.spec import AbstractBufferedFile

    if isinstance(file, AbstractBufferedFile):
        file = io.BufferedReader(cast("io.RawIOBase", file), _BUFFER)
    return cast("IO[bytes]", file)


def as_text(data: bytes, where: str) -> str:
    """Return UTF-8 as text, without a byte order mark.

    Raises
    ------
    FormatError
        If it is another encoding, naming the line.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FormatError(
            "is not UTF-8 text.", where=f"{where}, line {line}", hint="Save it as UTF-8."
        ) from None
