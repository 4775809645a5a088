"""Pictures in a form that every browser shows."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from labelwidgets.algorithms.tone import window_of
from labelwidgets.errors import LimitError
from labelwidgets.media.grey import GREY16, GreyValues, is_grey, pack
from labelwidgets.media.header import ImageHeader, open_plugin, read_header
from labelwidgets.media.image import DAMAGE, check_complete, damaged, decode, load, to_array
from labelwidgets.media.limits import Limits
from labelwidgets.media.orientation import upright
from labelwidgets.media.png import write_png


@dataclass(frozen=True, slots=True, repr=False)
class Encoded:
    """A picture for the browser.

    Parameters
    ----------
    mime
        Its media type.
    data
        The content of the file.
    width, height
        In pixels, of the upright picture: browsers apply the EXIF orientation
        of a JPEG themselves.
    values
        What the numbers of a `GREY16` picture mean; None for all others.
    overlay
        Pixels that are shown white above them, as COCO RLE, such as lines and texts of a DICOM
        overlay: they are not in the values.
    """

    mime: str
    data: bytes
    width: int
    height: int
    values: GreyValues | None = None
    overlay: dict[str, Any] | None = None

    def __repr__(self) -> str:
        size = f"{self.width} x {self.height}"
        return f"Encoded({self.mime!r}, {size}, {len(self.data):,} bytes)"


def encode(
    data: bytes, where: str = "image", limits: Limits | None = None, raw: bool = True
) -> Encoded:
    """Return a picture as the browser shall get it.

    JPEG (but CMYK), PNG up to 8 bits, WebP, BMP and GIF pass as the very bytes.
    Grey of more than 8 bits goes with its values, as `GREY16`, which the browser
    itself makes shades of. All others become PNG of 8 bits: TIFF, CMYK, colour of
    more than 8 bits, the first frame of an animation, and all but JPEG that EXIF
    says is to be turned (browsers do not agree on that). There, more than 8 bits go
    through a linear window from the 0.1 to the 99.9 percentile of the finite values
    (of one pixel in several where there are more than a million), the same for all
    colours.

    Parameters
    ----------
    data
        The content of the file.
    where
        The name that errors give to it.
    limits
        Bounds on its size, checked before it is decoded; the default ones where None.
    raw
        Whether grey of more than 8 bits goes with its values; else it too becomes PNG.

    Raises
    ------
    ImageError
        If it is not a picture, damaged or cut short.
    LimitError
        If it has more pixels than allowed.
    """
    header = read_header(data, where, limits)
    check_complete(data, header, where)
    if _passes(data, header, where):
        return Encoded(header.mime, data, header.width, header.height)
    pixels = decode(data, where, limits)
    return encode_pixels(pixels) if raw else _png(eight_bits(pixels))


def encode_pixels(
    pixels: npt.NDArray[Any], window: tuple[float, float] | None = None, lossy: bool = False
) -> Encoded:
    """Return decoded pixels as the browser shall get them.

    Parameters
    ----------
    pixels
        (H, W) or (H, W, C) of any type.
    window
        The values that become black and white where there are more than 8 bits; those that
        suit the pixels where None.
    lossy
        Whether JPEG may be used.

    Returns
    -------
    Encoded
        Grey of more than 8 bits with its values, as `GREY16`; else PNG, or JPEG.
    """
    if is_grey(pixels):
        numbers, values = pack(pixels, window)
        return Encoded(GREY16, numbers, pixels.shape[1], pixels.shape[0], values)
    return _png(eight_bits(pixels, window), lossy)


def thumbnail(
    data: bytes, edge: int = 96, where: str = "image", limits: Limits | None = None
) -> Encoded:
    """Return a small picture: JPEG, or PNG where there is an alpha channel.

    Parameters
    ----------
    data
        The content of the file.
    edge
        Most pixels of the longer side, from 1 to 4096. Smaller pictures keep their size.
    where
        The name that errors give to it.
    limits
        Bounds on the size of the picture; the default ones where None.

    Raises
    ------
    ImageError
        If it is not a picture, damaged or cut short.
    LimitError
        If it has more pixels than allowed, or `edge` is out of range.
    """
    _check_edge(edge)
    header = read_header(data, where, limits)
    if header.format == "JPEG":
        check_complete(data, header, where)
        return small(_draft(data, edge, header, where), edge)
    return small(decode(data, where, limits), edge)


def small(pixels: npt.NDArray[Any], edge: int) -> Encoded:
    """Return decoded pixels as a small picture; see `thumbnail`."""
    from PIL import Image

    _check_edge(edge)
    image = Image.fromarray(_shown(eight_bits(pixels)))
    image.thumbnail((edge, edge), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    if image.mode == "RGBA":
        image.save(buffer, "PNG", compress_level=1)
        return Encoded("image/png", buffer.getvalue(), image.width, image.height)
    image.save(buffer, "JPEG", quality=80)
    return Encoded("image/jpeg", buffer.getvalue(), image.width, image.height)


def glimpse(pixels: npt.NDArray[np.uint8], edge: int) -> Encoded:
    """Return (H, W, 3) pixels as JPEG of at most `edge` pixels, fast: it is looked at briefly."""
    from PIL import Image

    _check_edge(edge)
    image = Image.fromarray(pixels)
    if max(image.size) > edge:
        image.thumbnail((edge, edge), Image.Resampling.BILINEAR)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=88)
    return Encoded("image/jpeg", buffer.getvalue(), image.width, image.height)


def _check_edge(edge: int) -> None:
    if isinstance(edge, bool) or not isinstance(edge, int) or not 1 <= edge <= 4096:
        raise LimitError(f"must be a whole number from 1 to 4096, not {edge!r}.", where="edge")


def eight_bits(
    pixels: npt.NDArray[Any], window: tuple[float, float] | None = None
) -> npt.NDArray[np.uint8]:
    """Return pixels as uint8, through a linear window where they are not yet.

    Parameters
    ----------
    pixels
        (H, W) or (H, W, C) of any type. A fourth channel is alpha: it is not
        windowed, but scaled by the range of its type (floats: 0 to 1).
    window
        The values that become 0 and 255; those of `window_of` where None.

    Returns
    -------
    ndarray
        Of the same shape. NaN, and all of a constant picture, is 0.
    """
    if pixels.dtype == np.uint8:
        return pixels
    alpha = pixels.ndim == 3 and pixels.shape[2] == 4
    colour = pixels[..., :3] if alpha else pixels
    low, high = window or window_of(colour)
    scale = 255 / (high - low) if high > low else 0.0
    if pixels.dtype == np.uint16:
        shades: npt.NDArray[np.uint8] = _scaled(np.arange(1 << 16), low, high, scale)[colour]
    else:
        shades = _scaled(colour, low, high, scale)
    if not alpha:
        return shades
    top = np.iinfo(pixels.dtype).max if np.issubdtype(pixels.dtype, np.integer) else 1.0
    cover = np.nan_to_num(np.clip(pixels[..., 3:].astype(np.float64) / top, 0, 1)) * 255
    return np.concatenate([shades, cover.round().astype(np.uint8)], axis=2)


def _scaled(
    values: npt.NDArray[Any], low: float, high: float, scale: float
) -> npt.NDArray[np.uint8]:
    clipped = np.clip(np.nan_to_num(values.astype(np.float64), nan=low), low, high)
    shades: npt.NDArray[np.uint8] = ((clipped - low) * scale).round().astype(np.uint8)
    return shades


def passes(header: ImageHeader) -> bool:
    """Say whether browsers make of a file what we do, as far as its header tells."""
    if header.format == "TIFF" or header.bits > 8 or header.mode == "CMYK":
        return False
    return header.format == "JPEG" or header.orientation == 1


def _passes(data: bytes, header: ImageHeader, where: str) -> bool:
    if not passes(header):
        return False
    if header.format not in ("GIF", "BMP"):
        return header.frames == 1
    # These two have no mark at their end that could be checked.
    try:
        image = load(data, header)
        return not getattr(image, "is_animated", False)
    except DAMAGE as error:
        raise damaged(error, data, header, where) from None


def _draft(data: bytes, edge: int, header: ImageHeader, where: str) -> npt.NDArray[Any]:
    """Decode a JPEG at 1/2, 1/4 or 1/8 of its size, still at least twice the edge."""
    try:
        image = open_plugin(io.BytesIO(data), "JPEG")
        image.draft(None, (2 * edge, 2 * edge))
        image.load()
        return upright(to_array(image), header.orientation)
    except DAMAGE as error:
        raise damaged(error, data, header, where) from None


def _shown(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return pixels with 1, 3 or 4 channels: of other counts the first one or three."""
    if pixels.ndim == 2 or pixels.shape[2] in (3, 4):
        return pixels
    return np.ascontiguousarray(pixels[..., 0] if pixels.shape[2] < 3 else pixels[..., :3])


def _png(pixels: npt.NDArray[np.uint8], lossy: bool = False) -> Encoded:
    shown = _shown(pixels)
    height, width = shown.shape[:2]
    if not lossy or (shown.ndim == 3 and shown.shape[2] == 4):
        return Encoded("image/png", write_png(shown), width, height)
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(shown).save(buffer, "JPEG", quality=90)
    return Encoded("image/jpeg", buffer.getvalue(), width, height)
