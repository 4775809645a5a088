"""One reader for all still pictures."""

from __future__ import annotations

import io
import struct
import sys
import zlib
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from labelwidgets.errors import ImageError, LabelwidgetsError
from labelwidgets.media.access import Access
from labelwidgets.media.header import ImageHeader, bombs_named, open_plugin, read_header
from labelwidgets.media.limits import Limits
from labelwidgets.media.orientation import upright
from labelwidgets.media.tiff import decode_with_tifffile, read_layout
from labelwidgets.media.urls import canonical_url, masked

if TYPE_CHECKING:
    from PIL.Image import Image

# What Pillow and its plug-ins raise for damaged data.
DAMAGE = (
    SyntaxError,
    OSError,
    ValueError,
    IndexError,
    KeyError,
    TypeError,
    EOFError,
    OverflowError,
    struct.error,
    zlib.error,
)


def open_image(
    url: str | PathLike[str], *, limits: Limits | None = None, **storage_options: Any
) -> npt.NDArray[Any]:
    """Read a picture into an array.

    Parameters
    ----------
    url
        A path or any URL that fsspec can open.
    limits
        Bounds on its size, checked before it is decoded; the default ones where None.
    **storage_options
        Options of the fsspec file system, such as credentials.

    Returns
    -------
    ndarray
        See `decode`.

    Raises
    ------
    SourceError
        If it cannot be found or read.
    ImageError
        If it is not a whole picture of a known format.
    LimitError
        If it is larger than the limits allow.
    """
    place = canonical_url(url)
    bounds = limits or Limits()
    return decode(Access(storage_options, bounds).read(place), masked(place), bounds)


def decode(data: bytes, where: str = "image", limits: Limits | None = None) -> npt.NDArray[Any]:
    """Decode the first picture of a JPEG, PNG, BMP, WebP, TIFF or GIF file.

    Parameters
    ----------
    data
        The content of the file; it decides on the format, not the name.
    where
        The name that errors give to it.
    limits
        Bounds on its size, checked before it is decoded; the default ones where None.

    Returns
    -------
    ndarray
        (H, W) for grey, (H, W, 3) for RGB, (H, W, 4) for RGBA; other counts of
        channels only from TIFF. Upright: the EXIF orientation is applied.
        uint8 for pictures of up to 8 bits (1-bit ones hold 0 and 255), else the
        type that the file has: uint16, int32, float32, ... Palettes and CMYK
        become RGB (no colour profile is applied), grey with alpha RGBA, and a
        transparent colour becomes an alpha channel up to 8 bits.

    Raises
    ------
    ImageError
        If it is not a picture, damaged or cut short.
    LimitError
        If it has more pixels than allowed.
    MissingExtraError
        If it is a rare kind of TIFF and tifffile is not installed.
    """
    bounds = limits or Limits()
    header = read_header(data, where, bounds)
    check_complete(data, header, where)
    try:
        if header.format == "TIFF":
            pixels = _tiff(data, header, where, bounds)
        elif header.format == "PNG" and header.bits == 16 and header.mode != "L":
            pixels = _wide(data, header)
        else:
            pixels = to_array(load(data, header))
            if header.format == "GIF" and pixels.ndim == 2:
                # A GIF has a palette always; that it may be grey shall not change the shape.
                pixels = np.repeat(pixels[..., None], 3, axis=2)
    except DAMAGE as error:
        raise damaged(error, data, header, where) from None
    if header.format != "TIFF":
        pixels = upright(pixels, header.orientation)
    if pixels.ndim not in (2, 3) or pixels.shape[:2] != (header.height, header.width):
        raise ImageError("contradicts itself about its size.", where=where)
    return pixels


def load(data: bytes, header: ImageHeader, raw: str | None = None) -> Image:
    """Decode with the Pillow plug-in of the format.

    Parameters
    ----------
    data
        The content of the file.
    header
        Its header, which was checked against the limits.
    raw
        How to read the stored bytes, as Pillow names it; else what the file says.
    """
    image = open_plugin(io.BytesIO(data), header.format)
    if sorted(image.size) != sorted((header.width, header.height)):
        # Two readers of one header must agree, or the limits would be for nothing.
        raise ImageError("contradicts itself about its size.")
    if raw is not None:
        image.tile = [
            tile._replace(args=raw if isinstance(tile.args, str) else (raw, *(tile.args or ())[1:]))
            for tile in image.tile
        ]
    with bombs_named():
        image.load()
    return image


def to_array(image: Image) -> npt.NDArray[Any]:
    """Return a loaded Pillow image as an array; see `decode` for its shape and type."""
    mode = image.mode
    if mode == "1":
        image = image.convert("L")
    elif mode not in ("F", "I") and not mode.startswith("I;"):
        if image.has_transparency_data:
            image = image if mode == "RGBA" else image.convert("RGBA")
        elif mode not in ("L", "RGB"):
            image = image.convert("RGB")
    pixels = np.asarray(image)
    return pixels.astype(pixels.dtype.newbyteorder("="), copy=False)


