"""Chance-corrected agreement: published examples, properties, other packages where installed."""

from __future__ import annotations

import math
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from labelwidgets.algorithms import (
    cohen_kappa,
    confidence_interval,
    fleiss_kappa,
    gwet_ac,
    jaccard_distance,
    krippendorff_alpha,
    masi_distance,
    percent_agreement,
)
from labelwidgets.algorithms.closeness import closeness
from labelwidgets.algorithms.gwet import gwet_sums
from labelwidgets.algorithms.kappa import cohen_sums, fleiss_sums, percent_sums
from labelwidgets.algorithms.krippendorff import krippendorff_sums
from labelwidgets.algorithms.ratings import ratings_of, ratings_of_counts, ratings_of_triples
from labelwidgets.algorithms.unit_sums import UnitSums
from labelwidgets.errors import SchemaError

nan = math.nan
# Krippendorff, Computing Krippendorff's alpha-reliability (2011), section C: 4 observers, 12 units.
CANONICAL = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, nan, nan, nan],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, nan, 3],
    [nan, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, nan],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, nan],
]
# Fleiss' table in the form that is reprinted most: 14 raters, 10 units, 5 values.
FLEISS = [
    [0, 0, 0, 0, 14],
    [0, 2, 6, 4, 2],
    [0, 0, 3, 5, 6],
    [0, 3, 9, 2, 0],
    [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0],
    [3, 2, 6, 3, 0],
    [2, 5, 3, 2, 2],
    [6, 5, 2, 1, 0],
    [0, 2, 2, 3, 7],
]

LEVELS = ("nominal", "ordinal", "interval", "ratio")
MEASURES = {
    "percent": percent_sums,
    "cohen": cohen_sums,
    "fleiss": fleiss_sums,
    "gwet": gwet_sums,
    "gwet ordinal": lambda ratings: gwet_sums(ratings, "ordinal"),
    "cohen quadratic": lambda ratings: cohen_sums(ratings, "quadratic"),
    **{level: (lambda r, level=level: krippendorff_sums(r, level)) for level in LEVELS},
}
every_measure = pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)

RATINGS = arrays(
    float,
    array_shapes(min_dims=2, max_dims=2, min_side=2, max_side=7),
    elements=st.sampled_from([nan, 0.0, 1.0, 2.0, 5.0]),
)


def value(measure: Any, matrix: Any) -> float:
    return measure(ratings_of(matrix)).value()


@pytest.mark.parametrize(
    ("level", "alpha"),
    [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)],
)
def test_the_canonical_data_of_krippendorff_have_his_alphas(level: Any, alpha: float) -> None:
    assert krippendorff_alpha(CANONICAL, level) == pytest.approx(alpha, abs=6e-4)


def test_binary_data_of_krippendorff_have_his_alpha() -> None:
    # Section A of the same paper: two observers, ten units.
    one, two = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]
    assert krippendorff_alpha([one, two]) == pytest.approx(0.095, abs=6e-4)


def test_the_table_of_fleiss_has_his_kappa() -> None:
    assert fleiss_kappa(ratings_of_counts(FLEISS)) == pytest.approx(0.210, abs=6e-4)
    assert percent_agreement(ratings_of_counts(FLEISS)) == pytest.approx(0.378, abs=6e-4)


def test_gwets_example_of_four_raters_has_his_coefficients() -> None:
    # Handbook of Inter-Rater Reliability, table 2.10 and the results of irrCAC for it.
    assert gwet_ac(CANONICAL) == pytest.approx(0.77544, abs=5e-6)
    assert fleiss_kappa(CANONICAL) == pytest.approx(0.76117, abs=5e-6)
    assert percent_agreement(CANONICAL) == pytest.approx(0.81818, abs=5e-6)


def test_cohens_kappa_of_a_published_square() -> None:
    # 50 proposals, yes or no: 20 and 15 alike, 5 and 10 not.
    one = [1] * 25 + [0] * 25
    two = [1] * 20 + [0] * 5 + [1] * 10 + [0] * 15
    assert cohen_kappa([one, two]) == pytest.approx(0.4)


