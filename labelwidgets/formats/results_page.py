"""What an import or export came to, as HTML for a notebook; what a file says is escaped."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

from labelwidgets.formats.numbered import numbered
from labelwidgets.schema.page_style import STYLE
from labelwidgets.schema.page_tables import MOST, table

if TYPE_CHECKING:
    import pandas as pd

    from labelwidgets.formats.results import Exported, Found


def results_page(found: Found) -> str:
    """Return a small page: how many labels, of which classes, and what was left out and why."""
    counts = [(len(found.annotations), "label"), (len(found.items), "item")]
    words = [(count, numbered(count, name).partition(" ")[2]) for count, name in counts]
    told = ", ".join(f"<b>{count:,}</b> {name}" for count, name in words)
    parts = [f"<p>{escape(found.path)} as {escape(found.format)}: {told}</p>"]
    if found.there:
        differ = f", {found.differ:,} of them otherwise" if found.differ else ""
        parts.append(f"<p>{found.there:,} were there already{differ}.</p>")
    if found.mended:
        parts.append(f"<p>{numbered(found.mended, 'label')} mended.</p>")
    classes = found.categories[["name", "annotations"]].sort_values(
        "annotations", ascending=False, kind="stable"
    )
    parts.append(_part("Classes", classes[classes["annotations"] > 0]))
    parts.append(_part("Not in the dataset", found.unmatched))
    parts.append(_part("Wrong, and left out", found.left_out))
    if found.left_alone is not None:
        parts.append(_part("Items of people, left alone", found.left_alone))
    return _page(parts)


def exported_page(made: Exported) -> str:
    """Return where a file lies, and a row for each count that is not 0."""
    rows = [(name.replace("_", " "), f"{count:,}") for name, count in made.counts.items() if count]
    return _page([f"<p>{escape(made.path)}</p>", table("", ["", ""], rows)])


def _part(title: str, frame: pd.DataFrame) -> str:
    if not len(frame):
        return ""
    some = frame.head(MOST).astype(object)
    known = some.where(some.notna(), "").itertuples(index=False, name=None)
    rows = [[f"{cell:,}" if type(cell) is int else cell for cell in row] for row in known]
    names = [str(name).replace("_", " ") for name in frame.columns]
    return table(f"{title} ({len(frame):,})", names, rows, len(frame))


def _page(parts: Iterable[str]) -> str:
    return f'<div style="{STYLE}">{"".join(parts)}</div>'
