"""A project at a glance, as HTML for a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape


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
    return f"<div><p>{head}</p>{_table('Tasks', states)}{_table('Annotations', classes)}</div>"


def _table(title: str, counts: Mapping[str, int]) -> str:
    rows = "".join(
        f"<tr><td>{escape(str(name))}</td><td>{count}</td></tr>" for name, count in counts.items()
    )
    total = sum(counts.values())
    head = f"<thead><tr><th>{escape(title)}</th><th>{total}</th></tr></thead>"
    return f"<table>{head}<tbody>{rows}</tbody></table>"
