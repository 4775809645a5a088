"""Scans that tools looked at last, with what was read of them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

from labelwidgets.media.scan import Scan
from labelwidgets.media.volumes import Volume

# One that is labelled, and one beside it.
_KEPT = 2


class ScanCache:
    """Scans by item; what was read of the ones used longest ago is forgotten first."""

    def __init__(self) -> None:
        self._scans: OrderedDict[str, tuple[Volume, Scan]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, item_id: str, find: Callable[[str], Volume]) -> Scan:
        """Return the scan of an item, anew where it was opened anew."""
        volume = find(item_id)
        with self._lock:
            known = self._scans.get(item_id)
            if known is None or known[0] is not volume:
                known = (volume, Scan(volume))
                self._scans[item_id] = known
            self._scans.move_to_end(item_id)
            while len(self._scans) > _KEPT:
                self._scans.popitem(last=False)
            return known[1]
