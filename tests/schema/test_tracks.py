"""Tracks: what is seen of them, and what is made of them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwidgets.errors import GeometryError
from labelwidgets.schema.geometry import Keypoints, Point, Rectangle
from labelwidgets.schema.tracks import Keyframe, Track
from tests.golden import make, tracks

COUNT = 16

CASES: list[dict[str, Any]] = json.loads(make.TRACKS.read_text(encoding="utf-8"))["tracks"]


def test_the_table_that_the_page_reads_is_what_the_kernel_sees() -> None:
    made = json.loads(make.text_of("tracks", tracks.tracks()))["tracks"]
    # Only the last digits of cosines, which are part of the input, may differ by machine.
    assert [one["seen"] for one in made] == [one["seen"] for one in CASES]


shape = st.builds(
    Rectangle,
    st.integers(0, 90).map(float),
    st.integers(0, 90).map(float),
    st.integers(1, 50).map(float),
    st.integers(1, 50).map(float),
)
keyframe = st.builds(
    lambda geometry, outside, bare, occluded, said: Keyframe(
        None if outside and bare else geometry,
        outside=outside,
        occluded=occluded,
        attributes={"pose": said} if said else {},
    ),
    shape,
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["", "up", "down"]),
)
some_tracks = (
    st.dictionaries(st.integers(0, COUNT - 1), keyframe, min_size=1, max_size=6)
    .filter(lambda made: not all(one.outside for one in made.values()))
    .map(Track)
)


def seen(track: Track) -> dict[int, Any]:
    """What is seen on each frame, with numbers that rounding does not change."""
    found = {}
    for frame in range(COUNT):
        sight = track.at(frame)
        if sight is not None:
            box = [round(number, 6) for number in sight.geometry.bounds or ()]
            found[frame] = (box, sight.occluded, sight.attributes)
    return found


@given(some_tracks)
def test_all_frames_at_once_are_the_frames_one_by_one(track: Track) -> None:
    one_by_one = {frame: sight for frame in range(COUNT) if (sight := track.at(frame)) is not None}
    assert dict(track.frames(COUNT)) == one_by_one
    assert dict(track.frames(COUNT, 3)) == {k: v for k, v in one_by_one.items() if k >= 3}
    frames, boxes = track.boxes(COUNT)
    assert frames.tolist() == list(one_by_one)
    assert boxes.tolist() == [list(one.geometry.bounds) for one in one_by_one.values()]
    table = track.table(COUNT)
    assert table.occluded.tolist() == [one.occluded for one in one_by_one.values()]
    assert table.keyframe.tolist() == [one.keyframe for one in one_by_one.values()]
    assert table.attributes == [one.attributes for one in one_by_one.values()]


@given(some_tracks, st.integers(0, COUNT - 1))
def test_what_is_split_is_seen_as_before(track: Track, frame: int) -> None:
    before = seen(track)
    try:
        first, second = track.split(frame)
    except GeometryError:
        assert all(key < frame for key in before) or all(key >= frame for key in before)
        return
    assert seen(first) == {key: one for key, one in before.items() if key < frame}
    told = {key: (box, occluded) for key, (box, occluded, _) in seen(second).items()}
    assert told == {key: one[:2] for key, one in before.items() if key >= frame}
    assert seen(first.merged(second)) == before


def test_what_is_answered_while_an_object_is_outside_outlasts_a_split() -> None:
    box = Rectangle(1, 2, 3, 4)
    gone = Keyframe(box, outside=True)
    answered = Keyframe(box, outside=True, attributes={"pose": "up"})
    track = Track({0: Keyframe(box), 2: gone, 3: answered, 5: Keyframe(box)})
    for frame in range(1, 6):
        first, second = track.split(frame)
        assert seen(first.merged(second)) == seen(track)


@given(some_tracks, st.integers(0, COUNT - 1), st.integers(0, COUNT - 1) | st.none())
def test_what_is_cut_out_is_not_seen_and_all_else_is(
    track: Track, first: int, last: int | None
) -> None:
    def inside(frame: int) -> bool:
        return frame >= first and (last is None or frame <= last)

    before = seen(track)
    try:
        made = track.cut(first, last)
    except GeometryError:
        assert (last is not None and last < first) or all(inside(frame) for frame in before)
        return
    left = {key: (box, occluded) for key, (box, occluded, _) in seen(made).items()}
    assert left == {key: one[:2] for key, one in before.items() if not inside(key)}


@given(some_tracks, st.integers(0, 30))
def test_what_is_moved_is_seen_later_and_comes_back(track: Track, by: int) -> None:
    assert track.moved(by).moved(-by) == track
    assert {frame + by for frame in seen(track)} >= set(seen(track.moved(by)))
    assert track.moved(by).at(COUNT + by) == track.at(COUNT)


def test_moving_before_the_first_frame_is_refused() -> None:
    with pytest.raises(GeometryError, match="must be the index of a frame"):
        Track({3: Keyframe(Point(1, 1))}).moved(-4)


def test_tracks_that_overlap_or_differ_are_not_merged() -> None:
    def at(frame: int, made: Any) -> Track:
        return Track({frame: Keyframe(made), frame + 5: Keyframe(outside=True)})

    with pytest.raises(GeometryError, match="must end before the other begins"):
        at(0, Point(1, 1)).merged(at(0, Point(1, 1)))
    with pytest.raises(GeometryError, match="do not go together"):
        at(0, Point(1, 1)).merged(at(9, Rectangle(1, 1, 2, 2)))


def test_a_joint_goes_past_keyframes_that_do_not_place_it() -> None:
    def pose(x: float, y: float) -> Keypoints:
        return Keypoints([(x, 0, 2), (y, 0, 2)])

    track = Track(
        {
            0: Keyframe(pose(0, 0)),
            4: Keyframe(pose(99, 8), joints=(1,)),
            10: Keyframe(pose(10, 20)),
        }
    )
    assert track.at(4).geometry == pose(4, 8)
    assert track.at(7).geometry == pose(7, 14)
    assert [track.at(frame).keyframe for frame in (0, 3, 4)] == [True, False, True]


def test_visibility_holds_until_a_keyframe_places_the_joint() -> None:
    track = Track(
        {
            0: Keyframe(Keypoints([(0, 0, 1), (5, 5, 0)])),
            2: Keyframe(Keypoints([(2, 0, 2), (7, 7, 2)])),
        }
    )
    assert track.at(1).geometry == Keypoints([(1, 0, 1), (5, 5, 0)])


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda: Track({}), "one keyframe at least"),
        (lambda: Track([Keyframe(Point(1, 1))]), "by index of the frame"),
        (lambda: Track({"0": Keyframe(Point(1, 1))}), "index of a frame"),
        (lambda: Track({1.5: Keyframe(Point(1, 1))}), "index of a frame"),
        (lambda: Track({True: Keyframe(Point(1, 1))}), "index of a frame"),
        (lambda: Track({-1: Keyframe(Point(1, 1))}), "index of a frame"),
        (lambda: Track({0: Point(1, 1)}), "must be a Keyframe"),
        (lambda: Track({0: Keyframe(outside=True)}), "in the picture"),
        (lambda: Keyframe("box"), "must be a shape"),
        (lambda: Keyframe(None), "is needed"),
        (lambda: Keyframe(Point(1, 1), outside=1), "True or False"),
        (lambda: Keyframe(Point(1, 1), pts=1.0), "whole number"),
        (lambda: Keyframe(Point(1, 1), attributes="up"), "answers by the names"),
        (lambda: Keyframe(Point(1, 1), confidence=float("nan")), "from 0 to 1"),
        (lambda: Keyframe(Point(1, 1), joints=(0,)), "no shape with joints"),
        (lambda: Keyframe(Keypoints([(1, 1, 2)]), joints=(1,)), "from 0 to 0"),
        (lambda: Keyframe(Point(float("nan"), 1)), "finite"),
    ],
)
def test_bad_tracks_are_refused_by_a_sentence(made: Any, words: str) -> None:
    with pytest.raises(GeometryError, match=words):
        made()
