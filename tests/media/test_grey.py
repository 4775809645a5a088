"""Grey pictures of more than 8 bits keep their values on the way to the browser."""

from __future__ import annotations

import io
import zlib
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from labelwidgets.media.encoded import encode
from labelwidgets.media.grey import GREY16, GreyValues, pack


def unpack(data: bytes, values: GreyValues, shape: tuple[int, ...]) -> npt.NDArray[np.float64]:
    plain = zlib.decompress(data) if values.deflated else data
    numbers = np.frombuffer(plain, "<u2").reshape(shape)
    made = numbers * values.scale + values.offset
    return np.where(numbers == 0, np.nan, made) if values.gaps else made


@given(
    hnp.arrays(
        st.sampled_from([np.uint16, np.int16, np.int32, np.uint32, np.float32, np.float64]),
        hnp.array_shapes(min_dims=2, max_dims=2, max_side=6),
    )
)
@example(np.array([[0, np.finfo(np.float64).max]]))
@example(np.array([[0, np.finfo(np.float64).max, np.inf]]))
@example(np.array([[-np.finfo(np.float64).max, 0, np.inf]]))
@settings(deadline=None)
def test_values_come_back_to_half_a_step(pixels: npt.NDArray[Any]) -> None:
    data, values = pack(pixels)
    back = unpack(data, values, pixels.shape)
    finite = np.isfinite(pixels)
    assert (np.isnan(back) == ~finite).all()
    known = pixels[finite].astype(np.float64)
    slack = 0.0 if pixels.dtype in (np.uint16, np.int16) else abs(values.scale) * 0.501
    slack += np.abs(known).max(initial=0) * 1e-12
    if values.gaps and np.abs(known).max(initial=0) > np.finfo(np.float64).max / 2:
        # With a number for gaps there is no room for all steps up to the largest double.
        slack += abs(values.scale)
    assert (np.abs(back[finite] - known) <= slack).all()


@pytest.mark.parametrize(
    ("pixels", "offset"),
    [
        (np.array([[1000, 70_000]], np.int32), 1000),
        (np.array([[-5, 60_000]], np.int32), -5),
        (np.array([[0, 65_535]], np.uint32), 0),
        (np.array([[-32_768, 32_767]], np.int16), -32_768),
    ],
)
def test_whole_numbers_of_a_small_span_are_exact(pixels: npt.NDArray[Any], offset: int) -> None:
    data, values = pack(pixels)
    if int(pixels.max()) - int(pixels.min()) > 65_535:
        assert values.scale > 1
        return
    assert (values.scale, values.offset) == (1, offset)
    assert (unpack(data, values, pixels.shape) == pixels).all()


def test_a_picture_that_shrinks_is_deflated_and_noise_is_not() -> None:
    slow = np.repeat(np.arange(300, dtype=np.uint16)[:, None], 400, axis=1)
    assert pack(slow)[1].deflated
    noise = np.random.default_rng(3).integers(0, 1 << 16, (300, 400), dtype=np.uint16)
    assert not pack(noise)[1].deflated


def test_only_grey_goes_raw_and_the_still_picture_stays_eight_bits() -> None:
    buffer = io.BytesIO()
    Image.fromarray(np.arange(600, dtype=np.uint16).reshape(20, 30) * 100).save(buffer, "PNG")
    found = encode(buffer.getvalue())
    assert (found.mime, found.width, found.height) == (GREY16, 30, 20)
    assert found.values is not None
    assert found.values.low < found.values.high
    still = encode(buffer.getvalue(), raw=False)
    assert (still.mime, still.values) == ("image/png", None)
