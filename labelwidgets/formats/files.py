"""Reading label files whole over fsspec."""

from __future__ import annotations

import os
from typing import Any

from labelwidgets.errors import ImageError, LimitError, MissingFileError, SourceError
from labelwidgets.media.access import Access
from labelwidgets.media.urls import canonical_url
from labelwidgets.media.whole_files import shown as shown

HEAD_BYTES = 1 << 16


def read_head(path: str | os.PathLike[str], **storage_options: Any) -> bytes:
    """Return the first 64 KiB of a file.

    Raises
    ------
    SourceError
        If it cannot be read.
    """
    return _read(path, HEAD_BYTES, storage_options)


def read_bytes(path: str | os.PathLike[str], limit: int, **storage_options: Any) -> bytes:
    """Return a whole file.

    Raises
    ------
    SourceError
        If it cannot be read.
    LimitError
        If it has more than `limit` bytes.
    """
    data = _read(path, limit + 1, storage_options)
    if len(data) > limit:
        raise LimitError(
            f"has more than {limit} bytes.", where=shown(path), hint="Split it into several files."
        )
    return data


def _read(path: str | os.PathLike[str], size: int, storage_options: dict[str, Any]) -> bytes:
    try:
        return Access(storage_options).place(canonical_url(path)).fetch(0, size)
    except MissingFileError:
        raise SourceError("is not there.", where=shown(path)) from None
    except ImageError:
        raise SourceError("is a folder, not a file.", where=shown(path)) from None
    except SourceError as error:
        raise SourceError(
            f"could not be read: it {error.message}",
            where=shown(path),
            hint=error.hint or "Check the address and the storage options.",
        ) from None
