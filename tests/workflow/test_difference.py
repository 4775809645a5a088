from __future__ import annotations

import msgspec
import numpy as np
from hypothesis import given

from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import (
    Ellipse,
    Keypoints,
    Mask,
    Point,
    Polyline,
    Rectangle,
    Tag,
)
from labelwidgets.schema.tracks import Interval, Keyframe, Track
from labelwidgets.workflow.difference import Change, counted, difference, difference_frame
from labelwidgets.workflow.shape_changes import how_changed
from tests.workflow.shapes import box, label, outline, pictures


def kinds(before: list[Annotation], after: list[Annotation]) -> list[str]:
    return [one.kind for one in difference(before, after)]


def test_a_shape_that_went_elsewhere_is_moved_and_one_that_is_larger_is_reshaped() -> None:
    moved, reshaped = difference(
        [label("a", box(0, 0)), label("b", box(50, 0))],
        [label("a", box(3, 4)), label("b", box(50, 0, 12, 10))],
    )
    assert (moved.kind, moved.shift) == ("moved", 5.0)
    assert moved.overlap is not None
    assert abs(moved.overlap - 42 / 158) < 1e-12
    assert reshaped.kind == "reshaped"
    assert reshaped.overlap == 10 / 12


def test_a_label_may_be_moved_relabelled_and_answered_at_once() -> None:
    before = [label("a", box(0, 0), attributes={"seen": ["left", "right"], "side": "left"})]
    after = [
        label("a", box(1, 0), "lorry", attributes={"seen": ["right", "left"], "side": "right"})
    ]
    changes = difference(before, after)
    assert [one.kind for one in changes] == ["moved", "relabelled", "answered"]
    assert changes[2].answers == {"side": ("left", "right")}
    assert (changes[1].class_before, changes[1].class_after) == ("car", "lorry")


def test_what_is_drawn_anew_in_its_place_is_the_same_object() -> None:
    assert kinds([label("a", box(0, 0))], [label("b", box(1, 0))]) == ["moved"]
    assert kinds([label("a", box(0, 0))], [label("b", box(40, 0))]) == ["removed", "added"]


def test_one_that_became_several_is_split_and_several_that_became_one_are_merged() -> None:
    one, left, right = (
        label("a", outline(0, 0, 20, 10)),
        label("b", outline(0, 0, 10, 10)),
        label("c", outline(10, 0, 10, 10)),
    )
    (split,) = difference([one], [left, right])
    assert (split.kind, split.before, split.after) == ("split", (one.id,), (left.id, right.id))
    (merged,) = difference([left, right], [one])
    assert (merged.kind, merged.before, merged.after) == ("merged", (left.id, right.id), (one.id,))


def test_a_part_that_keeps_the_id_of_the_whole_is_a_split_all_the_same() -> None:
    whole = label("a", outline(0, 0, 20, 10))
    parts = [label("a", outline(0, 0, 10, 10)), label("b", outline(10, 0, 10, 10))]
    assert kinds([whole], parts) == ["split"]
    assert kinds(parts, [whole]) == ["merged"]


def test_what_is_drawn_within_a_shape_that_stays_is_added_not_a_split() -> None:
    person = label("a", box(0, 0, 20, 20))
    faces = [label("b", box(0, 0, 10, 20)), label("c", box(10, 0, 10, 20))]
    assert kinds([person], [person, *faces]) == ["added", "added"]


def test_a_label_on_another_frame_or_with_another_tool_keeps_its_name() -> None:
    before = [label("a", box(0, 0), frame=3), label("b", box(0, 0))]
    after = [label("a", box(0, 0), frame=4), label("b", outline(0, 0))]
    moved, reshaped = difference(before, after)
    assert (moved.kind, moved.frame) == ("moved", 4)
    assert reshaped.kind == "reshaped"
    assert reshaped.overlap == 1.0


