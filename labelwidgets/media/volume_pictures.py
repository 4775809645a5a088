"""The pictures of scans: their slices."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

from labelwidgets.media.access import Access
from labelwidgets.media.encoded import Encoded, small
from labelwidgets.media.items import Item
from labelwidgets.media.opened_volumes import OpenedVolumes


class VolumePictures:
    """Shows the slices of scans.

    Parameters
    ----------
    volumes
        Opens them.
    access
        Counts what they read.
    """

    def __init__(self, volumes: OpenedVolumes, access: Access) -> None:
        self._volumes = volumes
        self._access = access

    def pixels(self, item: Item, frame: int) -> npt.NDArray[Any]:
        """Return the values of a slice."""
        volume = self._volumes.get(item)
        with self._access.traffic.of(item.id):
            return volume.values(frame)

    def encoded(self, item: Item, frame: int, raw: bool) -> Encoded:
        """Return a slice for the browser, with its values, however `raw` is said."""
        volume = self._volumes.get(item)
        with self._access.traffic.of(item.id):
            return volume.encoded(frame)

    def thumbnail(self, item: Item, edge: int) -> Encoded:
        """Return the middle slice, small."""
        volume = self._volumes.get(item)
        with self._access.traffic.of(item.id):
            return small(volume.values(len(volume) // 2), edge)
