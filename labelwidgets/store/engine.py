"""Connections to the database of a store: durable, and one writer at a time."""

from __future__ import annotations

import os
import random
import selectors
import sqlite3
import time
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError, InvalidatePoolError

from labelwidgets.errors import MissingExtraError, StoreError
from labelwidgets.store.location import APPLICATION_ID, Location

_WRITES = "labelwidgets_writes"
_MAKES = "labelwidgets_makes"
_PROPOSES = "labelwidgets_proposes"
# Who writes to a server locks this row first, so that writers are in one line from the beginning,
# as on SQLite: what one has read is still so when it writes, and no two wait for one another.
LINE = "SELECT id FROM meta FOR NO KEY UPDATE"
_ADDS = "labelwidgets_adds"
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
            connect_args=_connecting(location, wait),
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


def proposing(engine: Engine) -> Engine:
    """Return the same engine of a server, with transactions that write what `proposals` has.

    They do not stand in the line before that.
    """
    return engine.execution_options(**{_WRITES: True, _PROPOSES: True})


def adding(engine: Engine) -> Engine:
    """Return the same engine, with transactions that only add: they need not stand in line."""
    return engine.execution_options(**{_ADDS: True})


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
        options = connection.get_execution_options()
        if options.get(_WRITES, False) or options.get(_ADDS, False):
            check_file()
            _take_turn(driver_of(connection), wait)
        else:
            connection.exec_driver_sql("BEGIN")


# Seconds between two looks whether nobody writes: at first, and at least.
_LOOK, _SHORTEST = 0.004, 0.0003


def _take_turn(driver: Any, wait: float) -> None:
    """Begin to write a file, once nobody else does.

    Who waits looks the more often the longer they have waited, so that all get their turn. SQLite's
    own way is to look ever less often: of several people who write, one waits for seconds.
    """
    begun = time.monotonic()
    driver.execute("PRAGMA busy_timeout = 0")
    try:
        while True:
            try:
                driver.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                waited = time.monotonic() - begun
                if not error.sqlite_errorname.startswith("SQLITE_BUSY") or waited >= wait:
                    raise
                pause = max(_SHORTEST, _LOOK / (1 + waited / _LOOK))
                time.sleep(min(pause * (0.5 + random.random()), wait - waited))  # noqa: S311 no secret
            else:
                return
    finally:
        driver.execute(f"PRAGMA busy_timeout = {int(wait * 1000)}")


# A cable that is cut says nothing: after so many milliseconds without an answer it is.
_SILENCE = 20_000


def _connecting(location: Location, wait: float) -> dict[str, Any]:
    """Return how the driver connects: how long it waits, where the URL says nothing of it."""
    given = {
        "connect_timeout": max(2, round(wait)),
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 2,
        "tcp_user_timeout": _SILENCE,
        "application_name": "labelwidgets",
    }
    wanted = {name: value for name, value in given.items() if name not in location.url.query}
    return {**wanted, "autocommit": True}


# After so many seconds without use a connection is asked whether it is still there.
_IDLE = 60.0
_BEGINNING = "labelwidgets_beginning"
# Says whether this user may write a message into the log of the server: see `_prepare_server`.
_MAY_NOTE = (
    "SELECT coalesce(bool_or(has_function_privilege(oid, 'EXECUTE')), false) "
    "FROM pg_proc WHERE proname = 'pg_logical_emit_message'"
)
# Whatever is in the log before this message is on the disk when it is.
_FLUSH = "SELECT pg_logical_emit_message(true, 'labelwidgets', '')"


