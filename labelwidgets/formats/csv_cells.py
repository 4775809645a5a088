"""Text in cells of CSV, so that no spreadsheet takes it for a formula, and back."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")
_NUMBER = re.compile(r"-?\d+(\.\d*)?([eE][+-]?\d+)?")


def guarded(text: str) -> str:
    """Return text with an apostrophe before it where a spreadsheet would compute it.

    Numbers stay as they are; `unguarded` gives back what was given.

    Source: OWASP, "CSV Injection".
    """
    if _FORMULA.match(text) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def unguarded(text: str) -> str:
    """Return text as it was before `guarded`."""
    return text[1:] if _GUARDED.match(text) else text


def csv_bytes(rows: Iterable[Iterable[str]]) -> bytes:
    """Return rows as CSV, each cell guarded."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerows([guarded(cell) for cell in row] for row in rows)
    return buffer.getvalue().encode()
