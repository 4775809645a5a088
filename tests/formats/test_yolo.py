"""YOLO in and out, judged by the rules of Ultralytics and by supervision."""

from __future__ import annotations

import io
import math
import zipfile
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

import labelwidgets as lw
from labelwidgets import formats
from labelwidgets.algorithms import polygon_to_mask
from labelwidgets.errors import FormatError, LabelwidgetsError, LimitError, SourceError
from labelwidgets.formats.results import FormatWarning
from labelwidgets.schema.annotation import Origin
from labelwidgets.schema.ontology import Skeleton
from tests.formats import labels
from tests.formats.specimens import HOLE, OTHER, RING
from tests.formats.ultralytics_rules import dataset, rules

WIDTH, HEIGHT = labels.WIDTH, labels.HEIGHT
HAND = ["nose", "left_eye", "right_eye"]
ONTOLOGY = lw.Ontology(
    [
        lw.ObjectClass("no"),  # what YAML may take for a false
        lw.ObjectClass("car: red, #2"),
        lw.ObjectClass("face", tool="keypoints", skeleton=Skeleton(HAND)),
    ]
)


def picture(path: Path, size: tuple[int, int] = (WIDTH, HEIGHT), **options: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size).save(path, **options)


def made(tmp_path: Path, files: dict[str, str | bytes], *pictures: str) -> Path:
    folder = tmp_path / "set"
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
    for name in pictures:
        picture(folder / name)
    return folder


def box(x: float = 10, name: str = "no", item: str = "a", **more: object) -> lw.Annotation:
    shape = lw.Rectangle(x, 5.5, 12.25, 20)
    return lw.Annotation(item_id=item, class_name=name, geometry=shape, **more)


def pixels(row: np.ndarray) -> list[float]:
    x, y, width, height = (row.astype(float) * (WIDTH, HEIGHT, WIDTH, HEIGHT)).tolist()
    return [x - width / 2, y - height / 2, width, height]


def test_trainers_see_the_boxes_that_were_drawn(tmp_path: Path) -> None:
    items = labels.items("a", "b", folder="day one")
    made = [box(), box(30, "car: red, #2"), box(5, "face", "b")]
    formats.write(made, tmp_path / "set", "yolo", items=items, ontology=ONTOLOGY)
    found = dataset(tmp_path / "set")
    assert sorted(found) == ["./images/train/day one/a.jpg", "./images/train/day one/b.jpg"]
    one = found["./images/train/day one/a.jpg"]
    assert one.classes == [0, 1]
    assert np.allclose(
        [pixels(row) for row in one.boxes], [one.geometry.bounds for one in made[:2]], atol=1e-3
    )
    assert found["./images/train/day one/b.jpg"].classes == [2]


def test_supervision_reads_the_same_boxes(tmp_path: Path) -> None:
    sv = pytest.importorskip("supervision")
    items = labels.items("a", "b")
    made = [box(), box(30, "car: red, #2"), box(5, "face", "b")]
    formats.write(made, tmp_path / "set", "yolo", items=items, ontology=ONTOLOGY)
    for name in "ab":
        picture(tmp_path / f"set/images/train/{name}.jpg")
    found = sv.DetectionDataset.from_yolo(
        str(tmp_path / "set/images/train"),
        str(tmp_path / "set/labels/train"),
        str(tmp_path / "set/data.yaml"),
    )
    assert found.classes == [one.name for one in ONTOLOGY.classes]
    seen = {
        (Path(path).stem, int(number), *np.round(xyxy, 2).tolist())
        for path, one in found.annotations.items()
        for xyxy, number in zip(one.xyxy, one.class_id, strict=True)
    }
    assert seen == {
        (one.item_id, found.classes.index(one.class_name), x, y, round(x + w, 2), y + h)
        for one in made
        for x, y, w, h in [one.geometry.bounds]
    }


