"""Votes come to the answers that they should, and as the authors' programs have them."""

from __future__ import annotations

import importlib
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelwidgets.algorithms.crowd import (
    Answers,
    dawid_skene,
    enough_votes,
    glad,
    mace,
    majority_vote,
    read_votes,
    weighted_vote,
)
from labelwidgets.errors import SchemaError

METHODS = [majority_vote, weighted_vote, dawid_skene, mace, glad]


@pytest.fixture(scope="module")
def crowd(shared_data: Path) -> pd.DataFrame:
    """8,000 votes with gold."""
    return pd.read_csv(shared_data / "multi_annotator" / "crowd_rte.csv")


def columns(votes: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return votes["task"].to_numpy(), votes["worker"].to_numpy(), votes["label"].to_numpy()


def accuracy(found: Answers, votes: pd.DataFrame) -> float:
    gold = votes.groupby("task")["gold"].first()
    return float((found.values == gold.loc[found.tasks].to_numpy()).mean())


def simulated(tasks: int, workers: int, labels: int, each: int, seed: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    true = random.integers(0, labels, tasks)
    able = random.uniform(0.5, 0.95, workers)
    task = np.repeat(np.arange(tasks), each)
    worker = np.concatenate([random.permutation(workers)[:each] for _ in range(tasks)])
    wrong = (true[task] + random.integers(1, labels, task.size)) % labels
    label = np.where(random.random(task.size) < able[worker], true[task], wrong)
    return pd.DataFrame({"task": task, "worker": worker, "label": label, "gold": true[task]})


def test_the_majority_of_the_crowd_is_right_in_9025_of_10000(crowd: pd.DataFrame) -> None:
    found = majority_vote(*columns(crowd))
    assert accuracy(found, crowd) == 0.9025
    first = {
        task: Counter(group["label"].tolist()).most_common(1)[0][0]
        for task, group in crowd.groupby("task")
    }
    assert found.values.tolist() == [first[task] for task in found.tasks.tolist()]


def test_mace_says_what_the_reference_says_of_the_crowd(
    crowd: pd.DataFrame, shared_data: Path
) -> None:
    folder = shared_data / "multi_annotator"
    units = pd.read_csv(folder / "crowd_rte_ref_mace_units.csv").set_index("unit")
    workers = pd.read_csv(folder / "crowd_rte_ref_mace_workers.csv").set_index("worker")
    found = mace(*columns(crowd))
    theirs = units.loc[found.tasks, ["false", "true"]].to_numpy()
    assert (found.answer == theirs.argmax(axis=1)).all()
    # The reference began at random and stopped, as we do, before it came quite to rest.
    assert np.abs(found.posterior - theirs).max() < 0.05
    assert np.abs(found.posterior - theirs).mean() < 5e-4
    competence = workers.loc[found.workers, "competence"].to_numpy()
    assert np.abs(found.ability - competence).max() < 0.01
    assert accuracy(found, crowd) == accuracy(
        Answers(
            found.tasks, found.labels, found.workers, theirs, theirs.argmax(axis=1), competence
        ),
        crowd,
    )


@pytest.mark.parametrize("method", [dawid_skene, glad, weighted_vote])
def test_to_know_the_workers_is_better_than_the_majority(method, crowd: pd.DataFrame) -> None:
    assert accuracy(method(*columns(crowd)), crowd) > 0.92


def test_one_coin_is_better_than_the_majority_of_the_crowd(crowd: pd.DataFrame) -> None:
    assert accuracy(dawid_skene(*columns(crowd), one_coin=True), crowd) > 0.92


def test_ability_is_how_often_they_are_right(crowd: pd.DataFrame) -> None:
    right = (crowd["label"] == crowd["gold"]).groupby(crowd["worker"]).mean()
    many = crowd["worker"].value_counts()
    for method in METHODS:
        found = method(*columns(crowd))
        able = pd.Series(found.ability, found.workers)[many[many >= 100].index]
        assert able.corr(right[able.index]) > 0.85, method


@pytest.mark.parametrize("one_coin", [False, True])
def test_dawid_and_skene_is_as_crowdkit_has_it(one_coin: bool) -> None:
    kit = pytest.importorskip("crowdkit.aggregation", reason="crowd-kit is not installed")
    votes = simulated(400, 12, 3, 5, 2)
    found = dawid_skene(*columns(votes), one_coin=one_coin, tolerance=0, iterations=60)
    # As many rounds, whatever their bound does: it counts the labels' frequencies once a vote.
    theirs = (kit.OneCoinDawidSkene if one_coin else kit.DawidSkene)(n_iter=60, tol=-1e9)
    labels = theirs.fit_predict(votes[["task", "worker", "label"]])
    assert (labels.loc[found.tasks].to_numpy() == found.values).all()
    likely = theirs.probas_.loc[found.tasks, found.labels].to_numpy()
    if not one_coin:
        # Theirs divides the errors of a worker with one number otherwise than evenly.
        assert np.abs(likely - found.posterior).max() < 1e-4


@pytest.mark.parametrize("one_coin", [False, True])
def test_a_compiled_round_of_dawid_and_skene_is_a_plain_one(
    one_coin: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Votes that do not lie task by task, and a label that nobody gave.
    votes = simulated(300, 9, 3, 5, 4).sample(frac=1, random_state=0)
    options: dict[str, Any] = {
        "labels": [0, 1, 2, 7],
        "smoothing": 0.5,
        "trust": 1,
        "one_coin": one_coin,
    }
    compiled = dawid_skene(*columns(votes), **options)
    # The package has a function of the same name.
    room = importlib.import_module("labelwidgets.algorithms.crowd.dawid_skene")
    monkeypatch.setattr(room, "compiles", lambda: False)
    plain = dawid_skene(*columns(votes), **options)
    assert compiled.iterations == plain.iterations > 2
    np.testing.assert_allclose(compiled.posterior, plain.posterior, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(compiled.confusion, plain.confusion, rtol=1e-9)


def test_dawid_and_skene_finds_confusions_that_are_there() -> None:
    random = np.random.default_rng(5)
    true = random.integers(0, 3, 3000)
    # One of four takes every second 2 for a 1.
    label = np.tile(true, (4, 1))
    label[3] = np.where((true == 2) & (random.random(3000) < 0.5), 1, true)
    task = np.tile(np.arange(3000), 4)
    found = dawid_skene(task, np.repeat(np.arange(4), 3000), label.reshape(-1))
    assert found.confusion is not None
    assert found.confusion[3, 2, 1] == pytest.approx(0.5, abs=0.04)
    assert found.confusion[0] == pytest.approx(np.eye(3), abs=1e-6)
    assert found.confusion.sum(axis=2) == pytest.approx(np.ones((4, 3)))


def test_the_prior_keeps_who_voted_once_from_being_judged() -> None:
    votes = simulated(50, 5, 2, 5, 4)
    task, worker, label = map(list, columns(votes))
    likely = dawid_skene(task, worker, label).values[0]
    task, worker, label = [*task, 0], [*worker, 99], [*label, 1 - int(likely)]
    plain = dawid_skene(task, worker, label)
    trusting = dawid_skene(task, worker, label, smoothing=1, trust=8)
    assert plain.ability[-1] < trusting.ability[-1] - 0.1
    assert trusting.ability[-1] > 0.7
    assert trusting.values[0] == likely


def test_glad_finds_what_is_hard() -> None:
    votes = simulated(300, 10, 2, 8, 3)
    hard = votes["task"] < 60
    guess = np.random.default_rng(1).integers(0, 2, len(votes))
    votes["label"] = np.where(hard, guess, votes["label"])
    found = glad(*columns(votes))
    assert found.difficulty is not None
    assert found.difficulty[:60].mean() > 1.5 * found.difficulty[60:].mean()


def test_a_weight_of_nothing_is_no_vote() -> None:
    found = weighted_vote([1, 1, 1], ["a", "b", "c"], ["x", "x", "y"], {"a": 0, "b": 0})
    assert found.values.tolist() == ["y"]
    nobody = weighted_vote([1, 1, 1], ["a", "b", "c"], ["x", "x", "y"], dict.fromkeys("abc", 0))
    assert nobody.values.tolist() == ["x"]


def test_the_stop_rule_needs_fewer_votes_than_as_many_for_each(crowd: pd.DataFrame) -> None:
    used, right = 0, 0
    turn = crowd.groupby("task").cumcount()
    going = set(crowd["task"])
    answers: dict[int, int] = {}
    for number in range(1, 11):
        asked = crowd[turn < number]
        found = dawid_skene(*columns(asked), smoothing=1, trust=4)
        done = enough_votes(found.posterior, np.full(len(found.tasks), number), 0.97, 3, 10)
        for task, value, over in zip(found.tasks, found.values, done, strict=True):
            if task in going and over:
                going.discard(task)
                answers[task] = value
                used += number
    gold = crowd.groupby("task")["gold"].first()
    right = sum(gold[task] == value for task, value in answers.items())
    assert not going
    assert used < 0.75 * len(crowd)
    assert right / len(gold) > 0.9025


def test_the_stop_rule_holds_its_least_and_its_most() -> None:
    sure = np.array([[0.99, 0.01], [0.99, 0.01], [0.5, 0.5], [0.5, 0.5]])
    done = enough_votes(sure, [1, 2, 4, 5], 0.95, 2, 5)
    assert done.tolist() == [False, True, False, True]


@pytest.mark.parametrize(
    ("columns", "where"),
    [
        (([], [], []), "votes"),
        (([1], [1, 2], [1]), "task, worker and label"),
        (([None], [1], [1]), "task"),
        (([1.0], [float("nan")], [1]), "worker"),
        (([1], [1], [[1, 2]]), "label"),
    ],
)
def test_what_are_no_votes_is_refused(columns, where: str) -> None:
    for method in METHODS:
        with pytest.raises(SchemaError, match=where):
            method(*columns)


@pytest.mark.parametrize(
    "settings_",
    [{"tolerance": -1}, {"iterations": 0}, {"smoothing": "1"}, {"trust": float("inf")}],
)
def test_impossible_settings_are_refused(settings_) -> None:
    with pytest.raises(SchemaError, match=next(iter(settings_))):
        dawid_skene([1], [1], [1], **settings_)
    with pytest.raises(SchemaError, match="weights"):
        weighted_vote([1], ["a"], [1], {"a": -1})
    with pytest.raises(SchemaError, match="among"):
        majority_vote([1], [1], ["x"], ["a", "b"])


votes_of = st.lists(
    st.tuples(st.integers(0, 6), st.sampled_from("abcde"), st.sampled_from(["x", "y", "z"])),
    min_size=1,
    max_size=60,
)


@settings(max_examples=40, deadline=None)
@given(votes_of, st.sampled_from(METHODS))
def test_posteriors_are_shares_and_unanimous_tasks_are_as_all_say(votes, method) -> None:
    task, worker, label = map(list, zip(*votes, strict=True))
    found = method(task, worker, label)
    assert found.posterior.sum(axis=1) == pytest.approx(np.ones(len(found.tasks)))
    assert (found.posterior >= 0).all()
    assert np.isfinite(found.ability).all()
    assert found.tasks.tolist() == list(dict.fromkeys(task))
    if len(set(label)) == 1:
        assert set(found.values.tolist()) == set(label)


@settings(max_examples=60, deadline=None)
@given(votes_of)
def test_the_majority_is_what_a_counter_says_and_ties_are_the_first_votes(votes) -> None:
    task, worker, label = map(list, zip(*votes, strict=True))
    found = majority_vote(task, worker, label)
    for name, value in zip(found.tasks.tolist(), found.values.tolist(), strict=True):
        said = [what for where, _, what in votes if where == name]
        assert value == Counter(said).most_common(1)[0][0]


@settings(max_examples=30, deadline=None)
@given(votes_of, st.randoms())
def test_names_of_tasks_and_workers_say_nothing(votes, random) -> None:
    task, worker, label = map(list, zip(*votes, strict=True))
    there = [f"t{one}" for one in task]
    people = [{"a": 9, "b": 3, "c": 7, "d": 1, "e": 5}[one] for one in worker]
    one, other = dawid_skene(task, worker, label), dawid_skene(there, people, label)
    assert one.posterior == pytest.approx(other.posterior)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-3, 40), min_size=1, max_size=50), st.sampled_from(["i8", "i2", "i4"]))
def test_close_numbers_are_coded_as_any_other_values_are(values, kind) -> None:
    column = np.array(values, kind)
    close = read_votes(column, column, column)
    other = read_votes([*map(str, values)], values, [f"{value:04}" for value in values])
    assert close.task.tolist() == other.task.tolist()
    assert close.tasks.tolist() == [int(name) for name in other.tasks.tolist()]
    assert close.tasks.dtype == column.dtype
    assert close.labels.tolist() == sorted(set(values))


@pytest.mark.parametrize(
    "values",
    [np.array([127, -128, 0], np.int8), np.array([2**64 - 1, 2**64 - 3], np.uint64)],
)
def test_numbers_at_the_ends_of_their_type_are_told_apart(values) -> None:
    assert read_votes(values, values, values).tasks.tolist() == values.tolist()


def test_numbers_and_their_names_are_two_things() -> None:
    found = read_votes([1, 1], ["a", "b"], [1, "1"])
    assert len(found.labels) == 2
