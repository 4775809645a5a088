"""Intelligent scissors: the wires of the table, both ways of finding them, and real edges."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from labelwidgets.algorithms import scissors
from labelwidgets.algorithms.scissors import STEPS, scissors_map, trace
from labelwidgets.errors import GeometryError
from tests.golden import make, wires

CASES: list[dict[str, Any]] = json.loads(make.WIRES.read_text(encoding="utf-8"))["wires"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_wires_are_those_of_the_table(case: dict[str, Any]) -> None:
    table = np.array([int(code) for code in case["directions"]], np.uint8).reshape(case["size"])
    for one in case["traced"]:
        wire = trace(table, tuple(case["origin"]), tuple(one["to"]))
        assert wire.tolist() == one["wire"]


def test_the_table_is_what_the_plain_way_says() -> None:
    assert make.WIRES.read_text(encoding="utf-8") == make.text_of("wires", wires.wires())


@given(
    arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, max_side=14)),
    st.data(),
)
@settings(deadline=None, max_examples=60)
def test_the_compiled_search_is_that_of_scipy(image: Any, data: Any) -> None:
    pytest.importorskip("numba")
    from labelwidgets.algorithms.scissors_kernels import search

    seed = tuple(data.draw(st.integers(0, size - 1)) for size in image.shape)
    base, angle = scissors._edges(image)
    found = search(base, angle, scissors._turns(), *seed, scissors._largest())
    np.testing.assert_array_equal(found, scissors._search(base, angle, seed))


@pytest.mark.parametrize("shape", [(60, 80), (60, 80, 3), (1, 1), (1, 40), (40, 1, 3), (2, 2, 4)])
def test_without_numba_the_map_is_the_same(shape: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba")
    image = np.random.default_rng(1).integers(0, 65536, shape).astype(np.uint16)
    seed = shape[0] // 2, shape[1] // 3
    fast = scissors_map(image, seed, 48)
    monkeypatch.setattr(scissors, "compiles", lambda: False)
    plain = scissors_map(image, seed, 48)
    assert fast.origin == plain.origin
    np.testing.assert_array_equal(fast.directions, plain.directions)


def disc(dtype: Any, channels: int = 0) -> Any:
    rows, columns = np.mgrid[:200, :240]
    inside = (rows - 100) ** 2 + (columns - 120) ** 2 < 60**2
    top = np.iinfo(dtype).max
    draw = np.random.default_rng(2)
    values = np.where(inside, 0.6 * top, 0.3 * top) + draw.normal(0, 0.02 * top, inside.shape)
    image = values.astype(dtype)
    if not channels:
        return image
    flat = np.full_like(image, top // 2)
    return np.stack([flat, image, flat], -1)


@pytest.mark.parametrize("image", [disc(np.uint8), disc(np.uint16), disc(np.uint8, 3)])
def test_the_wire_goes_around_a_disc_and_not_through_it(image: Any) -> None:
    made = scissors_map(image, (100, 60))
    wire = trace(made.directions, made.origin, (120.5, 40.5))
    assert wire[0].tolist() == [60.5, 100.5]
    assert wire[-1].tolist() == [120.5, 40.5]
    far = np.hypot(wire[:, 0] - 120.5, wire[:, 1] - 100.5)
    assert abs(far - 60).max() < 3
    straight = abs(far - 60)[1:-1]
    assert straight.mean() < 1.5


def test_where_there_is_no_edge_the_wire_is_straight() -> None:
    made = scissors_map(np.full((50, 60), 7), (25, 30))
    assert trace(made.directions, made.origin, (50.9, 5)).tolist() == [[30.5, 25.5], [50.5, 5.5]]
    assert trace(made.directions, made.origin, (30, 25)).tolist() == [[30.5, 25.5]]


@pytest.mark.parametrize("seed", [(0, 0), (99, 0), (0, 149), (99, 149), (50, 75)])
def test_every_pixel_of_the_window_leads_back_to_the_seed(seed: tuple[int, int]) -> None:
    image = np.random.default_rng(3).integers(0, 256, (100, 150)).astype(np.uint8)
    directions, (left, top) = scissors_map(image, seed, 64)
    assert directions.shape == (64, 64)
    assert left <= seed[1] < left + 64
    assert top <= seed[0] < top + 64
    assert np.argwhere(directions == 0).tolist() == [[seed[0] - top, seed[1] - left]]
    down, across = (np.array(step) for step in zip(*STEPS, strict=True))
    rows, columns = np.mgrid[:64, :64]
    for _ in range(64 * 64):
        codes = directions[rows, columns]
        if not codes.any():
            break
        rows, columns = rows + down[codes], columns + across[codes]
    assert not directions[rows, columns].any()


def test_not_a_number_in_the_image_is_survived() -> None:
    image = np.random.default_rng(4).random((30, 30))
    image[10:20, 10:20] = np.nan
    image[0, 0] = np.inf
    made = scissors_map(image, (5, 5))
    assert len(trace(made.directions, made.origin, (28, 28))) >= 2


@pytest.mark.parametrize(
    ("image", "seed", "window", "field"),
    [
        (np.zeros(5), (0, 0), 9, "image"),
        (np.zeros((0, 5)), (0, 0), 9, "image"),
        (np.zeros((5, 5), complex), (0, 0), 9, "image"),
        (np.zeros((5, 5)), (5, 0), 9, "seed"),
        (np.zeros((5, 5)), (0, -1), 9, "seed"),
        (np.zeros((5, 5)), (0, 0), 0, "window"),
        (np.zeros((5, 5)), (0, 0), 10**6, "window"),
        (np.zeros((5, 5)), (0, 0), 9.5, "window"),
    ],
)
def test_bad_input_is_refused_by_name(image: Any, seed: Any, window: Any, field: str) -> None:
    with pytest.raises(GeometryError, match=f"^{field}: "):
        scissors_map(image, seed, window)


@pytest.mark.parametrize(
    ("table", "point"),
    [
        (np.array([[1, 1]], np.uint8), (0, 0)),
        (np.array([[5, 1]], np.uint8), (0, 0)),
        (np.array([[9]], np.uint8), (0, 0)),
        (np.array([[0.0]]), (0, 0)),
        (np.zeros((0, 1), np.uint8), (0, 0)),
        (np.array([[0]], np.uint8), (np.nan, 0)),
    ],
)
def test_a_broken_table_is_refused(table: Any, point: Any) -> None:
    with pytest.raises(GeometryError):
        trace(table, (0, 0), point)