def test_supervision_reads_the_same_oriented_boxes(tmp_path: Path) -> None:
    sv = pytest.importorskip("supervision")
    shape = lw.Rectangle(20, 15, 24, 10, 33)
    made = [lw.Annotation(item_id="a", class_name="no", geometry=shape)]
    formats.write(made, tmp_path / "set", "yolo_obb", items=labels.items("a"), ontology=ONTOLOGY)
    picture(tmp_path / "set/images/train/a.jpg")
    found = sv.DetectionDataset.from_yolo(
        str(tmp_path / "set/images/train"),
        str(tmp_path / "set/labels/train"),
        str(tmp_path / "set/data.yaml"),
        is_obb=True,
    )
    (one,) = found.annotations.values()
    corners = next(
        np.array(v) for k, v in one.data.items() if "oriented" in k.lower() or "xyxyxyxy" in k
    )
    assert np.allclose(sorted(corners[0].tolist()), sorted(shape.corners), atol=1e-2)


def test_a_polygon_with_holes_and_parts_is_filled_alike_by_a_trainer(tmp_path: Path) -> None:
    cv2 = pytest.importorskip("cv2")
    items = labels.items("a")
    items["metadata"] = [{"width": 96, "height": 64}]
    shape = lw.Polygon([[RING, HOLE], [OTHER]])
    one = lw.Annotation(item_id="a", class_name="no", geometry=shape)
    formats.write([one], tmp_path / "set", "yolo_segment", items=items, ontology=ONTOLOGY)
    (truth,) = dataset(tmp_path / "set").values()
    (ring,) = truth.polygons
    filled = np.zeros((64, 96), np.uint8)
    cv2.fillPoly(filled, [np.round(ring * (96, 64)).astype(np.int32)], 1)
    ours = polygon_to_mask(shape.parts, (64, 96))
    # OpenCV paints the pixels of the line too, and with it the bridges.
    off = np.argwhere(filled.astype(bool) != ours)
    assert len(off) < 0.12 * ours.sum()
    assert not filled[20:28, 24:38].any()
    (back,) = formats.read(tmp_path / "set", items=items).annotations
    assert [len(part) for part in back.geometry.parts] == [2, 1]


def test_the_rings_of_other_tools_come_apart(tmp_path: Path) -> None:
    # As Ultralytics joins the parts of COCO: along a line, and back along it.
    ring = [(0.1, 0.1), (0.3, 0.1), (0.3, 0.3), (0.5, 0.5), (0.8, 0.5), (0.8, 0.8), (0.5, 0.5)]
    ring += [(0.3, 0.3), (0.1, 0.3)]
    text = "0 " + " ".join(f"{value:g}" for point in ring for value in point)
    folder = made(
        tmp_path, {"data.yaml": "names: [car]\ntrain: images", "labels/a.txt": text}, "images/a.png"
    )
    (one,) = formats.read(folder).annotations
    assert [len(part[0]) for part in one.geometry.parts] == [4, 3]


def test_a_pose_has_its_box_its_joints_and_what_a_flip_does(tmp_path: Path) -> None:
    shape = lw.Keypoints([(20, 10, 2), (15, 8, 1), (0, 0, 0)])
    given = [2.0, 1.0, 40.0, 30.0]
    one = lw.Annotation(
        item_id="a",
        class_name="face",
        geometry=shape,
        origin=Origin("import", "yolo", parameters={"bbox": given}),
    )
    alone = lw.Annotation(
        item_id="a", class_name="face", geometry=lw.Keypoints([(0, 0, 0), (60, 50, 2), (0, 0, 0)])
    )
    items = labels.items("a")
    formats.write(
        [one, alone, box()], tmp_path / "set", "yolo_pose", items=items, ontology=ONTOLOGY
    )
    said = yaml.safe_load((tmp_path / "set/data.yaml").read_text())
    assert (said["kpt_shape"], said["flip_idx"]) == ([3, 3], [0, 2, 1])
    assert said["kpt_names"] == {2: HAND}
    (truth,) = dataset(tmp_path / "set").values()
    assert np.allclose(pixels(truth.boxes[0]), given, atol=1e-3)
    assert pixels(truth.boxes[1]) == pytest.approx([59, 49, 1, 1], abs=1e-3)
    assert truth.joints[0, :, 2].tolist() == [2, 1, 0]
    back = formats.read(tmp_path / "set", items=items)
    assert [one.geometry.type for one in back.annotations] == [
        "keypoints",
        "keypoints",
        "rectangle",
    ]
    assert back.annotations[0].origin.parameters["bbox"] == given
    assert back.ontology["face"].skeleton.joints == HAND


