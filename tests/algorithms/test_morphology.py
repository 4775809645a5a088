"""Islands, holes and margins against the table that the browser shares, and against scipy."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray
from scipy import ndimage

from labelwidgets.algorithms import (
    decode_rle,
    encode_rle,
    fill_holes,
    grow_mask,
    keep_largest_island,
    remove_small_islands,
    shrink_mask,
)
from labelwidgets.errors import GeometryError
from tests.golden import make, painting

Bits = NDArray[np.bool_]
CASES: list[dict[str, Any]] = json.loads(make.MORPHOLOGY.read_text(encoding="utf-8"))["masks"]
MASKS = arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=24))


def test_the_table_is_what_its_maker_makes() -> None:
    made = make.text_of("masks", painting.morphology())
    assert made == make.MORPHOLOGY.read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_masks_become_those_of_the_table(case: dict[str, Any]) -> None:
    mask = decode_rle({"size": case["size"], "counts": case["mask"]})

    def is_code(made: Bits, counts: str) -> None:
        assert encode_rle(made) == {"size": case["size"], "counts": counts}

    is_code(keep_largest_island(mask), case["largest"])
    is_code(remove_small_islands(mask, 3), case["without islands below 3"])
    is_code(fill_holes(mask), case["filled"])
    for margin in painting.MARGINS:
        is_code(grow_mask(mask, margin), case["grown"][str(margin)])
        is_code(shrink_mask(mask, margin), case["shrunk"][str(margin)])


@given(MASKS)
def test_holes_are_those_of_scipy(mask: Bits) -> None:
    assert np.array_equal(fill_holes(mask), ndimage.binary_fill_holes(mask))


@given(MASKS, st.floats(0, 30))
def test_growing_holds_the_mask_and_shrinking_is_held_by_it(mask: Bits, margin: float) -> None:
    assert not (mask & ~grow_mask(mask, margin)).any()
    assert not (shrink_mask(mask, margin) & ~mask).any()


@given(MASKS, st.floats(0, 30))
def test_to_shrink_a_mask_is_to_grow_what_is_around_it(mask: Bits, margin: float) -> None:
    assert np.array_equal(shrink_mask(mask, margin), ~grow_mask(~mask, margin))


@given(MASKS)
def test_a_margin_of_nothing_changes_nothing(mask: Bits) -> None:
    assert np.array_equal(grow_mask(mask, 0), mask)
    assert np.array_equal(shrink_mask(mask, 0), mask)


@pytest.mark.parametrize(
    "act", [fill_holes, keep_largest_island, lambda mask: grow_mask(mask, 2.0)]
)
def test_what_is_given_stays_as_it_is(act: Callable[[Bits], Bits]) -> None:
    mask = np.zeros((20, 20), bool)
    mask[5:12, 5:12] = True
    mask[7:9, 7:9] = False
    mask[15, 15] = True
    before = mask.copy()
    made = act(mask)
    assert not np.array_equal(made, mask)
    assert np.array_equal(mask, before)


@pytest.mark.parametrize("margin", [-1, float("nan"), 1e9, "wide"])
def test_an_impossible_margin_is_refused(margin: Any) -> None:
    for act in (grow_mask, shrink_mask):
        with pytest.raises(GeometryError, match="margin"):
            act(np.ones((3, 3), bool), margin)


def test_a_negative_number_of_pixels_is_refused() -> None:
    with pytest.raises(GeometryError, match="least"):
        remove_small_islands(np.ones((3, 3), bool), -1)
