"""Cuts across the slices of a scan, against the shared table, plain numpy and SimpleITK."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwidgets.algorithms.reformatting import CutLayout, Plane, cut_layout, cut_picture

CASES = json.loads((Path(__file__).parents[1] / "golden" / "cuts.json").read_text())["cuts"]


def _lattice(
    shape: tuple[int, int, int] = (5, 6, 7),
    pixel: tuple[float, float] = (1.0, 1.0),
    gaps: tuple[float, ...] = (2.0,),
    tilt: float = 0.0,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """An axial scan whose slices are slid along their columns by `tilt` for each millimetre."""
    heights = np.concatenate([[0.0], np.cumsum([gaps[k % len(gaps)] for k in range(shape[0] - 1)])])
    positions = heights[:, None] * np.array([0.0, tilt, 1.0])
    affine = np.diag([pixel[1], pixel[0], gaps[0], 1.0])
    affine[:3, 2] = gaps[0] * np.array([0.0, tilt, 1.0])
    return affine, positions


def _cut(
    volume: npt.NDArray[Any], layout: CutLayout, plane: Plane, index: int, **given: Any
) -> npt.NDArray[np.float64]:
    lines = volume[:, index] if plane == "row" else volume[:, :, index]
    return cut_picture(lines, layout, **given)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_every_voxel_is_where_the_shared_table_has_it(case: dict[str, Any]) -> None:
    shape = tuple(case["shape"])
    layout = cut_layout(shape, np.array(case["affine"]), np.array(case["positions"]), case["plane"])
    assert [layout.width, layout.height] == case["size"]
    assert layout.pitch == pytest.approx(case["pitch"])
    # Coordinates as values: a voxel's own come out where the table has it, between pixels too.
    for axis, held in ((0, False), (2 if case["plane"] == "row" else 1, True)):
        volume = np.indices(shape)[axis].astype(float)
        picture = _cut(volume, layout, case["plane"], 2)
        for voxel, (x, y) in case["places"]:
            column, row = int(np.floor(x)), int(np.floor(y))
            at = np.array([x - 0.5, y - 0.5])
            if np.abs(at - np.rint(at)).max() > 1e-6 or not (
                0 <= column < layout.width and 0 <= row < layout.height
            ):
                continue
            expected = (voxel[0] if case["plane"] == "row" else voxel[1]) if held else voxel[2]
            assert picture[row, column] == pytest.approx(expected, abs=1e-5)


@given(
    st.sampled_from(["row", "column"]),
    st.tuples(st.sampled_from([0.5, 1.0, 1.5]), st.sampled_from([0.5, 1.0])),
    st.lists(st.sampled_from([0.5, 1.0, 2.5, 6.0]), min_size=1, max_size=4),
    st.sampled_from([0.0, 0.25, -0.5]),
    st.integers(0, 5),
)
def test_values_are_those_of_trilinear_interpolation_everywhere(
    plane: Plane, pixel: tuple[float, float], gaps: list[float], tilt: float, index: int
) -> None:
    shape = (5, 6, 7)
    affine, positions = _lattice(shape, pixel, tuple(gaps), tilt)
    volume = np.random.default_rng(index).integers(-1000, 2000, shape)
    layout = cut_layout(shape, affine, positions, plane)
    picture = _cut(volume, layout, plane, index)
    expected = _by_hand(volume, positions, pixel, plane, index, layout)
    np.testing.assert_allclose(picture, expected, atol=1e-6)


def _by_hand(
    volume: npt.NDArray[Any],
    positions: npt.NDArray[np.float64],
    pixel: tuple[float, float],
    plane: Plane,
    index: int,
    layout: CutLayout,
) -> npt.NDArray[np.float64]:
    """The same, pixel by pixel: head above, front or right-hand side to the left."""
    slices = len(volume)
    length = volume.shape[2] if plane == "row" else volume.shape[1]
    step = pixel[1] if plane == "row" else pixel[0]
    shift = np.zeros(slices) if plane == "row" else positions[:, 1]
    heights = positions[:, 2] if plane == "column" else np.hypot(positions[:, 2], positions[:, 1])
    made = np.full((layout.height, layout.width), np.nan)
    for y in range(layout.height):
        v = (layout.height - 1 - y - layout.slice_start) * layout.pitch
        k = float(np.interp(v, heights, np.arange(slices)))
        rim = np.arange(slices)
        gap = np.diff(heights)
        if v < 0:
            free = v / gap[0]
        elif v > heights[-1]:
            free = slices - 1 + (v - heights[-1]) / gap[-1]
        else:
            free = k
        low = int(np.clip(np.floor(free), 0, slices - 2))
        slid = shift[low] + (shift[low + 1] - shift[low]) * (free - rim[low])
        for x in range(layout.width):
            at = ((x - layout.line_start) * layout.pitch - slid) / step
            if not -0.5 - 1e-6 <= at <= length - 0.5 + 1e-6:
                continue
            place = min(max(at, 0.0), length - 1.0)
            value = 0.0
            for near, share in _corners(k, slices):
                for voxel, weight in _corners(place, length):
                    held = (
                        volume[near, index, voxel] if plane == "row" else volume[near, voxel, index]
                    )
                    value += share * weight * float(held)
            made[y, x] = value
    return made


def _corners(at: float, count: int) -> list[tuple[int, float]]:
    low = int(np.clip(np.floor(at), 0, count - 2))
    return [(low, 1 - (at - low)), (low + 1, at - low)]


@pytest.mark.parametrize("plane", ["row", "column"])
def test_a_cut_is_what_simpleitk_resamples(plane: Plane) -> None:
    sitk = pytest.importorskip("SimpleITK")
    shape, pixel, gap = (9, 20, 24), (0.8, 0.6), 2.5
    affine, positions = _lattice(shape, pixel, (gap,))
    volume = np.random.default_rng(3).integers(-1000, 2000, shape).astype(np.int16)
    layout = cut_layout(shape, affine, positions, plane)
    image = sitk.GetImageFromArray(volume.astype(np.float64))
    image.SetSpacing((pixel[1], pixel[0], gap))
    pitch, index = layout.pitch, 7
    grid = sitk.ResampleImageFilter()
    grid.SetInterpolator(sitk.sitkLinear)
    held = index * (pixel[0] if plane == "row" else pixel[1])
    lowest = -layout.slice_start * pitch
    start = -layout.line_start * pitch
    count = (layout.width, 1) if plane == "row" else (1, layout.width)
    grid.SetSize((*count, layout.height))
    grid.SetOutputSpacing((pitch, pitch, pitch))
    grid.SetOutputOrigin((start, held, lowest) if plane == "row" else (held, start, lowest))
    grid.SetDefaultPixelValue(np.nan)
    # Beyond the middle of the first and the last slice SimpleITK has nothing; here they go on.
    expected = sitk.GetArrayFromImage(grid.Execute(image)).reshape(layout.height, layout.width)[
        ::-1
    ]
    known = np.isfinite(expected)
    assert known.mean() > 0.8
    np.testing.assert_allclose(
        _cut(volume, layout, plane, index)[known], expected[known], atol=1e-3
    )


def test_values_at_the_centres_of_voxels_are_exact() -> None:
    shape = (6, 16, 16)
    affine, positions = _lattice(shape, (0.7, 0.7), (2.1,))
    volume = np.random.default_rng(0).integers(-1024, 3071, shape).astype(np.int16)
    layout = cut_layout(shape, affine, positions, "row")
    picture = _cut(volume, layout, "row", 5)[::-1]
    rows = layout.slice_start + 3 * np.arange(6)
    assert (picture[rows] == volume[:, 5]).all()


def test_slices_of_a_tilted_gantry_are_slid_back_and_end_where_they_end() -> None:
    shape = (5, 40, 4)
    affine, positions = _lattice(shape, (1.0, 1.0), (2.0,), tilt=0.5)
    # A rod along the body: as the gantry tilts, each slice has it a pixel further in front.
    volume = np.zeros(shape)
    for k in range(5):
        volume[k, 20 - k] = 1000
    layout = cut_layout(shape, affine, positions, "column")
    picture = _cut(volume, layout, "column", 2)
    centres = picture[::-1][layout.slice_start :: 2]
    assert (np.nanargmax(centres, axis=1) == 20).all()
    assert np.isnan(picture[0, 0])
    assert np.isnan(picture[-1, -1])


def test_until_all_slices_are_read_those_that_are_known_show_the_rest_coarse() -> None:
    shape = (9, 4, 4)
    affine, positions = _lattice(shape)
    volume = np.broadcast_to(np.arange(9.0)[:, None, None] * 10, shape)
    layout = cut_layout(shape, affine, positions, "row")
    known = np.array([0, 4, 8])
    coarse = cut_picture(volume[known, 1], layout, known=known)
    np.testing.assert_allclose(coarse, _cut(volume, layout, "row", 1))
    one = cut_picture(volume[[4], 1], layout, known=np.array([4]))
    assert (one == 40).all()


def test_colours_are_cut_alike() -> None:
    shape = (4, 5, 6)
    affine, positions = _lattice(shape)
    grey = np.random.default_rng(1).integers(0, 255, shape)
    layout = cut_layout(shape, affine, positions, "column")
    colour = cut_picture(np.repeat(grey[:, :, 2, None], 3, axis=2), layout)
    np.testing.assert_allclose(colour[..., 1], _cut(grey, layout, "column", 2))
