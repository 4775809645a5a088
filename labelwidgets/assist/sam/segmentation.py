"""What a decoder returns, as one mask of the size of the picture."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
from PIL import Image

from labelwidgets.assist.adapters.pictures import resized
from labelwidgets.assist.sam.frame import Frame
from labelwidgets.assist.sam.graphs import Decoder
from labelwidgets.errors import AssistantError
from labelwidgets.numbered import numbered


class Segmentation(msgspec.Struct, frozen=True):
    """One answer.

    Parameters
    ----------
    mask
        bool, (H, W) of the picture.
    confidence
        The overlap with the truth that the network expects of it, from 0 to 1.
    logits
        float32 (h, w), the answer in the network's own resolution, on which another can build;
        None where the decoder does not say it.
    """

    mask: npt.NDArray[np.bool_]
    confidence: float
    logits: npt.NDArray[np.float32] | None = None


def read(
    decoder: Decoder,
    made: dict[str, npt.NDArray[Any]],
    frame: Frame,
    side: int,
    count: int,
) -> Segmentation:
    """Return the best of the masks that a decoder returned, of the size of the picture.

    Parameters
    ----------
    decoder, made
        What it is, and what it returned.
    frame, side
        Where the picture lies in the square of the encoder, and how long its sides are.
    count
        How many points it was shown.

    Raises
    ------
    AssistantError
        If they are no masks, of another size, or not finite.
    """
    asked = asked_size(frame)
    masks, sure = made[decoder.masks], made[decoder.sure].reshape(-1)
    low = None if decoder.low is None else made[decoder.low]
    masks = masks.reshape(-1, *masks.shape[-2:]) if masks.ndim >= 2 else masks
    if masks.ndim != 3 or not len(masks) or len(masks) != len(sure):
        raise AssistantError(
            f"returned masks {made[decoder.masks].shape} and {numbered(len(sure), 'prediction')}.",
            where=decoder.path,
        )
    if not np.isfinite(sure).all():
        raise AssistantError("returned NaN or infinity.", where=decoder.path)
    best = _best(sure, count)
    logits = np.ascontiguousarray(masks[best], np.float32)
    if not np.isfinite(logits).all():
        raise AssistantError("returned NaN or infinity.", where=decoder.path)
    if decoder.sized and logits.shape != asked:
        raise AssistantError(
            f"returned a mask of {logits.shape}, was asked for {asked}.", where=decoder.path
        )
    if not decoder.sized:
        logits = _cropped(logits, frame, side)
    kept = None
    if decoder.refines and low is not None:
        low = low.reshape(-1, *low.shape[-2:])
        if len(low) != len(masks) or low.shape[1:] != decoder.low_size:
            raise AssistantError(
                f"returned {decoder.low} {made[decoder.low or ''].shape}, takes masks of "
                f"{decoder.low_size}.",
                where=decoder.path,
            )
        kept = np.nan_to_num(low[best].astype(np.float32))
    return Segmentation(positive(logits, frame.size), float(np.clip(sure[best], 0, 1)), kept)


def _best(sure: npt.NDArray[Any], count: int) -> int:
    """Return which mask answers so many points; see the notes of `PromptSegmenter`."""
    if len(sure) != 4:
        return int(sure.argmax())
    return int(sure[1:].argmax()) + 1 if count == 1 else 0


def asked_size(frame: Frame) -> tuple[int, int]:
    """Return the size of which masks are asked for: that of the picture, or less.

    A decoder makes its masks larger one after the other, whatever becomes of them. Of a large
    picture they are asked for as they lie in the square, and the best alone is made larger here:
    the same interpolation, as segment-anything's last step.
    """
    return frame.size if max(frame.size) <= max(frame.resized) else frame.resized


def positive(logits: npt.NDArray[np.float32], size: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """Return where logits, interpolated to a size, are above 0."""
    there = logits > 0
    if logits.shape == size:
        return there
    mask = np.zeros(size, bool)
    taken, placed, box = [], [], []
    for axis, full in enumerate(size):
        found = np.flatnonzero(there.any(axis=1 - axis))
        if not len(found):
            return mask
        length = logits.shape[axis]
        scale = length / full
        # What is interpolated is above 0 only next to what is, and looks as far again.
        reach = math.ceil(max(1.0, scale)) + 1
        first, last = max(0, found[0] - 2 * reach), min(length, found[-1] + 1 + 2 * reach)
        start = max(0, math.floor((found[0] - reach) / scale))
        stop = min(full, math.ceil((found[-1] + 1 + reach) / scale))
        taken.append(slice(first, last))
        placed.append(slice(start, stop))
        box.append((max(0.0, start * scale - first), min(stop * scale, last) - first))
    rows, columns = placed
    (upper, lower), (left, right) = box
    part = Image.fromarray(np.ascontiguousarray(logits[tuple(taken)])).resize(
        (columns.stop - columns.start, rows.stop - rows.start),
        Image.Resampling.BILINEAR,
        box=(left, upper, right, lower),
    )
    mask[rows, columns] = np.asarray(part) > 0
    return mask


def _cropped(logits: npt.NDArray[np.float32], frame: Frame, side: int) -> npt.NDArray[np.float32]:
    """Return a mask of the whole square, of any resolution, without what fills it up."""
    tall, wide = frame.resized
    if logits.shape != (side, side):
        logits = resized(logits[np.newaxis], (side, side))[0]
    return logits[:tall, :wide]
