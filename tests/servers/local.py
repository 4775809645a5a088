"""A folder of this machine, and a zip, as if they were servers."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

from tests.servers.storage import Bucket, new_name


class Local:
    """Folders of this machine.

    Parameters
    ----------
    home
        Where they lie.
    """

    name = "folder"

    def __init__(self, home: Path) -> None:
        self._home = home
        self.options: dict[str, Any] = {}

    def bucket(self) -> Bucket:
        """Return an empty folder."""
        folder = self._home / new_name()
        folder.mkdir(parents=True)

        def write(key: str, data: bytes) -> None:
            path = folder / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)

        return Bucket(folder.as_posix(), self.options, write)

    def requests(self) -> None:
        """Nobody is asked."""


class Zip:
    """Archives of this machine; a member is stored or deflated as its suffix says.

    Parameters
    ----------
    home
        Where they lie.
    """

    name = "zip"

    def __init__(self, home: Path) -> None:
        self._home = home
        self.options: dict[str, Any] = {}

    def bucket(self) -> Bucket:
        """Return an archive, which begins to be with its first member."""
        self._home.mkdir(parents=True, exist_ok=True)
        archive = self._home / f"{new_name()}.zip"

        def write(key: str, data: bytes) -> None:
            kind = zipfile.ZIP_DEFLATED if key.endswith(".png") else zipfile.ZIP_STORED
            with zipfile.ZipFile(archive, "a", kind) as file:
                file.writestr(key, data)

        return _Archive(archive.as_posix(), self.options, write)

    def requests(self) -> None:
        """Nobody is asked."""


class _Archive(Bucket):
    def at(self, key: str) -> str:
        return f"zip://{key}::{self.url}"
