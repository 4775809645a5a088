"""What is said of a dataset: in a line, in a notebook, and of problems with its videos."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from html import escape
from itertools import islice
from typing import TYPE_CHECKING, Any

from labelwidgets.media.item_list import ItemList
from labelwidgets.media.items import Item
from labelwidgets.media.progress import Listing
from labelwidgets.media.records import STATUS
from labelwidgets.media.scan_items import DicomObject
from labelwidgets.schema.page_style import FAINT, LINE, STYLE

if TYPE_CHECKING:
    import pandas as pd

# Rows that a notebook shows.
_SHOWN = 5
_CELL = f"padding: 2px 10px; text-align: left; border-bottom: 1px solid {LINE}"


def summary_of(items: ItemList, listing: Listing) -> str:
    """Return how many items there are, in which state."""
    counts = Counter(item.status for item in items)
    states = ", ".join(f"{counts[name]} {name}" for name in STATUS if name in counts)
    more = "" if listing.done else ", more are being listed"
    noun = "item" if len(items) == 1 else "items"
    return f"Dataset({len(items)} {noun}{f': {states}' if states else ''}{more})"


def page_of(items: ItemList, listing: Listing) -> str:
    """Return HTML with the summary and the first few items."""
    first = list(islice(items, _SHOWN))
    shown = ["title", *(["folder"] if any(item.folder for item in first) else []), "status"]
    head = "".join(f'<th style="{_CELL}">{name}</th>' for name in shown)
    body = "".join(
        "<tr>"
        + "".join(f'<td style="{_CELL}">{escape(getattr(item, name))}</td>' for name in shown)
        + "</tr>"
        for item in first
    )
    left = len(items) - len(first)
    more = f'<p style="color: {FAINT}">and {left:,} more</p>' if left else ""
    table = (
        '<table style="border-collapse: collapse">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )
    told = escape(summary_of(items, listing))
    return f'<div style="{STYLE}"><p>{told}</p>{table}{more}</div>'


def problem_frame(items: Iterable[Item]) -> pd.DataFrame:
    """Return one row a remark on a video: id, title, kind, message."""
    import pandas as pd

    rows = [
        (item.id, item.title, one.get("kind"), one.get("message"))
        for item in items
        for one in _remarks(item)
    ]
    return pd.DataFrame(rows, columns=["id", "title", "kind", "message"], dtype=object)


def object_frame(objects: Iterable[DicomObject]) -> pd.DataFrame:
    """Return one row a DICOM file that is no picture: kind, url, study_uid, series_uid."""
    import pandas as pd

    names = ["kind", "url", "study_uid", "series_uid"]
    return pd.DataFrame(list(objects), columns=names, dtype=object)


def _remarks(item: Item) -> list[dict[str, Any]]:
    found = item.metadata.get("problems")
    if item.kind != "video" or not isinstance(found, list):
        return []
    return [one for one in found if isinstance(one, dict)]
