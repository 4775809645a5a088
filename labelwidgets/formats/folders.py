"""Whether a path is a folder or zip of label files, and which of its files are of a format."""

from __future__ import annotations

import os
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from labelwidgets.errors import FormatError, SourceError

if TYPE_CHECKING:
    from labelwidgets.formats.inputs import Input

# How many files of a folder are looked into to say what it holds.
LOOKED_INTO = 20


def files_in(path: str | os.PathLike[str], **storage_options: Any) -> Input | None:
    """Return the files in a folder or zip, None of anything else."""
    from labelwidgets.formats.inputs import Input

    if not os.fspath(path).lower().endswith(".zip") and not _is_folder(path):
        return None
    source = Input(path, **storage_options)
    return None if source.single else source


def folder_at(path: str | os.PathLike[str], **storage_options: Any) -> Input | None:
    """Return the files in a folder that does not look like one by its name, None of no folder."""
    from labelwidgets.formats.inputs import Input

    try:
        source = Input(path, **storage_options)
    except SourceError:
        return None
    return None if source.single else source


def several_at(path: str | os.PathLike[str], **storage_options: Any) -> Input | None:
    """Return the files in a folder, of a bucket too, or zip; None of a file."""
    text = os.fspath(path)
    several = files_in(path, **storage_options)
    if several is None and "://" in text and "." not in text.rsplit("/", 1)[-1]:
        return folder_at(path, **storage_options)
    return several


def holds_any(source: Input, sniff: Callable[[bytes], bool], *suffixes: str) -> bool:
    """Say whether one of the first files of a folder or zip begins as those of a format do."""
    return any(sniff(source.head(name)) for name in source.ending(*suffixes)[:LOOKED_INTO])


def files_of(
    source: Input, sniff: Callable[[bytes], bool], *suffixes: str, title: str, files: str = "*"
) -> list[str]:
    """Return the files of a folder or zip that are of a format.

    Parameters
    ----------
    source
        The folder or zip.
    sniff
        Says of the beginning of a file whether it is of the format.
    *suffixes
        Of its files.
    title
        What the format is called.
    files
        A pattern of their names, such as ``instances_*.json``, or of their paths in the folder.

    Raises
    ------
    FormatError
        If there is none.
    """
    found = [
        name
        for name in source.ending(*suffixes)
        if fnmatchcase(name, files) or fnmatchcase(name.rsplit("/", 1)[-1], files)
    ]
    found = [name for name in found if sniff(source.head(name))]
    if not found:
        called = "" if files == "*" else f" that is called {files[:200]!r}"
        raise FormatError(f"has no file of {title}{called}.", where=source.shown)
    return found


def in_folder(folder: str, name: str) -> str:
    """Return the path of a picture by its name in a file of labels that lies in a folder."""
    if not folder or name.startswith(("/", "../")) or "://" in name or name[1:3] == ":/":
        return name
    parts = folder.split("/")
    # Some files tell of the folder that they are in.
    told = any(name.startswith(f"{'/'.join(parts[at:])}/") for at in range(len(parts)))
    return name if told else f"{folder}/{name}"


def _is_folder(path: str | os.PathLike[str]) -> bool:
    """Say whether a path is a folder, where that takes no asking around."""
    text = os.fspath(path)
    return text.endswith("/") or os.path.isdir(text.removeprefix("file://"))
