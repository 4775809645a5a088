"""Assignment, overlaps, distances: beside scipy, pycocotools, shapely and plain numpy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray
from pycocotools import mask as coco
from scipy import ndimage
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from labelwidgets.algorithms import (
    assignment,
    box_matching,
    box_overlaps,
    clusters,
    encode_rle,
    run_overlaps,
)
from labelwidgets.algorithms.assignment import assign, assign_many
from labelwidgets.algorithms.boundaries import boundary_iou, boundary_of
from labelwidgets.algorithms.box_matching import match_boxes
from labelwidgets.algorithms.box_overlaps import box_ious
from labelwidgets.algorithms.clusters import cluster_pairs
from labelwidgets.algorithms.keypoint_similarity import COCO_SIGMAS, keypoint_similarities
from labelwidgets.algorithms.polygon_overlaps import line_ious, polygon_ious
from labelwidgets.algorithms.run_overlaps import mask_ious, shared_pixels, volume_ious
from labelwidgets.algorithms.runs import runs_from_mask
from labelwidgets.algorithms.surface_distances import surface_distances
from labelwidgets.errors import GeometryError

Numbers = NDArray[Any]
# Few different values, so that there are ties, and any.
VALUES = st.one_of(st.integers(-3, 4).map(float), st.floats(-1, 1, allow_subnormal=False))
MATRICES = arrays(np.float64, array_shapes(min_dims=2, max_dims=2, max_side=7), elements=VALUES)
BITS = arrays(bool, st.just((9, 7)))
WAYS = [True, False]


@pytest.fixture(params=WAYS, ids=["compiled", "plain"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test with numba, where it is there, and without."""
    if not request.param:
        for room in (assignment, box_matching, box_overlaps, clusters, run_overlaps):
            monkeypatch.setattr(room, "compiles", lambda: False)


def best(matrix: Numbers, maximize: bool) -> float:
    return float(matrix[linear_sum_assignment(matrix, maximize=maximize)].sum())


@given(MATRICES, st.booleans())
def test_an_assignment_is_whole_and_as_good_as_scipys(costs: Numbers, maximize: bool) -> None:
    rows, columns = assign(costs, maximize)
    assert rows.size == min(costs.shape)
    assert (np.diff(rows) > 0).all()
    assert np.unique(columns).size == columns.size
    assert costs[rows, columns].sum() == pytest.approx(best(costs, maximize), abs=1e-9)


def test_a_large_assignment_is_as_good_as_scipys() -> None:
    costs = np.random.default_rng(0).random((150, 210))
    for matrix in (costs, costs.T):
        rows, columns = assign(matrix)
        assert matrix[rows, columns].sum() == pytest.approx(best(matrix, False))


@given(st.lists(MATRICES, max_size=6))
def test_many_problems_have_the_best_totals_and_make_no_pair_that_brings_nothing(
    matrices: list[Numbers],
) -> None:
    flat = np.concatenate([np.empty(0), *(one.ravel() for one in matrices)])
    found = assign_many(flat, [len(one) for one in matrices], [one.shape[1] for one in matrices])
    place = 0
    for matrix in matrices:
        columns = found[place : place + len(matrix)]
        place += len(matrix)
        rows = np.flatnonzero(columns >= 0)
        chosen = matrix[rows, columns[rows]]
        assert (chosen > 0).all()
        assert np.unique(columns[rows]).size == rows.size
        assert chosen.sum() == pytest.approx(best(matrix.clip(min=0), True), abs=1e-9)
    assert place == found.size


@pytest.mark.usefixtures("way")
def test_problems_of_overlaps_have_scipys_totals_either_way() -> None:
    draw = np.random.default_rng(1)
    tall, wide = draw.integers(0, 12, (2, 300))
    values = draw.random(int((tall * wide).sum()))
    values[draw.random(values.size) < 0.8] = 0
    found = assign_many(values, tall, wide)
    start = place = 0
    for height, width in zip(tall.tolist(), wide.tolist(), strict=True):
        matrix = values[start : start + height * width].reshape(height, width)
        columns = found[place : place + height]
        rows = np.flatnonzero(columns >= 0)
        total = matrix[rows, columns[rows]].sum()
        assert total == pytest.approx(best(matrix, True) if matrix.size else 0)
        start, place = start + height * width, place + height


