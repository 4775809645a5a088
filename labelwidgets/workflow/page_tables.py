"""Pieces of pages for a notebook, in its colours; everything that people wrote is escaped."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from labelwidgets.schema.page_style import FAINT as FAINT
from labelwidgets.schema.page_style import LINE as LINE
from labelwidgets.schema.page_style import STYLE as STYLE

if TYPE_CHECKING:
    import pandas as pd

# More rows than a page is good for: the frames have all.
MOST = 12

GOOD = "var(--jp-success-color1, #388e3c)"
BAD = "var(--jp-error-color1, #d32f2f)"
WARN = "var(--jp-warn-color1, #f57c00)"
SOFT = "var(--jp-layout-color2, rgba(128, 128, 128, 0.15))"
_LEFT = "; text-align: left"
_NUMBER = re.compile(r"[-+]?[\d.,]*%?\Z")
CELL = f"padding: 2px 10px; text-align: right; border-bottom: 1px solid {LINE}"


def meter(name: str, value: float) -> str:
    """Return a number from 0 to 1 with a bar."""
    share = 0 if math.isnan(value) else 100 * value
    bar = (
        f'<div style="background: {SOFT}; height: 6px; width: 140px">'
        f'<div style="background: var(--jp-brand-color1, #1976d2); height: 6px; '
        f'width: {share:.1f}%"></div></div>'
    )
    return f"<div><div>{escape(name)} <b>{number(value)}</b></div>{bar}</div>"


def confusion_table(confusion: pd.DataFrame, title: str = "Confusion") -> str:
    """Return what `confusion_of` made; of very many classes the most frequent ones."""
    # The most frequent ones, and those without a partner.
    sizes = (confusion.sum(axis=1) + confusion.sum(axis=0)).iloc[:-1]
    kept = [*sizes.sort_values(ascending=False, kind="stable").index[:MOST], confusion.index[-1]]
    shown = confusion.loc[kept, kept]
    most = max(1, int(shown.to_numpy().max()))
    head = "".join(
        head_cell(str(name))
        for name in (f"{shown.index.name} \\ {shown.columns.name}", *shown.columns)
    )
    body = []
    for i, name in enumerate(shown.index):
        cells = []
        for j, count in enumerate(shown.iloc[i]):
            color = GOOD if i == j else BAD
            shade = f"{round(60 * count / most)}%"
            back = f"background: color-mix(in srgb, {color} {shade}, transparent)"
            cells.append(f'<td style="{CELL}; {back}">{count or ""}</td>')
        body.append(f"<tr>{head_cell(str(name))}{''.join(cells)}</tr>")
    left_out = len(confusion) - len(shown)
    return titled(title, f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody>", left_out)


def count_table(title: str, counts: pd.DataFrame, left_out: int = 0) -> str:
    """Return a frame of counts as a table whose cells are darker the more there is.

    Parameters
    ----------
    title
        Above it.
    counts
        Its names of index and columns are in the corner.
    left_out
        How many rows are not in it.
    """
    most = max(1, int(counts.to_numpy().max(initial=1)))
    corner = " \\ ".join(str(one) for one in (counts.index.name, counts.columns.name) if one)
    head = "".join(head_cell(str(name)) for name in (corner, *counts.columns))
    body = []
    for name, row in zip(counts.index, counts.to_numpy().tolist(), strict=True):
        cells = "".join(
            f'<td style="{CELL}; background: color-mix(in srgb, '
            f'var(--jp-brand-color1, #1976d2) {round(60 * count / most)}%, transparent)">'
            f"{f'{count:,}' if count else ''}</td>"
            for count in row
        )
        body.append(f"<tr>{head_cell(str(name))}{cells}</tr>")
    inner = f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody>"
    return titled(title, inner, left_out)


def frame_table(title: str, frame: pd.DataFrame, first: str, names: Sequence[str]) -> str:
    """Return columns of a frame as a table; `first` is what each row is about."""
    rows = [
        (who, *(number(value) for value in row))
        for who, row in zip(frame[first], frame[[*names]].to_numpy().tolist(), strict=True)
    ]
    return table(title, [first, *names], rows)


def table(title: str, names: Sequence[str], rows: Sequence[Iterable[Any]]) -> str:
    """Return rows as a table, so many of them as a page is good for; words stand on the left."""
    cells = [[str(cell) for cell in row] for row in rows[:MOST]]
    sides = [
        "" if all(_NUMBER.match(row[n]) for row in cells) else _LEFT for n in range(1, len(names))
    ]
    head = "".join(head_cell(name, side) for name, side in zip(names, ["", *sides], strict=True))
    body = []
    for first, *others in cells:
        told = "".join(_colored(cell, side) for cell, side in zip(others, sides, strict=True))
        body.append(f"<tr>{head_cell(first)}{told}</tr>")
    inner = f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody>"
    return titled(title, inner, max(0, len(rows) - MOST))


def _colored(text: str, side: str = "") -> str:
    color = {"error": f"; color: {BAD}", "warning": f"; color: {WARN}"}.get(text, "")
    return f'<td style="{CELL}{side}{color}">{escape(text)}</td>'


def head_cell(text: str, side: str = "") -> str:
    """Return a cell at the head of a row or a column; `side` is more of its style."""
    return f'<th style="{CELL}{side}">{escape(text)}</th>'


def titled(title: str, inner: str, left_out: int) -> str:
    """Return the inside of a table with a title above it, and how much was left out below."""
    more = f'<p style="color: {FAINT}">and {left_out:,} more</p>' if left_out else ""
    caption = f'<p style="margin: 12px 0 4px"><b>{escape(title)}</b></p>'
    return f'{caption}<table style="border-collapse: collapse">{inner}</table>{more}'


def number(value: Any) -> str:
    """Return a number as people read it."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "-"
    # Sums of many parts are whole but for their last digits.
    if isinstance(value, float) and not round(value, 9).is_integer():
        return f"{value:.3f}"
    return f"{round(value):,}"
