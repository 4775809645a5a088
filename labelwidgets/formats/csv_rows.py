"""Rows of CSV, read one after the other within limits."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import IO

from labelwidgets.errors import FormatError, LimitError
from labelwidgets.formats.inputs import Input
from labelwidgets.formats.numbered import numbered

MAX_ROWS = 50_000_000
MAX_COLUMNS = 1000
MAX_BESIDE = 1 << 28
"""Most bytes of a file that lies beside the one that is read."""


def rows_of(source: Input, name: str) -> Iterator[tuple[int, list[str]]]:
    """Return the line and the cells of each row that has any, one after the other.

    Raises
    ------
    FormatError
        If it is no CSV in UTF-8.
    LimitError
        If there are too many rows or columns.
    """
    with _open(source, name) as file:
        text = io.TextIOWrapper(file, "utf-8-sig", newline="")
        reader = csv.reader(text, strict=True)
        line = 0
        while True:
            try:
                row = next(reader, None)
            except UnicodeDecodeError:
                raise FormatError(
                    "is not UTF-8 text.",
                    where=f"{source.where(name)}, after line {line}",
                    hint="Save it as UTF-8.",
                ) from None
            except csv.Error as error:
                raise FormatError(
                    f"is no CSV ({error}).", where=f"{source.where(name)}, line {line + 1}"
                ) from None
            if row is None:
                return
            line = reader.line_num
            if line > MAX_ROWS or len(row) > MAX_COLUMNS:
                raise LimitError(
                    f"has more than {MAX_ROWS} rows or {MAX_COLUMNS} columns.",
                    where=f"{source.where(name)}, line {line}",
                )
            if row:
                yield line, row


def _open(source: Input, name: str) -> IO[bytes]:
    if source.single and name != source.name:
        return io.BytesIO(source.read(name, MAX_BESIDE))
    return source.open(name)


def table_of(source: Input, name: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Return the line of each row under the first one, and its cells by the names of that one.

    Raises
    ------
    FormatError
        If a row has other columns than the first one.
    """
    rows = rows_of(source, name)
    _, heads = next(rows, (0, []))
    heads = [head.strip() for head in heads]
    for line, row in rows:
        if len(row) != len(heads):
            raise FormatError(
                f"has {numbered(len(row), 'column')}, the first line has {len(heads)}.",
                where=f"{source.where(name)}, line {line}",
            )
        yield line, dict(zip(heads, row, strict=True))
