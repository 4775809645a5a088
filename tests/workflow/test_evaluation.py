"""Predictions measured by labels: the judge is pycocotools' COCOeval."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

import labelwidgets as lw
from labelwidgets import Annotation, Keypoints, Mask, Origin, Polygon, Rectangle
from labelwidgets.algorithms.average_precision import precision_over_recall
from labelwidgets.algorithms.detection_matching import match_detections
from labelwidgets.errors import GeometryError, SchemaError
from labelwidgets.schema.geometry import RLE

SIDE = 200
CLASSES = ["car", "person", "tree"]


def judged(
    images: int,
    truth: Sequence[Mapping[str, Any]],
    found: Sequence[Mapping[str, Any]],
    kind: str,
    classes: Sequence[str] = CLASSES,
    most: Sequence[int] | None = None,
) -> Any:
    """Return COCOeval's numbers; -1, which it says for nothing to measure, as NaN."""
    data = {
        "images": [{"id": n + 1, "width": SIDE, "height": SIDE} for n in range(images)],
        "categories": [{"id": n, "name": name} for n, name in enumerate(classes)],
        "annotations": [{"iscrowd": 0, **it, "id": n} for n, it in enumerate(truth, 1)],
    }
    return stats(data, found, kind, most)


def stats(
    data: dict[str, Any], found: Sequence[Mapping[str, Any]], kind: str, most: Any = None
) -> Any:
    with contextlib.redirect_stdout(io.StringIO()):
        judge = COCO()
        judge.dataset = json.loads(json.dumps(data))
        judge.createIndex()
        if not found:
            # It does not read an empty list.
            said = COCO()
            said.dataset = {**judge.dataset, "annotations": []}
            said.createIndex()
        else:
            said = judge.loadRes(json.loads(json.dumps(found)))
        run = COCOeval(judge, said, kind)
        if most is not None:
            run.params.maxDets = list(most)
        run.evaluate()
        run.accumulate()
        run.summarize()
    return np.where(run.stats == -1, np.nan, run.stats)


def same(found: lw.workflow.evaluation.Evaluation, stats: Any) -> None:
    np.testing.assert_allclose(found.metrics.to_numpy(), stats, atol=1e-9, rtol=0)


box = st.tuples(
    *(st.integers(0, 110).map(float), st.integers(0, 110).map(float)),
    *(st.integers(1, 120).map(float), st.integers(1, 120).map(float)),
)
# Few scores, so that many are equal.
score = st.sampled_from([0.1, 0.25, 0.5, 0.9])
place = st.tuples(st.integers(0, 2), st.integers(0, 1))
near = st.tuples(*[st.integers(-4, 4).map(float)] * 4)


@st.composite
def scenes(draw: st.DrawFn) -> tuple[list[Any], list[Any]]:
    """Objects with place, box and whether a crowd; predictions, most of them near objects."""
    truth = draw(st.lists(st.tuples(place, box, st.booleans()), max_size=10))
    found = draw(st.lists(st.tuples(place, box, score), max_size=5))
    for where, (x, y, w, h), _ in truth:
        for dx, dy, dw, dh in draw(st.lists(near, max_size=3)):
            moved = (max(0.0, x + dx), max(0.0, y + dy), max(1.0, w + dw), max(1.0, h + dh))
            found.append((where, moved, draw(score)))
    return truth, found


def of(where: tuple[int, int], geometry: Any, **more: Any) -> Annotation:
    return Annotation(
        item_id=f"i{where[0]}", class_name=CLASSES[where[1]], geometry=geometry, **more
    )


def crowd(is_one: bool) -> Origin:
    return Origin("import", "coco", parameters={"iscrowd": 1} if is_one else {})


ITEMS = ["i0", "i1", "i2"]


