"""What is done to a volume mask as a whole: on the box around it, as on the whole scan."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from labelwidgets import algorithms
from labelwidgets.algorithms import decode_rle, encode_rle
from labelwidgets.assist.volume_operations import depths_of, measure, operate
from labelwidgets.assist.voxel_box import box_of_volume
from labelwidgets.errors import GeometryError, ToolError
from labelwidgets.media.volumes import Facts, Grid
from labelwidgets.schema.geometry import RLE, VolumeMask
from labelwidgets.schema.patch import VolumePatch

Voxels = NDArray[np.bool_]
SHAPE = (6, 7, 8)
SPACING = (2.0, 0.5, 0.75)
GRID = Grid(SHAPE, SPACING, None, None)
VOXELS = st.tuples(st.integers(0, 2**32 - 1), st.floats(0.02, 0.6)).map(
    lambda it: np.random.default_rng(it[0]).random(SHAPE) < it[1]
)


def volume_mask(voxels: Voxels) -> VolumeMask:
    codes = {k: encode_rle(one) for k, one in enumerate(voxels) if one.any()}
    return VolumeMask({k: RLE(code["size"], code["counts"]) for k, code in codes.items()})


def voxels_of(mask: VolumeMask, shape: tuple[int, ...] = SHAPE) -> Voxels:
    made = np.zeros(shape, bool)
    for k, code in mask.slices.items():
        made[k] = decode_rle(code.to_coco())
    return made


def done(name: str, voxels: Voxels, grid: Grid = GRID, **numbers: float) -> Voxels:
    mask = volume_mask(voxels)
    patch = operate(name, mask, grid, numbers)
    if patch is None:
        return voxels
    assert isinstance(patch, VolumePatch)
    after = patch.applied_to(mask)
    # An edit is no larger than what it changes, and no slice is kept that is empty.
    changed = np.flatnonzero((voxels_of(after) != voxels).any(axis=(1, 2)))
    assert list(patch.slices) == changed.tolist()
    assert all(voxels_of(after)[k].any() for k in after.slices)
    return voxels_of(after)


@given(VOXELS, st.floats(0, 5))
def test_each_is_what_it_would_be_on_the_whole_scan(voxels: Voxels, margin: float) -> None:
    if not voxels.any():
        return
    pitch, depths = SPACING[1:], SPACING[0] * np.arange(SHAPE[0])
    same = np.testing.assert_array_equal
    same(done("fill", voxels), algorithms.fill_holes_3d(voxels))
    same(done("largest", voxels), algorithms.keep_largest_island_3d(voxels))
    same(done("small", voxels, least=3), algorithms.remove_small_islands_3d(voxels, 3))
    grown = algorithms.grow_mask_3d(voxels, margin, pitch, depths)
    same(done("grow", voxels, margin=margin), grown)
    shrunk = algorithms.shrink_mask_3d(voxels, margin, pitch, depths)
    same(done("shrink", voxels, margin=margin), shrunk)
    between = voxels.copy()
    for k, one in algorithms.interpolate_slices(dict(enumerate(voxels)), depths, pitch).items():
        between[k] = one
    same(done("interpolate", voxels), between)


@given(VOXELS)
def test_a_box_has_all_voxels_and_gives_them_back(voxels: Voxels) -> None:
    if not voxels.any():
        return
    mask = volume_mask(voxels)
    box = box_of_volume(mask, SHAPE, (1, 2, 0))
    first, top, left = box.corner
    deep, high, wide = box.voxels.shape
    part = voxels[first : first + deep, top : top + high, left : left + wide]
    np.testing.assert_array_equal(box.voxels, part)
    assert part.sum() == voxels.sum()
    assert box.patch_to(box.voxels) is None
    gone = box.patch_to(np.zeros_like(box.voxels))
    assert gone is not None
    assert gone.applied_to(mask).slices == {}


class Values:
    """A scan whose values are their places."""

    grid = GRID
    facts = Facts("CT", "HU")

    def values(self, index: int, /) -> NDArray[Any]:
        return (1000 * index + np.arange(56).reshape(SHAPE[1:])).astype(np.int16)

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(name)


def test_volume_and_values_are_measured() -> None:
    voxels = np.zeros(SHAPE, bool)
    voxels[1, 2, 3] = voxels[4, 5, 6] = voxels[4, 5, 7] = True
    found = measure(volume_mask(voxels), Values())  # type: ignore[arg-type]
    values = np.array([1019, 4046, 4047])
    assert found.voxels == 3
    assert found.millilitres == pytest.approx(3 * 2 * 0.5 * 0.75 / 1000)
    assert found.mean == pytest.approx(values.mean())
    assert found.deviation == pytest.approx(values.std())
    assert (found.least, found.most) == (1019, 4047)


def test_depths_are_along_the_normal_whatever_else_positions_do() -> None:
    affine = np.diag([0.75, 0.5, 2.0, 1.0])
    positions = np.array([[0, 0, 0], [5, 0, 2], [5, 7, 3]], float)
    grid = Grid((3, 4, 5), (2.0, 0.5, 0.75), affine, positions)
    np.testing.assert_allclose(depths_of(grid), [0, 2, 3])
    backwards = Grid((3, 4, 5), (2.0, 0.5, 0.75), affine, -positions)
    np.testing.assert_allclose(depths_of(backwards), [0, 2, 3])
    with pytest.raises(ToolError, match="do not follow"):
        depths_of(Grid((3, 4, 5), (2.0, 0.5, 0.75), affine, positions * [1, 1, 0]))


def test_what_makes_no_sense_is_refused() -> None:
    voxels = np.zeros(SHAPE, bool)
    with pytest.raises(ToolError, match="is empty"):
        operate("fill", volume_mask(voxels), GRID, {})
    voxels[1, 2, 3] = True
    mask = volume_mask(voxels)
    with pytest.raises(ToolError, match="no operation"):
        operate("melt", mask, GRID, {})
    with pytest.raises(ToolError, match="margin"):
        operate("grow", mask, GRID, {})
    with pytest.raises(GeometryError, match="margin"):
        operate("grow", mask, GRID, {"margin": 1e6})
    with pytest.raises(ToolError, match="millimetres mean nothing"):
        operate("shrink", mask, Grid(SHAPE), {"margin": 1})
    with pytest.raises(ToolError, match="within its scan"):
        operate("fill", mask, Grid((1, 7, 8), SPACING), {})
    with pytest.raises(ToolError, match="within its scan"):
        operate("fill", mask, Grid((6, 8, 7), SPACING), {})
    assert operate("interpolate", mask, Grid(SHAPE), {}) is None


def test_a_mask_that_spans_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labelwidgets.assist.voxel_box.MOST_VOXELS", 100)
    with pytest.raises(ToolError, match="at most 100"):
        operate("fill", volume_mask(np.ones(SHAPE, bool)), GRID, {})
