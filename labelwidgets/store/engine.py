"""Connections to the database of a store: durable, and one writer at a time."""

from __future__ import annotations

import os
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError

from labelwidgets.errors import MissingExtraError, StoreError
from labelwidgets.store.location import APPLICATION_ID, Location

_WRITES = "labelwidgets_writes"
_MAKES = "labelwidgets_makes"
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
    if location.path is not None:
        engine = create_engine(location.url, hide_parameters=True)
        _prepare_sqlite(engine, location, wait)
        return engine
    try:
        engine = create_engine(
            location.url,
            hide_parameters=True,
            # A server that was restarted meanwhile is connected to anew, and nobody notices.
            pool_pre_ping=True,
            connect_args=_patience(location, wait),
        )
    except ImportError as error:
        raise MissingExtraError(
            f"needs the package {error.name or 'psycopg'}.",
            where=str(location),
            hint="Install it with: pip install 'labelwidgets[team]'",
        ) from None
    _prepare_server(engine, wait)
    return engine


def writing(engine: Engine) -> Engine:
    """Return the same engine, with transactions that may write."""
    return engine.execution_options(**{_WRITES: True})


def making(engine: Engine) -> Engine:
    """Return the same engine, with transactions that make the tables."""
    return engine.execution_options(**{_WRITES: True, _MAKES: True})


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


# A cable that is cut says nothing: after so many milliseconds without an answer it is.
_SILENCE = 20_000


def _patience(location: Location, wait: float) -> dict[str, Any]:
    """Return how long the driver waits for a server; what the URL says of it counts."""
    given = {
        "connect_timeout": max(2, round(wait)),
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 2,
        "tcp_user_timeout": _SILENCE,
        "application_name": "labelwidgets",
    }
    return {name: value for name, value in given.items() if name not in location.url.query}


def _prepare_server(engine: Engine, wait: float) -> None:
    # Who writes locks this row first, so that writers are in one line from the beginning, as on
    # SQLite: what one has read is still so when it writes, and no two wait for one another.
    line = "SELECT id FROM meta FOR NO KEY UPDATE"
    # Before there is such a row. The number is ours alone (APPLICATION_ID).
    first = f"SELECT pg_advisory_xact_lock({APPLICATION_ID})"
    patience = f"SET LOCAL lock_timeout = {int(wait * 1000)}"

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get(_WRITES, False):
            makes = options.get(_MAKES, False)
            connection.exec_driver_sql(f"{patience}; {first if makes else line}")
        else:
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