def test_what_cannot_be_assigned_is_named() -> None:
    with pytest.raises(GeometryError, match="costs"):
        assign([[1, np.nan]])
    with pytest.raises(GeometryError, match="values"):
        assign_many([1.0, np.inf], [1], [2])
    with pytest.raises(GeometryError, match="values"):
        assign_many([1.0], [1], [2])
    with pytest.raises(GeometryError, match="heights"):
        assign_many([], [-1], [0])
    assert [part.tolist() for part in assign(np.empty((0, 3)))] == [[], []]
    assert assign_many([], [2, 0], [0, 5]).tolist() == [-1, -1]


@pytest.mark.usefixtures("way")
def test_overlaps_of_boxes_are_those_of_shapely() -> None:
    draw = np.random.default_rng(2)
    boxes = np.concatenate((draw.random((40, 2)) * 20, draw.random((40, 2)) * 15), axis=1)
    boxes[:3, 2:] = 0
    tall, wide = draw.integers(0, 9, (2, 25))
    first, second = draw.integers(0, 30, (2, 25))
    found = box_ious(boxes, first, tall, second, wide)
    shapes = shapely.box(boxes[:, 0], boxes[:, 1], *(boxes[:, :2] + boxes[:, 2:]).T)
    expected = []
    for a, n, b, m in zip(first, tall, second, wide, strict=True):
        one, other = shapes[a : a + n, None], shapes[None, b : b + m]
        shared = shapely.area(shapely.intersection(one, other))
        whole = shapely.area(one) + shapely.area(other) - shared
        expected.append((shared / np.where(whole > 0, whole, 1)).ravel())
    np.testing.assert_allclose(found, np.concatenate(expected), atol=1e-12)
    with pytest.raises(GeometryError, match="groups"):
        box_ious(boxes, [39], [2], [0], [1])


def test_compiled_and_plain_overlaps_of_boxes_are_equal() -> None:
    boxes = np.random.default_rng(3).random((90, 4))
    tall = wide = np.full(10, 9, np.int64)
    first, second = np.arange(10) * 9, np.arange(10)[::-1] * 9
    plain = np.empty(810)
    box_overlaps.plain_box_ious(boxes, first, tall, second, wide, plain)
    np.testing.assert_array_equal(box_ious(boxes, first, tall, second, wide), plain)
    room = np.full(1000, np.nan)
    made = box_ious(boxes, first, tall, second, wide, out=room)
    assert np.shares_memory(made, room)
    np.testing.assert_array_equal(made, plain)
    with pytest.raises(GeometryError, match="out"):
        box_ious(boxes, first, tall, second, wide, out=np.empty(809))


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("dice", [False, True])
@pytest.mark.parametrize("least", [0.0, 0.5])
def test_boxes_are_matched_as_their_overlaps_are_assigned(dice: bool, least: float) -> None:
    draw = np.random.default_rng(4)
    boxes = np.concatenate((draw.random((90, 2)) * 6, draw.random((90, 2)) * 5), axis=1)
    tall, wide = draw.integers(0, 11, (2, 60))
    first, second = draw.integers(0, 80, (2, 60))
    found, overlaps = match_boxes(boxes, first, tall, second, wide, dice, least)
    values = box_ious(boxes, first, tall, second, wide)
    if dice:
        values = 2 * values / (1 + values)
    values[values < least] = 0
    start = place = 0
    for height, width in zip(tall.tolist(), wide.tolist(), strict=True):
        matrix = values[start : start + height * width].reshape(height, width)
        columns, shared = found[place : place + height], overlaps[place : place + height]
        rows = np.flatnonzero(columns >= 0)
        assert np.unique(columns[rows]).size == rows.size
        np.testing.assert_array_equal(shared[rows], matrix[rows, columns[rows]])
        assert (shared[columns < 0] == 0).all()
        assert shared.sum() == pytest.approx(best(matrix, True) if matrix.size else 0)
        start, place = start + height * width, place + height
    with pytest.raises(GeometryError, match="groups"):
        match_boxes(boxes, [89], [2], [0], [1])
    assert [part.size for part in match_boxes(boxes, [], [], [], [])] == [0, 0]


