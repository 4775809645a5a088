"""Lists in JSON that are written row by row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


class JsonList:
    """The pieces of a list in JSON; no more than one of its rows is in memory.

    Parameters
    ----------
    rows
        Each in JSON.
    indent
        What is before each row: a line break and spaces, or nothing.

    Attributes
    ----------
    count : int
        How many rows have been gone through.
    """

    def __init__(self, rows: Iterable[bytes], indent: bytes = b"") -> None:
        self._rows, self._indent, self.count = rows, indent, 0

    def __iter__(self) -> Iterator[bytes]:
        comma = b"["
        for row in self._rows:
            self.count += 1
            yield comma + self._indent + row
            comma = b","
        if self.count:
            yield self._indent.rstrip(b" ") + b"]"
        else:
            yield b"[]"
