"""Rows of a list, a frame or a file become items."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from os import PathLike
from typing import Any, NamedTuple

from labelwidgets.errors import LabelwidgetsError, SourceError
from labelwidgets.media.items import Item, OnError, item_id, title_of
from labelwidgets.media.kinds import KINDS, SINGLE, kind_of, most_files
from labelwidgets.media.limits import Limits
from labelwidgets.media.urls import canonical_url, masked
from labelwidgets.numbered import numbered
from labelwidgets.schema.ids import is_id

MAX_DEPTH = 32
_COLUMNS = ("url", "urls", "kind", "title", "folder", "metadata", "id")


class Row(NamedTuple):
    """What is said of one item, under the names of the columns, and where.

    `number` counts from 0 in the source, and `place` says it in words; `status` is ``ok`` where
    the item is known to be sound without a look at it.
    """

    number: int
    place: str
    values: Mapping[str, Any]
    status: str = "unchecked"


class Naming(NamedTuple):
    """How what stands in a row is taken: how a path or URL is made canonical, and on whose word.

    `trusted` says whether the author named it, or a data file did.
    """

    canonical: Callable[[Any], str] = canonical_url
    trusted: bool = True


AUTHOR = Naming()
"""What the author names is taken as it is."""


@dataclass(frozen=True, slots=True)
class Unfit:
    """Stands for a value of a file that is not taken; `what` says in words what it is."""

    what: str

    def __repr__(self) -> str:
        # So it stands in messages.
        return self.what


class _UrlError(Exception):
    """Which URL of a row an error is about."""

    def __init__(self, given: Any, error: LabelwidgetsError) -> None:
        super().__init__()
        self.given, self.error = given, error


def items_of_rows(
    rows: Iterable[Row], limits: Limits, on_error: OnError, naming: Naming = AUTHOR
) -> list[Item]:
    """Return the items that rows name.

    Parameters
    ----------
    rows
        With ``url``, or ``urls``, a list, and, as you like, ``kind``, ``title``, ``folder``,
        ``metadata`` (a dict) and ``id``; all else goes into the metadata.
    limits
        Bounds on the metadata.
    on_error
        Called for each row that makes no item.
    naming
        How its URLs are taken.
    """
    items: list[Item] = []
    for row in rows:
        try:
            items.append(_item(row, limits, naming))
        except _UrlError as about:
            on_error(row.number, row.place, None, _named(about.given), about.error.at(row.place))
        except LabelwidgetsError as error:
            given = row.values.get("url", row.values.get("urls"))
            on_error(row.number, row.place, None, _named(given), error.at(row.place))
    return items


def _named(given: Any) -> str:
    first = given[0] if isinstance(given, list | tuple) and given else given
    return masked(first if isinstance(first, str) else str(first))[:2000]


def _parts(known: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """Return what of the metadata a client has given, which is measured by itself, and the rest."""
    client = known.get("clientMetadata")
    if not isinstance(client, Mapping):
        return [("metadata", known)]
    rest = {name: value for name, value in known.items() if name != "clientMetadata"}
    return [("clientMetadata", client), ("metadata", rest)]


def _item(row: Row, limits: Limits, naming: Naming) -> Item:
    values = row.values
    urls = _urls(values, naming.canonical)
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
    for name, part in _parts(known):
        limits.check_metadata(part, name)
    identifier = str(_given(values.get("id"), item_id(kind, urls)))
    if not is_id(identifier):
        raise SourceError(
            f"{identifier[:80]!r} is not an identifier (1 to 64 letters, digits, . _ : -).",
            where="id",
        )
    return Item(
        row.number,
        identifier,
        kind,
        urls,
        text(_given(values.get("title"), title_of(urls)), "title"),
        text(_given(values.get("folder"), ""), "folder").strip("/"),
        known,
        row.status,
        naming.trusted,
        row.place,
    )


def _urls(values: Mapping[str, Any], canonical: Callable[[Any], str]) -> list[str]:
    if not missing(values.get("url")) or "urls" not in values:
        return [_canonical(values.get("url"), canonical)]
    given = values["urls"].tolist() if hasattr(values["urls"], "tolist") else values["urls"]
    if not isinstance(given, list | tuple) or not given:
        raise SourceError(
            f"must be a list of at least one path or URL, not {given!r:.80}.", where="urls"
        )
    return [_canonical(url, canonical) for url in given]


def _canonical(given: Any, canonical: Callable[[Any], str]) -> str:
    try:
        return canonical(given)
    except LabelwidgetsError as error:
        raise _UrlError(given, error) from None


def check_files(kind: str, count: int) -> None:
    """Raise SourceError if an item of a kind cannot have so many files."""
    if kind not in KINDS or (count > 1 and kind in SINGLE):
        raise SourceError(
            f"must be one of {', '.join(KINDS)} that goes with {numbered(count, 'file')}, "
            f"not {kind!r:.80}.",
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
    if isinstance(value, Unfit):
        raise SourceError(f"is {value.what}, which is not taken.", where=where[:200])
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
