"""One entry of a dataset, and when two of them are the same."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from labelwidgets.errors import LabelwidgetsError, SourceError
from labelwidgets.media.kinds import SINGLE
from labelwidgets.media.urls import file_name, masked, url_id


@dataclass(slots=True)
class Item:
    """One entry of a dataset.

    Parameters
    ----------
    row
        Its number from 0 in the source.
    id
        See `item_id`.
    kind
        One of `KINDS`.
    urls
        Canonical, one, or several in their order.
    title, folder
        What people call it, and where they find it.
    metadata
        What is known of it, as JSON can hold it.
    status
        ``ok``, ``failed`` or ``unchecked``.
    trusted
        Whether the author named its URLs, or a data file did (see `UrlPolicy`).
    place
        Where it stands in the source, in words: ``line 7``, ``videos[2]``; empty for a file
        of a listing.
    by_name
        Whether its files are together by their names only, so that their headers may tell them
        apart.
    """

    row: int
    id: str
    kind: str
    urls: list[str]
    title: str
    folder: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)
    status: str = "unchecked"
    trusted: bool = True
    place: str = ""
    by_name: bool = False


# The item or the place that an error is about: row, place, id and URL where they are known,
# and the error; it may raise.
OnError: TypeAlias = Callable[[int, str, str | None, str, LabelwidgetsError], None]


def item_id(kind: str, urls: Sequence[str]) -> str:
    """Return the stable identifier of an item: that of its URL, or of all of them in order.

    A group and a sequence of the same pictures are two items. Signing URLs anew keeps it.
    """
    if kind in SINGLE:
        return url_id(urls[0])
    text = "\n".join([kind, *map(url_id, urls)])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def title_of(urls: Sequence[str]) -> str:
    """Return a title for files that nobody has given one."""
    first = masked(file_name(urls[0]))
    return first if len(urls) == 1 else f"{first} and {len(urls) - 1} more"


class Once:
    """Lets each item pass once.

    Parameters
    ----------
    on_error
        Called for each that comes again: the same URLs as the same kind, or the same id.
    skip
        Pass over them in silence instead.
    """

    def __init__(self, on_error: OnError, skip: bool = False) -> None:
        self._on_error = on_error
        self._skip = skip
        self._ids: dict[str, str] = {}
        self._places: dict[str, str] = {}

    def __call__(self, items: Iterable[Item]) -> list[Item]:
        """Return those that were not there before."""
        kept: list[Item] = []
        for item in items:
            # Of a file of a listing the id is that of its URLs.
            own = item_id(item.kind, item.urls) if item.place else item.id
            place = item.place or f"row {item.row}"
            if own in self._ids or item.id in self._places:
                if not self._skip:
                    self._refuse(item, own, place)
                continue
            self._ids[own] = item.id
            self._places[item.id] = place
            kept.append(item)
        return kept

    def _refuse(self, item: Item, own: str, place: str) -> None:
        named = masked(item.urls[0])
        if own in self._ids:
            before, what = self._places[self._ids[own]], "has the URL"
        else:
            before, what = self._places[item.id], "has the id"
        error = SourceError(
            f"{what} of {before} once more ({named}).",
            where=place,
            hint="Leave it out, or pass skip_duplicates=True.",
        )
        self._on_error(item.row, item.place, item.id, named, error)
