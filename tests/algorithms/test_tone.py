"""The look-up table of the view, against the table that the browser is held to and plain numpy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwidgets.algorithms.tone import tone_table, window_of
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
