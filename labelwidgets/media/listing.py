"""What pictures lie in a folder, a bucket or behind a pattern."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Callable
from os import PathLike
from typing import Any, NamedTuple

from labelwidgets.errors import LabelwidgetsError, SourceError
from labelwidgets.media.access import Access
from labelwidgets.media.archives.address import Address, address_of, archive_kind
from labelwidgets.media.sources import reported
from labelwidgets.media.urls import canonical_url, file_name, is_local, masked

SUFFIXES = frozenset(
    (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp", ".dib", ".webp", ".tif", ".tiff", ".gif")
)
_DIGITS = re.compile(r"(\d+)")
_MAGIC = re.compile(r"[*?[]")


class Found(NamedTuple):
    """A file of a listing: its canonical URL, and its folder from where the listing began."""

    url: str
    folder: str


OnError = Callable[[str, LabelwidgetsError], None]


def list_images(source: str | PathLike[str], access: Access, on_error: OnError) -> list[Found]:
    """Return the pictures of a folder, of a pattern, or the one file that is named.

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

    Returns
    -------
    list of Found
        In natural order (2 before 10). Folders are searched through. Of folders
        and patterns, files without the suffix of a picture and files in or under
        a name that begins with a dot are left out; a file that is named is taken as it is.

    Raises
    ------
    SourceError
        If there is nothing, or it cannot be listed.
    """
    url = canonical_url(source)
    address = address_of(url) or _archive(url)
    if address is not None:
        found = _members(address, access, on_error)
    elif is_local(url):
        if os.path.isdir(url):
            found = _walk(url, on_error)
        elif _MAGIC.search(url) and not os.path.lexists(url):
            found = _local_glob(url)
        else:
            return [Found(url, "")]
    else:
        remote = _remote(url, access)
        if remote is None:
            return [Found(url, "")]
        found = remote
    if not found:
        raise SourceError(
            f"holds no picture ({', '.join(sorted(SUFFIXES))}).",
            where=masked(url),
            hint="Check the path or the pattern; a list of files is taken as it is.",
        )
    return sorted(found, key=_natural)


def _natural(found: Found) -> tuple[list[list[Any]], str]:
    folders = found.folder.split("/") if found.folder else []
    # The empty part sorts the files of a folder before those of its sub-folders.
    return [*map(_split, folders), [""], _split(file_name(found.url))], found.url


def _split(text: str) -> list[Any]:
    pieces: list[Any] = _DIGITS.split(text.casefold())
    pieces[1::2] = [int(piece) for piece in pieces[1::2]]
    return pieces


def _wanted(relative: str) -> bool:
    parts = relative.split("/")
    suffix = os.path.splitext(parts[-1])[1].lower()
    return suffix in SUFFIXES and not any(part.startswith(".") for part in parts)


def _folder(relative: str) -> str:
    return relative.rpartition("/")[0]


def _walk(root: str, on_error: OnError) -> list[Found]:
    found: list[Found] = []
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
        folder = "" if folder == "." else folder
        for name in filter(_wanted, files):
            try:
                found.append(Found(canonical_url(os.path.join(place, name)), folder))
            except SourceError as error:
                on_error(ascii(os.path.join(place, name)), error)
    return found


def _local_glob(pattern: str) -> list[Found]:
    root = _root(pattern)
    names = (
        name.replace(os.sep, "/")
        for name in glob.iglob(pattern[len(root) :], root_dir=root, recursive=True)
    )
    return [
        Found(canonical_url(root + name), _folder(name))
        for name in names
        if _wanted(name) and os.path.isfile(root + name)
    ]


def _root(pattern: str) -> str:
    """Return the folder, with a slash, above the first wild card of a pattern."""
    return _MAGIC.split(pattern, maxsplit=1)[0].rpartition("/")[0] + "/"


def _archive(url: str) -> Address | None:
    """Return the address of all that an archive has, None if a URL is of no archive."""
    name = file_name(url)
    kind = archive_kind(name)
    if kind is None or _MAGIC.search(name) or (is_local(url) and os.path.isdir(url)):
        return None
    return Address(kind, "", url)


def _members(address: Address, access: Access, on_error: OnError) -> list[Found]:
    """Return the pictures of an archive: all, those of a folder or pattern, or the one named."""
    from fsspec.utils import glob_translate

    archive = access.archive(address)
    wanted, folder = address.member, f"{address.member}/" if address.member else ""
    names = list(archive.names())
    if wanted in archive.faults or (wanted and wanted in set(names)):
        return [Found(address.url, "")]
    root = folder
    if _MAGIC.search(wanted) and not any(name.startswith(folder) for name in names):
        root = _root(f"/{wanted}")[1:]
        pattern = re.compile(glob_translate(wanted))
    else:
        pattern = re.compile(re.escape(folder))
    found = []
    single = address.kind == "gzip"
    for name in names:
        if pattern.match(name) and (single or _wanted(name.removeprefix(root))):
            url = address._replace(member=name).url
            found.append(Found(canonical_url(url), _folder(name.removeprefix(root))))
    for name, error in archive.faults.items():
        if not name or (pattern.match(name) and _wanted(name.removeprefix(root))):
            on_error(masked(address._replace(member=name).url), error)
    return found


def _remote(url: str, access: Access) -> list[Found] | None:
    """Return what a remote folder or pattern holds, None where `url` is one file."""
    fs, path = access.filesystem(url)
    web = url.startswith(("http://", "https://"))
    magic = "*" in path if web else _MAGIC.search(path) is not None
    with reported(url):
        if magic and not (not web and fs.isfile(path)):
            root, entries = _root(path), fs.glob(path, detail=True)
        elif web and not url.endswith("/"):
            return None
        elif web or fs.isdir(path):
            root, entries = path.rstrip("/") + "/", fs.find(path, detail=True)
        else:
            return None
        relative = {
            name: name.removeprefix(root).lstrip("/")
            for name, entry in entries.items()
            if entry.get("type") != "directory"
        }
        return [
            Found(canonical_url(fs.unstrip_protocol(name)), _folder(short))
            for name, short in relative.items()
            if _wanted(short.partition("?")[0] if web else short)
        ]
