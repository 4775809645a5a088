"""What files lie in a folder, a bucket or behind a pattern."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from os import PathLike
from typing import Any, NamedTuple

from labelwidgets.errors import LabelwidgetsError, SourceError
from labelwidgets.media.access import Access
from labelwidgets.media.archives.address import Address, address_of, archive_kind
from labelwidgets.media.kinds import (
    BY_SUFFIX,
    NIFTI_SUFFIXES,
    SUFFIXES,
    kind_of,
    may_be_scan,
    suffix_of_name,
)
from labelwidgets.media.pages import SIZE, pages
from labelwidgets.media.scan_names import ScanNames
from labelwidgets.media.sources import reported
from labelwidgets.media.tiles.zarr import is_zarr
from labelwidgets.media.urls import canonical_url, file_name, is_local, masked

# A directory of OME-Zarr, and what lies in it.
_ZARR = re.compile(r"((?:.*?/)?[^/]*\.zarr)((?:/.*)?)$")
_DIGITS = re.compile(r"(\d+)")
_MAGIC = re.compile(r"[*?[]")
# What may make a name another one in its canonical URL, or none.
_ODD = re.compile(r"::|//|[?#%\\]|(?:^|/)\.")


DIRECTORY = "directory"
"""The kind of a DICOMDIR, which lists the series of what lies below it."""


class Found(NamedTuple):
    """A file of a listing: its canonical URL, its folder from where the listing began, its kind.

    The kind is one of `KINDS`, ``dicom_series`` for a slice of one, or `DIRECTORY`.
    """

    url: str
    folder: str
    kind: str = "image"


OnError = Callable[[str, LabelwidgetsError], None]


def list_files(
    source: str | PathLike[str], access: Access, on_error: OnError
) -> Iterator[list[Found]]:
    """Yield the files of a folder, of a pattern, or the one file that is named, page by page.

    Parameters
    ----------
    source
        A path or URL of a file or a folder, or a pattern as fsspec has it
        (``*``, ``?``, ``[...]`` and, across folders, ``**``; over http only ``*``).
    access
        Reaches it.
    on_error
        Called with the path and the error of each folder that cannot be listed;
        it may raise.

    Yields
    ------
    list of Found
        In the order in which they are found: of a bucket, that of its keys. Folders are
        searched through. Of folders and patterns, files without the suffix of a picture, a
        video or DICOM and files in or under a name that begins with a dot are left out,
        but those without a suffix that are DICOM are not; a file that is named is taken as
        it is.

    Raises
    ------
    SourceError
        If there is nothing, or it cannot be listed.
    """
    url = canonical_url(source)
    none = True
    for page in _pages(url, access, on_error):
        none = none and not page
        yield page
    if none:
        raise SourceError(
            f"holds no picture, video or DICOM file ({', '.join(sorted(SUFFIXES))}).",
            where=masked(url),
            hint="Check the path or the pattern; a list of files is taken as it is.",
        )


def natural(found: Found) -> tuple[list[list[Any]], list[Any], str]:
    """Return what sorts files as people count: 2 before 10, a folder before its sub-folders."""
    url = found.url
    name = file_name(url) if "?" in url or "::" in url else url.rpartition("/")[2]
    return _natural_folder(found.folder), _split(name), url


@lru_cache(maxsize=1024)
def _natural_folder(folder: str) -> list[list[Any]]:
    # The empty part sorts the files of a folder before those of its sub-folders.
    return [*(_split(part) for part in folder.split("/") if folder), [""]]


def _split(text: str) -> list[Any]:
    pieces: list[Any] = _DIGITS.split(text.casefold())
    pieces[1::2] = map(int, pieces[1::2])
    return pieces


def _pages(url: str, access: Access, on_error: OnError) -> Iterator[list[Found]]:
    address = address_of(url) or _archive(url)
    if address is not None:
        yield from _batches(_members(address, access, on_error))
    elif is_zarr(url) and not _MAGIC.search(url):
        yield [Found(url, "")]
    elif not is_local(url):
        yield from _remote(url, access)
    elif os.path.isdir(url):
        yield from _batches(_walk(url, access, on_error))
    elif _MAGIC.search(url) and not os.path.lexists(url):
        yield from _batches(_local_glob(url, access))
    else:
        yield [_named(url, access)]


def _named(url: str, access: Access) -> Found:
    kind = kind_of([url])
    if kind == "image" and ScanNames(access)(url, "", file_name(url)):
        kind = "dicom_series"
    return Found(url, "", kind)


def _batches(found: Iterable[Found]) -> Iterator[list[Found]]:
    batch: list[Found] = []
    for one in found:
        batch.append(one)
        if len(batch) == SIZE:
            yield batch
            batch = []
    yield batch


def _is_hidden(relative: str) -> bool:
    return relative.startswith(".") or "/." in relative


def _has_suffix(relative: str) -> bool:
    return suffix_of_name(relative) in SUFFIXES and not _is_hidden(relative)


class _Wanted:
    """Says which files of a listing are ours: by their names, or as scans without a suffix.

    Of the files of a folder that have no suffix one is looked into, so that a folder costs one
    request and not one a file. A directory of OME-Zarr is one picture, whatever lies in it.

    Parameters
    ----------
    access
        Reads it.
    root
        The canonical URL, with a slash at its end, that names are below, if there is one.
    """

    def __init__(self, access: Access, root: str | None = None) -> None:
        self._root = root
        self._is_scan = ScanNames(access)
        self._zarrs: set[str] = set()

    def __call__(self, url: str, relative: str) -> Found | None:
        inside = _ZARR.match(relative) if ".zarr" in relative else None
        if inside is not None:
            return self._zarr(url, inside[1], inside[2])
        folder, _, name = relative.rpartition("/")
        kind = BY_SUFFIX.get(suffix_of_name(name))
        if name.upper() == "DICOMDIR" and not _is_hidden(relative):
            return Found(self._canonical(url, relative), folder, DIRECTORY)
        if _is_hidden(relative) or (kind is None and not may_be_scan(name)):
            return None
        if kind is None:
            if not self._is_scan(canonical_url(url), folder, name):
                return None
            kind = "dicom_series"
        return Found(self._canonical(url, relative), folder, kind)

    def _canonical(self, url: str, relative: str) -> str:
        # Below a canonical root, plain names need no second look: that is most of the work.
        plain = self._root is not None and relative.isprintable() and not _ODD.search(relative)
        return f"{self._root}{relative}" if plain else canonical_url(url)

    def _zarr(self, url: str, root: str, rest: str) -> Found | None:
        """Return the picture that a file, or the directory itself, is of: once."""
        # Those in archives are not read.
        if root in self._zarrs or _is_hidden(root) or "::" in url:
            return None
        self._zarrs.add(root)
        return Found(canonical_url(url.removesuffix(rest)), root.rpartition("/")[0])


def _walk(root: str, access: Access, on_error: OnError) -> Iterator[Found]:
    wanted = _Wanted(access, root.rstrip("/") + "/")
    seen: set[tuple[int, int]] = set()

    def report(error: OSError) -> None:
        path = str(error.filename or root)
        reason = error.strerror or type(error).__name__
        on_error(path, SourceError(f"cannot be listed ({reason}).", where=path))

    for place, folders, files in os.walk(root, followlinks=True, onerror=report):
        try:
            status = os.stat(place)
        except OSError as error:
            report(error)
            continue
        if (status.st_dev, status.st_ino) in seen:
            folders.clear()  # A link that leads back to where we were.
            continue
        seen.add((status.st_dev, status.st_ino))
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        folder = os.path.relpath(place, root).replace(os.sep, "/")
        folder = "" if folder == "." else f"{folder}/"
        zarrs = [name for name in folders if is_zarr(name)]
        folders[:] = [name for name in folders if name not in zarrs]
        for name in sorted([*files, *zarrs]):
            try:
                found = wanted(os.path.join(place, name), folder + name)
            except SourceError as error:
                on_error(ascii(os.path.join(place, name)), error)
                continue
            if found is not None:
                yield found


def _local_glob(pattern: str, access: Access) -> Iterator[Found]:
    root = _root(pattern)
    wanted = _Wanted(access, root)
    for name in glob.iglob(pattern[len(root) :], root_dir=root, recursive=True):
        if os.path.isfile(root + name) or is_zarr(name):
            found = wanted(root + name, name.replace(os.sep, "/"))
            if found is not None:
                yield found


def _root(pattern: str) -> str:
    """Return the folder, with a slash, above the first wild card of a pattern."""
    return _MAGIC.split(pattern, maxsplit=1)[0].rpartition("/")[0] + "/"


def _archive(url: str) -> Address | None:
    """Return the address of all that an archive has, None if a URL is of no archive."""
    name = file_name(url)
    kind = archive_kind(name)
    if suffix_of_name(name) in NIFTI_SUFFIXES:
        # Gzipped, but no archive.
        return None
    if kind is None or _MAGIC.search(name) or (is_local(url) and os.path.isdir(url)):
        return None
    return Address(kind, "", url)


def _members(address: Address, access: Access, on_error: OnError) -> Iterator[Found]:
    """Yield the files of an archive: all, those of a folder or pattern, or the one named."""
    from fsspec.utils import glob_translate

    archive = access.archive(address)
    member, root = address.member, f"{address.member}/" if address.member else ""
    names = list(archive.names())
    if member in archive.faults or (member and member in set(names)):
        yield _named(address.url, access)
        return
    if _MAGIC.search(member) and not any(name.startswith(root) for name in names):
        root = _root(f"/{member}")[1:]
        pattern = re.compile(glob_translate(member))
    else:
        pattern = re.compile(re.escape(root))
    for name, error in archive.faults.items():
        # A name that leads out of the archive is not hidden, but refused.
        short = name.removeprefix(root).replace("../", "")
        if not name or (pattern.match(name) and _has_suffix(short)):
            where = address._replace(member=name).url if name else address.archive
            on_error(masked(where), error)
    wanted, single = _Wanted(access), address.kind == "gzip"
    for name in names:
        if pattern.match(name):
            url, short = address._replace(member=name).url, name.removeprefix(root)
            found = _named(canonical_url(url), access) if single else wanted(url, short)
            if found is not None:
                yield found


def _remote(url: str, access: Access) -> Iterator[list[Found]]:
    """Yield what a remote folder or pattern holds, or the one file that `url` is."""
    fs, location = access.locate(url)
    path, web = location.path, location.protocol in ("http", "https")
    magic = "*" in path if web else _MAGIC.search(path) is not None
    with reported(url):
        if magic and not (not web and fs.isfile(path)):
            root, names = _root(path), _matching(fs, path)
        elif (web and not url.endswith("/")) or not (web or fs.isdir(path)):
            yield [_named(url, access)]
            return
        elif web:
            root, names = path.rstrip("/") + "/", iter([fs.find(path)])
        else:
            root, names = path.rstrip("/") + "/", pages(fs, path)
    # In https URLs names are percent-encoded, elsewhere they stand as they are.
    base = None if url.startswith("http") else location.url_of(root)
    wanted = _Wanted(access, base if base and base.endswith("/") else None)
    while True:
        with reported(url):
            page = next(names, None)
        if page is None:
            return
        found = []
        for name in page:
            short = name.removeprefix(root).lstrip("/")
            one = wanted(location.url_of(name), short.partition("?")[0] if web else short)
            if one is not None:
                found.append(one)
        yield found


def _matching(fs: Any, pattern: str) -> Iterator[list[str]]:
    """Yield the files that a pattern fits: page by page where it goes through all folders."""
    from fsspec.utils import glob_translate

    root = _root(pattern)
    if "**" not in pattern or not root.strip("/"):
        entries = fs.glob(pattern, detail=True)
        yield [name for name, entry in entries.items() if entry.get("type") != "directory"]
        return
    fits = re.compile(glob_translate(pattern)).match
    for page in pages(fs, root.rstrip("/")):
        yield [name for name in page if fits(name)]