def test_a_box_that_no_longer_holds_its_joints_is_that_of_the_joints(tmp_path: Path) -> None:
    one = lw.Annotation(
        item_id="a",
        class_name="face",
        geometry=lw.Keypoints([(20, 10, 2), (40, 30, 2), (25, 20, 2)]),
        origin=Origin("import", "yolo", parameters={"bbox": [18, 8, 10, 10]}),
    )
    formats.write([one], tmp_path / "set", "yolo_pose", items=labels.items("a"), ontology=ONTOLOGY)
    (truth,) = dataset(tmp_path / "set").values()
    assert pixels(truth.boxes[0]) == pytest.approx([20, 10, 20, 20], abs=1e-3)


@pytest.mark.parametrize("kind", ["yolo", "yolo_segment", "yolo_pose", "yolo_obb"])
def test_a_shape_that_leaves_its_picture_is_written_as_trainers_take_it(
    tmp_path: Path, kind: str
) -> None:
    items = labels.items("a")
    one = lw.Annotation(item_id="a", class_name="no", geometry=lw.Rectangle(-1, -1, 62, 52))
    with pytest.warns(FormatWarning, match="1 part outside of its picture"):
        formats.write([one], tmp_path / "set", kind, items=items, ontology=ONTOLOGY)
    assert [one.classes for one in dataset(tmp_path / "set").values()] == [[0]]
    (back,) = formats.read(tmp_path / "set", kind, items=items).annotations
    assert np.allclose(back.geometry.bounds, (0, 0, 60, 50), atol=1)


def test_pixels_come_back_to_a_thousandth_in_the_largest_pictures(tmp_path: Path) -> None:
    items = labels.items("a")
    items["metadata"] = [{"width": 1_000_000, "height": 999_983}]
    shape = lw.Rectangle(123_456.789, 1 / 3, math.pi, 876_543.21)
    one = lw.Annotation(item_id="a", class_name="no", geometry=shape)
    formats.write([one], tmp_path / "set", "yolo", items=items, ontology=ONTOLOGY)
    (back,) = formats.read(tmp_path / "set", items=items).annotations
    assert np.allclose(back.geometry.bounds, shape.bounds, rtol=0, atol=1e-3)


def test_the_confidence_of_predictions_is_kept_and_written_if_asked_for(tmp_path: Path) -> None:
    items = labels.items("a")
    one = box(confidence=0.8125)
    formats.write([one, box(30)], tmp_path / "set", "yolo", items=items, confidence=True)
    assert (tmp_path / "set/labels/train/a.txt").read_text().splitlines()[0].endswith(" 0.8125")
    back = formats.read(tmp_path / "set", items=items)
    assert [one.confidence for one in back.annotations] == [0.8125, None]


PREDICTED = {
    "detect": ("0 0.5 0.5 0.2 0.2 0.75", {}),
    "segment": ("0 0.1 0.1 0.5 0.1 0.5 0.5 0.75", {}),
    "obb": ("0 0.1 0.1 0.5 0.1 0.5 0.5 0.1 0.5 0.75", {}),
    "pose": (
        "0 0.5 0.5 0.2 0.2 0.45 0.45 0.9 0.55 0.5 0.25 0.75",
        {"keypoint_confidence": [0.9, 0.25]},
    ),
}


@pytest.mark.parametrize("task", PREDICTED)
def test_predictions_of_every_kind_have_their_confidence(tmp_path: Path, task: str) -> None:
    text, more = PREDICTED[task]
    shape = "\nkpt_shape: [2, 3]" if task == "pose" else ""
    folder = made(
        tmp_path,
        {"data.yaml": f"names: [car]{shape}\nval: images", "labels/a.txt": text},
        "images/a.jpg",
    )
    (one,) = formats.read(folder, "yolo").annotations
    assert one.confidence == 0.75
    assert {k: v for k, v in one.origin.parameters.items() if k in more} == more
    kinds = {"detect": "rectangle", "segment": "polygon", "obb": "rectangle", "pose": "keypoints"}
    assert one.geometry.type == kinds[task]


