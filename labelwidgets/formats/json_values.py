"""Values of JSON documents: what they must be, named where they are not."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from labelwidgets.errors import FormatError


def finite(given: Any, where: str) -> float:
    """Return a number that is one.

    Raises
    ------
    FormatError
        If it is none, not finite, or has more digits than a number may have.
    """
    number = isinstance(given, int | float) and not isinstance(given, bool)
    if not number or not math.isfinite(given):
        raise FormatError(f"must be a number, not {str(given)[:40]!r}.", where=where)
    return float(given)


def mapping_in(said: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Return an object within another one, empty where there is none.

    Raises
    ------
    FormatError
        If it is something else.
    """
    given = said.get(key)
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise FormatError("must be an object.", where=key)
    return dict(given)


def share(given: Any) -> float | None:
    """Return a number from 0 to 1, as confidences are; None for anything else."""
    number = isinstance(given, int | float) and not isinstance(given, bool)
    return float(given) if number and 0 <= given <= 1 else None
