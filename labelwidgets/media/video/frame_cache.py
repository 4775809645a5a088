"""Decoded frames, those that were used last, within a number of bytes."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any


class FrameCache:
    """Frames by their index, as they were decoded.

    Parameters
    ----------
    most
        Bytes that are held; one frame is held in any case.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._frames: OrderedDict[int, tuple[Any, int]] = OrderedDict()
        self._held = 0

    def get(self, frame: int) -> Any:
        """Return a frame, None where it is not here."""
        known = self._frames.get(frame)
        if known is None:
            return None
        self._frames.move_to_end(frame)
        return known[0]

    def keep(self, frame: int, picture: Any) -> None:
        """Keep a frame, and let those go that were used longest ago."""
        size = sum(plane.buffer_size for plane in picture.planes)
        _, before = self._frames.pop(frame, (None, 0))
        self._frames[frame] = picture, size
        self._held += size - before
        while self._held > self._most and len(self._frames) > 1:
            _, (_, gone) = self._frames.popitem(last=False)
            self._held -= gone

    def room(self, picture_size: int) -> int:
        """Return how many frames of a size there is room for."""
        return self._most // max(1, picture_size)