@given(st.lists(BITS, min_size=1, max_size=4))
def test_masks_share_what_their_pixels_share(masks: list[Numbers]) -> None:
    runs = [runs_from_mask(mask) for mask in masks]
    first, second = np.indices((len(masks), len(masks))).reshape(2, -1)
    shared = shared_pixels(runs, first, second)
    stack = np.array(masks).reshape(len(masks), -1)
    assert shared.tolist() == (stack[first] & stack[second]).sum(axis=1).tolist()
    plain = np.zeros_like(shared)
    starts = np.cumsum([0, *(one.edges.size for one in runs)])
    edges = np.concatenate([one.edges for one in runs])
    run_overlaps.plain_shared_pixels(edges, starts, first, second, plain)
    assert plain.tolist() == shared.tolist()
    codes = [encode_rle(mask) for mask in masks]
    theirs = np.asarray(coco.iou(codes, codes, [0] * len(codes))).T.ravel()
    some = (stack[first] | stack[second]).any(axis=1)
    np.testing.assert_allclose(mask_ious(runs, first, second)[some], theirs[some])


@given(st.lists(arrays(bool, (3, 4, 5)), min_size=2, max_size=3))
def test_volumes_overlap_as_their_voxels_do(volumes: list[Numbers]) -> None:
    sliced = [
        {k: runs_from_mask(plane) for k, plane in enumerate(volume) if plane.any()}
        for volume in volumes
    ]
    ones = [0] * (len(volumes) - 1)
    others = list(range(1, len(volumes)))
    for found, other in zip(volume_ious(sliced, ones, others), volumes[1:], strict=True):
        whole = (volumes[0] | other).sum()
        assert found == pytest.approx((volumes[0] & other).sum() / max(whole, 1))


def test_masks_of_two_sizes_do_not_go_together() -> None:
    masks = [runs_from_mask(np.ones(shape, bool)) for shape in ((2, 3), (3, 2))]
    with pytest.raises(GeometryError, match="masks"):
        mask_ious(masks, [0], [1])


def test_turned_boxes_and_polygons_overlap_in_exact_areas() -> None:
    square = [(0, 0), (2, 0), (2, 2), (0, 2)]
    turned = [(1, 1 - 2**0.5), (1 + 2**0.5, 1), (1, 1 + 2**0.5), (1 - 2**0.5, 1)]
    ring = [[(0, 0), (4, 0), (4, 4), (0, 4)], [(1, 1), (3, 1), (3, 3), (1, 3)]]
    bow = [(0, 0), (2, 2), (2, 0), (0, 2)]
    found = polygon_ious([square, ring, bow], [square, turned, [ring]], [0, 0, 1, 2], [0, 1, 2, 0])
    np.testing.assert_allclose(found, [1, 0.5**0.5, 1, 0.5])
    assert line_ious([[(0, 0), (9, 0)]], [[(9, 0), (0, 0)]], [0], [0], 2)[0] == pytest.approx(1)


def test_skeletons_are_compared_as_coco_does() -> None:
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    draw = np.random.default_rng(4)
    truth, seen = draw.random((2, 3, 17, 2)) * 100
    visible = draw.integers(1, 3, (3, 17, 1))
    areas = [900.0, 2500.0, 400.0]

    def records(points: Numbers) -> list[dict[str, Any]]:
        joints = np.concatenate((points, visible), axis=2).reshape(3, -1)
        return [
            {"id": n + 1, "image_id": n, "category_id": 1, "keypoints": joints[n].tolist()}
            | {"area": areas[n], "bbox": [0, 0, 9, 9], "iscrowd": 0, "num_keypoints": 17}
            | {"score": 1.0, "ignore": 0}
            for n in range(3)
        ]

    judge = COCOeval(iouType="keypoints")
    judge.params.imgIds, judge.params.catIds = [0, 1, 2], [1]
    assert COCO is not None
    for n, (right, given_) in enumerate(zip(records(truth), records(seen), strict=True)):
        judge._gts[n, 1], judge._dts[n, 1] = [right], [given_]
    theirs = [float(judge.computeOks(n, 1)[0, 0]) for n in range(3)]
    triples = [np.concatenate((points, visible), axis=2) for points in (seen, truth)]
    np.testing.assert_allclose(keypoint_similarities(*triples, areas, COCO_SIGMAS), theirs)
    with pytest.raises(GeometryError, match="sigmas"):
        keypoint_similarities(*triples, areas, 0)


