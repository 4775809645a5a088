"""TIFF: its layout, and the kinds that Pillow does not read or reads wrongly."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from labelwidgets.errors import ImageError, MissingExtraError
from labelwidgets.media.tiff_directory import Directory, read_directories
from labelwidgets.media.tiff_streams import check_streams

_WEBP = 50001
_MODES = {0: "L", 1: "L", 2: "RGB", 3: "P", 5: "CMYK", 6: "YCbCr", 8: "LAB"}


@dataclass(frozen=True, slots=True)
class TiffLayout:
    """The tags of the first picture of a TIFF file that say how it is stored.

    `width` and `height` are as stored, before turning. `sample` is 1 for
    unsigned, 2 for signed integers, 3 for floats. `big` says BigTIFF, `more` says that there are
    further pictures, `inverted` that 0 is white. `mode` is as in `ImageHeader`. `tile` is the width
    and the height of its tiles, (0, 0) where it is stored in strips.
    """

    width: int
    height: int
    bits: int
    sample: int
    samples: int
    compression: int
    planar: bool
    little: bool
    big: bool
    orientation: int
    mode: str
    inverted: bool
    more: bool
    tile: tuple[int, int]

    @property
    def in_pillow(self) -> bool:
        """Whether Pillow returns every value as it is stored.

        Pillow 13 swaps the bytes of compressed big-endian numbers, takes signed
        for unsigned bytes and mixes up separate planes of 16 bits; it refuses
        most kinds of floats and big-endian BigTIFF. Its wheels know no WebP in TIFF.
        """
        if self.compression == _WEBP:
            return False
        if self.big and not self.little:
            return False
        swapped = not self.little and self.compression != 1
        if self.bits <= 8:
            return self.sample in (1, 4)
        if self.samples != 1:
            return self.wide_colour
        if self.bits == 16:
            return self.sample in (1, 4) or (self.sample == 2 and not swapped)
        return self.bits == 32 and not swapped and (self.sample != 1 or self.little)

    @property
    def wide_colour(self) -> bool:
        """Whether it is colour of 16 bits a sample, interleaved."""
        return (
            self.bits == 16
            and self.mode in ("RGB", "RGBA")
            and self.sample in (1, 4)
            and not self.planar
        )


def read_layout(file: IO[bytes]) -> TiffLayout:
    """Read the first directory of a TIFF (revision 6.0) or BigTIFF file.

    Raises
    ------
    ImageError
        If the directory is damaged or cut short.
    """
    (tags,) = read_directories(file)
    return layout_of(tags)


def layout_of(tags: Directory) -> TiffLayout:
    """Return what a directory says of how its picture is stored.

    Raises
    ------
    ImageError
        If it lacks what every picture has.
    """
    width, height = tags.number(256), tags.number(257)
    photometric = tags.number(262, 1)
    samples = tags.number(277, 3 if photometric in (2, 6, 8) else 1)
    mode = _MODES.get(photometric, "L")
    bits, sample = tags.number(258, 1), tags.number(339, 1)
    orientation = tags.number(274, 1)
    if mode == "L" and samples == 1:
        mode = "F" if sample == 3 else "1" if bits == 1 else "L" if bits <= 8 else "I"
    elif samples == {"L": 2, "RGB": 4}.get(mode):
        mode += "A"
    return TiffLayout(
        width=width,
        height=height,
        bits=bits,
        sample=sample,
        samples=samples,
        compression=tags.number(259, 1),
        planar=tags.number(284, 1) == 2,
        little=tags.order == "little",
        big=tags.big,
        orientation=orientation if 1 <= orientation <= 8 else 1,
        mode=mode,
        inverted=photometric == 0,
        more=tags.following != 0,
        tile=(tags.number(322, 0), tags.number(323, 0)),
    )


def decode_with_tifffile(data: bytes, layout: TiffLayout, where: str) -> npt.NDArray[Any]:
    """Decode the first picture of a TIFF file, as stored, with tifffile.

    Returns
    -------
    ndarray
        (H, W) or (H, W, C), in the type that the file has.

    Raises
    ------
    MissingExtraError
        If tifffile is not installed.
    ImageError
        If it cannot be decoded.
    """
    try:
        import tifffile
    except ImportError:
        raise MissingExtraError(
            "is a kind of TIFF that needs the package tifffile.",
            where=where,
            hint="Run: pip install tifffile",
        ) from None
    try:
        with tifffile.TiffFile(io.BytesIO(data)) as tiff:
            page = tiff.pages.first
            if (page.imagewidth, page.imagelength) != (layout.width, layout.height):
                raise ImageError("it contradicts itself about its size")
            wide, tall = page.imagewidth, min(page.rowsperstrip or 1 << 31, page.imagelength)
            if page.is_tiled:
                wide, tall = page.tilewidth, page.tilelength
            pieces = zip(page.dataoffsets, page.databytecounts, strict=False)
            streams = (data[at : at + count] for at, count in pieces)
            check_streams(layout.compression, streams, wide, tall, layout.samples)
            pixels, axes = page.asarray(), page.axes
    except Exception as error:
        # tifffile raises errors of many families for damaged files.
        need = "imagecodecs" in str(error)
        raise ImageError(
            f"cannot be decoded ({' '.join(str(error).split())[:200]}).",
            where=where,
            hint="Run: pip install imagecodecs" if need else None,
        ) from None
    if axes == "SYX":
        pixels, axes = np.moveaxis(pixels, 0, -1), "YXS"
    if axes not in ("YX", "YXS"):
        raise ImageError(f"has axes {axes}; only plain pictures are read.", where=where)
    return pixels.astype(pixels.dtype.newbyteorder("="), copy=False)
