"""Pictures as models want them: planes of numbers from 0 to 1, or a picture of Pillow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from labelwidgets.errors import AssistantError
from labelwidgets.numbered import numbered

if TYPE_CHECKING:
    from PIL.Image import Image

# As the human eye weighs red, green and blue (ITU-R BT.601).
_WEIGHTS = (0.299, 0.587, 0.114)


def as_planes(pixels: npt.NDArray[Any], channels: int | None = 3) -> npt.NDArray[np.float32]:
    """Return a picture as (channels, H, W) float32, whole numbers as shares of the largest.

    Parameters
    ----------
    pixels
        (H, W) or (H, W, C). Floats stay as they are, bool is 0 and 1.
    channels
        1 makes grey of colours, 3 colours of grey, and an alpha channel is left out; None leaves
        as many as there are.

    Raises
    ------
    AssistantError
        If the picture has other channels.
    """
    array = pixels[..., np.newaxis] if pixels.ndim == 2 else pixels
    if channels == 3 and array.shape[2] == 2:
        array = array[..., :1]
    if channels == 3 and array.shape[2] == 4:
        array = array[..., :3]
    planes = array.transpose(2, 0, 1).astype(np.float32)
    if array.dtype.kind in "ui":
        planes /= np.float32(np.iinfo(array.dtype).max)
    if channels is None or len(planes) == channels:
        return planes
    if channels == 3 and len(planes) == 1:
        return np.repeat(planes, 3, axis=0)
    if channels == 1 and len(planes) >= 3:
        return np.tensordot(np.asarray(_WEIGHTS, np.float32), planes[:3], axes=1)[np.newaxis]
    if channels == 1 and len(planes) == 2:
        return planes[:1]
    raise AssistantError(
        f"wants pictures of {numbered(channels, 'channel')}, this one has {len(planes)}.",
        hint="Say how they are made: preprocess=..., of an estimator features=...",
    )


def as_picture(pixels: npt.NDArray[Any]) -> Image:
    """Return a picture as RGB of Pillow; values of more than 8 bits are scaled to their range."""
    from PIL import Image

    array = np.asarray(pixels)
    if array.dtype != np.uint8:
        low, high = float(array.min(initial=0)), float(array.max(initial=0))
        scale = 255.0 / (high - low) if high > low else 0.0
        array = ((array.astype(np.float32) - low) * scale).round().astype(np.uint8)
    if array.ndim == 3 and array.shape[2] in (1, 2):
        array = array[..., 0]
    if array.ndim == 3 and array.shape[2] > 4:
        array = array[..., :3]
    return Image.fromarray(np.ascontiguousarray(array)).convert("RGB")


def resized(planes: npt.NDArray[np.float32], size: tuple[int, int]) -> npt.NDArray[np.float32]:
    """Return planes (C, H, W) of another size, bilinear."""
    from PIL import Image

    height, width = size
    return np.stack(
        [
            np.asarray(Image.fromarray(one).resize((width, height), Image.Resampling.BILINEAR))
            for one in planes.astype(np.float32)
        ]
    )