def test_a_kind_can_be_said_where_rows_could_be_two(tmp_path: Path) -> None:
    text = "0 0.1 0.1 0.5 0.1 0.5 0.5 0.1 0.5"
    folder = made(
        tmp_path, {"data.yaml": "names: [car]\nval: images", "labels/a.txt": text}, "images/a.jpg"
    )
    assert formats.read(folder).annotations[0].geometry.type == "rectangle"
    assert formats.read(folder, "yolo", task="segment").annotations[0].geometry.type == "polygon"
    with pytest.raises(FormatError, match="task: must be one of detect, segment"):
        formats.read(folder, "yolo", task="boxes")


def test_a_file_without_rows_and_a_picture_without_file_are_pictures_without_labels(
    tmp_path: Path,
) -> None:
    files = {
        "data.yaml": "names: [car]\ntrain: images/train\nval: images/val",
        "labels/train/a.txt": "\n",
        "labels/train/c.txt": "0 .5 .5 .1 .1",
    }
    folder = made(
        tmp_path, files, *(f"images/{one}.jpg" for one in ("train/a", "val/b", "train/c"))
    )
    found = formats.read(folder)
    assert found.items["id"].tolist() == ["a.jpg", "c.jpg", "b.jpg"]
    assert [said["split"] for said in found.items["metadata"]] == ["train", "train", "val"]
    assert len(found.annotations) == 1


def test_darknet_has_rows_beside_pictures(tmp_path: Path) -> None:
    items = labels.items("a", "b", folder="day")
    options = {"items": items, "ontology": ONTOLOGY}
    made = [box(), box(30, "car: red, #2")]
    formats.write(made, tmp_path / "set", "yolo", layout="darknet", split={"b": "val"}, **options)
    said = (tmp_path / "set/obj.data").read_text().splitlines()
    assert said[:3] == ["classes = 3", "train = data/train.txt", "valid = data/val.txt"]
    assert (tmp_path / "set/train.txt").read_text() == "data/obj_train_data/day/a.jpg\n"
    assert rules(tmp_path / "set/obj_train_data/day/a.txt", 3).classes == [0, 1]
    assert (tmp_path / "set/obj_val_data/day/b.txt").read_text() == ""
    found = formats.read(tmp_path / "set", items=items)
    assert found.format == "yolo"
    assert [one.class_name for one in found.annotations] == ["no", "car: red, #2"]
    assert set(found.items["id"]) == {"a", "b"}
    assert len(formats.read(tmp_path / "set/obj.data", items=items).annotations) == 2
    with pytest.raises(FormatError, match="layout: must be"):
        formats.write(made, tmp_path / "x", "yolo_obb", layout="darknet", **options)


def test_parts_of_a_set_come_back(tmp_path: Path) -> None:
    items = labels.items("a", "b", "c")
    split = {"a": "val", "b": "test"}
    formats.write([], tmp_path / "set", "yolo", items=items, split=split)
    found = formats.read(tmp_path / "set" / "data.yaml")
    said = {one["id"]: one["metadata"]["split"] for one in found.items.to_dict("records")}
    assert said == {"a.jpg": "val", "b.jpg": "test", "c.jpg": "train"}
    formats.write([], tmp_path / "again", "yolo", items=found.items)
    assert sorted(dataset(tmp_path / "again")) == sorted(dataset(tmp_path / "set"))
    assert "./images/val/a.jpg" in dataset(tmp_path / "again")


def test_sizes_are_read_from_pictures_as_they_are_shown(tmp_path: Path) -> None:
    folder = made(
        tmp_path, {"data.yaml": "names: [car]\ntrain: images", "labels/a.txt": "0 .5 .5 .5 .5"}
    )
    exif = Image.Exif()
    exif[0x0112] = 6
    picture(folder / "images/a.jpg", (40, 20), exif=exif)
    (one,) = formats.read(folder).annotations
    assert one.geometry.bounds == (5, 10, 10, 20)


