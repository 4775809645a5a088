"""A picture of an image with its labels, for where no kernel runs.

Coordinates are in pixels of the full-resolution image, x right and y down,
with (0, 0) at the outer corner of the first pixel.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import TYPE_CHECKING

from labelwidgets.errors import LimitError
from labelwidgets.media.encoded import eight_bits
from labelwidgets.media.header import ImageHeader, open_plugin, read_header
from labelwidgets.media.image import DAMAGE, damaged, decode, to_array
from labelwidgets.media.orientation import upright
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.ontology import Ontology
from labelwidgets.widgets.painting import ZOOM, Painting, canvas_of

if TYPE_CHECKING:
    from PIL.Image import Image


def snapshot(
    encoded: bytes,
    annotations: Iterable[Annotation],
    ontology: Ontology,
    edge: int = 960,
    total: int | None = None,
    size: tuple[int, int] | None = None,
) -> bytes:
    """Draw labels into a picture.

    Outlines have the colour of their class and a dark halo, areas are filled
    to a fifth. Small shapes are drawn over large ones. Of very many labels
    the largest are drawn, and the picture says how many there are.

    Parameters
    ----------
    encoded
        The content of an image file: JPEG, PNG, BMP, WebP, TIFF or GIF.
    annotations
        The labels. Tags have no place: their classes stand in the upper right
        corner. Of a volume mask the middle one of its slices is drawn.
    ontology
        Gives colours and skeletons; classes that it lacks are grey.
    edge
        Most pixels of the longer side, from 16 to 4096. Pictures of less than
        half of it are magnified by a whole number.
    total
        How many labels with a place there are, where `annotations` are some of them.
    size
        (width, height) that the labels are for, where `encoded` is a smaller copy.

    Returns
    -------
    bytes
        A JPEG file.

    Raises
    ------
    ImageError
        If `encoded` is not a picture, or damaged.
    LimitError
        If it has more pixels than allowed, or `edge` is out of range.
    """
    if isinstance(edge, bool) or not isinstance(edge, int) or not 16 <= edge <= 4096:
        raise LimitError(f"must be a whole number from 16 to 4096, not {edge!r}.", where="edge")
    header = read_header(encoded)
    longer = max(header.width, header.height)
    scale = edge / longer if longer > edge else float(max(1, edge // 2 // longer))
    drawn_at = max(1, round(header.width * scale)), max(1, round(header.height * scale))
    picture = _picture(encoded, header, drawn_at)
    painting = Painting(picture, size or (header.width, header.height), ontology)
    painting.all(annotations, total=total or 0)
    buffer = io.BytesIO()
    # Full resolution of colour, or thin lines lose theirs.
    painting.canvas.reduce(ZOOM).save(buffer, "JPEG", quality=82, subsampling=0)
    return buffer.getvalue()


def _picture(encoded: bytes, header: ImageHeader, size: tuple[int, int]) -> Image:
    """Return the picture at `ZOOM` times the size, RGB."""
    if header.format == "JPEG" and header.mode != "CMYK":
        stored = size[::-1] if header.orientation >= 5 else size
        try:
            file = open_plugin(io.BytesIO(encoded), "JPEG")
            file.draft(None, stored)
            pixels = upright(to_array(file), header.orientation)
        except DAMAGE as error:
            raise damaged(error, encoded, header, "image") from None
    else:
        pixels = eight_bits(decode(encoded))
    return canvas_of(pixels, size)
