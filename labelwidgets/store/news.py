"""What is new in a project, whichever process it came from: edits, and what is said of issues."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection

from labelwidgets.schema.issue import Issue
from labelwidgets.store import log
from labelwidgets.store.database import Database
from labelwidgets.store.edits import Applied
from labelwidgets.store.engine import flush
from labelwidgets.store.issues import read_issues_since

New = TypeVar("New")


class News:
    """Reads what came after a sequence number; where nothing did, at next to no cost.

    Parameters
    ----------
    database
        The project's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        # By what was asked for: the stamp then, and the last sequence number.
        self._polled: dict[str, tuple[int, int]] = {}

    def edits(self, after_seq: int) -> list[Applied]:
        """Return the edits that were applied since."""
        return self._since("edits", after_seq, log.read_since)[0]

    def issues(self, after_seq: int) -> tuple[list[Issue], int]:
        """Return issues that anybody said something of since, and the last seq of all."""
        return self._since("issues", after_seq, read_issues_since)

    def _since(
        self, what: str, after_seq: int, read: Callable[[Connection, int], list[New]]
    ) -> tuple[list[New], int]:
        """Return what there is of a kind after a sequence number, and the last one of all."""
        database = self._database
        if database.location.path is None:
            return self._since_on_server(after_seq, read)
        # Read before the log: what comes in between is seen again, never missed.
        stamp = database.stamp()
        seen = self._polled.get(what)
        if seen is not None and seen[0] == stamp and after_seq >= seen[1]:
            return [], seen[1]
        with database.reading() as connection:
            last = log.last_seq(connection)
            found = read(connection, after_seq) if last > after_seq else []
        self._polled[what] = (stamp, last)
        return found, last

    def _since_on_server(
        self, after_seq: int, read: Callable[[Connection, int], list[New]]
    ) -> tuple[list[New], int]:
        database = self._database
        with database.glancing() as connection:
            last = log.take_head(connection).seq
        if last <= after_seq:
            return [], last
        with database.reading() as connection:
            found = read(connection, after_seq)
        if found:
            # Not all of it need be on the disk of the server yet. Told of it is who can rely on it:
            # else a number that they know would be that of another event after a crash.
            with database.glancing() as connection:
                flush(connection)
        return found, last
