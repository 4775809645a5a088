"""Which pictures are better shown by tiles, and how each is opened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labelwidgets.errors import ImageError
from labelwidgets.media.access import Access
from labelwidgets.media.header import MIME, ImageHeader, read_header
from labelwidgets.media.range_file import RangeFile
from labelwidgets.media.tiles.plain import PlainTiles
from labelwidgets.media.tiles.pyramid import TiledPicture, TileMemory
from labelwidgets.media.tiles.tiff import INDEX, TiffTiles
from labelwidgets.media.tiles.zarr import is_zarr, open_zarr
from labelwidgets.media.urls import masked

# A canvas takes more, but a browser that has to decode, hold and halve more of it is slow.
_MOST_PIXELS, _MOST_SIDE = 48_000_000, 8192
# A tiled file of fewer pixels is read whole nearly as fast as its first tiles.
_LEAST_TILED = 4_000_000


def open_pyramid(url: str, access: Access, memory: TileMemory | None = None) -> TiledPicture | None:
    """Open a picture to be read by tiles, None where it is better read whole.

    Parameters
    ----------
    url
        Its canonical URL.
    access
        Reads it; its limits hold for each tile.
    memory
        Keeps decoded tiles; one of its own where None.

    Raises
    ------
    SourceError
        If it cannot be found or read.
    ImageError
        If it is not a picture, or damaged.
    LimitError
        If it, or where it is stored in tiles one of these, is larger than the limits allow.
    """
    where = masked(url)
    if is_zarr(url):
        try:
            return TiledPicture(open_zarr(access, url), where, access.limits, memory)
        except ImageError as error:
            raise error.at(where) from None
    place = access.place(url)
    file = RangeFile(place, INDEX)
    header = read_header(file, where, access.limits)  # type: ignore[arg-type]
    if not by_tiles(header):
        return None
    try:
        if header.format == "TIFF":
            tiles = TiffTiles(file, place, access.limits)  # type: ignore[arg-type]
            return TiledPicture(tiles, where, access.limits, memory)
        plain = PlainTiles(lambda: access.read(url), header, where, access.limits)
        return TiledPicture(plain, where, access.limits, memory)
    except ImageError as error:
        raise error.at(where) from None


def by_tiles(header: ImageHeader) -> bool:
    """Say whether a picture is better shown by tiles."""
    if header.format == "TIFF" and header.orientation == 1 and header.tile is not None:
        return header.width * header.height > _LEAST_TILED
    return _is_large(header.width, header.height)


def surely_whole(metadata: Mapping[str, Any]) -> bool:
    """Say whether what is known of a picture tells that it is better read whole.

    Parameters
    ----------
    metadata
        With ``width``, ``height`` and ``mime`` where they are known.
    """
    width, height, mime = (metadata.get(name) for name in ("width", "height", "mime"))
    if not (isinstance(width, int) and isinstance(height, int) and mime in MIME.values()):
        return False
    if mime == MIME["TIFF"]:
        return width * height <= _LEAST_TILED and not _is_large(width, height)
    return not _is_large(width, height)


def _is_large(width: int, height: int) -> bool:
    return width * height > _MOST_PIXELS or max(width, height) > _MOST_SIDE
