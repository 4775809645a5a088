"""Where shots begin is found in made videos whose cuts and fades are known."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from scipy.ndimage import gaussian_filter

from labelwidgets.algorithms.cuts import find_cuts, small_copy
from labelwidgets.errors import ImageError

Frame = npt.NDArray[np.uint8]
LONG = 30


def scene(seed: int, frames: int = LONG, speed: float = 1.0) -> list[Frame]:
    """A camera that goes over a picture of blobs, with the noise of a sensor."""
    rng = np.random.default_rng(seed)
    wide = gaussian_filter(rng.normal(0, 1, (120, 260, 3)), (5, 5, 0))
    picture = rng.uniform(60, 190, 3) + wide / wide.std() * rng.uniform(15, 40)
    made = []
    for k in range(frames):
        left = int(k * speed)
        view = picture[:90, left : left + 120] + rng.normal(0, 3, (90, 120, 3))
        made.append(np.clip(view, 0, 255).astype(np.uint8))
    return made


def between(one: Frame, other: Frame, frames: int) -> list[Frame]:
    shares = (np.arange(frames) + 1) / (frames + 1)
    return [((1 - share) * one + share * other).astype(np.uint8) for share in shares]


def found(frames: list[Frame]) -> list[tuple[int, str]]:
    return [(cut.frame, cut.kind) for cut in find_cuts(small_copy(one) for one in frames)]


def test_hard_cuts_are_found_on_their_very_frames() -> None:
    frames = scene(1) + scene(2) + scene(3, 12) + scene(4)
    assert found(frames) == [(30, "cut"), (60, "cut"), (72, "cut")]


@pytest.mark.parametrize("length", [6, 12, 25])
def test_a_dissolve_is_one_fade_between_its_two_shots(length: int) -> None:
    one, other = scene(1), scene(5)
    frames = one + between(one[-1], other[0], length) + other
    (cut,) = find_cuts(small_copy(made) for made in frames)
    assert cut.kind == "fade"
    assert abs(cut.frame - (LONG + length / 2)) <= 2
    assert abs(cut.last - (LONG - 1)) <= 2
    assert abs(cut.first - (LONG + length)) <= 2


@pytest.mark.parametrize("held", [0, 5])
def test_a_fade_through_black_is_one_new_shot(held: int) -> None:
    one, other = scene(1), scene(2)
    black = np.zeros_like(one[0])
    dark = between(one[-1], black, 10) + [black] * held + between(black, other[0], 10)
    ((frame, kind),) = found(one + dark + other)
    assert kind == "fade"
    assert abs(frame - (LONG + 10 + held / 2)) <= 3


@pytest.mark.parametrize(
    "frames",
    [
        scene(1, 60, 2.0),
        [scene(1)[0]] * 40,
        [*scene(1)[:15], np.full((90, 120, 3), 255, np.uint8), *scene(1)[15:]],
        [np.clip(scene(1)[0] + k * 0.1, 0, 255).astype(np.uint8) for k in range(60)],
        [],
        scene(1)[:1],
    ],
    ids=["a moving camera", "a still", "a flash", "slow light", "no frames", "one frame"],
)
def test_what_is_one_shot_has_no_cut(frames: list[Frame]) -> None:
    assert found(frames) == []


def test_grey_frames_have_cuts_too() -> None:
    frames = [one[..., 0] for one in scene(1) + scene(2)]
    assert found(frames) == [(30, "cut")]


def test_of_two_beginnings_too_close_together_the_stronger_one_stays() -> None:
    frames = scene(1) + scene(2, 3) + scene(3)
    assert len(found(frames)) == 1


def test_frames_of_two_sizes_are_refused_by_number() -> None:
    with pytest.raises(ImageError, match="frame 1"):
        find_cuts([np.zeros((8, 8, 3), np.uint8), np.zeros((8, 9, 3), np.uint8)])


def test_a_small_copy_has_a_side_of_about_the_edge() -> None:
    assert small_copy(np.zeros((1080, 1920, 3), np.uint8)).shape == (36, 64, 3)
    assert small_copy(np.zeros((40, 50), np.uint8)).shape == (40, 50)
    assert small_copy(np.zeros((3, 400), np.uint8)).shape == (1, 66)
