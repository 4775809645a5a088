"""What the methods can be told, checked."""

from __future__ import annotations

from typing import Any

from labelwidgets.errors import SchemaError


def not_negative(value: Any, name: str) -> float:
    """Return a number from 0 up; SchemaError where it is none."""
    if isinstance(value, bool | str) or not 0 <= (number := _number(value)) < float("inf"):
        raise SchemaError(f"must be a number from 0, not {value!r:.60}.", where=name)
    return number


def share(value: Any, name: str) -> float:
    """Return a number from 0 to 1; SchemaError where it is none."""
    if isinstance(value, bool | str) or not 0 <= (number := _number(value)) <= 1:
        raise SchemaError(f"must be from 0 to 1, not {value!r:.60}.", where=name)
    return number


def whole(value: Any, name: str, least: int = 1) -> int:
    """Return a whole number from `least` up; SchemaError where it is none."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise SchemaError(f"must be a whole number from {least}, not {value!r:.60}.", where=name)
    return value


def check_rounds(tolerance: Any, iterations: Any) -> None:
    """Raise SchemaError unless a method that goes round ends by these."""
    not_negative(tolerance, "tolerance")
    whole(iterations, "iterations")


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return float("nan")
