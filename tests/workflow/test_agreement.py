"""`lw.agreement` on small cases that can be worked out by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import labelwidgets as lw
from labelwidgets.errors import SchemaError
from labelwidgets.workflow.agreement import MEASURES
from labelwidgets.workflow.levels import COUNTS
from labelwidgets.workflow.measures import columns_of
from labelwidgets.workflow.pairs import objects_of, pairs_of
from tests.workflow.shapes import add_as

COLUMNS = ["item_id", "author", "class_name", "geometry", "frame"]
BOX = lw.Rectangle(0, 0, 10, 10)
HALF = lw.Rectangle(0, 0, 10, 5)
ELSEWHERE = lw.Rectangle(50, 0, 10, 10)


def labels(*rows: tuple[Any, ...]) -> pd.DataFrame:
    """Item, rater, class and shape, and the frame where there is one."""
    return pd.DataFrame([(*row, None)[:5] for row in rows], columns=COLUMNS)


# Three on item a, of whom one saw a dog; two on item b.
TEAM = labels(
    ("a", "ana", "car", BOX),
    ("a", "bob", "car", BOX),
    ("a", "cy", "car", HALF),
    ("a", "ana", "dog", ELSEWHERE),
    ("b", "ana", "car", BOX),
    ("b", "bob", "car", HALF),
)


def values(frame: pd.DataFrame, *keys: str) -> dict[Any, float]:
    index = [tuple(row) if len(keys) > 1 else row[0] for row in frame[list(keys)].to_numpy()]
    return dict(zip(index, frame["value"].tolist(), strict=True))


def test_what_only_one_has_counts_as_nothing_and_every_pair_of_raters_weighs_the_same() -> None:
    # ana and bob on a: a car in common and a dog alone; ana and cy: half and a dog; bob and cy.
    made = lw.agreement(TEAM)
    assert made["value"].tolist() == pytest.approx([(0.5 + 0.25 + 0.5 + 0.5) / 4])
    assert made[list(COUNTS)].to_numpy().tolist() == [[2, 4, 6, 4]]


def test_levels_are_rows() -> None:
    assert values(lw.agreement(TEAM, by="task"), "item_id") == pytest.approx(
        {"a": (0.5 + 0.25 + 0.5) / 3, "b": 0.5}
    )
    assert values(lw.agreement(TEAM, by="class"), "class_name") == pytest.approx(
        {"car": (1 + 0.5 + 0.5 + 0.5) / 4, "dog": 0}
    )
    assert values(lw.agreement(TEAM, by="pair"), "rater_a", "rater_b") == pytest.approx(
        {("ana", "bob"): (0.5 + 0.5) / 2, ("ana", "cy"): 0.25, ("bob", "cy"): 0.5}
    )
    assert values(lw.agreement(TEAM, by="rater"), "rater") == pytest.approx(
        {"ana": (0.5 + 0.25 + 0.5) / 3, "bob": (0.5 + 0.5 + 0.5) / 3, "cy": (0.25 + 0.5) / 2}
    )
    assert values(lw.agreement(TEAM, by="object"), "item_id", "object") == pytest.approx(
        {("a", 0): (1 + 0.5 + 0.5) / 3, ("a", 1): 0, ("b", 0): 0.5}
    )
    assert values(lw.agreement(TEAM, by=["class", "task"]), "class_name", "item_id") == (
        pytest.approx({("car", "a"): 2 / 3, ("car", "b"): 0.5, ("dog", "a"): 0})
    )


def test_an_item_that_both_left_empty_is_one_that_they_agree_on() -> None:
    submitted = [("a", "ana"), ("a", "bob"), ("c", "ana"), ("c", "bob"), ("d", "ana")]
    made = values(lw.agreement(TEAM, by="task", items=submitted), "item_id")
    assert made == pytest.approx({"a": 0.5, "c": 1})
    frame = pd.DataFrame(submitted, columns=["item_id", "author"])
    assert values(lw.agreement(TEAM, by="task", items=frame), "item_id") == made
    assert lw.agreement(TEAM, "f1", items=[("c", "ana"), ("c", "bob")])["value"].tolist() == [1]


def test_who_left_an_item_empty_has_missed_what_the_other_has() -> None:
    made = lw.agreement(TEAM, items=[("b", "ana"), ("b", "dan")])
    assert made["value"].tolist() == [0]
    assert made[list(COUNTS)].to_numpy().tolist() == [[1, 1, 1, 0]]


def test_objects_are_matched_within_a_frame_and_a_class() -> None:
    rows = [("a", "ana", "car", BOX, 1), ("a", "bob", "car", BOX, 2)]
    assert lw.agreement(labels(*rows))["value"].tolist() == [0]
    rows = [("a", "ana", "car", BOX, 1), ("a", "bob", "van", BOX, 1)]
    assert lw.agreement(labels(*rows))["value"].tolist() == [0]
    made = lw.agreement(labels(*rows), by="class", across_classes=True)
    assert values(made, "class_name") == {"car": 1, "van": 1}


def test_an_object_has_one_label_of_each_rater() -> None:
    # ana's wide box is like both of bob's, each of which cy has too.
    wide, left, right = (
        lw.Rectangle(0, 0, 20, 10),
        lw.Rectangle(0, 0, 11, 10),
        lw.Rectangle(11, 0, 9, 10),
    )
    rows = [("a", "ana", "car", wide)]
    rows += [("a", who, "car", shape) for who in ("bob", "cy") for shape in (left, right)]
    pairs = pairs_of(labels(*rows))
    objects = objects_of(pairs)
    assert objects.tolist() == [0, 0, 1, 0, 1]
    for number in set(objects.tolist()):
        assert pairs.labels["author"][objects == number].is_unique


@pytest.mark.parametrize("measure", sorted(MEASURES))
def test_a_frame_without_labels_has_its_columns_and_dtypes_all_the_same(measure: str) -> None:
    for by in sorted(MEASURES[measure].levels):
        made = lw.agreement(TEAM[:0], measure, by)
        assert made.empty
        assert set(columns_of([by])) <= set(made.columns)
        assert made["value"].dtype == np.float64
    assert len(lw.agreement(TEAM[:0], measure)) == 1


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"measure": "jaccard"}, "measure"),
        ({"by": "week"}, "by"),
        ({"rater": "annotator"}, "annotator"),
        ({"threshold": 2}, "threshold"),
        ({"sigma": 1}, "sigma"),
        ({"items": "a"}, "items"),
        ({"items": [("a",)]}, "items"),
    ],
)
def test_what_cannot_be_asked_is_named(asked: dict[str, Any], field: str) -> None:
    with pytest.raises(SchemaError, match=field):
        lw.agreement(TEAM, **asked)


def answered(*rows: tuple[Any, ...]) -> pd.DataFrame:
    """Item, rater, class, shape and attributes."""
    return pd.DataFrame(rows, columns=[*COLUMNS[:4], "attributes"])


TAG = lw.Tag()


def test_tags_are_the_same_or_not_and_none_is_an_answer_too() -> None:
    rows = [("a", who, tag, TAG, {}) for who, tag in (("ana", "day"), ("bob", "day"))]
    rows += [
        ("a", "cy", "night", TAG, {}),
        ("b", "ana", "day", TAG, {}),
        ("b", "ana", "wet", TAG, {}),
    ]
    rows += [("b", "bob", "wet", TAG, {}), ("b", "bob", "day", TAG, {})]
    frame = answered(*rows)
    by_item = values(lw.agreement(frame, "percent", "item", on="tag"), "item_id")
    assert by_item == pytest.approx({"a": 1 / 3, "b": 1})
    submitted = [("a", "ana"), ("a", "bob"), ("a", "dan")]
    made = lw.agreement(frame, "percent", items=submitted, on="tag")
    assert made["value"].tolist() == pytest.approx([1 / 3])


def test_classes_are_compared_of_what_is_the_same_object() -> None:
    frame = answered(
        ("a", "ana", "car", BOX, {}),
        ("a", "bob", "van", BOX, {}),
        ("a", "cy", "van", BOX, {}),
        ("a", "cy", "dog", ELSEWHERE, {}),
    )
    made = lw.agreement(frame, "percent", by="pair")
    assert values(made, "rater_a", "rater_b") == {
        ("ana", "bob"): 0,
        ("ana", "cy"): 0,
        ("bob", "cy"): 1,
    }
    by_class = values(lw.agreement(frame, "percent", by="class"), "class_name")
    assert by_class == pytest.approx({"car": 0, "van": 1 / 3})


def test_answers_are_compared_question_by_question() -> None:
    frame = answered(
        ("a", "ana", "car", BOX, {"colour": "red", "seen": ["left", "front"]}),
        ("a", "bob", "car", BOX, {"colour": "blue", "seen": ["front", "left"]}),
        ("a", "ana", None, TAG, {"weather": "wet"}),
        ("a", "bob", None, TAG, {"weather": "wet"}),
    )
    made = lw.agreement(frame, "percent", by="attribute", on="attributes")
    assert values(made, "attribute") == {"colour": 0, "seen": 1, "weather": 1}
    assert lw.agreement(frame, "percent", on="colour")["value"].tolist() == [0]
    with pytest.raises(SchemaError, match="size"):
        lw.agreement(frame, "percent", on="size")


def square(x: float, y: float, side: float) -> lw.Polygon:
    ring = [(x, y), (x + side, y), (x + side, y + side), (x, y + side)]
    return lw.Polygon([[ring]])


def pixels(x: int, y: int, side: int, picture: int = 40) -> lw.Mask:
    mask = np.zeros((picture, picture), bool)
    mask[y : y + side, x : x + side] = True
    return lw.Mask(lw.RLE(**lw.algorithms.encode_rle(mask)))


@pytest.mark.parametrize("first", [lw.Rectangle(2, 3, 10, 10), square(2, 3, 10), pixels(2, 3, 10)])
@pytest.mark.parametrize("second", [lw.Rectangle(7, 3, 10, 10), square(7, 3, 10), pixels(7, 3, 10)])
def test_areas_are_compared_whatever_they_were_drawn_with(first: Any, second: Any) -> None:
    frame = labels(("a", "ana", "car", first), ("a", "bob", "car", second))
    assert lw.agreement(frame)["value"].tolist() == pytest.approx([50 / 150])
    assert lw.agreement(frame, "dice")["value"].tolist() == pytest.approx([0.5])
    for measure in ("hd", "hd95"):
        assert lw.agreement(frame, measure)["value"].tolist() == pytest.approx([5])
        made = lw.agreement(frame, measure, spacing=(0.5, 2.0))
        assert made["value"].tolist() == pytest.approx([2.5])
        made = lw.agreement(frame, measure, spacing={"a": (0.1, 1), "b": (7, 7)})
        assert made["value"].tolist() == pytest.approx([0.5])


def test_skeletons_lines_volumes_intervals_and_tracks_have_their_own_overlaps() -> None:
    joints = lw.Keypoints([(0, 0, 2), (100, 0, 2), (0, 100, 0)])
    fewer = lw.Keypoints([(0, 0, 2), (100, 0, 0), (0, 100, 0)])
    frame = labels(("a", "ana", "man", joints), ("a", "bob", "man", fewer))
    assert lw.agreement(frame, "oks")["value"].tolist() == pytest.approx([0.5])

    line = lw.Polyline([(0, 0), (100, 0)])
    frame = labels(
        ("a", "ana", "lane", line), ("a", "bob", "lane", lw.Polyline([(0, 5), (100, 5)]))
    )
    made = lw.agreement(frame, "line_iou", thickness=10)
    assert made["value"].tolist() == pytest.approx([0.33], abs=0.02)

    block = pixels(0, 0, 10).rle
    volumes = lw.VolumeMask({1: block, 2: block}), lw.VolumeMask({2: block, 3: block})
    frame = labels(("a", "ana", "lung", volumes[0]), ("a", "bob", "lung", volumes[1]))
    assert lw.agreement(frame)["value"].tolist() == pytest.approx([1 / 3])
    assert lw.agreement(frame, "hd", spacing=(1, 1, 2.5))["value"].tolist() == [2.5]

    frame = labels(
        ("a", "ana", "rain", lw.Interval(0, 9)), ("a", "bob", "rain", lw.Interval(5, 14))
    )
    assert lw.agreement(frame)["value"].tolist() == pytest.approx([1 / 3])

    def track(last: int) -> lw.Track:
        return lw.Track({0: lw.Keyframe(BOX), last: lw.Keyframe(outside=True)})

    frame = labels(("a", "ana", "car", track(10)), ("a", "bob", "car", track(5)))
    assert lw.agreement(frame)["value"].tolist() == pytest.approx([0.5])


def test_f1_and_panoptic_quality_count_objects() -> None:
    near = lw.Rectangle(0, 0, 10, 8)  # An overlap of 0.8 with the box.
    frame = labels(
        ("a", "ana", "car", BOX),
        ("a", "bob", "car", near),
        ("a", "bob", "car", ELSEWHERE),
        ("a", "ana", "dog", ELSEWHERE),
        ("a", "bob", "dog", ELSEWHERE),
    )
    assert values(lw.agreement(frame, "f1", "class"), "class_name") == pytest.approx(
        {"car": 2 / 3, "dog": 1}
    )
    assert lw.agreement(frame, "f1", threshold=0.9)["value"].tolist() == pytest.approx([2 / 5])
    # .5 to .8 are seven of ten steps.
    assert values(lw.agreement(frame, "f1_50_95", "class"), "class_name") == pytest.approx(
        {"car": 0.7 * 2 / 3, "dog": 1}
    )
    for measure, car in (("pq", 0.8 * 2 / 3), ("sq", 0.8), ("rq", 2 / 3)):
        made = lw.agreement(frame, measure)
        assert made["value"].tolist() == pytest.approx([(car + 1) / 2])
        assert made[list(COUNTS)].to_numpy().tolist() == [[1, 1, 3, 2]]


def test_a_boundary_needs_masks_and_is_less_than_the_whole() -> None:
    frame = labels(("a", "ana", "car", pixels(2, 2, 20)), ("a", "bob", "car", pixels(3, 3, 20)))
    boundary = lw.agreement(frame, "boundary_iou")["value"][0]
    assert 0 < boundary < lw.agreement(frame)["value"][0]
    frame = labels(("a", "ana", "car", square(0, 0, 9)), ("a", "bob", "car", square(0, 0, 9)))
    with pytest.raises(SchemaError, match="masks"):
        lw.agreement(frame, "boundary_iou")


def test_a_project_compares_opinions_but_no_golden_answers() -> None:
    from labelwidgets.workflow.opinions import opinions_of

    tasks = pd.DataFrame(
        {
            "id": ["t0", "t1", "t2", "gold"],
            "item_id": "a",
            "copy": [0, 1, 2, -1],
            "state": ["queued", "submitted", "submitted", "submitted"],
            "maker": [pd.NA, "ana", "bob", "boss"],
            "assignee": pd.NA,
        }
    )
    made = TEAM[TEAM["item_id"] == "a"].assign(origin="hand")
    made["task_id"] = ["t1", "gold", "t0", "t1"]
    made.loc[made["author"] == "cy", "origin"] = "consensus"
    kept, pairs = opinions_of(made, tasks)
    assert kept["author"].tolist() == ["ana", "ana"]
    assert pairs == [("a", "ana"), ("a", "bob")]


def test_a_project_says_how_far_its_people_agree(tmp_path: Path) -> None:
    photos = lw.media.sample_photos()
    with lw.Project.create(
        tmp_path / "labels.db", lw.Dataset.open(str(photos[0])), ["car"]
    ) as project:
        item = project.tasks["item_id"][0]
        for who in ("ana", "bob"):
            add_as(project, lw.Annotation(item_id=item, class_name="car", geometry=BOX), who)
        assert project.agreement(by="pair")["value"].tolist() == [1]
        assert project.agreement("hd95")["value"].tolist() == [0]


def test_tracks_agree_as_they_are_followed() -> None:
    def track(first: int, last: int, x: float = 0) -> lw.Track:
        box = lw.Rectangle(x, 0, 10, 10)
        return lw.Track({first: lw.Keyframe(box), last: lw.Keyframe(outside=True)})

    # Bob loses ana's first object after half of its frames, and goes on with another track.
    rows = [
        ("clip", "ana", "car", track(0, 8)),
        ("clip", "ana", "bus", track(0, 8, 50)),
        ("clip", "bob", "car", track(0, 4)),
        ("clip", "bob", "car", track(4, 8)),
        ("clip", "bob", "bus", track(0, 8, 50)),
        ("other", "ana", "car", track(0, 8)),
    ]
    frame = pd.DataFrame(rows, columns=["item_id", "author", "class_name", "geometry"])
    made = lw.agreement(frame, "idf1", by="class").set_index("class_name")["value"]
    # 4 of 8 sightings are those of one track: 2 * 4 / (8 + 8).
    assert made.to_dict() == pytest.approx({"bus": 1.0, "car": 0.5})
    found = {name: lw.agreement(frame, name, by="class") for name in ("hota", "deta", "assa")}
    parts = {name: one.set_index("class_name")["value"]["car"] for name, one in found.items()}
    # All is found; of each sighting 4 of 8 frames are associated.
    assert parts == pytest.approx({"deta": 1.0, "assa": 0.5, "hota": 0.5**0.5})
    turned = frame.iloc[::-1].replace({"author": {"ana": "zoe"}})
    assert lw.agreement(turned, "hota")["value"][0] == lw.agreement(frame, "hota")["value"][0]
    both = [("clip", "ana"), ("clip", "bob"), ("other", "ana"), ("other", "bob")]
    missed = lw.agreement(frame, "hota", by="item", items=both).set_index("item_id")["value"]
    assert missed["other"] == 0
    assert lw.agreement(frame.iloc[:0], "hota")["value"].isna().all()
