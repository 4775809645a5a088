"""Names of files that all file systems take."""

from __future__ import annotations

import re

# What no file system minds.
_UNSAFE = re.compile(r"[^\w.+-]+")
# What some file systems have no place for in a name, and what has no bytes in UTF-8.
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\\ud800-\udfff]')
# Devices of Windows, whatever follows a dot.
_DEVICE = re.compile(r"(?i)^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?=\.|$)")
# Windows drops them at the end of the name of a folder.
_ENDING = re.compile(r"[. ]+$")
_NOWHERE = ("", ".", "..")


def safe_name(name: str) -> str:
    """Return a name for a file, with slashes between folders and nothing that leads upwards."""
    *folders, own = [_UNSAFE.sub("_", part).strip("._ ")[:120] for part in name.split("/")]
    # A name of nothing but signs is still that of a file in its folder.
    return "/".join([*(part for part in folders if part), own or "unnamed"])


def plain_name(name: str) -> str:
    """Return a name with all that file systems take, for files that are found by it.

    What Windows forbids (``<>:"|?*``, a backslash, control characters) is ``_``; a name that it
    reserves, such as ``aux.jpg``, is ``aux_.jpg``.
    """
    parts = [part for part in name.split("/") if part not in _NOWHERE]
    plain = [_DEVICE.sub(r"\1_", _FORBIDDEN.sub("_", part)) for part in parts]
    plain[:-1] = [_ENDING.sub("_", part) for part in plain[:-1]]
    return "/".join(plain) or "unnamed"


def is_plain(name: str) -> bool:
    """Say whether all file systems take a name as it is."""
    return plain_name(name) == ("/".join(p for p in name.split("/") if p not in _NOWHERE) or name)


def free_name(name: str, taken: set[str], suffix: str = "") -> str:
    """Return a name that is not taken yet, whatever the case of its letters; then it is."""
    number, free = 1, f"{name}{suffix}"
    while free.lower() in taken:
        number += 1
        free = f"{name}_{number}{suffix}"
    taken.add(free.lower())
    return free
