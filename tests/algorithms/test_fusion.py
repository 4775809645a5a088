"""Shapes of several people become one, as the authors' programs have it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from labelwidgets.algorithms import polygon_to_mask
from labelwidgets.algorithms.fusion import (
    fuse_boxes,
    fuse_intervals,
    fuse_keypoints,
    fuse_polygons,
    geometric_median,
    interval_ious,
    majority_labels,
    majority_mask,
    staple,
    staple_labels,
    weighted_boxes_fusion,
)
from labelwidgets.errors import GeometryError, SchemaError


def discs(side: int, people: int, seed: int, noise: float = 0.01) -> list[np.ndarray]:
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:side, :side] + 0.5
    made = []
    for _ in range(people):
        cx, cy = side / 2 + random.normal(0, side * 0.03, 2)
        radius = side * (0.25 + random.normal(0, 0.015))
        disc = (x - cx) ** 2 + (y - cy) ** 2 < radius**2
        made.append(disc ^ (random.random(disc.shape) < noise))
    return made


def plain_staple(masks: list[np.ndarray], rounds: int) -> np.ndarray:
    """The paper's own iteration, pixel by pixel."""
    said = np.stack([mask.reshape(-1) for mask in masks]).astype(float)
    prior = said.mean()
    able = np.full(len(masks), 0.99999)
    wary = able.copy()
    for _ in range(rounds):
        yes = np.prod(np.where(said == 1, able[:, None], 1 - able[:, None]), axis=0) * prior
        no = np.prod(np.where(said == 0, wary[:, None], 1 - wary[:, None]), axis=0) * (1 - prior)
        likely = yes / (yes + no)
        able = (said @ likely) / likely.sum()
        wary = ((1 - said) @ (1 - likely)) / (1 - likely).sum()
    return likely.reshape(masks[0].shape)


def test_staple_over_patterns_is_staple_over_pixels() -> None:
    masks = discs(64, 5, 1)
    found = staple(masks)
    assert found.converged
    assert found.probability == pytest.approx(plain_staple(masks, 60), abs=1e-5)


@pytest.mark.parametrize("shape", ["2D", "3D"])
def test_staple_is_as_simpleitk_has_it(shape: str) -> None:
    sitk = pytest.importorskip("SimpleITK", reason="SimpleITK is not installed")
    masks = discs(96, 5, 2)
    if shape == "3D":
        masks = [mask.reshape(16, 24, 24) for mask in masks]
    filter_ = sitk.STAPLEImageFilter()
    filter_.SetForegroundValue(1)
    images = [sitk.GetImageFromArray(mask.astype(np.uint8)) for mask in masks]
    theirs = sitk.GetArrayFromImage(filter_.Execute(images))
    found = staple(masks)
    assert ((theirs >= 0.5) == found.mask).all()
    assert np.abs(theirs - found.probability).max() < 3e-5
    assert found.sensitivity == pytest.approx(np.array(filter_.GetSensitivity()), abs=1e-5)
    assert found.specificity == pytest.approx(np.array(filter_.GetSpecificity()), abs=1e-5)


def test_staple_of_labels_is_as_simpleitk_has_it() -> None:
    sitk = pytest.importorskip("SimpleITK", reason="SimpleITK is not installed")
    masks = discs(96, 5, 3)
    x = np.arange(96)
    maps = [
        np.where(mask, 1 + 4 * (x > 46 + number), 0).astype(np.uint8)
        for number, mask in enumerate(masks)
    ]
    images = [sitk.GetImageFromArray(one) for one in maps]
    filter_ = sitk.MultiLabelSTAPLEImageFilter()
    filter_.SetTerminationUpdateThreshold(1e-6)
    theirs = sitk.GetArrayFromImage(filter_.Execute(images))
    found = staple_labels(maps)
    assert found.labels.tolist() == [0, 1, 5]
    assert (theirs == found.values).all()
    voted = sitk.GetArrayFromImage(sitk.LabelVoting(images, 9))
    assert (majority_labels(maps, 9) == voted).all()


def test_staple_finds_who_draws_too_much_and_who_too_little() -> None:
    y, x = np.mgrid[:80, :80]
    away = np.hypot(x - 40, y - 40)
    found = staple([away < 20, away < 20, away < 20.5, away < 30, away < 12])
    assert found.mask.sum() == (away < 20).sum()
    assert found.specificity.argmin() == 3
    assert found.sensitivity.argmin() == 4


