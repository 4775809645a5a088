"""The version of a model: a hash of the numbers it has learnt."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

_DEEPEST = 12


def hash_of_content(value: Any) -> str:
    """Return 12 hexadecimal digits of the arrays, numbers and words that a thing is made of.

    It is looked at through its attributes, lists and mappings; functions count by their name.
    """
    digest = hashlib.sha256()
    for part in _parts(value, 0, set()):
        digest.update(part)
    return digest.hexdigest()[:12]


def _parts(value: Any, depth: int, seen: set[int]) -> Iterable[bytes]:
    if isinstance(value, np.ndarray):
        yield f"{value.dtype}{value.shape}".encode()
        if value.dtype != object:
            yield np.ascontiguousarray(value).tobytes()
        else:
            yield from _parts(value.tolist(), depth, seen)
        return
    if value is None or isinstance(value, bool | int | float | complex | str | bytes | np.generic):
        yield repr(value).encode("utf-8", "replace")
        return
    if depth >= _DEEPEST or id(value) in seen:
        return
    seen.add(id(value))
    yield type(value).__name__.encode()
    if isinstance(value, Mapping):
        for key, entry in value.items():
            yield repr(key)[:200].encode("utf-8", "replace")
            yield from _parts(entry, depth + 1, seen)
    elif isinstance(value, list | tuple):
        for entry in value:
            yield from _parts(entry, depth + 1, seen)
    elif callable(value) and hasattr(value, "__qualname__"):
        yield value.__qualname__.encode()
    else:
        yield from _parts(_state(value), depth + 1, seen)


def _state(value: Any) -> Any:
    """Return what is in an object: compiled ones, such as trees, say it themselves."""
    if hasattr(value, "__dict__"):
        return vars(value)
    try:
        return value.__getstate__()
    except Exception:  # whatever a class of somebody's raises
        return None
