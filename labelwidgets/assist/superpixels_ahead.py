"""Superpixels that were computed before anybody asked for them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Runs: TypeAlias = tuple[NDArray[np.uint32], NDArray[np.uint16] | NDArray[np.uint32]]
Find: TypeAlias = Callable[[str, int], Runs | None]
"""From the hash of a picture and the side of a superpixel to the lengths and labels of runs."""

_finds: list[Find] = []


def look_ahead(find: Find) -> None:
    """Let the superpixel tool ask `find` before it computes, and before whom it asked till now."""
    _finds.insert(0, find)


def forget_ahead() -> None:
    """Let the tool compute by itself again."""
    _finds.clear()


def found_ahead(image: NDArray[Any], size: int) -> Runs | None:
    """Return the superpixels of a picture, None where nobody has computed them."""
    if not _finds:
        return None
    pixels = hash_of(image)
    for find in _finds:
        if (found := find(pixels, size)) is not None:
            return found
    return None


def hash_of(pixels: NDArray[Any]) -> str:
    """Return 32 hexadecimal digits of the values of a picture."""
    said = f"{pixels.dtype.str}{pixels.shape}".encode()
    digest = hashlib.blake2b(said, digest_size=16)
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.hexdigest()
