"""Patches of masks."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from labelwidgets.algorithms import decode_rle, encode_rle
from labelwidgets.errors import GeometryError
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Mask, Rectangle
from labelwidgets.schema.patch import MaskPatch

Bits = NDArray[np.bool_]
SHAPES = array_shapes(min_dims=2, max_dims=2, max_side=9)


def mask(bits: Bits) -> Mask:
    return Mask(encode_rle(bits))  # type: ignore[arg-type]


def pixels(geometry: Mask) -> Bits:
    return decode_rle(geometry.rle.to_coco())


@given(arrays(bool, SHAPES), arrays(bool, SHAPES), st.integers(0, 8), st.integers(0, 8))
def test_a_patch_replaces_its_box_and_is_taken_back(
    whole: Bits, part: Bits, x: int, y: int
) -> None:
    patch = MaskPatch(x, y, mask(part).rle)
    before = mask(whole)
    if y + part.shape[0] > whole.shape[0] or x + part.shape[1] > whole.shape[1]:
        for change in (patch.applied_to, patch.back):
            with pytest.raises(GeometryError, match="leaves the mask"):
                change(before)
        return
    after = patch.applied_to(before)
    expected = whole.copy()
    expected[y : y + part.shape[0], x : x + part.shape[1]] = part
    np.testing.assert_array_equal(pixels(after), expected)
    assert patch.back(before).applied_to(after) == before
    assert patch.back(after) == patch


def test_only_masks_are_patched() -> None:
    patch = MaskPatch(0, 0, mask(np.ones((2, 2), bool)).rle)
    with pytest.raises(GeometryError, match="the annotation is a rectangle"):
        patch.applied_to(Rectangle(0, 0, 5, 5))


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"x": -1}, "x"),
        ({"y": 1.5}, "y"),
        ({"x": True}, "x"),
        ({"y": "1"}, "y"),
        ({"rle": {"size": [2, 2]}}, "rle"),
        ({"rle": {"size": [2, 2], "counts": "5"}}, "counts"),
        ({"rle": {"size": [0, 2], "counts": ""}}, "size"),
    ],
)
def test_bad_patches_are_refused_by_field(fields: dict[str, Any], where: str) -> None:
    good = {"x": 0, "y": 0, "rle": {"size": [2, 2], "counts": "4"}}
    assert MaskPatch(**good).x == 0  # type: ignore[arg-type]
    with pytest.raises(GeometryError, match=where):
        MaskPatch(**{**good, **fields})


def test_a_patch_is_no_geometry_of_an_annotation() -> None:
    patch = {"type": "maskpatch", "x": 0, "y": 0, "rle": {"size": [2, 2], "counts": "4"}}
    assert msgspec.to_builtins(msgspec.convert(patch, MaskPatch)) == {
        **patch,
        "rle": {"size": (2, 2), "counts": "4"},
    }
    with pytest.raises(ValueError, match="maskpatch"):
        Annotation.from_dict({"item_id": "i", "class_name": "car", "geometry": patch})
