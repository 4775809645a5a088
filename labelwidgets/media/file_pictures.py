"""The pictures of items whose files are pictures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy.typing as npt

from labelwidgets.errors import SourceError
from labelwidgets.media.access import Access
from labelwidgets.media.archives.address import address_of
from labelwidgets.media.delivery import Direct, Signer
from labelwidgets.media.encoded import Encoded, encode, encode_pixels, small, thumbnail
from labelwidgets.media.image import decode
from labelwidgets.media.items import Item
from labelwidgets.media.read_ahead import ReadAhead, Wish
from labelwidgets.media.sequences import resized, shown_at
from labelwidgets.media.tiles import Pyramid
from labelwidgets.media.tiles.opened import OpenedPyramids
from labelwidgets.media.tiles.zarr import is_zarr
from labelwidgets.media.urls import is_local, masked
from labelwidgets.media.validation import header_of

# So many pictures of a group are read ahead.
_FRAMES_AHEAD = 4


class FilePictures:
    """Reads files that are pictures: one, several, or one by tiles.

    Parameters
    ----------
    access
        Reads them.
    signer
        Signs URLs for pages; None where the kernel sends all pictures.
    """

    def __init__(self, access: Access, signer: Signer | None) -> None:
        self._access = access
        self._signer = signer
        self._first: dict[str, tuple[int, int]] = {}
        self._wanted: dict[str, Item] = {}
        self._pyramids = OpenedPyramids(access)
        self.ahead = ReadAhead(self._fetch, self._is_whole)

    def read(self, item: Item, frame: int = 0, keep: bool = False) -> bytes:
        """Return the content of a file; with `keep`, it is likely to be wanted again."""
        wish = Wish(item.id, url_of(item, frame), frame, item.trusted)
        return self._fetch(wish) if is_near(wish.url) else self.ahead.get(wish, keep)

    def prefetch(self, items: Iterable[Item]) -> None:
        """Read pictures ahead, instead of those of an earlier call."""
        self._wanted = {item.id: item for item in items}
        self.ahead.want(
            Wish(item.id, url, frame, item.trusted)
            for item in self._wanted.values()
            for frame, url in enumerate(item.urls[:_FRAMES_AHEAD])
            if not is_near(url)
        )

    def pixels(self, item: Item, frame: int) -> npt.NDArray[Any]:
        """Return a picture as an array, those of a sequence at the size of the first one."""
        url = url_of(item, frame)
        if is_zarr(url):
            made = self._pyramids.whole(item, url)
        else:
            made = decode(self.read(item, frame), masked(url), self._access.limits)
        size = self._size_of_first(item, frame)
        return made if size is None else resized(made, size)

    def encoded(self, item: Item, frame: int, raw: bool) -> Encoded:
        """Return a picture for the browser, those of a sequence at the size of the first one."""
        url, limits = url_of(item, frame), self._access.limits
        if is_zarr(url):
            return encode_pixels(self.pixels(item, frame))
        # Kept, as a tool may want its pixels.
        data = self.read(item, frame, keep=True)
        picture = encode(data, masked(url), limits, raw)
        size = self._size_of_first(item, frame)
        if size is None or size == (picture.width, picture.height):
            return picture
        values = decode(data, masked(url), limits) if picture.values else None
        return shown_at(picture, values, size)

    def pyramid(self, item: Item, frame: int) -> Pyramid | None:
        """Return a large picture to be read by tiles; None where it is better read whole."""
        url = url_of(item, frame)
        # Those of a sequence are shown at one size, for which they are decoded whole.
        return None if item.kind == "image_sequence" else self._pyramids.get(item, url, frame)

    def direct(self, item: Item, frame: int) -> Direct | None:
        """Return how a page fetches a picture by itself, None where the kernel has to send it."""
        if self._signer is None:
            return None
        with self._access.traffic.of(item.id):
            made = self._signer.direct(url_of(item, frame), item.trusted)
        if made is None:
            return None
        size = self._size_of_first(item, frame)
        return made if size is None or size == (made.width, made.height) else None

    def thumbnail(self, item: Item, edge: int) -> Encoded:
        """Return a small picture, of a group of its first one."""
        url = url_of(item)
        pyramid = self._pyramids.get(item, url)
        if pyramid is not None:
            return small(pyramid.smallest(), edge)
        return thumbnail(self.read(item), edge, masked(url), self._access.limits)

    def _fetch(self, wish: Wish) -> bytes:
        with self._access.traffic.of(wish.item_id):
            return self._access.of(wish.trusted).read(wish.url)

    def _is_whole(self, wish: Wish) -> bool:
        """Say whether the kernel reads a file whole: it goes neither by tiles nor directly."""
        item = self._wanted.get(wish.item_id)
        if item is None or self._pyramids.get(item, wish.url, wish.frame) is not None:
            return False
        return self.direct(item, wish.frame) is None

    def _size_of_first(self, item: Item, frame: int) -> tuple[int, int] | None:
        """Return the size that a later picture of a sequence is shown at."""
        if frame == 0 or item.kind != "image_sequence":
            return None
        return self.size_of_first(item)

    def size_of_first(self, item: Item) -> tuple[int, int]:
        """Return the width and height of the first picture of an item, in pixels."""
        if item.id not in self._first:
            with self._access.traffic.of(item.id):
                header = header_of(item.urls[0], self._access.of(item.trusted))
            self._first[item.id] = header.width, header.height
        return self._first[item.id]


def url_of(item: Item, frame: int = 0) -> str:
    """Return the URL of a picture of an item.

    Raises
    ------
    SourceError
        If there is no such picture.
    """
    return item.urls[check_frame(item, frame, len(item.urls))]


def check_frame(item: Item, frame: int, count: int) -> int:
    """Return the index of a picture of an item, which a page may have made up.

    Raises
    ------
    SourceError
        If there is no such picture.
    """
    if isinstance(frame, bool) or not isinstance(frame, int) or not 0 <= frame < count:
        raise SourceError(
            f"must be from 0 to {count - 1}, not {frame!r:.80}.", where=f"item {item.id}, frame"
        )
    return frame


def is_near(url: str) -> bool:
    """Say whether a file lies on this machine, where reading ahead gains nothing."""
    address = address_of(url)
    return is_local(url if address is None else address.archive)
