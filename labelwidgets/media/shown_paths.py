"""What places are called where people see them."""

from __future__ import annotations

import os
import re

# User and password; also one with a slash in it, where what follows the colon is no port.
_KEYS = re.compile(r"(?<=://)(?:[^/@\s]*|[^/@\s]*:(?!\d*(?:[/?#]|$))\S*)@")


def shown(path: str | os.PathLike[str]) -> str:
    """Return a path as it may be shown: without user, password and signed query."""
    text = _KEYS.sub("", os.fspath(path))
    return re.split(r"[?#]", text, maxsplit=1)[0] if "://" in text else text
