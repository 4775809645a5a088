"""Walls: on PostgreSQL the database itself holds people to what their roles may do.

One login role a person; policies say which rows it sees, and triggers what it may write, in whose
name and by which move of the workflow. All of it is SQL in the folder `sql`, kept in the database,
where every connection meets it: also one that never asked this package. Who owns the tables, or
the server, is held by none of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, text

_PARTS = ("identity", "workflow", "reading", "log", "labels", "moves", "late", "talk", "people")
_WALLED = "labelwidgets_walled"


@lru_cache
def _sql(part: str) -> str:
    return (files("labelwidgets.store") / "sql" / f"{part}.sql").read_text(encoding="utf-8")


@lru_cache
def fingerprint() -> str:
    """Return what tells these walls from those of another version."""
    return hashlib.sha256("".join(map(_sql, ("down", *_PARTS))).encode()).hexdigest()[:16]


def standing(connection: Connection) -> str | None:
    """Return the fingerprint of the walls of a database, None where there are none."""
    if connection.dialect.name != "postgresql":
        return None
    found = text(
        "SELECT obj_description(to_regprocedure(quote_ident(current_schema()) || '.lw_me()'))"
    )
    said: Any = connection.execute(found).scalar()
    return None if said is None else str(said).rpartition(" ")[2]


def put_up(connection: Connection) -> None:
    """Put the walls up, in place of those that stand; takes the owner of the tables."""
    # What the functions look names up in, whatever their callers have: see SET ... FROM CURRENT.
    _run(
        connection,
        "SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true)",
    )
    for part in ("down", *_PARTS):
        _run(connection, _sql(part))
    _run(connection, f"COMMENT ON FUNCTION lw_me() IS 'labelwidgets walls {fingerprint()}'")


def stand(connection: Connection) -> None:
    """Put the walls up where there are none: with the first person who has a login."""
    if standing(connection) is None:
        put_up(connection)


def _run(connection: Connection, statements: str) -> None:
    # As it is: without looking for parameters.
    connection.execution_options(no_parameters=True).exec_driver_sql(statements)


def behind(connection: Connection) -> bool:
    """Say whether walls hold this connection: not that of the owner."""
    if standing(connection) is None:
        return False
    return bool(connection.execute(text("SELECT row_security_active('events')")).scalar())


def person(connection: Connection) -> str | None:
    """Return whose login a connection came in with, None for nobody's."""
    found: str | None = connection.execute(text("SELECT lw_me()")).scalar()
    return found


def within(engine: Engine) -> Engine:
    """Return the same engine, whose transactions know that walls hold them."""
    return engine.execution_options(**{_WALLED: True})


def rows_of(connection: Connection, function: str, argument: Any) -> Sequence[RowMapping]:
    """Return the rows of a function of the walls, which tells what policies do not show."""
    found = text(f"SELECT * FROM {function}(:argument)")  # noqa: S608 a name of ours
    return connection.execute(found, {"argument": argument}).mappings().all()


def walled(connection: Connection) -> bool:
    """Say whether a transaction does not see all, so that it must ask functions of the walls."""
    return bool(connection.get_execution_options().get(_WALLED, False))
