"""What a picture is, read from as few bytes as possible."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from labelwidgets.errors import ImageError, LabelwidgetsError, LimitError
from labelwidgets.media.limits import Limits
from labelwidgets.media.orientation import exif_orientation, upright_size

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

MIME = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "BMP": "image/bmp",
    "WEBP": "image/webp",
    "TIFF": "image/tiff",
    "GIF": "image/gif",
}
_OTHERS = {
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "a ZIP archive",
    b"\x1f\x8b": "a gzip archive",
    b"\x00\x00\x00\x0cjP": "a JPEG 2000 picture, which is not read",
    b"\xff\x4f\xff\x51": "a JPEG 2000 picture, which is not read",
    b"8BPS": "a Photoshop document",
    b"{": "JSON text",
}


@dataclass(frozen=True, slots=True)
class ImageHeader:
    """What the header of a picture says.

    Parameters
    ----------
    format
        ``JPEG``, ``PNG``, ``BMP``, ``WEBP``, ``TIFF`` or ``GIF``, by the content.
    mime
        Media type of the format.
    width, height
        In pixels, of the upright picture.
    mode
        ``1``, ``L``, ``LA``, ``P``, ``RGB``, ``RGBA``, ``CMYK``, ``I`` (integers),
        ``F`` (floats) or another mode of Pillow.
    bits
        Bits of one sample: 1 to 64.
    orientation
        1 to 8, as in EXIF; already applied to `width` and `height`.
    frames
        How many pictures are in the file; None where only the whole file would tell.
    tile
        Width and height of the tiles that it is stored in; None where it is not.
    """

    format: str
    mime: str
    width: int
    height: int
    mode: str
    bits: int
    orientation: int
    frames: int | None
    tile: tuple[int, int] | None = None


def sniff(head: bytes) -> str | None:
    """Return the format of a picture by its first 16 bytes, None if it is none of ours."""
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head.startswith((b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")):
        return "TIFF"
    return "BMP" if head.startswith(b"BM") else None


def read_header(
    source: bytes | IO[bytes], where: str = "image", limits: Limits | None = None
) -> ImageHeader:
    """Read what a picture is, without decoding it.

    Parameters
    ----------
    source
        The content, or a file that can be read and sought in.
    where
        The name that errors give to it.
    limits
        Bounds on its size; the default ones where None.

    Raises
    ------
    ImageError
        If it is empty, cut short within the header, or not a picture.
    LimitError
        If it has more pixels than allowed, in each of its tiles where it is stored in tiles.
    """
    file = io.BytesIO(source) if isinstance(source, bytes) else source
    file.seek(0)
    head = file.read(512)
    kind = sniff(head)
    if kind is None:
        raise ImageError(
            f"is {_guess(head)}.", where=where, hint="Read are JPEG, PNG, BMP, WebP, TIFF and GIF."
        )
    file.seek(0)
    readers = {"WEBP": _webp, "TIFF": _tiff}
    try:
        header = readers[kind](file) if kind in readers else _pillow(file, kind, head)
    except (SyntaxError, OSError, ValueError, KeyError, struct.error, OverflowError) as error:
        if isinstance(error, LabelwidgetsError):
            raise error.at(where) from None
        raise ImageError(
            f"begins as a {kind} file but its header is damaged or cut short "
            f"({' '.join(str(error).split())[:200] or type(error).__name__}).",
            where=where,
        ) from None
    if header.width < 1 or header.height < 1:
        raise ImageError(f"claims {header.width} x {header.height} pixels.", where=where)
    bounds = limits or Limits()
    if header.tile is None:
        bounds.check_pixels(header.width, header.height, where)
    else:
        bounds.check_tile(*header.tile, where)
    return header


def open_plugin(file: IO[bytes], kind: str) -> ImageFile:
    """Open a file with the one Pillow plug-in of its format.

    `Image.open` is not used: it would try other formats, and it weighs the size
    against a limit of the whole process, where `Limits` is this call's own.
    """
    if kind == "JPEG":
        from PIL.JpegImagePlugin import JpegImageFile as Plugin
    elif kind == "PNG":
        from PIL.PngImagePlugin import PngImageFile as Plugin  # type: ignore[assignment]
    elif kind == "GIF":
        from PIL.GifImagePlugin import GifImageFile as Plugin  # type: ignore[assignment]
    elif kind == "BMP":
        from PIL.BmpImagePlugin import BmpImageFile as Plugin  # type: ignore[assignment]
    elif kind == "WEBP":
        from PIL.WebPImagePlugin import WebPImageFile as Plugin  # type: ignore[assignment]
    else:
        from PIL.TiffImagePlugin import TiffImageFile as Plugin  # type: ignore[assignment]
    with bombs_named():
        return Plugin(file)


@contextmanager
def bombs_named() -> Iterator[None]:
    """Turn the limit of the process, which some plug-ins still look at, into a LimitError."""
    from PIL.Image import DecompressionBombError

    try:
        yield
    except DecompressionBombError as error:
        raise LimitError(
            f"is too large for Pillow ({error}).", hint="Raise PIL.Image.MAX_IMAGE_PIXELS."
        ) from None


def _pillow(file: IO[bytes], kind: str, head: bytes) -> ImageHeader:
    image = open_plugin(file, kind)
    mode, bits, frames = image.mode, 1 if image.mode == "1" else 8, 1 if kind != "GIF" else None
    if kind == "PNG":
        bits, colour = head[24], head[25]
        mode = {0: "1" if bits == 1 else "L", 2: "RGB", 3: "P", 4: "LA", 6: "RGBA"}[colour]
        frames = getattr(image, "n_frames", 1)
    elif kind == "JPEG":
        bits = getattr(image, "bits", 8)
    orientation = exif_orientation(image.info.get("exif")) if kind in ("JPEG", "PNG") else 1
    width, height = upright_size(*image.size, orientation)
    return ImageHeader(kind, MIME[kind], width, height, mode, bits, orientation, frames)


def _webp(file: IO[bytes]) -> ImageHeader:
    """Read the chunks of a WebP file (RFC 9649); Pillow would read all of it."""
    head = _exactly(file, 30)
    chunk, flags = head[12:16], 0
    if chunk == b"VP8X":
        flags = head[20]
        width = 1 + int.from_bytes(head[24:27], "little")
        height = 1 + int.from_bytes(head[27:30], "little")
    elif chunk == b"VP8L":
        packed = int.from_bytes(head[21:25], "little")
        width, height = 1 + (packed & 0x3FFF), 1 + (packed >> 14 & 0x3FFF)
        flags = packed >> 24 & 0x10
    elif chunk == b"VP8 ":
        width = int.from_bytes(head[26:28], "little") & 0x3FFF
        height = int.from_bytes(head[28:30], "little") & 0x3FFF
    else:
        raise ImageError("is a WebP file with an unknown first chunk.")
    orientation = exif_orientation(_webp_exif(file)) if chunk == b"VP8X" and flags & 8 else 1
    width, height = upright_size(width, height, orientation)
    mode, frames = "RGBA" if flags & 0x10 else "RGB", None if flags & 2 else 1
    return ImageHeader("WEBP", MIME["WEBP"], width, height, mode, 8, orientation, frames)


def _webp_exif(file: IO[bytes]) -> bytes | None:
    position = 12
    for _ in range(1000):
        file.seek(position)
        head = file.read(8)
        if len(head) < 8:
            return None
        size = int.from_bytes(head[4:], "little")
        if head[:4] == b"EXIF":
            return file.read(min(size, 1 << 20))
        position += 8 + size + size % 2
    return None


def _tiff(file: IO[bytes]) -> ImageHeader:
    from labelwidgets.media.tiff import read_layout

    layout = read_layout(file)
    if any(layout.tile) and not all(layout.tile):
        raise ImageError(f"has tiles of {layout.tile[0]} x {layout.tile[1]} pixels.")
    width, height = upright_size(layout.width, layout.height, layout.orientation)
    return ImageHeader(
        "TIFF",
        MIME["TIFF"],
        width,
        height,
        layout.mode,
        layout.bits,
        layout.orientation,
        None if layout.more else 1,
        layout.tile if all(layout.tile) else None,
    )


def _exactly(file: IO[bytes], count: int) -> bytes:
    data = file.read(count)
    if len(data) < count:
        raise ImageError(f"is cut short after {len(data)} bytes.")
    return data


def _guess(head: bytes) -> str:
    if not head:
        return "empty (0 bytes)"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if b"<svg" in text:
        return "an SVG drawing, which is not read, as it has no pixels"
    if text.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        # A server sends a folder without its slash on to the page that lists it.
        return (
            "a web page (HTML), not a picture: of a login, an error, or a folder, which is listed "
            "when its URL ends in a slash"
        )
    if text.startswith(b"<"):
        return "XML or HTML text, not a picture"
    if head[4:8] == b"ftyp":
        brand = head[8:12].decode("ascii", "replace")
        return f"of the ISO media family ({brand!r}: AVIF, HEIC or video), which is not read"
    if head[128:132] == b"DICM":
        return "a DICOM file, which is not read as a plain picture"
    for magic, name in _OTHERS.items():
        if head.startswith(magic):
            return name
    return "not a picture of a known format"
