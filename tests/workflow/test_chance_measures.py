"""`lw.agreement` on answers: classes, tags, attributes; and on places and answers at once."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import labelwidgets as lw
from labelwidgets.algorithms import (
    cohen_kappa,
    fleiss_kappa,
    gwet_ac,
    krippendorff_alpha,
    masi_distance,
)
from labelwidgets.errors import SchemaError

nan = math.nan
FUNCTIONS = {
    "cohen": cohen_kappa,
    "fleiss": fleiss_kappa,
    "krippendorff": krippendorff_alpha,
    "gwet": gwet_ac,
}
# What three raters call six objects on three items; None is one that somebody missed.
CALLED = {
    "ana": ["car", "car", "van", "bus", "car", "van"],
    "bob": ["car", "van", "van", "bus", "car", None],
    "cy": ["car", "car", "van", "van", None, None],
}
MATRIX = list(CALLED.values())
ITEMS = ["a", "a", "a", "b", "b", "c"]


def annotations(called: dict[str, list[Any]] = CALLED, items: list[str] = ITEMS) -> pd.DataFrame:
    rows = [
        (item, who, name, lw.Rectangle(100.0 * place + shift, 0, 50, 50), {"sure": shift})
        for shift, (who, names) in enumerate(called.items())
        for place, (item, name) in enumerate(zip(items, names, strict=True))
        if name is not None
    ]
    return pd.DataFrame(rows, columns=["item_id", "author", "class_name", "geometry", "attributes"])


def said(*rows: tuple[str, str, Any]) -> pd.DataFrame:
    """Item, rater and tags, or answers about the item."""
    made = [
        (item, who, None if isinstance(what, dict) else what, lw.Tag(), what)
        for item, who, what in rows
    ]
    frame = pd.DataFrame(
        made, columns=["item_id", "author", "class_name", "geometry", "attributes"]
    )
    frame["attributes"] = [one if isinstance(one, dict) else {} for one in frame["attributes"]]
    return frame


def value(frame: pd.DataFrame) -> float:
    return float(frame["value"].iloc[0])


@pytest.mark.parametrize("measure", FUNCTIONS)
def test_classes_of_matched_objects_are_the_answers(measure: str) -> None:
    made = lw.agreement(annotations(), measure)
    assert value(made) == pytest.approx(FUNCTIONS[measure](MATRIX))  # type: ignore[operator]
    assert made[["n_items", "n_raters", "n_units"]].to_numpy().tolist() == [[3, 3, 5]]
    row = made.iloc[0]
    assert row["low"] <= row["value"] <= row["high"]
    bare = lw.agreement(annotations(), measure, interval=None)
    assert value(bare) == value(made)
    assert math.isnan(bare["low"].iloc[0])


def test_to_have_missed_an_object_is_an_answer_where_that_is_wanted() -> None:
    matrix = [[name or "(none)" for name in names] for names in MATRIX]
    # Of item c, cy says nothing at all: he has not been there, or he has and left it empty.
    matrix[2][5] = None  # type: ignore[call-overload]
    matrix[1][5] = None  # type: ignore[call-overload]
    made = lw.agreement(annotations(), "krippendorff", missed=True)
    assert value(made) == pytest.approx(krippendorff_alpha(matrix))
    everybody = [(item, who) for item in "abc" for who in CALLED]
    matrix[1][5] = matrix[2][5] = "(none)"
    made = lw.agreement(annotations(), "krippendorff", missed=True, items=everybody)
    assert value(made) == pytest.approx(krippendorff_alpha(matrix))


def test_levels_have_a_row_each() -> None:
    made = lw.agreement(annotations(), "krippendorff", by="pair").set_index(["rater_a", "rater_b"])
    for one, other in (("ana", "bob"), ("ana", "cy"), ("bob", "cy")):
        wanted = krippendorff_alpha([CALLED[one], CALLED[other]])
        assert made["value"][one, other] == pytest.approx(wanted)
    made = lw.agreement(annotations(), "krippendorff", by="item").set_index("item_id")
    assert made["value"]["a"] == pytest.approx(krippendorff_alpha([row[:3] for row in MATRIX]))
    assert math.isnan(made["value"]["c"])
    made = lw.agreement(annotations(), "fleiss", by="class").set_index("class_name")
    assert sorted(made.index) == ["bus", "car", "van"]
    binary = [[nan if name is None else float(name == "van") for name in row] for row in MATRIX]
    assert made["value"]["van"] == pytest.approx(fleiss_kappa(binary))
    both = lw.agreement(annotations(), "fleiss", by=["pair", "item"])
    assert both.columns[:3].tolist() == ["rater_a", "rater_b", "item_id"]
    assert len(both) == 6


def test_answers_that_are_nearly_the_same_count_by_weights_and_levels() -> None:
    matrix = [[1, 2, 3, 5], [1, 3, 3, 4]]
    rows = [
        (f"i{at}", who, {"score": score})
        for who, scores in zip(("ana", "bob"), matrix, strict=True)
        for at, score in enumerate(scores)
    ]
    frame = said(*rows)
    for level in ("nominal", "ordinal", "interval", "ratio"):
        made = lw.agreement(frame, "krippendorff", on="score", level=level)
        assert value(made) == pytest.approx(krippendorff_alpha(matrix, level))  # type: ignore[arg-type]
    made = lw.agreement(frame, "krippendorff", on="score", level=lambda a, b: (a - b) ** 2)
    assert value(made) == pytest.approx(krippendorff_alpha(matrix, "interval"))
    made = lw.agreement(frame, "gwet", on="score", weights="quadratic", values=[1, 2, 3, 4, 5])
    assert value(made) > value(lw.agreement(frame, "gwet", on="score", values=[1, 2, 3, 4, 5]))
    made = lw.agreement(frame, "cohen", by="attribute", weights="linear")
    assert made["attribute"].tolist() == ["score"]
    assert 0 < value(made) < 1


def test_tags_of_an_item_are_a_set_and_none_is_one_too() -> None:
    frame = said(
        ("a", "ana", "day"),
        ("a", "ana", "rain"),
        ("a", "bob", "day"),
        ("b", "ana", "night"),
        ("b", "bob", "night"),
    )
    looked = [(item, who) for item in "abc" for who in ("ana", "bob")]
    day, night, none = frozenset(["day"]), frozenset(["night"]), frozenset[str]()
    matrix = [[day | {"rain"}, night, none], [day, night, none]]
    made = lw.agreement(frame, "krippendorff", on="tag", items=looked)
    assert value(made) == pytest.approx(krippendorff_alpha(matrix, masi_distance))
    made = lw.agreement(frame, "gwet", "class", on="tag", items=looked).set_index("class_name")
    assert made["value"].to_dict() == pytest.approx(
        {"day": 1, "night": 1, "rain": gwet_ac([[1, 0, 0], [0, 0, 0]])}
    )


def test_attributes_of_matched_objects_are_answers() -> None:
    frame = annotations()
    made = lw.agreement(frame, "krippendorff", by="attribute")
    assert made["attribute"].tolist() == ["sure"]
    assert value(made) < 0
    for on in ("colour", "attributes"):
        with pytest.raises(SchemaError, match=on):
            lw.agreement(frame, "krippendorff", on=on)
    with pytest.raises(SchemaError, match="class"):
        lw.agreement(frame, "fleiss", by="class", on="sure")


def test_intervals_are_over_items_whose_objects_belong_together() -> None:
    random = np.random.default_rng(3)
    items = [f"i{at}" for at in range(40) for _ in range(5)]
    # An item is hard for all of its objects, or for none.
    hard = np.repeat(random.random(40) < 0.3, 5)
    one = random.choice(["car", "van"], 200).tolist()
    other = {"car": "van", "van": "car"}
    two = [other[name] if bad else name for name, bad in zip(one, hard, strict=True)]
    frame = annotations({"ana": one, "bob": two}, items)
    row = lw.agreement(frame, "gwet").iloc[0]
    # Of two values as common as each other, AC1 is twice the share that agrees, less 1.
    share = (1 + row["value"]) / 2
    alone = 2 * 1.96 * 2 * math.sqrt(share * (1 - share) / 200)
    assert row["high"] - row["low"] > 1.7 * alone
    again = lw.agreement(frame, "gwet", seed=0).iloc[0]
    assert (again["low"], again["high"]) == (row["low"], row["high"])
    narrow = lw.agreement(frame, "gwet", confidence=0.5, interval="percentile").iloc[0]
    assert narrow["high"] - narrow["low"] < row["high"] - row["low"]


def test_kalos_counts_places_and_names_at_once() -> None:
    frame = annotations()
    everybody = [(item, who) for item in "abc" for who in CALLED]
    made = lw.agreement(frame, "kalos", items=everybody)
    matrix = [[name or "(none)" for name in names] for names in MATRIX]
    parts = slice(0, 3), slice(3, 5), slice(5, 6)
    own = [krippendorff_alpha([row[part] for row in matrix]) for part in parts]
    assert value(made) == pytest.approx(np.mean(own))
    assert made["whole"].iloc[0] == pytest.approx(krippendorff_alpha(matrix))
    assert made["low"].iloc[0] <= value(made) <= made["high"].iloc[0]
    assert made["threshold"].iloc[0] == 0.5
    by_item = lw.agreement(frame, "kalos", "item", items=everybody)
    assert by_item["value"].tolist() == pytest.approx(own)
    by_class = lw.agreement(frame, "kalos", "class", items=everybody).set_index("class_name")
    assert by_class["n_units"].to_dict() == {"bus": 1, "car": 3, "van": 4}
    pairs = lw.agreement(frame, "kalos", "pair", items=everybody)
    assert pairs["rater_a"].tolist() == ["ana", "ana", "bob"]
    assert pairs["rater_b"].tolist() == ["bob", "cy", "cy"]
    assert pairs["n_items"].tolist() == [3, 3, 3]


def test_vitality_is_what_a_rater_adds() -> None:
    called = {who: ["car", "van", "bus"] * 4 for who in ("ana", "bob", "cy")}
    called["dan"] = ["van", "car", "car"] * 4
    frame = annotations(called, [f"i{at // 3}" for at in range(12)])
    made = lw.agreement(frame, "vitality", "rater").set_index("rater")["value"]
    assert made["dan"] < 0 < made.drop("dan").min()
    assert value(lw.agreement(frame, "vitality")) == made["dan"]


def test_frames_of_a_clip_are_pictures_and_shapes_of_any_kind_marks() -> None:
    outline = lw.Polygon([[[(0, 0), (50, 0), (50, 50), (0, 50)]]])
    rows = [
        ("a", who, "car", lw.Rectangle(0, 0, 50, 50) if who == "ana" else outline, frame)
        for who in ("ana", "bob")
        for frame in (0, 1)
    ]
    rows.append(("a", "bob", "car", lw.Rectangle(0, 0, 50, 50), 2))
    frame = pd.DataFrame(rows, columns=["item_id", "author", "class_name", "geometry", "frame"])
    made = lw.agreement(frame, "kalos")
    # Two frames alike, and one where ana missed what bob has: alpha 0 there.
    assert value(made) == pytest.approx(2 / 3)
    assert made["n_units"].tolist() == [3]


def test_the_threshold_can_be_read_off_the_data() -> None:
    random = np.random.default_rng(0)
    rows = []
    for item in range(12):
        places = random.uniform(0, 400, (8, 2))
        for who in ("ana", "bob", "cy"):
            for x, y in places + random.normal(0, 4, (8, 2)):
                rows.append((f"i{item}", who, "car", lw.Rectangle(float(x), float(y), 60, 60)))
    frame = pd.DataFrame(rows, columns=["item_id", "author", "class_name", "geometry"])
    made = lw.agreement(frame, "kalos", calibrate=True)
    assert 0.2 < made["threshold"].iloc[0] < 0.7
    assert value(made) > value(lw.agreement(frame, "kalos", threshold=0.95))


def test_answers_that_cannot_be_asked_for_are_named() -> None:
    for wish, field in (
        ({"level": "cardinal"}, "level"),
        ({"level": "interval"}, "level"),
        ({"resamples": 1}, "resamples"),
        ({"interval": "normal"}, "method"),
        ({"weights": "linear"}, "weights"),
        ({"on": "colour", "by": "class"}, "by"),
    ):
        with pytest.raises(SchemaError, match=field):
            lw.agreement(annotations(), "krippendorff", **wish)  # type: ignore[arg-type]
    with pytest.raises(SchemaError, match="one level"):
        lw.agreement(annotations(), "kalos", ["item", "class"])
    with pytest.raises(SchemaError, match="greedy"):
        lw.agreement(annotations(), "kalos", matching="best")


def test_eight_thousand_votes_as_tags(shared_data: Path) -> None:
    votes = pd.read_csv(shared_data / "multi_annotator" / "crowd_rte.csv")
    tag = lw.Tag()
    frame = pd.DataFrame(
        {
            "item_id": votes["task"].astype(str),
            "author": votes["worker"],
            "class_name": None,
            "geometry": [tag] * len(votes),
            "attributes": [{"entails": bool(label)} for label in votes["label"]],
        }
    )
    row = lw.agreement(frame, "krippendorff", on="entails").iloc[0]
    table = votes.pivot(index="worker", columns="task", values="label").to_numpy()
    assert row["value"] == pytest.approx(krippendorff_alpha(table))
    assert row[["n_items", "n_raters", "n_units"]].tolist() == [800, 164, 800]
    assert row["low"] < row["value"] < row["high"]


def test_kalos_by_threshold_is_kalos_at_each_threshold() -> None:
    frame = annotations()
    made = lw.agreement(frame, "kalos", by="threshold")
    assert made["threshold"].tolist() == pytest.approx([step / 20 for step in range(6, 20)])
    for at, found, whole in zip(made["threshold"], made["value"], made["whole"], strict=True):
        alone = lw.agreement(frame, "kalos", threshold=at, interval=None)
        assert value(alone) == pytest.approx(found, nan_ok=True)
        assert alone["whole"].tolist() == pytest.approx([whole], nan_ok=True)
    with pytest.raises(SchemaError, match="by"):
        lw.agreement(frame, "vitality", by="threshold")
