"""CSV text as lines of cells, and the names of its columns."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import NamedTuple

from labelwidgets.errors import SourceError

_DELIMITERS = ",;\t"
_OTHER = re.compile(r"[^a-z0-9]+")


class Line(NamedTuple):
    """A line of a table: the number it has in the file, from 1, and its cells."""

    number: int
    cells: list[str]

    @property
    def place(self) -> str:
        """Where it stands, in words."""
        return f"line {self.number}"


def lines_of(text: str, where: str) -> Iterator[Line]:
    """Yield the lines of CSV text (RFC 4180) that are not empty.

    The delimiter is the one of comma, semicolon and tab that its first line has most of.

    Raises
    ------
    SourceError
        If it is no table, saying in which line.
    """
    first = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield Line(number, cells)
            number = reader.line_num + 1
    except csv.Error as error:
        raise SourceError(f"is not CSV ({error}).", where=f"{where}, line {number}") from None


def plain_name(column: str) -> str:
    """Return the name of a column as it is compared: in lower case, letters and digits alone."""
    return _OTHER.sub("", column.lower())