@given(BITS, BITS, st.integers(1, 4))
def test_boundaries_are_what_erosion_by_squares_takes_away(
    mask: Numbers, other: Numbers, width: int
) -> None:
    def rim(bits: Numbers) -> Numbers:
        padded = np.pad(bits, 1)
        left = ndimage.binary_erosion(padded, np.ones((3, 3)), iterations=width)
        return bits & ~left[1:-1, 1:-1]

    np.testing.assert_array_equal(boundary_of(mask, width), rim(mask))
    mine, its = rim(mask), rim(other)
    whole = (mine | its).sum()
    expected = (mine & its).sum() / whole if whole else 0
    assert boundary_iou(mask, other, width) == pytest.approx(expected)


SOLIDS = st.sampled_from([(6, 7), (3, 5, 4)]).flatmap(
    lambda shape: st.tuples(arrays(bool, shape), arrays(bool, shape))
)


@given(SOLIDS, st.booleans())
def test_surfaces_are_as_far_apart_as_all_their_points_say(
    masks: tuple[Numbers, Numbers], spaced: bool
) -> None:
    steps = (2.5, 0.7, 0.5)[-masks[0].ndim :] if spaced else (1.0,) * masks[0].ndim
    found = surface_distances(*masks, steps if spaced else None)
    if not all(mask.any() for mask in masks):
        assert np.isnan(found).all()
        return
    points = []
    for mask in masks:
        padded = np.pad(mask, 1)
        inside = padded.copy()
        for axis in range(mask.ndim):
            for shift in (1, -1):
                inside &= np.roll(padded, shift, axis)
        points.append(np.argwhere(padded & ~inside) * steps)
    apart = cdist(*points)
    there, back = apart.min(axis=1), apart.min(axis=0)
    assert found.hausdorff == pytest.approx(max(there.max(), back.max()))
    expected = max(np.percentile(there, 95), np.percentile(back, 95))
    assert found.hausdorff95 == pytest.approx(expected)
    assert found.mean == pytest.approx(np.concatenate((there, back)).mean())


@pytest.mark.parametrize("spacing", [(1.0,), (1.0, 0.0), (1.0, np.nan), (1.0, 1.0, 1.0)])
def test_an_impossible_spacing_is_named(spacing: Any) -> None:
    with pytest.raises(GeometryError, match="spacing"):
        surface_distances(np.ones((2, 2)), np.ones((2, 2)), spacing)


@given(
    st.lists(st.integers(0, 3), min_size=1, max_size=9).flatmap(
        lambda people: st.tuples(
            st.just(people),
            st.lists(
                st.tuples(*[st.integers(0, len(people) - 1)] * 2, st.integers(0, 3)), max_size=12
            ),
        )
    )
)
def test_no_object_has_two_labels_of_a_person_and_either_way_finds_the_same(case: Any) -> None:
    people, pairs = np.array(case[0]), np.array(case[1], np.int64).reshape(-1, 3)
    a, b, weights = pairs[:, 0], pairs[:, 1], pairs[:, 2].astype(float)
    objects = cluster_pairs(a, b, weights, people)
    for number in set(objects.tolist()):
        whose = people[objects == number]
        assert np.unique(whose).size == whose.size
    roots = np.arange(people.size)
    order = np.argsort(-weights, kind="stable")
    clusters._join(a[order], b[order], people, roots)
    assert ((roots[:, None] == roots) == (objects[:, None] == objects)).all()
