"""The pictures of a dataset, by the ids of its items."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy.typing as npt

from labelwidgets.media.delivery import Direct
from labelwidgets.media.encoded import Encoded
from labelwidgets.media.film import Film
from labelwidgets.media.item_access import ItemAccess
from labelwidgets.media.kinds import VOLUMES
from labelwidgets.media.reformats import Across, Reformat
from labelwidgets.media.scan import Scan
from labelwidgets.media.stamps import Stamp, stamps
from labelwidgets.media.tiles import Pyramid
from labelwidgets.media.videos import Video
from labelwidgets.media.volumes import Volume


class ItemPictures(ItemAccess):
    """Reads the pictures of items by the ids of these; safe from several threads."""

    def read(self, item_id: str, frame: int = 0) -> bytes:
        """Return the content of an item's file, as it is.

        Parameters
        ----------
        item_id
            Which item.
        frame
            Which picture of a group, from 0.

        Raises
        ------
        SourceError
            If there is no such item or picture, or its file cannot be read.
        LimitError
            If the file is larger than the limits allow.
        """
        return self._reader.read(self._item(item_id), frame)

    def pieces(self, item_id: str, frame: int = 0) -> Iterator[bytes]:
        """Return the content of an item's file piece by piece, however large it is.

        Of a frame or a part of a video it is that of the video.

        Parameters
        ----------
        item_id, frame
            As for `read`.

        Raises
        ------
        SourceError
            If there is no such item or picture; or, once it is read, its file cannot be.
        """
        return self._reader.pieces(self._item(item_id), frame)

    def stamps(self, item_ids: Iterable[str]) -> dict[str, list[Stamp]]:
        """Return what tells the files of items from others of the same names, by item.

        That is `url`, `size` in bytes, and `version` (the ETag of S3, the generation of Google's
        store) where there is one. No file is read.

        Raises
        ------
        SourceError
            If there is no such item, or one of its files is not there.
        """
        chosen = [self._item(item_id) for item_id in item_ids]
        return {item.id: found for item, found in stamps(chosen, self._access)}

    def prefetch(self, item_ids: Iterable[str]) -> None:
        """Read pictures ahead that are likely to be wanted next, beside all else.

        They are kept in memory, up to 192 MiB of them, and `read`, `pixels` and `encoded` take
        them from there. Pictures of this machine are not read ahead, nor are those that
        are read by tiles, and of a group only the first four.

        Parameters
        ----------
        item_ids
            The first one first, instead of those of an earlier call: what is being read
            and not among them is cancelled, and costs no further bytes.
        """
        self._reader.prefetch([self._item(item_id) for item_id in item_ids])

    def pixels(self, item_id: str, frame: int = 0) -> npt.NDArray[Any]:
        """Return a picture as an array (see `open_image` and, for `frame`, `read`).

        Those of an image sequence have the size of its first one, to which the others are resized.
        """
        return self._reader.pixels(self._item(item_id), frame)

    def encoded(self, item_id: str, frame: int = 0, raw: bool = True) -> Encoded:
        """Return a picture for the browser (see `encoded.encode` and, for `frame`, `read`).

        Those of an image sequence are shown at the size of its first one.
        """
        return self._reader.encoded(self._item(item_id), frame, raw)

    def volume(self, item_id: str) -> Volume:
        """Return a scan of slices, opened: its headers are read once, its values when asked for.

        Raises
        ------
        SourceError
            If there is no such item, or none of its files can be read.
        ImageError
            If the item is no scan.
        """
        return self._reader.volume(self._item(item_id))

    def video(self, item_id: str) -> Video:
        """Return a video, opened: its frames are counted, and decoded when they are asked for.

        Raises
        ------
        SourceError
            If there is no such item, or it cannot be read.
        ImageError
            If the item is neither a video nor an image sequence, nor a part of one.

        Returns
        -------
        Video
            The whole file, also of an item that is a part of it. The pictures of a sequence are
            frames whose timestamps are their indices.
        """
        return self._reader.video(self._item(item_id))

    def film(self, item_id: str, frame: int = 0) -> Film:
        """Return a video, or an image sequence, as tools see it, with a frame that is shown.

        For errors see `video`; ImageError too if it has no such frame.
        """
        return self._reader.film(self._item(item_id), frame)

    def is_near(self, item_id: str) -> bool:
        """Say whether all files of an item lie on this machine: reading them ahead is cheap."""
        return self._reader.is_near(self._item(item_id))

    def opens_first(self, item_id: str) -> bool:
        """Say whether only opening an item, with `volume` or `video`, tells what it shows first."""
        kind = self._item(item_id).kind
        return kind in VOLUMES or kind == "video"

    def coarse(self, item_id: str, frame: int) -> Encoded | None:
        """Return every fourth row and column of a slice, for a hand that scrolls past it.

        None where that would take reading anything from afar. For errors see `volume`.
        """
        return self._reader.coarse(self._item(item_id), frame)

    def glimpse(self, item_id: str, frame: int, edge: int) -> Encoded:
        """Return a frame of a video as JPEG, at most `edge` pixels wide and high.

        So it is shown while one goes past it; for errors see `video`.
        """
        return self._reader.glimpse(self._item(item_id), frame, edge)

    def scan(self, item_id: str) -> Scan:
        """Return a scan as tools see it: values by slices and boxes, read as they are asked for.

        For errors see `volume`.
        """
        return self._reader.scan(self._item(item_id))

    def reformat(
        self,
        item_id: str,
        plane: Across,
        index: int,
        *,
        projected: bool = False,
        patience: float | None = None,
    ) -> Reformat:
        """Return a cut across the slices of a scan, in true proportions, for the browser.

        Its values are read once and held in memory, up to 2 GiB of all scans.

        Parameters
        ----------
        item_id
            Which scan.
        plane
            ``row`` for a cut of constant row (coronal where slices are axial), ``column`` for
            one of constant column (sagittal).
        index
            Which row or column, from 0.
        projected
            Whether the picture has the largest values of all rows, or columns, instead.
        patience
            Seconds after which a coarse picture will do, of the slices that have been read by
            then; None to wait for the whole one.

        Raises
        ------
        SourceError, ImageError
            If the item is no scan, its slices are not parallel, or none can be read.
        LimitError
            If it has too many values to be held.
        """
        return self._reader.reformat(
            self._item(item_id), plane, index, projected=projected, patience=patience
        )

    def pyramid(self, item_id: str, frame: int = 0) -> Pyramid | None:
        """Return a large picture to be read by tiles; None where it is better read whole.

        By tiles go tiled TIFF files (with the smaller copies that they hold, as OME-TIFF and
        cloud-optimised GeoTIFF do) and whatever one canvas of a browser does not take well.

        Parameters
        ----------
        item_id
            Which item.
        frame
            Which picture of a group, from 0.

        Raises
        ------
        SourceError, ImageError
            If there is no such item or picture, or its file cannot be read.
        LimitError
            If it, or where it is stored in tiles one of these, is larger than the limits allow.
        """
        return self._reader.pyramid(self._item(item_id), frame)

    def direct(self, item_id: str, frame: int = 0) -> Direct | None:
        """Return how a page fetches a picture by itself, None where the kernel has to send it.

        It has to unless the dataset was opened with ``delivery="direct"``; for pictures that a
        browser cannot show as they are, of this machine or in an archive; for web addresses
        that a data file named; and where the credentials cannot sign.
        """
        return self._reader.direct(self._item(item_id), frame)

    def thumbnail(self, item_id: str, edge: int = 96) -> Encoded:
        """Return a small picture of an item, at most `edge` pixels long (see `encoded.thumbnail`).

        Of a group it is the first. Those that were used last are kept in memory.
        """
        return self._reader.thumbnail(self._item(item_id), edge)
