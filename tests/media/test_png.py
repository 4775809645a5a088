from __future__ import annotations

import io

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from labelwidgets.media.png import write_png


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
