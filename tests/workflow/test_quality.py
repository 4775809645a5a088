from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings

import labelwidgets as lw
from labelwidgets.errors import FormatError, SchemaError
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Keypoints, Point, Polyline, Tag
from labelwidgets.schema.tracks import Interval, Keyframe, Track
from labelwidgets.workflow.quality_rules import QualityRules
from tests.workflow.shapes import box, label, outline, pictures


def found(labels: Any, reference: Any, **settings: Any) -> list[tuple[str, str]]:
    frame = lw.conflicts(labels, reference, **settings)
    return list(zip(frame["type"], frame["severity"], strict=True))


def test_the_defaults_are_those_of_cvat() -> None:
    rules = QualityRules()
    assert (rules.iou_threshold, rules.low_overlap_threshold) == (0.4, 0.8)
    assert (rules.oks_sigma, rules.line_thickness) == (0.09, 0.01)
    assert (rules.line_orientation_threshold, rules.group_match_threshold) == (0.1, 0.5)
    assert rules.object_visibility_threshold == 0.05
    assert (rules.panoptic_comparison, rules.empty_is_annotated) == (True, False)
    assert (rules.target_metric, rules.target_metric_threshold) == ("accuracy", 0.7)


def test_missing_extra_and_another_class_are_errors() -> None:
    reference = [label("a", box(0, 0)), label("b", box(50, 0)), label("c", box(100, 0))]
    labels = [label("d", box(0, 0)), label("e", box(50, 0), "lorry"), label("f", box(200, 0))]
    assert sorted(found(labels, reference)) == [
        ("extra", "error"),
        ("mismatching_label", "error"),
        ("missing", "error"),
    ]


def test_a_class_finds_its_own_before_another_class_is_blamed() -> None:
    reference = [label("a", box(0, 0))]
    labels = [label("b", box(0, 0), "lorry"), label("c", box(2, 0))]
    assert found(labels, reference) == [("low_overlap", "warning"), ("extra", "error")]


@pytest.mark.parametrize(
    ("shift", "expected"),
    [(1, []), (2, [("low_overlap", "warning")]), (5, [("missing", "error"), ("extra", "error")])],
)
def test_overlap_below_08_is_low_and_below_04_none(shift: int, expected: list[Any]) -> None:
    assert found([label("b", box(shift, 0))], [label("a", box(0, 0))]) == expected


def test_a_line_drawn_the_other_way_round_has_the_wrong_direction() -> None:
    line = [(0.0, 0.0), (100.0, 0.0), (100.0, 50.0)]
    reference = [label("a", Polyline(line))]
    turned = [label("b", Polyline(line[::-1]))]
    size = {"size_of": lambda _: (200, 200)}
    assert found(turned, reference, **size) == [("mismatching_direction", "warning")]
    assert found(turned, reference, compare_line_orientation=False, **size) == []
    assert found([label("b", Polyline(line))], reference, **size) == []


def test_other_answers_are_told_by_question() -> None:
    reference = [label("a", box(0, 0), attributes={"parked": "yes", "doors": ["left", "right"]})]
    labels = [label("b", box(0, 0), attributes={"parked": "no", "doors": ["right", "left"]})]
    (row,) = lw.conflicts(labels, reference).to_dict("records")
    assert (row["type"], row["detail"]) == ("mismatching_attributes", {"parked": ("yes", "no")})
    assert found(labels, reference, compare_attributes=False) == []


def test_answers_about_the_image_are_compared_and_are_no_objects() -> None:
    reference = [label("a", Tag(), None, attributes={"weather": "dry"})]
    labels = [label("b", Tag(), None, attributes={"weather": "rain"})]
    assert found(labels, reference) == [("mismatching_attributes", "warning")]
    assert lw.quality(labels, reference).summary["labels"] == 0
    assert found([], reference) == [("mismatching_attributes", "warning")]


