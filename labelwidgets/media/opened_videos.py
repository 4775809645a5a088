"""Videos whose frames are counted, so that each is opened once."""

from __future__ import annotations

import threading
from collections import OrderedDict

from labelwidgets.media.access import Access
from labelwidgets.media.items import Item
from labelwidgets.media.video.stream import VideoStream
from labelwidgets.media.videos import Video

# Those of four panes, and of the tasks on either side.
_KEPT = 8


class OpenedVideos:
    """Videos by item, those that were used last.

    Parameters
    ----------
    access
        Reads their files.
    """

    def __init__(self, access: Access) -> None:
        self._access = access
        self._opened: OrderedDict[str, Video] = OrderedDict()
        self._opening: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, item: Item) -> Video:
        """Return the video of an item; one that is being opened is waited for."""
        with self._lock:
            turn = self._opening.setdefault(item.id, threading.Lock())
        with turn:
            with self._lock:
                known = self._opened.get(item.id)
                if known is not None:
                    self._opened.move_to_end(item.id)
                    return known
            with self._access.traffic.of(item.id):
                made: Video = VideoStream(item.urls[0], self._access.of(item.trusted))
            with self._lock:
                self._opened[item.id] = made
                while len(self._opened) > _KEPT:
                    gone, _ = self._opened.popitem(last=False)
                    self._opening.pop(gone, None)
            return made
