"""Writing whole files over fsspec, and what their places are called."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
from typing import Any

from labelwidgets.errors import SourceError

# User and password; also one with a slash in it, where what follows the colon is no port.
_KEYS = re.compile(r"(?<=://)(?:[^/@\s]*|[^/@\s]*:(?!\d*(?:[/?#]|$))\S*)@")


def shown(path: str | os.PathLike[str]) -> str:
    """Return a path as it may be shown: without user, password and signed query."""
    text = _KEYS.sub("", os.fspath(path))
    return re.split(r"[?#]", text, maxsplit=1)[0] if "://" in text else text


def write_bytes(path: str | os.PathLike[str], data: bytes, **storage_options: Any) -> None:
    """Write a whole file so that a failure leaves the old one as it was.

    A local file is written beside its place and moved there. Object stores
    show an object when it is complete; on other remote file systems it is as
    safe as their own writing of a file.

    Raises
    ------
    SourceError
        If it cannot be written.
    """
    import fsspec
    from fsspec.implementations.local import LocalFileSystem

    try:
        fs, place = fsspec.core.url_to_fs(os.fspath(path), **storage_options)
        if isinstance(fs, LocalFileSystem):
            _replace(place, data)
        else:
            fs.pipe_file(place, data)
    except FileNotFoundError:
        raise SourceError(
            "cannot be written, its folder is not there.",
            where=shown(path),
            hint="Make the folder first.",
        ) from None
    except Exception as error:
        raise SourceError(
            f"could not be written ({type(error).__name__}: {getattr(error, 'strerror', '')}).",
            where=shown(path),
            hint="What was there before is unchanged.",
        ) from None


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


def _replace(place: str, data: bytes) -> None:
    # Through a symbolic link, so that the link stays one.
    target = os.path.realpath(place)
    if os.path.isdir(target):
        raise IsADirectoryError(21, "is a folder", target)
    part = f"{target}.{secrets.token_hex(4)}.part"
    try:
        with open(part, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if os.path.exists(target):
            shutil.copymode(target, part)
        os.replace(part, target)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(part)
        raise
