"""Intervals of shares."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwidgets.algorithms.proportions import wilson_interval


def test_wilsons_interval_is_the_one_of_the_textbook() -> None:
    # Newcombe, Two-sided confidence intervals for the single proportion, 1998, table I.
    low, high = wilson_interval([81, 15, 0, 1], [263, 148, 20, 29])
    np.testing.assert_allclose(low, [0.2553, 0.0624, 0.0, 0.0061], atol=5e-5)
    np.testing.assert_allclose(high, [0.3662, 0.1605, 0.1611, 0.1718], atol=5e-5)


def test_of_no_trial_nothing_is_known() -> None:
    low, high = wilson_interval([0], [0])
    assert np.isnan(low[0])
    assert np.isnan(high[0])


@given(st.integers(0, 500), st.integers(1, 500))
def test_the_share_lies_in_its_interval_and_more_trials_narrow_it(right: int, more: int) -> None:
    total = right + more
    low, high = wilson_interval([right, 10 * right], [total, 10 * total])
    assert 0 <= low[0] <= right / total + 1e-12
    assert right / total - 1e-12 <= high[0] <= 1
    assert high[1] - low[1] < high[0] - low[0] or high[0] - low[0] == pytest.approx(0)
