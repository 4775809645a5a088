"""Decoded pictures that were used last, so that a tool does not decode one at every click."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy.typing as npt

Array = npt.NDArray[Any]

# Enough for a few photographs of 12 megapixels.
MOST_BYTES = 256 * 1024 * 1024


class PixelCache:
    """Arrays by the name of what they are of; the ones used longest ago are forgotten first.

    Parameters
    ----------
    most_bytes
        Of all arrays together; the last one is kept however large it is.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._arrays: OrderedDict[str, Array] = OrderedDict()
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()

    def get(self, name: str, decode: Callable[[], Array]) -> Array:
        """Return the array of that name, decoded if it is not there; it cannot be written to."""
        with self._guard:
            lock = self._locks.setdefault(name, threading.Lock())
        # One decodes while others who want the same wait for it.
        with lock:
            with self._guard:
                known = self._arrays.get(name)
                if known is not None:
                    self._arrays.move_to_end(name)
                    return known
            try:
                made = decode()
            finally:
                with self._guard:
                    self._locks.pop(name, None)
            made.flags.writeable = False
            with self._guard:
                self._arrays[name] = made
                while len(self._arrays) > 1 and self._bytes() > self._most:
                    self._arrays.popitem(last=False)
            return made

    def _bytes(self) -> int:
        return sum(made.nbytes for made in self._arrays.values())
