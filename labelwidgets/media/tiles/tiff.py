"""TIFF files by tiles: tiled TIFF, OME-TIFF pyramids, cloud-optimised GeoTIFF, large strip TIFF."""

from __future__ import annotations

import io
import struct
import threading
from collections.abc import Mapping
from typing import IO, Any, cast

import numpy as np
import numpy.typing as npt

from labelwidgets.errors import ImageError, LimitError
from labelwidgets.media.access import Access
from labelwidgets.media.encoded import Encoded
from labelwidgets.media.header import open_plugin
from labelwidgets.media.image import DAMAGE, decode, to_array
from labelwidgets.media.limits import Limits
from labelwidgets.media.places import Place
from labelwidgets.media.range_file import Plan, RangeFile
from labelwidgets.media.tiff import TiffLayout, layout_of
from labelwidgets.media.tiff_directory import Directory, read_directories, read_directory
from labelwidgets.media.tiles.jpeg import joined
from labelwidgets.media.tiles.levels import Level, scale_between

Array = npt.NDArray[Any]

INDEX = Plan(block=1 << 14, kept=64)
"""Directories and tables of offsets lie here and there in the file, and little of each is read."""
_MOST_DIRECTORIES = 64
_JPEG = 7
# Tags that say how a tile is to be decoded: a tile with them is a picture of its own.
_COPIED = (258, 259, 262, 266, 277, 284, 317, 320, 332, 338, 339, 347, 529, 530, 531, 532)
_RGB, _YCBCR = 2, 6
_SIDES = 1 << 31


