"""Where files of several scans go: one file, a folder, or a zip."""

from __future__ import annotations

import io
import os
import re
import zipfile
from collections.abc import Sequence
from typing import Any

from labelwidgets.errors import FormatError
from labelwidgets.media.whole_files import make_folder, shown, write_bytes

# What no file system minds.
_UNSAFE = re.compile(r"[^\w.+-]+")


class Output:
    """Files that are written to a path: each whole or not at all, a zip as one.

    Parameters
    ----------
    path
        A name with one of the suffixes is that one file, one that ends with ``.zip`` an archive,
        any other a folder, made if it is not there.
    suffixes
        Of the files, with their dots; the first one is that of files in folders.
    **storage_options
        For fsspec.
    """

    def __init__(
        self, path: str | os.PathLike[str], suffixes: Sequence[str], **storage_options: Any
    ) -> None:
        self.path, self._options = os.fspath(path).rstrip("/"), storage_options
        self.shown = shown(path)
        name = self.shown.lower()
        self._suffix = suffixes[0]
        self.single = bool(suffixes) and name.endswith(tuple(suffixes))
        self._zip = io.BytesIO() if name.endswith(".zip") else None
        self._names: set[str] = set()
        self.files: list[str] = []

    def check(self, count: int, what: str) -> None:
        """Raise FormatError unless so many files find a place."""
        if self.single and count != 1:
            raise FormatError(
                f"is one file, and there are {count} {what} to write.",
                where=self.shown,
                hint="Name a folder or a .zip.",
            )

    def add(self, name: str, data: bytes, suffix: str | None = None) -> str:
        """Write a file, and return what it is called in the folder or archive.

        Parameters
        ----------
        name
            What it is called in a folder, without suffix; slashes are folders.
        data
            All of it.
        suffix
            If it is another than that of the others.
        """
        if self.single and not self.files:
            write_bytes(self.path, data, **self._options)
            self.files.append(self.shown)
            return self.shown.rsplit("/", 1)[-1]
        place = self._free(safe_name(name), suffix or self._suffix)
        if self._zip is not None:
            with zipfile.ZipFile(self._zip, "a", zipfile.ZIP_DEFLATED) as archive:
                # The same labels give the same bytes.
                archive.writestr(zipfile.ZipInfo(place), data, zipfile.ZIP_DEFLATED)
        else:
            target = f"{self.path}/{place}"
            make_folder(target.rsplit("/", 1)[0], **self._options)
            write_bytes(target, data, **self._options)
        self.files.append(f"{self.shown}/{place}")
        return place

    def close(self) -> None:
        """Write the archive, if it is one."""
        if self._zip is not None:
            if not self.files:
                zipfile.ZipFile(self._zip, "w").close()
            write_bytes(self.path, self._zip.getvalue(), **self._options)

    def _free(self, name: str, suffix: str) -> str:
        number, place = 1, f"{name}{suffix}"
        while place.lower() in self._names:
            number += 1
            place = f"{name}_{number}{suffix}"
        self._names.add(place.lower())
        return place


def safe_name(name: str) -> str:
    """Return a name for a file, with slashes between folders and nothing that leads upwards."""
    parts = [_UNSAFE.sub("_", part).strip("._ ")[:120] for part in name.split("/")]
    return "/".join(part for part in parts if part) or "unnamed"