def check_complete(data: bytes, header: ImageHeader, where: str) -> None:
    """Raise ImageError when the mark at the end of a JPEG, PNG or WebP file is missing.

    Decoders differ in what they make of such a file; so nobody gets to see it.
    """
    size: int | None = None
    if header.format == "JPEG":
        # Within coded pixels FF is followed by 00, so that the mark cannot occur by chance;
        # the header is left out, as an embedded thumbnail has one of its own.
        whole = data.find(b"\xff\xd9", _start_of_scan(data)) > 0
    elif header.format == "PNG":
        whole = data.rfind(b"IEND") > 0
    elif header.format == "WEBP":
        size = 8 + int.from_bytes(data[4:8], "little")
        whole = len(data) >= size
    else:
        return
    if not whole:
        raise _cut_short(data, header, where, size)


def _start_of_scan(data: bytes) -> int:
    position = 2
    while position + 4 <= len(data) and data[position] == 0xFF:
        marker = data[position + 1]
        if marker == 0xDA:
            return position
        standalone = marker == 0xFF or marker == 0x01 or 0xD0 <= marker <= 0xD8
        length = int.from_bytes(data[position + 2 : position + 4], "big")
        position += (1 if marker == 0xFF else 2) if standalone else 2 + length
    return position


def damaged(error: Exception, data: bytes, header: ImageHeader, where: str) -> LabelwidgetsError:
    """Return the error of our family for what a decoder raised."""
    if isinstance(error, LabelwidgetsError):
        return error if error.where else error.at(where)
    words = " ".join(str(error).split())[:200] or type(error).__name__
    if "truncated" in words.lower() or "unrecognized data stream" in words:
        return _cut_short(data, header, where, None)
    return ImageError(
        f"is a damaged {header.format} file of {header.width} x {header.height} pixels ({words}).",
        where=where,
    )


def _cut_short(data: bytes, header: ImageHeader, where: str, size: int | None) -> ImageError:
    of = f" of {size}" if size else ""
    return ImageError(
        f"is cut short: it ends after {len(data)}{of} bytes, before its "
        f"{header.width} x {header.height} pixels are complete.",
        where=where,
        hint="Copy or download it again.",
    )


def _tiff(data: bytes, header: ImageHeader, where: str, limits: Limits) -> npt.NDArray[Any]:
    from PIL.Image import MAX_IMAGE_PIXELS

    layout = read_layout(io.BytesIO(data))
    # Four channels of a pixel are what the limit is meant for.
    limits.check_pixels(layout.width, layout.height * -(-layout.samples // 4), where)
    if layout.in_pillow and layout.width * layout.height <= (MAX_IMAGE_PIXELS or np.inf):
        try:
            if layout.wide_colour:
                return _wide(data, header)  # Pillow turns TIFF files upright itself.
            image = load(data, header)
        except SyntaxError:  # Pillow does not know this layout.
            pass
        else:
            pixels = to_array(image)
            if layout.bits == 32 and layout.sample == 1:
                pixels = pixels.view(np.uint32)
            elif layout.bits == 16 and layout.sample == 2:
                pixels = pixels.astype(np.int16)
            return _white_high(pixels) if layout.inverted and layout.bits > 8 else pixels
    pixels = decode_with_tifffile(data, layout, where)
    pixels = _white_high(pixels) if layout.inverted else pixels
    return upright(pixels, header.orientation)


def _white_high(pixels: npt.NDArray[Any]) -> npt.NDArray[Any]:
    unsigned = np.issubdtype(pixels.dtype, np.unsignedinteger)
    return np.iinfo(pixels.dtype).max - pixels if unsigned else pixels


def _wide(data: bytes, header: ImageHeader) -> npt.NDArray[np.uint16]:
    """Decode colour of 16 bits a sample, of which Pillow keeps the high bytes.

    Told that the bytes lie the other way round, it keeps the low ones: so two
    passes give all of both. Grey with alpha has as many bytes a pixel as RGBA
    of 8 bits, and is read as such.
    """
    if header.format == "PNG" and header.mode == "LA":
        pairs = np.asarray(load(data, header, "RGBA")).view(">u2").astype(np.uint16)
        return pairs[..., [0, 0, 0, 1]]
    image = open_plugin(io.BytesIO(data), header.format)
    if not image.tile:
        raise SyntaxError("no pixels")
    args = image.tile[0].args
    raw = str(args if isinstance(args, str) else args[0]) if args else ""
    colour, _, order = raw.partition(";16")
    if colour not in ("RGB", "RGBA", "RGBX") or order not in ("L", "B", "N"):
        raise SyntaxError(f"unknown layout {raw!r}")
    native = "L" if sys.byteorder == "little" else "B"
    stored = native if order == "N" else order
    high = np.asarray(load(data, header, f"{colour};16{stored}"))
    low = np.asarray(load(data, header, f"{colour};16{'B' if stored == 'L' else 'L'}"))
    wide: npt.NDArray[np.uint16] = np.left_shift(high, 8, dtype=np.uint16) | low
    return wide
