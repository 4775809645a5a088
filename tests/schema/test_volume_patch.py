"""Patches of volume masks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from unittest.mock import patch

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwidgets.algorithms import encode_rle
from labelwidgets.errors import GeometryError
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import RLE, Mask, VolumeMask
from labelwidgets.schema.patch import VolumePatch
from labelwidgets.schema.run_length import MAX_SLICES

GOLDEN = Path(__file__).parents[1] / "golden" / "volume_patches.json"


def code(bits: int, size: tuple[int, int] = (2, 3)) -> RLE:
    pixels = [bits >> place & 1 for place in range(size[0] * size[1])]
    made = encode_rle(np.reshape(pixels, size))
    return RLE(made["size"], made["counts"])


CODES = st.integers(0, 63).map(code)
MASKS = st.dictionaries(st.integers(0, 5), CODES, max_size=4).map(VolumeMask)
PATCHES = st.dictionaries(st.integers(0, 5), st.none() | CODES, min_size=1, max_size=4).map(
    VolumePatch
)


@given(MASKS, PATCHES)
def test_a_patch_replaces_its_slices_and_is_taken_back(
    before: VolumeMask, patch: VolumePatch
) -> None:
    after = patch.applied_to(before)
    for key in {*before.slices, *patch.slices}:
        wanted = patch.slices[key] if key in patch.slices else before.slices[key]
        assert after.slices.get(key) == wanted
    assert patch.back(before).applied_to(after) == before
    assert patch.back(after) == patch
    assert list(after.slices) == sorted(after.slices)


def test_a_patch_does_as_in_the_browser() -> None:
    for case in json.loads(GOLDEN.read_text())["cases"]:
        before = msgspec.convert(case["before"], VolumeMask, str_keys=True)
        patch = msgspec.convert(case["patch"], VolumePatch, str_keys=True)
        assert json.loads(msgspec.json.encode(patch.applied_to(before))) == case["after"]
        assert json.loads(msgspec.json.encode(patch.back(before))) == case["back"]


def test_only_volume_masks_of_its_size_are_patched() -> None:
    patch = VolumePatch({1: code(5)})
    with pytest.raises(GeometryError, match="the annotation is a mask"):
        patch.applied_to(Mask(code(5)))
    with pytest.raises(GeometryError, match=r"slices of 3 x 2 pixels, those of the mask .* 2 x 2"):
        patch.back(VolumeMask({7: code(5, (2, 2))}))


@pytest.mark.parametrize(
    ("slices", "where"),
    [
        ({}, "slices"),
        ({-1: None}, r"slices\[-1\]"),
        ({MAX_SLICES: None}, "slices"),
        ({True: None}, "slices"),
        ({0: {"size": [2, 3]}}, r"slices\[0\]"),
        ({0: {"size": [2, 3], "counts": "9"}}, "counts"),
        ({0: code(1), 1: code(1, (3, 2))}, "of one size"),
    ],
)
def test_bad_patches_are_refused_by_slice(slices: Any, where: str) -> None:
    with pytest.raises(GeometryError, match=where):
        VolumePatch(slices)


def test_a_patch_is_no_geometry_of_an_annotation() -> None:
    patch = {"type": "volumepatch", "slices": {"3": None}}
    assert msgspec.convert(patch, VolumePatch, str_keys=True) == VolumePatch({3: None})
    with pytest.raises(ValueError, match="volumepatch"):
        Annotation.from_dict({"item_id": "i", "class_name": "lung", "geometry": patch})


def test_a_volume_mask_is_no_larger_than_a_page_can_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labelwidgets.schema.run_length.MAX_CODE", 10)
    with pytest.raises(GeometryError, match="at most 10"):
        VolumeMask({k: code(0b101010) for k in range(9)})


def test_more_slices_than_a_scan_has_are_refused_before_their_codes_are_read() -> None:
    codes = dict.fromkeys(range(2**20), code(1))
    with patch("labelwidgets.schema.patch.read_slices") as read:
        with pytest.raises(GeometryError, match="slice indices from 0 to 19999"):
            VolumePatch(codes)
        read.assert_not_called()
