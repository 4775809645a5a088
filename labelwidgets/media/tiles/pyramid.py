"""Pictures that are too large to be shown, or even decoded, whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from labelwidgets.algorithms.tone import window_of
from labelwidgets.errors import LabelwidgetsError, LimitError
from labelwidgets.media.encoded import Encoded, encode_pixels
from labelwidgets.media.grey import is_grey
from labelwidgets.media.limits import Limits
from labelwidgets.media.tiles.kept import Kept
from labelwidgets.media.tiles.levels import Box, Level
from labelwidgets.media.tiles.reducing import reduced
from labelwidgets.numbered import numbered

Array = npt.NDArray[Any]

SIDE = 512
"""Of tiles that are made here."""
_LEAST, _MOST = 128, 2048
# The smallest level has at most this many pixels along its longer side.
_COARSEST = 1024
# From how many levels above a level is made, at most: a JPEG can be decoded at an eighth.
_HALVINGS = 3
_DECODED_BYTES = 768 << 20
_MADE_BYTES = 256 << 20


class GreyRange(NamedTuple):
    """Values of a grey picture of more than 8 bits, as its smallest level has them.

    `low` and `high` are shown black and white until somebody chooses others; `least` and
    `most` are the extremes, and from one value to the next it is a `step`.
    """

    low: float
    high: float
    least: float
    most: float
    step: float


class Pyramid(Protocol):
    """A large picture by levels and tiles. Safe from several threads."""

    @property
    def width(self) -> int:
        """In pixels, of full resolution."""
        ...

    @property
    def height(self) -> int:
        """In pixels, of full resolution."""
        ...

    @property
    def levels(self) -> Sequence[Level]:
        """The sizes that it can be read in, the largest first."""
        ...

    @property
    def values(self) -> GreyRange | None:
        """Of a grey picture of more than 8 bits, whose tiles come with their values."""
        ...

    def tile(self, level: int, column: int, row: int) -> Encoded:
        """Return a tile for the browser, which may be filled up beyond the picture's edge."""
        ...

    def region(self, box: Box, level: int = 0) -> Array:
        """Return pixels of a level as an array, as `open_image` has them."""
        ...


class Tiles(Protocol):
    """What a file format has to say of itself to become a pyramid.

    Its levels are as they are stored; `TiledPicture` makes those that are missing.
    """

    @property
    def levels(self) -> Sequence[Level]:
        """As stored, the largest first."""
        ...

    @property
    def lossy(self) -> bool:
        """Whether its pixels were coded with losses, so that smaller copies may be too."""
        ...

    @property
    def wide(self) -> bool:
        """Whether its samples have more than 8 bits."""
        ...

    def pixels(self, level: int, column: int, row: int) -> Array:
        """Return the pixels of a stored tile, clipped to the level."""
        ...

    def shrunk(self, level: int, column: int, row: int, factor: int) -> Array | None:
        """Return `reduced` pixels of a tile where that is cheaper than all of them, else None."""
        ...

    def encoded(self, level: int, column: int, row: int) -> Encoded | None:
        """Return a tile as it lies in the file, where browsers can show that."""
        ...


class TileMemory:
    """Decoded tiles that were used last, of all the pyramids that share it."""

    def __init__(self) -> None:
        self.decoded: Kept[Array] = Kept(_DECODED_BYTES, lambda made: made.nbytes)
        # Of levels that are made: each stands for up to 64 tiles that were read.
        self.made: Kept[Array] = Kept(_MADE_BYTES, lambda made: made.nbytes)


