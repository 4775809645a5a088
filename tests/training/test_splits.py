"""Splits: by group, stratified, seeded, and kept in the project."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from labelwidgets.errors import WorkflowError
from labelwidgets.media import Dataset
from labelwidgets.project import Project
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Rectangle, Tag
from labelwidgets.schema.ontology import Ontology
from labelwidgets.training import splitting
from labelwidgets.training.splits import Split, make_split
from labelwidgets.training.splitting import by_hash, check_shares, drawn, stratified

SHARES = {"train": 0.5, "val": 0.25, "test": 0.25}


def test_a_split_is_kept_in_the_project(project: Project, tmp_path: Path) -> None:
    assert project.splits.empty
    made = project.split(SHARES)
    assert made["item_id"].tolist() == project.tasks["item_id"].tolist()
    assert made["part"].value_counts().to_dict() == {"train": 6, "val": 3, "test": 3}
    with Project.open(tmp_path / "cars.db", user="ana") as again:
        assert again.splits.equals(made)
    # Before it, there was none.
    event = project.events.query("kind == 'split'").iloc[0]
    then = project.at(event["time"] - np.timedelta64(1, "us"))
    assert then.events.query("kind == 'split'").empty


def test_the_same_call_again_changes_nothing(project: Project) -> None:
    made = project.split(SHARES)
    assert project.split(SHARES).equals(made)
    assert project.split(SHARES, anew=True).equals(made)
    assert (project.events["kind"] == "split").sum() == 1


def test_each_part_has_its_share_of_each_class(project: Project) -> None:
    made = project.split({"train": 0.5, "test": 0.5}, seed=3)
    trees = made[made["n_labels"] == 2]
    assert trees["part"].value_counts().to_dict() == {"train": 2, "test": 2}


def test_what_belongs_together_is_never_torn_apart(project: Project) -> None:
    made = project.split(SHARES, by="folder")
    assert made.groupby("folder")["part"].nunique().tolist() == [1, 1, 1, 1]
    assert set(made["part"]) == set(SHARES)
    assert made["group"].equals(made["folder"])


def test_frames_of_one_video_stay_together(project: Project) -> None:
    items = project.store.items()
    items["metadata"] = [{"video_id": str(number // 4)} for number in range(12)]
    from labelwidgets.training.splits import groups_of

    assert Counter(groups_of(items, None).values()) == {"0": 4, "1": 4, "2": 4}


@pytest.mark.parametrize("stratify", [True, False])
def test_pictures_that_come_later_leave_the_others_where_they_are(
    project: Project, photos: Path, ontology: Ontology, tmp_path: Path, stratify: bool
) -> None:
    before = project.split(SHARES, stratify=stratify)
    for number in range(12, 24):
        grey = np.full((48, 64, 3), 5 * number, np.uint8)
        Image.fromarray(grey).save(photos / "a" / f"{number}.png")
    more = Dataset.open(photos, progress=False)
    Project.create(tmp_path / "cars.db", more, ontology, user="ana", exist_ok=True).close()
    after = project.split(SHARES, stratify=stratify).set_index("item_id")["part"]
    assert len(after) == 24
    assert after[before["item_id"]].tolist() == before["part"].tolist()
    small = project.events.query("kind == 'split'").iloc[-1]["payload"]["after"]
    assert sum(map(len, small.values())) == 12
    assert project.splits.set_index("item_id")["part"].equals(after)


def test_other_rules_take_a_word(project: Project) -> None:
    project.split(SHARES)
    with pytest.raises(WorkflowError, match="anew=True"):
        project.split(SHARES, seed=1)
    other = project.split(SHARES, seed=1, anew=True)
    assert project.splits.equals(other)


@pytest.mark.parametrize(
    ("shares", "by", "words"),
    [
        ({"train": 0.8, "test": 0.1}, None, "0.9 in all"),
        ({}, None, "must be a dict"),
        ({"Train": 0.5, "train": 0.5}, None, "differ in capitals alone"),
        ({"train": 2.0, "test": -1.0}, None, "'train'"),
        ({"train": True}, None, "'train'"),
        (SHARES, "patient_id", "12 of 12"),
        ({name: 0.2 for name in "abcde"}, "folder", "fewer than the 5 parts"),
        (SHARES, {"a": "group"}, "by: must be the name of a column, not dict"),
    ],
)
def test_what_is_no_split_is_said(
    project: Project, shares: dict[str, float], by: Any, words: str
) -> None:
    with pytest.raises(WorkflowError, match=words):
        project.split(shares, by)
    assert project.splits.empty


names = st.integers(0, 60).map(str)
groups = st.dictionaries(names, st.integers(1, 5), min_size=3, max_size=40)


@settings(max_examples=40, deadline=None)
@given(groups, groups, st.integers(0, 5))
def test_without_strata_a_part_follows_from_the_group_alone(
    some: dict[str, int], others: dict[str, int], seed: int
) -> None:
    made = by_hash(some | others, SHARES, seed)
    assert by_hash(some, SHARES, seed) == {name: made[name] for name in some}


@settings(max_examples=40, deadline=None)
@given(groups, st.data(), st.integers(0, 5))
def test_a_stratified_split_takes_all_and_moves_nothing(
    sizes: dict[str, int], data: st.DataObject, seed: int
) -> None:
    classes = {
        name: Counter(data.draw(st.lists(st.sampled_from("xyz"), max_size=4))) for name in sizes
    }
    made = stratified(sizes, classes, SHARES, seed, {})
    assert set(made) == set(sizes)
    assert set(made.values()) <= set(SHARES)
    # Elsewhere than they would come by themselves.
    turn = dict(zip(SHARES, [*SHARES][1:] + [*SHARES][:1], strict=True))
    half = {name: turn[part] for name, part in list(made.items())[::2]}
    again = stratified(sizes, classes, SHARES, seed, half)
    assert {name: again[name] for name in half} == half
    # Not the order in which they come decides, but what they are.
    turned = dict(reversed(sizes.items()))
    assert stratified(turned, classes, SHARES, seed, {}) == made


def test_large_splits_come_close_to_their_shares() -> None:
    sizes = dict.fromkeys(map(str, range(4000)), 1)
    found = Counter(by_hash(sizes, SHARES, 0).values())
    assert abs(found["train"] - 2000) < 150
    rare = {str(at): Counter({"rare": 1}) for at in range(0, 4000, 100)}
    made = stratified(sizes, rare, SHARES, 0, {})
    assert Counter(made.values()) == {"train": 2000, "val": 1000, "test": 1000}
    assert Counter(made[name] for name in rare) == {"train": 20, "val": 10, "test": 10}
    assert 0 <= drawn("a", 0) < 1 != drawn("a", 1)


@pytest.mark.parametrize(
    "shares", [{"x" * 40: 1}, {"a": 1e-9, "b": 1 - 1e-9}, {"a": 0.5, "b": 0.5 + 5e-7}]
)
def test_these_are_shares(shares: dict[str, float]) -> None:
    assert check_shares(shares) == shares


@pytest.mark.parametrize(
    ("shares", "words"),
    [
        ({"x" * 41: 1.0}, "1 to 40 characters"),
        ({"": 1.0}, "1 to 40 characters"),
        ({"a\n": 1.0}, "1 to 40 characters"),
        ({1: 1.0}, "1 to 40 characters"),
        ({"a": 1.0, "b": 0.0}, "'b'.*greater than 0"),
        ({"a": 1.01}, "'a'.*at most 1"),
        ({"a": 0.5, "b": 0.49999}, "in all, and must be 1"),
    ],
)
def test_these_are_no_shares(shares: Any, words: str) -> None:
    with pytest.raises(WorkflowError, match=words):
        check_shares(shares)


def test_a_share_ends_before_the_next_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(splitting, "drawn", lambda group, _: float(group))
    made = by_hash(dict.fromkeys(["0", "0.49", "0.5", "0.74", "0.75", "0.99"], 1), SHARES, 0)
    assert list(made.values()) == ["train", "train", "val", "val", "test", "test"]


def test_what_is_settled_counts_for_the_rest() -> None:
    sizes = dict.fromkeys("abcdefgh", 1)
    classes = {name: Counter("x" if name in "abcd" else "y") for name in sizes}
    halves = {"train": 0.5, "test": 0.5}
    known = {"a": "train", "b": "train", "e": "test", "f": "test", "gone": "test"}
    made = stratified(sizes, classes, halves, 0, known)
    assert {name: made[name] for name in "cdgh"} == {
        "c": "test", "d": "test", "g": "train", "h": "train",
    }  # fmt: skip
    assert "gone" not in made


def pictures(count: int) -> pd.DataFrame:
    ids = [f"i{number}" for number in range(count)]
    return pd.DataFrame({"id": ids, "metadata": [{} for _ in ids]})


@pytest.mark.parametrize("stratify", [True, False])
def test_as_many_groups_as_parts_are_enough(stratify: bool) -> None:
    made = make_split(pictures(3), [], SHARES, None, stratify, 0, None)
    assert set(made.parts) == {"i0", "i1", "i2"}
    with pytest.raises(WorkflowError, match="fewer than the 3 parts"):
        make_split(pictures(2), [], SHARES, None, stratify, 0, None)


@pytest.mark.parametrize("seed", [True, 1.0, "1", None])
def test_a_seed_is_a_whole_number(seed: Any) -> None:
    with pytest.raises(WorkflowError, match="seed: must be a whole number"):
        make_split(pictures(4), [], SHARES, None, False, seed, None)


def test_strata_are_of_the_classes_of_labels_on_the_pictures() -> None:
    items = pictures(8)

    def label(item: str, name: str | None) -> Annotation:
        shape = Rectangle(1, 2, 3, 4) if name else Tag()
        return Annotation(item_id=item, class_name=name, geometry=shape)

    labels = [label(f"i{number}", "x" if number < 4 else "y") for number in range(8)]
    halves = {"train": 0.5, "test": 0.5}
    made = make_split(items, labels, halves, None, True, 0, None)
    assert Counter(made.parts[f"i{number}"] for number in range(4)) == {"train": 2, "test": 2}
    # Answers about pictures have no class; labels may be on pictures that have gone.
    more = [*labels, *(label(f"i{number}", None) for number in range(3)), label("gone", "x")]
    assert make_split(items, more, halves, None, True, 0, None) == made
    # Each label counts: here are as many of x on one picture as on all the others.
    heavy = [*labels, *(label("i0", "x") for _ in range(2))]
    found = make_split(items, heavy, halves, None, True, 0, None).parts
    assert [found[f"i{number}"] == found["i0"] for number in range(1, 4)] == [False] * 3


@pytest.mark.parametrize(("stratify", "word"), [(True, ", stratified"), (False, "not stratified")])
def test_the_split_that_is_there_is_told(stratify: bool, word: str) -> None:
    before = make_split(pictures(4), [], SHARES, None, stratify, 3, None)
    with pytest.raises(WorkflowError, match=f"{word}, seed 3, and a model may have been trained"):
        make_split(pictures(4), [], SHARES, None, stratify, 4, before)


def test_a_split_has_a_hash_and_its_parts() -> None:
    split = Split(SHARES, None, True, 0, {"a": "train"})
    assert len(split.hash) == 16
    assert split.hash != Split(SHARES, None, True, 0, {"a": "val"}).hash
    assert split.hash != Split(SHARES, None, True, 1, {"a": "train"}).hash
    split.check_part("val")
    with pytest.raises(WorkflowError, match="'other' is none of the split"):
        split.check_part("other")
