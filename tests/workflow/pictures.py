"""A dataset of blank pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Never

from labelwidgets.errors import ImageError


class BlankPicture(NamedTuple):
    mime: str
    data: bytes
    width: int
    height: int
    values: None = None
    overlay: None = None


class BlankPictures:
    def encoded(self, item_id: str, /, frame: int = 0, raw: bool = True) -> BlankPicture:
        return BlankPicture("image/png", item_id.encode(), 640, 480)

    def pyramid(self, item_id: str, /, frame: int = 0) -> None:
        return None

    def direct(self, item_id: str, /, frame: int = 0) -> None:
        return None

    def opens_first(self, item_id: str, /) -> bool:
        return False

    def volume(self, item_id: str, /) -> Never:
        raise ImageError("is no scan of slices.", where=item_id)

    def prefetch(self, item_ids: Sequence[str], /) -> None:
        self.ahead = list(item_ids)

    def thumbnail(self, item_id: str, /, edge: int = 96) -> BlankPicture:
        return BlankPicture("image/png", item_id.encode(), edge, edge)
