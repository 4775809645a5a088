"""Growth and the magic wand against scipy, scikit-image and plain counting."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray
from scipy import ndimage
from skimage.segmentation import flood

from labelwidgets.algorithms import growth
from labelwidgets.algorithms.compiling import compiles
from labelwidgets.algorithms.growth import grow, wand
from labelwidgets.errors import GeometryError

DTYPES = [
    *(np.dtype(code) for code in "?bBhHiIqQ"),
    *(np.dtype(code) for code in ("<f2", "<f4", "<f8", ">f4", ">i2", ">u2")),
]


@pytest.fixture(params=["compiled", "plain"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "plain":
        monkeypatch.setattr(growth, "compiles", lambda: False)
    else:
        pytest.importorskip("numba")
    return str(request.param)


def region(allowed: NDArray[Any], seed: tuple[int, ...]) -> NDArray[Any]:
    labels, _ = ndimage.label(allowed)
    return (labels == labels[seed]) & bool(labels[seed])


def counted(pixels: Any, seed: Any, low: Any, high: Any, radius: Any) -> NDArray[np.bool_]:
    """Apply the literal rule, one pixel after the other and without rounding."""
    start = pixels[seed]
    inside = np.zeros(pixels.shape, bool)
    for index, value in np.ndenumerate(pixels):
        if not (np.isfinite(float(value)) and np.isfinite(float(start))):
            continue
        step = Fraction(value.item()) - Fraction(start.item())
        far = sum((a - b) ** 2 for a, b in zip(index, seed, strict=True))
        inside[index] = low <= step <= high and (radius is None or far <= radius * radius)
    return inside


def test_450_grown_by_30_within_10_pixels_selects_420_to_480(way: str) -> None:
    pixels = np.random.default_rng(0).integers(380, 520, (64, 80)).astype(np.int16)
    pixels[30, 41] = 450
    rows, columns = np.mgrid[:64, :80]
    near = (rows - 30) ** 2 + (columns - 41) ** 2 <= 100
    literal = near & (pixels >= 420) & (pixels <= 480)
    assert {420, 480} <= set(pixels[literal])
    found = grow(pixels, (30, 41), -30, 30, 10, connected=False)
    np.testing.assert_array_equal(found, literal)
    assert found.dtype == bool
    grown = grow(pixels, (30, 41), -30, 30, 10)
    np.testing.assert_array_equal(grown, region(literal, (30, 41)))
    assert 0 < grown.sum() < literal.sum()


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("connected", [True, False])
def test_it_is_the_rule_for_every_dtype(dtype: np.dtype[Any], connected: bool, way: str) -> None:
    draw = np.random.default_rng(dtype.num)
    for shape in ((9, 70), (5, 6, 7)):
        pixels = draw.integers(0, 2 if dtype.kind == "b" else 6, shape).astype(dtype)
        if dtype.kind in "iu":
            pixels[pixels == 5] = np.iinfo(dtype).max
            pixels[pixels == 4] = np.iinfo(dtype).min
        if dtype.kind == "f":
            pixels[pixels == 5] = np.nan
            pixels[pixels == 4] += dtype.type(0.3)
        for _ in range(12):
            seed = tuple(int(draw.integers(size)) for size in shape)
            low, high = int(draw.integers(-3, 1)), int(draw.integers(0, 3))
            radius = [None, 0, 2, 3.5][draw.integers(4)]
            expected = counted(pixels, seed, low, high, radius)
            if connected:
                expected = region(expected, seed)
            found = grow(pixels, seed, low, high, radius, connected=connected)
            np.testing.assert_array_equal(found, expected)


@given(
    arrays(np.int16, array_shapes(min_dims=2, max_dims=3, max_side=9), elements=st.integers(0, 3)),
    st.data(),
)
@settings(deadline=None)
def test_connected_growth_is_a_label_of_scipy(pixels: NDArray[np.int16], data: Any) -> None:
    seed = tuple(data.draw(st.integers(0, size - 1)) for size in pixels.shape)
    low, high = data.draw(st.integers(-2, 1)), data.draw(st.integers(1, 2))
    radius = data.draw(st.none() | st.floats(0, 9))
    expected = region(counted(pixels, seed, low, high, radius), seed)
    np.testing.assert_array_equal(grow(pixels, seed, low, high, radius), expected)


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (150, 333), (20, 90, 140)])
@pytest.mark.parametrize("share", [0.45, 0.6, 0.7, 0.95])
def test_it_finds_its_way_through_mazes(shape: tuple[int, ...], share: float, way: str) -> None:
    draw = np.random.default_rng(int(100 * share))
    pixels = (draw.random(shape) < share).astype(np.uint8)
    for number in range(3):
        seed = tuple(int(draw.integers(size)) for size in shape)
        radius = (None, 30, 66)[number]
        allowed = pixels == pixels[seed]
        if radius is not None:
            grid = np.ogrid[tuple(slice(size) for size in shape)]
            allowed &= sum((g - s) ** 2 for g, s in zip(grid, seed, strict=True)) <= radius**2
        np.testing.assert_array_equal(grow(pixels, seed, 0, 0, radius), region(allowed, seed))


def test_a_spiral_is_followed_to_its_end(way: str) -> None:
    side = 130
    pixels = np.zeros((side, side), np.uint8)
    top, left, bottom, right = 0, 0, side - 1, side - 1
    while top <= bottom and left <= right:
        pixels[top, max(left - 2, 0) : right + 1] = 1
        pixels[top : bottom + 1, right] = 1
        pixels[bottom, left : right + 1] = 1
        pixels[top + 2 : bottom + 1, left] = 1
        top, left, bottom, right = top + 2, left + 2, bottom - 2, right - 2
    found = grow(pixels, (0, 0), 0, 0)
    np.testing.assert_array_equal(found, region(pixels == 1, (0, 0)))
    assert found.sum() == pixels.sum()


def test_sums_go_on_past_the_ends_of_the_dtype(way: str) -> None:
    low = np.array([[0, 10, 30, 31, 65535]], np.uint16)
    assert grow(low, (0, 0), -30, 30, connected=False).tolist() == [
        [True, True, True, False, False]
    ]
    high = np.array([[65535, 65500, 5]], np.uint16)
    assert grow(high, (0, 0), -30, 30, connected=False).tolist() == [[True, False, False]]
    deep = np.array([[-128, 127, -100]], np.int8)
    assert grow(deep, (0, 0), -30, 30, connected=False).tolist() == [[True, False, True]]
    huge = np.array([[2**63, 2**63 + 1, 2**63 + 2]], np.uint64)
    assert grow(huge, (0, 0), 0, 1.0, connected=False).tolist() == [[True, True, False]]
    large = np.array([[3e38, -3e38, 2e38]], np.float32)
    assert grow(large, (0, 0), -1.5e38, 1e39, connected=False).tolist() == [[True, False, True]]


def test_ends_that_are_no_whole_numbers_and_ends_without_end(way: str) -> None:
    pixels = np.array([[10, 12, 13, 255, 0]], np.uint8)
    assert grow(pixels, (0, 0), -0.5, 2.9).tolist() == [[True, True, False, False, False]]
    assert grow(pixels, (0, 0), -np.inf, np.inf).all()
    assert not grow(pixels, (0, 0), 300, np.inf, connected=False).any()
    assert not grow(pixels, (0, 0), np.inf, np.inf, connected=False).any()
    assert grow(pixels, (0, 0), 1, 3, connected=False).tolist() == [[0, 1, 1, 0, 0]]
    assert not grow(pixels, (0, 0), 1, 3).any(), "The seed is not in its own range."


def test_not_a_number_is_never_selected(way: str) -> None:
    pixels = np.array([[1, np.nan, 1], [1, 1, np.inf]], np.float32)
    for connected in (True, False):
        found = grow(pixels, (0, 0), -1, np.inf, connected=connected)
        assert found.tolist() == [[True, False, True], [True, True, True]]
        assert not grow(pixels, (0, 1), -9, 9, connected=connected).any()


def test_a_radius_in_millimetres_follows_the_spacing(way: str) -> None:
    volume = np.zeros((9, 31, 31), np.int16)
    found = grow(volume, (4, 15, 15), 0, 0, 6, spacing=(3, 1, 0.5))
    z, y, x = np.ogrid[:9, :31, :31]
    ball = ((z - 4) * 3.0) ** 2 + (y - 15.0) ** 2 + ((x - 15) * 0.5) ** 2 <= 36
    np.testing.assert_array_equal(found, ball)
    assert found[2, 15, 15]
    assert not found[1, 15, 15]


@pytest.mark.parametrize("radius", [0, 0.5, 1, 2.5, np.sqrt(2), np.sqrt(50), 17, 1e300, np.inf])
def test_a_pixel_at_the_very_distance_is_within(radius: float, way: str) -> None:
    rows, columns = np.ogrid[:40, :40]
    far = (rows - 12.0) ** 2 + (columns - 20.0) ** 2
    found = grow(np.zeros((40, 40)), (12, 20), 0, 0, radius)
    np.testing.assert_array_equal(found, far <= radius * radius)


@pytest.mark.parametrize("order", ["C", "F", "view"])
def test_any_order_of_memory(order: str, way: str) -> None:
    pixels = np.random.default_rng(4).integers(0, 3, (100, 120)).astype(np.uint8)
    given_ = {"C": pixels, "F": np.asfortranarray(pixels), "view": np.repeat(pixels, 2, 1)[:, ::2]}
    before = given_[order].copy()
    np.testing.assert_array_equal(
        grow(given_[order], (50, 60), -1, 1),
        region(abs(pixels - 1.0 * pixels[50, 60]) <= 1, (50, 60)),
    )
    np.testing.assert_array_equal(given_[order], before)


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ((np.zeros((4, 4)), (4, 0), -1, 1), "seed"),
        ((np.zeros((4, 4)), (-1, 0), -1, 1), "seed"),
        ((np.zeros((4, 4)), (0, 0, 0), -1, 1), "seed"),
        ((np.zeros((4, 4)), (0.5, 0), -1, 1), "seed"),
        ((np.zeros((4, 4)), None, -1, 1), "seed"),
        ((np.zeros((4, 4)), (0, 0), 1, -1), "range"),
        ((np.zeros((4, 4)), (0, 0), np.nan, 1), "range"),
        ((np.zeros((4, 4)), (0, 0), -1, 1, -1), "radius"),
        ((np.zeros((4, 4)), (0, 0), -1, 1, np.nan), "radius"),
        ((np.zeros(4), (0,), -1, 1), "pixels"),
        ((np.zeros((0, 4)), (0, 0), -1, 1), "pixels"),
        ((np.zeros((4, 4), complex), (0, 0), -1, 1), "pixels"),
        ((np.full((4, 4), "a"), (0, 0), -1, 1), "pixels"),
    ],
)
def test_what_cannot_be_grown_is_refused_by_name(arguments: Any, field: str) -> None:
    with pytest.raises(GeometryError, match=f"^{field}: "):
        grow(*arguments)


@pytest.mark.parametrize("spacing", [(1,), (1, 0), (1, -1), (1, np.nan), (1, np.inf), (1, 1, 1)])
def test_an_impossible_spacing_is_refused(spacing: Any) -> None:
    with pytest.raises(GeometryError, match=r"^spacing: "):
        grow(np.zeros((4, 4)), (0, 0), -1, 1, 2, spacing=spacing)


def test_the_wand_on_grey_is_the_flood_of_skimage(way: str) -> None:
    draw = np.random.default_rng(5)
    for dtype, top, tolerance in ((np.uint8, 256, 90), (np.uint16, 65536, 23000)):
        picture = draw.integers(0, top, (90, 140)).astype(dtype)
        for _ in range(5):
            seed = int(draw.integers(90)), int(draw.integers(140))
            expected = flood(picture, seed, connectivity=1, tolerance=tolerance)
            np.testing.assert_array_equal(wand(picture, seed, tolerance), expected)


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("metric", ["max", "euclidean"])
def test_the_wand_floods_the_distances_from_a_colour(channels: int, metric: Any, way: str) -> None:
    draw = np.random.default_rng(channels)
    picture = draw.integers(60, 200, (90, 140, channels)).astype(np.uint8)
    colours = picture[..., : channels - 1 if channels in (2, 4) else channels].astype(int)
    tolerance = 110 if metric == "max" else 60 * np.sqrt(colours.shape[-1])
    sizes = []
    for _ in range(5):
        seed = int(draw.integers(90)), int(draw.integers(140))
        steps = abs(colours - colours[seed])
        far = steps.max(-1) if metric == "max" else np.sqrt((steps**2).sum(-1))
        expected = flood(far, seed, connectivity=1, tolerance=tolerance)
        sizes.append(expected.sum())
        np.testing.assert_array_equal(wand(picture, seed, tolerance, metric=metric), expected)
        everywhere = wand(picture, seed, tolerance, metric=metric, connected=False)
        np.testing.assert_array_equal(everywhere, far <= tolerance)
    assert max(sizes) > 100


def test_several_seeds_are_united_each_with_its_own_colour(way: str) -> None:
    picture = np.zeros((50, 200, 3), np.uint8)
    picture[:, 60:120] = 90
    picture[:, 120:] = 200
    found = wand(picture, [(5, 5), (5, 150)], 10)
    np.testing.assert_array_equal(found, (picture != 90).all(-1))
    near = wand(picture, [(5, 5), (5, 150)], 10, radius=3)
    assert near.sum() == 2 * (np.add.outer(np.arange(-3, 4) ** 2, np.arange(-3, 4) ** 2) <= 9).sum()
    assert not wand(picture, [(0, 0)], 0).all()


@pytest.mark.parametrize(
    ("seeds", "tolerance", "options", "field"),
    [
        ((9, 9), 1, {}, "seeds"),
        ([(0, 0), (0, -1)], 1, {}, r"seeds\[1\]"),
        ((0, 0), -1, {}, "tolerance"),
        ((0, 0), np.nan, {}, "tolerance"),
        ((0, 0), 1, {"metric": "hue"}, "metric"),
        ((0, 0), 1, {"radius": -2}, "radius"),
    ],
)
def test_the_wand_refuses_by_name(seeds: Any, tolerance: Any, options: Any, field: str) -> None:
    with pytest.raises(GeometryError, match=f"^{field}"):
        wand(np.zeros((5, 5, 3), np.uint8), seeds, tolerance, **options)


def test_it_works_where_compiled_code_cannot_be_kept(tmp_path: Path, repository: Path) -> None:
    pytest.importorskip("numba")
    copy = tmp_path / "labelwidgets"
    shutil.copytree(repository / "labelwidgets", copy, ignore=shutil.ignore_patterns("__pycache__"))
    # Files where folders for the cache would be made: not even root can make those.
    (copy / "algorithms" / "__pycache__").write_text("")
    (tmp_path / "home").write_text("")
    code = (
        "import numpy as np; from labelwidgets.algorithms.growth import grow;"
        "print(grow(np.zeros((3, 3)), (0, 0), 0, 0).sum())"
    )
    home = str(tmp_path / "home")
    surroundings = os.environ | {"PYTHONPATH": str(tmp_path), "HOME": home, "XDG_CACHE_HOME": home}
    surroundings.pop("NUMBA_CACHE_DIR", None)
    ran = subprocess.run(
        [sys.executable, "-c", code], env=surroundings, cwd=tmp_path, capture_output=True, text=True
    )
    assert ran.stdout.strip() == "9", ran.stderr


@pytest.mark.skipif(not compiles(), reason="numba is not there")
@settings(deadline=None)
@given(
    st.tuples(st.integers(1, 6), st.integers(1, 40), st.integers(1, 40)),
    st.data(),
    st.floats(0, 60) | st.integers(0, 900).map(lambda square: square**0.5),
    st.tuples(*[st.sampled_from([1.0, 0.5, 0.7, 3.0])] * 3),
)
def test_what_lies_within_a_radius_is_what_the_plain_way_finds(
    shape: tuple[int, ...], data: Any, radius: float, steps: tuple[float, ...]
) -> None:
    seed = tuple(data.draw(st.integers(0, side - 1)) for side in shape)
    made = growth._reach(shape, seed, radius, steps)
    wanted = growth.plain_half_widths(made, shape[2], seed, steps, radius)
    np.testing.assert_array_equal(made.halves, wanted)