def test_kappa_is_low_and_ac1_high_where_one_value_is_rare() -> None:
    # The paradox of Feinstein and Cicchetti (1990): 118 yes by both, 5 and 2 by one, none by both.
    one = [1] * 118 + [1] * 5 + [0] * 2
    two = [1] * 118 + [0] * 5 + [1] * 2
    assert cohen_kappa([one, two]) == pytest.approx(-0.0234, abs=5e-5)
    assert gwet_ac([one, two]) == pytest.approx(0.9408, abs=5e-5)


def test_more_than_two_raters_have_the_mean_kappa_of_their_pairs() -> None:
    pairs = [cohen_kappa([a, b]) for a, b in combinations(CANONICAL, 2)]
    assert cohen_kappa(CANONICAL) == pytest.approx(np.mean(pairs))


def test_weights_are_those_of_cohen_and_gwet() -> None:
    values = np.arange(4)
    np.testing.assert_allclose(closeness(values, "linear")[0], [1, 2 / 3, 1 / 3, 0])
    np.testing.assert_allclose(closeness(values, "quadratic")[0], [1, 8 / 9, 5 / 9, 0])
    np.testing.assert_allclose(closeness(values, "ordinal")[0], [1, 5 / 6, 1 / 2, 0])
    np.testing.assert_array_equal(closeness(values, None), np.eye(4))
    with pytest.raises(SchemaError, match="linear"):
        closeness(values, "cubic")  # type: ignore[arg-type]
    with pytest.raises(SchemaError, match="4 by 4"):
        closeness(values, np.eye(3))


def test_values_that_nobody_said_keep_their_place_among_numbers() -> None:
    np.testing.assert_allclose(closeness(np.array([0, 1, 4]), "linear")[0], [1, 3 / 4, 0])


@every_measure
def test_perfect_agreement_is_1(measure: Any) -> None:
    assert value(measure, [[1, 2, 3, 3, 1]] * 3) == pytest.approx(1)


def test_one_value_alone_is_agreement_of_which_chance_is_not_known() -> None:
    matrix = [[2, 2, 2]] * 3
    assert percent_agreement(matrix) == 1
    for measure in (krippendorff_alpha, fleiss_kappa, cohen_kappa, gwet_ac):
        assert math.isnan(measure(matrix))
    assert all(math.isnan(krippendorff_alpha(matrix, level)) for level in LEVELS)


@every_measure
def test_where_no_unit_has_two_ratings_nothing_is_said(measure: Any) -> None:
    assert math.isnan(value(measure, [[1, nan], [nan, 2]]))
    assert math.isnan(confidence_interval(measure(ratings_of([[1, nan], [nan, 2]]))).low)
    assert math.isnan(value(measure, np.empty((2, 0))))


@every_measure
@given(matrix=RATINGS, data=st.data())
def test_the_order_of_raters_and_units_does_not_matter(
    measure: Any, matrix: Any, data: Any
) -> None:
    raters = data.draw(st.permutations(range(matrix.shape[0])))
    units = data.draw(st.permutations(range(matrix.shape[1])))
    once, again = value(measure, matrix), value(measure, matrix[raters][:, units])
    assert once == pytest.approx(again, nan_ok=True)
    assert math.isnan(once) or once <= 1 + 1e-12


@every_measure
@given(matrix=RATINGS)
def test_long_tables_and_matrices_say_the_same(measure: Any, matrix: Any) -> None:
    rater, unit = np.nonzero(np.ones(matrix.shape))
    assume(not np.isnan(matrix).all())
    triples = ratings_of_triples(
        [f"r{at}" for at in rater], [f"u{at}" for at in unit], matrix.ravel()
    )
    assert measure(triples).value() == pytest.approx(value(measure, matrix), nan_ok=True)


