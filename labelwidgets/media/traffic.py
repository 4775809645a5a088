"""How many bytes and requests each item cost."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

_item: ContextVar[str | None] = ContextVar("labelwidgets_item", default=None)


class Traffic:
    """Counts what is read, by item. Safe from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[str | None, list[int]] = {}

    @contextmanager
    def of(self, item_id: str | None) -> Iterator[None]:
        """Count all that this thread reads meanwhile to an item, or to none."""
        token = _item.set(item_id)
        try:
            yield
        finally:
            _item.reset(token)

    def count(self, read: int, requests: int = 1) -> None:
        """Count bytes that came, and the requests that they took."""
        with self._lock:
            counts = self._counts.setdefault(_item.get(), [0, 0])
            counts[0] += requests
            counts[1] += read

    def frame(self) -> pd.DataFrame:
        """Return a frame with the columns item_id, requests and bytes (int64).

        What was read for no item in particular, such as the index of an archive, has
        None as its item_id.
        """
        import pandas as pd

        with self._lock:
            rows = [(item, *counts) for item, counts in self._counts.items()]
        return pd.DataFrame(
            {
                "item_id": pd.Series([item for item, *_ in rows], dtype=object),
                "requests": pd.Series([row[1] for row in rows], dtype="int64"),
                "bytes": pd.Series([row[2] for row in rows], dtype="int64"),
            }
        )