def test_a_part_with_its_background_gives_what_the_whole_does() -> None:
    masks = discs(100, 4, 4, noise=0)
    whole = staple(masks)
    part = staple([mask[10:90, 10:90] for mask in masks], background=10000 - 6400)
    assert part.sensitivity == pytest.approx(whole.sensitivity)
    assert part.specificity == pytest.approx(whole.specificity)
    assert (part.mask == whole.mask[10:90, 10:90]).all()
    tight = staple([np.ones((4, 4), bool)] * 3, background=84)
    assert tight.mask.all()


@pytest.mark.parametrize("people", [1, 9, 30])
def test_any_number_of_people_is_fused(people: int) -> None:
    masks = discs(40, people, 6, noise=0.05)
    found = staple(masks)
    assert found.sensitivity.shape == (people,)
    if people > 1:
        assert found.probability == pytest.approx(plain_staple(masks, 300), abs=1e-4)
        voted = np.stack(masks).mean(axis=0) > 0.5
        assert (majority_mask(masks) == voted).all()


@pytest.mark.parametrize("value", [False, True])
def test_masks_without_a_difference_stay_what_they_are(value: bool) -> None:
    masks = [np.full((5, 6), value)] * 3
    assert (staple(masks).mask == value).all()
    assert (majority_mask(masks) == value).all()


@settings(max_examples=40, deadline=None)
@given(npst.arrays(bool, st.tuples(st.integers(2, 6), st.integers(1, 9), st.integers(1, 9))))
def test_staple_of_labels_0_and_1_is_unanimous_where_people_are(masks: np.ndarray) -> None:
    found = staple(masks)
    assert ((found.sensitivity >= 0) & (found.sensitivity <= 1)).all()
    assert ((found.probability >= 0) & (found.probability <= 1)).all()
    voted = masks.mean(axis=0)
    assert (majority_mask(masks) == (voted > 0.5)).all()
    assert (majority_mask(masks, at_least=1) == masks.all(axis=0)).all()
    assert (majority_mask(masks, at_least=0) == masks.any(axis=0)).all()
    assert (majority_labels(masks.astype(np.uint8)) == (voted > 0.5)).all()


def test_weights_count_in_a_majority() -> None:
    masks = np.array([[[1, 1, 0]], [[0, 1, 0]], [[0, 0, 1]]])
    assert majority_mask(masks, [3, 1, 1]).tolist() == [[True, True, False]]


@pytest.mark.parametrize(
    "masks",
    [[], [np.zeros((0, 3))], [np.zeros((2, 3)), np.zeros((3, 2))], [np.array(["a"])]],
)
def test_what_are_no_masks_is_refused(masks: Any) -> None:
    with pytest.raises(GeometryError):
        staple(masks)
    with pytest.raises(GeometryError):
        staple_labels(masks)
    with pytest.raises(GeometryError):
        majority_mask(masks)


def nodules(folder: Path) -> list[list[np.ndarray]]:
    """The nodules of LIDC, a volume of its readers each, on a common grid of slices."""
    made = []
    data = json.loads((folder / "multi_annotator" / "lidc_nodules_shared.json").read_text())
    for nodule in data["nodules"]:
        readers = [reader["contours"] for reader in nodule["readers"]]
        points = np.concatenate(
            [np.array(one["points"], float)[:, :2] for reader in readers for one in reader]
        )
        low = np.floor(points.min(axis=0)) - 2
        width, height = (np.ceil(points.max(axis=0)) + 3 - low).astype(int)
        slices = sorted({one["z"] for reader in readers for one in reader})
        volumes = []
        for reader in readers:
            volume = np.zeros((len(slices), height, width), bool)
            for one in reader:
                ring = np.array(one["points"], float)[:, :2] - low + 0.5
                if len(ring) >= 3:
                    filled = polygon_to_mask([ring], (height, width))
                    volume[slices.index(one["z"])] ^= filled
            volumes.append(volume)
        made.append(volumes)
    return made


def dice(one: np.ndarray, other: np.ndarray) -> float:
    return float(2 * (one & other).sum() / max(1, one.sum() + other.sum()))


def test_fused_nodules_are_nearer_to_each_radiologist_than_others_are(shared_data: Path) -> None:
    pairwise, voted, stapled = [], [], []
    for readers in nodules(shared_data):
        if len(readers) < 3:
            continue
        majority, found = majority_mask(readers), staple(readers)
        assert (majority == (np.stack(readers).mean(axis=0) > 0.5)).all()
        assert majority.any()
        assert found.mask.any()
        for number, one in enumerate(readers):
            voted.append(dice(majority, one))
            stapled.append(dice(found.mask, one))
            pairwise += [dice(one, other) for other in readers[number + 1 :]]
    assert 0.75 < np.median(pairwise) < 0.86
    assert np.median(voted) > np.median(pairwise) + 0.05
    assert np.median(stapled) > np.median(pairwise) + 0.05


