"""Connections to the database of a store: durable, and one writer at a time."""

from __future__ import annotations

import os
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError

from labelwidgets.errors import MissingExtraError, StoreError
from labelwidgets.store.location import Location

_WRITES = "labelwidgets_writes"
# Connections of the parent of a forked process: SQLite forbids to use them, and to close them.
_abandoned: list[Any] = []


def make_engine(location: Location, wait: float) -> Engine:
    """Return an engine whose transactions read one snapshot.

    Parameters
    ----------
    location
        Where the store lies.
    wait
        Seconds to wait for another writer.
    """
    try:
        engine = create_engine(location.url, hide_parameters=True)
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"needs the package {error.name}.",
            where=str(location),
            hint="Install it with: pip install 'psycopg[binary]'",
        ) from None
    if location.path is not None:
        _prepare_sqlite(engine, location, wait)
    else:
        _prepare_server(engine, wait)
    return engine


def writing(engine: Engine) -> Engine:
    """Return the same engine, with transactions that may write."""
    return engine.execution_options(**{_WRITES: True})


def _prepare_sqlite(engine: Engine, location: Location, wait: float) -> None:
    file = location.identity()

    def check_file() -> None:
        """Raise where another file, or none, has taken the place of the one that was opened.

        SQLite would go on to write into the one that is gone, and make an empty one there.
        """
        if location.identity() != file:
            raise StoreError(
                "was moved, deleted or replaced since it was opened, so nothing is written.",
                where=str(location),
                hint="Put the file back, or open the project again.",
            )

    @event.listens_for(engine, "do_connect")
    def before_connect(dialect: Any, record: Any, args: Any, parameters: Any) -> None:
        check_file()

    @event.listens_for(engine, "connect")
    def connect(connection: Any, record: Any) -> None:
        # We begin transactions ourselves: the sqlite3 module would begin too late.
        connection.isolation_level = None
        record.info["process"] = os.getpid()
        connection.execute(f"PRAGMA busy_timeout = {int(wait * 1000)}")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA fullfsync = ON")
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "checkout")
    def checkout(connection: Any, record: Any, proxy: Any) -> None:
        if record.info["process"] != os.getpid():
            _abandoned.append(connection)
            record.dbapi_connection = proxy.dbapi_connection = None
            raise DisconnectionError("The connection belongs to the parent process.")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that reads first and writes later would fail when another wrote between.
        writes = connection.get_execution_options().get(_WRITES, False)
        if writes:
            check_file()
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _prepare_server(engine: Engine, wait: float) -> None:
    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get(_WRITES, False):
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {int(wait * 1000)}")
        else:
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
