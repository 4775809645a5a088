"""From whatever a person names to items, page by page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from labelwidgets.errors import LabelwidgetsError, SourceError
from labelwidgets.media.access import Access
from labelwidgets.media.dicomweb.address import DICOMWEB, dicom_address
from labelwidgets.media.directories import by_directories, folder_of, is_directory
from labelwidgets.media.items import Item, Once, OnError, item_id, title_of
from labelwidgets.media.listing import DIRECTORY, Found, list_files, natural
from labelwidgets.media.manifests import is_data_file, read_manifest
from labelwidgets.media.pages import SIZE
from labelwidgets.media.rows import Row, items_of_rows
from labelwidgets.media.scan_names import ScanNames
from labelwidgets.media.urls import canonical_url, file_name, masked

if TYPE_CHECKING:
    import pandas as pd

Source: TypeAlias = (
    "str | PathLike[str] | pd.DataFrame | Mapping[str, Any] | "
    "Iterable[str | PathLike[str] | Sequence[str | PathLike[str]]]"
)


def gather(
    source: Source,
    access: Access,
    on_error: OnError,
    *,
    skip_duplicates: bool | None = None,
    reverse: bool = False,
    by_page: bool = False,
    progress: bool | None = False,
) -> Iterator[list[Item]]:
    """Yield the items that a source names, page by page, each once.

    Parameters
    ----------
    source
        A path, URL or pattern (see `list_files`), a file that names others or its value as
        a dict (see `manifests`), a list of paths and URLs (a list of them in it is a
        group), or a frame with the column ``url``, or
        ``urls`` with lists, and, as you like, ``kind``, ``title``, ``folder``,
        ``metadata`` (a dict), ``id``; further columns go into the metadata.
    access
        Reaches it.
    on_error
        Called for each row that makes no item, and for each item that comes again.
    skip_duplicates
        Pass over items that come again in silence; None for what a data file says, else no.
    reverse
        Whether the files of Encord's groups come in the reverse order of their numbers.
    by_page
        Yield the files of a folder or bucket as they are found, instead of all at the end
        in natural order.
    progress
        Show a bar of what is listed: True at once, None after a second, False never.

    Raises
    ------
    SourceError
        If the source is not one of these, or empty.
    """
    import pandas as pd

    url = canonical_url(source) if isinstance(source, str | PathLike) else None
    if isinstance(source, Mapping) or (url is not None and is_data_file(url)):
        manifest = read_manifest(
            url or cast("Mapping[str, Any]", source), access, on_error, reverse
        )
        skip = manifest.skip_duplicates if skip_duplicates is None else skip_duplicates
        yield Once(on_error, skip)(manifest.items)
        return
    if reverse:
        raise SourceError("is for Encord's JSON only.", where="reverse")
    once = Once(on_error, bool(skip_duplicates))
    if url is not None and url.startswith(DICOMWEB):
        yield from map(once, _of_server(url, access, on_error))
        return
    if url is not None:
        yield from map(once, _of_listing(url, access, on_error, by_page, progress))
        return
    if isinstance(source, pd.DataFrame):
        rows = _rows_of(source)
    elif isinstance(source, Iterable) and not isinstance(source, bytes):
        rows = [
            Row(number, f"row {number}", {"urls" if isinstance(url, list | tuple) else "url": url})
            for number, url in enumerate(source)
        ]
    else:
        raise SourceError(
            f"must be a path, a URL, a pattern, a list of these or a frame, "
            f"not {type(source).__name__}.",
            where="source",
        )
    if not rows:
        raise SourceError("is empty.", where="source", hint="Name at least one file.")
    items = items_of_rows(rows, access.limits, on_error)
    if not isinstance(source, pd.DataFrame):
        is_scan = ScanNames(access)
        for item in items:
            url = item.urls[0]
            if item.kind == "image" and is_scan(url, url.rpartition("/")[0], file_name(url)):
                item.kind, item.id = "dicom_series", item_id("dicom_series", item.urls)
            # A list in the list is a series, whatever the files say; those by themselves are not.
            item.by_name = item.kind == "dicom_series" and "url" in rows[item.row].values
    yield once(items)


def _rows_of(frame: pd.DataFrame) -> list[Row]:
    if not {"url", "urls"} & set(frame.columns):
        raise SourceError(
            f"has no column 'url', only {', '.join(map(repr, frame.columns)) or 'none'}.",
            where="source",
            hint="Rename the column that holds the paths or URLs to 'url'.",
        )
    if not frame.columns.is_unique:
        raise SourceError("has several columns of one name.", where="source")
    names = [str(name) for name in frame.columns]
    return [
        Row(number, f"row {number}", dict(zip(names, values, strict=True)))
        for number, values in enumerate(frame.itertuples(index=False, name=None))
    ]


def _of_listing(
    url: str, access: Access, on_error: OnError, by_page: bool, progress: bool | None
) -> Iterator[list[Item]]:
    def unlisted(path: str, error: LabelwidgetsError) -> None:
        on_error(-1, "", None, path, error)

    named = is_directory(url)
    listing = _counted(list_files(folder_of(url) if named else url, access, unlisted), progress)
    grouping = _Grouping(file_name(url), by_key=True)
    found: list[Found] = []
    for page in listing:
        found += page
        if by_page and not named and len(found) >= SIZE:
            break
    else:
        # All there is, of which a sorted list can be made.
        listed, rest = by_directories(found, access, on_error if named else None)
        grouping = _Grouping(file_name(url), by_key=False, count=len(listed))
        for row, item in enumerate(listed):
            item.row = row
        if named:
            yield listed
            return
        yield listed + grouping.take(sorted(rest, key=natural)) + grouping.rest()
        return
    yield grouping.take(found)
    for page in listing:
        yield grouping.take(page)
    yield grouping.rest()


def _counted(pages: Iterator[list[Found]], progress: bool | None) -> Iterator[list[Found]]:
    """Yield pages, and show how many files they have."""
    from tqdm.auto import tqdm

    bar = tqdm(
        desc="Listing files",
        unit="file",
        delay=0 if progress else 1,
        disable=progress is False,
    )
    with bar:
        for page in pages:
            bar.update(len(page))
            yield page


def _of_server(url: str, access: Access, on_error: OnError) -> Iterator[list[Item]]:
    server = access.dicomweb(url)
    from labelwidgets.media.dicomweb.listing import list_series

    def unlisted(place: str, error: LabelwidgetsError) -> None:
        on_error(-1, "", None, place, error)

    yield from list_series(dicom_address(url), server, unlisted)


class _Grouping:
    """Makes items of the files of a listing: each an item, the scans of a folder one series.

    Parameters
    ----------
    name
        Of the folder that is listed: the title of a series that lies in it directly.
    by_key
        The files come sorted by their whole keys, as in a bucket, so that those of sub-folders
        may stand between those of a folder; else folder by folder.
    count
        How many items there are already.
    """

    def __init__(self, name: str, by_key: bool, count: int = 0) -> None:
        self._name = masked(name)
        self._by_key = by_key
        self._count = count
        # By folder, of those that may not be complete yet.
        self._series: dict[str, list[Found]] = {}

    def take(self, page: Iterable[Found]) -> list[Item]:
        """Return the items that are complete."""
        items: list[Item] = []
        for found in page:
            for other in list(self._series) if self._series else ():
                below = not other or found.folder.startswith(f"{other}/")
                if other != found.folder and not (self._by_key and below):
                    items += self._close(other)
            if found.kind == DIRECTORY:
                continue
            if found.kind == "dicom_series":
                self._series.setdefault(found.folder, []).append(found)
            else:
                items.append(self._item(found.kind, [found]))
        return items

    def rest(self) -> list[Item]:
        """Return the items that the end of the listing makes complete."""
        return [item for folder in list(self._series) for item in self._close(folder)]

    def _close(self, folder: str) -> list[Item]:
        return [self._item("dicom_series", sorted(self._series.pop(folder), key=natural))]

    def _item(self, kind: str, found: Sequence[Found]) -> Item:
        urls, folder = [one.url for one in found], found[0].folder
        title = title_of(urls)
        if kind == "dicom_series" and len(urls) > 1:
            title = folder.rpartition("/")[2] or self._name
        self._count += 1
        scan = kind == "dicom_series"
        return Item(self._count - 1, item_id(kind, urls), kind, urls, title, folder, by_name=scan)
