"""`lw.agreement` on small cases that can be worked out by hand."""

from __future__ import annotations

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
