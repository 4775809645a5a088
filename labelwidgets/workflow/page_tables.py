"""Pieces of pages for a notebook, in its colours; everything that people wrote is escaped."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from labelwidgets.schema.page_style import BAD as BAD
from labelwidgets.schema.page_style import FAINT as FAINT
from labelwidgets.schema.page_style import GOOD as GOOD
from labelwidgets.schema.page_style import LINE as LINE
from labelwidgets.schema.page_style import STYLE as STYLE
from labelwidgets.schema.page_style import WARN as WARN
from labelwidgets.schema.page_tables import CELL as CELL
from labelwidgets.schema.page_tables import MOST as MOST
from labelwidgets.schema.page_tables import head_cell as head_cell
from labelwidgets.schema.page_tables import row_head as row_head
from labelwidgets.schema.page_tables import scrolled as scrolled
from labelwidgets.schema.page_tables import table as table
from labelwidgets.schema.page_tables import titled as titled
from labelwidgets.schema.page_tables import upright_cell

if TYPE_CHECKING:
    import pandas as pd

# As many names as stand beside each other at the head of a table.
_BESIDE = 6
BAR = "var(--jp-brand-color1, #1976d2)"
SOFT = "var(--jp-layout-color2, rgba(128, 128, 128, 0.15))"


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
    head = _heads(f"{shown.index.name} \\ {shown.columns.name}", shown)
    body = []
    for i, name in enumerate(shown.index):
        cells = []
        for j, count in enumerate(shown.iloc[i]):
            color = GOOD if i == j else BAD
            cells.append(_shaded(f"{count:,}" if count else "", color, count / most))
        body.append(f"<tr>{row_head(str(name))}{''.join(cells)}</tr>")
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
    head = _heads(corner.replace("class_name", "class"), counts)
    body = []
    for name, row in zip(counts.index, counts.to_numpy().tolist(), strict=True):
        cells = "".join(_shaded(f"{count:,}" if count else "", BAR, count / most) for count in row)
        body.append(f"<tr>{row_head(str(name))}{cells}</tr>")
    inner = f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody>"
    return titled(title, inner, left_out)


def _heads(corner: str, counts: pd.DataFrame) -> str:
    # Many names have room beside each other only if they stand upright.
    cell = upright_cell if len(counts.columns) > _BESIDE else head_cell
    return "".join([row_head(corner), *(cell(str(name)) for name in counts.columns)])


def _shaded(text: str, color: str, share: float) -> str:
    # Stripes of rows would change the shade: what is below is one colour.
    below = "var(--jp-layout-color1, transparent)"
    back = f"color-mix(in srgb, {color} {round(60 * share)}%, {below})"
    return f'<td style="{CELL}; background: {back}">{text}</td>'


def frame_table(title: str, frame: pd.DataFrame, first: str, names: Sequence[str]) -> str:
    """Return columns of a frame as a table; `first` is what each row is about."""
    told = [numbers(frame[name].tolist()) for name in names]
    return table(
        title,
        [first.replace("class_name", "class"), *names],
        [*zip(frame[first], *told, strict=True)],
    )


def numbers(values: Sequence[Any]) -> list[str]:
    """Return a column of numbers as people read it: all with fractions, or none."""
    told = [number(value) for value in values]
    if not any("." in one for one in told):
        return told
    return [one if one in ("-", "") or "." in one else f"{one}.000" for one in told]


def number(value: Any) -> str:
    """Return a number as people read it."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "-"
    # Sums of many parts are whole but for their last digits.
    if isinstance(value, float) and not round(value, 9).is_integer():
        return f"{value:.3f}"
    return f"{round(value):,}"
