"""Tools that see a video: what they are given, and what they may propose."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

import labelwidgets as lw
from labelwidgets.assist import find
from labelwidgets.assist.cancelling import telling, while_wanted
from labelwidgets.assist.prompts import Prompt
from labelwidgets.assist.tools import Tool
from labelwidgets.errors import ToolError
from labelwidgets.schema.tracks import Interval, Keyframe, Track

pytest.importorskip("cv2")

SIZE = (120, 160)
COUNT = 24


def blobs(seed: int, size: tuple[int, int]) -> np.ndarray[Any, Any]:
    wide = gaussian_filter(np.random.default_rng(seed).normal(0, 1, (*size, 3)), (1.5, 1.5, 0))
    return np.clip(120 + wide / wide.std() * 50, 0, 255)


GROUND = blobs(1, SIZE) * 0.3
THING = blobs(2, (30, 40))


def film(
    frame: int = 0, hidden: range = range(0), speed: float = 3.0, curve: float = 0.0
) -> lw.Film:
    """A patch that goes to the right before a ground, behind a wall on some frames."""
    frames = np.empty((COUNT, *SIZE, 3), np.uint8)
    for k in range(COUNT):
        picture = GROUND.copy()
        left, top = round(10 + speed * k), round(40 - curve * np.sin(np.pi * k / (COUNT - 1)))
        shown = THING[:, : max(0, SIZE[1] - left)]
        picture[top : top + 30, left : left + 40] = shown
        if k in hidden:
            picture[:, 40:150] = 90
        frames[k] = picture
    return lw.Film.of(frames, frame)


BOX = lw.Rectangle(10, 40, 40, 30)


def track(**keyframes: Any) -> Track:
    return Track({int(key[1:]): made for key, made in keyframes.items()})


ON_FIRST = Track({0: Keyframe(BOX)})


def propose(name: str, video: lw.Film, about: Track | None, **parameters: Any) -> lw.Proposal:
    return find(name).propose(video, Prompt(track=about), parameters)


def carried(made: lw.Proposal) -> Track:
    (only,) = made.shapes
    assert isinstance(only.geometry, Track)
    return only.geometry


def test_a_box_is_carried_with_what_it_holds() -> None:
    made = carried(propose("carry", film(), ON_FIRST, frames=20, tolerance=0))
    assert list(made.keyframes) == list(range(1, 21))
    for frame, keyframe in made.keyframes.items():
        box = keyframe.geometry
        assert isinstance(box, lw.Rectangle)
        assert (box.x, box.y) == pytest.approx((10 + 3 * frame, 40), abs=1)
        assert (box.width, box.height) == pytest.approx((40, 30), abs=1)
        assert keyframe.confidence is not None
        assert keyframe.confidence > 0.8


def test_with_a_tolerance_a_steady_motion_is_one_keyframe() -> None:
    made = carried(propose("carry", film(), ON_FIRST, frames=20, tolerance=1))
    assert list(made.keyframes) == [20]


def test_it_is_carried_backward_too() -> None:
    at = lw.Rectangle(10 + 3 * 15, 40, 40, 30)
    made = carried(propose("carry", film(15), Track({15: Keyframe(at)}), backward=True))
    assert list(made.keyframes) == [0]
    assert made.keyframes[0].geometry.x == pytest.approx(10, abs=1)  # type: ignore[union-attr]


def test_what_a_person_placed_is_never_among_what_is_proposed() -> None:
    known = Track({0: Keyframe(BOX), 8: Keyframe(lw.Rectangle(90, 80, 40, 30))})
    made = propose("carry", film(), known, frames=20, tolerance=0)
    assert list(carried(made).keyframes) == list(range(1, 8))
    assert "before the next keyframe" in (made.note or "")
    on = propose("carry", film(7), known, frames=20)
    assert on.shapes == []
    assert on.note == "The next frame has a keyframe already."


def test_on_a_frame_between_keyframes_it_is_placed_as_it_is_seen_there() -> None:
    known = Track({0: Keyframe(BOX, occluded=True)})
    made = carried(propose("carry", film(0).at(2), known, frames=5, tolerance=0))
    assert made.keyframes[2].geometry == known.at(2).geometry  # type: ignore[union-attr]
    assert all(keyframe.occluded for keyframe in made.keyframes.values())


def test_it_ends_where_the_thing_is_hidden_and_says_so() -> None:
    made = propose("carry", film(hidden=range(9, 15)), ON_FIRST, frames=20)
    assert max(carried(made).keyframes) == 8
    assert [mark.frame for mark in made.marks] == [9]
    assert "ends there: it is sure by" in (made.note or "")


def test_it_ends_where_the_thing_leaves_the_picture() -> None:
    made = propose("carry", film(speed=8), ON_FIRST, frames=20, certainty=0.2)
    # Half of it is gone once its left side is at 140.
    assert 13 <= max(carried(made).keyframes) <= 17
    assert made.marks


@pytest.mark.parametrize(
    "shape",
    [
        lw.Polygon([[[(12, 42), (46, 44), (48, 66), (14, 68)]]]),
        lw.Polyline([(12, 42), (46, 66)]),
        lw.Ellipse(30, 55, 18, 13),
        lw.Rectangle(15, 45, 30, 20, 10),
        lw.Keypoints([(20, 50, 2), (40, 60, 1), (0, 0, 0)]),
        lw.Point(28, 55),
    ],
    ids=lambda shape: shape.type,
)
def test_every_shape_is_carried(shape: Any) -> None:
    about = Track({0: Keyframe(shape)})
    made = carried(propose("carry", film(), about, frames=10, tolerance=0)).keyframes[10].geometry
    assert type(made) is type(shape)
    assert made is not None
    before, after = shape.bounds, made.bounds
    assert before
    assert after
    assert after[:2] == pytest.approx((before[0] + 30, before[1]), abs=1.5)
    if isinstance(made, lw.Keypoints):
        assert [v for _, _, v in made.points] == [2, 1, 0]


def test_a_mask_is_carried_pixel_for_pixel() -> None:
    from labelwidgets.algorithms import decode_rle, encode_rle

    bits = np.zeros(SIZE, bool)
    bits[42:68, 14:46] = True
    about = Track({0: Keyframe(lw.Mask(lw.RLE(**encode_rle(bits))))})
    made = carried(propose("carry", film(), about, frames=10)).keyframes[10].geometry
    assert isinstance(made, lw.Mask)
    there = decode_rle({"size": made.rle.size, "counts": made.rle.counts})
    wanted = np.roll(bits, 30, axis=1)
    assert (there & wanted).sum() / (there | wanted).sum() > 0.9


def test_keyframes_are_suggested_where_the_way_is_no_straight_one() -> None:
    last = COUNT - 1
    end = lw.Rectangle(10 + 3 * last, 40, 40, 30)
    between = Track({0: Keyframe(BOX), last: Keyframe(end)})
    # As interpolated keyframe by keyframe, whatever is between them elsewhere.
    straight = Track(
        {k: Keyframe(lw.Rectangle(10 + 3 * k, 40, 40, 30)) for k in range(0, COUNT, COUNT - 1)}
    )
    assert straight == between
    made = propose("suggest_keyframes", film(curve=25), between, tolerance=4)
    frames = [mark.frame for mark in made.marks]
    assert any(abs(frame - last / 2) < 5 for frame in frames)
    assert set(carried(made).keyframes) == set(frames)
    assert not set(frames) & set(between.keyframes)


def test_of_a_track_without_gaps_nothing_is_suggested() -> None:
    with pytest.raises(ToolError, match="nothing between two keyframes"):
        propose("suggest_keyframes", film(), ON_FIRST)


def test_the_shots_of_a_video_are_events_and_its_cuts_marks() -> None:
    frames = np.concatenate([np.full((12, 40, 60, 3), level, np.uint8) for level in (20, 200, 90)])
    made = propose("cuts", lw.Film.of(frames), None)
    assert [one.geometry for one in made.shapes] == [
        Interval(0, 11),
        Interval(12, 23),
        Interval(24, 35),
    ]
    assert [(mark.frame, mark.words) for mark in made.marks] == [(12, "cut"), (24, "cut")]


def test_a_video_tool_gets_the_frame_that_is_shown_and_cannot_write_into_it() -> None:
    def look(video: lw.Film) -> lw.Rectangle:
        assert (len(video), video.frame, video.shape) == (COUNT, 5, SIZE)
        assert list(video.pts) == list(range(COUNT))
        with pytest.raises(ValueError, match="read-only"):
            video[5][0, 0] = 0
        with pytest.raises(IndexError):
            video[COUNT]
        return lw.Rectangle(1, 2, 3, 4)

    (made,) = Tool(look).propose(film(5)).shapes
    assert made.geometry == lw.Rectangle(1, 2, 3, 4)


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (Track({COUNT: Keyframe(BOX)}), "the video has 24"),
        (Interval(0, COUNT), "the video has 24"),
        (lw.Proposal(marks=[lw.Mark(COUNT)]), "marks a frame"),
        (np.zeros((3, 3), bool), "returned a mask of shape"),
        (lw.Tag(), "not a mask or a shape"),
    ],
)
def test_what_fits_no_frame_is_refused(result: Any, message: str) -> None:
    def bad(video: lw.Film) -> Any:
        return result

    with pytest.raises(ToolError, match=message):
        Tool(bad).propose(film())


def test_a_track_is_nothing_that_a_picture_has() -> None:
    def bad(image: Any) -> Any:
        return ON_FIRST

    with pytest.raises(ToolError, match="not a mask or a shape"):
        Tool(bad).propose(np.zeros((4, 4), np.uint8))


def test_signatures_that_cannot_be_are_refused() -> None:
    def both(video: lw.Film, image: Any) -> Any: ...

    def alone(track: Track) -> Any: ...

    with pytest.raises(ToolError, match="do not go together"):
        Tool(both)
    with pytest.raises(ToolError, match="goes with a video"):
        Tool(alone)


def test_a_tool_that_wants_a_track_says_so_and_one_for_videos_takes_no_picture() -> None:
    with pytest.raises(ToolError, match="needs to be shown"):
        propose("carry", film(), None)
    with pytest.raises(ToolError, match="looks at videos"):
        find("cuts").propose(np.zeros((4, 4), np.uint8))
    with pytest.raises(ToolError, match="not at videos"):
        find("wand").propose(film())


def test_long_work_says_how_far_it_is_and_ends_when_it_is_not_wanted() -> None:
    told: list[float] = []
    with telling(told.append):
        propose("cuts", film(), None)
    assert told == sorted(told)
    assert len(told) == COUNT
    with while_wanted(lambda: False), pytest.raises(ToolError, match="given up"):
        propose("carry", film(), ON_FIRST)


def test_the_page_is_told_that_a_tool_is_for_videos() -> None:
    spec = find("carry").spec()
    assert spec["video"]
    assert spec["prompts"] == ["track"]
    assert "rectangle" in spec["makes"]


def test_without_opencv_the_command_that_installs_it_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import sys

    video = film()
    monkeypatch.setitem(sys.modules, "cv2", None)
    with pytest.raises(ToolError, match=r'pip install "labelwidgets\[video\]"'):
        propose("carry", video, ON_FIRST)
    # Cuts are found without it.
    assert propose("cuts", video, None).note == "One shot: no cut was found."


def test_of_a_part_of_a_video_no_other_frame_is_proposed() -> None:
    frames = np.concatenate([np.full((12, 40, 60, 3), level, np.uint8) for level in (20, 200, 90)])
    whole = lw.Film.of(frames)
    part = lw.Film(whole.video, 8, span=(6, 20))
    made = propose("cuts", part, None)
    assert [one.geometry for one in made.shapes] == [Interval(6, 11), Interval(12, 20)]
    moving = film()
    part = lw.Film(moving.video, 2, span=(0, 5))
    about = Track({2: Keyframe(lw.Rectangle(16, 40, 40, 30))})
    assert max(carried(propose("carry", part, about, frames=20)).keyframes) == 5
