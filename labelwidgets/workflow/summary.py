"""A project at a glance, as HTML for a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from labelwidgets.workflow.page_tables import MOST, STYLE, table


def summary(
    name: str, place: str, user: str, states: Mapping[str, int], classes: Mapping[str, int]
) -> str:
    """Return a small page; everything that people wrote is escaped.

    Parameters
    ----------
    name, place, user
        Of the project, where it lies, and who works.
    states, classes
        Numbers of tasks by state, and of annotations by class.
    """
    head = " &middot; ".join([f"<b>{escape(name)}</b>", escape(place), escape(user)])
    beside = "display: flex; gap: 32px; flex-wrap: wrap; align-items: flex-start"
    tables = f"{_counted('tasks', 'state', states)}{_counted('annotations', 'class', classes)}"
    return f'<div style="{STYLE}"><p>{head}</p><div style="{beside}">{tables}</div></div>'


def _counted(what: str, by: str, counts: Mapping[str, int]) -> str:
    """Return how many there are of each, the most frequent ones first where they are many."""
    rows = [(name, f"{count:,}") for name, count in counts.items()]
    if len(rows) > MOST:
        rows.sort(key=lambda row: -counts[row[0]])
    total = sum(counts.values())
    return f"<div>{table(f'{total:,} {what}', [by, what], rows)}</div>"
