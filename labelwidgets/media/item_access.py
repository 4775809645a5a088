"""Items by their ids, and the way to their files: what every part of a dataset stands on."""

from __future__ import annotations

from collections.abc import Iterator

from labelwidgets.errors import SourceError
from labelwidgets.media.access import Access
from labelwidgets.media.delivery import Delivery
from labelwidgets.media.failures import Failures
from labelwidgets.media.item_list import ItemList
from labelwidgets.media.items import Item
from labelwidgets.media.limits import Limits
from labelwidgets.media.network.policy import UrlPolicy
from labelwidgets.media.picture_reader import PictureReader
from labelwidgets.media.progress import Listing
from labelwidgets.media.scan_items import DicomObject


class ItemAccess:
    """Items by their ids, and the way to their files."""

    def __init__(
        self,
        items: ItemList,
        failures: Failures,
        access: Access,
        delivery: Delivery = "kernel",
        listing: Listing | None = None,
        objects: list[DicomObject] | None = None,
    ) -> None:
        self._items = items
        self._objects = objects if objects is not None else []
        self._listing = listing or Listing()
        if listing is None:
            self._listing.count, self._listing.done = len(items), True
        self._failures = failures
        self._access = access
        self._delivery = delivery
        self._reader = PictureReader(access, delivery)

    @property
    def limits(self) -> Limits:
        """Bounds on the size of a file."""
        return self._access.limits

    @property
    def policy(self) -> UrlPolicy:
        """What URLs may name that data files gave."""
        return self._access.policy

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[str]:
        return (item.id for item in self._items)

    def __contains__(self, item_id: object) -> bool:
        return self._items.get(item_id) is not None

    def _item(self, item_id: str) -> Item:
        item = self._items.get(item_id)
        if item is None:
            raise SourceError(
                f"has no item {str(item_id)[:80]!r}.",
                where="dataset",
                hint="The column id of .items lists those that there are.",
            )
        return item
