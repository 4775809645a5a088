"""Statements that are made once and go to the driver as they are, several of them in one trip.

SQLAlchemy takes several times as long over a small statement as the database does. Where others
wait in line meanwhile (see `engine.writing`), and where a trip to a server is the larger part of
the time, that counts.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Connection, String, bindparam, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine import Dialect
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler

from labelwidgets.store.engine import begin_with, check_end, driver_of, end_with

Values: TypeAlias = Mapping[str, Any]
# At most so many statements go to a server as one text.
_FEW = 200
_PREPARED = "labelwidgets_prepared"
_PLACE = re.compile(r"\$(\d+)")
# Of prepared statements: no two have one name, also where one was made and then forgotten.
_numbers = itertools.count(1)
# Lists that are known when a statement is made are part of its text.
_WHOLE = {"render_postcompile": True}


class _Made:
    """A statement as text for one kind of database.

    On a server it is prepared once a connection, with all that is known of it already: to plan how
    it is answered takes several times as long as to answer it.
    """

    def __init__(self, made: ClauseElement, dialect: Dialect) -> None:
        compiled = made.compile(dialect=dialect, compile_kwargs=_WHOLE)
        self.text = str(compiled)
        # The parameters in their order, and those of them that the statement itself gives.
        self._order: list[str] = list(getattr(compiled, "positiontup", None) or ())
        binds = compiled.binds if isinstance(compiled, SQLCompiler) else {}
        # What the statement gives has no name of its own.
        asked = {name for name, bind in binds.items() if not bind.unique}
        self._given = {n: v for n, v in (compiled.params or {}).items() if n not in asked}
        self._names: list[str] = []

    def filled(self, values: Values) -> Sequence[Any]:
        """Return the parameters in their order."""
        every = {**self._given, **values}
        return [every[name] for name in self._order]

    def prepared(self, name: str, quoted: Callable[[Any], str]) -> tuple[str, list[str]]:
        """Return the text that prepares it under a name, and the parameters that are left."""
        left = [one for one in self._order if one not in self._given]

        def place(found: re.Match[str]) -> str:
            one = self._order[int(found[1]) - 1]
            return quoted(self._given[one]) if one in self._given else f"${left.index(one) + 1}"

        return f"PREPARE {name} AS {_PLACE.sub(place, self.text)}", left

    def rows(self, cursor: Any) -> list[dict[str, Any]]:
        """Return the rows that a cursor has; their names are looked at once."""
        if not self._names:
            if cursor.description is None:
                return []
            self._names = [column[0] for column in cursor.description]
        return [dict(zip(self._names, row, strict=True)) for row in cursor.fetchall()]


class Statement:
    """A statement, made at its first use.

    Parameters
    ----------
    make
        From whether the database is SQLite to the statement, with parameters by name.
    common
        Whether it is one of those that `make_ready` makes.
    """

    def __init__(self, make: Callable[[bool], ClauseElement], *, common: bool = True) -> None:
        self._make = make
        self._made: dict[str, _Made] = {}
        if common:
            _common.append(self)

    def made(self, dialect: Dialect) -> _Made:
        """Return the text of the statement for a database."""
        found = self._made.get(dialect.name)
        if found is None:
            sqlite = dialect.name == "sqlite"
            found = _Made(self._make(sqlite), dialect if sqlite else _numbering())
            self._made[dialect.name] = found
        return found


_common: list[Statement] = []


def make_ready(dialect: Dialect, more: Iterable[Statement] = ()) -> None:
    """Make statements before anybody waits in line for it: at its first use each takes a while."""
    for statement in (*_common, *more):
        statement.made(dialect)


def is_among(column: ColumnElement[Any], name: str, sqlite: bool) -> ColumnElement[bool]:
    """Return whether a text is one of a parameter's, however many they are; see `several`."""
    if sqlite:
        values = text(f"SELECT value FROM json_each(:{name})")  # noqa: S608 a name of ours
        return column.in_(values.bindparams(bindparam(name, None)))
    return column == func.any(bindparam(name, None, type_=ARRAY(String)))


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
    made = [(statement.made(connection.dialect), values) for statement, values in asked]
    if connection.dialect.name == "sqlite":
        cursor = driver_of(connection).cursor()
        return [one.rows(cursor.execute(one.text, one.filled(values))) for one, values in made]
    return _sent(connection, made, last)


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
    made = [(statement.made(connection.dialect), every) for statement, every in done if every]
    driver = driver_of(connection)
    if connection.dialect.name == "sqlite":
        for one, every in made:
            driver.executemany(one.text, [one.filled(values) for values in every])
        return
    few = [(one, values) for one, every in made for values in every]
    for start in range(0, len(few), _FEW):
        _sent(connection, few[start : start + _FEW], last and start + _FEW >= len(few))
    if last and not few:
        _sent(connection, [], last)


def _sent(
    connection: Connection, made: Sequence[tuple[_Made, Values]], last: bool
) -> list[list[dict[str, Any]]]:
    """Send statements to a server as one text, with begin and end of the transaction.

    The driver's own ways to send several at once take three times as long over each.
    """
    first, end = begin_with(connection), end_with(connection) if last else []
    driver = driver_of(connection)
    quoting = _client_cursor()(driver)

    def quoted(value: Any) -> str:
        return str(quoting.mogrify("%s", [value]))

    known: dict[_Made, tuple[str, list[str]]] = connection.info.setdefault(_PREPARED, {})
    new: dict[_Made, tuple[str, list[str]]] = {}
    before: list[str] = []
    texts: list[str] = []
    for one, values in made:
        there = known.get(one) or new.get(one)
        if there is None:
            name = f"labelwidgets_{next(_numbers)}"
            text, left = one.prepared(name, quoted)
            before.append(text)
            there = new[one] = name, left
        name, left = there
        given = quoting.mogrify(f"({', '.join(['%s'] * len(left))})", [values[n] for n in left])
        texts.append(f"EXECUTE {name}{given if left else ''}")
    if not (first or texts or end):
        return []
    cursor = driver.execute("; ".join([*first, *before, *texts, *end]), prepare=False)
    known.update(new)
    for _ in range(len(before) + len(first)):
        cursor.nextset()
    found = []
    for one, _ in made:
        found.append(one.rows(cursor))
        cursor.nextset()
    if end:
        check_end(cursor)
    return found


@cache
def _client_cursor() -> Any:
    """Return what writes values into a statement, of a driver that need not be installed."""
    from psycopg import ClientCursor

    return ClientCursor


@cache
def _numbering() -> Dialect:
    """Return how statements are written for a server, with their parameters by number."""
    made: Dialect = PGDialect_psycopg(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]
    return made