@given(matrix=RATINGS)
def test_alpha_is_what_its_definition_says(matrix: Any) -> None:
    """Pairs are walked one by one, as slow as the paper's text is plain."""
    units = [column[~np.isnan(column)] for column in matrix.T]
    units = [column for column in units if column.size > 1]
    every = np.concatenate([[], *units])
    for level, apart in (
        ("nominal", lambda a, b: float(a != b)),
        ("interval", lambda a, b: (a - b) ** 2),
        ("ratio", lambda a, b: ((a - b) / (a + b)) ** 2 if a + b else 0.0),
        ("ordinal", lambda a, b: _between(every, a, b) ** 2),
    ):
        within = sum(
            2 * apart(a, b) / (column.size - 1)
            for column in units
            for a, b in combinations(column, 2)
        )
        chance = sum(2 * apart(a, b) for a, b in combinations(every, 2))
        wanted = 1 - within * (every.size - 1) / chance if chance else nan
        assert krippendorff_alpha(matrix, level) == pytest.approx(wanted, nan_ok=True)  # type: ignore[arg-type]


def _between(every: Any, a: float, b: float) -> float:
    low, high = min(a, b), max(a, b)
    inside = ((every >= low) & (every <= high)).sum()
    return inside - ((every == low).sum() + (every == high).sum()) / 2


def test_a_function_of_ones_own_is_a_level() -> None:
    own = krippendorff_alpha(CANONICAL, lambda a, b: (a - b) ** 2)
    assert own == pytest.approx(krippendorff_alpha(CANONICAL, "interval"))
    with pytest.raises(SchemaError, match="finite"):
        krippendorff_alpha(CANONICAL, lambda a, b: -1.0)


def test_sets_are_compared_by_masi_and_jaccard() -> None:
    a, b, c = frozenset("xy"), frozenset("x"), frozenset("yz")
    assert jaccard_distance(a, b) == pytest.approx(1 / 2)
    assert masi_distance(a, b) == pytest.approx(1 - 1 / 2 * 2 / 3)
    assert masi_distance(a, c) == pytest.approx(1 - 1 / 3 * 1 / 3)
    assert masi_distance(a, a) == masi_distance(frozenset(), frozenset()) == 0
    assert masi_distance(a, frozenset()) == jaccard_distance(a, frozenset()) == 1
    matrix = [[a, b, c, a], [a, b, c, b]]
    assert krippendorff_alpha([[a, b, c], [a, b, c]], masi_distance) == pytest.approx(1)
    nominal = krippendorff_alpha(matrix)
    assert nominal < krippendorff_alpha(matrix, jaccard_distance) < 1
    # By hand: one pair of 4 is apart by 2/3; 8 values, a and b 3 times each, c twice.
    apart = 2 * (3 * 3 * (2 / 3) + 3 * 2 * (8 / 9) + 3 * 2 * 1)
    assert krippendorff_alpha(matrix, masi_distance) == pytest.approx(1 - 2 * 2 / 3 * 7 / apart)


def test_bad_ratings_are_told() -> None:
    with pytest.raises(SchemaError, match="two ratings of 'u' by 'r'"):
        ratings_of_triples(["r", "r"], ["u", "u"], [1, 2])
    with pytest.raises(SchemaError, match="not among the values"):
        ratings_of([["a"], ["b"]], ["a", "c"])
    with pytest.raises(SchemaError, match="different lengths"):
        ratings_of([[1, 2], [1]])
    with pytest.raises(SchemaError, match="matrix"):
        ratings_of(np.zeros(3))
    with pytest.raises(SchemaError, match="no finite numbers"):
        krippendorff_alpha([["a", "b"], ["a", "b"]], "interval")
    with pytest.raises(SchemaError, match="nominal"):
        krippendorff_alpha(CANONICAL, "cardinal")  # type: ignore[arg-type]
    with pytest.raises(SchemaError, match="whole numbers"):
        ratings_of_counts([[1.5, 2]])
    many = np.arange(2**14, dtype=float)
    with pytest.raises(SchemaError, match="at most 4096"):
        krippendorff_alpha([many, many], "ratio")
    with pytest.raises(SchemaError, match="too many to count"):
        krippendorff_alpha([many, many])
    assert krippendorff_alpha([many, many], "interval") == pytest.approx(1)


