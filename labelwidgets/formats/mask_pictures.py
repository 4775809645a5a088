"""Pictures in which a pixel says what it is of: by an index, a shade of grey, or a colour."""

from __future__ import annotations

import io
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from labelwidgets.algorithms.label_runs import label_runs
from labelwidgets.algorithms.runs import Runs
from labelwidgets.errors import FormatError
from labelwidgets.media.header import ImageHeader, bombs_named, open_plugin, read_header
from labelwidgets.media.image import DAMAGE, check_complete, damaged
from labelwidgets.media.limits import Limits
from labelwidgets.media.orientation import upright

MAX_BYTES = 1 << 28
"""Most bytes of a file that is read."""

Kind: TypeAlias = Literal["indexed", "grey", "color"]


class MaskPicture(NamedTuple):
    """A picture of numbers.

    Parameters
    ----------
    kind
        ``indexed``: a number is an index into the palette; ``grey``: a shade of 1 to 16 bits, as
        it is stored; ``color``: red, green and blue as ``0xrrggbb``.
    values
        (H, W) uint8, uint16 or uint32. Where the picture is transparent, 0.
    palette
        The colours of the indices as ``0xrrggbb``.
    """

    kind: Kind
    values: npt.NDArray[Any]
    palette: tuple[int, ...]

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        height, width = self.values.shape
        return width, height


def read_mask(data: bytes, where: str, limits: Limits | None = None) -> MaskPicture:
    """Return the numbers of a PNG file.

    Parameters
    ----------
    data
        The content of the file.
    where
        The name that errors give to it.
    limits
        Bounds on its size, checked before it is decoded; the default ones where None.

    Raises
    ------
    FormatError
        If it is no PNG, or one of 16 bits a colour.
    ImageError
        If it is damaged or cut short.
    LimitError
        If it has more pixels than allowed.
    """
    header = _header_of_png(data, where, limits)
    if header.bits == 16 and header.mode != "L":
        raise FormatError("has colours of 16 bits, and must have 8.", where=where)
    check_complete(data, header, where)
    try:
        made = _decoded(data, header)
    except DAMAGE as error:
        raise damaged(error, data, header, where) from None
    return made._replace(values=upright(made.values, header.orientation))


def read_painted(
    data: bytes, where: str, size: tuple[int, int] | None = None
) -> npt.NDArray[np.bool_]:
    """Return which pixels of a PNG file are not wholly transparent, (H, W), whatever their colour.

    Parameters
    ----------
    data
        The content of the file.
    where
        The name that errors give to it.
    size
        (width, height) that it must have, looked at before it is decoded.

    Raises
    ------
    FormatError, ImageError, LimitError
        As for `read_mask`; also if nothing in it may be transparent, or it is of another size.
    """
    header = _header_of_png(data, where)
    if size is not None and (header.width, header.height) != size:
        raise FormatError(
            f"is {header.width} x {header.height} pixels, the picture is {size[0]} x {size[1]}.",
            where=where,
        )
    if header.mode not in ("RGBA", "LA"):
        raise FormatError("has no pixels that are transparent.", where=where)
    check_complete(data, header, where)
    try:
        image = open_plugin(io.BytesIO(data), "PNG")
        with bombs_named():
            image.load()
        return np.asarray(image)[..., -1] > 0
    except DAMAGE as error:
        raise damaged(error, data, header, where) from None


def _header_of_png(data: bytes, where: str, limits: Limits | None = None) -> ImageHeader:
    header = read_header(data, where, limits)
    if header.format != "PNG":
        raise FormatError(
            f"is a {header.format} file, and must be a PNG.",
            where=where,
            hint="Other formats change colours, or have none to name pixels by.",
        )
    return header


def _decoded(data: bytes, header: ImageHeader) -> MaskPicture:
    image = open_plugin(io.BytesIO(data), "PNG")
    with bombs_named():
        image.load()
    if header.mode == "P":
        if image.palette is None or image.mode != "P":
            raise SyntaxError("no palette")
        flat = image.getpalette("RGB") or []
        palette = tuple(
            flat[at] << 16 | flat[at + 1] << 8 | flat[at + 2] for at in range(0, len(flat) - 2, 3)
        )
        return MaskPicture("indexed", np.asarray(image, np.uint8), palette)
    if header.mode in ("RGB", "RGBA"):
        pixels = np.asarray(image)
        values = pixels[..., 0].astype(np.uint32)
        for channel in (1, 2):
            np.left_shift(values, 8, out=values)
            np.bitwise_or(values, pixels[..., channel], out=values)
        if pixels.shape[2] == 4:
            values[pixels[..., 3] == 0] = 0
        return MaskPicture("color", values, ())
    shades = np.asarray(image)
    if header.mode == "LA":
        shades = np.where(shades[..., 1] > 0, shades[..., 0], 0)
    if header.bits in (2, 4):
        # Pillow spreads them from 0 to 255.
        shades = shades // (255 // (2**header.bits - 1))
    return MaskPicture("grey", shades.astype(np.uint16 if header.bits == 16 else np.uint8), ())


class Regions:
    """The pixels of each number of a picture.

    Time goes with the number of pixels once, not with that of numbers.

    Parameters
    ----------
    values
        (H, W) whole numbers from 0 to 2**31 - 1.

    Attributes
    ----------
    areas
        How many pixels each number has that occurs, in the order of the numbers.
    """

    def __init__(self, values: npt.NDArray[Any]) -> None:
        found = label_runs(values)
        ends = np.cumsum(found.lengths, dtype=np.int64)
        order = np.argsort(found.labels, kind="stable")
        lengths = found.lengths[order].astype(np.int64)
        self._size, self._ends = found.size, ends[order]
        self._starts = self._ends - lengths
        numbers, first = np.unique(found.labels[order], return_index=True)
        areas = np.add.reduceat(lengths, first)
        self.areas = dict(zip(numbers.tolist(), areas.tolist(), strict=True))
        self._parts = dict(
            zip(numbers.tolist(), zip(first, [*first[1:], order.size], strict=True), strict=True)
        )

    def runs(self, number: int) -> Runs:
        """Return the pixels of a number that occurs."""
        first, last = self._parts[number]
        edges = np.empty(2 * (last - first), np.int64)
        edges[::2], edges[1::2] = self._starts[first:last], self._ends[first:last]
        return Runs(self._size, edges)
