"""Hearing of items that come while a dataset is still being listed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from labelwidgets.media.item_list import ItemList
from labelwidgets.media.progress import Listing

if TYPE_CHECKING:
    import pandas as pd


def follow(
    items: ItemList, listing: Listing, take: Callable[[pd.DataFrame], None], after: int
) -> Callable[[], None]:
    """Call back with the items after the first ones, as they come; see `Dataset.follow`."""
    lock, position = threading.Lock(), after

    def more() -> None:
        nonlocal position
        with lock:
            frame = items.after(position)
            if len(frame):
                take(frame)
                position += len(frame)

    end = listing.follow(more)
    more()
    return end
