"""Reading the pictures of items: their bytes, pixels, tiles, and what a browser gets of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy.typing as npt

from labelwidgets.errors import ImageError, SourceError
from labelwidgets.media.access import Access
from labelwidgets.media.archives.address import address_of
from labelwidgets.media.delivery import Delivery, Direct, Signer, check_delivery
from labelwidgets.media.encoded import Encoded, encode, encode_pixels, glimpse, small, thumbnail
from labelwidgets.media.image import decode
from labelwidgets.media.items import Item
from labelwidgets.media.kinds import PICTURES, VOLUMES
from labelwidgets.media.opened_videos import OpenedVideos
from labelwidgets.media.opened_volumes import OpenedVolumes
from labelwidgets.media.read_ahead import ReadAhead, Wish
from labelwidgets.media.reformats import Across, Reformat, Reformats
from labelwidgets.media.scan import Scan
from labelwidgets.media.sequences import resized, shown_at
from labelwidgets.media.thumbnails import ThumbnailCache
from labelwidgets.media.tiles import Pyramid
from labelwidgets.media.tiles.opened import OpenedPyramids
from labelwidgets.media.tiles.zarr import is_zarr
from labelwidgets.media.urls import is_local, masked
from labelwidgets.media.validation import header_of
from labelwidgets.media.videos import Video
from labelwidgets.media.volumes import KeptVolume, Volume

# So many pictures of a group are read ahead.
_FRAMES_AHEAD = 4
# Of a slice that is gone past, every fourth pixel of every fourth row is enough.
_COARSE = 4


class PictureReader:
    """Reads the pictures of items, and keeps what is likely to be wanted again.

    `Dataset` has the same methods, by the id of an item, and says what they raise. Safe from
    several threads.

    Parameters
    ----------
    access
        Reads the files.
    delivery
        How pictures reach the browser: ``kernel`` or ``direct``.
    """

    def __init__(self, access: Access, delivery: Delivery = "kernel") -> None:
        self._access = access
        self._signer = Signer(access) if check_delivery(delivery) == "direct" else None
        self._first: dict[str, tuple[int, int]] = {}
        self._wanted: dict[str, Item] = {}
        self._thumbnails = ThumbnailCache()
        self._pyramids = OpenedPyramids(access)
        self._volumes = OpenedVolumes(access)
        self._videos = OpenedVideos(access)
        self._reformats = Reformats()
        self._scans: dict[str, Scan] = {}
        self.ahead = ReadAhead(self._fetch, self._is_whole)

    def read(self, item: Item, frame: int = 0, keep: bool = False) -> bytes:
        """Return the content of a file; with `keep`, it is likely to be wanted again."""
        wish = Wish(item.id, url_of(item, frame), frame, item.trusted)
        return self._fetch(wish) if _is_near(wish.url) else self.ahead.get(wish, keep)

    def prefetch(self, items: Iterable[Item]) -> None:
        """Read pictures ahead, instead of those of an earlier call."""
        self._wanted = {item.id: item for item in items if item.kind in PICTURES}
        self.ahead.want(
            Wish(item.id, url, frame, item.trusted)
            for item in self._wanted.values()
            for frame, url in enumerate(item.urls[:_FRAMES_AHEAD])
            if not _is_near(url)
        )

    def volume(self, item: Item) -> Volume:
        """Return a scan, opened: its headers are read once, and its values when they are asked for.

        Raises
        ------
        ImageError
            If the item is no scan, or cannot be shown as one.
        """
        if item.kind not in VOLUMES:
            raise ImageError("is no scan of slices.", where=f"item {item.title}")
        return self._volumes.get(item)

    def video(self, item: Item) -> Video:
        """Return a video, opened: its frames are counted, and decoded when they are asked for.

        Raises
        ------
        ImageError
            If the item is no video, or cannot be read as one.
        """
        if item.kind != "video":
            raise ImageError("is no video.", where=f"item {item.title}")
        return self._videos.get(item)

    def scan(self, item: Item) -> Scan:
        """Return a scan as tools see it; what they read is counted to the item."""
        volume = self.volume(item)
        known = self._scans.get(item.id)
        if known is None or known.volume is not volume:
            known = Scan(volume, lambda: self._access.traffic.of(item.id))
            # Others are cheap to make again.
            self._scans = {item.id: known}
        return known

    def reformat(
        self,
        item: Item,
        plane: Across,
        index: int,
        *,
        projected: bool = False,
        patience: float | None = None,
    ) -> Reformat:
        """Return a cut across the slices of a scan (see `Reformats.get`)."""
        volume = self.volume(item)
        with self._access.traffic.of(item.id):
            return self._reformats.get(
                item.id, volume, plane, index, projected=projected, patience=patience
            )

    def pixels(self, item: Item, frame: int = 0) -> npt.NDArray[Any]:
        """Return a picture as an array, those of a sequence at the size of the first one."""
        if item.kind in VOLUMES:
            volume = self._volumes.get(item)
            with self._access.traffic.of(item.id):
                return volume.values(frame)
        if item.kind == "video":
            video = self._videos.get(item)
            with self._access.traffic.of(item.id):
                return video[_frame_of(item, frame, len(video))]
        url = url_of(item, frame)
        if is_zarr(url):
            made = self._pyramids.whole(item, url)
        else:
            made = decode(self.read(item, frame), masked(url), self._access.limits)
        size = self._size_of_first(item, frame)
        return made if size is None else resized(made, size)

    def encoded(self, item: Item, frame: int = 0, raw: bool = True) -> Encoded:
        """Return a picture for the browser, those of a sequence at the size of the first one."""
        if item.kind in VOLUMES:
            volume = self._volumes.get(item)
            with self._access.traffic.of(item.id):
                return volume.encoded(frame)
        if item.kind == "video":
            video = self._videos.get(item)
            with self._access.traffic.of(item.id):
                return video.encoded(_frame_of(item, frame, len(video)))
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

    def is_near(self, item: Item) -> bool:
        """Say whether all files of an item lie on this machine."""
        return all(_is_near(url) for url in item.urls)

    def coarse(self, item: Item, frame: int) -> Encoded | None:
        """Return a small copy of a slice; None where that would read anything from afar."""
        volume = self.volume(item)
        if not isinstance(volume, KeptVolume):
            return None
        with self._access.traffic.of(item.id):
            at_hand = volume.holds(frame) or self.is_near(item)
            return volume.coarse(frame, _COARSE) if at_hand else None

    def glimpse(self, item: Item, frame: int, edge: int) -> Encoded:
        """Return a frame of a video as JPEG, at most `edge` pixels wide and high."""
        video = self.video(item)
        with self._access.traffic.of(item.id):
            return glimpse(video[_frame_of(item, frame, len(video))], edge)

    def pyramid(self, item: Item, frame: int = 0) -> Pyramid | None:
        """Return a large picture to be read by tiles; None where it is better read whole."""
        if item.kind in VOLUMES or item.kind == "video":
            return None
        url = url_of(item, frame)
        # Those of a sequence are shown at one size, for which they are decoded whole.
        return None if item.kind == "image_sequence" else self._pyramids.get(item, url, frame)

    def direct(self, item: Item, frame: int = 0) -> Direct | None:
        """Return how a page fetches a picture by itself, None where the kernel has to send it."""
        if self._signer is None or item.kind not in PICTURES:
            return None
        with self._access.traffic.of(item.id):
            made = self._signer.direct(url_of(item, frame), item.trusted)
        if made is None:
            return None
        size = self._size_of_first(item, frame)
        return made if size is None or size == (made.width, made.height) else None

    def thumbnail(self, item: Item, edge: int) -> Encoded:
        """Return a small picture, of a group of its first one, of a scan of its middle one."""
        found = self._thumbnails.get(item.id, edge)
        if found is None:
            found = self._thumbnail(item, edge)
            self._thumbnails.put(item.id, edge, found)
        return found

    def _thumbnail(self, item: Item, edge: int) -> Encoded:
        if item.kind in VOLUMES:
            volume = self._volumes.get(item)
            return small(volume.values(len(volume) // 2), edge)
        if item.kind == "video":
            return small(self._videos.get(item)[0], edge)
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
    count = len(item.urls)
    if isinstance(frame, bool) or not isinstance(frame, int) or not 0 <= frame < count:
        raise SourceError(
            f"must be from 0 to {count - 1}, not {frame!r:.80}.", where=f"item {item.id}, frame"
        )
    return item.urls[frame]


def _frame_of(item: Item, frame: int, count: int) -> int:
    """Return the index of a frame, which a page may have made up."""
    if isinstance(frame, bool) or not isinstance(frame, int) or not 0 <= frame < count:
        raise SourceError(
            f"must be from 0 to {count - 1}, not {frame!r:.80}.", where=f"item {item.id}, frame"
        )
    return frame


def _is_near(url: str) -> bool:
    """Say whether a file lies on this machine, where reading ahead gains nothing."""
    address = address_of(url)
    return is_local(url if address is None else address.archive)
