from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from labelwidgets.algorithms.clear_mot import clear_mot
from labelwidgets.algorithms.hota import hota
from labelwidgets.algorithms.identity_scores import boundary_errors, identity_scores
from labelwidgets.algorithms.sparse_assignment import best_pairs
from labelwidgets.algorithms.track_pairs import TrackPairs, track_pairs
from labelwidgets.errors import GeometryError
from tests.judges import judge

Tracks = tuple[np.ndarray, np.ndarray, np.ndarray]


def tracks(*runs: tuple[str, int, int, float]) -> Tracks:
    """Return boxes of 10 pixels that stand still: name, first and last frame, and x."""
    frames = np.concatenate([np.arange(first, last + 1) for _, first, last, _ in runs])
    names = np.concatenate([[name] * (last + 1 - first) for name, first, last, _ in runs])
    boxes = [(x, 0.0, 10.0, 10.0) for _, first, last, x in runs for _ in range(first, last + 1)]
    return frames, names, np.array(boxes)


def jittered(one: Tracks, seed: int, noise: float, lost: float, swaps: float) -> Tracks:
    """Return what somebody might have made of tracks who was not careful."""
    random = np.random.default_rng(seed)
    frames, names, boxes = (part.copy() for part in one)
    boxes = boxes + random.normal(0, noise, boxes.shape)
    boxes[:, 2:] = boxes[:, 2:].clip(1)
    for frame in np.unique(frames):
        here = np.nonzero(frames == frame)[0]
        if len(here) > 1 and random.random() < swaps:
            a, b = random.choice(here, 2, replace=False)
            later = frames >= frame
            first, second = names[a], names[b]
            was_first, was_second = (later & (names == first)), (later & (names == second))
            names[was_first], names[was_second] = second, first
    kept = random.random(len(frames)) >= lost
    return frames[kept], names[kept], boxes[kept]


def crowd(seed: int, count: int, length: int) -> Tracks:
    random = np.random.default_rng(seed)
    starts = random.uniform(0, 60, (count, 2))
    speed = random.normal(0, 1.5, (count, 2))
    rows = [
        (frame, number, *(starts[number] + frame * speed[number]), *random.uniform(15, 25, 2))
        for frame in range(length)
        for number in range(count)
    ]
    table = np.array(rows)
    return table[:, 0].astype(int), table[:, 1].astype(int), table[:, 2:]


def as_trackeval(pairs: TrackPairs) -> dict[str, Any]:
    """Return pairs as TrackEval takes them."""
    data: dict[str, Any] = {"gt_ids": [], "tracker_ids": [], "similarity_scores": []}
    one, other = pairs.reference, pairs.other
    for time in range(len(pairs.frames)):
        rows, columns = np.nonzero(one.times == time)[0], np.nonzero(other.times == time)[0]
        alike = np.zeros((len(rows), len(columns)))
        here = np.isin(pairs.rows, rows)
        if here.any():
            alike[pairs.rows[here] - rows[0], pairs.columns[here] - columns[0]] = pairs.similarity[
                here
            ]
        data["gt_ids"].append(one.tracks[rows])
        data["tracker_ids"].append(other.tracks[columns])
        data["similarity_scores"].append(alike)
    return data | {
        "num_gt_dets": len(one.times),
        "num_tracker_dets": len(other.times),
        "num_gt_ids": len(one.names),
        "num_tracker_ids": len(other.names),
        "num_timesteps": len(pairs.frames),
    }


@pytest.fixture(scope="module")
def trackeval() -> Any:
    return judge("trackeval")


@pytest.fixture(scope="module")
def flies(shared_data: Path) -> Tracks:
    """Proofread tracks of two flies."""
    with (shared_data / "video" / "flies_clip_gt_mot.txt").open() as file:
        rows = np.array([[float(cell) for cell in row[:6]] for row in csv.reader(file)])
    return rows[:, 0].astype(int), rows[:, 1].astype(int), rows[:, 2:]


