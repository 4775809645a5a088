"""Masks as edges, against plain arrays and against the table that the browser's runs share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from labelwidgets.algorithms import runs as sets
from labelwidgets.algorithms.runs import Runs, mask_from_runs, runs_from_mask
from labelwidgets.errors import GeometryError

Bits = NDArray[np.bool_]

GOLDEN = Path(__file__).parents[1] / "golden"
CODES = json.loads((GOLDEN / "rle.json").read_text())["masks"]
SETS = json.loads((GOLDEN / "runs.json").read_text())["runs"]

SHAPES = array_shapes(min_dims=2, max_dims=2, max_side=9)
MASKS = arrays(bool, SHAPES)
PAIRS = SHAPES.flatmap(lambda shape: st.tuples(arrays(bool, shape), arrays(bool, shape)))
OFFSETS = st.integers(-5, 10)


def well_formed(runs: Runs) -> Bits:
    """Return the mask of runs that are as they should be."""
    edges = runs.edges
    assert edges.dtype == np.int64
    assert edges.size % 2 == 0
    assert (np.diff(edges) > 0).all()
    assert not edges.size or (edges[0] >= 0 and edges[-1] <= runs.size[0] * runs.size[1])
    mask = mask_from_runs(runs)
    assert mask.shape == runs.size
    return mask


def text(mask: Bits) -> str:
    return "".join("#" if bit else "." for bit in mask.ravel())


@pytest.mark.parametrize("case", CODES, ids=lambda case: case["name"])
def test_codes_of_pycocotools_go_to_runs_and_back(case: dict[str, Any]) -> None:
    made = sets.runs_of(case)
    mask = well_formed(made)
    assert text(mask) == case["pixels"]
    assert sets.rle_of(made) == {"size": case["size"], "counts": case["counts"]}
    assert sets.runs_area(made) == case["area"]
    assert sets.runs_bounds(made) == (tuple(case["box"]) if case["area"] else None)
    assert sets.equal_runs(made, runs_from_mask(mask))


@pytest.mark.parametrize("case", SETS, ids=lambda case: case["name"])
def test_sets_of_pixels_are_those_of_the_table(case: dict[str, Any]) -> None:
    a, b, part = (sets.runs_of(case[name]) for name in ("a", "b", "part"))
    x, y = case["at"]
    box = (x, y, part.size[1], part.size[0])
    found = {
        "unite": sets.unite(a, b),
        "subtract": sets.subtract(a, b),
        "intersect": sets.intersect(a, b),
        "differ": sets.differ(a, b),
        "invert": sets.invert(a),
        "crop": sets.crop_runs(a, box),
        "place": sets.place_runs(part, x, y, a.size),
        "splice": sets.splice_runs(a, x, y, part),
    }
    assert {name: sets.rle_of(made)["counts"] for name, made in found.items()} == case["counts"]


@given(PAIRS)
def test_sets_of_pixels_are_those_of_arrays(pair: tuple[Bits, Bits]) -> None:
    one, two = pair
    a, b = runs_from_mask(one), runs_from_mask(two)
    np.testing.assert_array_equal(well_formed(sets.unite(a, b)), one | two)
    np.testing.assert_array_equal(well_formed(sets.subtract(a, b)), one & ~two)
    np.testing.assert_array_equal(well_formed(sets.intersect(a, b)), one & two)
    np.testing.assert_array_equal(well_formed(sets.differ(a, b)), one ^ two)
    np.testing.assert_array_equal(well_formed(sets.invert(a)), ~one)
    assert sets.equal_runs(a, b) == np.array_equal(one, two)


@given(MASKS, st.floats(-2, 11), st.floats(-2, 11))
def test_area_box_and_what_lies_under_a_point(mask: Bits, x: float, y: float) -> None:
    made = runs_from_mask(mask)
    rows, columns = np.nonzero(mask)
    assert sets.runs_area(made) == rows.size
    expected = None
    if rows.size:
        left, top = columns.min(), rows.min()
        expected = (left, top, columns.max() + 1 - left, rows.max() + 1 - top)
    assert sets.runs_bounds(made) == expected
    inside = 0 <= x < mask.shape[1] and 0 <= y < mask.shape[0]
    assert sets.runs_contain(made, x, y) == (inside and mask[int(y), int(x)])


def window(mask: Bits, x: int, y: int, width: int, height: int) -> Bits:
    """Return the pixels of a box, False beyond the mask."""
    wide = np.pad(mask, 30)
    return wide[y + 30 : y + 30 + height, x + 30 : x + 30 + width]


@given(MASKS, OFFSETS, OFFSETS, st.integers(1, 9), st.integers(1, 9))
def test_a_crop_has_the_pixels_of_its_box(
    mask: Bits, x: int, y: int, width: int, height: int
) -> None:
    made = sets.crop_runs(runs_from_mask(mask), (x, y, width, height))
    np.testing.assert_array_equal(well_formed(made), window(mask, x, y, width, height))


@given(MASKS, OFFSETS, OFFSETS, SHAPES)
def test_a_mask_that_is_placed_is_cut_at_the_sides(
    mask: Bits, x: int, y: int, size: tuple[int, int]
) -> None:
    made = sets.place_runs(runs_from_mask(mask), x, y, size)
    np.testing.assert_array_equal(well_formed(made), window(mask, -x, -y, size[1], size[0]))


@given(MASKS, MASKS, OFFSETS, OFFSETS)
def test_a_splice_replaces_its_box_and_is_taken_back(
    mask: Bits, part: Bits, x: int, y: int
) -> None:
    before = runs_from_mask(mask)
    made = sets.splice_runs(before, x, y, runs_from_mask(part))
    wide = np.pad(mask, 30)
    wide[y + 30 : y + 30 + part.shape[0], x + 30 : x + 30 + part.shape[1]] = part
    np.testing.assert_array_equal(well_formed(made), wide[30:-30, 30:-30])
    was = sets.crop_runs(before, (x, y, part.shape[1], part.shape[0]))
    assert sets.equal_runs(sets.splice_runs(made, x, y, was), before)


def test_runs_of_no_length_in_a_file_are_no_runs() -> None:
    made = sets.runs_of({"size": [2, 3], "counts": [1, 2, 0, 1, 2, 0]})
    assert made.edges.tolist() == [1, 4]


def test_masks_of_two_sizes_do_not_go_together() -> None:
    with pytest.raises(GeometryError, match="do not go together"):
        sets.unite(sets.empty_runs((2, 3)), sets.empty_runs((3, 2)))
    with pytest.raises(GeometryError, match="do not go together"):
        sets.differ(sets.empty_runs((2, 3)), sets.empty_runs((3, 2)))


def test_a_code_too_long_for_a_browser_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labelwidgets.algorithms.counts.MAX_COUNTS", 1000)
    noise = np.random.default_rng(1).random((60, 60)) < 0.5
    with pytest.raises(GeometryError, match="at most 1000"):
        sets.rle_of(runs_from_mask(noise))
    with pytest.raises(GeometryError, match="at most 1000"):
        sets.runs_of({"size": [60, 60], "counts": "1" * 1001})
