"""From whatever a person names to a list of items."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike
from typing import TYPE_CHECKING, Any, TypeAlias

from labelwidgets.errors import LabelwidgetsError, SourceError
from labelwidgets.media.access import Access
from labelwidgets.media.listing import list_images
from labelwidgets.media.urls import canonical_url, file_name, masked, url_id
from labelwidgets.schema.ids import is_id

if TYPE_CHECKING:
    import pandas as pd

Source: TypeAlias = (
    "str | PathLike[str] | pd.DataFrame | "
    "Iterable[str | PathLike[str] | Sequence[str | PathLike[str]]]"
)
# Row, id and URL where they are known, and the error; it may raise.
OnError: TypeAlias = Callable[[int, str | None, str, LabelwidgetsError], None]

MAX_DEPTH = 32
MAX_GROUP = 1000
KINDS = ("image", "image_group", "image_sequence", "video", "dicom_series")
"""What an item can be: one picture; several side by side, or in the order of time; a file with
frames of its own; the slices of one scan."""
SINGLE = ("image", "video")
"""Those that have one file each."""
_COLUMNS = ("url", "urls", "title", "folder", "metadata", "id")


@dataclass(slots=True)
class Item:
    """One entry of a dataset.

    `row` counts from 0 in the source, `kind` is one of `KINDS`, and `trusted` says whether the
    author named its URLs or a data file did (see `UrlPolicy`).
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


def kind_of(urls: Sequence[str]) -> str:
    """Return what one file is, or several that belong together, where nothing else is said."""
    return "image" if len(urls) == 1 else "image_group"


def gather(source: Source, access: Access, on_error: OnError) -> list[Item]:
    """Return the items that a source names, each picture or group once.

    Parameters
    ----------
    source
        A path, URL or pattern (see `list_images`), a list of paths and URLs (a
        list of them in it is a group), or a frame with the column ``url``, or
        ``urls`` with lists, and, as you like, ``title``, ``folder``, ``metadata``
        (a dict), ``id``; further columns go into the metadata.
    access
        Reaches it.
    on_error
        Called for each row that makes no item: a wrong URL, a URL that was there before.

    Raises
    ------
    SourceError
        If the source is not one of these, or empty.
    """
    import pandas as pd

    if isinstance(source, str | PathLike):

        def unlisted(path: str, error: LabelwidgetsError) -> None:
            on_error(-1, None, path, error)

        found = list_images(source, access, unlisted)
        items = [
            Item(row, url_id(entry.url), "image", [entry.url], _title([entry.url]), entry.folder)
            for row, entry in enumerate(found)
        ]
    elif isinstance(source, pd.DataFrame):
        items = _of_frame(source, on_error)
    elif isinstance(source, Iterable) and not isinstance(source, bytes | Mapping):
        items = _of_rows(
            [{"urls" if isinstance(url, list | tuple) else "url": url} for url in source], on_error
        )
    else:
        raise SourceError(
            f"must be a path, a URL, a pattern, a list of these or a frame, "
            f"not {type(source).__name__}.",
            where="source",
        )
    return _unique(items, on_error)


def _of_frame(frame: pd.DataFrame, on_error: OnError) -> list[Item]:
    if not {"url", "urls"} & set(frame.columns):
        raise SourceError(
            f"has no column 'url', only {', '.join(map(repr, frame.columns)) or 'none'}.",
            where="source",
            hint="Rename the column that holds the paths or URLs to 'url'.",
        )
    if not frame.columns.is_unique:
        raise SourceError("has several columns of one name.", where="source")
    names = [str(name) for name in frame.columns]
    return _of_rows(
        [
            dict(zip(names, values, strict=True))
            for values in frame.itertuples(index=False, name=None)
        ],
        on_error,
    )


def _of_rows(rows: list[dict[str, Any]], on_error: OnError) -> list[Item]:
    if not rows:
        raise SourceError("is empty.", where="source", hint="Name at least one picture.")
    items: list[Item] = []
    for number, row in enumerate(rows):
        try:
            items.append(_item(number, row))
        except SourceError as error:
            given = row.get("url", row.get("urls"))
            named = masked(given if isinstance(given, str) else str(given))
            on_error(number, None, named, error.at(f"row {number}"))
    return items


