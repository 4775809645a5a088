"""Scans whose headers are known, so that each is opened once."""

from __future__ import annotations

import threading
from collections import OrderedDict

from labelwidgets.media.access import Access
from labelwidgets.media.dicom.slice_stack import SliceStack
from labelwidgets.media.items import Item
from labelwidgets.media.nifti.volume import NiftiVolume
from labelwidgets.media.volumes import Volume

# Those of four panes, and of the tasks on either side.
_KEPT = 8


def _open(item: Item, access: Access) -> Volume:
    if item.kind == "volume":
        return NiftiVolume(item.urls[0], access, item.metadata.get("volume", 0))
    return SliceStack(item.urls, access)


class OpenedVolumes:
    """Scans by item, those that were used last.

    Parameters
    ----------
    access
        Reads their files.
    """

    def __init__(self, access: Access) -> None:
        self._access = access
        self._opened: OrderedDict[str, Volume] = OrderedDict()
        self._opening: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, item: Item) -> Volume:
        """Return the scan of an item; one that is being opened is waited for."""
        with self._lock:
            turn = self._opening.setdefault(item.id, threading.Lock())
        with turn:
            with self._lock:
                known = self._opened.get(item.id)
                if known is not None:
                    self._opened.move_to_end(item.id)
                    return known
            with self._access.traffic.of(item.id):
                made = _open(item, self._access.of(item.trusted))
            with self._lock:
                self._opened[item.id] = made
                while len(self._opened) > _KEPT:
                    gone, _ = self._opened.popitem(last=False)
                    self._opening.pop(gone, None)
            return made
