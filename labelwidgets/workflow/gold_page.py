"""A report on golden answers as HTML for a notebook, in its colours."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from labelwidgets.workflow.charts import BAR
from labelwidgets.workflow.page_tables import (
    CELL,
    FAINT,
    SOFT,
    head_cell,
    number,
    row_head,
    scrolled,
)

if TYPE_CHECKING:
    import pandas as pd

# More rows than a page is good for: the frame has all.
MOST = 50

_NUMBERS = ("items", "precision", "recall", "iou", "dice", "oks", "hota", "answers")
_LEVELS = ("person", "item", "task", "class")


def gold_page(frame: pd.DataFrame) -> str:
    """Return the report as a small page; everything that people wrote is escaped."""
    levels = [name for name in _LEVELS if name in frame.columns]
    shown = [name for name in _NUMBERS if name == "items" or frame[name].notna().any()]
    head = "".join(head_cell(name) for name in (*levels, "score", *shown, "conflicts"))
    body = "".join(_line(row, levels, shown) for row in frame.head(MOST).to_dict("records"))
    left = len(frame) - MOST
    more = f'<p style="color: {FAINT}">and {left:,} more</p>' if left > 0 else ""
    told = scrolled(f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>", "Gold")
    return (
        '<div style="color: var(--jp-ui-font-color1, inherit)"><p><b>Gold</b>: work beside the '
        f"golden answers</p>{told}{more}</div>"
    )


def _line(row: Any, levels: Sequence[str], shown: Sequence[str]) -> str:
    names = "".join(row_head(str(row[name])) for name in levels)
    numbers = "".join(f'<td style="{CELL}">{number(row[name])}</td>' for name in shown)
    wrong = f'<td style="{CELL}; text-align: left">{escape(str(row["conflicts"]))}</td>'
    return f"<tr>{names}{_score(row)}{numbers}{wrong}</tr>"


def _score(row: Any) -> str:
    score, low, high = (float(row[name]) for name in ("score", "low", "high"))
    if math.isnan(score):
        return f'<td style="{CELL}">-</td>'
    low, high = (score if math.isnan(end) else end for end in (low, high))
    whisker = (
        f'<div style="position: absolute; top: 4px; height: 2px; background: {FAINT}; '
        f'left: {100 * low:.1f}%; width: {100 * (high - low):.1f}%"></div>'
    )
    bar = (
        f'<div style="position: relative; width: 120px; height: 10px; background: {SOFT}">'
        f'<div style="width: {100 * score:.1f}%; height: 10px; background: {BAR}"></div>'
        f"{whisker}</div>"
    )
    title = f"{low:.3f} to {high:.3f}"
    return f'<td style="{CELL}" title="{title}">{bar}{score:.3f}</td>'
