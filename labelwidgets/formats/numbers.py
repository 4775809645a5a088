"""Numbers of text files: only what other tools would take for one, too."""

from __future__ import annotations

import math

from labelwidgets.errors import FormatError

# No picture has so many pixels along a side, and no row means more.
_MOST = 1e9


def number_in(text: str, where: str, what: str = "a finite number") -> float:
    """Return the number that a text is.

    Python's own readings of ``1_000`` and of the digits of all scripts are none.

    Raises
    ------
    FormatError
        If it is none, NaN, or beyond a thousand million; `where` is the column.
    """
    try:
        value = float(text) if text.isascii() and "_" not in text else math.nan
    except ValueError:
        value = math.nan
    # Written so that NaN is refused.
    if not abs(value) <= _MOST:
        raise FormatError(f"must be {what}, not {text.strip()[:40]!r}.", where=where)
    return value
