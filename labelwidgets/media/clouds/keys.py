"""Names of objects, as they stand in https URLs and as stores know them."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_DOTS = re.compile(r"(?:^|/)\.{1,2}(?:/|$)")


def decoded(path: str, plus: bool = False) -> str | None:
    """Return the name of an object from the path of a URL, None where it has no plain spelling.

    Parameters
    ----------
    path
        What follows the bucket, percent-encoded.
    plus
        Whether a ``+`` stands for a space.
    """
    try:
        key = unquote(path.replace("+", " ") if plus else path, errors="strict")
    except UnicodeDecodeError:
        return None
    return None if _CONTROL.search(key) or "::" in key or key.startswith("/") else key


def encoded(key: str) -> str:
    """Return the name of an object as the path of an https URL."""
    return quote(key, safe="/~")


def climbs(key: str) -> bool:
    """Say whether a name has ``.`` or ``..`` between its slashes.

    To a store it is a name as any other, but what speaks HTTP takes it for a way up, and may
    ask for another object, of another bucket even.
    """
    return _DOTS.search(key) is not None
