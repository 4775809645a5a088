"""How much a single file may ask of the machine."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labelwidgets.errors import LimitError


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that are checked before anything is decoded.

    Parameters
    ----------
    pixels
        Most pixels (width times height) of a picture that is decoded whole. One that is stored
        in tiles may have more: of it only tiles are decoded.
    tile_pixels
        Most pixels of one tile, chunk or strip.
    file_bytes
        Most bytes of one file, or of one member of an archive.
    members
        Most members of an archive.
    inflate_ratio
        How many times as many bytes deflated data may become. The first 64 MiB are
        free, as a black picture is a thousandth of its size.
    metadata_bytes
        Most bytes of the metadata that come with an item: of their compact JSON in UTF-8,
        each key once. 10 MB are 10 million bytes.
    """

    pixels: int = 200_000_000
    tile_pixels: int = 1 << 24
    file_bytes: int = 1 << 30
    members: int = 1_000_000
    inflate_ratio: int = 100
    metadata_bytes: int = 10_000_000

    def __post_init__(self) -> None:
        for name in self.__slots__:
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise LimitError(f"must be a whole number from 1, not {value!r}.", where=name)

    def check_pixels(self, width: int, height: int, where: str) -> None:
        """Raise LimitError when a picture of this size is larger than allowed."""
        if width * height > self.pixels:
            raise LimitError(
                f"claims {width} x {height} pixels, at most {self.pixels} in all are allowed.",
                where=where,
                hint="If the picture is genuine, pass limits=Limits(pixels=...).",
            )

    def check_tile(self, width: int, height: int, where: str) -> None:
        """Raise LimitError when a tile of this size is larger than allowed."""
        if width * height > self.tile_pixels:
            raise LimitError(
                f"has tiles of {width} x {height} pixels, at most {self.tile_pixels} in each "
                "are allowed.",
                where=where,
                hint="If the picture is genuine, pass limits=Limits(tile_pixels=...).",
            )

    def check_bytes(self, size: int, where: str) -> None:
        """Raise LimitError when a file of this many bytes is larger than allowed."""
        if size > self.file_bytes:
            raise LimitError(
                f"has {size} bytes or more, at most {self.file_bytes} are allowed.",
                where=where,
                hint="If the file is genuine, pass limits=Limits(file_bytes=...).",
            )

    def check_members(self, count: int, where: str) -> None:
        """Raise LimitError when an archive has more members than allowed."""
        if count > self.members:
            raise LimitError(
                f"has {count} members or more, at most {self.members} are allowed.",
                where=where,
                hint="If the archive is genuine, pass limits=Limits(members=...).",
            )

    def check_metadata(self, metadata: Mapping[str, Any], where: str) -> None:
        """Raise LimitError when the metadata of an item are larger than allowed."""
        if not metadata:
            return
        text = json.dumps(metadata, ensure_ascii=False, separators=(",", ":"))
        size = len(text.encode())
        if size > self.metadata_bytes:
            raise LimitError(
                f"has {size} bytes as JSON, at most {self.metadata_bytes} are allowed.",
                where=where,
                hint="Keep what is large in a file of its own, and its address here.",
            )
