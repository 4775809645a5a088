"""Reading the pictures of items: their bytes, pixels, tiles, and what a browser gets of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

import numpy.typing as npt

from labelwidgets.errors import ImageError
from labelwidgets.media.access import Access
from labelwidgets.media.delivery import Delivery, Direct, Signer, check_delivery
from labelwidgets.media.encoded import Encoded, glimpse
from labelwidgets.media.file_pictures import FilePictures, check_frame, is_near, url_of
from labelwidgets.media.film import Film
from labelwidgets.media.items import Item
from labelwidgets.media.kinds import PICTURES, VOLUMES
from labelwidgets.media.opened_videos import OpenedVideos
from labelwidgets.media.opened_volumes import OpenedVolumes
from labelwidgets.media.reformats import Across, Reformat, Reformats
from labelwidgets.media.scan import Scan
from labelwidgets.media.thumbnails import ThumbnailCache
from labelwidgets.media.tiles import Pyramid
from labelwidgets.media.video.address import video_url
from labelwidgets.media.video_pictures import VideoPictures, is_frame, range_of
from labelwidgets.media.videos import Video
from labelwidgets.media.volume_pictures import VolumePictures
from labelwidgets.media.volumes import KeptVolume, Volume

# Of a slice that is gone past, every fourth pixel of every fourth row is enough.
_COARSE = 4
# Of a file that is passed on, in bytes.
_PIECE = 1 << 22


class Pictures(Protocol):
    """How items of some kinds are shown."""

    def pixels(self, item: Item, frame: int, /) -> npt.NDArray[Any]:
        """Return a picture as an array."""

    def encoded(self, item: Item, frame: int, raw: bool, /) -> Encoded:
        """Return a picture for the browser, as it lies in its file where `raw` and it can."""

    def thumbnail(self, item: Item, edge: int, /) -> Encoded:
        """Return a small picture."""


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
        signer = Signer(access) if check_delivery(delivery) == "direct" else None
        self._thumbnails = ThumbnailCache()
        self._files = FilePictures(access, signer)
        self._volumes = OpenedVolumes(access)
        self._slices = VolumePictures(self._volumes, access)
        self._videos = OpenedVideos(access, self._files)
        self._frames = VideoPictures(self._videos, access)
        self._reformats = Reformats()
        self._scans: dict[str, Scan] = {}
        self.ahead = self._files.ahead

    def _of(self, item: Item) -> Pictures:
        if item.kind in VOLUMES:
            return self._slices
        return self._frames if item.kind == "video" or is_frame(item) else self._files

    def read(self, item: Item, frame: int = 0) -> bytes:
        """Return the content of a file; of a frame of a video that of a picture of it."""
        return self.encoded(item, frame).data if is_frame(item) else self._files.read(item, frame)

    def pieces(self, item: Item, frame: int = 0) -> Iterator[bytes]:
        """Return the content of a file piece by piece; of frames that of their video."""
        place = self._access.of(item.trusted).place(video_url(url_of(item, frame)))

        def fetched() -> Iterator[bytes]:
            with self._access.traffic.of(item.id):
                size = place.size()
            for start in range(0, size, _PIECE):
                with self._access.traffic.of(item.id):
                    data = place.fetch(start, min(start + _PIECE, size))
                yield data

        return fetched()

    def prefetch(self, items: Iterable[Item]) -> None:
        """Read pictures ahead, instead of those of an earlier call."""
        self._files.prefetch(item for item in items if item.kind in PICTURES and not is_frame(item))

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
            If the item is neither a video, nor a frame of one, nor a sequence, or cannot be read.
        """
        if item.kind not in ("video", "image_sequence") and not is_frame(item):
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

    def film(self, item: Item, frame: int = 0) -> Film:
        """Return a video as tools see it; what they read is counted to the item."""
        video = self.video(item)
        span = range_of(item, len(video))
        return Film(video, frame, lambda: self._access.traffic.of(item.id), span)

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
        return self._of(item).pixels(item, frame)

    def encoded(self, item: Item, frame: int = 0, raw: bool = True) -> Encoded:
        """Return a picture for the browser, those of a sequence at the size of the first one."""
        return self._of(item).encoded(item, frame, raw)

    def is_near(self, item: Item) -> bool:
        """Say whether all files of an item lie on this machine."""
        return all(is_near(video_url(url)) for url in item.urls)

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
            return glimpse(video[check_frame(item, frame, len(video))], edge)

    def pyramid(self, item: Item, frame: int = 0) -> Pyramid | None:
        """Return a large picture to be read by tiles; None where it is better read whole."""
        return self._files.pyramid(item, frame) if self._of(item) is self._files else None

    def direct(self, item: Item, frame: int = 0) -> Direct | None:
        """Return how a page fetches a picture by itself, None where the kernel has to send it."""
        return self._files.direct(item, frame) if self._of(item) is self._files else None

    def thumbnail(self, item: Item, edge: int) -> Encoded:
        """Return a small picture: of a group its first one, of a scan or video near its middle."""
        found = self._thumbnails.get(item.id, edge)
        if found is None:
            found = self._of(item).thumbnail(item, edge)
            self._thumbnails.put(item.id, edge, found)
        return found
