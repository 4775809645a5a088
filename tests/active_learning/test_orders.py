"""What to label next, by what models are unsure of."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import entropy as scipy_entropy

from labelwidgets import active_learning as al
from labelwidgets.errors import SchemaError

SURE = pd.DataFrame(
    {"cat": [0.98, 0.5, 0.4], "dog": [0.01, 0.5, 0.3], "cow": [0.01, 0.0, 0.3]},
    index=["sure", "two", "three"],
)


def test_each_measure_of_uncertainty_has_its_own_order() -> None:
    assert al.least_confidence(SURE).to_dict() == pytest.approx(
        {"three": 0.6, "two": 0.5, "sure": 0.02}
    )
    assert list(al.margin(SURE).index) == ["two", "three", "sure"]
    assert list(al.entropy(SURE).index) == ["three", "two", "sure"]
    found = al.entropy(SURE)
    assert found["three"] == pytest.approx(scipy_entropy([0.4, 0.3, 0.3]))
    assert found.name == "entropy"


def test_models_that_differ_are_told_from_models_that_are_unsure_alike() -> None:
    one = pd.DataFrame({"x": [1.0, 0.5], "y": [0.0, 0.5]}, index=["apart", "alike"])
    other = pd.DataFrame({"y": [0.5, 1.0], "x": [0.5, 0.0]}, index=["alike", "apart"])
    assert al.bald([one, other]).to_dict() == pytest.approx({"apart": np.log(2), "alike": 0})
    assert al.ensemble_variance([one, other]).to_dict() == pytest.approx({"apart": 0.5, "alike": 0})
    votes = al.committee_disagreement([one, other])
    assert votes.to_dict() == pytest.approx({"apart": np.log(2), "alike": 0})


def test_by_chance_and_as_they_come() -> None:
    assert list(al.first(SURE).index) == ["sure", "two", "three"]
    assert list(al.random(SURE, 1).index) == list(al.random(SURE, 1).index)
    assert {tuple(al.random(SURE, seed).index) for seed in range(20)} > {("sure", "two", "three")}


def test_a_core_set_goes_to_the_corners_and_passes_over_what_is_labelled() -> None:
    spots = pd.DataFrame(
        [[0, 0], [0.1, 0], [10, 0], [10, 0.1], [0, 10]], index=list("abcde"), dtype=float
    )
    assert list(al.core_set(spots, ["a"], 2).index) == ["c", "e"] or list(
        al.core_set(spots, ["a"], 2).index
    ) == ["d", "e"]
    assert set(al.core_set(spots, ["a"]).index) == set("bcde")
    assert len(al.core_set(spots)) == 5


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**31), st.integers(2, 25), st.integers(1, 6))
def test_a_core_set_covers_as_well_as_twice_the_best_allows(
    seed: int, count: int, wanted: int
) -> None:
    points = np.random.default_rng(seed).normal(size=(count, 2))
    rows = [int(name) for name in al.core_set(pd.DataFrame(points), count=wanted).index]
    assert len(set(rows)) == min(wanted, count)
    nearest = np.linalg.norm(points[:, None] - points[None, rows], axis=2).min(axis=1)
    far = nearest.max()
    # Every k + 1 points that lie so far apart from one another need a cover of half of it.
    apart = [
        *rows,
        int(np.linalg.norm(points[:, None] - points[None, rows], axis=2).min(1).argmax()),
    ]
    if len(set(apart)) > len(rows) and len(rows) > 1:
        gaps = np.linalg.norm(points[apart][:, None] - points[apart][None], axis=2)
        assert gaps[np.triu_indices(len(apart), 1)].min() >= far - 1e-5


def test_clusters_take_turns() -> None:
    scores = pd.Series([9.0, 8.0, 7.0, 1.0], index=list("abcd"), name="entropy")
    kinds = pd.Series({"a": "x", "b": "x", "c": "x", "d": "y"})
    assert list(al.cluster_balanced(scores, kinds).index) == ["a", "d", "b", "c"]
    with pytest.raises(SchemaError, match="has no cluster"):
        al.cluster_balanced(scores, kinds[:2])


def test_one_more_answer_helps_where_people_are_torn_and_able() -> None:
    posterior = pd.DataFrame({"yes": [0.5, 0.99], "no": [0.5, 0.01]}, index=["torn", "settled"])
    able = pd.DataFrame({"yes": [0.9, 0.1], "no": [0.1, 0.9]}, index=["yes", "no"])
    gain = al.agreement_gain(posterior, able)
    assert gain.to_dict() == pytest.approx({"torn": 0.4, "settled": 0.0})
    guess = pd.DataFrame(0.5, index=["yes", "no"], columns=["yes", "no"])
    assert al.agreement_gain(posterior, guess).max() == pytest.approx(0)


def test_a_detector_is_unsure_of_what_it_half_believes() -> None:
    found = pd.DataFrame({"item_id": ["a", "a", "b"], "confidence": [0.99, 0.5, 0.9]})
    assert al.detection_uncertainty(found, ["c", "b", "a"]).to_dict() == pytest.approx(
        {"a": 1.0, "b": 0.2, "c": 0.0}
    )
    assert al.detection_uncertainty(found, how="sum")["a"] == pytest.approx(1.02)


def test_wrong_labels_come_first() -> None:
    names = [f"i{n}" for n in range(40)]
    truth = pd.Series(["cat", "dog"] * 20, index=names)
    cat = np.where(truth == "cat", 0.9, 0.1)
    sure = pd.DataFrame({"cat": cat, "dog": 1 - cat}, index=names)
    given = truth.copy()
    given["i4"] = "dog"
    found = al.label_errors(given, sure)
    assert found.index[0] == "i4"
    assert found[found["wrong"]].index.tolist() == ["i4"]
    assert found.loc["i4", "likely"] == "cat"
    assert found.loc["i4", "quality"] == pytest.approx(0.1)


def test_near_duplicates_hang_together() -> None:
    rng = np.random.default_rng(0)
    far = rng.normal(size=(5, 64))
    rows = np.vstack([far, far[:2] + 0.01, far[:1] + 0.02, np.zeros((1, 64))])
    found = al.near_duplicates(pd.DataFrame(rows, index=list("abcdefghi")), 0.99)
    assert {frozenset(pair) for pair in found[["a", "b"]].to_numpy().tolist()} == {
        frozenset("af"),
        frozenset("ah"),
        frozenset("fh"),
        frozenset("bg"),
    }
    assert found["group"].nunique() == 2
    assert found["similarity"].is_monotonic_decreasing
    assert al.near_duplicates(pd.DataFrame(np.zeros((0, 3)))).empty


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (SURE * 2, "sum up to 1"),
        (SURE.assign(cat=np.nan), "sum up to 1"),
        (SURE.assign(name="x"), "must be of numbers"),
        (SURE.set_axis(["a", "a", "b"]), "is there twice"),
        ([[0.5, 0.5]], "must be a DataFrame"),
    ],
)
def test_what_is_no_frame_of_probabilities_is_refused(frame: object, said: str) -> None:
    for strategy in (al.entropy, al.margin, al.least_confidence):
        with pytest.raises(SchemaError, match=said):
            strategy(frame)  # type: ignore[arg-type]


def test_models_must_speak_of_the_same() -> None:
    with pytest.raises(SchemaError, match="members"):
        al.bald([SURE, SURE.rename(index={"two": "other"})])
    with pytest.raises(SchemaError, match="other rows or columns"):
        al.bald([SURE, SURE[["cat", "dog"]]])
    with pytest.raises(SchemaError, match="at least"):
        al.bald([])


def test_each_refusal_says_what_to_do() -> None:
    two = pd.DataFrame({"a": [0.5, 0.9], "b": [0.5, 0.1]}, index=["one", "two"])
    for wrong, said in (
        (two.mask(two == 0.1), r"row 'two'.*frame\.dropna\(\)"),
        (two.astype("Float64").mask(two == 0.1), r"row 'two'.*frame\.dropna\(\)"),
        (two[["a"]], "row 'one'.*1 - p beside p"),
        (two * 100, "divide them by 100"),
        (two * [1, 0.5], "softmax.*may hold at once"),
        (two - 3, "predict_proba"),
        (two[[]], "no columns"),
        (two["a"], r"Series.*pd\.DataFrame\(values, index=ids\)"),
        (two.reset_index(names="item"), r"frame\.set_index\('item'\)"),
        (pd.concat([two, two]), "twice.*mean"),
    ):
        with pytest.raises(SchemaError, match=said):
            al.entropy(wrong)  # type: ignore[arg-type]
    for call, said in (
        (lambda: al.bald(two), "list of frames, not a DataFrame"),  # type: ignore[arg-type]
        (lambda: al.bald({"a": two}), "list of frames, not a dict"),  # type: ignore[arg-type]
        (lambda: al.bald([two, two[:1]]), "same items and classes"),
        (lambda: al.cluster_balanced(al.entropy(two), [1, 2]), "clusters: must be a Series"),  # type: ignore[arg-type]
        (lambda: al.cluster_balanced(two, two["a"]), "scores: must be a Series"),  # type: ignore[arg-type]
        (lambda: al.agreement_gain(two, np.eye(2)), "confusion: must be a DataFrame"),  # type: ignore[arg-type]
        (lambda: al.label_errors(["a", "b"], two), "labels: must be a Series"),  # type: ignore[arg-type]
    ):
        with pytest.raises(SchemaError, match=said):
            call()