def check_against(trackeval: Any, pairs: TrackPairs) -> None:
    data = as_trackeval(pairs)
    theirs = trackeval.metrics.HOTA().eval_sequence(data)
    ours = hota(pairs)
    for name, field in [
        *(("HOTA", "hota"), ("DetA", "detection"), ("DetRe", "detection_recall")),
        *(("DetPr", "detection_precision"), ("AssA", "association"), ("LocA", "localisation")),
        *(("AssRe", "association_recall"), ("AssPr", "association_precision")),
    ]:
        np.testing.assert_allclose(getattr(ours, field), theirs[name], atol=1e-12, err_msg=name)
    theirs = trackeval.metrics.Identity({"PRINT_CONFIG": False}).eval_sequence(data)
    same = identity_scores(pairs)
    assert (same.hits, same.missed, same.extra) == tuple(
        int(theirs[name]) for name in ("IDTP", "IDFN", "IDFP")
    )
    assert same.idf1 == pytest.approx(theirs["IDF1"], abs=1e-12)
    theirs = trackeval.metrics.CLEAR({"PRINT_CONFIG": False}).eval_sequence(data)
    clear = clear_mot(pairs)
    assert (clear.hits, clear.missed, clear.extra) == tuple(
        int(theirs[name]) for name in ("CLR_TP", "CLR_FN", "CLR_FP")
    )
    assert len(clear.switches) == theirs["IDSW"]
    assert clear.fragments == theirs["Frag"]
    assert clear.mota == pytest.approx(theirs["MOTA"], abs=1e-12)
    assert clear.motp == pytest.approx(theirs["MOTP"], abs=1e-12)
    assert [clear.mostly_tracked, clear.partly_tracked, clear.mostly_lost] == [
        theirs["MT"],
        theirs["PT"],
        theirs["ML"],
    ]


@pytest.mark.parametrize("seed", range(6))
def test_scores_of_a_crowd_are_those_of_trackeval(trackeval: Any, seed: int) -> None:
    one = crowd(seed, 8, 40)
    other = jittered(one, seed, noise=2.5, lost=0.15, swaps=0.1)
    check_against(trackeval, track_pairs(*one, *other))


@pytest.mark.parametrize("seed", range(3))
def test_scores_of_proofread_flies_are_those_of_trackeval(
    trackeval: Any, flies: Tracks, seed: int
) -> None:
    other = jittered(flies, seed, noise=4, lost=0.0, swaps=0.01)
    check_against(trackeval, track_pairs(*flies, *other))


def test_flies_against_themselves_are_perfect(flies: Tracks) -> None:
    pairs = track_pairs(*flies, *flies)
    assert hota(pairs).hota.min() == 1.0
    assert identity_scores(pairs).idf1 == 1.0
    assert clear_mot(pairs).mota == 1.0
    assert not boundary_errors(pairs, identity_scores(pairs)).any()


def test_the_less_careful_the_flies_are_followed_the_lower_the_score(flies: Tracks) -> None:
    careful, careless = (
        hota(track_pairs(*flies, *jittered(flies, 1, noise, 0.05, swaps)))
        for noise, swaps in ((1, 0.0), (6, 0.01))
    )
    assert careless.hota.mean() < careful.hota.mean() < 1
    assert careless.association.mean() < careful.association.mean()
    assert careless.localisation.mean() < careful.localisation.mean()


def test_two_objects_that_change_names_are_two_switches() -> None:
    one = tracks(("a", 0, 9, 0), ("b", 0, 9, 50))
    other = tracks(("x", 0, 4, 0), ("y", 0, 4, 50), ("y", 5, 9, 0), ("x", 5, 9, 50))
    pairs = track_pairs(*one, *other)
    clear = clear_mot(pairs)
    assert [(it.frame, it.track, it.before, it.after) for it in clear.switches] == [
        (5, 0, 0, 1),
        (5, 1, 1, 0),
    ]
    assert clear.mota == 1 - 2 / 20
    assert identity_scores(pairs).idf1 == 0.5
    assert hota(pairs).detection.min() == 1
    assert hota(pairs).association == pytest.approx(1 / 3)


