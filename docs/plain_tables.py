"""Shows the tables of docstrings as tables: the source has them as plain text, the pages Markdown.

A table is what stands between two lines of equals signs in columns, as reStructuredText has it.
"""

from __future__ import annotations

import re
from typing import Any

import griffe

_RULE = re.compile(r"(=+ +)=+$")
_CODE = re.compile(r"^::$|(?<=:):$", re.MULTILINE)


class PlainTables(griffe.Extension):
    """Turns the tables and the marks of code of every docstring to Markdown."""

    def on_package(self, *, pkg: griffe.Module, **_: Any) -> None:
        """Look at all docstrings, once the whole package is known."""
        _mend(pkg)


def _mend(thing: griffe.Object) -> None:
    if thing.docstring is not None:
        thing.docstring.value = _CODE.sub("", markdown(thing.docstring.value))
    for inner in thing.members.values():
        if isinstance(inner, griffe.Object):
            _mend(inner)


def markdown(text: str) -> str:
    """Return a text with its tables in Markdown."""
    out: list[str] = []
    rows: list[list[str]] | None = None
    column = 0
    for line in text.splitlines():
        rule = _RULE.match(line)
        if rule and rows is None:
            rows, column = [], len(rule[1])
        elif rule and rows is not None:
            out += ["| | |", "|---|---|", *(f"| {left} | {right} |" for left, right in rows)]
            rows = None
        elif rows is None:
            out.append(line)
        else:
            _take(rows, *_cells(line, column))
    return "\n".join(out)


def _cells(line: str, column: int) -> tuple[str, str]:
    """Cut a line in two, behind the word that reaches over the edge of the first column."""
    while column < len(line) and line[column - 1] != " ":
        column += 1
    return line[:column].strip().replace("|", r"\|"), line[column:].strip().replace("|", r"\|")


def _take(rows: list[list[str]], left: str, right: str) -> None:
    """Add a line to the row that it goes on with, or as a new one."""
    if rows and (not left or not right or rows[-1][0].endswith(",") or rows[-1][1].endswith(",")):
        rows[-1] = [f"{rows[-1][0]} {left}".strip(), f"{rows[-1][1]} {right}".strip()]
    else:
        rows.append([left, right])
