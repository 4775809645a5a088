"""What an import or export came to, as HTML for a notebook; what a file says is escaped."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from labelwidgets.formats.numbered import numbered

if TYPE_CHECKING:
    import pandas as pd

    from labelwidgets.formats.results import Exported, Found

# More rows than a page is good for: the frames have all.
_MOST = 12


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
    return f"<div>{''.join(parts)}</div>"


def exported_page(made: Exported) -> str:
    """Return where a file lies, and a row for each count that is not 0."""
    rows = "".join(
        f"<tr><td>{escape(name.replace('_', ' '))}</td><td>{count:,}</td></tr>"
        for name, count in made.counts.items()
        if count
    )
    return f"<div><p>{escape(made.path)}</p><table><tbody>{rows}</tbody></table></div>"


def _part(title: str, frame: pd.DataFrame) -> str:
    if not len(frame):
        return ""
    table = frame.head(_MOST).to_html(index=False, border=0, escape=True)
    more = f"<p>and {len(frame) - _MOST:,} more</p>" if len(frame) > _MOST else ""
    return f"<p><b>{escape(title)}</b> ({len(frame):,})</p>{table}{more}"
