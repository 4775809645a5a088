"""Documents of label files: JSON and text, read whole, within limits."""

from __future__ import annotations

import os
from typing import Any

from labelwidgets.errors import FormatError, SourceError
from labelwidgets.formats.files import read_bytes, shown
from labelwidgets.media.manifests.documents import json_of, text_of


def read_json(path: str | os.PathLike[str], limit: int, **storage_options: Any) -> Any:
    """Return what a JSON file says, of at most `limit` bytes.

    Raises
    ------
    FormatError
        If it is no JSON, too deep, or has numbers that are none.
    LimitError
        If it is larger.
    SourceError
        If it cannot be read.
    """
    return as_json(read_bytes(path, limit, **storage_options), shown(path))


def as_json(data: bytes, where: str) -> Any:
    """Return what bytes of JSON say: see `read_json`."""
    try:
        return json_of(text_of(data, where), where)
    except SourceError as error:
        raise FormatError(error.message, where=error.where, hint=error.hint) from None