def test_text_none_and_values_that_were_not_said() -> None:
    matrix = [["cat", "dog", None, "cat"], ["cat", "dog", "cat", "dog"]]
    coded = [[0, 1, nan, 0], [0, 1, 0, 1]]
    assert krippendorff_alpha(matrix) == pytest.approx(krippendorff_alpha(coded))
    wider = ratings_of(matrix, ["cat", "dog", "cow"])
    assert gwet_ac(wider) > gwet_ac(matrix)


# Confidence


@every_measure
def test_a_resample_is_the_measure_of_the_units_that_were_drawn(measure: Any) -> None:
    matrix = np.asarray(CANONICAL)
    random = np.random.default_rng(1)
    sums = measure(ratings_of(matrix, [1, 2, 3, 4, 5]))
    for _ in range(5):
        drawn = random.integers(0, matrix.shape[1], matrix.shape[1])
        often = np.bincount(drawn, minlength=matrix.shape[1])[None].astype(float)
        wanted = measure(ratings_of(matrix[:, drawn], [1, 2, 3, 4, 5])).value()
        assert sums.finish(np.asarray(often @ sums.rows))[0] == pytest.approx(wanted)


@pytest.mark.parametrize("method", ["bca", "percentile"])
def test_intervals_are_those_of_scipy(method: Any) -> None:
    from scipy import stats

    random = np.random.default_rng(4)
    truth = random.integers(0, 3, 150)
    matrix = np.where(random.random((4, 150)) < 0.7, truth, random.integers(0, 3, (4, 150)))
    sums = krippendorff_sums(ratings_of(matrix))
    ours = confidence_interval(sums, resamples=20_000, method=method)

    def alpha(places: Any, axis: int = -1) -> Any:
        rows = np.asarray(sums.rows)[places.astype(int)]
        return sums.finish(rows.sum(axis=-2).reshape(-1, rows.shape[-1])).reshape(places.shape[:-1])

    wanted = stats.bootstrap(
        (np.arange(150),), alpha, method=method, n_resamples=5_000, rng=random, batch=500
    )
    assert ours.low == pytest.approx(wanted.confidence_interval.low, abs=0.01)
    assert ours.high == pytest.approx(wanted.confidence_interval.high, abs=0.01)
    assert ours.error == pytest.approx(wanted.standard_error, rel=0.06)
    assert ours.low < ours.value < ours.high


def test_a_seed_has_one_interval_and_another_seed_another() -> None:
    sums = krippendorff_sums(ratings_of(CANONICAL))
    assert confidence_interval(sums, seed=3) == confidence_interval(sums, seed=3)
    assert confidence_interval(sums, seed=3) != confidence_interval(sums, seed=4)


def test_whole_clusters_are_drawn_where_units_belong_together() -> None:
    # Each picture's ten objects are alike: there are 12 observations, and not 120.
    wide = np.repeat(np.asarray(CANONICAL), 10, axis=1)
    sums = krippendorff_sums(ratings_of(wide))
    clustered = sums.by(np.repeat(np.arange(12), 10))
    assert clustered.value() == pytest.approx(sums.value())
    one, many = confidence_interval(sums), confidence_interval(clustered)
    assert one.high - one.low < 0.6 * (many.high - many.low)
    with pytest.raises(SchemaError, match="cluster"):
        sums.by(np.zeros(3, int))


def test_intervals_hold_the_true_value_about_as_often_as_they_say() -> None:
    random = np.random.default_rng(0)
    held = 0
    for trial in range(200):
        agree = random.random(80) < 0.7
        one = random.integers(0, 2, 80)
        two = np.where(agree, one, 1 - one)
        made = confidence_interval(percent_sums(ratings_of([one, two])), resamples=400, seed=trial)
        held += made.low <= 0.7 <= made.high
    assert 0.88 <= held / 200 <= 0.99


