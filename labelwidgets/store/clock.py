"""Moments as whole microseconds since 1970-01-01 UTC, the form that the tables keep."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from sqlalchemy import BigInteger, ColumnElement, Connection, cast, extract, func, literal, select

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


# Of a server, whose clock counts for all who are connected to it, however wrong theirs are.
SERVER_CLOCK = cast(extract("epoch", func.clock_timestamp()) * 1_000_000, BigInteger)


def clock_of(connection: Connection) -> ColumnElement[int]:
    """Return the present moment by the clock of the database, to be used in a statement."""
    if connection.dialect.name == "sqlite":
        return literal(now(connection), BigInteger)
    return SERVER_CLOCK


def now(connection: Connection) -> int:
    """Return the present moment in microseconds, by the clock of the database."""
    if connection.dialect.name == "sqlite":
        return time.time_ns() // 1000
    return int(connection.execute(select(SERVER_CLOCK)).scalar_one())


def to_datetime(moment: int) -> datetime:
    """Return a moment as an aware datetime in UTC."""
    return EPOCH + timedelta(microseconds=moment)


def from_datetime(time: datetime) -> int:
    """Return an aware datetime as a moment."""
    return (time - EPOCH) // _MICROSECOND
