"""A track lacks a required answer where it has none on a frame that shows the object."""

from __future__ import annotations

from typing import Any

import labelwidgets as lw
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Rectangle
from labelwidgets.schema.track_answers import missing_anywhere
from labelwidgets.schema.tracks import Keyframe, Track

BOX = Rectangle(0, 0, 10, 10)
QUESTIONS = [
    lw.Radio("pose", ["sits", "stands"], required=True),
    lw.Radio("on", ["chair", "floor"], required=True, shown_if={"pose": ["sits"]}),
]


def lacking(keyframes: dict[int, Keyframe], **attributes: Any) -> list[str]:
    made = Annotation(
        item_id="i", class_name="fly", geometry=Track(keyframes), attributes=attributes
    )
    return missing_anywhere(QUESTIONS, made)


def test_an_answer_holds_until_a_later_keyframe_answers_otherwise() -> None:
    stands = Keyframe(BOX, attributes={"pose": "stands"})
    assert lacking({3: stands, 9: Keyframe(BOX)}) == []
    assert lacking({3: Keyframe(BOX), 9: stands}) == ["pose"]


def test_what_is_asked_from_a_frame_on_is_lacking_there() -> None:
    stands = Keyframe(BOX, attributes={"pose": "stands"})
    sits = Keyframe(BOX, attributes={"pose": "sits"})
    assert lacking({0: stands, 5: sits}) == ["on"]
    assert lacking({0: stands, 5: sits}, on="floor") == []


def test_nothing_is_asked_where_the_object_is_not_in_the_picture() -> None:
    answered = Keyframe(BOX, outside=True, attributes={"pose": "stands"})
    assert lacking({0: answered, 5: Keyframe(BOX)}) == []
    later = {0: Keyframe(BOX, attributes={"pose": "stands"}), 5: Keyframe(outside=True)}
    assert lacking(later) == []


def test_shapes_are_asked_as_ever() -> None:
    made = Annotation(item_id="i", class_name="fly", geometry=BOX, attributes={"pose": "sits"})
    assert missing_anywhere(QUESTIONS, made) == ["on"]
    assert missing_anywhere([], made) == []
