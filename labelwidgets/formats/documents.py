"""Documents of label files: JSON and text, read whole, within limits."""

from __future__ import annotations

import os
import re
from typing import Any

from labelwidgets.errors import FormatError, SourceError
from labelwidgets.formats.files import read_bytes, shown
from labelwidgets.media.manifests.documents import json_of, text_of
from labelwidgets.media.rows import Unfit

_HALF = re.compile(rb"\\u[dD][89a-fA-F]")


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
    """Return what bytes of JSON say: see `read_json`.

    Text with half a character, which only an escape can say, is `Unfit`.
    """
    try:
        value = json_of(text_of(data, where), where)
    except SourceError as error:
        raise FormatError(error.message, where=error.where, hint=error.hint) from None
    return _whole(value, where) if _HALF.search(data) else value


def _whole(value: Any, where: str) -> Any:
    if isinstance(value, str):
        return value if _is_whole(value) else Unfit("text with half a character")
    if isinstance(value, list):
        return [_whole(one, where) for one in value]
    if isinstance(value, dict):
        for key, inside in value.items():
            if not _is_whole(key):
                raise FormatError("is a name with half a character.", where=f"{where}, {key!a:.80}")
            # In its place: what else is known of the object stays.
            value[key] = _whole(inside, where)
    return value


def _is_whole(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text)