def test_rows_that_are_there_twice_are_two_objects(tmp_path: Path) -> None:
    text = "0 .5 .5 .1 .1\n0 .5 .5 .1 .1\n"
    folder = made(
        tmp_path, {"data.yaml": "names: [car]\nval: images", "labels/a.txt": text}, "images/a.jpg"
    )
    assert len(formats.read(folder).annotations) == 2
    assert len(rules(folder / "labels/a.txt", 1).classes) == 1


def test_two_pictures_of_one_name_would_have_one_file(tmp_path: Path) -> None:
    items = labels.items("a", "b")
    items["urls"] = [["/x/a.jpg"], ["/x/a.png"]]
    with pytest.raises(FormatError, match=r"same file, labels/train/a.*rename one"):
        formats.write([], tmp_path / "set", "yolo", items=items)
    assert not (tmp_path / "set" / "data.yaml").exists()


def test_names_stay_as_trainers_look_for_them(tmp_path: Path) -> None:
    items = labels.items("a", folder="tag 1/Straße (2)")
    items["urls"] = [["s3://bucket/tag 1/Straße (2)/ä b.v2.jpg"]]
    formats.write([box()], tmp_path / "set.zip", "yolo", items=items)
    with zipfile.ZipFile(tmp_path / "set.zip") as archive:
        assert "labels/train/tag 1/Straße (2)/ä b.v2.txt" in archive.namelist()
    assert len(formats.read(tmp_path / "set.zip", items=items).annotations) == 1


def test_the_polygons_of_coco_come_back_part_by_part(tmp_path: Path, shared_data: Path) -> None:
    coco = formats.read(shared_data / "coco" / "instances.json", errors="collect")
    some = [one for one in coco.annotations if one.geometry.type == "polygon"]
    assert any(len(one.geometry.parts) > 1 for one in some)
    formats.write(some, tmp_path / "set", "yolo_segment", items=coco.items, ontology=coco.ontology)
    assert sum(len(one.classes) for one in dataset(tmp_path / "set").values()) == len(some)
    back = formats.read(tmp_path / "set", items=coco.items, ontology=coco.ontology)
    for was, now in zip(
        sorted(some, key=lambda one: one.item_id),
        sorted(back.annotations, key=lambda one: one.item_id),
        strict=True,
    ):
        assert (was.item_id, was.class_name) == (now.item_id, now.class_name)
        assert len(was.geometry.parts) == len(now.geometry.parts)
        assert was.geometry.area == pytest.approx(now.geometry.area, abs=1e-3)
        assert was.geometry.bounds == pytest.approx(now.geometry.bounds, abs=1e-3)


def test_the_darknet_sample_of_datumaro(shared_data: Path) -> None:
    found = formats.read(shared_data / "imports/datumaro/yolo")
    assert (found.format, len(found.categories)) == ("yolo", 10)
    # Datumaro's own test of these files: Bbox(0, 2, 4, 2, label=2), Bbox(3, 3, 2, 3, label=4).
    seen = [
        (one.class_name, np.round(one.geometry.bounds, 3).tolist()) for one in found.annotations
    ]
    assert seen == [("label_2", [0, 2, 4, 2]), ("label_4", [3, 3, 2, 3])]
    whole = formats.read(shared_data / "imports/datumaro/yolo/obj.data", "yolo")
    assert len(whole.annotations) == 2


def test_the_dota_sample_of_datumaro(shared_data: Path) -> None:
    found = formats.read(shared_data / "imports/datumaro/yolo_obb")
    assert found.format == "yolo"
    seen = [(one.item_id, one.class_name, one.geometry.bounds) for one in found.annotations]
    assert seen == [
        ("train_001.jpg", "label_0", (0, 0, 2, 2)),
        ("train_002.jpg", "label_1", (1, 1, 4, 4)),
        ("val_001.jpg", "label_0", (0, 0, 1, 1)),
        ("val_001.jpg", "label_1", (1, 2, 9, 3)),
    ]
    assert found.annotations[0].origin.parameters == {"difficult": "0"}


