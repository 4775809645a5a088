"""Labels of several people become one for each object, of any kind, and say what they came of."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import labelwidgets as lw
from labelwidgets.errors import SchemaError
from labelwidgets.schema.geometry import RLE
from labelwidgets.workflow.disagreement import disagreement

METHODS = ["majority", "weighted", "dawid_skene", "one_coin", "mace", "glad"]


def frame(*rows: tuple[str, str, str | None, Any], **more: Any) -> pd.DataFrame:
    """Rows of item, author, class and geometry."""
    made = pd.DataFrame(rows, columns=["item_id", "author", "class_name", "geometry"])
    made["id"] = [f"label{number}" for number in range(len(made))]
    made["frame"] = pd.array([None] * len(made), "Int64")
    made["attributes"] = [{} for _ in rows]
    made["geometry_type"] = [shape.type for shape in made["geometry"]]
    return made.assign(**more)


def mask(bits: np.ndarray) -> lw.Mask:
    code = lw.algorithms.encode_rle(bits)
    return lw.Mask(RLE(code["size"], code["counts"]))


def disc(x: float, y: float, radius: float, side: int = 60) -> np.ndarray:
    yy, xx = np.mgrid[:side, :side] + 0.5
    return (xx - x) ** 2 + (yy - y) ** 2 < radius**2


BOXES = frame(
    ("a", "ana", "car", lw.Rectangle(0, 0, 10, 10)),
    ("a", "ben", "car", lw.Rectangle(1, 1, 10, 10)),
    ("a", "cy", "truck", lw.Rectangle(2, 2, 10, 10)),
    ("a", "ana", "car", lw.Rectangle(50, 50, 5, 5)),
    ("b", "ana", "car", lw.Rectangle(5, 5, 10, 10)),
    ("b", "ben", "car", lw.Rectangle(5, 5, 10, 10)),
)


def test_boxes_of_an_object_become_one_and_what_few_have_is_left_out() -> None:
    found = lw.consensus(BOXES, items=[(i, who) for i in "ab" for who in ("ana", "ben", "cy")])
    first, second = found.annotations
    assert first.geometry == lw.Rectangle(1, 1, 10, 10)
    assert first.class_name == "car"
    assert first.confidence == pytest.approx(2 / 3)
    assert second.geometry == lw.Rectangle(5, 5, 10, 10)
    assert found.objects["present"].tolist() == pytest.approx([1, 1 / 3, 2 / 3])
    assert found.objects["fused"].tolist() == [True, False, True]
    assert "quorum" in found.objects["reason"][1]
    assert found.objects["raters"].tolist() == [3, 3, 3]


def test_a_page_says_what_became_of_each_object_and_leaves_out_what_nothing_is_said_of() -> None:
    spoken = BOXES.assign(author=BOXES["author"].replace("cy", "<i>cy"))
    who = ("ana", "ben", "<i>cy")
    page = lw.consensus(spoken, items=[(i, one) for i in "ab" for one in who])._repr_html_()
    assert "<i>" not in page
    assert "&lt;i&gt;cy" in page
    told = " ".join(re.sub("<[^>]*>", " ", page).split())
    assert "car b ana, ben" in told
    assert "yes" in told
    assert "quorum" in told
    assert "frame" not in told
    assert "NA" not in told


def test_a_fused_label_says_what_it_is_made_of() -> None:
    found = lw.consensus(BOXES)
    origin = found.annotations[0].origin
    assert origin.kind == "consensus"
    assert origin.name == "majority"
    assert origin.parameters["from"] == ["label0", "label1", "label2"]
    assert origin.parameters["raters"] == ["ana", "ben", "cy"]
    assert 0.4 < origin.parameters["agreement"] < 1
    assert found.annotations[0].id not in set(BOXES["id"])
    assert lw.Annotation.from_dict(found.annotations[0].to_dict()) == found.annotations[0]


def test_agreement_is_the_mean_overlap_of_all_pairs_of_raters() -> None:
    found = lw.consensus(BOXES[BOXES["class_name"] == "car"], items=[("a", "ana"), ("a", "ben")])
    assert found.objects["agreement"].tolist() == pytest.approx([81 / 119, 0.0])


@pytest.mark.parametrize("method", METHODS)
def test_every_method_fuses_what_all_agree_on(method: str) -> None:
    rows = [
        (f"i{number}", who, "car", lw.Rectangle(5, 5, 10, 10))
        for number in range(6)
        for who in ("ana", "ben", "cy")
    ]
    rows += [(f"i{number}", "cy", "car", lw.Rectangle(40, 40, 4, 4)) for number in range(6)]
    found = lw.consensus(frame(*rows), method)
    assert len(found.annotations) == 6
    assert {made.geometry for made in found.annotations} == {lw.Rectangle(5, 5, 10, 10)}
    assert found.items["fused"].tolist() == [1] * 6
    able = found.ability.set_index("rater")
    assert able.loc["cy", "precision"] < able.loc["ana", "precision"]
    assert set(found.objects.columns) == set(lw.consensus(BOXES).objects.columns)


def test_a_careless_rater_counts_less_with_dawid_and_skene() -> None:
    random = np.random.default_rng(0)
    rows = []
    for number in range(40):
        for who in ("ana", "ben", "cy"):
            name = "car" if who != "cy" or random.random() < 0.3 else "truck"
            rows.append((f"i{number}", who, name, lw.Rectangle(5, 5, 10, 10)))
        for who in ("ana", "ben"):
            rows.append((f"i{number}", who, "truck", lw.Rectangle(30, 30, 10, 10)))
    rows += [
        ("x", "ana", "car", lw.Rectangle(0, 0, 9, 9)),
        ("x", "cy", "truck", lw.Rectangle(0, 0, 9, 9)),
    ]
    found = lw.consensus(frame(*rows), "dawid_skene")
    assert found.ability["rater"].iloc[-1] == "cy"
    assert found.annotations[-1].class_name == "car"
    assert found.annotations[-1].confidence > 0.8


def test_an_item_that_most_left_empty_stays_empty() -> None:
    one = frame(("a", "ana", "car", lw.Rectangle(0, 0, 10, 10)))
    found = lw.consensus(one, items=[("a", who) for who in ("ana", "ben", "cy")] + [("b", "ben")])
    assert found.annotations == []
    assert found.items["item_id"].tolist() == ["a", "b"]
    assert found.items["raters"].tolist() == [3, 1]
    assert found.items["objects"].tolist() == [1, 0]


def test_answers_go_with_most_and_of_equals_with_the_first() -> None:
    labels = BOXES[:3].assign(
        class_name="car",
        attributes=[{"side": "left", "parts": ["a", "b"]}, {"side": "right"}, {"side": "right"}],
    )
    (made,) = lw.consensus(labels).annotations
    assert made.attributes == {"side": "right", "parts": ["a", "b"]}
    (made,) = lw.consensus(labels, "weighted", weights={"ana": 5}).annotations
    assert made.attributes["side"] == "left"
    assert made.geometry.x == pytest.approx((5 * 0 + 1 + 2) / 7)


def test_answers_about_the_image_are_voted_on_question_by_question() -> None:
    labels = frame(*[("a", who, None, lw.Tag()) for who in ("ana", "ben", "cy")])
    labels["attributes"] = [
        {"weather": "dry"},
        {"weather": "rain", "light": "day"},
        {"weather": "rain", "light": "night"},
    ]
    found = lw.consensus(labels)
    (made,) = found.annotations
    assert made.class_name is None
    assert made.attributes == {"weather": "rain", "light": "day"}
    assert found.items["enough"].tolist() == [False]
    agreed = lw.consensus(labels.assign(attributes=[{"weather": "dry"}] * 3))
    assert agreed.items["enough"].tolist() == [True]


def test_tags_are_objects_by_their_class() -> None:
    labels = frame(
        ("a", "ana", "cat", lw.Tag()), ("a", "ben", "cat", lw.Tag()), ("a", "cy", "dog", lw.Tag())
    )
    found = lw.consensus(labels)
    assert [made.class_name for made in found.annotations] == ["cat"]


@pytest.mark.parametrize("masks", ["staple", "majority"])
def test_masks_become_one_and_staple_says_who_draws_how(masks: str) -> None:
    shapes = [disc(30, 30, 12), disc(30, 30, 12.4), disc(31, 30, 12), disc(30, 30, 19)]
    labels = frame(
        *[("a", who, "cell", mask(one)) for who, one in zip("pqrs", shapes, strict=True)]
    )
    found = lw.consensus(labels, masks=masks, overlap=0.3)
    (made,) = found.annotations
    rle = made.geometry.rle
    bits = lw.algorithms.decode_rle({"size": rle.size, "counts": rle.counts})
    if masks == "staple":
        assert (bits == lw.algorithms.fusion.staple(shapes).mask).all()
        able = found.ability.set_index("rater")
        assert able["specificity"].idxmin() == "s"
    else:
        assert (bits == (np.stack(shapes).mean(axis=0) > 0.5)).all()
        assert found.ability["specificity"].isna().all()


def test_volume_masks_become_one_slice_by_slice() -> None:
    volumes = [
        lw.VolumeMask({at: mask(disc(30, 30, radius)).rle for at in slices})
        for radius, slices in ((10, (3, 4, 5)), (10, (3, 4)), (10.5, (4, 3)))
    ]
    labels = frame(*[("a", who, "nodule", one) for who, one in zip("pqr", volumes, strict=True)])
    (made,) = lw.consensus(labels, masks="majority").annotations
    assert sorted(made.geometry.slices) == [3, 4]


def test_polygons_points_joints_lines_ellipses_and_cuboids_become_one() -> None:
    def polygon(by: float) -> lw.Polygon:
        return lw.Polygon([[[(by, 0), (by + 20, 0), (by + 20, 20), (by, 20)]]])

    def cuboid(by: float) -> lw.Cuboid:
        front = [(by, 0), (by + 20, 0), (by + 20, 20), (by, 20)]
        return lw.Cuboid([*front, *[(x + 4, y + 4) for x, y in front]])

    kinds: list[list[Any]] = [
        [polygon(by) for by in (0, 1, 2)],
        [lw.Point(by, 5) for by in (9, 10, 11)],
        [lw.Keypoints([(by, 5, 2), (by + 40, 50, 2)]) for by in (9, 10, 11)],
        [lw.Polyline([(0, by), (100, by)]) for by in (9, 10, 11)],
        [lw.Ellipse(30 + by, 30, 10, 6, 30) for by in (-1, 0, 1)],
        [cuboid(by) for by in (0, 1, 2)],
        [lw.Rectangle(10 + by, 10, 20, 8, 15) for by in (-1, 0, 1)],
    ]
    for shapes in kinds:
        labels = frame(*[("a", who, "x", one) for who, one in zip("pqr", shapes, strict=True)])
        (made,) = lw.consensus(labels).annotations
        assert made.geometry.type == shapes[1].type
        assert made.geometry.bounds == pytest.approx(shapes[1].bounds, abs=0.3), made.geometry
    far = frame(*[("a", who, "x", lw.Point(x, 5)) for who, x in (("p", 1), ("q", 40))])
    assert len(lw.consensus(far).objects) == 2
    assert len(lw.consensus(far, near=50).objects) == 1


def test_a_line_drawn_the_other_way_is_the_same_line() -> None:
    labels = frame(
        ("a", "p", "x", lw.Polyline([(0, 10), (50, 10), (100, 30)])),
        ("a", "q", "x", lw.Polyline([(100, 30), (50, 10), (0, 10)])),
    )
    (made,) = lw.consensus(labels).annotations
    assert made.geometry.points[0] == pytest.approx((0, 10), abs=0.3)
    assert made.geometry.points[-1] == pytest.approx((100, 30), abs=0.3)


def test_rectangles_turned_by_a_quarter_are_alike() -> None:
    labels = frame(
        ("a", "p", "x", lw.Rectangle(10, 20, 40, 10, 2)),
        ("a", "q", "x", lw.Rectangle(25, 5, 10, 40, 92)),
    )
    (made,) = lw.consensus(labels).annotations
    assert made.geometry.bounds == pytest.approx(lw.Rectangle(10, 20, 40, 10, 2).bounds, abs=1e-6)


def track(by: float, last: int = 20, hidden: bool = False) -> lw.Track:
    keys = {
        0: lw.Keyframe(lw.Rectangle(by, 0, 10, 10), occluded=hidden),
        10: lw.Keyframe(lw.Rectangle(by + 30, 20, 10, 10)),
        last: lw.Keyframe(None, outside=True),
    }
    return lw.Track(keys)


def test_tracks_are_fused_frame_by_frame() -> None:
    tracks = [track(0), track(1, 18), track(2, 30)]
    labels = frame(*[("v", who, "x", one) for who, one in zip("pqr", tracks, strict=True)])
    (made,) = lw.consensus(labels).annotations
    for at in range(35):
        seen = [sight.geometry for one in tracks if (sight := one.at(at)) is not None]
        fused = made.geometry.at(at)
        if len(seen) < 2:
            assert fused is None, at
            continue
        assert fused is not None, at
        wanted = np.mean([(b.x, b.y, b.width, b.height) for b in seen], axis=0)
        shape = fused.geometry
        assert (shape.x, shape.y, shape.width, shape.height) == pytest.approx(tuple(wanted))


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.lists(
            st.tuples(st.integers(0, 30), st.integers(0, 20), st.booleans()),
            min_size=1,
            max_size=6,
            unique_by=lambda key: key[0],
        ),
        min_size=2,
        max_size=4,
    )
)
def test_a_fused_track_is_the_mean_of_what_is_seen_on_every_frame(made: Any) -> None:
    from labelwidgets.workflow.fused_shapes import Manner
    from labelwidgets.workflow.fused_tracks import fuse_tracks

    tracks = []
    for keys in made:
        keyframes = {
            at: lw.Keyframe(None, outside=True)
            if outside
            else lw.Keyframe(lw.Rectangle(x, 2 * x, 5, 5))
            for at, x, outside in keys
        }
        if all(one.outside for one in keyframes.values()):
            keyframes[31] = lw.Keyframe(lw.Rectangle(0, 0, 5, 5))
        tracks.append(lw.Track(keyframes))
    fused = fuse_tracks(tracks, np.ones(len(tracks)), Manner())
    for at in range(34):
        seen = [sight.geometry for one in tracks if (sight := one.at(at)) is not None]
        wanted = len(seen) * 2 >= len(tracks) and bool(seen)
        sight = fused.at(at) if fused is not None else None
        assert (sight is not None) == wanted, at
        if sight is not None:
            assert sight.geometry.x == pytest.approx(np.mean([box.x for box in seen]), abs=1e-6)


def test_intervals_become_the_frames_that_half_have_marked() -> None:
    labels = frame(
        *[
            ("v", who, "jump", lw.Interval(first, last))
            for who, first, last in (("p", 0, 20), ("q", 3, 22), ("r", 2, 30))
        ]
    )
    (made,) = lw.consensus(labels).annotations
    assert (made.geometry.first, made.geometry.last) == (2, 22)


def test_frames_of_a_video_are_apart() -> None:
    labels = frame(
        *[("v", who, "x", lw.Rectangle(0, 0, 10, 10)) for who in ("p", "q", "p", "q")],
        frame=pd.array([4, 4, 7, 7], "Int64"),
    )
    assert [made.frame for made in lw.consensus(labels).annotations] == [4, 7]


def test_enough_people_is_told_by_item() -> None:
    rows = [("a", who, "car", lw.Rectangle(0, 0, 9, 9)) for who in ("p", "q", "r")]
    rows += [
        ("b", who, name, lw.Rectangle(0, 0, 9, 9)) for who, name in (("p", "car"), ("q", "van"))
    ]
    rows += [("c", "p", "car", lw.Rectangle(0, 0, 9, 9))]
    found = lw.consensus(frame(*rows))
    assert found.items.set_index("item_id")["enough"].to_dict() == {
        "a": True,
        "b": False,
        "c": False,
    }
    ended = lw.consensus(frame(*rows), most=2).items
    assert ended.set_index("item_id")["enough"].to_dict() == {"a": True, "b": True, "c": False}


def test_nothing_comes_of_nothing_with_the_same_columns() -> None:
    found = lw.consensus(BOXES[:0])
    assert found.annotations == []
    full = lw.consensus(BOXES)
    for name in ("objects", "items", "ability"):
        empty, other = getattr(found, name), getattr(full, name)
        assert empty.dtypes.to_dict() == other.dtypes.to_dict(), name
        assert len(empty) == 0


def test_names_are_escaped_where_they_are_shown() -> None:
    labels = BOXES.assign(author=["<b>ana</b>", "ben", "cy", "ben", "ana", "ben"])
    html = lw.consensus(labels)._repr_html_()
    assert "<b>ana" not in html
    assert "&lt;b&gt;ana" in html


@pytest.mark.parametrize(
    ("options", "where"),
    [
        ({"method": "guess"}, "method"),
        ({"overlap": 2}, "overlap"),
        ({"quorum": -1}, "quorum"),
        ({"boxes": "mode"}, "boxes"),
        ({"masks": "any"}, "masks"),
        ({"near": "x"}, "near"),
        ({"least": 0}, "least"),
        ({"rater": "who"}, "who"),
        ({"weights": {"ana": 1}}, "weights"),
    ],
)
def test_impossible_settings_are_refused(options: dict[str, Any], where: str) -> None:
    with pytest.raises(SchemaError, match=where):
        lw.consensus(BOXES, **options)


def test_the_heat_map_is_the_share_of_pairs_who_differ() -> None:
    labels = frame(
        ("a", "p", "x", lw.Rectangle(0, 0, 4, 4)),
        ("a", "q", "x", lw.Rectangle(0, 0, 4, 2)),
        ("a", "r", "x", lw.Rectangle(0, 0, 2, 2)),
    )
    found = disagreement(labels, ["p", "q", "r"], "a", (6, 8), picture=np.zeros((6, 8), np.uint8))
    assert found.values[0, 0] == 0
    assert found.values[0, 3] == pytest.approx(2 / 3)
    assert found.values[3, 3] == pytest.approx(2 / 3)
    assert found.values[5, 5] == 0
    assert found.heat().shape == (6, 8, 3)
    assert (found.heat()[5, 5] == 0).all()
    assert found.heat()[0, 3, 0] > 100
    assert found._repr_jpeg_()[:2] == b"\xff\xd8"
    other = disagreement(labels, ["p", "q", "r", "s"], "a", (6, 8))
    assert other.values[0, 0] == pytest.approx(0.5)
    with pytest.raises(SchemaError, match="two are needed"):
        disagreement(labels, ["p"], "a", (6, 8))


def test_every_kind_of_area_is_on_the_heat_map_of_its_frame() -> None:
    shapes = [
        mask(disc(30, 30, 9)),
        lw.Ellipse(30, 30, 9, 9),
        lw.Polygon([[[(20, 20), (40, 20), (40, 40), (20, 40)]]]),
        track(20),
        lw.VolumeMask({2: mask(disc(30, 30, 9)).rle}),
    ]
    for shape in shapes:
        labels = frame(("a", "p", "x", shape))
        there = disagreement(labels, ["p", "q"], "a", (60, 60), 2)
        assert there.values.max() == 1, shape
    away = disagreement(labels, ["p", "q"], "a", (60, 60), 3)
    assert away.values.max() == 0
