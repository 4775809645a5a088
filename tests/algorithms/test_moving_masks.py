"""Masks on their way to others."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from labelwidgets.algorithms.moving_masks import MovingMask
from labelwidgets.errors import GeometryError

masks = arrays(bool, (7, 9)).filter(lambda mask: bool(mask.any()))


@given(masks, masks)
def test_at_either_end_is_the_mask_that_is_there(before: np.ndarray, after: np.ndarray) -> None:
    moving = MovingMask(before, after)
    assert (moving.at(0) == before).all()
    assert (moving.at(1) == after).all()
    # The same size in between, whatever leaves it.
    assert moving.at(0.4).shape == before.shape


@given(masks, st.integers(0, 20), st.integers(0, 20), st.floats(0, 1))
def test_what_only_moves_keeps_its_shape(
    mask: np.ndarray, down: int, right: int, part: float
) -> None:
    def placed(y: int, x: int) -> np.ndarray:
        whole = np.zeros((30, 32), bool)
        whole[y : y + 7, x : x + 9] = mask
        return whole

    y, x = np.floor(np.array([down, right]) * part + 0.5).astype(int)
    assert (MovingMask(placed(0, 0), placed(down, right)).at(part) == placed(y, x)).all()


def test_a_disc_that_grows_is_as_wide_as_between_halfway() -> None:
    ys, xs = np.mgrid[0:80, 0:80] + 0.5

    def disc(radius: float, at: float) -> np.ndarray:
        return np.hypot(ys - 40, xs - at) < radius

    made = MovingMask(disc(10, 20), disc(20, 60)).at(0.5)
    columns = np.nonzero(made)[1]
    assert columns.max() - columns.min() + 1 == pytest.approx(30, abs=1)
    assert columns.mean() + 0.5 == pytest.approx(40, abs=0.6)


def test_masks_have_one_size_and_a_pixel() -> None:
    with pytest.raises(GeometryError, match="one size"):
        MovingMask(np.ones((2, 2)), np.ones((2, 3)))
    with pytest.raises(GeometryError, match="a pixel"):
        MovingMask(np.ones((2, 2)), np.zeros((2, 2)))
