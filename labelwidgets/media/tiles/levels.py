"""The sizes that a large picture has, and the tiles of each."""

from __future__ import annotations

from typing import NamedTuple

from labelwidgets.errors import ImageError


class Box(NamedTuple):
    """Pixels of a level: those from (x, y) on, `width` across and `height` down."""

    x: int
    y: int
    width: int
    height: int


class Level(NamedTuple):
    """One size of a picture, cut into tiles.

    Parameters
    ----------
    width, height
        In pixels.
    tile_width, tile_height
        Of every tile but those at the right and at the bottom, which may be smaller.
    scale
        Pixels of full resolution to one of this level, along x and y alike.
    """

    width: int
    height: int
    tile_width: int
    tile_height: int
    scale: float

    @property
    def columns(self) -> int:
        """How many tiles lie side by side."""
        return -(-self.width // self.tile_width)

    @property
    def rows(self) -> int:
        """How many tiles lie one above the other."""
        return -(-self.height // self.tile_height)

    @property
    def whole(self) -> Box:
        """All of it."""
        return Box(0, 0, self.width, self.height)

    def box(self, column: int, row: int) -> Box:
        """Return the pixels of a tile, clipped to the level.

        Raises
        ------
        ImageError
            If there is no such tile.
        """
        if not (0 <= column < self.columns and 0 <= row < self.rows):
            raise ImageError(
                f"has {self.columns} x {self.rows} tiles here, and none at ({column}, {row})."
            )
        x, y = column * self.tile_width, row * self.tile_height
        width, height = min(self.tile_width, self.width - x), min(self.tile_height, self.height - y)
        return Box(x, y, width, height)

    def over(self, box: Box) -> list[tuple[int, int]]:
        """Return (column, row) of the tiles that meet a box, row by row."""
        columns = range(box.x // self.tile_width, -(-(box.x + box.width) // self.tile_width))
        rows = range(box.y // self.tile_height, -(-(box.y + box.height) // self.tile_height))
        return [
            (column, row)
            for row in rows
            for column in columns
            if column < self.columns and row < self.rows
        ]


def scale_between(large: int, small: int) -> float:
    """Return how many pixels of the large side one of the small side stands for.

    Smaller copies are rounded up or down to whole pixels, while their pixels lie a whole
    number of large ones apart: so that is preferred where it explains the size.
    """
    factor = max(1, round(large / small))
    return float(factor) if small in (large // factor, -(-large // factor)) else large / small
