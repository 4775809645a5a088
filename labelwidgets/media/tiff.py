"""TIFF: its layout, and the kinds that Pillow does not read or reads wrongly."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from labelwidgets.errors import ImageError, MissingExtraError

if TYPE_CHECKING:
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

_MODES = {0: "L", 1: "L", 2: "RGB", 3: "P", 5: "CMYK", 6: "YCbCr", 8: "LAB"}


@dataclass(frozen=True, slots=True)
class TiffLayout:
    """The tags of the first picture of a TIFF file that say how it is stored.

    `width` and `height` are as stored, before turning. `sample` is 1 for
    unsigned, 2 for signed integers, 3 for floats. `more` says that there are
    further pictures, `inverted` that 0 is white. `mode` is as in `ImageHeader`.
    """

    width: int
    height: int
    bits: int
    sample: int
    samples: int
    compression: int
    planar: bool
    little: bool
    orientation: int
    mode: str
    inverted: bool
    more: bool

    @property
    def in_pillow(self) -> bool:
        """Whether Pillow returns every value as it is stored.

        Pillow 13 swaps the bytes of compressed big-endian numbers, takes signed
        for unsigned bytes and mixes up separate planes of 16 bits; it refuses
        most kinds of floats.
        """
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
    """Read the first directory of a TIFF or BigTIFF file.

    Raises
    ------
    ImageError
        If the directory is damaged or cut short.
    """
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

    head = file.read(16)
    big = head[2:3] == b"+" or head[3:4] == b"+"
    tags = ImageFileDirectory_v2(head if big else head[:8])
    _check_directory(file, tags.next, big, head[:2] == b"II")
    file.seek(tags.next)
    tags.load(file)
    width, height = _number(tags, 256), _number(tags, 257)
    photometric = _number(tags, 262, 1)
    samples = _number(tags, 277, 3 if photometric in (2, 6, 8) else 1)
    mode = _MODES.get(photometric, "L")
    sizes = tags.get(258, (1,))
    bits = int(sizes[0] if isinstance(sizes, tuple) else sizes)
    kinds = tags.get(339, (1,))
    sample = int(kinds[0] if isinstance(kinds, tuple) else kinds)
    orientation = _number(tags, 274, 1)
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
        compression=_number(tags, 259, 1),
        planar=_number(tags, 284, 1) == 2,
        little=head[:2] == b"II",
        orientation=orientation if 1 <= orientation <= 8 else 1,
        mode=mode,
        inverted=photometric == 0,
        more=bool(tags.next),
    )


def decode_with_tifffile(data: bytes, where: str) -> npt.NDArray[Any]:
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


def _check_directory(file: IO[bytes], offset: int, big: bool, little: bool) -> None:
    # Pillow only warns of a directory that is cut short.
    file.seek(offset)
    count_size, entry, tail = (8, 20, 8) if big else (2, 12, 4)
    head = file.read(count_size)
    count = int.from_bytes(head, "little" if little else "big")
    if len(head) < count_size or count > 4096:
        raise ImageError("has no readable directory: it is damaged or cut short.")
    if len(file.read(count * entry + tail)) < count * entry + tail:
        raise ImageError("is cut short within its directory.")


def _number(tags: ImageFileDirectory_v2, tag: int, default: int | None = None) -> int:
    value = tags.get(tag, default)
    if isinstance(value, tuple) and value:
        value = value[0]
    if not isinstance(value, int):
        raise ImageError(f"lacks the tag {tag} or has a strange value in it.")
    return value
