"""Large tiled TIFF files, written in a moment: each tile is one of a few that are coded once."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import numpy.typing as npt
import tifffile

TILE = 512


def colour_of(level: int, column: int, row: int) -> tuple[int, int, int]:
    """Return the colour of all pixels of a tile: that of another is the same only 8 tiles on."""
    return 40 * level + 30, 30 + 25 * (column % 8), 30 + 25 * (row % 8)


def write_large(
    path: Path, width: int = 12288, height: int = 16384, levels: int = 5, compression: str = "jpeg"
) -> Path:
    """Write a tiled BigTIFF of RGB of 8 bits, with smaller copies, each half as large.

    Every tile has the colour of `colour_of`, with a frame of one dark pixel around it.
    """
    with tifffile.TiffWriter(path, bigtiff=True) as writer:
        for level in range(levels):
            size = (height >> level, width >> level)
            columns, rows = -(-size[1] // TILE), -(-size[0] // TILE)
            writer.write(
                _coded(level, columns, rows, compression),
                shape=(*size, 3),
                dtype=np.uint8,
                tile=(TILE, TILE),
                photometric="rgb" if compression != "jpeg" else "ycbcr",
                compression=compression,
                compressionargs={"level": 92} if compression == "jpeg" else None,
                subsampling=(1, 1) if compression == "jpeg" else None,
                subfiletype=1 if level else 0,
            )
    return path


def tile_pixels(level: int, column: int, row: int) -> npt.NDArray[np.uint8]:
    """Return a whole tile, before it is coded."""
    pixels = np.empty((TILE, TILE, 3), np.uint8)
    pixels[:] = colour_of(level, column, row)
    for edge in (np.s_[:1], np.s_[-1:], np.s_[:, :1], np.s_[:, -1:]):
        pixels[edge] = 0
    return pixels


@cache
def _jpeg(level: int, column: int, row: int) -> bytes:
    coded: bytes = imagecodecs.jpeg8_encode(
        tile_pixels(level, column, row),
        level=92,
        colorspace="RGB",
        outcolorspace="YCBCR",
        subsampling="444",
    )
    return coded


def _coded(level: int, columns: int, rows: int, compression: str) -> Iterator[bytes | Any]:
    for row in range(rows):
        for column in range(columns):
            if compression == "jpeg":
                yield _jpeg(level, column % 8, row % 8)
            else:
                yield tile_pixels(level, column, row)
