"""The items of a dataset, which may still be growing."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from labelwidgets.media.items import Item

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("id", "kind", "title", "folder", "urls", "metadata", "status", "trusted")


class ItemList:
    """Items in their order, found by id. Safe from several threads; items only come to it."""

    def __init__(self, items: Iterable[Item] = ()) -> None:
        self._lock = threading.Lock()
        self._items: list[Item] = []
        self._positions: dict[str, int] = {}
        self._frame: pd.DataFrame | None = None
        self.add(items)

    def add(self, items: Iterable[Item]) -> None:
        """Put items behind those that are there."""
        with self._lock:
            for item in items:
                self._positions[item.id] = len(self._items)
                self._items.append(item)

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[Item]:
        return iter(self._items[: len(self._items)])

    def get(self, item_id: object) -> Item | None:
        """Return the item of an id, None if there is none."""
        try:
            position = self._positions.get(item_id)  # type: ignore[call-overload]
        except TypeError:
            return None
        return None if position is None else self._items[position]

    def position(self, item_id: str) -> int:
        """Return the place of an item that is there, from 0."""
        return self._positions[item_id]

    def after(self, count: int) -> pd.DataFrame:
        """Return a frame of those that came after the first `count`."""
        with self._lock:
            return frame_of(self._items[count:])

    def frame(self) -> pd.DataFrame:
        """Return a frame of those that are there, one row an item; not to be written to."""
        with self._lock:
            if self._frame is None or len(self._frame) < len(self._items):
                self._frame = frame_of(self._items)
            return self._frame


def frame_of(items: list[Item]) -> pd.DataFrame:
    """Return a frame with the columns of `COLUMNS`, one row an item."""
    import pandas as pd

    def column(values: list[Any]) -> pd.Series[Any]:
        return pd.Series(values, dtype=object)

    return pd.DataFrame({name: column([getattr(item, name) for item in items]) for name in COLUMNS})
