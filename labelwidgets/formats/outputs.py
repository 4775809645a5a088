"""Where files of several scans go: one file, a folder, or a zip."""

from __future__ import annotations

import os
import weakref
import zipfile
from collections.abc import Sequence
from types import TracebackType
from typing import IO, Any, Self

from labelwidgets.errors import FormatError
from labelwidgets.formats.drawing import Folder
from labelwidgets.formats.file_names import free_name, is_plain, plain_name, safe_name
from labelwidgets.formats.pending_files import PendingFiles, Pieces
from labelwidgets.media.whole_files import shown
from labelwidgets.media.worker_pixels import OptionsOf


class Output:
    """Files that are written to a path, used in a ``with``: all of them at its end, or none.

    Where the block ends by an error or is interrupted, what was there before is as it was. In a
    folder that is not on this machine new files are there as soon as they are added, and are
    taken away again then; what replaces a file does so at the end.

    Parameters
    ----------
    path
        A name with one of the suffixes is that one file, one that ends with ``.zip`` an archive,
        any other a folder, made if it is not there.
    suffixes
        Of the files, with their dots; the first one is that of files in folders. Without any,
        every name is that of one file.
    **storage_options
        For fsspec.

    Attributes
    ----------
    files
        What was written, as it is shown.
    renamed
        Names that not all file systems take, and what the files are called instead.
    strict
        Raise for such names.
    """

    def __init__(
        self, path: str | os.PathLike[str], suffixes: Sequence[str], **storage_options: Any
    ) -> None:
        self.path, self.storage_options = os.fspath(path).rstrip("/"), storage_options
        self.shown = shown(path)
        name = self.shown.lower()
        self._suffix = suffixes[0] if suffixes else ""
        self.single = not suffixes or name.endswith(tuple(suffixes))
        self._packed = not self.single and name.endswith(".zip")
        self._names: set[str] = set()
        self._places: list[str] = []
        self._pending = PendingFiles(self.path, storage_options)
        # Of whoever never comes to the end.
        self._end = weakref.finalize(self, self._pending.discard)
        self._beside: list[Output] = []
        self.files: list[str] = []
        self.strict = False
        self.renamed: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
        else:
            self._discard()

    def beside(self, path: str, suffixes: Sequence[str]) -> Output:
        """Return files at another path, which are there when those of this one are, or not.

        Parameters
        ----------
        path, suffixes
            As for `Output`.
        """
        self._beside.append(Output(path, suffixes, **self.storage_options))
        return self._beside[-1]

    def check(self, count: int, what: str) -> None:
        """Raise FormatError unless so many files find a place."""
        if self.single:
            check_single(self.shown, count, what)

    def add(self, name: str, data: bytes, suffix: str | None = None, *, exact: bool = False) -> str:
        """Write a file, and return what it is called in the folder or archive.

        Parameters
        ----------
        name
            What it is called in a folder, without suffix; slashes are folders.
        data
            All of it.
        suffix
            If it is another than that of the others.
        exact
            The name is a `plain_name` that no other file has, and stays as it is.
        """
        return self.add_pieces(name, (data,), suffix, exact=exact)

    def add_pieces(
        self,
        name: str,
        pieces: Pieces,
        suffix: str | None = None,
        *,
        exact: bool = False,
    ) -> str:
        """Write a file piece by piece: see `add`."""
        if self.single and not self.files:
            self.put("", pieces)
            return self.shown.rsplit("/", 1)[-1]
        place = self.place(name, suffix, exact=exact)
        self.put(place, pieces)
        return place

    def place(self, name: str, suffix: str | None = None, *, exact: bool = False) -> str:
        """Return what a file will be called that is written by `put`: see `add`."""
        if self.single and not self._names:
            self._names.add("")
            return ""
        return self._free(name if exact else self._safe(name), suffix or self._suffix)

    def folder(self, name: str) -> str:
        """Return what a folder is called that nobody else writes to, like `name`."""
        return self._free(self._safe(name), "")

    def plain(self, name: str, of: str = "") -> str:
        """Return a `plain_name`, and note in `renamed` that it is another name.

        Parameters
        ----------
        name
            What a file would be called.
        of
            What it is the file of, which is noted once; empty for that name.

        Raises
        ------
        FormatError
            If it is another one, and the writing is `strict`.
        """
        plain = plain_name(name)
        if not is_plain(name):
            if self.strict:
                raise FormatError(
                    f"{name[:200]!r} cannot be the name of a file everywhere.",
                    where=self.shown,
                    hint=f"Rename it, or write with strict=False, which calls it {plain[:200]!r}.",
                )
            self.renamed.setdefault(of or name, plain)
        return plain

    def put(self, place: str, pieces: Pieces) -> None:
        """Write the file of a place."""
        if self.single and not self.files:
            self._pending.add_single(pieces)
            self.files.append(self.shown)
            return
        if self._packed:
            # The same labels give the same bytes: without the time of day.
            info = zipfile.ZipInfo(place)
            info.compress_type = zipfile.ZIP_DEFLATED
            with self._pending.archive().open(info, "w", force_zip64=True) as member:
                for piece in pieces:
                    member.write(piece)
        else:
            self._pending.add(place, pieces)
        self.note(place)

    def note(self, place: str) -> None:
        """Note that somebody else has written the file of a place."""
        self.files.append(f"{self.shown}/{place}")

    @property
    def in_order(self) -> bool:
        """Whether it matters which file is written first."""
        return self._packed

    def folder_of_workers(self, storage_options: OptionsOf | None) -> Folder | None:
        """Return the folder, where workers can write to it by themselves.

        They can to a new folder of a bucket, with what they are told to write with: what was told
        to this process is not sent to them.
        """
        scheme = self.path.partition("://")[0] if "://" in self.path else "file"
        if self.single or self._packed or scheme in ("file", "local", "memory"):
            return None
        if storage_options is None and self.storage_options:
            return None
        if self._pending.may_replace:
            return None
        self._pending.expect(self._places)
        return Folder(self.path, storage_options)

    def opened(self) -> IO[bytes]:
        """Return the one file, to write to and to seek in."""
        self.files.append(self.shown)
        return self._pending.begin(self.path, durable=True).file

    def close(self) -> None:
        """Put what was written in its place."""
        try:
            if self._packed:
                self._pending.archive().close()
            elif not self.single and not self.files:
                # A folder without files says that there was nothing to write.
                self._pending.make("")
            self._pending.commit()
            for other in self._beside:
                other.close()
        finally:
            self._discard()

    def _discard(self) -> None:
        self._end()
        for other in self._beside:
            other._discard()

    def _safe(self, name: str) -> str:
        self.plain(name)
        # Shortened, a name may be one that is reserved.
        return plain_name(safe_name(name))

    def _free(self, name: str, suffix: str) -> str:
        self._places.append(free_name(name, self._names, suffix))
        return self._places[-1]


def check_single(shown: str, count: int, what: str) -> None:
    """Raise FormatError unless so many files are one."""
    if count != 1:
        raise FormatError(
            f"is one file, and there are {count} {what} to write.",
            where=shown,
            hint="Name a folder or a .zip.",
        )