class TiffTiles:
    """The levels and tiles that a TIFF file stores.

    Parameters
    ----------
    file
        Its directories and tables are read from here.
    place
        Tiles are read from here, each in one request.
    limits
        Bounds on the size of a tile; the default ones where None.

    Raises
    ------
    ImageError
        If its directories are damaged.
    LimitError
        If its tiles are larger than allowed.
    """

    def __init__(self, file: IO[bytes], place: Place, limits: Limits | None = None) -> None:
        self._place = place
        self._limits = limits or Limits()
        # The file has one position, and tables of offsets are read from several threads.
        self._lock = threading.Lock()
        self._images = _levels(file, self._limits)
        whole = self._images[0]
        self.levels = [
            Level(
                image.layout.width,
                image.layout.height,
                image.tile_width,
                image.tile_height,
                scale_between(whole.layout.width, image.layout.width),
            )
            for image in self._images
        ]
        self.wide = whole.layout.bits > 8
        self.lossy = whole.layout.compression == _JPEG

    def pixels(self, level: int, column: int, row: int) -> Array:
        """Return the pixels of a tile, clipped to the level."""
        found = self._decoded(level, column, row, 1)
        if found is None:
            found = self._wrapped(level, column, row)
        box = self.levels[level].box(column, row)
        return found[: box.height, : box.width]

    def shrunk(self, level: int, column: int, row: int, factor: int) -> Array | None:
        """Return a JPEG tile at a half, a quarter or an eighth of its size."""
        box = self.levels[level].box(column, row)
        # What fills up a tile at the edge would be mixed into its last pixels.
        if factor not in (2, 4, 8) or box.width % factor or box.height % factor:
            return None
        found = self._decoded(level, column, row, factor)
        return None if found is None else found[: box.height // factor, : box.width // factor]

    def encoded(self, level: int, column: int, row: int) -> Encoded | None:
        """Return a JPEG tile with its tables, as every browser shows it."""
        jpeg = self._jpeg(level, column, row)
        if jpeg is None:
            return None
        image = self._images[level]
        return Encoded("image/jpeg", jpeg, image.tile_width, image.height_of(row))

    def _decoded(self, level: int, column: int, row: int, factor: int) -> Array | None:
        jpeg = self._jpeg(level, column, row)
        if jpeg is None:
            return None
        try:
            image = open_plugin(io.BytesIO(jpeg), "JPEG")
            if factor > 1:
                image.draft(None, (image.width // factor, image.height // factor))
            image.load()
            pixels = to_array(image)
        except DAMAGE as error:
            raise ImageError(f"holds a damaged tile ({_words(error)}).") from None
        tile = self._images[level]
        if pixels.shape[:2] != (-(-tile.height_of(row) // factor), -(-tile.tile_width // factor)):
            return None
        return pixels

    def _jpeg(self, level: int, column: int, row: int) -> bytes | None:
        image = self._images[level]
        if not image.jpeg:
            return None
        (data,) = self._stored(level, column, row)
        if not data:
            return None
        found = joined(image.tables, data, image.photometric == _RGB)
        if found is None:
            return None
        jpeg, frame = found
        # A stream that claims more than its tile would be a bomb for the browser.
        if (frame.width, frame.height) != (image.tile_width, image.height_of(row)):
            raise ImageError(
                f"holds a tile of {frame.width} x {frame.height} pixels in the place of one of "
                f"{image.tile_width} x {image.tile_height}: it is damaged."
            )
        return jpeg

    def _wrapped(self, level: int, column: int, row: int) -> Array:
        """Decode a tile of any kind: with its tags it is a TIFF file of its own."""
        image = self._images[level]
        height = image.height_of(row)
        planes = self._stored(level, column, row)
        if not all(planes):
            return image.empty(height)
        data = _small_tiff(image, planes, height)
        limits = Limits(pixels=max(1, self._limits.tile_pixels), file_bytes=self._limits.file_bytes)
        return decode(data, "tile", limits)

    def _stored(self, level: int, column: int, row: int) -> list[bytes]:
        """Return the bytes of a tile, one for each plane; empty where the file leaves it out."""
        image, grid = self._images[level], self.levels[level]
        grid.box(column, row)
        number = row * grid.columns + column
        count = grid.columns * grid.rows
        numbers = [plane * count + number for plane in range(image.planes)]
        with self._lock:
            pieces = [image.piece(number) for number in numbers]
        found: list[bytes] = []
        for offset, size in pieces:
            if offset == 0 or size == 0:
                found.append(b"")
                continue
            if size > image.most_bytes:
                raise LimitError(
                    f"says that a tile has {size} bytes, which is more than its pixels take."
                )
            data = self._place.fetch(offset, offset + size)
            if len(data) < size:
                raise ImageError(
                    f"is cut short: a tile of {size} bytes at {offset} has only {len(data)}."
                )
            found.append(data)
        return found


class _Image:
    """One directory, as a grid of tiles; strips are tiles as wide as the picture."""

    def __init__(self, directory: Directory, limits: Limits) -> None:
        self.directory = directory
        self.layout: TiffLayout = layout_of(directory)
        width, height = self.layout.width, self.layout.height
        if not (0 < width < _SIDES and 0 < height < _SIDES):
            raise ImageError(f"claims {width} x {height} pixels.")
        self.tiled = 322 in directory or 323 in directory
        if self.tiled:
            self.tile_width, self.tile_height = self.layout.tile
            self._offsets, self._counts = 324, 325
            if 324 not in directory:  # Some writers use the tags of strips.
                self._offsets, self._counts = 273, 279
        else:
            self.tile_width = width
            self.tile_height = min(directory.number(278, height), height)
            self._offsets, self._counts = 273, 279
        if not (0 < self.tile_width < _SIDES and 0 < self.tile_height < _SIDES):
            raise ImageError(f"has tiles of {self.tile_width} x {self.tile_height} pixels.")
        samples = -(-self.layout.samples // 4)
        limits.check_tile(self.tile_width, self.tile_height * samples, "tile")
        self.planes = self.layout.samples if self.layout.planar else 1
        columns, rows = -(-width // self.tile_width), -(-height // self.tile_height)
        needed = columns * rows * self.planes
        found = min(directory.count(self._offsets), directory.count(self._counts))
        if found < needed:
            raise ImageError(f"has {found} tiles, where {needed} are needed: it is damaged.")
        self.photometric = directory.number(262, 1)
        self.jpeg = (
            self.layout.compression == _JPEG
            and self.layout.bits == 8
            and self.planes == 1
            and (self.photometric, self.layout.samples) in ((1, 1), (_RGB, 3), (_YCBCR, 3))
        )
        self.tables = directory.raw(347)

    @property
    def most_bytes(self) -> int:
        """Most bytes that a stored tile can take: whatever does not shrink hardly grows."""
        pixels = self.tile_width * self.tile_height * self.layout.samples
        return pixels * max(8, self.layout.bits) // 8 * 2 + (1 << 16)

    def height_of(self, row: int) -> int:
        """Return how many rows a stored tile has: the last strip may be shorter."""
        if self.tiled:
            return self.tile_height
        return min(self.tile_height, self.layout.height - row * self.tile_height)

    def piece(self, number: int) -> tuple[int, int]:
        """Return where a tile lies, and how many bytes it has."""
        offsets = self.directory.numbers(self._offsets, number, number + 1)
        counts = self.directory.numbers(self._counts, number, number + 1)
        if not offsets or not counts:
            raise ImageError("has a table of tiles that cannot be read.")
        return offsets[0], counts[0]

    def empty(self, height: int) -> Array:
        """Return a tile that the file leaves out: all of it is 0."""
        samples = self.layout.samples
        kinds: dict[tuple[int, int], Any] = {(2, 8): np.int8, (2, 16): np.int16, (2, 32): np.int32}
        kinds |= {(3, 16): np.float16, (3, 32): np.float32, (3, 64): np.float64}
        unsigned = {16: np.uint16, 32: np.uint32}.get(self.layout.bits, np.uint8)
        kind = kinds.get((self.layout.sample, self.layout.bits), unsigned)
        if self.photometric == 3:
            samples = 3
        channels = () if samples == 1 else (4 if samples == 2 else samples,)
        return np.zeros((height, self.tile_width, *channels), kind)

    def resembles(self, other: _Image) -> bool:
        """Whether the other is a smaller copy of this picture."""
        here, there = self.layout, other.layout
        if there.width >= here.width or there.height >= here.height:
            return False
        if (here.samples, here.bits, here.sample) != (there.samples, there.bits, there.sample):
            return False
        across, down = here.width / there.width, here.height / there.height
        # Both sides are rounded to whole pixels.
        slack = 1 + 2 * max(1 / there.width, 1 / there.height)
        return max(across, down) / min(across, down) <= slack


def open_tiff(access: Access, url: str) -> TiffTiles:
    """Read the index of a TIFF file that lies anywhere."""
    place = access.place(url)
    file = cast("IO[bytes]", RangeFile(place, INDEX))
    return TiffTiles(file, place, access.limits)


def _levels(file: IO[bytes], limits: Limits) -> list[_Image]:
    """Return the first picture of a file and its smaller copies, the largest first.

    They are in its SubIFDs (OME-TIFF), or follow it (cloud-optimised GeoTIFF and others).
    """
    chain = read_directories(file, _MOST_DIRECTORIES)
    first = next(chain)
    whole = _Image(first, limits)
    if whole.layout.orientation != 1:
        raise ImageError("is stored turned, which is not read by tiles.")
    found = [whole]
    offsets = first.numbers(330, 0, _MOST_DIRECTORIES)
    others = (
        (read_directory(file, offset, first.order, first.big) for offset in offsets)
        if offsets
        else chain
    )
    for directory in others:
        # A mask of transparency is not a picture.
        if directory.number(254, 0) & 4 or 256 not in directory:
            continue
        if directory.number(256) == whole.layout.width:
            # The next of several pictures: of a stack, say.
            break
        try:
            image = _Image(directory, limits)
        except (ImageError, LimitError):
            continue
        if image.layout.orientation == 1 and found[-1].resembles(image):
            found.append(image)
    return found


def _small_tiff(image: _Image, planes: list[bytes], height: int) -> bytes:
    """Return a TIFF file that holds one tile."""
    directory = image.directory
    order: Any = directory.order
    sign = "<" if order == "little" else ">"
    entries: dict[int, tuple[int, int, bytes]] = {}
    for tag in _COPIED:
        entry = directory.entry(tag)
        # None of them is ever of 8 bytes, which this kind of file would not know.
        if entry is not None and entry.kind not in (16, 17, 18):
            entries[tag] = (entry.kind, entry.length, directory.raw(tag))
    longs = {256: image.tile_width, 257: height, 278: height}
    entries |= {tag: (4, 1, struct.pack(f"{sign}I", value)) for tag, value in longs.items()}
    sizes = [len(data) for data in planes]
    entries[279] = (4, len(planes), struct.pack(f"{sign}{len(planes)}I", *sizes))
    entries[273] = (4, len(planes), bytes(4 * len(planes)))
    start = 8 + 2 + 12 * len(entries) + 4
    placed: dict[int, int] = {}
    at = start
    for tag in sorted(entries):
        raw = entries[tag][2]
        if len(raw) > 4:
            placed[tag] = at
            at += len(raw) + len(raw) % 2
    offsets = []
    for size in sizes:
        offsets.append(at)
        at += size
    entries[273] = (4, len(planes), struct.pack(f"{sign}{len(planes)}I", *offsets))
    parts = [b"II*\0" if order == "little" else b"MM\0*", struct.pack(f"{sign}IH", 8, len(entries))]
    parts += [_entry(sign, tag, entries[tag], placed) for tag in sorted(entries)]
    parts.append(bytes(4))
    for tag in sorted(placed):
        raw = entries[tag][2]
        parts.append(raw + bytes(len(raw) % 2))
    return b"".join([*parts, *planes])


def _entry(sign: str, tag: int, entry: tuple[int, int, bytes], placed: Mapping[int, int]) -> bytes:
    kind, count, raw = entry
    value = struct.pack(f"{sign}I", placed[tag]) if tag in placed else raw.ljust(4, b"\0")
    return struct.pack(f"{sign}HHI", tag, kind, count) + value


def _words(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
