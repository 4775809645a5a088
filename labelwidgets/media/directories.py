"""The files of a listing, as the DICOMDIR among them says what belongs together."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from labelwidgets.errors import LabelwidgetsError, MissingFileError
from labelwidgets.media.access import Access
from labelwidgets.media.archives.address import address_of
from labelwidgets.media.dicom.directory import NAME, ListedSeries, read_directory, resolver
from labelwidgets.media.items import Item, OnError, item_id, title_of
from labelwidgets.media.listing import DIRECTORY, Found, natural
from labelwidgets.media.urls import file_name, masked


class Directed(NamedTuple):
    """What a directory lists, and what else there is.

    Parameters
    ----------
    items
        The series, without a row.
    rest
        Files that no directory names.
    """

    items: list[Item]
    rest: list[Found]


def is_directory(url: str) -> bool:
    """Say whether a URL names a DICOMDIR."""
    return file_name(url).upper() == NAME


def folder_of(url: str) -> str:
    """Return the URL of the folder that a file is in."""
    address = address_of(url)
    if address is not None:
        folder = address.member.rpartition("/")[0]
        return address._replace(member=folder).url if folder else address.archive
    return url.rpartition("/")[0] + "/"


def by_directories(found: Sequence[Found], access: Access, on_error: OnError | None) -> Directed:
    """Return the series that the DICOMDIRs of a listing name, and the files that none names.

    Parameters
    ----------
    found
        All files of a listing.
    access
        Reads the directories.
    on_error
        Called for a directory that cannot be read, and for files that one names and that are not
        there. None where the files are what is wanted: they are there without a directory, too.
    """
    directories = [one for one in found if one.kind == DIRECTORY]
    rest = {one.url: one for one in found if one.kind != DIRECTORY}
    items: list[Item] = []
    for directory in directories:
        try:
            with access.open(directory.url) as file:
                listed = read_directory(file, masked(directory.url), access.limits)
        except LabelwidgetsError as error:
            if on_error is not None:
                on_error(-1, "", None, masked(directory.url), error)
            continue
        below = _below(directory, rest.values())
        find = resolver(iter(below))
        missing: list[str] = []
        for series in listed:
            names = [(parts, find(parts)) for parts in series.files]
            missing += ["/".join(parts) for parts, name in names if name is None]
            files = {below[name].url: below[name] for _, name in names if name is not None}
            own = [rest.pop(url) for url in files if url in rest]
            if own:
                items.append(_item(series, sorted(own, key=natural)))
        if missing and on_error is not None:
            _report(directory, missing, on_error)
    return Directed(items, list(rest.values()))


def _below(directory: Found, files: Collection[Found]) -> dict[str, Found]:
    """Return the files below the folder of a directory, by their paths from there."""
    root = f"{directory.folder}/" if directory.folder else ""
    paths = ((f"{one.folder}/" if one.folder else "") + file_name(one.url) for one in files)
    return {
        path.removeprefix(root): one
        for path, one in zip(paths, files, strict=True)
        if path.startswith(root)
    }


def _item(series: ListedSeries, files: Sequence[Found]) -> Item:
    urls = [one.url for one in files]
    name = series.description or (f"series {series.number}" if series.number else "")
    known = {
        "modality": series.modality,
        "series_description": series.description,
        "study_uid": series.study,
        "series_uid": series.uid,
    }
    kind = "dicom_series"
    return Item(
        0,
        item_id(kind, urls),
        kind,
        urls,
        f"{series.modality} {name}".strip() or title_of(urls),
        files[0].folder,
        {name: value for name, value in known.items() if value},
        by_name=True,
    )


def _report(directory: Found, missing: Sequence[str], on_error: OnError) -> None:
    named = ", ".join(missing[:3]) + (f" and {len(missing) - 3} more" if len(missing) > 3 else "")
    error = MissingFileError(f"names files that are not there: {named}.", where=directory.url)
    on_error(-1, "", None, masked(directory.url), error)
