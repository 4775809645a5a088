"""Large pictures that are stored in one piece: decoded once, and cut into tiles."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy.typing as npt

from labelwidgets.media.encoded import Encoded
from labelwidgets.media.header import ImageHeader, open_plugin
from labelwidgets.media.image import DAMAGE, check_complete, damaged, decode, to_array
from labelwidgets.media.limits import Limits
from labelwidgets.media.orientation import upright
from labelwidgets.media.tiles.levels import Level

Array = npt.NDArray[Any]


class PlainTiles:
    """A picture as one tile; a JPEG is decoded small for its smaller copies.

    Parameters
    ----------
    read
        Returns the content of its file.
    header
        What it is.
    where
        The name that errors give to it.
    limits
        Bounds on its size; the default ones where None.
    """

    def __init__(
        self, read: Callable[[], bytes], header: ImageHeader, where: str, limits: Limits | None
    ) -> None:
        self._read = read
        self._header = header
        self._where = where
        self._limits = limits
        size = header.width, header.height
        self.levels = [Level(*size, *size, 1.0)]
        self.wide = header.bits > 8
        self.lossy = header.format == "JPEG"

    def pixels(self, level: int, column: int, row: int) -> Array:
        """Return all pixels."""
        self.levels[level].box(column, row)
        return decode(self._read(), self._where, self._limits)

    def shrunk(self, level: int, column: int, row: int, factor: int) -> Array | None:
        """Return a JPEG at a half, a quarter or an eighth of its size."""
        self.levels[level].box(column, row)
        header = self._header
        if header.format != "JPEG" or factor not in (2, 4, 8) or header.mode == "CMYK":
            return None
        data = self._read()
        check_complete(data, header, self._where)
        try:
            image = open_plugin(io.BytesIO(data), "JPEG")
            image.draft(None, (image.width // factor, image.height // factor))
            image.load()
            pixels = upright(to_array(image), header.orientation)
        except DAMAGE as error:
            raise damaged(error, data, header, self._where) from None
        expected = (-(-header.height // factor), -(-header.width // factor))
        return pixels if pixels.shape[:2] == expected else None

    def encoded(self, level: int, column: int, row: int) -> Encoded | None:
        """Return None: browsers do not take so large a picture well."""
        self.levels[level].box(column, row)
        return None
