"""Making a store: whole or not at all, and never over another file or project."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy import Connection, inspect

from labelwidgets.errors import NotAStoreError, StoreError, StoreReadOnlyError
from labelwidgets.schema.ids import new_id
from labelwidgets.store.engine import make_engine, making
from labelwidgets.store.faults import translated
from labelwidgets.store.location import APPLICATION_ID, Location
from labelwidgets.store.tables import meta, metadata


def taken(location: Location) -> StoreError:
    """Return the error for a place where something lies already."""
    return StoreError(
        "is there already, and is left as it is.",
        where=str(location),
        hint="Open it with Project.open, or choose another path.",
    )


@contextmanager
def new_file(location: Location) -> Iterator[Location]:
    """Yield a place for a new database, which takes the name of `location` at the end.

    If anything fails before, nothing is left behind. A server is yielded as it is.

    Raises
    ------
    StoreError
        If something lies at the location, now or at the end.
    NotAStoreError
        If its folder is missing.
    StoreReadOnlyError
        If its folder cannot be written.
    """
    if location.path is None:
        yield location
        return
    path = location.path
    if location.exists():
        raise taken(location)
    if not path.parent.is_dir():
        raise NotAStoreError(
            "The folder is missing.", where=str(path.parent), hint="Make it first."
        )
    for suffix in ("-wal", "-journal"):
        stray = path.with_name(path.name + suffix)
        if stray.exists():
            # SQLite would take what is in it for the latest changes of the new file.
            raise StoreError(
                f"was left over from a database {path.name} that is gone.",
                where=str(stray),
                hint=f"Put {path.name} back beside it, or delete it and what only it holds.",
            )
    draft = path.with_name(f".{path.name}.{new_id()}.new")
    try:
        draft.touch(exist_ok=False)
    except PermissionError as error:
        raise _read_only(location) from error
    except OSError as error:
        raise StoreError(f"cannot be made ({error.strerror}).", where=str(location)) from error
    try:
        _execute(draft, f"PRAGMA application_id = {APPLICATION_ID}")
        yield replace(location, path=draft, url=location.url.set(database=str(draft)))
        # Part of the file from now on; done last, so that all of it is in the one file.
        _execute(draft, "PRAGMA journal_mode = WAL")
        _publish(draft, location)
    finally:
        for suffix in ("", "-journal", "-wal", "-shm"):
            draft.with_name(draft.name + suffix).unlink(missing_ok=True)


@contextmanager
def new_tables(location: Location, wait: float) -> Iterator[Connection]:
    """Yield a transaction on empty tables at a new place: all that is written, or no store.

    Parameters
    ----------
    location
        Where nothing may lie; see `new_file`.
    wait
        Seconds to wait for another process.
    """
    with translated(str(location)), new_file(location) as target:
        engine = make_engine(target, wait)
        try:
            with making(engine).begin() as connection:
                if location.path is None and inspect(connection).has_table(meta.name):
                    raise taken(location)
                metadata.create_all(connection)
                yield connection
        finally:
            engine.dispose()


def _read_only(location: Location) -> StoreReadOnlyError:
    return StoreReadOnlyError(
        "cannot be made: the folder is read-only.",
        where=str(location),
        hint="Choose a folder of your own.",
    )


def _execute(path: os.PathLike[str], statement: str) -> None:
    connection = sqlite3.connect(path)
    try:
        connection.execute(statement)
    finally:
        connection.close()


def _publish(draft: os.PathLike[str], location: Location) -> None:
    target = os.fspath(location.path or "")
    try:
        # Unlike a rename, a link fails where something lies already.
        os.link(draft, target)
    except FileExistsError:
        raise taken(location) from None
    except OSError:
        # Not every file system has links.
        if location.exists():
            raise taken(location) from None
        os.rename(draft, target)
    if os.name == "posix":
        folder = os.open(os.path.dirname(target), os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