def test_a_track_that_is_lost_and_found_again_is_a_fragment_even_if_it_is_the_only_one() -> None:
    one = tracks(("a", 0, 9, 0))
    other = tracks(("x", 0, 3, 0), ("x", 6, 9, 0))
    clear = clear_mot(track_pairs(*one, *other))
    assert (clear.fragments, clear.missed, clear.switches) == (1, 2, [])


def test_a_track_that_begins_late_and_ends_late_says_by_how_many_frames() -> None:
    one = tracks(("a", 10, 30, 0), ("b", 0, 5, 50))
    other = tracks(("x", 13, 32, 0), ("y", 0, 5, 50))
    pairs = track_pairs(*one, *other)
    assert boundary_errors(pairs, identity_scores(pairs)).tolist() == [[3, 2], [0, 0]]


def test_who_is_followed_on_goes_before_who_is_nearer() -> None:
    # On the second frame both lie within reach of y, which lies nearer to a; x followed a.
    one = (np.array([0, 1]), np.array(["a", "a"]), np.array([[0.0, 0, 10, 10], [4, 0, 10, 10]]))
    other = (
        np.array([0, 1, 1]),
        np.array(["x", "x", "y"]),
        np.array([[0.0, 0, 10, 10], [2, 0, 10, 10], [4, 0, 10, 10]]),
    )
    assert clear_mot(track_pairs(*one, *other)).switches == []


def test_nothing_against_something_is_no_score_and_no_error() -> None:
    nothing = (np.zeros(0, int), np.zeros(0, str), np.zeros((0, 4)))
    some = tracks(("a", 0, 9, 0))
    for one, other in ((nothing, some), (some, nothing), (nothing, nothing)):
        pairs = track_pairs(*one, *other)
        assert hota(pairs).hota.max() == 0
        assert identity_scores(pairs).idf1 == 0
        assert clear_mot(pairs).hits == 0
        assert boundary_errors(pairs, identity_scores(pairs)).shape == (0, 2)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda it: (it[0][:-1], *it[1:]), "boxes"),
        (lambda it: (it[0], it[1], it[2] * np.nan), "boxes"),
        (lambda it: (it[0] * 0, *it[1:]), "tracks"),
    ],
)
def test_what_are_no_tracks_is_said_so(change: Any, where: str) -> None:
    some = tracks(("a", 0, 9, 0))
    with pytest.raises(GeometryError) as caught:
        track_pairs(*change(some), *some)
    assert caught.value.where == where


@settings(max_examples=60)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 12),
    st.integers(1, 12),
    st.floats(0.05, 0.9),
)
def test_sparse_assignment_reaches_the_sum_that_the_dense_one_does(
    seed: int, height: int, width: int, density: float
) -> None:
    random = np.random.default_rng(seed)
    table = random.random((height, width)) * (random.random((height, width)) < density)
    rows, columns = np.nonzero(table)
    chosen = best_pairs(rows, columns, table[rows, columns])
    assert len(set(rows[chosen])) == len(set(columns[chosen])) == chosen.sum()
    best = table[linear_sum_assignment(table, maximize=True)].sum()
    assert table[rows, columns][chosen].sum() == pytest.approx(best, abs=1e-12)


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1), st.integers(1, 5), st.integers(1, 8))
def test_scores_lie_between_0_and_1_and_do_not_depend_on_names_or_order(
    seed: int, count: int, length: int
) -> None:
    one = crowd(seed, count, length)
    other = jittered(one, seed, noise=3, lost=0.2, swaps=0.2)
    random = np.random.default_rng(seed)
    shuffled = random.permutation(len(other[0]))
    renamed = (other[0][shuffled], 100 - other[1][shuffled], other[2][shuffled])
    plain, changed = track_pairs(*one, *other), track_pairs(*one, *renamed)
    ours = hota(plain)
    for field in ("hota", "detection", "association", "localisation"):
        values = getattr(ours, field)
        assert ((values >= 0) & (values <= 1 + 1e-12)).all()
        np.testing.assert_allclose(values, getattr(hota(changed), field), atol=1e-9)
    assert identity_scores(plain).idf1 == identity_scores(changed).idf1
    assert clear_mot(plain).mota == clear_mot(changed).mota
