"""From a frame such as `Dataset.items` back to items."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from labelwidgets.errors import SourceError
from labelwidgets.media.items import Item
from labelwidgets.media.kinds import kind_of
from labelwidgets.media.rows import check_files
from labelwidgets.media.urls import canonical_url, file_name, masked
from labelwidgets.schema.ids import is_id

if TYPE_CHECKING:
    import pandas as pd

STATUS = ("ok", "failed", "unchecked")
"""What is known of the files of an item."""
_TEXT = ("id", "kind", "title", "folder", "status")


def items_of(frame: pd.DataFrame) -> list[Item]:
    """Return the items of the rows of a frame.

    Parameters
    ----------
    frame
        See `Dataset.from_items`.

    Raises
    ------
    SourceError
        Naming the row and the column that is wrong.
    """
    for name in ("id", "urls"):
        if name not in frame.columns:
            raise SourceError(f"has no column {name!r}.", where="items")
    items: list[Item] = []
    seen: set[str] = set()
    for row, record in enumerate(frame.to_dict("records")):
        try:
            item = _of_record(row, {str(key): value for key, value in record.items()})
        except SourceError as error:
            raise error.at(f"row {row}") from None
        if item.id in seen:
            raise SourceError(f"repeats {item.id!r}.", where=f"row {row}, id")
        seen.add(item.id)
        items.append(item)
    return items


def _of_record(row: int, record: dict[str, Any]) -> Item:
    for name in _TEXT:
        if name in record and not isinstance(record[name], str):
            raise SourceError(f"must be text, not {record[name]!r:.80}.", where=name)
    if not is_id(record["id"]):
        raise SourceError(f"{record['id'][:80]!r} is not an identifier.", where="id")
    status = record.get("status", "unchecked")
    if status not in STATUS:
        raise SourceError(f"must be one of {', '.join(STATUS)}, not {status!r}.", where="status")
    trusted = record.get("trusted", True)
    if not isinstance(trusted, bool):
        raise SourceError(f"must be True or False, not {trusted!r:.80}.", where="trusted")
    urls, metadata = record["urls"], record.get("metadata", {})
    if not isinstance(urls, list | tuple) or not urls:
        raise SourceError("must be a list of one URL or more.", where="urls")
    if not isinstance(metadata, Mapping):
        raise SourceError(f"must be a dict, not {type(metadata).__name__}.", where="metadata")
    places = [canonical_url(url) for url in urls]
    kind = record.get("kind", kind_of(places))
    check_files(kind, len(places))
    return Item(
        row,
        record["id"],
        kind,
        places,
        record.get("title", masked(file_name(places[0]))),
        record.get("folder", ""),
        dict(metadata),
        status,
        trusted,
    )
