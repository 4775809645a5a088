"""Masks of voxels: islands, cavities, margins and gaps between slices, against scipy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray
from scipy import ndimage

from labelwidgets.algorithms import (
    fill_holes_3d,
    grow_mask_3d,
    interpolate_slices,
    keep_largest_island_3d,
    remove_small_islands_3d,
    shrink_mask_3d,
)
from labelwidgets.errors import GeometryError

Voxels = NDArray[np.bool_]
VOXELS = array_shapes(min_dims=3, max_dims=3, max_side=7).flatmap(
    lambda shape: st.floats(0.05, 0.95).flatmap(
        lambda share: st.integers(0, 2**32 - 1).map(
            lambda seed: np.random.default_rng(seed).random(shape) < share
        )
    )
)
PITCH = st.tuples(st.sampled_from([0.5, 0.75, 1.0, 2.0]), st.sampled_from([0.5, 0.7, 1.0]))


@given(VOXELS)
def test_cavities_are_filled_as_scipy_fills_them(mask: Voxels) -> None:
    before = mask.copy()
    np.testing.assert_array_equal(fill_holes_3d(mask), ndimage.binary_fill_holes(mask))
    np.testing.assert_array_equal(mask, before)


@given(VOXELS)
def test_the_largest_island_is_that_of_scipy(mask: Voxels) -> None:
    labels, count = ndimage.label(mask)
    sizes = ndimage.sum_labels(mask, labels, range(1, count + 1))
    wanted = labels == 1 + np.argmax(sizes) if count else np.zeros_like(mask)
    np.testing.assert_array_equal(keep_largest_island_3d(mask), wanted)


@given(VOXELS, st.integers(0, 9))
def test_islands_that_are_large_enough_stay(mask: Voxels, least: int) -> None:
    labels, count = ndimage.label(mask)
    wanted = np.zeros_like(mask)
    for number in range(1, count + 1):
        island = labels == number
        if island.sum() >= least:
            wanted |= island
    np.testing.assert_array_equal(remove_small_islands_3d(mask, least), wanted)


@given(VOXELS, st.floats(0, 4), PITCH, st.sampled_from([0.5, 1.25, 3.0]))
def test_margins_are_those_of_the_distance_transform_of_the_volume(
    mask: Voxels, margin: float, pitch: tuple[float, float], between: float
) -> None:
    depths = between * np.arange(len(mask))
    sampling = (between, *pitch)
    rim = 1e-9 * max(1, margin * margin)
    grown = np.zeros_like(mask)
    if mask.any():
        squares = ndimage.distance_transform_edt(~mask, sampling=sampling) ** 2
        grown = squares <= margin**2 + rim
    np.testing.assert_array_equal(grow_mask_3d(mask, margin, pitch, depths), grown)
    shrunk = mask.copy()
    if not mask.all():
        squares = ndimage.distance_transform_edt(mask, sampling=sampling) ** 2
        shrunk = mask & (squares > margin**2 + rim)
    np.testing.assert_array_equal(shrink_mask_3d(mask, margin, pitch, depths), shrunk)


@given(VOXELS, st.floats(0, 4), st.data())
def test_margins_know_of_uneven_gaps(mask: Voxels, margin: float, data: st.DataObject) -> None:
    gaps = data.draw(
        st.lists(st.sampled_from([0.5, 1.0, 2.5]), min_size=len(mask), max_size=len(mask))
    )
    depths = np.cumsum(gaps)
    centres = np.argwhere(np.ones_like(mask)) * np.array([0.0, 1.0, 0.5])
    centres[:, 0] = depths[np.argwhere(np.ones_like(mask))[:, 0]]
    squares = ((centres[:, None] - centres[None]) ** 2).sum(axis=2)
    near = squares <= margin**2 + 1e-9 * max(1, margin**2)
    flat = mask.ravel()
    grown = (near & flat).any(axis=1).reshape(mask.shape)
    shrunk = (flat & ~(near & ~flat).any(axis=1)).reshape(mask.shape)
    np.testing.assert_array_equal(grow_mask_3d(mask, margin, (1, 0.5), depths), grown)
    np.testing.assert_array_equal(shrink_mask_3d(mask, margin, (1, 0.5), depths), shrunk)


def test_a_voxel_exactly_at_the_margin_counts() -> None:
    mask = np.zeros((7, 9, 9), bool)
    mask[3, 4, 4] = True
    grown = grow_mask_3d(mask, 3, (0.75, 0.75), 1.5 * np.arange(7))
    assert grown[5, 4, 4]
    assert grown[3, 8, 4]
    assert not grown[5, 4, 5]


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"margin": -1}, "margin"),
        ({"margin": float("nan")}, "margin"),
        ({"margin": 1e9}, "margin"),
        ({"pitch": (0, 1)}, "pitch"),
        ({"pitch": (float("inf"), 1)}, "pitch"),
        ({"depths": [0, 1]}, "depths"),
        ({"depths": [0, 1, 1]}, "depths"),
        ({"depths": [0, float("nan"), 1]}, "depths"),
        ({"mask": np.ones((2, 2))}, "mask"),
        ({"mask": np.array([[["a"]]])}, "mask"),
    ],
)
def test_impossible_margins_are_refused_by_name(fields: dict[str, Any], where: str) -> None:
    good: dict[str, Any] = {
        "mask": np.ones((3, 2, 2), bool),
        "margin": 1,
        "pitch": (1, 1),
        "depths": [0, 1, 2],
    }
    for change in (grow_mask_3d, shrink_mask_3d):
        change(**good)
        with pytest.raises(GeometryError, match=where):
            change(**{**good, **fields})


def disc(radius: float, at: tuple[float, float] = (20, 20), size: int = 41) -> Voxels:
    rows, columns = np.mgrid[:size, :size]
    made: Voxels = (rows - at[0]) ** 2 + (columns - at[1]) ** 2 <= radius**2
    return made


def test_between_two_discs_lies_a_cone() -> None:
    made = interpolate_slices({0: disc(4), 8: disc(16)}, np.arange(9))
    assert made.keys() == set(range(1, 8))
    for k, found in made.items():
        wanted = disc(4 + 12 * k / 8)
        # To half a pixel: the outlines of discs of pixels are not round.
        assert not (found & ~disc(4 + 12 * k / 8 + 0.8)).any()
        assert not (disc(4 + 12 * k / 8 - 0.8) & ~found).any()
        assert (found != wanted).sum() < 0.1 * wanted.sum() + 8


def test_gaps_count_by_how_far_apart_slices_lie() -> None:
    near = interpolate_slices({0: disc(4), 2: disc(16)}, [0, 1, 10])[1]
    far = interpolate_slices({0: disc(4), 2: disc(16)}, [0, 9, 10])[1]
    assert near.sum() < disc(6).sum() < disc(14).sum() < far.sum()


@given(st.lists(arrays(bool, (6, 5)), min_size=1, max_size=7), PITCH)
def test_interpolation_is_that_of_signed_distances_and_only_fills_gaps(
    masks: list[Voxels], pitch: tuple[float, float]
) -> None:
    slices = {2 * k + k % 2: mask for k, mask in enumerate(masks)}
    depths = np.cumsum(np.linspace(1, 2, 16))
    found = interpolate_slices(slices, depths, pitch)
    labelled = sorted(k for k, mask in slices.items() if mask.any())
    half = np.sqrt(pitch[0] * pitch[1]) / 2

    def signed(mask: Voxels) -> NDArray[np.float64]:
        wide = np.pad(mask, 6)
        inside = ndimage.distance_transform_edt(wide, sampling=pitch)
        outside = ndimage.distance_transform_edt(~wide, sampling=pitch)
        made = np.where(wide, inside - half, half - outside)
        return np.asarray(made[6:-6, 6:-6])

    for k in range(16):
        below = [one for one in labelled if one <= k]
        above = [one for one in labelled if one >= k]
        if k in labelled or not below or not above:
            assert k not in found
            continue
        low, high = below[-1], above[0]
        part = (depths[k] - depths[low]) / (depths[high] - depths[low])
        level = (1 - part) * signed(slices[low]) + part * signed(slices[high])
        # Where both cancel out, rounding decides.
        sure = np.abs(level) > 1e-9
        np.testing.assert_array_equal(found.get(k, np.zeros((6, 5), bool))[sure], (level > 0)[sure])
    assert all(mask.any() for mask in found.values())


def test_slices_of_two_sizes_or_without_a_depth_are_refused() -> None:
    with pytest.raises(GeometryError, match="one size"):
        interpolate_slices({0: disc(3), 2: disc(3, size=40)}, np.arange(3))
    with pytest.raises(GeometryError, match="depth"):
        interpolate_slices({0: disc(3), 5: disc(3)}, np.arange(3))
