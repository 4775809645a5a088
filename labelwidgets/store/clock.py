"""Moments as whole microseconds since 1970-01-01 UTC, the form that the tables keep."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def now() -> int:
    """Return the present moment in microseconds."""
    return time.time_ns() // 1000


def to_datetime(moment: int) -> datetime:
    """Return a moment as an aware datetime in UTC."""
    return EPOCH + timedelta(microseconds=moment)


def from_datetime(time: datetime) -> int:
    """Return an aware datetime as a moment."""
    return (time - EPOCH) // _MICROSECOND