def test_what_belongs_together_must_do_so_in_both() -> None:
    def parts(prefix: str, groups: str) -> list[Annotation]:
        return [
            label(f"{prefix}{i}x", box(30 * i, 0), track_id=group) for i, group in enumerate(groups)
        ]

    assert found(parts("b", "yyzz"), parts("a", "ggff")) == []
    torn = found(parts("b", "yyyz"), parts("a", "gfff"))
    assert torn == [("mismatching_groups", "warning")] * 2
    assert found(parts("b", "yyyz"), parts("a", "gfff"), compare_groups=False) == []


def test_a_label_under_another_is_covered() -> None:
    reference = [label("a", outline(0, 0, 20, 20))]
    labels = [label("b", outline(5, 5, 5, 5)), label("c", outline(0, 0, 20, 20))]
    covered = lw.conflicts(labels, reference).query("type == 'covered'")
    assert list(covered["id"]) == [labels[0].id]
    assert found(labels[::-1], reference) == [("extra", "error")]
    assert "covered" not in [
        kind for kind, _ in found(labels, reference, check_covered_annotations=False)
    ]


def test_only_what_is_seen_of_polygons_is_compared_unless_told_otherwise() -> None:
    below, above = outline(0, 0, 20, 10), outline(10, 0, 10, 10)
    reference = [label("a", outline(0, 0, 10, 10)), label("b", above, "lorry")]
    labels = [label("c", below), label("d", above, "lorry")]
    assert found(labels, reference) == []
    assert found(labels, reference, panoptic_comparison=False) == [("low_overlap", "warning")]


def test_joints_are_compared_by_their_distance_and_points_by_the_size_of_the_picture() -> None:
    joints = [(10.0, 10.0, 2), (50.0, 90.0, 2)]
    moved = [(12.0, 10.0, 2), (50.0, 90.0, 2)]
    far = [(80.0, 10.0, 2), (50.0, 10.0, 2)]
    reference = [label("a", Keypoints(joints))]
    assert found([label("b", Keypoints(moved))], reference) == []
    assert len(found([label("b", Keypoints(far))], reference)) == 2
    point, near = [label("a", Point(50, 50))], [label("b", Point(52, 50))]
    assert found(near, point, size_of=lambda _: (100, 100)) == []
    assert len(found(near, point, size_of=lambda _: (5, 5))) == 2


def test_one_object_drawn_as_two_is_called_split_and_two_as_one_merged() -> None:
    whole = [label("a", outline(0, 0, 20, 10))]
    halves = [label("b", outline(0, 0, 10, 10)), label("c", outline(10, 0, 10, 10))]
    assert set(lw.conflicts(halves, whole)["how"]) == {"split"}
    assert set(lw.conflicts(whole, halves)["how"]) == {"merged"}


def test_tracks_are_one_object_each_and_a_switch_of_names_is_told_with_its_frame() -> None:
    def track(name: str, *places: tuple[int, float]) -> Annotation:
        keyframes = {frame: Keyframe(box(x, 0)) for frame, x in places}
        return label(name, Track(keyframes))

    reference = [track("a", (0, 0.0), (10, 0.0)), track("b", (0, 100.0), (10, 100.0))]
    switched = [
        track("c", (0, 0.0), (6, 0.0), (7, 100.0), (10, 100.0)),
        track("d", (0, 100.0), (6, 100.0), (7, 0.0), (10, 0.0)),
    ]
    frame = lw.conflicts(switched, reference)
    assert list(frame["type"]) == ["low_overlap", "low_overlap", "id_switch", "id_switch"]
    assert set(frame.loc[frame["type"] == "id_switch", "frame"]) == {7}
    (row,) = lw.quality(switched, reference).tracks.to_dict("records")
    assert (row["id_switches"], row["MOTA"], row["DetA"]) == (2, 1 - 2 / 22, 1.0)
    assert lw.quality(reference, reference).tracks["HOTA"].item() == 1.0
    assert found([label("e", Interval(0, 9))], [label("f", Interval(0, 9))]) == []


