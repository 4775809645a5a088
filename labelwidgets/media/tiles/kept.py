"""A bounded memory of what took time to read or make."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """Values by name, those used last, as many as fit. Safe from several threads.

    Parameters
    ----------
    most
        Of all values together, as `size` measures them; the last one is kept however large.
    size
        Measures a value, such as by its bytes.
    """

    def __init__(self, most: int, size: Callable[[T], int]) -> None:
        self._most = most
        self._size = size
        self._values: OrderedDict[Hashable, T] = OrderedDict()
        self._total = 0
        self._guard = threading.Lock()
        self._making: dict[Hashable, threading.Lock] = {}

    def known(self, name: Hashable) -> T | None:
        """Return a value, None if it is not (or no longer) here."""
        with self._guard:
            return self._find(name)

    def get(self, name: Hashable, make: Callable[[], T]) -> T:
        """Return a value, made if it is not here; who wants the same meanwhile waits for it."""
        with self._guard:
            known = self._find(name)
            if known is not None:
                return known
            lock = self._making.setdefault(name, threading.Lock())
        with lock:
            with self._guard:
                known = self._find(name)
            if known is not None:
                return known
            try:
                made = make()
            finally:
                with self._guard:
                    self._making.pop(name, None)
            with self._guard:
                self._values[name] = made
                self._total += self._size(made)
                while len(self._values) > 1 and self._total > self._most:
                    _, dropped = self._values.popitem(last=False)
                    self._total -= self._size(dropped)
            return made

    def _find(self, name: Hashable) -> T | None:
        known = self._values.get(name)
        if known is not None:
            self._values.move_to_end(name)
        return known