def test_staple_of_radiologists_is_as_simpleitk_has_it(shared_data: Path) -> None:
    sitk = pytest.importorskip("SimpleITK", reason="SimpleITK is not installed")
    for readers in nodules(shared_data)[:12]:
        filter_ = sitk.STAPLEImageFilter()
        filter_.SetForegroundValue(1)
        images = [sitk.GetImageFromArray(one.astype(np.uint8)) for one in readers]
        theirs = sitk.GetArrayFromImage(filter_.Execute(images))
        found = staple(readers, tolerance=1e-9)
        clear = np.abs(theirs - 0.5) > 1e-3
        assert ((theirs >= 0.5) == found.mask)[clear].all()


# Boxes


def test_a_box_is_in_the_middle_and_a_median_is_moved_by_none() -> None:
    boxes = [[0, 0, 10, 10], [2, 2, 10, 10], [100, 100, 50, 50]]
    assert fuse_boxes(boxes[:2]).tolist() == [1, 1, 10, 10]
    assert fuse_boxes(boxes[:2], [3, 1]).tolist() == [0.5, 0.5, 10, 10]
    assert fuse_boxes(boxes, how="median").tolist() == [2, 2, 10, 10]
    assert fuse_boxes(boxes[:2], how="median").tolist() == [1, 1, 10, 10]
    assert fuse_boxes(boxes, [1, 1, 0], how="median").tolist() == [1, 1, 10, 10]
    with pytest.raises(SchemaError, match="how"):
        fuse_boxes(boxes, how="mode")  # type: ignore[arg-type]
    with pytest.raises(GeometryError):
        fuse_boxes([[0, 0, -1, 2]])
    with pytest.raises(GeometryError):
        fuse_boxes([])


def test_weighted_boxes_are_those_of_the_paper() -> None:
    # Two models agree on one object (IoU 0.68), and one of them sees another.
    boxes = [[0, 0, 10, 10], [1, 1, 10, 10], [50, 50, 5, 5]]
    found = weighted_boxes_fusion(boxes, [0.9, 0.6, 0.8], [1, 1, 1], [0, 1, 0])
    assert found.boxes[0] == pytest.approx([0.4, 0.4, 10, 10])
    assert found.scores == pytest.approx([0.75, 0.4])
    assert found.members.tolist() == [0, 0, 1]
    apart = weighted_boxes_fusion(boxes, [0.9, 0.6, 0.8], [1, 2, 1], [0, 1, 0])
    assert len(apart.boxes) == 3
    none = weighted_boxes_fusion([], [], [], [], weights=[1, 1])
    assert none.boxes.shape == (0, 4)


def test_weighted_boxes_are_as_ensemble_boxes_has_them() -> None:
    theirs = pytest.importorskip("ensemble_boxes", reason="ensemble-boxes is not installed")
    random = np.random.default_rng(3)
    for _ in range(20):
        centres = random.uniform(0.2, 0.8, (6, 2))
        lists, scores, labels = [], [], []
        for _ in range(3):
            seen = random.random(6) < 0.8
            middle = centres[seen] + random.normal(0, 0.01, (int(seen.sum()), 2))
            lists.append(np.concatenate([middle - 0.06, middle + 0.06], axis=1).tolist())
            scores.append(random.uniform(0.2, 1, len(middle)).tolist())
            labels.append((np.flatnonzero(seen) % 2).tolist())
        boxes, sure, kinds = theirs.weighted_boxes_fusion(lists, scores, labels, iou_thr=0.55)
        corners = np.concatenate([np.array(one).reshape(-1, 4) for one in lists])
        sizes = np.concatenate([corners[:, :2], corners[:, 2:] - corners[:, :2]], axis=1)
        people = np.repeat(np.arange(3), [len(one) for one in lists])
        found = weighted_boxes_fusion(
            sizes,
            np.concatenate(scores),
            np.concatenate(labels).astype(int),
            people,
            weights=[1, 1, 1],
        )
        order = np.argsort(-sure, kind="stable")
        assert found.scores == pytest.approx(sure[order], abs=1e-5)
        edges = np.concatenate([found.boxes[:, :2], found.boxes[:, :2] + found.boxes[:, 2:]], 1)
        assert edges == pytest.approx(boxes[order], abs=1e-5)
        assert found.labels.tolist() == kinds[order].astype(int).tolist()


# Outlines, joints, time


def area(parts: Any) -> float:
    total = 0.0
    for rings in parts:
        for number, ring in enumerate(rings):
            x, y = np.array(ring).T
            size = abs(np.dot(x, np.roll(y, -1)) - np.dot(np.roll(x, -1), y)) / 2
            total += -size if number else size
    return total


