"""A small memory of thumbnails."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from labelwidgets.media.encoded import Encoded


class ThumbnailCache:
    """The thumbnails that were used last, as many as fit.

    Parameters
    ----------
    capacity
        Most bytes that all of them may hold together.
    """

    def __init__(self, capacity: int = 32 << 20) -> None:
        self.capacity = capacity
        self.size = 0
        self._kept: OrderedDict[tuple[str, int], Encoded] = OrderedDict()
        self._lock = Lock()

    def get(self, item_id: str, edge: int) -> Encoded | None:
        """Return the thumbnail of an item, None if it is not (or no longer) here."""
        with self._lock:
            found = self._kept.get((item_id, edge))
            if found is not None:
                self._kept.move_to_end((item_id, edge))
            return found

    def put(self, item_id: str, edge: int, thumbnail: Encoded) -> None:
        """Keep a thumbnail, and let go of those that were not used for longest."""
        with self._lock:
            old = self._kept.pop((item_id, edge), None)
            self.size += len(thumbnail.data) - (len(old.data) if old else 0)
            self._kept[item_id, edge] = thumbnail
            while self.size > self.capacity:
                _, dropped = self._kept.popitem(last=False)
                self.size -= len(dropped.data)
