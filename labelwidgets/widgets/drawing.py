"""Pictures with their labels drawn into them, for people to look at.

Coordinates are in pixels of the full-resolution image, x right and y down,
with (0, 0) at the outer corner of the first pixel.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from labelwidgets.errors import ImageError, LimitError
from labelwidgets.media.encoded import eight_bits
from labelwidgets.media.image import open_image
from labelwidgets.media.whole_files import write_bytes
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.annotation_rows import Labels, records_of
from labelwidgets.schema.ontology import ObjectClass, Ontology
from labelwidgets.schema.tracks import Interval, Track
from labelwidgets.widgets.on_picture import on_picture
from labelwidgets.widgets.painting import ZOOM, Painting, canvas_of

Pixels: TypeAlias = NDArray[Any]

_EDGE = 1280
_MOST_PIXELS = 36_000_000
# Lines of 1.5 pixels and letters of 12 are right for pictures of this size.
_USUAL = 800


class Drawing:
    """A picture with labels: an array that shows itself; made by `draw`.

    Attributes
    ----------
    pixels : (H, W, 3) ndarray of uint8
        Red, green and blue.
    """

    def __init__(self, pixels: NDArray[np.uint8]) -> None:
        self.pixels = pixels

    @property
    def shape(self) -> tuple[int, ...]:
        """Height, width and 3."""
        return self.pixels.shape

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Pixels:
        return np.array(self.pixels, dtype=dtype, copy=copy)

    def __repr__(self) -> str:
        height, width = self.shape[:2]
        return f"Drawing({width} x {height})"

    def _repr_png_(self) -> bytes:
        return self.encoded("PNG")

    def encoded(self, format: str) -> bytes:
        """Return it as a file: ``PNG`` or ``JPEG``."""
        from PIL import Image

        buffer = io.BytesIO()
        # Thin lines keep their colours only at its full resolution.
        more: dict[str, Any] = {"quality": 88, "subsampling": 0} if format == "JPEG" else {}
        Image.fromarray(self.pixels).save(buffer, format, **more)
        return buffer.getvalue()

    def save(self, path: str | os.PathLike[str], **storage_options: Any) -> None:
        """Write a file, whole or not at all: a JPEG if it is called so, else a PNG.

        Parameters
        ----------
        path
            File or any fsspec URL; what is there is replaced.
        **storage_options
            For fsspec: keys, endpoints.
        """
        name = os.fspath(path).lower()
        format = "JPEG" if name.endswith((".jpg", ".jpeg")) else "PNG"
        write_bytes(path, self.encoded(format), **storage_options)


def draw(
    picture: Pixels | str | os.PathLike[str],
    annotations: Labels,
    ontology: Ontology | Mapping[str, Any] | Sequence[str | ObjectClass] | None = None,
    *,
    frame: int | None = None,
    edge: int | None = _EDGE,
    names: bool = True,
    scores: bool = True,
    fill: float = 0.2,
    **storage_options: Any,
) -> Drawing:
    """Draw labels into a picture.

    Outlines have the colour of their class and a dark halo, so that they are seen on any picture;
    holes of polygons are left free; joints that are covered are hollow. Small shapes lie over
    large ones. Of very many labels the largest are drawn, and the picture says how many there are.

    Parameters
    ----------
    picture
        Pixels, (H, W) or (H, W, C); or a file or URL of an image.
    annotations
        Labels of that picture: records, or a frame like `project.annotations`. Classes of tags
        stand in the upper right corner.
    ontology
        Gives colours and skeletons. None gives the classes colours by the alphabet.
    frame
        Of labels of a video, a scan or a group of images, the frame or slice that the picture is:
        tracks and volume masks are drawn as they are there, and labels of other frames are not.
    edge
        Most pixels of the longer side of what is drawn, from 16; None for all that the picture
        has. Small pictures are magnified by a whole number.
    names
        Write the names of classes.
    scores
        Put confidences behind the names, of labels that have one.
    fill
        How much areas cover of what is below them, from 0 (outlines alone) to 1.
    **storage_options
        For fsspec, where the picture is a URL.

    Raises
    ------
    ImageError
        If it is no picture.
    LimitError
        If it would have more than 36 million pixels, or a number is out of range.
    SchemaError
        If a row is no label.

    Examples
    --------
    >>> lw.draw("photo.jpg", project.annotations, project.ontology).save("overlay.png")
    """
    if isinstance(fill, bool) or not isinstance(fill, int | float) or not 0 <= fill <= 1:
        raise LimitError(f"must be from 0 to 1, not {fill!r:.60}.", where="fill")
    labels = records_of(annotations, "annotations")
    if frame is not None:
        labels = list(on_picture(labels, frame))
    else:
        through = [made for made in labels if isinstance(made.geometry, Track | Interval)]
        if through:
            raise LimitError(
                "goes through a video: which frame is the picture?",
                where=f"annotation {through[0].id}",
                hint="Pass frame=.",
            )
    pixels = picture
    if isinstance(pixels, str | os.PathLike):
        pixels = open_image(pixels, **storage_options)
    shown = _shown(pixels)
    height, width = shown.shape[:2]
    size = drawn_size(width, height, edge)
    vocabulary = _vocabulary(ontology, labels)
    unit = max(1.0, max(size) / _USUAL)
    canvas = canvas_of(shown, size)
    painting = Painting(canvas, (width, height), vocabulary, unit, fill, scores)
    painting.all(labels, names)
    return Drawing(np.asarray(painting.canvas.reduce(ZOOM)))


def drawn_size(width: int, height: int, edge: int | None) -> tuple[int, int]:
    """Return how large a picture is drawn; see `draw`.

    Raises
    ------
    LimitError
        If it would be too large, or `edge` is out of range.
    """
    longer = max(width, height)
    scale = 1.0
    if edge is not None:
        if isinstance(edge, bool) or not isinstance(edge, int) or edge < 16:
            raise LimitError(f"must be a whole number from 16, not {edge!r:.60}.", where="edge")
        scale = edge / longer if longer > edge else float(max(1, min(edge, _USUAL) // longer))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    if size[0] * size[1] > _MOST_PIXELS:
        raise LimitError(
            f"would be {size[0]} x {size[1]} pixels, at most {_MOST_PIXELS:,} are drawn.",
            where="edge",
            hint="Pass a smaller edge.",
        )
    return size


def _shown(pixels: Any) -> NDArray[np.uint8]:
    array = np.asarray(pixels)
    if array.dtype == bool:
        array = array.astype(np.uint8) * 255
    flat = array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (1, 2, 3, 4))
    if not flat or not array.size or array.dtype.kind not in "uif":
        raise ImageError(
            f"must be pixels, (H, W) or (H, W, C), not {array.dtype} of shape {array.shape}.",
            where="picture",
        )
    return eight_bits(array)


def _vocabulary(given: Any, labels: Iterable[Annotation]) -> Ontology:
    if given is not None:
        return Ontology.of(given)
    return Ontology.of(sorted({made.class_name for made in labels if made.class_name}))
