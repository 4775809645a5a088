"""Tracks and intervals on videos: what a session lets into its store, and what it fills in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from labelwidgets.errors import GeometryError, SourceError
from labelwidgets.schema.geometry import Rectangle
from labelwidgets.schema.ontology import ObjectClass, Ontology, Radio, Skeleton, Text
from labelwidgets.schema.tracks import MAX_KEYFRAMES, Keyframe, Track
from labelwidgets.store.store import Store
from labelwidgets.workflow.presets import maker_only
from labelwidgets.workflow.session import Session
from tests.store.making import applied, create, items, refused, update
from tests.workflow.pictures import BlankPictures

PTS = np.array([0, 512, 1024, 1600, 2048, 3000], np.int64)


class Films(BlankPictures):
    """Videos of six frames of 640 x 480 pixels; item1 cannot be opened."""

    def __init__(self) -> None:
        self.opened: list[str] = []

    def video(self, item_id: str, /) -> Any:
        self.opened.append(item_id)
        if item_id == "item1":
            raise SourceError("is not there.", where="film")
        return SimpleNamespace(pts=PTS, facts=SimpleNamespace(width=640, height=480))


@pytest.fixture
def films() -> Films:
    return Films()


@pytest.fixture
def session(tmp_path: Path, films: Films) -> Iterator[Session]:
    made = items(3, kind="video", metadata={})
    made.loc[2, "kind"] = "image"
    ontology = Ontology(
        [
            ObjectClass(
                "car",
                attributes=[Radio("lights", ["on", "off"], mutable=True), Text("plate")],
            ),
            ObjectClass("fly", tool="keypoints", skeleton=Skeleton(["head", "tail"])),
        ]
    )
    with Store.create(
        tmp_path / "films.db",
        ontology=ontology,
        items=made,
        workflow=maker_only().to_dict(),
        initial=maker_only().initial,
        actor="ana",
    ) as store:
        yield Session(store, films, "ana")


def box(x: float = 1, width: float = 2) -> dict[str, Any]:
    return {"type": "rectangle", "x": x, "y": 1, "width": width, "height": 2}


def track(*frames: Any, **more: Any) -> dict[str, Any]:
    return {
        "type": "track",
        "keyframes": {str(frame): {"geometry": box(), **more} for frame in frames},
    }


def car(task: str, geometry: Any, **more: Any) -> Any:
    return create(task, after={"geometry": geometry, **more})


def test_the_timestamps_of_frames_are_filled_in(session: Session) -> None:
    task = session.store.task_ids()[0]
    interval = {"type": "interval", "first": 1, "last": 5}
    edits = [car(task, track(0, 3)), car(task, interval), car(task, box(), frame=4)]
    for outcome in session.apply(edits):
        applied(outcome)
    moving, event, still = (made for made in session.store.read())
    assert {key: made.pts for key, made in moving.geometry.keyframes.items()} == {0: 0, 3: 1600}
    assert (event.geometry.first_pts, event.geometry.last_pts) == (512, 3000)
    assert (still.frame, still.pts) == (4, 2048)
    patch = {"type": "trackpatch", "keyframes": {"2": {"geometry": box(5)}, "3": None}}
    applied(session.apply([update(task, moving.id, 1, {"geometry": patch})])[0])
    applied(session.apply([update(task, still.id, 1, {"frame": 5})])[0])
    moving, _, still = session.store.read()
    assert {key: made.pts for key, made in moving.geometry.keyframes.items()} == {0: 0, 2: 1024}
    assert still.pts == 3000


@pytest.mark.parametrize(
    ("geometry", "more"),
    [
        (track(3, pts=1599), {}),
        ({"type": "interval", "first": 1, "last": 3, "last_pts": 1}, {}),
        (box(), {"frame": 3, "pts": 3}),
    ],
)
def test_another_timestamp_than_that_of_the_frame_is_another_file(
    session: Session, geometry: Any, more: dict[str, Any]
) -> None:
    task = session.store.task_ids()[0]
    outcome = refused(session.apply([car(task, geometry, **more)])[0], "invalid")
    assert "the file is not the one that was labelled" in outcome.message
    assert len(session.store.read()) == 0


def test_what_was_labelled_on_another_file_may_still_be_moved_elsewhere(session: Session) -> None:
    task = session.store.task_ids()[0]
    made = car(task, track(0, 3))
    applied(session.apply([made])[0])
    session._times._known["item0"] = session._times._known["item0"]._replace(pts=PTS * 2)
    patch = {"type": "trackpatch", "keyframes": {"4": {"geometry": box(5)}}}
    applied(session.apply([update(task, made.annotation, 1, {"geometry": patch})])[0])
    patch = {"type": "trackpatch", "keyframes": {"3": {"geometry": box(5), "pts": 1600}}}
    outcome = session.apply([update(task, made.annotation, 2, {"geometry": patch})])[0]
    assert "not the one that was labelled" in refused(outcome, "invalid").message


def test_a_video_that_cannot_be_opened_loses_no_label_and_is_not_tried_at_each_edit(
    session: Session, films: Films
) -> None:
    task = session.store.task_ids()[1]
    for _ in range(3):
        applied(session.apply([car(task, track(0, 900, pts=7))])[0])
    assert films.opened == ["item1"]


@pytest.mark.parametrize(
    ("geometry", "words"),
    [
        (track(6), "is no frame of the video, which has 6 (from 0 to 5)"),
        ({"type": "interval", "first": 2, "last": 6}, "is no frame of the video"),
        ({"type": "interval", "first": 3, "last": 2}, "must not be before the first frame"),
        (track(-1), "must be the index of a frame"),
        (track("1.5"), "keyframes: has a name that is text, not a whole number"),
        (track("one"), "keyframes: has a name that is text, not a whole number"),
        (track(2**31), "must be the index of a frame"),
        ({"type": "track", "keyframes": {}}, "must have one keyframe at least"),
        ({"type": "track", "keyframes": {"0": {"outside": True}}}, "object is in the picture"),
        ({"type": "track", "keyframes": {"0": {}}}, "is needed, as the object is not outside"),
        ({"type": "track", "keyframes": {"0": {"geometry": {"type": "tag"}}}}, "tag"),
        ({"type": "track", "keyframes": [box()]}, "keyframes: is a list, not an object"),
        (track(1, pts=2**60), "must be a whole number, in the time base"),
        (track(1, joints=[0]), "no shape with joints"),
        (track(1, geometry=box(2000)), "outside of the image of 640 x 480"),
        (track(1, geometry=box(float("nan"))), "finite number"),
        (
            track(1, geometry={"type": "mask", "rle": {"size": [2, 2], "counts": "04"}}),
            "the image is 640 x 480",
        ),
        (
            {
                "type": "track",
                "keyframes": {
                    "0": {"geometry": box()},
                    "1": {"geometry": {"type": "point", "x": 1, "y": 1}},
                },
            },
            "must have shapes of one kind",
        ),
        (track(1, attributes={"lights": "dim"}), "has no option 'dim'"),
        (track(1, attributes={"speed": "1"}), "is not in the ontology"),
        (track(1, attributes={"plate": "B"}), "asked of a track as a whole"),
    ],
)
def test_bad_tracks_are_refused_by_a_sentence(session: Session, geometry: Any, words: str) -> None:
    outcome = refused(session.apply([car(session.store.task_ids()[0], geometry)])[0], "invalid")
    assert words in outcome.message
    assert len(session.store.read()) == 0


def test_every_keyframe_has_the_joints_of_the_skeleton(session: Session) -> None:
    task = session.store.task_ids()[0]
    shape = {"type": "keypoints", "points": [[1, 1, 2]]}
    made = create(task, after={"class_name": "fly", "geometry": track(1, geometry=shape)})
    outcome = refused(session.apply([made])[0], "invalid")
    assert "keyframes[1]" in outcome.message
    assert "has 1 joint, the skeleton of 'fly' has 2" in outcome.message


@pytest.mark.parametrize("geometry", [track(0), {"type": "interval", "first": 0, "last": 0}])
def test_a_single_picture_has_no_tracks(session: Session, geometry: Any) -> None:
    outcome = session.apply([car(session.store.task_ids()[2], geometry)])[0]
    assert "only videos and sequences" in refused(outcome, "invalid").message


def test_a_patch_leaves_a_keyframe_that_is_in_the_picture(session: Session) -> None:
    task = session.store.task_ids()[0]
    made = car(task, track(0, 3))
    applied(session.apply([made])[0])
    for keyframes in ({"0": None, "3": None}, {"0": {"outside": True}, "3": {"outside": True}}):
        patch = {"type": "trackpatch", "keyframes": keyframes}
        outcome = session.apply([update(task, made.annotation, 1, {"geometry": patch})])[0]
        assert "must have one" in refused(outcome, "invalid").message


def test_only_keyframes_that_change_are_judged(session: Session) -> None:
    task = session.store.task_ids()[0]
    made = car(task, track(0, 3))
    # As an import of before may have left it: far outside.
    session.store.apply([made.__class__(**{**_fields(made), "after": _outside(made.after)})], "ana")
    patch = {"type": "trackpatch", "keyframes": {"3": {"geometry": box(5)}}}
    applied(session.apply([update(task, made.annotation, 1, {"geometry": patch})])[0])
    patch = {"type": "trackpatch", "keyframes": {"4": {"geometry": box(5000)}}}
    outcome = session.apply([update(task, made.annotation, 2, {"geometry": patch})])[0]
    assert "keyframes[4]" in refused(outcome, "invalid").message


def test_what_becomes_a_shape_says_on_which_frame_and_what_becomes_a_track_does_not(
    session: Session,
) -> None:
    task = session.store.task_ids()[0]
    moving, still = car(task, track(0, 3)), car(task, box(), frame=4)
    for outcome in session.apply([moving, still]):
        applied(outcome)
    outcome = session.apply([update(task, moving.annotation, 1, {"geometry": box(2)})])[0]
    assert "frame: must be from 0 to 5" in refused(outcome, "invalid").message
    outcome = session.apply([update(task, still.annotation, 1, {"geometry": track(4)})])[0]
    assert "frame: must be left out" in refused(outcome, "invalid").message
    changes = {"geometry": box(2), "frame": 2}
    applied(session.apply([update(task, moving.annotation, 1, changes)])[0])
    changes = {"geometry": track(4), "frame": None}
    applied(session.apply([update(task, still.annotation, 1, changes)])[0])
    was, now = session.store.read()
    assert (was.frame, was.pts, now.frame, now.pts) == (2, 1024, None, None)


def test_a_track_has_at_most_so_many_keyframes(session: Session) -> None:
    shape = Keyframe(outside=True)
    with pytest.raises(Exception, match="at most 100000"):
        Track(dict.fromkeys(range(MAX_KEYFRAMES + 1), shape))


def test_a_track_is_merged_with_tracks_only() -> None:
    one = Track({0: Keyframe(Rectangle(1, 1, 2, 2))})
    with pytest.raises(GeometryError, match="other: must be a Track, not str"):
        one.merged("car")  # type: ignore[arg-type]


def test_the_past_of_a_track_is_told_with_its_patches(session: Session) -> None:
    task = session.store.task_ids()[0]
    made = car(task, track(0, 3))
    applied(session.apply([made])[0])
    patch = {"type": "trackpatch", "keyframes": {"4": {"geometry": box(5)}, "0": None}}
    told = applied(session.apply([update(task, made.annotation, 1, {"geometry": patch})])[0])
    (geometry,) = session.store.at(told.time).annotations.geometry
    assert geometry == session.store.read()[0].geometry


def _fields(edit: Any) -> dict[str, Any]:
    return {name: getattr(edit, name) for name in edit.__struct_fields__}


def _outside(after: dict[str, Any]) -> dict[str, Any]:
    return {**after, "geometry": track(0, 3, geometry=box(9000))}
