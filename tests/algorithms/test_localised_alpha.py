"""Agreement about where objects are and what they are, beside KaLOS' own package."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from scipy import stats

from labelwidgets.algorithms import (
    BoxSimilarity,
    class_difficulty,
    collaboration,
    confidence_interval,
    correspond,
    krippendorff_alpha,
    localised_alpha,
    marks_of,
    sensitivity,
    vitality,
)
from labelwidgets.algorithms.localisation_threshold import (
    calibrated,
    decision_boundary,
    density,
    drawn_parts,
    separation,
)
from labelwidgets.algorithms.localised_alpha import alpha_sums, alphas_of, units_of
from labelwidgets.algorithms.marks import Marks
from labelwidgets.errors import SchemaError
from tests.judges import judge

MATCHINGS = ("greedy", "sequential")
CLASSES = 5
# What kalos 0.8.0 says of the scene below: mean and whole alpha.
GREEDY = (0.295193624519, 0.330324867499)
SEQUENTIAL = (0.269982133208, 0.302327910481)
# How many distances it has.
OBSERVED = 2293


class Scene:
    """Boxes that several raters drew with shaky hands, some missed, some called otherwise."""

    def __init__(self, pictures: int, raters: int, boxes: int, seed: int = 0) -> None:
        random = np.random.default_rng(seed)
        rows: list[tuple[int, int, int, Any]] = []
        self.seen: list[tuple[int, int]] = []
        for picture in range(pictures):
            places = np.column_stack(
                [random.uniform(0, 900, (boxes, 2)), random.uniform(30, 150, (boxes, 2))]
            )
            classes = random.integers(0, CLASSES, boxes)
            for rater in range(raters):
                if raters > 2 and random.random() < 0.1:
                    continue
                self.seen.append((picture, rater))
                if random.random() < 0.05:
                    continue
                for box in np.flatnonzero(random.random(boxes) < 0.85):
                    drawn = places[box] + random.normal(0, 8, 4)
                    drawn[2:] = drawn[2:].clip(5)
                    other = random.random() < 0.15
                    named = random.integers(0, CLASSES) if other else classes[box]
                    rows.append((picture, rater, int(named), drawn))
        self.picture, self.rater, self.category = (
            np.array([row[column] for row in rows], np.int64) for column in range(3)
        )
        self.boxes = np.array([row[3] for row in rows]).reshape(-1, 4)
        self.similarity = BoxSimilarity(self.boxes)

    def marks(self) -> Marks:
        return marks_of(self.picture, self.rater, self.category, self.similarity, self.seen)

    def for_kalos(self) -> dict[int, Any]:
        data: dict[int, Any] = {}
        for picture, rater in self.seen:
            own = data.setdefault(picture, {"rater_list": [], "annotations_by_rater": {}})
            own["rater_list"].append(rater)
            own["annotations_by_rater"][rater] = []
        for row, (picture, rater) in enumerate(
            zip(self.picture.tolist(), self.rater.tolist(), strict=True)
        ):
            data[picture]["annotations_by_rater"][rater].append(
                {
                    "id": row,
                    "rater_id": rater,
                    "category_id": int(self.category[row]),
                    "bbox": self.boxes[row].tolist(),
                }
            )
        return data


@pytest.fixture(scope="module")
def scene() -> Scene:
    return Scene(30, 4, 10)


def few(*rows: tuple[int, int, int, float], seen: Any = None) -> Marks:
    """Picture, rater, class and place of boxes of 10 by 10."""
    boxes = [[place, 0, 10, 10] for *_, place in rows]
    columns = np.array([row[:3] for row in rows], np.int64).reshape(-1, 3).T
    return marks_of(*columns, BoxSimilarity(np.array(boxes).reshape(-1, 4)), seen)


@pytest.mark.parametrize("matching", MATCHINGS)
def test_what_lies_at_one_place_is_one_unit_and_who_has_none_there_missed_it(
    matching: Any,
) -> None:
    marks = few(
        *((0, rater, 2, 0.0) for rater in range(3)),  # All alike.
        *((0, 0, 1, 50.0), (0, 1, 3, 51.0)),  # Two names, and one who missed it.
        (1, 0, 1, 0.0),  # Alone among three who looked.
        seen=[(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (2, 0), (2, 1)],
    )
    thing = correspond(marks, 0.5, matching)
    assert thing.tolist() == [0, 0, 0, 1, 1, 2]
    units = units_of(marks, thing)
    nan = np.nan
    matrix = [[2, 1, 1, -1], [2, 3, -1, -1], [2, -1, -1, nan]]
    assert units.picture.tolist() == [0, 0, 1, 2]
    alphas = localised_alpha(marks, 0.5, matching)
    assert alphas.whole == pytest.approx(krippendorff_alpha(matrix))
    assert alphas.pictures[0] == pytest.approx(krippendorff_alpha(np.array(matrix)[:, :2]))
    # Of an empty picture, and of one object that one of three has.
    assert alphas.pictures[2] == 1
    assert alphas.pictures[1] == pytest.approx(0)
    assert alphas.mean == pytest.approx(alphas.pictures.mean())


def test_pairs_below_the_threshold_are_two_objects() -> None:
    marks = few((0, 0, 1, 0.0), (0, 1, 1, 3.0))  # 7 of 13 in common.
    assert correspond(marks, 0.53).tolist() == [0, 0]
    assert correspond(marks, 0.54).tolist() == [0, 1]
    assert localised_alpha(marks, 0.53).mean == 1
    assert localised_alpha(marks, 0.54).mean < 0


def test_the_class_counts_in_matching_only_where_that_is_wanted() -> None:
    marks = few((0, 0, 1, 0.0), (0, 1, 2, 1.0), (0, 1, 1, -2.0))
    assert correspond(marks, 0.5).tolist() == [0, 0, 1]
    assert correspond(marks, 0.5, prefer_class=True).tolist() == [0, 1, 0]


@pytest.mark.parametrize("matching", MATCHINGS)
def test_no_object_has_two_marks_of_a_rater(matching: Any, scene: Scene) -> None:
    marks = scene.marks()
    thing = correspond(marks, 0.2, matching)
    assert np.unique(thing * 4 + marks.rater).size == thing.size
    of_picture = {(int(a), int(b)) for a, b in zip(thing, marks.picture, strict=True)}
    assert len(of_picture) == thing.max() + 1


def test_raters_pictures_and_rows_in_another_order_have_the_same_alpha(scene: Scene) -> None:
    random = np.random.default_rng(5)
    rows = random.permutation(scene.picture.size)
    raters, pictures = random.permutation(4), random.permutation(30)
    seen = np.array(scene.seen)
    marks = marks_of(
        pictures[scene.picture[rows]],
        raters[scene.rater[rows]],
        scene.category[rows],
        BoxSimilarity(scene.boxes[rows]),
        np.column_stack([pictures[seen[:, 0]], raters[seen[:, 1]]]),
    )
    once, again = localised_alpha(scene.marks(), 0.5), localised_alpha(marks, 0.5)
    assert (again.mean, again.whole) == pytest.approx((once.mean, once.whole))
    np.testing.assert_allclose(again.pictures[pictures], once.pictures)


def test_any_similarity_of_pairs_will_do(scene: Scene) -> None:
    marks = marks_of(
        scene.picture,
        scene.rater,
        scene.category,
        lambda a, b: scene.similarity(a, b),
        scene.seen,
    )
    np.testing.assert_array_equal(marks.a, scene.marks().a)
    np.testing.assert_array_equal(marks.b, scene.marks().b)
    np.testing.assert_allclose(marks.similarity, scene.marks().similarity, rtol=1e-12)


def test_the_numbers_of_kalos_080_for_a_scene(scene: Scene) -> None:
    """Computed with kalos 0.8.0 as in the tests below, for where it is not installed."""
    marks = scene.marks()
    greedy, sequential = (localised_alpha(marks, 0.5, way) for way in MATCHINGS)  # type: ignore[arg-type]
    assert (greedy.mean, greedy.whole) == pytest.approx(GREEDY, abs=1e-9)
    assert (sequential.mean, sequential.whole) == pytest.approx(SEQUENTIAL, abs=1e-9)
    assert calibrated(marks, scene.similarity).observed.size == OBSERVED


def test_sensitivity_falls_as_the_threshold_rises(scene: Scene) -> None:
    found = sensitivity(scene.marks(), (0.3, 0.6, 0.9))
    assert [at for at, _ in found] == [0.3, 0.6, 0.9]
    assert found[0][1].mean > found[1][1].mean > found[2][1].mean
    assert len(sensitivity(scene.marks())) == 14


def test_a_rater_who_draws_anything_anywhere_is_no_help() -> None:
    random = np.random.default_rng(1)
    rows = [
        (picture, rater, int(picture % 3), 100.0 * box)
        for picture in range(20)
        for rater in range(3)
        for box in range(4)
    ]
    rows += [(p, 3, int(random.integers(3)), 5000 + 100.0 * b) for p in range(20) for b in range(4)]
    found = vitality(few(*rows), 0.5)
    assert [one.pictures for one in found] == [20] * 4
    assert found[3].mean < 0 < min(one.mean for one in found[:3])
    assert found[3].whole < 0 < min(one.whole for one in found[:3])


def test_two_raters_have_no_vitality() -> None:
    found = vitality(few((0, 0, 1, 0.0), (0, 1, 1, 0.0)), 0.5)
    assert all(np.isnan(one.mean) and np.isnan(one.whole) and not one.pictures for one in found)


def test_intervals_are_over_pictures(scene: Scene) -> None:
    marks = scene.marks()
    units = units_of(marks, correspond(marks, 0.5))
    alphas = alphas_of(units, marks)
    whole = confidence_interval(alpha_sums(units, marks))
    mean = confidence_interval(alpha_sums(units, marks, mean=True))
    assert whole.value == pytest.approx(alphas.whole)
    assert mean.value == pytest.approx(alphas.mean)
    assert whole.low < whole.value < whole.high
    # The error of a mean is known without any resampling.
    wanted = alphas.pictures.std(ddof=1) / np.sqrt(alphas.pictures.size)
    assert mean.error == pytest.approx(wanted, rel=0.1)


def test_no_marks_at_all_are_agreement() -> None:
    marks = few(seen=[(0, 0), (0, 1)])
    assert localised_alpha(marks, 0.5).mean == localised_alpha(marks, 0.5).whole == 1
    assert np.isnan(localised_alpha(few(), 0.5).mean)
    assert class_difficulty(units_of(marks, correspond(marks, 0.5))) == []


def test_bad_marks_and_wishes_are_told() -> None:
    box = BoxSimilarity(np.zeros((1, 4)))
    with pytest.raises(SchemaError, match="rater"):
        marks_of([0], [-1], [0], box)
    with pytest.raises(SchemaError, match="seen"):
        marks_of([0], [0], [0], box, [(0, 1)])
    with pytest.raises(SchemaError, match="boxes"):
        BoxSimilarity([[0, 0, np.nan, 1]])
    for threshold in (0, 1.5, float("nan")):
        with pytest.raises(SchemaError, match="threshold"):
            correspond(few((0, 0, 1, 0.0)), threshold)
    with pytest.raises(SchemaError, match="greedy"):
        correspond(few((0, 0, 1, 0.0)), 0.5, "best")  # type: ignore[arg-type]


# The threshold


def test_the_density_is_that_of_scipy() -> None:
    random = np.random.default_rng(2)
    at = np.linspace(0, 1, 200)
    for size in (50, 30_000):
        values = random.beta(2, 6, size)
        np.testing.assert_allclose(
            density(values, at), stats.gaussian_kde(values)(at), atol=2e-6 * size**0.2
        )


def test_separation_is_that_of_kolmogorov_and_smirnov() -> None:
    random = np.random.default_rng(2)
    near, far = random.beta(2, 6, 300), random.beta(6, 2, 200)
    wanted = stats.ks_2samp(near, far, alternative="greater").statistic
    assert separation(near, far) == pytest.approx(wanted)


def test_the_boundary_lies_between_what_is_meant_and_what_is_chance() -> None:
    random = np.random.default_rng(2)
    near, far = random.normal(0.2, 0.05, 5000), random.normal(0.8, 0.05, 5000)
    assert decision_boundary(near, far) == pytest.approx(0.5, abs=0.02)
    assert decision_boundary(near[:1], far) == decision_boundary(np.zeros(9), far) == 0.5


def test_a_single_picture_has_nothing_to_compare_with() -> None:
    marks = few((0, 0, 1, 0.0), (0, 1, 1, 2.0))
    made = calibrated(marks, BoxSimilarity(np.array([[0, 0, 10, 10], [2, 0, 10, 10]])))
    assert made.similarity == 0.5
    assert np.isnan(made.separation)


def test_another_picture_is_never_the_same(scene: Scene) -> None:
    marks = scene.marks()
    one, other = drawn_parts(marks, 3)
    assert (marks.seen[one, 0] != marks.seen[other, 0]).all()
    assert np.array_equal(other, drawn_parts(marks, 3)[1])


# KaLOS' own package. Its sequential matching goes through a set of raters: with whole numbers
# these come in order, with names in one that changes with every process.


@pytest.fixture(scope="module")
def kalos() -> Any:
    return judge("kalos.iaa.core")


@pytest.mark.parametrize("prefer_class", [False, True])
@pytest.mark.parametrize(("matching", "method"), [("greedy", "greedy"), ("sequential", "shm")])
def test_all_is_as_kalos_has_it(
    kalos: Any, scene: Scene, matching: Any, method: str, prefer_class: bool
) -> None:
    mean, whole, vital, vital_whole, hard, hard_whole, pictures, pair, pair_whole = (
        kalos.calculate_iaa(
            scene.for_kalos(),
            {number: str(number) for number in range(CLASSES)},
            method,
            "bbox_iou_similarity",
            "category_lenient" if prefer_class else "negative_score",
            0.5,
            True,
            True,
            True,
            list(range(4)),
        )
    )
    marks = scene.marks()
    alphas = localised_alpha(marks, 0.5, matching, prefer_class)
    assert (alphas.mean, alphas.whole) == pytest.approx((mean, whole), abs=1e-9)
    np.testing.assert_allclose(alphas.pictures, [pictures[at] for at in range(30)], atol=1e-9)
    for one in vitality(marks, 0.5, matching, prefer_class):
        assert one.mean == pytest.approx(np.mean(vital[one.rater]), abs=1e-9)
        assert one.whole == pytest.approx(vital_whole[one.rater], abs=1e-9)
        assert one.pictures == len(vital[one.rater])
    units = units_of(marks, correspond(marks, 0.5, matching, prefer_class))
    for each in class_difficulty(units):
        name = str(each.category)
        assert each.mean == pytest.approx(np.mean(hard[name]["alphas"]), abs=1e-9)
        assert each.whole == pytest.approx(hard_whole[name]["alpha"], abs=1e-9)
    for a, b, own in collaboration(marks, 0.5, matching, prefer_class):
        assert own.mean == pytest.approx(np.mean(pair[a][b]), abs=1e-9)
        assert own.whole == pytest.approx(pair_whole[a][b], abs=1e-9)


def test_the_threshold_is_that_of_kalos(
    kalos: Any, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kalos.iaa import empirical_disagreement, principled_configuration
    from kalos.iaa.similarity_functions import bbox_iou_similarity

    marks = scene.marks()

    def drawn() -> Iterator[int]:
        for part in drawn_parts(marks, 0)[1]:
            yield from marks.seen[part].tolist()

    # It draws what we drew: a picture, then one of its raters.
    draws = drawn()
    fake = type("Draws", (), {"choice": staticmethod(lambda _: next(draws))})
    monkeypatch.setattr(empirical_disagreement, "random", fake)
    theirs = empirical_disagreement.calculate_do_de(scene.for_kalos(), bbox_iou_similarity)
    ours = calibrated(marks, scene.similarity, seed=0)
    near, far = np.array(theirs["d_o"]), np.array(theirs["d_e"])
    np.testing.assert_allclose(np.sort(ours.observed), np.sort(near), atol=1e-12)
    np.testing.assert_allclose(np.sort(ours.expected), np.sort(far), atol=1e-12)
    boundary = principled_configuration.find_bayesian_boundary(near, far)
    assert ours.similarity == pytest.approx(1 - boundary, abs=1e-3)
    wanted = principled_configuration.calculate_ks_statistic(near, far)
    assert ours.separation == pytest.approx(wanted)
    assert "kalos" in sys.modules
