"""Statements that are made once and go to the driver as they are, several of them in one trip.

SQLAlchemy takes several times as long over a small statement as the database does. Where others
wait in line meanwhile (see `engine.writing`), and where a trip to a server is the larger part of
the time, that counts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import ColumnElement, Connection, String, bindparam, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql import ClauseElement

from labelwidgets.store.engine import begin_with, check_end, driver_of, end_with

Values: TypeAlias = Mapping[str, Any]


class _Made(NamedTuple):
    text: str
    # Names of the parameters in their order, where the driver knows them by that alone.
    order: Sequence[str] | None
    given: Values

    def filled(self, values: Values) -> Any:
        every = {**self.given, **values}
        return every if self.order is None else tuple(every[name] for name in self.order)


class Statement:
    """A statement, made at its first use.

    Parameters
    ----------
    make
        From whether the database is SQLite to the statement, with parameters by name.
    """

    def __init__(self, make: Callable[[bool], ClauseElement]) -> None:
        self._make = make
        self._made: dict[str, _Made] = {}

    def made(self, connection: Connection) -> _Made:
        """Return the text of the statement for a database."""
        dialect = connection.dialect
        found = self._made.get(dialect.name)
        if found is None:
            made = self._make(dialect.name == "sqlite")
            compiled = made.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
            order = getattr(compiled, "positiontup", None)
            found = _Made(str(compiled), order, dict(compiled.params or {}))
            self._made[dialect.name] = found
        return found


def is_among(column: ColumnElement[Any], name: str, sqlite: bool) -> ColumnElement[bool]:
    """Return whether a text is one of a parameter's, however many they are; see `several`."""
    if sqlite:
        return column.in_(text(f"SELECT value FROM json_each(:{name})"))  # noqa: S608 a name of ours
    return column == func.any(bindparam(name, type_=ARRAY(String)))


def several(connection: Connection, texts: Collection[str]) -> Any:
    """Return the value of a parameter of `is_among`."""
    return json.dumps(list(texts)) if connection.dialect.name == "sqlite" else list(texts)


def read(
    connection: Connection, *asked: tuple[Statement, Values], last: bool = False
) -> list[list[dict[str, Any]]]:
    """Return the rows of each statement; all of them go to a server in one trip.

    Each sees what was committed when it begins, in a transaction that may write.

    Parameters
    ----------
    asked
        What is read, or written.
    last
        Whether the transaction ends with it: then that needs no trip of its own.
    """
    made = [(statement.made(connection), values) for statement, values in asked]
    driver = driver_of(connection)
    cursors = [driver.cursor() for _ in made]
    if connection.dialect.name == "sqlite":
        for cursor, (one, values) in zip(cursors, made, strict=True):
            cursor.execute(one.text, one.filled(values))
    else:
        with _trip(connection, len(made), last):
            for cursor, (one, values) in zip(cursors, made, strict=True):
                cursor.execute(one.text, one.filled(values))
    return [_rows(cursor) for cursor in cursors]


def _rows(cursor: Any) -> list[dict[str, Any]]:
    if cursor.description is None:
        return []
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@contextmanager
def _trip(connection: Connection, count: int, last: bool) -> Iterator[None]:
    """Send statements to a server without waiting for each, with begin and end of a transaction."""
    driver = driver_of(connection)
    first, end = begin_with(connection), end_with(connection) if last else []
    if count == 1 and not first and not end:
        yield
        return
    with driver.pipeline():
        for statement in first:
            driver.execute(statement)
        yield
        ended = [driver.execute(statement) for statement in end]
    if ended:
        check_end(ended[0])


def write(
    connection: Connection, *done: tuple[Statement, Sequence[Values]], last: bool = False
) -> None:
    """Execute statements, each once for each of its values, in one trip to a server.

    Parameters
    ----------
    done
        What is written.
    last
        Whether the transaction ends with it: then that needs no trip of its own.
    """
    made = [
        (one.text, [one.filled(values) for values in every])
        for one, every in ((statement.made(connection), every) for statement, every in done)
        if every
    ]
    driver = driver_of(connection)
    if connection.dialect.name == "sqlite":
        for statement, every in made:
            driver.executemany(statement, every)
        return
    with _trip(connection, 2, last):
        for statement, every in made:
            cursor = driver.cursor()
            if len(every) == 1:
                cursor.execute(statement, every[0])
            else:
                cursor.executemany(statement, every)