def test_the_outline_of_three_squares_is_where_two_of_them_are() -> None:
    squares = [[(x, x), (x + 10, x), (x + 10, x + 10), (x, x + 10)] for x in (0, 2, 4)]
    fused = fuse_polygons(squares)
    points = np.array(fused[0][0])
    # In two of three: the middle one, but for its corners, which lie in it alone.
    assert area(fused) == pytest.approx(100 - 2 * 4, abs=0.4)
    assert points.min() == pytest.approx(2, abs=0.05)
    assert points.max() == pytest.approx(12, abs=0.05)
    assert fuse_polygons([squares[0], [(50, 50), (60, 50), (55, 60)]]) == []
    assert fuse_polygons([squares[0]] * 3)[0][0] == pytest.approx(
        np.array(squares[0], float), abs=0.05
    )


def test_a_hole_that_most_have_stays() -> None:
    outer = [(0, 0), (30, 0), (30, 30), (0, 30)]
    hole = [(10, 10), (20, 10), (20, 20), (10, 20)]
    fused = fuse_polygons([[[outer, hole]], [[outer, hole]], [[outer]]])
    assert area(fused) == pytest.approx(800, abs=8)


def test_the_middle_of_points_is_not_moved_by_one_far_away() -> None:
    assert geometric_median([[0, 0], [0, 0], [9, 9]]).tolist() == [0, 0]
    assert geometric_median([[0, 0], [2, 0]])[1] == 0
    square = [[0, 0], [4, 0], [4, 4], [0, 4]]
    assert geometric_median(square) == pytest.approx([2, 2])
    with pytest.raises(GeometryError):
        geometric_median([])


@settings(max_examples=60, deadline=None)
@given(npst.arrays(float, (5, 2), elements=st.floats(-100, 100)))
def test_no_point_near_it_has_a_smaller_sum_of_distances(points: np.ndarray) -> None:
    middle = geometric_median(points)

    def cost(place: np.ndarray) -> float:
        return float(np.linalg.norm(points - place, axis=1).sum())

    for step in ([0.1, 0], [-0.1, 0], [0, 0.1], [0, -0.1]):
        assert cost(middle) <= cost(middle + step) + 1e-4
    assert cost(middle) <= min(cost(point) for point in points) + 1e-4


def test_joints_are_where_those_put_them_who_saw_them() -> None:
    points = [
        [[10, 10, 2], [5, 5, 1], [0, 0, 0]],
        [[12, 10, 2], [7, 5, 2], [0, 0, 0]],
        [[14, 10, 1], [0, 0, 0], [9, 9, 2]],
    ]
    mean = fuse_keypoints(points, how="mean")
    assert mean[0].tolist() == [12, 10, 2]
    assert mean[1].tolist() == [6, 5, 2]
    assert mean[2].tolist() == [0, 0, 0]
    far = [[[0, 0, 2]], [[0, 1, 2]], [[90, 90, 2]]]
    assert np.hypot(*fuse_keypoints(far)[0, :2]) < 2
    with pytest.raises(GeometryError):
        fuse_keypoints([[[0, 0, 3]]])


def test_stretches_are_fused_frame_by_frame() -> None:
    assert fuse_intervals([[0, 10], [5, 15], [6, 20]]).tolist() == [[5, 15]]
    assert fuse_intervals([[0, 3], [8, 9], [0, 9]], [0, 0, 1], at_least=1).tolist() == [
        [0, 3],
        [8, 9],
    ]
    assert fuse_intervals([[0, 3]], [0], [1, 1, 1]).tolist() == []
    assert fuse_intervals(np.empty((0, 2), int)).tolist() == []
    assert interval_ious([[0, 9], [5, 14]])[0, 1] == pytest.approx(5 / 15)
    with pytest.raises(GeometryError):
        fuse_intervals([[3, 1]])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(0, 12), st.integers(0, 3)), min_size=1),
    st.floats(0.01, 1),
)
def test_fused_stretches_are_what_counting_each_frame_says(made, at_least: float) -> None:
    marks = np.zeros((4, 40), bool)
    for first, length, person in made:
        marks[person, first : first + length + 1] = True
    wanted = marks.mean(axis=0) >= at_least * (1 - 1e-9)
    wanted &= marks.any(axis=0)
    found = np.zeros(40, bool)
    stretches = fuse_intervals(
        [(first, first + length) for first, length, _ in made],
        [person for _, _, person in made],
        [1, 1, 1, 1],
        at_least,
    )
    for first, last in stretches.tolist():
        found[first : last + 1] = True
    assert (found == wanted).all()
    assert (np.diff(stretches.reshape(-1)) >= 0).all()