def test_bad_wishes_for_intervals_are_told() -> None:
    sums: UnitSums = krippendorff_sums(ratings_of(CANONICAL))
    for wish in ({"confidence": 95}, {"resamples": 1}, {"method": "studentised"}):
        with pytest.raises(SchemaError, match=next(iter(wish))):
            confidence_interval(sums, **wish)  # type: ignore[arg-type]


# Other packages


def test_alphas_are_those_of_the_krippendorff_package() -> None:
    other = pytest.importorskip("krippendorff", reason="krippendorff is not installed")
    random = np.random.default_rng(2)
    for _ in range(20):
        matrix = random.integers(1, 6, (4, 30)).astype(float)
        matrix[random.random(matrix.shape) < 0.2] = nan
        for level in LEVELS:
            wanted = other.alpha(matrix, level_of_measurement=level)
            assert krippendorff_alpha(matrix, level) == pytest.approx(wanted)  # type: ignore[arg-type]


def test_kappas_are_those_of_statsmodels() -> None:
    rating = pytest.importorskip(
        "statsmodels.stats.inter_rater", reason="statsmodels is not installed"
    )
    random = np.random.default_rng(3)
    counts = random.multinomial(6, [0.2, 0.5, 0.3], 40)
    assert fleiss_kappa(ratings_of_counts(counts)) == pytest.approx(rating.fleiss_kappa(counts))
    one, two = random.integers(0, 4, (2, 60))
    square = np.zeros((4, 4))
    np.add.at(square, (one, two), 1)
    for ours, theirs in ((None, None), ("linear", "linear"), ("quadratic", "quadratic")):
        wanted = rating.cohens_kappa(square, wt=theirs).kappa
        assert cohen_kappa([one, two], ours) == pytest.approx(wanted)  # type: ignore[arg-type]


def test_eight_thousand_votes_of_a_crowd(shared_data: Path) -> None:
    votes = pd.read_csv(shared_data / "multi_annotator" / "crowd_rte.csv")
    ratings = ratings_of_triples(
        votes["worker"].to_numpy(), votes["task"].to_numpy(), votes["label"].to_numpy()
    )
    assert (ratings.raters, ratings.units, ratings.code.size) == (164, 800, 8000)
    counts = ratings.counts().astype(float)
    assert (counts.sum(axis=1) == 10).all()
    # With two values and ten votes each, alpha and kappa are a line of arithmetic.
    unlike = (counts[:, 0] * counts[:, 1]).sum() * 2 / 9
    zeros, ones = counts.sum(axis=0)
    alpha = 1 - unlike * 7999 / (2 * zeros * ones)
    assert krippendorff_alpha(ratings) == pytest.approx(alpha)
    kappa = 1 - (unlike / 8000) / (2 * zeros * ones / 8000**2)
    assert fleiss_kappa(ratings) == pytest.approx(kappa)
    interval = confidence_interval(krippendorff_sums(ratings))
    assert interval.low < alpha < interval.high
    assert interval.high - interval.low < 0.08
    # Of two values, all levels say the same.
    assert krippendorff_alpha(ratings, "ordinal") == pytest.approx(alpha)
    assert 0 < cohen_kappa(ratings) < 1


@pytest.mark.parametrize("values", [3, 9, 40])
def test_ranks_are_compared_the_same_whichever_way_values_meet(
    values: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = np.random.default_rng(values)
    said = draw.integers(0, values, (4, 60)).astype(float)
    said[draw.random(said.shape) < 0.3] = nan
    ratings = ratings_of(said)
    ways = []
    for few in (0, 64):
        monkeypatch.setattr("labelwidgets.algorithms.krippendorff._FEW", few)
        ways.append(krippendorff_sums(ratings, "ordinal"))
    half = np.arange(60) % 2
    for sums in ways:
        assert sums.value() == pytest.approx(krippendorff_alpha(said, "ordinal"), abs=1e-12)
    parts = [sums.by(half).each() for sums in ways]
    np.testing.assert_allclose(parts[0], parts[1], atol=1e-12)
