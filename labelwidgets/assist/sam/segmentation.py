"""What a decoder returns, as one mask of the size of the picture."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from labelwidgets.assist.adapters.pictures import resized
from labelwidgets.assist.sam.frame import Frame
from labelwidgets.assist.sam.graphs import Decoder
from labelwidgets.errors import AssistantError

# Larger pictures are answered for in fewer pixels: an answer has no more detail than 256 x 256.
_MOST_PIXELS = 1 << 24


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
    asked = asked_size(frame.size)
    masks, sure = made[decoder.masks], made[decoder.sure].reshape(-1)
    low = None if decoder.low is None else made[decoder.low]
    masks = masks.reshape(-1, *masks.shape[-2:]) if masks.ndim >= 2 else masks
    if masks.ndim != 3 or not len(masks) or len(masks) != len(sure):
        raise AssistantError(
            f"returned masks {made[decoder.masks].shape} and {len(sure)} predictions.",
            where=decoder.path,
        )
    if not np.isfinite(sure).all():
        raise AssistantError("returned NaN or infinity.", where=decoder.path)
    best = _best(sure, count)
    logits = masks[best].astype(np.float32)
    if not np.isfinite(logits).all():
        raise AssistantError("returned NaN or infinity.", where=decoder.path)
    if decoder.sized and logits.shape != asked:
        raise AssistantError(
            f"returned a mask of {logits.shape}, was asked for {asked}.", where=decoder.path
        )
    if not decoder.sized:
        logits = _cropped(logits, frame, side)
    if logits.shape != frame.size:
        logits = resized(logits[np.newaxis], frame.size)[0]
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
    return Segmentation(logits > 0, float(np.clip(sure[best], 0, 1)), kept)


def _best(sure: npt.NDArray[Any], count: int) -> int:
    """Return which mask answers so many points; see the notes of `PromptSegmenter`."""
    if len(sure) != 4:
        return int(sure.argmax())
    return int(sure[1:].argmax()) + 1 if count == 1 else 0


def asked_size(size: tuple[int, int]) -> tuple[int, int]:
    """Return the size of which a mask is asked for: that of the picture, or less."""
    height, width = size
    share = min(1.0, (_MOST_PIXELS / (height * width)) ** 0.5)
    return max(1, round(height * share)), max(1, round(width * share))


def _cropped(logits: npt.NDArray[np.float32], frame: Frame, side: int) -> npt.NDArray[np.float32]:
    """Return a mask of the whole square, of any resolution, without what fills it up."""
    tall, wide = frame.resized
    if logits.shape != (side, side):
        logits = resized(logits[np.newaxis], (side, side))[0]
    return logits[:tall, :wide]
