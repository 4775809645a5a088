"""Tables of pages for a notebook; everything that people wrote is escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from labelwidgets.schema.page_style import BAD, FAINT, LINE, WARN

# More rows than a page is good for: the frames have all.
MOST = 12

CELL = f"padding: 2px 10px; text-align: right; border-bottom: 1px solid {LINE}"
# A name that is a sentence takes no more room than others; the pointer on it shows the whole.
_CUT = "overflow: hidden; text-overflow: ellipsis; white-space: nowrap"
_LEFT = "; text-align: left"
_NUMBER = re.compile(r"(-|[-+]?[\d.,]+%?)?\Z")


def table(
    title: str, names: Sequence[str], rows: Sequence[Iterable[Any]], total: int | None = None
) -> str:
    """Return rows as a table, so many of them as a page is good for; words stand on the left.

    Parameters
    ----------
    title
        Above it, and said by screen readers.
    names
        Of the columns.
    rows
        What the first cell names.
    total
        How many rows there are, where only some are given.
    """
    cells = [[str(cell) for cell in row] for row in rows[:MOST]]
    sides = [
        "" if all(_NUMBER.match(row[n]) for row in cells) else _LEFT for n in range(1, len(names))
    ]
    head = "".join(head_cell(name, side) for name, side in zip(names, [_LEFT, *sides], strict=True))
    body = []
    for first, *others in cells:
        told = "".join(_colored(cell, side) for cell, side in zip(others, sides, strict=True))
        body.append(f"<tr>{row_head(first)}{told}</tr>")
    named = f"<thead><tr>{head}</tr></thead>" if any(names) else ""
    inner = f"{named}<tbody>{''.join(body)}</tbody>"
    return titled(title, inner, max(0, (total or len(rows)) - MOST))


def _colored(text: str, side: str = "") -> str:
    color = {"error": f"; color: {BAD}", "warning": f"; color: {WARN}"}.get(text, "")
    return f'<td style="{CELL}{side}{color}">{escape(text)}</td>'


def head_cell(text: str, side: str = "") -> str:
    """Return a cell at the head of a column; `side` is more of its style."""
    return _head(text, "col", f"max-width: 120px{side}")


def upright_cell(text: str) -> str:
    """Return a narrow cell at the head of a column: its words go from below to above."""
    up = "writing-mode: vertical-rl; transform: rotate(180deg); max-height: 140px; display: inline"
    return (
        f'<th scope="col" title="{escape(text)}" style="{CELL}; vertical-align: bottom">'
        f'<span style="{up}-block; {_CUT}">{escape(text)}</span></th>'
    )


def row_head(text: str) -> str:
    """Return a cell at the head of a row, which stands on the left."""
    return _head(text, "row", f"max-width: 200px{_LEFT}; vertical-align: bottom")


def _head(text: str, scope: str, more: str) -> str:
    if not text:
        return f'<td style="{CELL}"></td>'
    whole = f' title="{escape(text)}"' if len(text) > 12 else ""
    return f'<th scope="{scope}"{whole} style="{CELL}; {_CUT}; {more}">{escape(text)}</th>'


def titled(title: str, inner: str, left_out: int) -> str:
    """Return the inside of a table with a title above it, and how much was left out below."""
    more = f'<p style="color: {FAINT}">and {left_out:,} more</p>' if left_out else ""
    caption = f'<p style="margin: 12px 0 4px"><b>{escape(title)}</b></p>' if title else ""
    return f"{caption}{scrolled(inner, title)}{more}"


def scrolled(inner: str, title: str) -> str:
    """Return the inside of a table as one that scrolls by itself where it is too wide, by keys too.

    Parameters
    ----------
    inner
        HTML.
    title
        Said by screen readers.
    """
    name = f' aria-label="{escape(title)}"' if title else ""
    return (
        f'<div style="overflow-x: auto; line-height: 1.5" tabindex="0" role="group"{name}>'
        f'<table style="border-collapse: collapse"{name}>{inner}</table></div>'
    )