def _prepare_server(engine: Engine, wait: float) -> None:
    # Before there is a row to stand in line for. The number is ours alone (APPLICATION_ID).
    first = f"SELECT pg_advisory_xact_lock({APPLICATION_ID})"
    patience = f"SET LOCAL lock_timeout = {int(wait * 1000)}"
    # Nobody waits in line for the disk: the commit that lets the next one in is not flushed, and
    # the one after it is, with all that is in the log by then. What is acknowledged is on the disk
    # all the same, and so is everything that it was made from, as the log is written in order.
    quick = "SET LOCAL synchronous_commit = off"

    # Transactions are begun and ended here, with what is first and last in them in one trip to the
    # server: the driver does nothing of its own (`_connecting`).

    @event.listens_for(engine, "connect")
    def connect(connection: Any, record: Any) -> None:
        record.info["notes"] = connection.execute(_MAY_NOTE).fetchone()[0]

    @event.listens_for(engine, "checkin")
    def checkin(connection: Any, record: Any) -> None:
        record.info["used"] = time.monotonic()
        record.info.pop(_BEGINNING, None)

    @event.listens_for(engine, "checkout")
    def checkout(connection: Any, record: Any, proxy: Any) -> None:
        # A server that was restarted meanwhile is connected to anew, and nobody notices.
        if "used" in record.info and not _is_there(connection, record.info["used"]):
            raise InvalidatePoolError

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get(_MAKES, False):
            connection.info[_BEGINNING] = ["BEGIN", patience, first]
        elif options.get(_WRITES, False):
            fast = [quick] if connection.info["notes"] else []
            line = [] if options.get(_PROPOSES, False) else [LINE]
            connection.info[_BEGINNING] = ["BEGIN", patience, *fast, *line]
        elif options.get(_ADDS, False):
            connection.info[_BEGINNING] = ["BEGIN", patience]
        else:
            connection.info[_BEGINNING] = ["BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"]

    @event.listens_for(engine, "before_cursor_execute")
    def before(connection: Connection, *_: Any) -> None:
        # What is asked through SQLAlchemy comes after it.
        beginning = begin_with(connection)
        if beginning:
            driver_of(connection).execute("; ".join(beginning), prepare=False)

    @event.listens_for(engine, "commit")
    def commit(connection: Connection) -> None:
        options = connection.get_execution_options()
        driver = driver_of(connection)
        if begin_with(connection) or driver.pgconn.transaction_status == 0:
            # Nothing was asked, or it has ended with what was asked last.
            return
        writes = options.get(_WRITES, False) and not options.get(_PROPOSES, False)
        if writes and not options.get(_MAKES, False):
            check_end(driver.execute("; ".join(end_with(connection)), prepare=False))


def begin_with(connection: Connection) -> list[str]:
    """Return the statements that a transaction on a server begins with, if it has not begun yet."""
    found: list[str] = connection.info.pop(_BEGINNING, [])
    return found


def end_with(connection: Connection) -> list[str]:
    """Return the statements that end a transaction on a server in which something was written."""
    return ["COMMIT", _FLUSH] if connection.info["notes"] else ["COMMIT"]


def check_end(cursor: Any) -> None:
    """Raise where a server says of a COMMIT that nothing came of the transaction."""
    if cursor.statusmessage != "COMMIT":
        raise StoreError("The database took the transaction back.", hint="Try again.")


def driver_of(connection: Connection) -> Any:
    """Return the connection of the driver, past SQLAlchemy."""
    return connection.connection.driver_connection


def flush(connection: Connection) -> None:
    """Wait until a server has on its disk all that was committed so far; see `_prepare_server`.

    To be called outside of a transaction.
    """
    if connection.info["notes"]:
        driver_of(connection).execute(_FLUSH)


def _is_there(connection: Any, used: float) -> bool:
    """Say whether a connection to a server can be used, which costs a trip only after a pause."""
    if connection.closed:
        return False
    with selectors.DefaultSelector() as selector:
        selector.register(connection.pgconn.socket, selectors.EVENT_READ)
        # A server that goes says so; else it does not speak without being asked.
        spoke = bool(selector.select(0))
    if not spoke and time.monotonic() - used < _IDLE:
        return True
    try:
        connection.execute("SELECT 1")
    except Exception:
        return False
    return True
