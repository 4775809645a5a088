"""Images as planes in which distances are those that people see."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.algorithms.compiling import compiles
from labelwidgets.errors import SchemaError

Planes: TypeAlias = NDArray[np.float32]
Image: TypeAlias = NDArray[Any]

MAX_PIXELS = 2**31 - 1
# What lies outside these percentiles of a grey image is black or white.
DARKEST, LIGHTEST = 0.5, 99.5
_SAMPLES = 1 << 18
_ROOTS = 8192

_SRGB_TO_XYZ = np.array(
    [
        [0.412453, 0.357580, 0.180423],
        [0.212671, 0.715160, 0.072169],
        [0.019334, 0.119193, 0.950227],
    ]
)
_D65 = np.array([0.95047, 1.0, 1.08883])


def as_image(image: ArrayLike) -> Image:
    """Return `image` as (H, W) or (H, W, 3 or 4) numbers.

    Raises
    ------
    SchemaError
        If it is not an image: no pixels, other dimensions, no numbers, or too large.
    """
    array = np.asarray(image)
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if (
        array.ndim not in (2, 3)
        or not array.size
        or (array.ndim == 3 and array.shape[2] not in (3, 4))
    ):
        raise SchemaError(
            f"must be a (height, width) or (height, width, 3 or 4) array with pixels, "
            f"not one of shape {array.shape}.",
            where="image",
        )
    if array.dtype.kind not in "buif":
        raise SchemaError(f"must be of numbers, not {array.dtype}.", where="image")
    if array.shape[0] * array.shape[1] > MAX_PIXELS:
        raise SchemaError(f"has more than {MAX_PIXELS} pixels.", where="image")
    return array


def planes_of(image: Image) -> Planes:
    """Return (3, H, W) CIELAB of a colour image, (1, H, W) lightness of a grey one, 0 to 100.

    A colour image of uint8 is sRGB, and so is a grey one. Values of other
    types are stretched from the percentiles 0.5 and 99.5 (of all channels
    together) to black and white first; NaN is black. Transparency is not
    looked at.
    """
    if image.dtype == bool:
        image = image.astype(np.uint8) * np.uint8(255)
    if image.ndim == 2:
        if image.dtype == np.uint8:
            return _LIGHTNESS[image][np.newaxis]
        return stretched(image, 100.0)[np.newaxis]
    if image.dtype != np.uint8:
        image = np.rint(stretched(image[:, :, :3], 255.0)).astype(np.uint8)
    if not compiles():
        from skimage.color import rgb2lab

        lab = rgb2lab(image[:, :, :3])
        return np.ascontiguousarray(np.moveaxis(lab, 2, 0), dtype=np.float32)
    from labelwidgets.algorithms.superpixels.clustering_kernels import fill_lab

    planes = np.empty((3, *image.shape[:2]), np.float32)
    fill_lab(np.ascontiguousarray(image), _LINEAR, _TO_ROOT, _ROOT, planes)
    return planes


def stretched(values: Image, white: float) -> NDArray[np.float32]:
    """Return values from robust black to robust white as 0 to `white`, clipped."""
    flat = values.reshape(-1)
    sample = flat[:: max(1, flat.size // _SAMPLES)].astype(np.float64)
    sample = sample[np.isfinite(sample)]
    if not sample.size:
        return np.zeros(values.shape, np.float32)
    low, high = np.percentile(sample, (DARKEST, LIGHTEST))
    if not high > low:
        # Nearly all is of one value; what there is of others still counts.
        low, high = float(sample.min()), float(sample.max())
    if values.dtype.kind in "iu" and values.dtype.itemsize <= 2:
        # Each value once; negative ones count from the end of the table, as indices do.
        kind = np.iinfo(values.dtype)
        every = np.concatenate([np.arange(kind.max + 1), np.arange(kind.min, 0)])
        return _stretch(every, low, high, white)[values]
    return _stretch(values, low, high, white)


def _stretch(values: Image, low: float, high: float, white: float) -> NDArray[np.float32]:
    if not high > low:
        return np.zeros(values.shape, np.float32)
    # Halves, as the whole way between two floats may be more than a float holds.
    part = (np.clip(values, low, high) / 2 - low / 2) / (high / 2 - low / 2) * white
    return np.nan_to_num(part, nan=0.0).astype(np.float32)


def _cie_f(t: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(t > 0.008856, np.cbrt(t), 7.787 * t + 16 / 116)


def _linear() -> NDArray[np.float64]:
    value = np.arange(256) / 255
    return np.where(value > 0.04045, ((value + 0.055) / 1.055) ** 2.4, value / 12.92)


_LINEAR = _linear().astype(np.float32)
_ROOT = _cie_f(np.arange(_ROOTS + 1) / _ROOTS).astype(np.float32)
_TO_ROOT = (_SRGB_TO_XYZ / _D65[:, np.newaxis] * _ROOTS).astype(np.float32)
_LIGHTNESS = (116 * _cie_f(_linear()) - 16).astype(np.float32)
