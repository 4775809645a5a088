"""Scribbles on shapes whose mask is known, and bad input."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from labelwidgets.algorithms import scribbles
from labelwidgets.algorithms.scribbles import segment_scribbles
from labelwidgets.errors import GeometryError

METHODS: list[Any] = ["watershed", "random_walker"]


def scene(dtype: Any, colour: bool, side: int = 80) -> tuple[Any, Any]:
    """Return a noisy picture of an ellipse, and the ellipse."""
    rows, columns = np.mgrid[:side, : side + 40]
    centre = side / 2
    inside = ((rows - centre) / (side / 3)) ** 2 + ((columns - centre) / (side / 4)) ** 2 < 1
    top = 1.0 if np.dtype(dtype).kind == "f" else float(np.iinfo(dtype).max)
    draw = np.random.default_rng(0)
    values = np.where(inside, 0.65, 0.35) + draw.normal(0, 0.03, inside.shape)
    image = (values.clip(0, 1) * top).astype(dtype)
    if colour:
        flat = ((0.5 + draw.normal(0, 0.03, inside.shape)).clip(0, 1) * top).astype(dtype)
        image = np.stack([flat, image, flat], -1)
    return image, inside


def overlap(a: Any, b: Any) -> float:
    return float((a & b).sum() / (a | b).sum())


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("colour", [False, True])
def test_an_object_is_found_from_a_line_on_it_and_one_around_it(
    method: Any, dtype: Any, colour: bool
) -> None:
    image, inside = scene(dtype, colour)
    on = [[(40, 25), (43, 55)]]
    off = [[(8, 8), (75, 8), (75, 72), (8, 72), (8, 8)]]
    found = segment_scribbles(image, on, off, method=method)
    assert found.shape == inside.shape
    assert found.dtype == bool
    assert overlap(found, inside) > 0.95
    assert found[40, 41]
    assert not found[8, 40]


@pytest.mark.parametrize("method", METHODS)
def test_without_a_background_the_edge_of_the_window_is_it(method: Any) -> None:
    image, inside = scene(np.uint8, True)
    cross = [[(40, 20), (40, 60)], [(25, 40), (55, 40)]]
    found = segment_scribbles(image, cross, method=method, margin=0)
    assert overlap(found, inside) > 0.9


@pytest.mark.parametrize("method", METHODS)
def test_a_large_window_is_found_from_afar_and_then_refined(
    method: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scribbles, "_MOST_PIXELS", dict.fromkeys(METHODS, 4_000))
    side = 240
    image, inside = scene(np.uint8, False, side)
    on = [[(120, 70), (123, 165)]]
    off = [[(15, 15), (225, 15), (225, 225), (15, 225), (15, 15)]]
    found = segment_scribbles(image, on, off, method=method)
    assert overlap(found, inside) > 0.96


@pytest.mark.parametrize("method", METHODS)
def test_what_was_scribbled_is_kept(method: Any) -> None:
    image = np.random.default_rng(1).integers(0, 256, (60, 60)).astype(np.uint8)
    found = segment_scribbles(
        image,
        [[(20.5, 10.5), (20.5, 50.5)]],
        [[(40.5, 10.5), (40.5, 50.5)]],
        method=method,
        width=1,
    )
    assert found[10:51, 20].all()
    assert not found[10:51, 40].any()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "image",
    [
        np.full((50, 70), 7, np.uint8),
        np.full((50, 70), np.nan),
        np.full((1, 1), 3, np.uint16),
        np.zeros((1, 70)),
        np.zeros((70, 1, 3), np.uint8),
        np.where(np.arange(3500).reshape(50, 70) % 2, np.finfo(float).max, np.finfo(float).min),
    ],
)
def test_odd_pictures_are_survived_quietly(method: Any, image: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = segment_scribbles(image, [[(0.5, 0.5)]], [[(60, 40)]], method=method)
    assert found.shape == image.shape[:2]
    assert found[0, 0]


def test_scribbles_that_cannot_be_told_apart_do_not_count() -> None:
    image = np.zeros((40, 40), np.uint8)
    line = [(10, 10), (30, 30)]
    assert not segment_scribbles(image, [line], [line]).any()
    assert not segment_scribbles(image, [], [line]).any()
    assert not segment_scribbles(image, [[(-900, -900)]]).any()


def test_without_anything_to_end_at_all_of_a_small_picture_is_meant() -> None:
    assert segment_scribbles(np.zeros((20, 20), np.uint8), [[(5, 5)]]).all()


def test_the_picture_is_left_as_it_was() -> None:
    image, _ = scene(np.float32, False)
    image[0, 0] = np.nan
    before = image.copy()
    segment_scribbles(image, [[(40, 25), (43, 55)]], [[(8, 8), (75, 8)]])
    np.testing.assert_array_equal(image, before)


@pytest.mark.parametrize(
    ("image", "lines", "options", "field"),
    [
        (np.zeros(4), [[(1, 1)]], {}, "image"),
        (np.zeros((0, 4)), [[(1, 1)]], {}, "image"),
        (np.zeros((4, 4)), [[]], {}, "foreground"),
        (np.zeros((4, 4)), [[(1, 1), (1, 2, 3)]], {}, "foreground"),
        (np.zeros((4, 4)), [[(1, np.inf)]], {}, "foreground"),
        (np.zeros((4, 4)), [[(1, 1)]], {"method": "magic"}, "method"),
        (np.zeros((4, 4)), [[(1, 1)]], {"width": 0}, "width"),
        (np.zeros((4, 4)), [[(1, 1)]], {"margin": -1}, "margin"),
    ],
)
def test_bad_input_is_refused_by_name(image: Any, lines: Any, options: Any, field: str) -> None:
    with pytest.raises(GeometryError, match=f"^{field}"):
        segment_scribbles(image, lines, **options)