@settings(max_examples=40, deadline=None)
@given(scenes())
def test_boxes_are_measured_as_pycocotools_measures_them(scene: Any) -> None:
    truth, found = scene
    expected = judged(
        3,
        [
            {
                "image_id": w[0] + 1,
                "category_id": w[1],
                "bbox": b,
                "area": b[2] * b[3],
                "iscrowd": int(c),
            }
            for w, b, c in truth
        ],
        [{"image_id": w[0] + 1, "category_id": w[1], "bbox": b, "score": s} for w, b, s in found],
        "bbox",
    )
    made = lw.evaluate(
        [of(w, Rectangle(*b), confidence=s) for w, b, s in found],
        [of(w, Rectangle(*b), origin=crowd(c)) for w, b, c in truth],
        items=ITEMS,
    )
    same(made, expected)


def rle(mask: Any) -> dict[str, Any]:
    made = coco.encode(np.asfortranarray(mask.astype(np.uint8)))
    return {"size": made["size"], "counts": made["counts"].decode()}


def blob(shape: Sequence[float]) -> dict[str, Any]:
    """An ellipse in a box, as pixels."""
    x, y, w, h = shape
    rows, columns = np.mgrid[:SIDE, :SIDE] + 0.5
    inside = ((columns - x - w / 2) / (w / 2)) ** 2 + ((rows - y - h / 2) / (h / 2)) ** 2 <= 1
    inside[int(min(y, SIDE - 1)), int(min(x, SIDE - 1))] = True
    return rle(inside)


@settings(max_examples=25, deadline=None)
@given(scenes())
def test_masks_are_measured_as_pycocotools_measures_them(scene: Any) -> None:
    truth, found = scene
    masks = [(w, blob(b), c) for w, b, c in truth]
    guesses = [(w, blob(b), s) for w, b, s in found]
    expected = judged(
        3,
        [
            {
                "image_id": w[0] + 1,
                "category_id": w[1],
                "segmentation": m,
                "area": float(coco.area(m)),
                "iscrowd": int(c),
            }
            for w, m, c in masks
        ],
        [
            {"image_id": w[0] + 1, "category_id": w[1], "segmentation": m, "score": s}
            for w, m, s in guesses
        ],
        "segm",
    )

    def shape(m: dict[str, Any]) -> Mask:
        return Mask(RLE((SIDE, SIDE), m["counts"]))

    made = lw.evaluate(
        [of(w, shape(m), confidence=s) for w, m, s in guesses],
        [of(w, shape(m), origin=crowd(c)) for w, m, c in masks],
        items=ITEMS,
        iou_type="segm",
    )
    same(made, expected)


