"""Windows of files mean what DICOM PS3.3 C.11.2 says."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwidgets.algorithms.tone import Curve, tone_table, window_ends
from labelwidgets.media.dicom.look_up import LookUp
from labelwidgets.media.dicom.slice_header import SliceHeader
from labelwidgets.media.dicom.windows import automatic_window, windows_of
from labelwidgets.media.volumes import Window


def standard(x: float, c: float, w: float, curve: Curve) -> float:
    """The pseudo-code of C.11.2.1.2.1, C.11.2.1.3.2 and C.11.2.1.3.1, from 0 to 255."""
    if curve == "SIGMOID":
        return 255 / (1 + math.exp(min(-4 * (x - c) / w, 700)))
    if curve == "LINEAR":
        if x <= c - 0.5 - (w - 1) / 2:
            return 0
        if x > c - 0.5 + (w - 1) / 2:
            return 255
        return ((x - (c - 0.5)) / (w - 1) + 0.5) * 255
    if x <= c - w / 2:
        return 0
    if x > c + w / 2:
        return 255
    return ((x - c) / w + 0.5) * 255


@given(
    st.sampled_from(["LINEAR", "LINEAR_EXACT", "SIGMOID"]),
    st.integers(0, 600),
    st.integers(1, 700),
)
def test_a_window_of_a_file_gives_the_shades_of_the_standard(
    curve: Curve, centre: int, width: int
) -> None:
    header = SliceHeader(
        window_centres=(float(centre),), window_widths=(float(width),), voi_function=curve
    )
    (window,) = windows_of(header)
    low, high = window_ends(window.level, window.width, window.curve)
    shades = tone_table(512, low, high, curve=window.curve)
    wanted = [math.floor(standard(x, centre, width, curve) + 0.5) for x in range(512)]
    assert np.abs(shades.astype(int) - wanted).max() <= 1


def test_all_windows_come_with_their_names() -> None:
    header = SliceHeader(
        window_centres=(40.0, 300.0, 5.0),
        window_widths=(400.0, 1500.0, 6.0),
        window_explanations=("WINDOW1", ""),
    )
    assert windows_of(header) == (
        Window("WINDOW1", 40, 400, "the file", "LINEAR"),
        Window("From the file 2", 300, 1500, "the file", "LINEAR"),
        Window("From the file 3", 5, 6, "the file", "LINEAR"),
    )


@pytest.mark.parametrize("width", [0.0, -100.0])
def test_a_width_of_nothing_is_repaired(width: float) -> None:
    (window,) = windows_of(SliceHeader(window_centres=(50.0,), window_widths=(width,)))
    assert (window.level, window.width, window.curve) == (50, 1, "LINEAR")


def test_windows_that_are_no_numbers_are_left_out() -> None:
    header = SliceHeader(window_centres=(math.nan, 1.0, 2.0), window_widths=(5.0, math.inf, 7.0))
    assert [window.level for window in windows_of(header)] == [2]


def test_a_narrow_linear_window_goes_straight() -> None:
    (window,) = windows_of(SliceHeader(window_centres=(0.5,), window_widths=(0.2,)))
    assert (window.width, window.curve) == (0.2, "LINEAR_EXACT")


def test_a_table_of_the_file_is_a_window() -> None:
    entries = np.array([0, 10, 20, 1023], np.uint16)
    (window,) = windows_of(SliceHeader(), (LookUp(100, entries, 10, "HARDER"),))
    assert window.table is not None
    assert (window.name, window.level, window.width) == ("HARDER", 101.5, 3)
    low, high = window_ends(window.level, window.width, window.curve)
    shades = tone_table(256, low, high, table=window.table)
    wanted = np.round(entries / 1023 * 255)
    assert (shades[100:104] == wanted).all()
    assert (shades[:100] == wanted[0]).all()
    assert (shades[104:] == wanted[3]).all()


def test_an_automatic_window_holds_nearly_all_values() -> None:
    window = automatic_window(np.arange(10_000, dtype=np.int16).reshape(100, 100))
    assert window.level == pytest.approx(4999.5)
    assert window.width == pytest.approx(9980, abs=5)
    assert automatic_window(np.zeros((4, 4))).width == 1
    assert automatic_window(np.full((4, 4), np.nan)).width == 1
