"""Reading a log that a server is still writing."""

from __future__ import annotations

import time
from pathlib import Path

PAUSE = 0.1


def settled(log: Path) -> list[str]:
    """Return the lines of a log when no more come: a server writes after it has answered."""
    before = None
    while True:
        time.sleep(PAUSE)
        now = log.read_bytes() if log.exists() else b""
        if now == before and now[-1:] in (b"", b"\n"):
            return now.decode("utf-8", "replace").splitlines()
        before = now