@settings(max_examples=25, deadline=None)
@given(scenes(), st.randoms(use_true_random=False))
def test_joints_are_measured_as_pycocotools_measures_them(scene: Any, random: Any) -> None:
    truth, found = scene

    def joints(shape: Sequence[float], seen: int) -> list[tuple[float, float, int]]:
        x, y, w, h = shape
        spread = [(x + w * (k % 5) / 4, y + h * (k // 5) / 3) for k in range(17)]
        return [(a, b, 2 if k < seen else 0) for k, (a, b) in enumerate(spread)]

    people = [(w, b, joints(b, random.choice([0, 3, 17])), c) for w, b, c in truth]
    guesses = [(w, joints(b, 17), s) for w, b, s in found]
    expected = judged(
        3,
        [
            {
                "image_id": w[0] + 1,
                "category_id": w[1],
                "keypoints": [value for joint in points for value in joint],
                "num_keypoints": sum(joint[2] > 0 for joint in points),
                "bbox": b,
                "area": b[2] * b[3] * 0.6,
                "iscrowd": int(c),
            }
            for w, b, points, c in people
        ],
        [
            {
                "image_id": w[0] + 1,
                "category_id": w[1],
                "keypoints": [value for joint in points for value in joint],
                "score": s,
            }
            for w, points, s in guesses
        ],
        "keypoints",
    )
    made = lw.evaluate(
        [of(w, Keypoints(points), confidence=s) for w, points, s in guesses],
        [
            of(
                w,
                Keypoints(points),
                origin=Origin(
                    "import",
                    "coco",
                    parameters={
                        **({"iscrowd": 1} if c else {}),
                        "bbox": list(b),
                        "area": b[2] * b[3] * 0.6,
                    },
                ),
            )
            for w, b, points, c in people
        ],
        items=ITEMS,
        iou_type="keypoints",
    )
    same(made, expected)


def test_only_so_many_predictions_count_as_pycocotools_counts_them() -> None:
    random = np.random.default_rng(3)
    truth = [(n % 3, 0, [float(v) for v in random.uniform(5, 90, 4)]) for n in range(12)]
    found = []
    for where, name, (x, y, w, h) in truth:
        for shift in random.normal(0, 4, 6):
            guess = [float(x + shift), float(y), float(w), float(h)]
            found.append((where, name, guess, float(random.random())))
    expected = judged(
        3,
        [
            {"image_id": w + 1, "category_id": c, "bbox": b, "area": b[2] * b[3]}
            for w, c, b in truth
        ],
        [{"image_id": w + 1, "category_id": c, "bbox": b, "score": s} for w, c, b, s in found],
        "bbox",
        most=(1, 5, 100),
    )
    made = lw.evaluate(
        [of((w, c), Rectangle(*b), confidence=s) for w, c, b, s in found],
        [of((w, c), Rectangle(*b)) for w, c, b in truth],
        items=ITEMS,
        max_dets=(1, 5, 100),
    )
    same(made, expected)
    assert list(made.metrics.index[6:9]) == ["AR1", "AR5", "AR100"]


@pytest.mark.parametrize("kind", ["bbox", "segm"])
def test_real_labels_are_measured_as_pycocotools_measures_their_file(
    shared_data: Path, kind: str
) -> None:
    path = shared_data / "coco" / "instances.json"
    dataset = lw.Dataset.open(shared_data / "coco" / "images", progress=False)
    read = lw.formats.read(path, "coco", items=dataset.items, errors="collect")
    file = json.loads(path.read_text())
    bad = set(read.left_out["id"].astype(str))
    file["annotations"] = [it for it in file["annotations"] if str(it["id"]) not in bad]
    records = {it["id"]: it for it in file["annotations"]}
    names = {it["name"]: it["id"] for it in file["categories"]}
    images = {it["file_name"]: it for it in file["images"]}
    image_of = {it["id"]: images[it["title"]] for it in dataset.items.to_dict("records")}
    random = np.random.default_rng(0)
    truth, found, said = [], [], []
    for made in read.annotations:
        record = records[made.origin.parameters["id"]]
        # The file rounds its boxes.
        more = {**made.origin.parameters, "bbox": record["bbox"], "area": record["area"]}
        truth.append(msgspec.structs.replace(made, origin=Origin("import", "coco", None, more)))
        image = image_of[made.item_id]
        for _ in range(random.integers(0, 3)):
            name = made.class_name if random.random() < 0.9 else "person"
            sure = round(float(random.random()), 2)
            x, y, w, h = record["bbox"]
            x, y = x + random.normal() * w * 0.1, y + random.normal() * h * 0.1
            guess = [float(v) for v in (x, y, max(1, w * random.normal(1, 0.1)), max(1, h))]
            more = {"image_id": image["id"], "category_id": names[name], "score": sure}
            if kind == "bbox":
                shape: Any = Rectangle(*guess)
                said.append({**more, "bbox": guess})
            else:
                x, y, w, h = guess
                ring = [(x, y), (x + w, y), (x + w, y + h), (x + w / 2, y + h * 0.7), (x, y + h)]
                shape = Polygon([[ring]])
                flat = [value for point in ring for value in point]
                code = coco.merge(coco.frPyObjects([flat], image["height"], image["width"]))
                code["counts"] = code["counts"].decode()
                said.append({**more, "segmentation": code})
            found.append(
                Annotation(item_id=made.item_id, class_name=name, geometry=shape, confidence=sure)
            )

    def size(item: str) -> tuple[int, int]:
        return image_of[item]["width"], image_of[item]["height"]

    made = lw.evaluate(found, truth, items=list(dataset.items["id"]), iou_type=kind, size_of=size)
    same(made, stats(file, said, kind))
    assert made.metrics["AP"] > 0.05


def test_real_joints_are_measured_with_the_persons_that_nobody_gave_joints(
    shared_data: Path,
) -> None:
    path = shared_data / "coco" / "person_keypoints.json"
    read = lw.formats.read(path, repair=True)
    file = json.loads(path.read_text())
    records = {it["id"]: it for it in file["annotations"]}
    random = np.random.default_rng(3)
    found, said = [], []
    for made in read.annotations:
        record = records[made.origin.parameters["id"]]
        # Of half the persons without joints the middle is found as one.
        x, y, w, h = record["bbox"]
        middle = np.array([[x + w / 2, y + h / 2, 2]] * 17)
        joints = np.array(record["keypoints"], float).reshape(-1, 3)
        joints = joints if record["num_keypoints"] else middle
        for _ in range(random.integers(0, 3)):
            joints[:, :2] += random.normal(size=(17, 2)) * 3
            points = [(max(0.0, float(a)), max(0.0, float(b)), 2) for a, b, _ in joints]
            sure = float(random.random())
            flat = [value for point in points for value in point]
            more = {"image_id": record["image_id"], "category_id": 1, "score": sure}
            said.append({**more, "keypoints": flat})
            guess = Annotation(
                item_id=made.item_id,
                class_name="person",
                geometry=Keypoints(points),
                confidence=sure,
            )
            found.append(guess)
    made = lw.evaluate(found, read.annotations, iou_type="keypoints")
    same(made, stats(file, said, "keypoints"))
    assert made.metrics["AP"] > 0.05
    assert made.left_out.empty
    assert (made.matches["outcome"] == "ignored").any()
    alone = [one for one in read.annotations if isinstance(one.geometry, Keypoints)]
    assert made.metrics["AP"] > lw.evaluate(found, alone, iou_type="keypoints").metrics["AP"]


def test_what_has_no_joints_is_left_out_where_its_class_has_none() -> None:
    box = Annotation(item_id="a", class_name="cup", geometry=Rectangle(1, 1, 5, 5))
    pose = Annotation(item_id="a", class_name="fly", geometry=Keypoints([(3, 3, 2)]))
    made = lw.evaluate([pose, box], [pose, box], iou_type="keypoints")
    assert list(made.left_out["class_name"]) == ["cup", "cup"]
    assert list(made.classes.index) == ["fly"]


def test_a_confusion_has_the_background_and_leaves_crowds_out() -> None:
    truth = [
        of((0, 0), Rectangle(0, 0, 10, 10), id="hit"),
        of((0, 1), Rectangle(20, 0, 10, 10), id="other"),
        of((0, 0), Rectangle(40, 0, 10, 10), id="missed"),
        of((1, 1), Rectangle(0, 0, 100, 100), id="many", origin=crowd(True)),
    ]
    found = [
        of((0, 0), Rectangle(0, 0, 10, 10), id="a", confidence=0.9),
        of((0, 0), Rectangle(20, 0, 10, 10), id="b", confidence=0.8),
        of((0, 1), Rectangle(80, 80, 10, 10), id="c", confidence=0.7),
        of((1, 1), Rectangle(5, 5, 10, 10), id="d", confidence=0.6),
        of((0, 1), Rectangle(60, 60, 10, 10), id="unsure", confidence=0.1),
    ]
    made = lw.evaluate(found, truth, score_threshold=0.5)
    assert made.confusion.loc["car", "car"] == 1
    assert made.confusion.loc["car", "person"] == 1
    assert made.confusion.loc["unmatched", "car"] == 1
    assert made.confusion.loc["person", "unmatched"] == 1
    assert made.confusion.to_numpy().sum() == 4
    outcomes = made.matches.set_index("id")["outcome"].dropna()
    assert outcomes[["a", "b", "c", "d"]].tolist() == ["tp", "mismatching", "fp", "ignored"]
    assert "unsure" not in outcomes.index
    assert made.classes.loc["car", ["tp", "fp", "fn"]].tolist() == [1, 1, 1]
    assert made.classes.loc["car", "truth"] == 2
    assert made.classes.loc["person", "truth"] == 1
    named = lw.evaluate(found, pd.DataFrame(_frame(truth)), crowd=["many"], score_threshold=0.5)
    assert named.confusion.equals(made.confusion)


def _frame(labels: Sequence[Annotation]) -> list[dict[str, Any]]:
    names = ("id", "item_id", "class_name", "geometry")
    return [{name: getattr(one, name) for name in names} for one in labels]


def test_the_worst_items_come_first_and_empty_ones_count() -> None:
    truth = [of((0, 0), Rectangle(0, 0, 10, 10)), of((1, 0), Rectangle(0, 0, 10, 10))]
    found = [
        of((0, 0), Rectangle(0, 0, 10, 10)),
        of((1, 0), Rectangle(50, 50, 10, 10)),
        of((2, 0), Rectangle(50, 50, 10, 10)),
    ]
    frame = lw.evaluate(found, truth, items=[*ITEMS, "empty"], tasks={"i1": "t1"}).items
    assert frame["item_id"].tolist() == ["i1", "i2", "i0", "empty"]
    assert frame["fp"].tolist() == [1, 1, 0, 0]
    assert frame["fn"].tolist() == [1, 0, 0, 0]
    assert frame["task_id"].fillna("-").tolist() == ["t1", "-", "-", "-"]
    assert lw.evaluate(found, truth, items=["i0"]).metrics["AP"] == pytest.approx(1)


def test_the_worst_items_are_shown_as_people_call_them_and_with_their_ids() -> None:
    truth = [of((0, 0), Rectangle(0, 0, 10, 10))]
    plain = lw.evaluate([], truth)
    assert plain.items["title"].isna().all()
    assert "i0" in plain._repr_html_()
    found = lw.evaluate([], truth, titles={"i0": "<b>harbour.jpg"})
    assert found.items["title"].tolist() == ["<b>harbour.jpg"]
    page = found._repr_html_()
    assert "&lt;b&gt;harbour.jpg" in page
    assert "i0" in page


def test_a_curve_is_what_the_average_precision_is_the_mean_of() -> None:
    truth = [of((0, 0), Rectangle(30 * n, 0, 20, 20)) for n in range(5)]
    found = [of((0, 0), Rectangle(30 * n, 0, 20, 20), confidence=0.9) for n in range(3)]
    found += [of((0, 0), Rectangle(30 * n, 80, 20, 20), confidence=0.95) for n in range(2)]
    made = lw.evaluate(found, truth)
    curves = made.curves
    assert len(curves) == 10 * 101
    assert curves["precision"].mean() == pytest.approx(made.metrics["AP"])
    assert curves[curves["recall"] > 0.6]["precision"].eq(0).all()


def test_scores_are_calibrated_where_they_say_how_many_are_right() -> None:
    truth = [of((0, 0), Rectangle(30 * n, 0, 20, 20)) for n in range(3)]
    found = [of((0, 0), Rectangle(30 * n, 0, 20, 20), confidence=0.75) for n in range(3)]
    found += [of((0, 0), Rectangle(0, 100, 20, 20), confidence=0.75)]
    frame = lw.evaluate(found, truth).calibration(4)
    assert frame["predictions"].tolist() == [0, 0, 0, 4]
    assert frame["precision"].iloc[3] == frame["score"].iloc[3] == 0.75
    assert frame.attrs["ece"] == 0
    with pytest.raises(SchemaError, match="bins"):
        lw.evaluate(found, truth).calibration(0)


def test_masks_through_slices_are_compared_on_each_and_the_rest_is_said() -> None:
    full = RLE((10, 10), blob_of(10))
    volume = lw.VolumeMask({3: full, 4: full})
    made = lw.evaluate(
        [of((0, 0), Mask(full), frame=3), of((0, 0), lw.Polyline([(0, 0), (1, 1)]))],
        [of((0, 0), volume), of((0, 0), lw.Tag())],
        iou_type="segm",
    )
    assert made.classes.loc["car", ["tp", "fn"]].tolist() == [1, 1]
    assert made.left_out["side"].tolist() == ["truth", "predictions"]
    assert "no area" in made.left_out["reason"].iloc[1]


def blob_of(side: int) -> str:
    return str(rle(np.ones((side, side), bool))["counts"])


def test_a_polygon_with_a_hole_is_compared_without_its_hole() -> None:
    ring = [(0, 0), (40, 0), (40, 40), (0, 40)]
    hole = [(10, 10), (30, 10), (30, 30), (10, 30)]
    found = [of((0, 0), Polygon([[ring]]))]
    made = lw.evaluate(found, [of((0, 0), Polygon([[ring, hole]]))], iou_type="segm")
    assert made.matches["similarity"].tolist() == [0.75]


def test_nothing_at_all_is_no_error() -> None:
    made = lw.evaluate([], [])
    assert made.metrics.isna().all()
    assert len(made.matches) == len(made.items) == len(made.curves) == 0
    assert made.confusion.shape == (1, 1)
    assert "Evaluation" in made._repr_html_()


@pytest.mark.parametrize(
    ("options", "where"),
    [
        ({"iou_type": "box"}, "iou_type"),
        ({"max_dets": [10, 1, 100]}, "max_dets"),
        ({"max_dets": [1, 10]}, "max_dets"),
        ({"iou_threshold": 2}, "iou_threshold"),
        ({"score_threshold": True}, "score_threshold"),
        ({"sigmas": [-1.0]}, "sigmas"),
    ],
)
def test_an_impossible_setting_is_named(options: dict[str, Any], where: str) -> None:
    with pytest.raises(SchemaError, match=where):
        lw.evaluate([], [], **options)


def test_an_evaluation_shows_itself_and_runs_nothing_that_people_wrote() -> None:
    evil = "<img src=x onerror=alert(1)>"
    one = Annotation(item_id="i0", class_name=evil, geometry=Rectangle(0, 0, 9, 9))
    two = msgspec.structs.replace(one, item_id=evil, id="two")
    page = lw.evaluate([one], [one, two])._repr_html_()
    assert "<img" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    assert "<script" not in page


def test_shapes_that_do_not_go_together_are_refused() -> None:
    with pytest.raises(GeometryError):
        match_detections(np.zeros((2, 3)), [0.5], np.zeros((1, 2)), np.zeros(3), np.zeros((1, 2)))
    with pytest.raises(GeometryError):
        precision_over_recall([0.5], [[True]], [[False]], 0)


def test_items_are_ids_or_a_frame_of_them() -> None:
    box = Annotation(item_id="a", class_name="car", geometry=Rectangle(1, 1, 9, 9))
    frame = pd.DataFrame({"id": ["a", "b"], "title": ["1.jpg", "2.jpg"]})
    for items in (["a", "b"], frame, frame.rename(columns={"id": "item_id"}), frame["id"]):
        assert list(lw.evaluate([box], [box], items=items).items["item_id"]) == ["a", "b"]
    assert list(lw.evaluate([box], [box], items="a").items["item_id"]) == ["a"]
    with pytest.raises(SchemaError, match="items: must have a column item_id or id"):
        lw.evaluate([box], [box], items=frame[["title"]])


def test_what_was_read_has_its_labels_inside(tmp_path: Path) -> None:
    box = Annotation(item_id="a", class_name="car", geometry=Rectangle(1, 1, 9, 9))
    lw.formats.write([box], tmp_path / "a.json", "json")
    found: Any = lw.formats.read(tmp_path / "a.json")
    with pytest.raises(SchemaError, match=r"not Imported. Pass its annotations"):
        lw.evaluate(found, [])