def test_corners_that_are_no_rectangle_are_the_smallest_around_and_kept(tmp_path: Path) -> None:
    text = "imagesource:GoogleEarth\ngsd:0.1\n10 10 40 12 38 30 12 28 car 1\n"
    folder = made(tmp_path, {"labelTxt/a.txt": text}, "images/a.jpg")
    (one,) = formats.read(folder).annotations
    assert one.geometry.type == "rectangle"
    assert one.origin.parameters == {"corners": [10, 10, 40, 12, 38, 30, 12, 28], "difficult": "1"}
    for x, y in [(10, 10), (40, 12), (38, 30), (12, 28)]:
        turn = math.radians(-one.geometry.angle)
        g = one.geometry
        dx, dy = x - g.x - g.width / 2, y - g.y - g.height / 2
        along = dx * math.cos(turn) - dy * math.sin(turn), dx * math.sin(turn) + dy * math.cos(turn)
        assert abs(along[0]) <= g.width / 2 + 1e-3
        assert abs(along[1]) <= g.height / 2 + 1e-3


YAML = "names: [car, bus]\ntrain: images"
GOOD = "1 0.5 0.5 0.25 0.25"
WRONG = {
    "class out of range": ("2 .5 .5 .1 .1", "is 2, which is no class: there are 2, from 0 to 1"),
    "negative class": ("-1 .5 .5 .1 .1", "column 1: is -1"),
    "a class and a half": ("0.5 .5 .5 .1 .1", "column 1: is 0.5"),
    "pixels": ("0 320 240 100 100", r"column 2: must be from 0 to 1, not 320\. Are these pixels"),
    "negative": ("0 .5 -.2 .1 .1", "column 3: must be from 0 to 1, not -0.2"),
    "negative size": ("0 .5 .5 -.1 .1", "column 4"),
    "no size": ("0 .5 .5 0 .1", "column 4: is 0, a width must be greater than 0"),
    "nan": ("0 nan .5 .1 .1", "column 2: must be a finite number, not 'nan'"),
    "infinite": ("0 .5 .5 .1 1e999", "column 5: must be a finite number"),
    "many digits": ("0 .5 .5 .1 " + "9" * 5000, "column 5: must be a finite number"),
    "half a row": ("0 .5 .5", "line 2: has 3 columns, a box has 5"),
    "words": ("car .5 .5 .1 .1", "column 1: must be a finite number, not 'car'"),
    "digits with a line": ("0 .5 .5 .1 0_1", "column 5"),
    "far off": ("0 1.005 .5 .0001 .1", "lies outside of its picture"),
    "too sure": ("0 .5 .5 .1 .1 7", "has a confidence of 7"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_row_that_is_wrong_is_named_and_left_out(tmp_path: Path, name: str) -> None:
    row, match = WRONG[name]
    folder = made(
        tmp_path, {"data.yaml": YAML, "labels/a.txt": f"{GOOD}\n{row}\n{GOOD}"}, "images/a.jpg"
    )
    with pytest.raises(FormatError, match=match) as caught:
        formats.read(folder, "yolo", task="detect")
    assert "labels/a.txt, line 2" in str(caught.value)
    found = formats.read(folder, "yolo", task="detect", errors="collect")
    assert found.left_out["record"].tolist() == ["labels/a.txt, line 2"]
    assert len(found.annotations) == 2


BROKEN = {
    "utf-16": {"labels/a.txt": GOOD.encode("utf-16")},
    "utf-16 yaml": {"data.yaml": YAML.encode("utf-16"), "labels/a.txt": GOOD},
    "no classes": {"labels/a.txt": GOOD},
    "names that are none": {"data.yaml": "names: 3\ntrain: images", "labels/a.txt": GOOD},
    "aliases": {"data.yaml": "a: &a [1]\nnames: *a\ntrain: images", "labels/a.txt": GOOD},
    "brackets": {"data.yaml": "train: x\nnames: " + "[" * 100_000, "labels/a.txt": GOOD},
    "an object": {
        "data.yaml": "names: !!python/object/apply:os.getcwd []\nnc: 1",
        "labels/a.txt": GOOD,
    },
    "half a yaml": {"data.yaml": 'names: [car, "bus', "labels/a.txt": GOOD},
    "joints": {"data.yaml": f"{YAML}\nkpt_shape: [2, 7]", "labels/a.txt": GOOD},
    "many joints": {"data.yaml": f"{YAML}\nkpt_shape: [999999999, 3]", "labels/a.txt": GOOD},
    "too few joints": {"data.yaml": f"{YAML}\nkpt_shape: [2, 3]", "labels/a.txt": GOOD},
    "no names": {"obj.data": "classes = 2\nnames = data/obj.names", "labels/a.txt": GOOD},
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_set_that_is_broken_is_refused_with_its_place(tmp_path: Path, name: str) -> None:
    folder = made(tmp_path, BROKEN[name], "images/a.jpg")
    with pytest.raises(FormatError) as caught:
        formats.read(folder, "yolo")
    assert "set" in (caught.value.where or "")


def test_a_mark_of_bytes_and_lines_of_windows_do_no_harm(tmp_path: Path) -> None:
    files = {
        "data.yaml": b"\xef\xbb\xbf" + YAML.replace("\n", "\r\n").encode(),
        "labels/a.txt": b"\xef\xbb\xbf" + f"{GOOD}\r\n\r\n".encode(),
    }
    assert len(formats.read(made(tmp_path, files, "images/a.jpg")).annotations) == 1


def test_paths_lead_nowhere_else(tmp_path: Path) -> None:
    secret = made(tmp_path, {"../labels/secret.txt": GOOD})
    picture(secret.parent / "images/secret.jpg")
    lines = [
        "../../images/secret.jpg",
        str(secret.parent / "images/secret.jpg"),
        r"C:\x\images\b.jpg",
    ]
    files = {
        "data.yaml": "path: ../..\ntrain: [list.txt, ../images]\nval: ../etc/passwd\nnames: [car]",
        "list.txt": "\n".join(lines),
    }
    folder = made(tmp_path, files)
    found = formats.read(folder, "yolo")
    assert not found.annotations
    assert all(".." not in id and ":" not in id[:1] for id in found.items["id"])


def test_a_zip_that_names_files_above_itself_reaches_none(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        archive.writestr("data.yaml", YAML)
        archive.writestr("../../labels/a.txt", GOOD)
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, "PNG")
    with zipfile.ZipFile(tmp_path / "set.zip", "a") as archive:
        archive.writestr("images/a.png", buffer.getvalue())
    (one,) = formats.read(tmp_path / "set.zip").annotations
    assert one.geometry.bounds == (3, 3, 2, 2)


def test_rows_of_a_picture_that_is_not_there_need_its_size(tmp_path: Path) -> None:
    folder = made(tmp_path, {"data.yaml": YAML, "labels/a.txt": GOOD, "labels/b.txt": GOOD})
    picture(folder / "images/b.jpg")
    with pytest.raises(FormatError, match=r"labels/a.txt, line 1: .*size is not known"):
        formats.read(folder)
    found = formats.read(folder, errors="collect")
    assert (len(found.annotations), len(found.left_out)) == (1, 1)
    assert formats.read(folder, items=labels.items("a", "b")).annotations[0].geometry.bounds == (
        22.5,
        18.75,
        15,
        12.5,
    )


def test_a_picture_of_no_item_is_said(tmp_path: Path) -> None:
    folder = made(
        tmp_path, {"data.yaml": YAML, "labels/a.txt": GOOD, "labels/x.txt": f"{GOOD}\n{GOOD}"}
    )
    found = formats.read(folder, items=labels.items("a"))
    assert found.unmatched[["file_name", "annotations"]].values.tolist() == [["x", 2]]


def test_boxes_of_others_that_leave_their_picture_are_cut_and_that_is_said(tmp_path: Path) -> None:
    folder = made(
        tmp_path, {"data.yaml": YAML, "labels/a.txt": "0 0.95 0.5 0.2 0.2"}, "images/a.jpg"
    )
    with pytest.warns(FormatWarning, match="1 shape cut at the edge of the picture"):
        (one,) = formats.read(folder).annotations
    assert np.allclose(one.geometry.bounds, (51, 20, 9, 10))


def test_what_is_too_large_is_refused(tmp_path: Path) -> None:
    folder = made(tmp_path, {"data.yaml": YAML, "labels/a.txt": GOOD * 100}, "images/a.jpg")
    with pytest.raises(LabelwidgetsError, match="more than 50 bytes"):
        formats.read(folder, "yolo", max_bytes=50)
    (folder / "data.yaml").write_bytes(YAML.encode() + b"\n#" * (1 << 19))
    with pytest.raises(LimitError, match="bytes"):
        formats.read(folder, "yolo")


def test_a_folder_of_nothing_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="no labels of YOLO"):
        formats.read(made(tmp_path, {"readme.md": "x"}), "yolo")
    with pytest.raises(SourceError):
        formats.read(tmp_path / "nowhere" / "data.yaml", "yolo")


def test_classes_can_be_told_where_nothing_names_them(tmp_path: Path) -> None:
    folder = made(tmp_path, {"labels/a.txt": GOOD}, "images/a.jpg")
    assert formats.read(folder, "yolo", classes=["car", "bus"]).annotations[0].class_name == "bus"
    assert formats.read(folder, "yolo", classes={1: "van"}).annotations[0].class_name == "van"
    assert (
        formats.read(folder, "yolo", ontology=ONTOLOGY).annotations[0].class_name == "car: red, #2"
    )


def test_the_paths_of_roboflow_that_lead_nowhere_are_found_all_the_same(tmp_path: Path) -> None:
    text = "train: ../train/images\nval: ../valid/images\n\nnc: 1\nnames: ['no']\nroboflow:\n  x: y"
    files = {"data.yaml": text, "train/labels/a.txt": "0 .5 .5 .1 .1", "valid/labels/a.txt": ""}
    found = formats.read(made(tmp_path, files, "train/images/a.jpg", "valid/images/a.jpg"))
    said = {one["id"]: one["metadata"]["split"] for one in found.items.to_dict("records")}
    assert said == {"train/images/a.jpg": "train", "valid/images/a.jpg": "val"}
    assert [one.class_name for one in found.annotations] == ["no"]


def test_a_folder_of_predictions_is_known_by_its_rows(tmp_path: Path) -> None:
    folder = made(tmp_path, {"labels/a.txt": "0 .5 .5 .1 .1 .25\n1 .5 .5 .1 .1 .75\n"})
    found = formats.read(folder, items=labels.items("a"), classes=["car", "bus"])
    assert [(one.class_name, one.confidence) for one in found.annotations] == [
        ("car", 0.25),
        ("bus", 0.75),
    ]


def test_labelimg_keeps_rows_beside_pictures(tmp_path: Path) -> None:
    files = {"classes.txt": "car\nbus\n", "a.txt": GOOD, "b.txt": "", "notes.txt": "hello"}
    found = formats.read(made(tmp_path, files, "a.jpg", "b.jpg"), "yolo")
    assert [one.class_name for one in found.annotations] == ["bus"]
    assert found.items["id"].tolist() == ["a.jpg", "b.jpg"]


def test_names_alone_in_a_data_yaml_count_before_those_of_the_ontology(tmp_path: Path) -> None:
    ontology = lw.Ontology([lw.ObjectClass("bus"), lw.ObjectClass("car")])
    folder = made(
        tmp_path, {"data.yaml": "names: [car, bus]", "labels/a.txt": GOOD}, "images/a.jpg"
    )
    (one,) = formats.read(folder, "yolo", ontology=ontology).annotations
    assert one.class_name == "bus"
    (folder / "data.yaml").write_bytes(b"\x00\xff\xfe")
    with pytest.raises(FormatError, match=r"data.yaml"):
        formats.read(folder, "yolo", ontology=ontology)
    (folder / "data.yaml").unlink()
    (one,) = formats.read(folder, "yolo", ontology=ontology).annotations
    assert one.class_name == "car"
