"""From a source to items: gathered, checked, and listed further in a thread where that is asked."""

from __future__ import annotations

from collections.abc import Iterable

from labelwidgets.errors import SourceError
from labelwidgets.media.access import Access
from labelwidgets.media.checked import Checked
from labelwidgets.media.failures import Failures
from labelwidgets.media.gathering import Source, gather
from labelwidgets.media.item_list import ItemList
from labelwidgets.media.items import Item
from labelwidgets.media.progress import Listing
from labelwidgets.media.scan_items import DicomObject, ScanItems
from labelwidgets.media.validation import check_items


class Opening:
    """Takes in what a source names, page by page; see `Dataset.open`.

    Parameters
    ----------
    failures
        What fails, and whether that is the end of it.
    access
        By what files are read.
    checked
        What is known of files already.
    validate
        Whether the header of each file is read.
    lazy
        Whether to go on in a thread after the first page.
    progress
        Show a bar: True at once, None if it takes longer than a second, False never.
    """

    def __init__(
        self,
        failures: Failures,
        access: Access,
        checked: Checked,
        *,
        validate: bool,
        lazy: bool,
        progress: bool | None,
    ) -> None:
        self._failures = failures
        self._access = access
        self.items = ItemList()
        self.listing = Listing()
        self._scans = ScanItems(self._failures.add)
        self._checked = checked
        self._validate = validate
        self._lazy = lazy
        self._progress = progress

    @property
    def objects(self) -> list[DicomObject]:
        """DICOM files that are no pictures, those that are found later too."""
        return self._scans.objects

    def take_all(self, source: Source, *, skip_duplicates: bool | None, reverse: bool) -> None:
        """Take in all items; of a lazy opening the first page, and the rest in a thread.

        Raises
        ------
        SourceError
            If there is nothing to be taken in.
        """
        pages = gather(
            source,
            self._access,
            self._failures.add,
            skip_duplicates=skip_duplicates,
            reverse=reverse,
            by_page=self._lazy,
            progress=self._progress,
        )
        run = self.listing.start if self._lazy else self.listing.run
        run(pages, self._take, self._checked.close)
        if not self._lazy and not len(self.items) and not len(self._failures):
            kinds = ", ".join(sorted({one.kind for one in self.objects}))
            raise SourceError(
                f"holds no picture: its DICOM files are {kinds or 'not there'}.",
                where="source",
                hint="Open the folder of the scans.",
            )

    def _take(self, items: list[Item]) -> int:
        keep_signatures(items, self._access)
        if self._validate:
            bar = False if self._lazy else self._progress
            items = check_items(
                items, self._access, bar, self._failures, self._checked, self._scans
            )
        else:
            for item in items:
                self._checked.recall(item)
            items = self._scans.bounded(items)
        self.items.add(items)
        return len(items)


def keep_signatures(items: Iterable[Item], access: Access) -> None:
    """Keep what signs the URLs of items in memory, so that nobody else reads it."""
    for item in items:
        item.urls = [access.keep_signature(url) for url in item.urls]