def _item(number: int, row: dict[str, Any]) -> Item:
    urls = _urls(row)
    metadata = _given(row.get("metadata"), {})
    if not isinstance(metadata, Mapping):
        raise SourceError(f"must be a dict, not {type(metadata).__name__}.", where="metadata")
    rest = {name: value for name, value in row.items() if name not in _COLUMNS}
    plain = {
        _text(name, "metadata"): _plain(value, str(name))
        for name, value in {**rest, **metadata}.items()
        if not _missing(value)
    }
    identifier = str(_given(row.get("id"), url_id("\n".join(urls))))
    if not is_id(identifier):
        raise SourceError(
            f"{identifier[:80]!r} is not an identifier (1 to 64 letters, digits, . _ : -).",
            where="id",
        )
    return Item(
        number,
        identifier,
        kind_of(urls),
        urls,
        _text(_given(row.get("title"), _title(urls)), "title"),
        _text(_given(row.get("folder"), ""), "folder").strip("/"),
        plain,
    )


def _urls(row: Mapping[str, Any]) -> list[str]:
    if not _missing(row.get("url")) or "urls" not in row:
        return [canonical_url(row["url"])]
    given = row["urls"].tolist() if hasattr(row["urls"], "tolist") else row["urls"]
    if not isinstance(given, list | tuple) or not given:
        raise SourceError(
            f"must be a list of at least one path or URL, not {given!r:.80}.", where="urls"
        )
    if len(given) > MAX_GROUP:
        raise SourceError(
            f"holds {len(given)} pictures, at most {MAX_GROUP} make a group.", where="urls"
        )
    return [canonical_url(url) for url in given]


def _unique(items: list[Item], on_error: OnError) -> list[Item]:
    urls: dict[tuple[str, ...], int] = {}
    ids: dict[str, int] = {}
    kept: list[Item] = []
    for item in items:
        own = tuple(item.urls)
        before = urls.get(own, ids.get(item.id))
        if before is None:
            urls[own] = ids[item.id] = item.row
            kept.append(item)
            continue
        what = "has the URL" if own in urls else "has the id"
        error = SourceError(
            f"{what} of row {before} once more ({masked(own[0])}).",
            where=f"row {item.row}",
            hint="Leave it out, or open with errors='collect'.",
        )
        on_error(item.row, item.id, masked(own[0]), error)
    return kept


def _title(urls: Sequence[str]) -> str:
    first = masked(file_name(urls[0]))
    return first if len(urls) == 1 else f"{first} and {len(urls) - 1} more"


def _missing(value: Any) -> bool:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return True
    return type(value).__name__ in ("NAType", "NaTType")


def _given(value: Any, default: Any) -> Any:
    return default if _missing(value) else value


def _text(value: Any, where: str) -> str:
    text = str(value)
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise SourceError(f"{ascii(text)[:80]} is not Unicode text.", where=where)
    return text


def _plain(value: Any, where: str, depth: int = 0) -> Any:
    """Return a value of a frame as JSON can hold it."""
    if depth > MAX_DEPTH:
        raise SourceError("is nested too deeply.", where=where[:200])
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, Mapping):
        return {
            _text(name, where): _plain(entry, f"{where}.{name}", depth + 1)
            for name, entry in value.items()
        }
    if isinstance(value, list | tuple):
        return [_plain(entry, where, depth + 1) for entry in value]
    if _missing(value):
        return None
    if isinstance(value, str | PathLike):
        return _text(value, where)
    if isinstance(value, float) and math.isinf(value):
        raise SourceError("is infinite, which JSON cannot hold.", where=where)
    if isinstance(value, int | float):
        return value
    raise SourceError(
        f"is a {type(value).__name__}, which JSON cannot hold.",
        where=where,
        hint="Turn it into text or numbers.",
    )
