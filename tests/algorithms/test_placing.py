from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwidgets.algorithms.masks import encode_rle
from labelwidgets.algorithms.placing import runs_from_part
from labelwidgets.algorithms.runs import mask_from_runs, rle_of
from labelwidgets.errors import GeometryError


@given(
    st.integers(1, 9), st.integers(1, 9), st.tuples(*[st.integers(0, 3)] * 4), st.integers(0, 2**32)
)
def test_a_part_is_laid_into_the_whole_as_if_all_of_it_were_made(
    height: int, width: int, around: tuple[int, int, int, int], seed: int
) -> None:
    generator = np.random.default_rng(seed)
    part = generator.random((height, width)) < generator.choice([0.2, 0.9, 1.0])
    left, top, right, bottom = around
    whole = np.pad(part, ((top, bottom), (left, right)))
    runs = runs_from_part(part, (left, top), whole.shape)
    np.testing.assert_array_equal(mask_from_runs(runs), whole)
    assert rle_of(runs) == encode_rle(whole)


@pytest.mark.parametrize("at", [(-1, 0), (0, -1), (3, 0), (0, 2)])
def test_a_part_that_does_not_lie_within_is_refused(at: tuple[int, int]) -> None:
    with pytest.raises(GeometryError, match="does not lie within 5 x 3"):
        runs_from_part(np.ones((2, 3), bool), at, (3, 5))
