"""Run-length codes against pycocotools and against a plain oracle."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray
from pycocotools import mask as coco

from labelwidgets.algorithms import decode_rle, encode_rle
from labelwidgets.errors import GeometryError

MASKS = arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=24))


def plain_runs(mask: NDArray[np.bool_]) -> list[int]:
    """Count the runs down the columns, one pixel after the other."""
    pixels = [bool(mask[y, x]) for x in range(mask.shape[1]) for y in range(mask.shape[0])]
    runs = [len(list(group)) for _, group in groupby(pixels)]
    return [0, *runs] if pixels[0] else runs


@given(MASKS)
def test_codes_are_byte_equal_to_pycocotools(mask: NDArray[np.bool_]) -> None:
    expected = coco.encode(np.asfortranarray(mask, dtype=np.uint8))
    assert encode_rle(mask) == {
        "size": expected["size"],
        "counts": expected["counts"].decode("ascii"),
    }


@given(MASKS)
def test_decoding_gives_the_mask_back(mask: NDArray[np.bool_]) -> None:
    decoded = decode_rle(encode_rle(mask))
    assert decoded.dtype == bool
    np.testing.assert_array_equal(decoded, mask)


@given(MASKS)
def test_plain_runs_and_their_string_are_one_mask(mask: NDArray[np.bool_]) -> None:
    size = list(mask.shape)
    runs = plain_runs(mask)
    np.testing.assert_array_equal(decode_rle({"size": size, "counts": runs}), mask)
    packed = coco.frPyObjects({"size": size, "counts": runs}, *size)
    assert packed["counts"].decode("ascii") == encode_rle(mask)["counts"]


@pytest.mark.parametrize("side", [40_000, 1_000_000])
def test_runs_of_many_digits(side: int) -> None:
    mask = np.zeros((side, 40), bool)
    mask[side // 3 :, 7:31] = True
    code = encode_rle(mask)
    expected = coco.encode(np.asfortranarray(mask, dtype=np.uint8))["counts"]
    assert code["counts"].encode() == expected
    np.testing.assert_array_equal(decode_rle(code), mask)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int32, np.float64])
def test_any_order_and_dtype(order: Any, dtype: type) -> None:
    mask = np.array([[0, 2, 0], [1, 0, 3]], dtype=dtype, order=order)
    np.testing.assert_array_equal(decode_rle(encode_rle(mask)), mask != 0)


@pytest.mark.parametrize(
    "mask", [np.zeros((0, 4)), np.zeros(4), np.zeros((2, 2, 2)), np.full((2, 2), "a")]
)
def test_what_is_no_mask_is_refused(mask: Any) -> None:
    with pytest.raises(GeometryError, match="mask"):
        encode_rle(mask)


@pytest.mark.parametrize(
    ("size", "counts"),
    [
        ([3, 4], "04"),
        ([3, 4], [5, 4]),
        ([3, 4], [13, -1]),
        ([3, 4], [12.0]),
        ([3, 4], "<P"),
        ([3, 4], "\u00e9"),
        ([3, 4], "\x7f"),
        ([3, 4], "ooooooooooooooooooo0"),
        ([3, 4], None),
        ([3, 4], [2**62, 2**62, 2**62, 2**62, 12]),
        ([3, 0], []),
        ([-3, -4], [12]),
        ([3], [3]),
        ("34", [12]),
        ([10**6, 10**6], [10**12]),
    ],
)
def test_broken_codes_are_refused(size: Any, counts: Any) -> None:
    with pytest.raises(GeometryError):
        decode_rle({"size": size, "counts": counts})


@given(st.binary(max_size=40))
def test_arbitrary_bytes_decode_or_raise(counts: bytes) -> None:
    try:
        mask = decode_rle({"size": [6, 7], "counts": counts})
    except GeometryError:
        return
    assert mask.shape == (6, 7)