def test_submissions_are_compared_one_by_one_and_people_measured_by_theirs() -> None:
    reference = [label("a", box(0, 0)), label("b", box(50, 0))]
    ana = [
        label("c", box(0, 0), author="ana", task_id="t1"),
        label("d", box(50, 0), author="ana", task_id="t1"),
    ]
    ben = [label("e", box(0, 0), author="ben", task_id="t2")]
    for rater in ("task_id", "author"):
        report = lw.quality([*ana, *ben], reference, rater=rater)
        assert report.authors.set_index("author")["accuracy"].to_dict() == {"ana": 1.0, "ben": 0.5}
        assert list(report.items["missing"]) == [0, 1]
        assert list(report.items["errors"]) == [0, 1]
        assert report.summary["submissions"] == 2


def test_who_left_an_item_empty_counts_where_that_is_known() -> None:
    reference = [label("a", box(0, 0))]
    labels = [label("b", box(0, 0), task_id="t1")]
    assert lw.quality(labels, reference).summary["missing"] == 0
    submitted = [("photo", "t1"), ("photo", "t2")]
    assert lw.quality(labels, reference, submitted=submitted).summary["missing"] == 1
    assert lw.quality([], reference).summary["missing"] == 1


def test_what_is_rightly_empty_counts_only_where_that_is_asked() -> None:
    empty = {"items": ["photo"], "submitted": [("photo", "t1")]}
    assert pd.isna(lw.quality([], [], **empty).summary["accuracy"])
    report = lw.quality([], [], **empty, empty_is_annotated=True)
    assert report.summary["accuracy"] == 1.0
    assert report.passed


def test_labels_of_items_that_the_reference_is_not_about_are_left_alone() -> None:
    other = label("b", box(0, 0), item_id="elsewhere")
    assert found([other], [label("a", box(0, 0))]) == [("missing", "error")]
    assert len(found([other], [label("a", box(0, 0))], items=["photo", "elsewhere"])) == 2


def test_numbers_and_confusion_of_a_small_case_are_right() -> None:
    reference = [label(f"a{i}x", box(30 * i, 0)) for i in range(4)]
    labels = [
        label("b", box(0, 0)),
        label("c", box(30, 0)),
        label("d", box(60, 0), "lorry"),
        label("e", box(300, 0), "lorry"),
    ]
    report = lw.quality(labels, reference)
    told = report.summary
    assert (told["valid"], told["mismatching"], told["missing"], told["extra"]) == (2, 1, 1, 1)
    assert (told["accuracy"], told["precision"], told["recall"]) == (2 / 5, 2 / 4, 2 / 4)
    assert told["jaccard"] == 2 / 6
    assert report.confusion.loc["lorry", "car"] == 1
    assert report.confusion.loc["lorry", "unmatched"] == 1
    assert report.confusion.loc["unmatched", "car"] == 1
    assert report.classes.loc["car", "precision"] == 1.0
    assert report.classes.loc["lorry", "recall"] != report.classes.loc["lorry", "recall"]
    assert not report.passed


def test_a_class_may_be_called_unmatched() -> None:
    report = lw.quality([label("b", box(0, 0), "unmatched")], [label("a", box(50, 0), "car")])
    assert list(report.confusion.index) == ["car", "unmatched", "(unmatched)"]
    assert report.confusion.to_numpy().sum() == 2


def test_frames_have_the_same_columns_and_kinds_when_empty() -> None:
    full = lw.quality([label("b", box(0, 0))], [label("a", box(50, 0))])
    empty = lw.quality([], [])
    for name in ("matches", "conflicts", "items", "authors", "tracks"):
        assert dict(getattr(full, name).dtypes) == dict(getattr(empty, name).dtypes), name
    assert "accuracy" in repr(empty)
    assert empty._repr_html_()


def test_a_setting_that_is_none_and_an_impossible_one_are_named() -> None:
    with pytest.raises(SchemaError) as caught:
        lw.quality([], [], iou=0.5)
    assert caught.value.where == "iou"
    with pytest.raises(SchemaError) as caught:
        lw.conflicts([], [], iou_threshold=4)
    with pytest.raises(SchemaError) as caught:
        lw.conflicts([], [], rater="id")
    assert caught.value.where == "rater"
    with pytest.raises(SchemaError) as told:
        lw.conflicts(pd.DataFrame({"item_id": ["a"]}), [])
    assert told.value.where is not None
    assert told.value.where.startswith("labels")


