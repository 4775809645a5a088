"""The scans of a dataset, as formats that refer to slices ask for them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.matching import Item, items_of
from labelwidgets.media.dataset import Dataset
from labelwidgets.media.kinds import VOLUMES
from labelwidgets.media.volumes import DicomVolume, Volume
from labelwidgets.media.worker_pixels import Pixels


class Slice(NamedTuple):
    """A slice of an item."""

    item: str
    number: int


class Scans:
    """Opens the scans of a dataset, each when it is asked for.

    Parameters
    ----------
    dataset
        Where they are; None if nobody said.
    wanted_by
        The file that is read or written, named in errors.
    """

    def __init__(self, dataset: Dataset | None, wanted_by: str) -> None:
        if dataset is None:
            raise FormatError(
                "needs the scans that its labels lie on.",
                where=wanted_by,
                hint="Call it on the project, or pass dataset=.",
            )
        self._dataset, self._file = dataset, wanted_by
        self.frame = dataset.items
        self.items = {item.id: item for item in items_of(self.frame)}

    def item(self, id: str) -> Item:
        """Return an item; raise FormatError where there is none of the id."""
        found = self.items.get(id)
        if found is None:
            raise FormatError(f"{id[:80]!r} is no item of the dataset.", where="item_id")
        return found

    def volume(self, id: str) -> Volume:
        """Return the scan of an item.

        Raises
        ------
        FormatError
            If the item is none, or its files cannot be read.
        """
        if self.item(id).kind not in VOLUMES:
            raise FormatError(
                f"is a {self.items[id].kind}, not a scan.", where=f"{self._file}, item {id!r}"
            )
        try:
            return self._dataset.volume(id)
        except LabelwidgetsError as error:
            raise FormatError(
                f"has a scan that cannot be read: {error}", where=f"{self._file}, item {id!r}"
            ) from None

    def dicom(self, id: str) -> DicomVolume:
        """Return the scan of an item, which has to be DICOM."""
        volume = self.volume(id)
        if not isinstance(volume, DicomVolume):
            raise FormatError(
                "is no DICOM, which this format refers to.",
                where=f"{self._file}, item {id!r}",
                hint="Export it as nifti.",
            )
        return volume

    def opened(self, first: Collection[str] = ()) -> Iterator[tuple[str, Volume]]:
        """Return the scans one after the other, passing over those that cannot be read.

        Parameters
        ----------
        first
            UIDs; items in whose metadata one of them stands come first.
        """
        scans = self.frame[self.frame["kind"].isin(VOLUMES)]
        known = dict(zip(scans["id"].astype(str), scans["metadata"], strict=True))
        order = sorted(known, key=lambda id: not _mentions(known[id], first))
        for id in order:
            try:
                yield id, self._dataset.volume(id)
            except LabelwidgetsError:
                continue

    def find(
        self, instances: Collection[str], series: Collection[str] = ()
    ) -> dict[tuple[str, int | None], Slice]:
        """Return the slices that are stored in some DICOM objects.

        Scans are opened until every object is found.

        Parameters
        ----------
        instances
            UIDs of the objects.
        series
            UIDs of their series, where they are known.

        Returns
        -------
        dict
            By the UID and the number of the frame (None in an object with a single one).
        """
        left = set(instances)
        found: dict[tuple[str, int | None], Slice] = {}
        for id, volume in self.opened(series):
            if not left:
                break
            if not isinstance(volume, DicomVolume):
                continue
            for index in range(len(volume)):
                instance = volume.instance(index)
                if instance.sop_instance in instances:
                    left.discard(instance.sop_instance)
                    found.setdefault((instance.sop_instance, instance.frame), Slice(id, index))
        return found

    def sharing(self, frame_of_reference: str) -> list[tuple[str, Volume]]:
        """Return the scans whose coordinates are those of a frame of reference."""
        if not frame_of_reference:
            return []
        return [
            (id, volume)
            for id, volume in self.opened()
            if volume.grid.frame_of_reference == frame_of_reference
        ]


def _mentions(value: object, uids: Collection[str]) -> bool:
    if isinstance(value, str):
        return value in uids
    if isinstance(value, dict):
        return any(_mentions(one, uids) for one in value.values())
    if isinstance(value, list):
        return any(_mentions(one, uids) for one in value)
    return False


class ScansThere:
    """The scans of a dataset in whichever process asks for them.

    Parameters
    ----------
    pixels
        What opens the dataset there.
    shown
        The file that is written, named in errors.
    """

    def __init__(self, pixels: Pixels, shown: str) -> None:
        self.pixels, self.shown = pixels, shown
        self._opened: Scans | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_opened": None}

    @property
    def opened(self) -> Scans:
        """The scans, opened in this process."""
        if self._opened is None:
            self._opened = Scans(self.pixels.dataset, self.shown)
        return self._opened
