from __future__ import annotations

import io

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from labelwidgets.media.png import write_map_png, write_png


@given(
    st.integers(1, 20), st.integers(1, 20), st.sampled_from([0, 3, 4]), st.integers(0, 2**32 - 1)
)
def test_every_pixel_comes_back(height: int, width: int, channels: int, seed: int) -> None:
    shape = (height, width, channels) if channels else (height, width)
    pixels = np.random.default_rng(seed).integers(0, 256, shape, np.uint8)
    for given_ in (pixels, pixels[::-1, ::-1]):
        image = Image.open(io.BytesIO(write_png(given_)))
        assert image.mode == {0: "L", 3: "RGB", 4: "RGBA"}[channels]
        np.testing.assert_array_equal(np.asarray(image), given_)


@given(st.integers(1, 20), st.integers(1, 20), st.booleans(), st.integers(0, 2**32 - 1))
def test_every_number_comes_back(height: int, width: int, wide: bool, seed: int) -> None:
    dtype = np.uint16 if wide else np.uint8
    values = np.random.default_rng(seed).integers(
        0, np.iinfo(dtype).max + 1, (height, width), dtype
    )
    for given_ in (values, values[::-1, ::-1]):
        image = Image.open(io.BytesIO(write_map_png(given_)))
        assert image.mode == ("I;16" if wide else "L")
        np.testing.assert_array_equal(np.asarray(image), given_)
    if not wide:
        palette = list(range(256)) * 3
        image = Image.open(io.BytesIO(write_map_png(values, palette)))
        assert (image.mode, image.getpalette()) == ("P", palette)
        np.testing.assert_array_equal(np.asarray(image), values)
        colours = np.stack([values, values[::-1], values], axis=2)
        image = Image.open(io.BytesIO(write_map_png(colours)))
        np.testing.assert_array_equal(np.asarray(image), colours)
