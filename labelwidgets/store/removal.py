"""Deleting a store: only what was copied, is nobody's at the moment, and was named once more."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from time import sleep

from sqlalchemy import Connection, select, text

from labelwidgets.errors import ConflictError, StoreError, StoreLockedError
from labelwidgets.store import log
from labelwidgets.store.backup import Backup
from labelwidgets.store.clock import now
from labelwidgets.store.database import Database
from labelwidgets.store.tables import metadata, tasks

_LOOKS = 10


def check_left(connection: Connection, where: str, actor: str) -> None:
    """Raise if others are at work on tasks.

    Raises
    ------
    StoreLockedError
        Naming them.
    """
    found = select(tasks.c.assignee).distinct()
    busy = found.where(tasks.c.lease_until > now(connection), tasks.c.assignee != actor)
    people = sorted(str(name) for name in connection.execute(busy).scalars())
    if people:
        raise StoreLockedError(
            f"is being worked on by {', '.join(people)}.",
            where=where,
            hint="Wait for ten minutes after they have left, or pass force=True.",
        )


def remove(store: Database, backup: Backup, *, force: bool) -> None:
    """Delete a store that is as a backup has it, and that nobody else has open.

    Raises
    ------
    ConflictError
        If something happened since the backup was made.
    StoreLockedError
        If others have it open, and it is not forced.
    """
    if store.location.path is None:
        _drop(store, backup, force=force)
        return
    store.close()
    _unlink(store.location.path, backup, force=force)


def _drop(store: Database, backup: Backup, *, force: bool) -> None:
    where = str(store.location)
    store.close()
    with store.writing() as connection:
        _check_same(log.last_seq(connection), backup, where)
        if not force and _others(connection):
            raise _in_use(where)
        metadata.drop_all(connection)


def _others(connection: Connection) -> bool:
    """Say whether others are connected to a database, once our own connections are gone."""
    count = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND pid <> pg_backend_pid() AND application_name = 'labelwidgets'"
    )
    for _ in range(_LOOKS):
        if not connection.execute(count).scalar_one():
            return False
        # What was closed a moment ago may still be there.
        sleep(0.1)
        connection.execute(text("SELECT pg_stat_clear_snapshot()"))
    return True


def _unlink(path: Path, backup: Backup, *, force: bool) -> None:
    connection = sqlite3.connect(path, timeout=2, isolation_level=None)
    try:
        if not force:
            # Nobody else may have the file open: SQLite gives up its log only then.
            mode = connection.execute("PRAGMA journal_mode = DELETE").fetchone()[0]
            if mode != "delete":
                raise _in_use(str(path))
        connection.execute("BEGIN IMMEDIATE" if force else "BEGIN EXCLUSIVE")
        seq = connection.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()[0]
        _check_same(seq, backup, str(path))
        if os.name == "nt":
            connection.close()
        for suffix in ("", "-wal", "-shm", "-journal"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
    except sqlite3.OperationalError as error:
        raise _in_use(str(path)) from error
    except OSError as error:
        raise StoreError(f"cannot be deleted ({error.strerror}).", where=str(path)) from error
    finally:
        connection.close()


def _check_same(seq: int, backup: Backup, where: str) -> None:
    if seq != backup.seq:
        raise ConflictError(
            "has changed since it was exported, so it is not deleted.",
            where=where,
            hint="Export it once more.",
        )


def _in_use(where: str) -> StoreLockedError:
    return StoreLockedError(
        "is open elsewhere, so it is not deleted.",
        where=where,
        hint="Close it there, or pass force=True.",
    )
