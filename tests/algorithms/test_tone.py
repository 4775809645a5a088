"""The look-up table of the view, against the table that the browser is held to and plain numpy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwidgets.algorithms.tone import tone_table, window_ends, window_of
from labelwidgets.media.encoded import eight_bits

CASES = json.loads((Path(__file__).parents[1] / "golden" / "tones.json").read_text())["tones"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_table_is_the_golden_one(case: dict[str, Any]) -> None:
    table = tone_table(case["levels"], case["low"], case["high"], **case["tone"])
    assert table[case["at"]].tolist() == case["shades"]


def test_a_photograph_is_left_as_it_is() -> None:
    assert (tone_table() == np.arange(256)).all()


def test_the_window_gives_what_the_still_picture_has() -> None:
    pixels = np.arange(10_000, dtype=np.uint16).reshape(100, 100) * 5 + 300
    table = tone_table(65536, *window_of(pixels))
    assert np.abs(table[pixels].astype(int) - eight_bits(pixels)).max() <= 1


@given(
    st.floats(-100, 100),
    st.floats(-100, 100),
    st.floats(0.25, 4),
    st.booleans(),
    st.floats(-500, 500),
    st.floats(-500, 500),
)
def test_brighter_never_becomes_darker(
    brightness: float, contrast: float, gamma: float, invert: bool, low: float, high: float
) -> None:
    table = tone_table(
        256, low, high, brightness=brightness, contrast=contrast, gamma=gamma, invert=invert
    ).astype(int)
    steps = np.diff(table)
    assert (steps <= 0).all() if invert else (steps >= 0).all()


@given(st.floats(-2000, 2000), st.floats(1, 4000))
def test_a_window_of_dicom_is_the_standard_s_formula(level: float, width: float) -> None:
    values = np.arange(-3000, 3001)
    # PS3.3 C.11.2.1.2.1, with the shades of a byte.
    t = (values - (level - 0.5)) / (width - 1) + 0.5 if width > 1 else values * 0.0
    t = np.where(values <= level - 0.5 - (width - 1) / 2, 0, t)
    t = np.where(values > level - 0.5 + (width - 1) / 2, 1, t)
    low, high = window_ends(level, width, "LINEAR")
    table = tone_table(6001, low + 3000, high + 3000)
    # A value at the border of two shades may fall on either side.
    assert np.abs(table - 255 * np.clip(t, 0, 1)).max() <= 0.5 + 1e-6
