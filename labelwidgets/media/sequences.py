"""Pictures of a sequence, shown at the size of its first one."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import numpy.typing as npt

from labelwidgets.media.encoded import Encoded
from labelwidgets.media.grey import GREY16, pack

Size = tuple[int, int]


def resized(pixels: npt.NDArray[Any], size: Size) -> npt.NDArray[Any]:
    """Return pixels at another size, bilinear.

    Parameters
    ----------
    pixels
        (H, W) or (H, W, C) of any type.
    size
        (width, height) in pixels.

    Returns
    -------
    ndarray
        (height, width) or (height, width, C), of the same type.
    """
    from skimage.transform import resize

    width, height = size
    if pixels.shape[:2] == (height, width):
        return pixels
    shape = (height, width, *pixels.shape[2:])
    made = resize(  # type: ignore[no-untyped-call]
        pixels, shape, order=1, mode="edge", preserve_range=True, anti_aliasing=False
    )
    if np.issubdtype(pixels.dtype, np.integer):
        made = made.round()
    converted: npt.NDArray[Any] = made.astype(pixels.dtype)
    return converted


def shown_at(picture: Encoded, pixels: npt.NDArray[Any] | None, size: Size) -> Encoded:
    """Return a picture for the browser that is shown at another size.

    Parameters
    ----------
    picture
        As it is.
    pixels
        Its values, needed where it is of the kind `GREY16`; the browser scales all others.
    size
        (width, height) in pixels.
    """
    width, height = size
    if (picture.width, picture.height) == size:
        return picture
    if picture.mime != GREY16 or pixels is None:
        return dataclasses.replace(picture, width=width, height=height)
    numbers, values = pack(resized(pixels, size))
    return Encoded(GREY16, numbers, width, height, values)
