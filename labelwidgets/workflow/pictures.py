"""What a session needs of a dataset: pictures, scans and videos, by item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy.typing as npt

from labelwidgets.media.kinds import VOLUMES
from labelwidgets.store.item_metadata import spacing_of

if TYPE_CHECKING:
    from labelwidgets.media.delivery import Direct
    from labelwidgets.media.film import Film
    from labelwidgets.media.grey import GreyValues
    from labelwidgets.media.reformats import Across, Reformat
    from labelwidgets.media.scan import Scan
    from labelwidgets.media.tiles import Pyramid
    from labelwidgets.media.videos import Video
    from labelwidgets.media.volumes import Volume


class Picture(Protocol):
    """Bytes that a browser can show; `labelwidgets.media.Encoded` is one."""

    @property
    def mime(self) -> str:
        """Media type, such as ``image/jpeg``."""

    @property
    def data(self) -> bytes:
        """The bytes."""

    @property
    def width(self) -> int:
        """In pixels, upright."""

    @property
    def height(self) -> int:
        """In pixels, upright."""

    @property
    def values(self) -> GreyValues | None:
        """What the numbers of a raw grey picture mean, None for all others."""

    @property
    def overlay(self) -> dict[str, Any] | None:
        """Pixels that are shown white above a raw grey picture, as COCO RLE."""


class Pictures(Protocol):
    """Where pixels come from; `labelwidgets.media.Dataset` is one."""

    def pixels(self, item_id: str, /, frame: int = ...) -> npt.NDArray[Any]:
        """Return a picture as an array, in full resolution."""

    def encoded(self, item_id: str, /, frame: int = ..., raw: bool = ...) -> Picture:
        """Return a picture as the browser can show it, in full resolution."""

    def pyramid(self, item_id: str, /, frame: int = ...) -> Pyramid | None:
        """Return a picture to be read by tiles, None where it is better read whole."""

    def scan(self, item_id: str, /) -> Scan:
        """Return a scan as tools see it."""

    def volume(self, item_id: str, /) -> Volume:
        """Return a scan of slices, opened."""

    def video(self, item_id: str, /) -> Video:
        """Return a video, opened."""

    def film(self, item_id: str, /, frame: int = ...) -> Film:
        """Return a video as tools see it."""

    def is_near(self, item_id: str, /) -> bool:
        """Say whether all files of an item lie on this machine."""

    def opens_first(self, item_id: str, /) -> bool:
        """Say whether only opening an item tells which of its pictures is shown first."""

    def glimpse(self, item_id: str, /, frame: int, edge: int) -> Picture:
        """Return a frame of a video as JPEG of at most `edge` pixels."""

    def coarse(self, item_id: str, /, frame: int) -> Picture | None:
        """Return a small copy of a slice, None where that would read anything from afar."""

    def reformat(
        self,
        item_id: str,
        /,
        plane: Across,
        index: int,
        *,
        projected: bool = ...,
        patience: float | None = ...,
    ) -> Reformat:
        """Return a cut across the slices of a scan."""

    def direct(self, item_id: str, /, frame: int = ...) -> Direct | None:
        """Return how a page fetches a picture by itself, None where it is sent to it."""

    def thumbnail(self, item_id: str, /, edge: int = ...) -> Picture:
        """Return an item at most `edge` pixels wide and high."""

    def prefetch(self, item_ids: Sequence[str], /) -> None:
        """Read pictures ahead, and give up on those of an earlier call that are not among them."""


def spacing_in(pictures: Pictures, item: Mapping[str, Any]) -> tuple[float, float] | None:
    """Return millimetres from row to row and column to column of an item, None for unknown.

    Parameters
    ----------
    pictures
        Where scans are opened.
    item
        Its id, kind and metadata.
    """
    if item["kind"] in VOLUMES:
        steps = pictures.volume(item["id"]).grid.spacing
        return steps and (steps[1], steps[2])
    pair = spacing_of(item["metadata"])
    return pair and (pair[1], pair[0])
