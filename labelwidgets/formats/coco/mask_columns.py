"""Masks of many labels at once, on their way to a COCO file."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress
from typing import Any, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from labelwidgets.schema.geometry import Mask

_encode_lines = msgspec.json.Encoder().encode_lines


class Masks(NamedTuple):
    """Those of some masks that have pixels and are of the size of their picture."""

    there: npt.NDArray[np.bool_]
    # Of each that is there: x, y, width, height; pixels; the text of its run-length code.
    boxes: npt.NDArray[np.float64]
    areas: npt.NDArray[np.float64]
    texts: list[bytes]


def mask_columns(masks: Sequence[Mask], sizes: Sequence[tuple[int, int] | None]) -> Masks:
    """Return boxes, areas and texts of masks.

    Parameters
    ----------
    masks
        The masks.
    sizes
        (width, height) of the picture of each, None where it is not known.
    """
    from pycocotools import mask as coco

    codes = [one.rle for one in masks]
    there = np.array(
        [size in (None, one.size[::-1]) for one, size in zip(codes, sizes, strict=True)], bool
    )
    areas = _areas([one.to_coco() for one in compress(codes, there.tolist())])
    there[there] = areas > 0
    codes = list(compress(codes, there.tolist()))
    if not codes:
        return Masks(there, np.empty((0, 4)), np.empty(0), [])
    boxes = coco.toBbox([one.to_coco() for one in codes])
    return Masks(there, boxes, areas[areas > 0], _encode_lines(codes).split(b"\n")[: len(codes)])


def _areas(codes: Sequence[Any]) -> npt.NDArray[np.float64]:
    from pycocotools import mask as coco

    # pycocotools counts them in a byte.
    pieces = [coco.area(codes[start : start + 255]) for start in range(0, len(codes), 255)]
    return np.concatenate([np.empty(0), *pieces])
