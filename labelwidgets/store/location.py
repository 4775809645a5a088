"""Where a store lies, and whether what lies there is one."""

from __future__ import annotations

import os
import sqlite3
import stat
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from labelwidgets.errors import NotAStoreError, StoreReadOnlyError
from labelwidgets.store.faults import fault

# Kept in the header of the SQLite file (offset 68, 4 bytes): "lwgt".
APPLICATION_ID = int.from_bytes(b"lwgt", "big")


@dataclass(frozen=True)
class Location:
    """The place of a store.

    Parameters
    ----------
    url
        For SQLAlchemy.
    path
        The file, for SQLite; None for a server.
    """

    url: URL
    path: Path | None

    @classmethod
    def of(cls, place: str | os.PathLike[str]) -> Location:
        """Return the location that a path or a database URL names.

        Raises
        ------
        NotAStoreError
            If it is neither.
        """
        text = os.fspath(place)
        odd = "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text)
        if odd or not text.strip():
            raise NotAStoreError(
                "is not a path.", where=ascii(text)[:80], hint="Use a file name such as cars.db."
            )
        if "://" not in text:
            return cls._file(Path(text))
        try:
            url = make_url(text)
        except (ArgumentError, ValueError):
            # The text may hold a password, so it is not repeated.
            raise NotAStoreError(
                "is neither a path nor the URL of a database.",
                where=f"{text.partition('://')[0]}://...",
                hint="Use a file name such as cars.db.",
            ) from None
        if url.get_backend_name() == "sqlite":
            if not url.database or url.database == ":memory:":
                raise NotAStoreError(
                    "names no file.", where=_shown(url), hint="Use a file name such as cars.db."
                )
            return cls._file(Path(url.database))
        if url.get_backend_name() != "postgresql":
            raise NotAStoreError(
                "is a database that labelwidgets does not know.",
                where=_shown(url),
                hint="Use a file name such as cars.db, or a postgresql:// URL.",
            )
        return cls(url.set(drivername="postgresql+psycopg"), None)

    @classmethod
    def _file(cls, path: Path) -> Location:
        path = Path(os.path.abspath(path.expanduser()))
        return cls(URL.create("sqlite", database=str(path)), path)

    def __str__(self) -> str:
        return str(self.path) if self.path else _shown(self.url)

    def exists(self) -> bool:
        """Say whether anything lies at the path; for a server, only the tables can tell."""
        return self.path is not None and os.path.lexists(self.path)

    def identity(self) -> tuple[int, int] | None:
        """Return what tells the file from others that may lie there later, None without one."""
        try:
            found = os.stat(self.path) if self.path else None
        except OSError:
            return None
        return (found.st_dev, found.st_ino) if found and found.st_size else None

    def check_file(self) -> None:
        """Raise unless a store lies at the path; the file is only read, never touched.

        Raises
        ------
        NotAStoreError
            If it is missing, a folder, or something else than a store.
        StoreReadOnlyError
            If it may not be read.
        """
        if self.path is None:
            return
        try:
            mode = os.stat(self.path).st_mode
        except (FileNotFoundError, NotADirectoryError):
            raise NotAStoreError(
                "There is no such file.",
                where=str(self),
                hint="Check the path, or make a new project with Project.create.",
            ) from None
        except PermissionError:
            raise self._unreadable() from None
        except OSError as error:
            raise NotAStoreError(f"cannot be read ({error.strerror}).", where=str(self)) from None
        if stat.S_ISDIR(mode):
            raise NotAStoreError(
                "is a folder.", where=str(self), hint="Name a file in it, such as cars.db."
            )
        if not stat.S_ISREG(mode) or not self._may_be_ours():
            raise self.foreign()

    def foreign(self) -> NotAStoreError:
        """Return the error for what is not ours."""
        return NotAStoreError(
            "is a file, but not a labelwidgets store, so it is left alone.",
            where=str(self),
            hint="Choose another path.",
        )

    def _may_be_ours(self) -> bool:
        """Say whether the file says so, or is a database in the middle of something.

        Only SQLite may open the file: to close it in any other way would drop the locks that
        this process has on it (https://sqlite.org/howtocorrupt.html, 2.2), and another process
        would take the log of the transactions away from under it.
        """
        path = self.path or Path()
        try:
            # Immutable: without locks, and without reading or making other files.
            connection = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)
            try:
                found = connection.execute("PRAGMA application_id").fetchone()
                return bool(found[0] == APPLICATION_ID)
            finally:
                connection.close()
        except sqlite3.Error as error:
            name = str(getattr(error, "sqlite_errorname", ""))
            if name.startswith("SQLITE_NOTADB"):
                return False
            if name.startswith("SQLITE_CANTOPEN"):
                raise self._unreadable() from None
            if name.startswith("SQLITE_CORRUPT"):
                # Or so it looks without its log: a process was killed while it wrote.
                return True
            raise fault(error, str(self)) from error

    def _unreadable(self) -> StoreReadOnlyError:
        return StoreReadOnlyError(
            "may not be read by this user.",
            where=str(self),
            hint="Ask its owner for the right to read and write it.",
        )


def _shown(url: URL) -> str:
    """Return a URL without what may be secret: its password, and its options."""
    return url.set(query={}).render_as_string(hide_password=True)