class TiledPicture:
    """A pyramid of whatever lies in tiles; levels that the file lacks are made.

    Parameters
    ----------
    tiles
        Reads the tiles that are stored.
    where
        The name that errors give to the picture.
    limits
        Bounds on what is decoded to make a smaller copy; the default ones where None.
    memory
        Keeps decoded tiles; one of its own where None.
    """

    def __init__(
        self,
        tiles: Tiles,
        where: str = "image",
        limits: Limits | None = None,
        memory: TileMemory | None = None,
    ) -> None:
        self._tiles = tiles
        self._where = where
        self._limits = limits or Limits()
        self._stored = len(tiles.levels)
        self.levels = [*map(_served, tiles.levels), *_missing(tiles.levels[-1])]
        self._memory = memory or TileMemory()
        self._window: Kept[tuple[GreyRange, bool]] = Kept(1, lambda _: 1)

    def __repr__(self) -> str:
        return f"TiledPicture({self.width} x {self.height}, {numbered(len(self.levels), 'level')})"

    @property
    def width(self) -> int:
        """In pixels, of full resolution."""
        return self.levels[0].width

    @property
    def height(self) -> int:
        """In pixels, of full resolution."""
        return self.levels[0].height

    @property
    def values(self) -> GreyRange | None:
        """Of a grey picture of more than 8 bits; the smallest level is read for it.

        Raises
        ------
        SourceError, ImageError, LimitError
            If that cannot be read.
        """
        if not self._tiles.wide:
            return None
        window, grey = self._shades()
        return window if grey else None

    def tile(self, level: int, column: int, row: int) -> Encoded:
        """Return a tile for the browser.

        Parameters
        ----------
        level
            Which of `levels`.
        column, row
            Which tile of it, from the left and the top, from 0.

        Returns
        -------
        Encoded
            The very bytes where the file holds what every browser shows, which may be filled up
            beyond the edge of the picture. Else PNG, or JPEG of a smaller copy that was made of
            JPEG; grey of more than 8 bits with its values, as `GREY16`; colour of more than
            8 bits through the window of `GreyRange`.

        Raises
        ------
        SourceError, ImageError
            If there is no such tile, or it cannot be read or decoded.
        LimitError
            If it is larger than allowed, or too much would have to be decoded to make it.
        """
        try:
            box = self._level(level).box(column, row)
            if level < self._stored and self.levels[level] == self._tiles.levels[level]:
                found = self._tiles.encoded(level, column, row)
                if found is not None:
                    return found
            pixels = self._pixels(level, box)
            window = None if pixels.dtype == np.uint8 else self._shades()[0]
            lossy = self._tiles.lossy and level >= self._stored
            return encode_pixels(pixels, window[:2] if window else None, lossy)
        except LabelwidgetsError as error:
            raise self._at(error, level, column, row) from None

    def region(self, box: Box, level: int = 0) -> Array:
        """Return pixels of a level as an array.

        Parameters
        ----------
        box
            Which, in pixels of the level; it is clipped to it.
        level
            Which of `levels`; 0 is full resolution.

        Returns
        -------
        ndarray
            (H, W) or (H, W, C), as `open_image` has them.

        Raises
        ------
        SourceError, ImageError, LimitError
            As `tile`; also where more than ``limits.pixels`` are asked for, or none.
        """
        try:
            whole, box = self._level(level), Box(*box)
            left, top = max(0, box.x), max(0, box.y)
            right = min(whole.width, box.x + box.width)
            bottom = min(whole.height, box.y + box.height)
            if right <= left or bottom <= top:
                raise LimitError("holds no pixel of the picture.", where="box")
            width, height = right - left, bottom - top
            self._limits.check_pixels(width, height, "box")
            return self._pixels(level, Box(left, top, width, height))
        except LabelwidgetsError as error:
            raise error.at(self._where) from None

    def smallest(self) -> Array:
        """Return the smallest level whole."""
        return self.region(self.levels[-1].whole, len(self.levels) - 1)

    def _shades(self) -> tuple[GreyRange, bool]:
        """Return the window of the picture, and whether it is grey of more than 8 bits."""

        def look() -> tuple[GreyRange, bool]:
            pixels = self.smallest()
            colour = pixels[..., :3] if pixels.ndim == 3 and pixels.shape[2] == 4 else pixels
            finite = colour[np.isfinite(colour)] if colour.dtype.kind == "f" else colour
            least, most = (finite.min(), finite.max()) if finite.size else (0, 0)
            low, high = window_of(colour)
            whole = colour.dtype.kind in "iu"
            step = 1.0 if whole else (float(most) - float(least)) / 65535 or 1.0
            return GreyRange(low, high, float(least), float(most), step), is_grey(pixels)

        return self._window.get("window", look)

    def _level(self, level: int) -> Level:
        if not 0 <= level < len(self.levels):
            raise LimitError(
                f"must be from 0 to {len(self.levels) - 1}, not {level}.", where="level"
            )
        return self.levels[level]

    def _pixels(self, level: int, box: Box) -> Array:
        """Return pixels of a level, put together from its tiles."""
        grid = self._tiles.levels[level] if level < self._stored else self.levels[level]
        pieces = [(grid.box(*place), self._piece(level, *place)) for place in grid.over(box)]
        if len(pieces) == 1 and pieces[0][0] == box:
            return pieces[0][1]
        first = pieces[0][1]
        out = np.zeros((box.height, box.width, *first.shape[2:]), first.dtype)
        for place, pixels in pieces:
            left, top = max(box.x, place.x), max(box.y, place.y)
            right = min(box.x + box.width, place.x + place.width)
            bottom = min(box.y + box.height, place.y + place.height)
            out[top - box.y : bottom - box.y, left - box.x : right - box.x] = pixels[
                top - place.y : bottom - place.y, left - place.x : right - place.x
            ]
        return out

    def _piece(self, level: int, column: int, row: int) -> Array:
        """Return a tile as it is stored or made."""
        # By the object, not by its number, which another may have later.
        name = (self, level, column, row)
        if level < self._stored:
            return self._memory.decoded.get(name, lambda: self._tiles.pixels(level, column, row))
        return self._memory.made.get(name, lambda: self._make(level, column, row))

    def _make(self, level: int, column: int, row: int) -> Array:
        """Make a tile of a level that the file lacks, from a larger level."""
        last = self._stored - 1
        # By eighths, so that what is stored is read at an eighth of its size.
        source = last + (level - last - 1) // _HALVINGS * _HALVINGS
        factor = 2 ** (level - source)
        self._check_effort()
        box = self.levels[level].box(column, row)
        grid = self._tiles.levels[source] if source == last else self.levels[source]
        wanted = Box(
            box.x * factor,
            box.y * factor,
            min(box.width * factor, grid.width - box.x * factor),
            min(box.height * factor, grid.height - box.y * factor),
        )
        if grid.tile_width % factor or grid.tile_height % factor:
            return reduced(self._pixels(source, wanted), factor)
        out: Array | None = None
        for place in grid.over(wanted):
            at = grid.box(*place)
            pixels = self._shrunk(source, place, factor, at.width > wanted.width)
            if out is None:
                out = np.zeros((box.height, box.width, *pixels.shape[2:]), pixels.dtype)
            x, y = at.x // factor - box.x, at.y // factor - box.y
            # A tile of the source may reach beyond that which is made.
            left, top = max(0, -x), max(0, -y)
            piece = pixels[top : box.height - y, left : box.width - x]
            out[y + top : y + top + piece.shape[0], x + left : x + left + piece.shape[1]] = piece
        assert out is not None  # noqa: S101 - a tile has pixels, and they lie in some tile
        return out

    def _shrunk(self, level: int, place: tuple[int, int], factor: int, shared: bool) -> Array:
        """Return a tile made smaller; it is kept where more than one tile is made of it."""
        if level >= self._stored:
            return reduced(self._piece(level, *place), factor)

        def make() -> Array:
            found = self._tiles.shrunk(level, *place, factor)
            if found is not None:
                return found
            # Not kept as it is, unless it is shared: there may be thousands.
            whole = self._piece(level, *place) if shared else self._tiles.pixels(level, *place)
            return reduced(whole, factor)

        return self._memory.made.get((self, level, place, factor), make) if shared else make()

    def _check_effort(self) -> None:
        last = self._tiles.levels[-1]
        if last.width * last.height > self._limits.pixels:
            raise LimitError(
                f"has no smaller copy than {last.width} x {last.height} pixels, which is too much "
                "to make one of.",
                hint="Write overviews into the file, with gdaladdo for instance, or pass "
                "limits=Limits(pixels=...).",
            )

    def _at(self, error: LabelwidgetsError, level: int, column: int, row: int) -> LabelwidgetsError:
        return error.at(f"{self._where}, level {level}, tile ({column}, {row})")


def _served(stored: Level) -> Level:
    """Return a level with tiles of a size that suits a browser."""
    sides = (stored.tile_width, stored.tile_height)
    single = stored.columns * stored.rows == 1
    if max(sides) <= _MOST and (single or min(sides) >= _LEAST):
        return stored
    return stored._replace(tile_width=SIDE, tile_height=SIDE)


def _missing(last: Level) -> list[Level]:
    """Return the levels that have to be made, each half as large as the one before."""
    made: list[Level] = []
    factor = 2
    while max(last.width, last.height) * 2 / factor > _COARSEST:
        width, height = -(-last.width // factor), -(-last.height // factor)
        made.append(Level(width, height, SIDE, SIDE, last.scale * factor))
        factor *= 2
    return made
