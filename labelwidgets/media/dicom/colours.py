"""Colours of samples, as RGB of 8 bits (DICOM PS3.3 C.7.6.3.1.2)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from labelwidgets.errors import ImageError
from labelwidgets.media.dicom.slice_header import SliceHeader

# Of JPEG and JPEG 2000, whose decoders give RGB for these.
_TRANSFORMED = ("YBR_ICT", "YBR_RCT")
_SYNTAXES = ("50", "51", "53", "55", "110", "111", "112")
_JPEG = tuple(f"1.2.840.10008.1.2.4.{last}" for last in _SYNTAXES)
_RED, _BLUE = np.float32(1.402), np.float32(1.772)


def rgb_of(stored: npt.NDArray[Any], header: SliceHeader, where: str) -> npt.NDArray[np.uint8]:
    """Return the colours of samples.

    Parameters
    ----------
    stored
        (rows, columns, 3 or 4), as decoded; of more than 8 bits the upper 8 of those stored.
    header
        Says what the samples are.
    where
        The name that errors give to the file.

    Returns
    -------
    ndarray
        (rows, columns, 3) uint8.

    Raises
    ------
    ImageError
        If they are in a colour space that has long left the standard.
    """
    kind = header.photometric
    if stored.shape[2] == 4:
        if kind != "ARGB":
            raise ImageError(f"has four samples of {kind[:32] or 'no kind'}.", where=where)
        stored, kind = stored[..., 1:], "RGB"
    bits = min(header.bits_stored, 8 * stored.dtype.itemsize) or 8 * stored.dtype.itemsize
    eight = stored if bits <= 8 else stored >> (bits - 8)
    samples = np.ascontiguousarray(eight).astype(np.uint8, copy=False)
    if kind in ("RGB", *_TRANSFORMED) or header.transfer_syntax in _JPEG:
        return samples
    if kind in ("YBR_FULL", "YBR_FULL_422"):
        return _converted(samples, 1.0, 0.0, 1.0)
    if kind in ("YBR_PARTIAL_422", "YBR_PARTIAL_420"):
        # From 16 to 235 and from 16 to 240.
        return _converted(samples, 255 / 219, 16.0, 255 / 224)
    raise ImageError(f"has colours of an unknown kind: {kind[:32]!r}.", where=where)


def _converted(
    samples: npt.NDArray[np.uint8], steep: float, black: float, vivid: float
) -> npt.NDArray[np.uint8]:
    """Return RGB of luminance and colour differences (ITU-R BT.601)."""
    light = (samples[..., 0].astype(np.float32) - np.float32(black)) * np.float32(steep)
    blue = (samples[..., 1].astype(np.float32) - 128) * np.float32(vivid)
    red = (samples[..., 2].astype(np.float32) - 128) * np.float32(vivid)
    made = np.empty(samples.shape, np.float32)
    made[..., 0] = light + _RED * red
    made[..., 1] = light - np.float32(0.114 * 1.772 / 0.587) * blue
    made[..., 1] -= np.float32(0.299 * 1.402 / 0.587) * red
    made[..., 2] = light + _BLUE * blue
    shades: npt.NDArray[np.uint8] = np.clip(np.floor(made + 0.5), 0, 255).astype(np.uint8)
    return shades
