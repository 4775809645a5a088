"""The threshold brush: the table that the browser is held to as well, and bad input."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from labelwidgets.algorithms import encode_rle, stroke_to_mask
from labelwidgets.algorithms.threshold import brightness, threshold_stroke
from labelwidgets.errors import GeometryError
from tests.golden import make, wires

CASES: list[dict[str, Any]] = json.loads(make.RANGES.read_text(encoding="utf-8"))["ranges"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_it_takes_the_pixels_of_the_table(case: dict[str, Any]) -> None:
    height, width = case["size"]
    dtype = np.uint16 if max(case["values"]) > 255 else np.uint8
    image = np.array(case["values"], dtype).reshape(height, width, case["channels"])
    mask = threshold_stroke(
        image, [case["at"]], case["low"], case["high"], radius=case["radius"],
        relative=case["relative"],
    )  # fmt: skip
    assert encode_rle(mask)["counts"] == case["counts"]


def test_the_table_is_what_the_plain_way_says() -> None:
    assert make.RANGES.read_text(encoding="utf-8") == make.text_of("ranges", wires.ranges())
    assert sum(len(case["counts"]) > 3 for case in CASES) > 20


def test_a_stroke_takes_what_is_as_bright_as_where_it_began() -> None:
    image = np.full((40, 60), 1000, np.uint16)
    image[:, 30:] = 3000
    path = [(5.5, 20.5), (55.5, 20.5)]
    covered = stroke_to_mask(path, (40, 60), radius=4)
    mask = threshold_stroke(image, path, -200, 200, radius=4, relative=True)
    np.testing.assert_array_equal(mask, covered & (image == 1000))
    bright = threshold_stroke(image, path, 2000, np.inf, radius=4)
    np.testing.assert_array_equal(bright, covered & (image == 3000))


def test_not_a_number_is_never_in() -> None:
    image = np.array([[1.0, np.nan, 1.0]])
    path = [(0.5, 0.5), (2.5, 0.5)]
    assert threshold_stroke(image, path, 0, 9, radius=1).tolist() == [[True, False, True]]
    started = [(1.5, 0.5), (2.5, 0.5)]
    assert not threshold_stroke(image, started, -9, 9, radius=1, relative=True).any()


def test_opacity_is_no_brightness() -> None:
    image = np.random.default_rng(0).integers(0, 256, (5, 6, 4)).astype(np.uint8)
    np.testing.assert_array_equal(brightness(image), brightness(image[..., :3]))
    np.testing.assert_array_equal(brightness(image[..., :2]), image[..., 0])


@pytest.mark.parametrize(
    ("image", "path", "low", "high", "field"),
    [
        (np.zeros((3, 3, 5)), [(1, 1)], 0, 1, "image"),
        (np.zeros((0, 3)), [(1, 1)], 0, 1, "image"),
        (np.zeros((3, 3), complex), [(1, 1)], 0, 1, "image"),
        (np.zeros((3, 3)), [], 0, 1, "path"),
        (np.zeros((3, 3)), [(np.nan, 1)], 0, 1, "path"),
        (np.zeros((3, 3)), [(1, 1)], 2, 1, "range"),
        (np.zeros((3, 3)), [(1, 1)], np.nan, 1, "range"),
    ],
)
def test_bad_input_is_refused_by_name(
    image: Any, path: Any, low: float, high: float, field: str
) -> None:
    with pytest.raises(GeometryError, match=f"^{field}: "):
        threshold_stroke(image, path, low, high, radius=2)
