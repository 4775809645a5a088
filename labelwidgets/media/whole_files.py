"""Writing whole files over fsspec."""

from __future__ import annotations

import os
from typing import Any

from labelwidgets.errors import SourceError
from labelwidgets.media.replacing import replacing, send, told
from labelwidgets.media.shown_paths import shown as shown
from labelwidgets.media.sources import filesystem


def write_bytes(path: str | os.PathLike[str], data: bytes, **storage_options: Any) -> None:
    """Write a whole file so that a failure leaves the old one as it was.

    A local file is written beside its place and moved there. Object stores
    show an object when it is complete. What does not fit in memory is written
    piece by piece: see `labelwidgets.media.replacing`.

    Raises
    ------
    SourceError
        If it cannot be written.
    """
    from fsspec.implementations.local import LocalFileSystem

    fs, place = filesystem(os.fspath(path), storage_options)
    if not isinstance(fs, LocalFileSystem):
        with told(shown(path)):
            send(fs, place, lambda target: fs.pipe_file(target, data))
        return
    with replacing(path, **storage_options) as file:
        file.write(data)


def make_folder(path: str, **storage_options: Any) -> None:
    """Make a folder and those above it, where the place has folders.

    Raises
    ------
    SourceError
        If it cannot be made.
    """
    import fsspec

    try:
        fs, place = fsspec.core.url_to_fs(path, **storage_options)
        fs.makedirs(place, exist_ok=True)
    except Exception as error:
        raise SourceError(
            f"is a folder that could not be made ({type(error).__name__}: "
            f"{getattr(error, 'strerror', '')}).",
            where=shown(path),
        ) from None
