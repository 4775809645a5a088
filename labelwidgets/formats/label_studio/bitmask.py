"""Label Studio's bitmasks: PNG files in data URLs, black where it is painted, else transparent.

Source: Label Studio's documentation of the tags ``BitMask`` and ``BitMaskLabels``.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

import numpy as np
import numpy.typing as npt

from labelwidgets.errors import FormatError
from labelwidgets.formats.mask_pictures import read_painted

MAX_CHARACTERS = 1 << 26
_PREFIX = "data:image/png;base64,"
_WHERE = "imageDataURL"


def decode_bitmask(code: Any, size: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """Return what is painted, (height, width).

    Parameters
    ----------
    code
        The data URL.
    size
        (width, height) of the picture in pixels.

    Raises
    ------
    FormatError
        If it is none of a PNG, or that of a picture of another size.
    ImageError
        If the PNG is damaged.
    LimitError
        If there are too many pixels.
    """
    if not isinstance(code, str) or not code.startswith(_PREFIX) or len(code) > MAX_CHARACTERS:
        raise FormatError(
            f"must be {_PREFIX}... of at most {MAX_CHARACTERS} characters.", where=_WHERE
        )
    try:
        data = base64.b64decode(code[len(_PREFIX) :], validate=True)
    except (binascii.Error, ValueError):
        raise FormatError("is no base64.", where=_WHERE) from None
    return read_painted(data, _WHERE, size)
