"""Superpixels: what is promised of them with and without numba, and how well they follow edges."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from scipy import ndimage

from benchmarks.superpixel_scores import scores
from labelwidgets.algorithms import superpixels
from labelwidgets.algorithms.superpixels import colour, slic
from labelwidgets.errors import SchemaError

Make = Callable[..., NDArray[Any]]


@pytest.fixture(params=["numba", "scikit-image"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """With numba, and as if it were not installed."""
    if request.param == "scikit-image":
        monkeypatch.setattr(slic, "compiles", lambda: False)
        monkeypatch.setattr(colour, "compiles", lambda: False)
    return str(request.param)


def check(labels: NDArray[Any], shape: tuple[int, int]) -> int:
    """Hold what is promised of any answer; return how many labels there are."""
    assert labels.shape == shape
    assert labels.dtype == np.int32
    assert labels.flags.c_contiguous
    names, first = np.unique(labels, return_index=True)
    assert names.tolist() == list(range(names.size))
    assert (np.diff(first) > 0).all()  # in the order of their first pixels
    for name, box in enumerate(ndimage.find_objects(labels + 1)):
        _, pieces = ndimage.label(labels[box] == name)
        assert pieces == 1
    return int(names.size)


def patches(height: int, width: int, side: int = 16) -> NDArray[np.uint8]:
    """A picture of coloured patches with noise."""
    dice = np.random.default_rng(0)
    small = dice.integers(30, 220, (max(1, height // side), max(1, width // side), 3))
    rows = np.minimum(np.arange(height) // side, small.shape[0] - 1)
    columns = np.minimum(np.arange(width) // side, small.shape[1] - 1)
    noisy = small[rows][:, columns] + dice.normal(0, 5, (height, width, 3))
    return np.clip(noisy, 0, 255).astype(np.uint8)


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda image: image, "colour"),
        (lambda image: np.dstack([image, image[..., 0]]), "with transparency"),
        (lambda image: image[..., 0], "grey"),
        (lambda image: image[..., :1], "grey with a third dimension"),
        (lambda image: image[..., 0].astype(np.uint16) * 7 + 900, "16-bit grey"),
        (lambda image: image[..., 0].astype(np.int16) * 7 - 1000, "signed 16-bit grey"),
        (lambda image: image.astype(np.uint16) * 100, "16-bit colour"),
        (lambda image: image[..., 0] / 255, "float grey"),
        (lambda image: image[..., 0] > 128, "bool"),
        (lambda image: image[::-1, ::-1], "backwards in memory"),
        (lambda image: np.asfortranarray(image), "Fortran-ordered"),
    ],
)
def test_each_label_is_one_region_whatever_the_image_is_made_of(make: Make, name: str) -> None:
    image = make(patches(96, 144))
    labels = superpixels(image, 60)
    assert 30 <= check(labels, (96, 144)) <= 90, name
    assert np.array_equal(labels, superpixels(image.copy(), 60))


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    ("shape", "count"),
    [
        ((1, 1), 1),
        ((1, 1), 1000),
        ((1, 700), 20),
        ((700, 1), 20),
        ((2, 3), 6),
        ((3, 500), 40),
        ((900, 20), 300),
        ((40, 40), 1),
        ((20, 20), 400),
        ((20, 20), 10**9),
    ],
)
def test_images_of_any_shape_and_any_count(shape: tuple[int, int], count: int) -> None:
    image = np.random.default_rng(1).integers(0, 256, (*shape, 3), dtype=np.uint8)
    for coarse in (False, True):
        found = check(superpixels(image, count, coarse=coarse), shape)
        assert found <= shape[0] * shape[1]


@given(
    image=arrays.arrays(
        np.uint8, st.tuples(st.integers(1, 24), st.integers(1, 24)), elements=st.integers(0, 255)
    ),
    count=st.integers(1, 80),
    compactness=st.floats(0, 100),
    smallest=st.floats(0, 1),
)
@settings(max_examples=60, deadline=None)
def test_each_label_is_one_region_of_any_noise(
    image: NDArray[np.uint8], count: int, compactness: float, smallest: float
) -> None:
    check(superpixels(image, count, compactness=compactness, smallest=smallest), image.shape)


@pytest.mark.usefixtures("engine")
def test_a_picture_of_one_colour_gives_cells() -> None:
    labels = superpixels(np.full((64, 64), 77, np.uint8), 16)
    sizes = np.bincount(labels.ravel())
    assert sizes.size == 16
    assert 200 < sizes.min() <= sizes.max() < 320


@pytest.mark.usefixtures("engine")
def test_edges_between_colours_are_kept() -> None:
    image = np.zeros((60, 90, 3), np.uint8)
    image[:, 47:] = 200, 40, 40
    labels = superpixels(image, 24)
    assert set(labels[:, :47].ravel().tolist()).isdisjoint(labels[:, 47:].ravel().tolist())


@pytest.mark.usefixtures("engine")
def test_what_few_bright_pixels_hide_in_16_bits_is_seen() -> None:
    image = np.full((64, 64), 1000, np.uint16)
    image[:, 32:] = 1040
    image[:1, :8] = 65535
    labels = superpixels(image, 16)
    left, right = labels[8:, :32], labels[8:, 32:]
    assert set(left.ravel().tolist()).isdisjoint(right.ravel().tolist())


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("fill", [np.nan, np.inf, -np.inf, 1e308])
def test_floats_that_are_no_numbers_stand_for_black_or_white(fill: float) -> None:
    image = np.random.default_rng(0).random((32, 32)) * 1e3
    image[4:9, 4:9] = fill
    check(superpixels(image, 12), (32, 32))
    check(superpixels(np.full((8, 8), fill), 4), (8, 8))


def test_no_region_is_too_small() -> None:
    image = np.random.default_rng(0).integers(0, 256, (120, 120, 3), dtype=np.uint8)
    labels = superpixels(image, 36, smallest=0.25, compactness=1)
    assert np.bincount(labels.ravel()).min() >= 100


@pytest.mark.usefixtures("engine")
def test_a_coarse_answer_has_blocks_for_pixels_and_as_many_labels() -> None:
    image = patches(1203, 1602, 200)
    labels = superpixels(image, 400, coarse=True)
    assert 200 <= check(labels, (1203, 1602)) <= 600
    factor = slic.coarse_superpixels(image, 400)[1]
    assert factor > 1
    block = labels[: 1203 // factor * factor, : 1602 // factor * factor]
    assert np.array_equal(block, np.kron(block[::factor, ::factor], np.ones((factor, factor))))


def test_lab_is_that_of_scikit_image() -> None:
    from skimage.color import rgb2lab

    image = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    ours = np.moveaxis(colour.planes_of(image), 0, 2)
    assert np.abs(ours - rgb2lab(image)).max() < 0.7
    grey = np.arange(256, dtype=np.uint8).reshape(16, 16)
    theirs = rgb2lab(np.dstack([grey] * 3))[..., 0]
    assert np.abs(colour.planes_of(grey)[0] - theirs).max() < 0.01


@pytest.mark.parametrize(
    ("image", "options", "field"),
    [
        (np.zeros((0, 4), np.uint8), {}, "image"),
        (np.zeros(4, np.uint8), {}, "image"),
        (np.zeros((4, 4, 2), np.uint8), {}, "image"),
        (np.zeros((4, 4, 4, 4), np.uint8), {}, "image"),
        (np.zeros((4, 4), complex), {}, "image"),
        (np.array([["a"]]), {}, "image"),
        (np.zeros((4, 4), np.uint8), {"count": 0}, "count"),
        (np.zeros((4, 4), np.uint8), {"count": 2.5}, "count"),
        (np.zeros((4, 4), np.uint8), {"count": True}, "count"),
        (np.zeros((4, 4), np.uint8), {"compactness": -1}, "compactness"),
        (np.zeros((4, 4), np.uint8), {"compactness": float("nan")}, "compactness"),
        (np.zeros((4, 4), np.uint8), {"compactness": "10"}, "compactness"),
        (np.zeros((4, 4), np.uint8), {"iterations": 0}, "iterations"),
        (np.zeros((4, 4), np.uint8), {"iterations": 10**9}, "iterations"),
        (np.zeros((4, 4), np.uint8), {"smallest": 1.5}, "smallest"),
    ],
)
def test_bad_input_is_refused_by_name(image: Any, options: dict[str, Any], field: str) -> None:
    with pytest.raises(SchemaError) as caught:
        superpixels(image, **({"count": 4} | options))
    assert caught.value.where == field


def test_photographs_are_cut_as_well_as_by_scikit_image() -> None:
    from skimage.segmentation import slic as theirs

    for image, truth in photographs(4):
        ours = superpixels(image, 400)
        found = int(ours.max()) + 1
        # It gives fewer than it is asked for: the next that has no fewer than ours.
        asked, other = found, theirs(image, found, start_label=0)
        while len(np.unique(other)) < found:
            asked = round(asked * 1.1)
            other = theirs(image, asked, start_label=0)
        mine, beside = scores(ours, truth), scores(other, truth)
        assert mine.recall >= beside.recall
        assert mine.error <= beside.error


def photographs(count: int) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.int64]]]:
    shared = os.environ.get("LABELWIDGETS_SHARED_DATA", "")
    folder = Path(shared, "coco_panoptic")
    if not shared or not folder.is_dir():
        pytest.skip("LABELWIDGETS_SHARED_DATA has no coco_panoptic")
    from benchmarks.superpixel_scores import panoptic

    yield from panoptic(folder, count)


def test_work_that_nobody_wants_any_more_ends() -> None:
    class GivenUpError(Exception):
        pass

    steps = 0

    def between() -> None:
        nonlocal steps
        steps += 1
        if steps == 3:
            raise GivenUpError

    with pytest.raises(GivenUpError):
        superpixels(patches(64, 64), 16, between=between)
    assert steps == 3
