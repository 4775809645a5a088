"""The large pictures of a dataset that were looked at last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy.typing as npt

from labelwidgets.errors import ImageError
from labelwidgets.media.access import Access
from labelwidgets.media.encoded import Encoded
from labelwidgets.media.items import Item
from labelwidgets.media.tiles.kept import Kept
from labelwidgets.media.tiles.levels import Box, Level
from labelwidgets.media.tiles.opening import open_pyramid, surely_whole
from labelwidgets.media.tiles.pyramid import GreyRange, TiledPicture, TileMemory
from labelwidgets.media.urls import masked

_MOST_OPEN = 16
# Pictures that are read whole: only that is remembered of them.
_MOST_KNOWN = 10_000


class CountedPicture:
    """A pyramid whose traffic is counted to an item."""

    def __init__(self, picture: TiledPicture, access: Access, item_id: str) -> None:
        self._picture = picture
        self._traffic = access.traffic
        self._item = item_id

    def __repr__(self) -> str:
        return repr(self._picture)

    @property
    def width(self) -> int:
        """In pixels, of full resolution."""
        return self._picture.width

    @property
    def height(self) -> int:
        """In pixels, of full resolution."""
        return self._picture.height

    @property
    def levels(self) -> Sequence[Level]:
        """The sizes that it can be read in, the largest first."""
        return self._picture.levels

    @property
    def values(self) -> GreyRange | None:
        """See `TiledPicture.values`."""
        with self._traffic.of(self._item):
            return self._picture.values

    def tile(self, level: int, column: int, row: int) -> Encoded:
        """See `TiledPicture.tile`."""
        with self._traffic.of(self._item):
            return self._picture.tile(level, column, row)

    def region(self, box: Box, level: int = 0) -> npt.NDArray[Any]:
        """See `TiledPicture.region`."""
        with self._traffic.of(self._item):
            return self._picture.region(box, level)

    def smallest(self) -> npt.NDArray[Any]:
        """See `TiledPicture.smallest`."""
        with self._traffic.of(self._item):
            return self._picture.smallest()


class OpenedPyramids:
    """Opens pictures to be read by tiles, each once while it is among the last.

    Parameters
    ----------
    access
        Reads them.
    """

    def __init__(self, access: Access) -> None:
        self._access = access
        self._memory = TileMemory()
        self._open: Kept[CountedPicture] = Kept(_MOST_OPEN, lambda _: 1)
        self._whole: Kept[bool] = Kept(_MOST_KNOWN, lambda _: 1)

    def get(self, item: Item, url: str, frame: int = 0) -> CountedPicture | None:
        """Return a picture of an item; None where it is better read whole.

        Parameters
        ----------
        item
            Which item; what its metadata say of the picture may save looking.
        url, frame
            Which picture of it.

        Raises
        ------
        SourceError, ImageError, LimitError
            See `open_pyramid`.
        """
        name = (item.id, url)
        if surely_whole(_known(item.metadata, frame)) or self._whole.known(name):
            return None
        found = self._open.known(name)
        if found is not None:
            return found
        with self._access.traffic.of(item.id):
            opened = open_pyramid(url, self._access.of(item.trusted), self._memory)
        if opened is None:
            self._whole.get(name, lambda: True)
            return None
        return self._open.get(name, lambda: CountedPicture(opened, self._access, item.id))

    def whole(self, item: Item, url: str) -> npt.NDArray[Any]:
        """Return all pixels of a picture that is stored in tiles alone."""
        picture = self.get(item, url)
        if picture is None:
            raise ImageError("is not stored in tiles.", where=masked(url))
        return picture.region(picture.levels[0].whole)


def _known(metadata: Mapping[str, Any], frame: int) -> Mapping[str, Any]:
    """Return what the metadata of an item say of one of its pictures."""
    frames = metadata.get("frames")
    if not isinstance(frames, list):
        return metadata
    known = frames[frame] if frame < len(frames) else None
    return known if isinstance(known, Mapping) else {}