def test_what_people_wrote_is_text_on_the_page() -> None:
    evil = "<script>alert(1)</script>"
    labels = [label("b", box(0, 0), evil, author=evil, task_id="t")]
    page = lw.quality(labels, [label("a", box(0, 0))])._repr_html_()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    colors = re.findall(r"#[0-9a-f]{6}\b", page)
    assert len(colors) == len(re.findall(r"var\(--jp-[a-z0-9-]+, #[0-9a-f]{6}\)", page))


def test_the_notebook_computes_the_same_report_again(tmp_path: Path) -> None:
    import nbformat

    reference = [label("a", box(0, 0)), label("b", Point(50, 50))]
    labels = [
        label("c", box(2, 0), task_id="t1", author="ana"),
        label("d", Point(52, 50), task_id="t1"),
    ]
    report = lw.quality(
        labels,
        reference,
        submitted=[("photo", "t1"), ("photo", "t2")],
        size_of=lambda _: (100, 100),
        low_overlap_threshold=0.5,
    )
    path = tmp_path / "quality.ipynb"
    report.to_notebook(path)
    book = nbformat.read(path, as_version=4)
    nbformat.validate(book)
    code = "\n".join(cell.source for cell in book.cells if cell.cell_type == "code")
    code += "\nprint(report.summary.to_json())"
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert json.loads(answer.stdout.splitlines()[-1]) == json.loads(report.summary.to_json())
    with pytest.raises(FormatError):
        report.to_notebook(tmp_path / "quality.html")


def test_photos_of_coco_against_themselves_and_against_jittered_boxes(shared_data: Path) -> None:
    path = shared_data / "coco" / "instances.json"
    gold = lw.formats.read(path, "coco", errors="collect").annotations
    perfect = lw.quality(gold, gold)
    assert perfect.summary["accuracy"] == 1.0
    assert (perfect.conflicts["severity"] == "error").sum() == 0
    boxes = [
        Annotation(item_id=one.item_id, class_name=one.class_name, geometry=box(*made))
        for one in gold
        for made in [one.geometry.bounds]
        if made is not None and min(made[2:]) > 0
    ]
    moved = [
        Annotation(
            item_id=one.item_id,
            class_name=one.class_name,
            geometry=box(it.x + it.width / 4, it.y, it.width, it.height),
        )
        for one in boxes
        for it in [one.geometry]
    ]
    report = lw.quality(moved, boxes)
    # A quarter aside, the overlap of a box with itself is 3/5.
    assert (report.matches["similarity"] > 0).any()
    assert "low_overlap" in set(report.conflicts["type"])
    assert report.summary["accuracy"] > 0.95
    assert report.summary["mean_similarity"] < 0.7


@settings(max_examples=40)
@given(pictures("a"), pictures("b"))
def test_every_label_is_counted_once_and_conflicts_agree_with_the_numbers(
    labels: list[Annotation], reference: list[Annotation]
) -> None:
    report = lw.quality(labels, reference, items=["photo"])
    told, kinds = report.summary, report.conflicts["type"].value_counts()
    assert told["labels"] == len(labels)
    assert told["reference"] == len(reference)
    assert told["valid"] + told["mismatching"] + told["extra"] == len(labels)
    assert told["valid"] + told["mismatching"] + told["missing"] == len(reference)
    assert kinds.get("missing", 0) == told["missing"]
    assert kinds.get("extra", 0) == told["extra"]
    assert kinds.get("mismatching_label", 0) == told["mismatching"]
    assert report.confusion.to_numpy().sum() == len(report.matches)


@settings(max_examples=40)
@given(pictures("a"))
def test_labels_against_themselves_have_no_errors(labels: list[Annotation]) -> None:
    report = lw.quality(labels, labels, panoptic_comparison=False)
    assert report.summary["errors"] == 0
    assert set(report.conflicts["type"]) <= {"covered"}
