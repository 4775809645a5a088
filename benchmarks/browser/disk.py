"""When an edit is on disk, as another process sees it."""

from __future__ import annotations

import sqlite3
import threading
import time
from pathlib import Path

from benchmarks.browser.cdp import PageError


class DiskWatch:
    """Reads a project's file every millisecond, over a connection that cannot write.

    What another connection can read was committed: with ``synchronous=FULL`` that is after the
    log was flushed.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._changed = threading.Condition()
        self._seen = (0, 0.0)
        self._ended = False

    def __enter__(self) -> DiskWatch:
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended = True
        self._thread.join()

    @property
    def last(self) -> int:
        """Number of the last event."""
        return self._seen[0]

    def after(self, number: int, seconds: float = 20) -> float:
        """Wait for an event after a number; return when it was seen (`time.perf_counter`)."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._seen[0] > number, timeout=seconds):
                raise PageError(f"No edit reached the disk in {seconds} s.")
            return self._seen[1]

    def _watch(self) -> None:
        connection = sqlite3.connect(f"file:{self._path}?mode=ro", uri=True)
        while not self._ended:
            number = connection.execute("SELECT max(seq) FROM events").fetchone()[0] or 0
            if number != self._seen[0]:
                with self._changed:
                    self._seen = (number, time.perf_counter())
                    self._changed.notify_all()
            time.sleep(0.001)
        connection.close()
