"""Hashes of pictures, computed once for each that nobody can write into."""

from __future__ import annotations

import hashlib
import threading
import weakref
from typing import Any

import numpy as np
import numpy.typing as npt


def hash_of_pixels(pixels: npt.NDArray[Any]) -> str:
    """Return the SHA-256 of a picture: its numbers, their kind and its shape."""
    digest = hashlib.sha256(f"{pixels.dtype.str}{pixels.shape}".encode())
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.hexdigest()


class PixelHashes:
    """Hashes of the pictures that are in memory. Safe from several threads.

    To hash 12 megapixels takes longer than to answer a click. A hash is remembered for as long as
    the array lives that owns the pixels, and only where that is read-only: what can be written
    into is hashed each time.
    """

    def __init__(self) -> None:
        self._known: dict[int, tuple[weakref.ref[Any], dict[tuple[Any, ...], str]]] = {}
        self._lock = threading.Lock()

    def of(self, pixels: npt.NDArray[Any]) -> str:
        """Return the hash of a picture, as `hash_of_pixels` has it."""
        owner = _owner(pixels)
        if owner is None:
            return hash_of_pixels(pixels)
        part = (
            pixels.__array_interface__["data"][0],
            pixels.shape,
            pixels.strides,
            pixels.dtype.str,
        )
        with self._lock:
            found = self._known.get(id(owner))
            # Another array may have got the number of one that is gone.
            if found is not None and found[0]() is owner and part in found[1]:
                return found[1][part]
        made = hash_of_pixels(pixels)
        with self._lock:
            found = self._known.get(id(owner))
            if found is None or found[0]() is not owner:
                found = self._known[id(owner)] = weakref.ref(owner), {}
            found[1][part] = made
            for key in [key for key, (there, _) in self._known.items() if there() is None]:
                del self._known[key]
        return made


def _owner(pixels: npt.NDArray[Any]) -> npt.NDArray[Any] | None:
    """Return the array whose pixels these are, None where somebody could write into them."""
    owner = pixels
    while isinstance(owner.base, np.ndarray):
        owner = owner.base
    closed = not owner.flags.writeable and not pixels.flags.writeable
    return owner if closed and (owner.base is None or isinstance(owner.base, bytes)) else None
