"""Telling others of edits: observers in this process, and polling for other processes."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Sequence
from typing import TypeAlias

from sqlalchemy import Engine, PoolProxiedConnection

from labelwidgets.store.edits import Applied

Observer: TypeAlias = Callable[[Sequence[Applied]], None]

_logger = logging.getLogger("labelwidgets")


class Observers:
    """Callbacks that hear of every edit of this process, after it is durable."""

    def __init__(self) -> None:
        self._callbacks: dict[object, Observer] = {}

    def add(self, callback: Observer) -> Callable[[], None]:
        """Add a callback; return the function that takes it out again."""
        key = object()
        self._callbacks[key] = callback

        def remove() -> None:
            self._callbacks.pop(key, None)

        return remove

    def tell(self, applied: Sequence[Applied]) -> None:
        """Call them all; one that fails is logged and keeps nobody else from hearing."""
        for callback in list(self._callbacks.values()):
            try:
                callback(applied)
            except Exception:
                # The edits are durable: a broken view must not make them look refused.
                _logger.exception("An observer of the store failed.")


class Stamp:
    """A number that changes when the database has changed, at the cost of one PRAGMA.

    `PRAGMA data_version` counts the commits of others as one connection sees them, so
    that connection is kept. Only for SQLite.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._connection: PoolProxiedConnection | None = None
        self._process = 0

    def read(self) -> int:
        """Return the number."""
        with self._lock:
            if self._connection is None or self._process != os.getpid():
                self._connection = self._engine.raw_connection()
                self._process = os.getpid()
            cursor = self._connection.cursor()
            try:
                cursor.execute("PRAGMA data_version")
                return int(cursor.fetchall()[0][0])
            finally:
                cursor.close()

    def close(self) -> None:
        """Let go of the connection."""
        with self._lock:
            if self._connection is not None and self._process == os.getpid():
                self._connection.close()
            self._connection = None
