"""Rows of a list, a frame or a file become items."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from os import PathLike
from typing import Any, NamedTuple

from labelwidgets.errors import SourceError
from labelwidgets.media.items import Item, OnError, item_id, title_of
from labelwidgets.media.kinds import KINDS, SINGLE, kind_of, most_files
from labelwidgets.media.urls import canonical_url, masked
from labelwidgets.schema.ids import is_id

MAX_DEPTH = 32
_COLUMNS = ("url", "urls", "kind", "title", "folder", "metadata", "id")


class Row(NamedTuple):
    """What is said of one item, under the names of the columns, and where."""

    place: str
    values: Mapping[str, Any]


def items_of_rows(
    rows: Iterable[Row], on_error: OnError, canonical: Callable[[Any], str] = canonical_url
) -> list[Item]:
    """Return the items that rows name.

    Parameters
    ----------
    rows
        With ``url``, or ``urls``, a list, and, as you like, ``kind``, ``title``, ``folder``,
        ``metadata`` (a dict) and ``id``; all else goes into the metadata.
    on_error
        Called for each row that makes no item.
    canonical
        Makes a path or URL the canonical one, or raises.
    """
    items: list[Item] = []
    for number, row in enumerate(rows):
        try:
            items.append(_item(number, row, canonical))
        except SourceError as error:
            place = row.place or f"row {number}"
            given = row.values.get("url", row.values.get("urls"))
            named = masked(given if isinstance(given, str) else str(given))[:2000]
            on_error(number, row.place, None, named, error.at(place))
    return items


def _item(number: int, row: Row, canonical: Callable[[Any], str]) -> Item:
    values = row.values
    urls = _urls(values, canonical)
    kind = str(_given(values.get("kind"), kind_of(urls)))
    check_files(kind, len(urls))
    metadata = _given(values.get("metadata"), {})
    if not isinstance(metadata, Mapping):
        raise SourceError(f"must be a dict, not {type(metadata).__name__}.", where="metadata")
    rest = {name: value for name, value in values.items() if name not in _COLUMNS}
    known = {
        text(name, "metadata"): plain(value, str(name))
        for name, value in {**rest, **metadata}.items()
        if not missing(value)
    }
    identifier = str(_given(values.get("id"), item_id(kind, urls)))
    if not is_id(identifier):
        raise SourceError(
            f"{identifier[:80]!r} is not an identifier (1 to 64 letters, digits, . _ : -).",
            where="id",
        )
    return Item(
        number,
        identifier,
        kind,
        urls,
        text(_given(values.get("title"), title_of(urls)), "title"),
        text(_given(values.get("folder"), ""), "folder").strip("/"),
        known,
        place=row.place,
    )


def _urls(values: Mapping[str, Any], canonical: Callable[[Any], str]) -> list[str]:
    if not missing(values.get("url")) or "urls" not in values:
        return [canonical(values.get("url"))]
    given = values["urls"].tolist() if hasattr(values["urls"], "tolist") else values["urls"]
    if not isinstance(given, list | tuple) or not given:
        raise SourceError(
            f"must be a list of at least one path or URL, not {given!r:.80}.", where="urls"
        )
    return [canonical(url) for url in given]


def check_files(kind: str, count: int) -> None:
    """Raise SourceError if an item of a kind cannot have so many files."""
    if kind not in KINDS or (count > 1 and kind in SINGLE):
        raise SourceError(
            f"must be one of {', '.join(KINDS)} that goes with {count} files, not {kind!r:.80}.",
            where="kind",
        )
    if count > most_files(kind):
        raise SourceError(
            f"holds {count} files, at most {most_files(kind)} make one {kind.replace('_', ' ')}.",
            where="urls",
        )


def missing(value: Any) -> bool:
    """Say whether a cell is empty, in any of the ways that pandas has for that."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return True
    return type(value).__name__ in ("NAType", "NaTType")


def _given(value: Any, default: Any) -> Any:
    return default if missing(value) else value


def text(value: Any, where: str) -> str:
    """Return a value as text, which has to be Unicode."""
    made = str(value)
    if any("\ud800" <= letter <= "\udfff" for letter in made):
        raise SourceError(f"{ascii(made)[:80]} is not Unicode text.", where=where)
    return made


def plain(value: Any, where: str, depth: int = 0) -> Any:
    """Return a value as JSON can hold it; SourceError names what it cannot."""
    if depth > MAX_DEPTH:
        raise SourceError("is nested too deeply.", where=where[:200])
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, Mapping):
        return {
            text(name, where): plain(entry, f"{where}.{name}", depth + 1)
            for name, entry in value.items()
        }
    if isinstance(value, list | tuple):
        return [plain(entry, where, depth + 1) for entry in value]
    if missing(value):
        return None
    if isinstance(value, str | PathLike):
        return text(value, where)
    if isinstance(value, float) and math.isinf(value):
        raise SourceError("is infinite, which JSON cannot hold.", where=where)
    if isinstance(value, int | float):
        return value
    raise SourceError(
        f"is a {type(value).__name__}, which JSON cannot hold.",
        where=where,
        hint="Turn it into text or numbers.",
    )
