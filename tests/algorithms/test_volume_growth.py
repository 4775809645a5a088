"""Growth through volumes against scipy, plain counting and its own plain twin."""

from __future__ import annotations

import heapq
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray
from scipy import ndimage

from labelwidgets.algorithms import decode_rle, volume_growth
from labelwidgets.algorithms.box_masks import BoxMask, join_boxes
from labelwidgets.algorithms.compiling import compiles
from labelwidgets.algorithms.volume_growth import grow_volume
from labelwidgets.algorithms.volume_reach import ball_rows
from labelwidgets.algorithms.volume_statistics import volume_statistics
from labelwidgets.errors import GeometryError

Bits = NDArray[np.bool_]
SPACINGS = st.sampled_from([(1.0, 1.0, 1.0), (2.5, 0.7, 0.7), (0.5, 1.0, 1.25)])
# Wider than a word of 64 bits, too.
VOLUMES = arrays(
    np.int16,
    array_shapes(min_dims=3, max_dims=3, max_side=7) | st.sampled_from([(3, 2, 70), (2, 3, 130)]),
    elements=st.integers(0, 3),
)


@pytest.fixture(params=["compiled", "plain"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "plain":
        monkeypatch.setattr(volume_growth, "compiles", lambda: False)
    else:
        pytest.importorskip("numba")
    return str(request.param)


def both_ways(volume: Any, seed: Any, *given: Any, **options: Any) -> tuple[Bits, bool]:
    """Grow with and without compiled code; they must agree."""
    found = grow_volume(volume, seed, *given, **options)
    made = whole(found.region, volume.shape)
    if compiles():
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(volume_growth, "compiles", lambda: False)
            plain = grow_volume(volume, seed, *given, **options)
        np.testing.assert_array_equal(made, whole(plain.region, volume.shape))
        assert found.full == plain.full
    return made, found.full


def whole(region: BoxMask, shape: tuple[int, ...]) -> Bits:
    made = np.zeros(shape, bool)
    region.put_into(made)
    return made


def squares(shape: Any, seed: Any, spacing: Any) -> NDArray[np.float64]:
    axes = [((np.arange(n) - s) * float(d)) ** 2 for n, s, d in zip(shape, seed, spacing)]  # noqa: B905
    found: NDArray[np.float64] = (axes[0][:, None] + axes[1])[..., None] + axes[2]
    return found


def in_rule(volume: Any, seed: Any, low: int, high: int, radius: Any, spacing: Any) -> Bits:
    off = volume.astype(int) - int(volume[seed])
    found: Bits = (off >= low) & (off <= high)
    if radius is not None:
        found &= squares(volume.shape, seed, spacing) <= radius * radius
    return found


def region_of(allowed: Bits, seed: Any) -> Bits:
    labels, _ = ndimage.label(allowed)
    found: Bits = (labels == labels[seed]) & bool(labels[seed])
    return found


def nearest_reached(allowed: Bits, seed: Any, far: Any, most: int) -> Bits:
    """Take the nearest voxel that touches one taken, again and again."""
    taken = np.zeros(allowed.shape, bool)
    queue, seen = [(far[seed], seed)], {seed}
    while queue and taken.sum() < most:
        _, at = heapq.heappop(queue)
        taken[at] = True
        for axis, step in [(a, s) for a in range(3) for s in (-1, 1)]:
            beside = tuple(n + step * (a == axis) for a, n in enumerate(at))
            inside = all(0 <= n < size for n, size in zip(beside, allowed.shape, strict=True))
            if inside and allowed[beside] and beside not in seen:
                seen.add(beside)
                heapq.heappush(queue, (far[beside], beside))
    return taken


def draw_seed(data: Any, shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(data.draw(st.integers(0, size - 1)) for size in shape)


@given(VOLUMES, st.data(), SPACINGS, st.booleans())
@settings(deadline=None, max_examples=150)
def test_it_is_the_literal_rule_or_a_label_of_scipy(
    volume: Any, data: Any, spacing: Any, connected: bool
) -> None:
    seed = draw_seed(data, volume.shape)
    low, high = data.draw(st.integers(-2, 1)), data.draw(st.integers(1, 2))
    radius = data.draw(st.none() | st.floats(0, 9))
    expected = in_rule(volume, seed, low, high, radius, spacing)
    if connected:
        expected = region_of(expected, seed)
    found, full = both_ways(volume, seed, low, high, radius, connected=connected, spacing=spacing)
    np.testing.assert_array_equal(found, expected)
    assert not full


def test_a_flood_goes_back_over_the_border_of_a_word() -> None:
    volume = np.zeros((3, 2, 70), np.int16)
    found, full = both_ways(volume, (1, 0, 65), -1, 1, most=19, spacing=(1.0, 1.0, 1.0))
    assert found.sum() == 19
    assert full
    # Of two that are as far, the one that comes first.
    assert found[1, 0, 63]
    assert not found[1, 0, 67]


@given(VOLUMES, st.data(), SPACINGS)
@settings(deadline=None, max_examples=150)
def test_a_limit_takes_the_nearest_voxels_that_are_reached(
    volume: Any, data: Any, spacing: Any
) -> None:
    seed = draw_seed(data, volume.shape)
    most = data.draw(st.integers(1, 40))
    connected = data.draw(st.booleans())
    found, full = both_ways(
        volume, seed, -1, 1, None, most=most, spacing=spacing, connected=connected
    )
    allowed = in_rule(volume, seed, -1, 1, None, spacing)
    far = squares(volume.shape, seed, spacing)
    if connected:
        everything = region_of(allowed, seed)
        expected = nearest_reached(allowed, seed, far, most)
        assert ndimage.label(found)[1] == 1
    else:
        everything = allowed
        places = sorted(zip(*np.nonzero(allowed), strict=True), key=lambda at: (far[at], at))
        expected = np.zeros(volume.shape, bool)
        for at in places[:most]:
            expected[at] = True
    assert full == (everything.sum() > most)
    assert found.sum() == min(most, everything.sum())
    np.testing.assert_array_equal(found, expected)


@given(VOLUMES, st.data())
@settings(deadline=None, max_examples=100)
def test_nothing_is_in_a_wall_or_behind_it(volume: Any, data: Any) -> None:
    seed = draw_seed(data, volume.shape)
    corner = draw_seed(data, volume.shape)
    size = tuple(
        data.draw(st.integers(1, side - at)) for side, at in zip(volume.shape, corner, strict=True)
    )
    wall = data.draw(arrays(np.bool_, size))
    found, _ = both_ways(volume, seed, -1, 1, walls=BoxMask(wall, corner))
    allowed = in_rule(volume, seed, -1, 1, None, (1, 1, 1))
    allowed[tuple(slice(a, a + n) for a, n in zip(corner, size, strict=True))] &= ~wall
    np.testing.assert_array_equal(found, region_of(allowed, seed))


@given(VOLUMES, st.data(), SPACINGS, st.floats(0.5, 3))
@settings(deadline=None, max_examples=100)
def test_smoothing_is_an_opening_by_a_ball(
    volume: Any, data: Any, spacing: Any, radius: float
) -> None:
    seed = draw_seed(data, volume.shape)
    found, _ = both_ways(
        volume, seed, -1, 1, None, opening=radius, connected=False, spacing=spacing
    )
    rows = ball_rows(radius, spacing)
    deep, high, half = np.abs(rows).max(axis=0)
    grid = np.mgrid[-deep : deep + 1, -high : high + 1, -half : half + 1]
    ball = sum((g * s) ** 2 for g, s in zip(grid, spacing, strict=True)) <= radius * radius
    allowed = in_rule(volume, seed, -1, 1, None, spacing)
    fits = ndimage.binary_erosion(allowed, ball, border_value=1)
    np.testing.assert_array_equal(found, ndimage.binary_dilation(fits, ball))


@given(VOLUMES, st.data(), SPACINGS, st.floats(0.5, 2.5))
@settings(deadline=None, max_examples=60)
def test_both_ways_agree_on_everything_at_once(
    volume: Any, data: Any, spacing: Any, opening: float
) -> None:
    seed = draw_seed(data, volume.shape)
    wall = data.draw(arrays(np.bool_, volume.shape))
    found, _ = both_ways(
        volume,
        seed,
        -1,
        1,
        data.draw(st.floats(0, 9)),
        opening=opening,
        walls=BoxMask(wall),
        most=data.draw(st.integers(1, 30)),
        spacing=spacing,
    )
    assert not (found & wall).any()


def test_slices_may_be_unevenly_apart(way: str) -> None:
    volume = np.zeros((5, 3, 3), np.int16)
    places = [0.0, 1.0, 2.0, 5.0, 9.0]
    found = grow_volume(volume, (1, 1, 1), 0, 0, 4.0, spacing=(places, 1.0, 1.0)).region
    assert whole(found, volume.shape)[:, 1, 1].tolist() == [True, True, True, True, False]
    with pytest.raises(GeometryError, match="spacing"):
        grow_volume(volume, (1, 1, 1), 0, 0, 4.0, spacing=([0, 2, 1, 3, 4], 1.0, 1.0))


def test_a_bridge_thinner_than_the_ball_does_not_leak(way: str) -> None:
    volume = np.zeros((15, 15, 40), np.int16)
    z, y, x = np.ogrid[:15, :15, :40]
    for centre in (8, 31):
        volume[(z - 7) ** 2 + (y - 7) ** 2 + (x - centre) ** 2 <= 36] = 100
    volume[6:9, 6:9, 8:31] = 100
    leaked = whole(grow_volume(volume, (7, 7, 8), -5, 5).region, volume.shape)
    held = whole(grow_volume(volume, (7, 7, 8), -5, 5, opening=2).region, volume.shape)
    assert leaked[7, 7, 31]
    assert not held[7, 7, 31]
    assert held.sum() > 850
    # A click on the bridge itself begins at what is near it and thick enough, or nowhere.
    assert not grow_volume(volume, (7, 7, 20), -5, 5, opening=2).region.count
    assert grow_volume(volume, (8, 8, 13), -5, 5, opening=2).region.count == held.sum()


@pytest.mark.parametrize("shape", [(20, 90, 140), (1, 40, 513), (40, 1, 64)])
@pytest.mark.parametrize("share", [0.35, 0.45, 0.7, 0.97])
def test_it_finds_its_way_through_mazes(shape: Any, share: float, way: str) -> None:
    draw = np.random.default_rng(int(100 * share))
    volume = (draw.random(shape) < share).astype(np.int16)
    for _ in range(3):
        seed = tuple(int(draw.integers(size)) for size in shape)
        found = whole(grow_volume(volume, seed, 0, 0).region, shape)
        np.testing.assert_array_equal(found, region_of(volume == volume[seed], seed))


@pytest.mark.parametrize(
    "dtype", ["?", "u1", "i1", "i2", ">i2", "u2", "i4", "u4", "i8", "f2", "f4", "f8", ">f4"]
)
def test_all_kinds_of_values_and_of_memory(dtype: str, way: str) -> None:
    values = np.random.default_rng(3).integers(0, 4, (6, 9, 70)).astype(dtype)
    if values.dtype.kind == "f":
        values[values == 3] = np.nan
    seed = tuple(int(at[0]) for at in np.nonzero(values == 1))
    with np.errstate(invalid="ignore"):
        expected = region_of((values == 1) | (values == 2), seed)
    if dtype == "?":
        expected = region_of(values, seed)
    for given_ in (values, np.asfortranarray(values), np.pad(values, 2)[2:-2, 2:-2, 2:-2]):
        np.testing.assert_array_equal(
            whole(grow_volume(given_, seed, 0, 1).region, values.shape), expected
        )


@pytest.mark.parametrize(
    "wrong",
    [
        {"seed": (0, 0)},
        {"seed": (9, 0, 0)},
        {"radius": -1},
        {"radius": float("nan")},
        {"opening": -0.5},
        {"most": -1},
        {"low": 5},
        {"spacing": (1, 0, 1)},
        {"spacing": ([0.0, 1.0], 1, 1)},
    ],
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    options: dict[str, Any] = {"seed": (0, 0, 0), "low": -1, "high": 1} | wrong
    with pytest.raises(GeometryError):
        grow_volume(np.zeros((3, 4, 5), np.int16), **options)


@given(st.data(), array_shapes(min_dims=3, max_dims=3, max_side=6))
@settings(deadline=None, max_examples=100)
def test_a_mask_of_a_box_has_the_codes_and_statistics_of_the_whole(data: Any, shape: Any) -> None:
    """Of compiled bits and of plain bools, also where the box fills the slice."""
    before = tuple(data.draw(st.integers(0, 2)) for _ in shape)
    after = tuple(data.draw(st.integers(0, 2)) for _ in shape)
    size = tuple(a + n + b for a, n, b in zip(before, shape, after, strict=True))
    bits = data.draw(arrays(np.bool_, shape))
    values = data.draw(arrays(np.int16, size))
    full = np.zeros(size, bool)
    plain = BoxMask(bits, before)
    plain.put_into(full)
    boxes = [plain]
    if compiles():
        from labelwidgets.algorithms.bit_volume_kernels import pack

        words = np.empty((*shape[:2], (shape[2] + 63) // 64), np.uint64)
        pack(bits.view(np.uint8), words)
        boxes.append(BoxMask.of_words(words, shape[2], before))
    expected = volume_statistics(zip(values, full, strict=True))
    for box in boxes:
        assert box.count == full.sum()
        np.testing.assert_array_equal(box.mask, bits)
        codes = box.codes(size[1:])
        assert list(codes) == [k for k in range(size[0]) if full[k].any()]
        for k, code in codes.items():
            np.testing.assert_array_equal(decode_rle(code), full[k])
        assert box.slices == ((min(codes), max(codes)) if codes else (-1, -1))
        found = box.statistics(values)
        assert found.voxels == expected.voxels
        if found.voxels:
            some = values[full].astype(float)
            np.testing.assert_allclose(
                [found.mean, found.deviation, found.least, found.greatest],
                [some.mean(), some.std(), some.min(), some.max()],
                rtol=1e-9,
                atol=1e-6,
            )
            np.testing.assert_allclose(found[1:], expected[1:], rtol=1e-9, atol=1e-3)
        low = box.slices[0]
        if low > 0:
            np.testing.assert_allclose(box.statistics(values[low:], low)[1:], found[1:])
        moved = box.moved(-1)
        np.testing.assert_array_equal(whole(moved, size)[: size[0] - 1], full[1:])


def test_codes_of_full_columns_go_on_in_the_next(way: str) -> None:
    volume = np.zeros((2, 5, 66), np.int16)
    region = grow_volume(volume, (0, 0, 0), 0, 0).region
    codes = region.codes((5, 66))
    assert all(decode_rle(code).all() for code in codes.values())
    from labelwidgets.algorithms import encode_rle

    assert codes[0] == encode_rle(np.ones((5, 66), bool))


def test_masks_of_boxes_are_joined_and_taken_away() -> None:
    one = BoxMask(np.ones((2, 3, 4), bool), (0, 0, 0))
    two = BoxMask(np.ones((2, 2, 2), bool), (1, 4, 5))
    gone = BoxMask(np.ones((1, 9, 9), bool), (1, 0, 0))
    made = whole(join_boxes([one, two], [gone]), (4, 9, 9))
    expected = np.zeros((4, 9, 9), bool)
    expected[0:2, :3, :4] = expected[1:3, 4:6, 5:7] = True
    expected[1] = False
    np.testing.assert_array_equal(made, expected)
    with pytest.raises(GeometryError):
        BoxMask(np.ones((2, 2), bool))
    with pytest.raises(GeometryError):
        one.codes((2, 2))
