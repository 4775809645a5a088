"""The pixels of classes and objects of one picture, as Pascal VOC has them."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from labelwidgets.errors import FormatError
from labelwidgets.formats.canvas import Canvas
from labelwidgets.formats.voc.classes import MAX_NUMBER, VOID, palette
from labelwidgets.schema.annotation import Annotation


class Pixels:
    """What masks cover.

    Parameters
    ----------
    numbers
        Of classes.
    border
        How many pixels on both sides of edges are of no class.
    """

    def __init__(self, numbers: Mapping[str, int], border: int) -> None:
        self._numbers, self._border = numbers, border
        self._objects: Canvas | None = None
        self._classes: dict[int, int] = {}

    @property
    def painted(self) -> bool:
        """Whether there are any."""
        return self._objects is not None

    @property
    def covered(self) -> int:
        """How many pixels later objects have taken from earlier ones."""
        return 0 if self._objects is None else self._objects.covered

    def paint(self, size: tuple[int, int], label: Annotation, number: int) -> None:
        """Take in the mask of an object.

        Raises
        ------
        FormatError
            If there are more objects or classes than numbers, or the mask has another size.
        """
        kind = self._numbers[label.class_name or ""]
        for what, value in (("object", number), ("class", kind)):
            if value > MAX_NUMBER:
                raise FormatError(
                    f"is a mask of {what} {value}, and at most {MAX_NUMBER} have a number in the "
                    "pictures of Pascal VOC.",
                    where=f"annotation {label.id!r}",
                )
        if self._objects is None:
            self._objects = Canvas(size, np.uint8)
        self._objects.paint(label.geometry, number)
        self._classes[number] = kind

    def files(self) -> tuple[bytes, bytes]:
        """Return the picture of classes and that of objects, as indexed PNG."""
        assert self._objects is not None  # noqa: S101 - asked for before
        objects = self._objects.values
        table = np.zeros(256, np.uint8)
        for number, kind in self._classes.items():
            table[number] = kind
        classes = table[objects]
        if self._border:
            edges = _edges(objects, self._border)
            classes[edges] = objects[edges] = VOID
        return _png(classes), _png(objects)


def _edges(objects: npt.NDArray[np.uint8], border: int) -> npt.NDArray[np.bool_]:
    """Return the pixels that are near a pixel of another object."""
    from scipy.ndimage import maximum_filter, minimum_filter

    around = 2 * border + 1
    high: npt.NDArray[Any] = maximum_filter(objects, around, mode="nearest")
    low: npt.NDArray[Any] = minimum_filter(objects, around, mode="nearest")
    return np.asarray(high != low)


def _png(values: npt.NDArray[np.uint8]) -> bytes:
    from PIL import Image

    picture = Image.fromarray(values, "L")
    picture.putpalette(palette())
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()
