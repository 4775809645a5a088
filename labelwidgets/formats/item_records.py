"""Items as records that files of ours have: without keys, as JSON can hold them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from labelwidgets.errors import FormatError
from labelwidgets.formats.matching import Item, items_of, known_item
from labelwidgets.media.shown_paths import shown

if TYPE_CHECKING:
    import pandas as pd


class ItemRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    """An item of a dataset.

    Parameters
    ----------
    id, kind, title, folder, status
        As in `Dataset.items`.
    urls
        Without users, passwords and signed queries.
    metadata
        What is known of it.
    """

    id: str
    kind: str = "image"
    title: str = ""
    folder: str = ""
    urls: list[str] = []
    metadata: dict[str, Any] = {}
    status: str = "unchecked"


def item_records(items: pd.DataFrame | None, labelled: Iterable[str]) -> Iterator[ItemRecord]:
    """Return the items of a dataset; where nobody named any, those that have labels.

    Raises
    ------
    FormatError
        If a label is on none of them, or an id is there twice.
    """
    if items is None:
        yield from (ItemRecord(id) for id in dict.fromkeys(labelled))
        return
    known = items_of(items)
    there = {one.id for one in known}
    for id in labelled:
        if id not in there:
            raise FormatError(f"{id[:80]!r} is no item of the dataset.", where="item_id")
    facts = items["metadata"] if "metadata" in items.columns else [None] * len(known)
    for one, said in zip(known, facts, strict=True):
        metadata = said if isinstance(said, dict) else {}
        urls = [shown(url) for url in one.urls]
        yield ItemRecord(one.id, one.kind, one.title, one.folder, urls, metadata, one.status)


def plain(value: Any) -> Any:
    """Return what JSON has no form for as something that it has: for `msgspec`."""
    if hasattr(value, "tolist"):
        return value.tolist()
    return str(value)


def item_of(record: ItemRecord) -> Item:
    """Return a record as what formats match by."""
    return known_item(
        record.id, record.kind, record.title, record.folder, record.urls, record.metadata,
        record.status,
    )  # fmt: skip