def test_every_kind_of_shape_says_how_it_changed() -> None:
    bits = np.zeros((30, 30), bool)
    bits[2:8, 2:9] = True
    bits[5, 5] = False

    def mask(values: np.ndarray) -> Mask:
        from labelwidgets.algorithms import encode_rle

        return Mask(encode_rle(values))  # type: ignore[arg-type]

    line = [(0.0, 0.0), (4.0, 4.0), (9.0, 0.0)]
    moves = [
        (Point(1, 1), Point(2, 1)),
        (Ellipse(5, 5, 3, 2, 30), Ellipse(9, 5, 3, 2, 30)),
        (Rectangle(0, 0, 5, 5, 30), Rectangle(4, 0, 5, 5, 30)),
        (Polyline(line), Polyline([(x + 2, y) for x, y in line])),
        (Keypoints([(1, 1, 2), (2, 5, 2)]), Keypoints([(3, 1, 2), (4, 5, 2)])),
        (mask(bits), mask(np.roll(bits, 4, 1))),
        (Interval(0, 5), Interval(3, 8)),
        (Track({0: Keyframe(box(0, 0))}), Track({0: Keyframe(box(5, 0))})),
    ]
    for was, now in moves:
        how = how_changed(was, now)
        assert how is not None
        assert how[0] == "moved", was
        assert how_changed(was, was) is None
    changes = [
        (Ellipse(5, 5, 3, 2), Ellipse(5, 5, 4, 2)),
        (Polyline(line), Polyline(line[:2])),
        (mask(bits), mask(bits | (np.roll(bits, 1, 0)))),
        (Interval(0, 5), Interval(0, 8)),
        (Track({0: Keyframe(box(0, 0))}), Track({0: Keyframe(box(0, 0)), 5: Keyframe(box(9, 0))})),
    ]
    for was, now in changes:
        how = how_changed(was, now)
        assert how is not None
        assert how[0] == "reshaped", was


def test_answers_about_the_image_are_answered() -> None:
    before = [label("a", Tag(), None, attributes={"weather": "dry"})]
    after = [label("a", Tag(), None, attributes={"weather": "rain"})]
    assert kinds(before, after) == ["answered"]


def test_a_change_is_plain_json_and_the_frame_has_the_same_columns_when_empty() -> None:
    changes = difference([label("a", box(0, 0))], [label("b", box(90, 0))])
    plain = msgspec.json.encode(changes)
    assert msgspec.json.decode(plain, type=list[Change]) == changes
    assert counted(changes) == {"added": 1, "removed": 1}
    full, empty = difference_frame(changes), difference_frame([])
    assert dict(full.dtypes) == dict(empty.dtypes)
    assert list(full["kind"]) == ["removed", "added"]


@given(pictures())
def test_nothing_differs_from_itself(labels: list[Annotation]) -> None:
    assert difference(labels, labels) == []


@given(pictures("a"), pictures("b"))
def test_every_label_that_was_drawn_anew_is_accounted_for_once(
    before: list[Annotation], after: list[Annotation]
) -> None:
    changes = difference(before, after)
    unlike = [one for one in changes if one.kind not in ("moved", "reshaped", "relabelled")]
    gone = [name for one in unlike for name in one.before]
    come = [name for one in unlike for name in one.after]
    assert len(gone) == len(set(gone))
    assert len(come) == len(set(come))
    paired = {(one.before, one.after) for one in changes if one not in unlike}
    rest = {one.id for one in before} - set(gone) - {was for (was,), _ in paired}
    # What is not named was found again as it was.
    assert len(rest) == len(after) - len(come) - len(paired)


@given(pictures("a"), pictures("b"))
def test_the_changes_make_up_for_the_number_of_labels(
    before: list[Annotation], after: list[Annotation]
) -> None:
    whole = ("added", "removed", "split", "merged")
    changes = [one for one in difference(before, after) if one.kind in whole]
    more = sum(len(one.after) - len(one.before) for one in changes)
    assert more == len(after) - len(before)
