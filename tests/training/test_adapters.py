"""Training sets for other libraries: with the real ones where they are there, else as they say."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from labelwidgets.errors import FormatError, MissingExtraError, SchemaError
from labelwidgets.formats.results import FormatWarning
from labelwidgets.media import Dataset
from labelwidgets.project import Project
from labelwidgets.schema.annotation import Annotation, Origin
from labelwidgets.schema.geometry import Geometry, Keypoints, Polygon, Rectangle, Tag
from labelwidgets.schema.ontology import ObjectClass, Ontology, Skeleton, Text
from labelwidgets.schema.tracks import Keyframe, Track
from labelwidgets.training import fiftyone, huggingface, tensorflow
from labelwidgets.training.detectron2 import detectron2_metadata
from labelwidgets.training.fiftyone import fiftyone_dicts
from labelwidgets.training.picture_files import PictureFiles
from labelwidgets.training.samples import Sample
from labelwidgets.training.training_set import TrainingSet
from tests.formats.scans import SHAPE, SPACING, label, make_ct, open_scan
from tests.media.videos import small_video


@pytest.fixture
def training(project: Project) -> TrainingSet:
    project.split({"train": 0.5, "val": 0.25, "test": 0.25})
    return project.training_set()


@pytest.fixture
def video(tmp_path: Path) -> Iterator[Project]:
    dataset = Dataset.open(small_video(tmp_path / "fly.mp4"), progress=False)
    with Project.create(tmp_path / "fly.db", dataset, ["fly"], user="ana") as made:
        keys = {2: Keyframe(Rectangle(0, 0, 8, 8)), 4: Keyframe(Rectangle(4, 0, 8, 8))}
        ends = {**keys, 5: Keyframe(Rectangle(4, 0, 8, 8), outside=True)}
        item = next(iter(dataset))
        made.add(Annotation(item_id=item, class_name="fly", geometry=Track(ends), track_id="f"))
        yield made


def test_ultralytics_finds_pictures_and_rows(training: TrainingSet, tmp_path: Path) -> None:
    path = Path(training.to_ultralytics(tmp_path / "yolo", task="segment"))
    said = yaml.safe_load(path.read_text())
    assert said["names"] == {0: "car", 1: "tree"}
    found = {}
    # As Ultralytics resolves them: a list beside data.yaml, and "labels" for "images".
    for part in ("train", "val", "test"):
        for line in (path.parent / said[part]).read_text().splitlines():
            picture = path.parent / line
            assert picture.is_symlink(), "it lies on this machine"
            rows = Path(str(picture).replace("/images/", "/labels/")).with_suffix(".txt")
            grey = int(np.asarray(Image.open(picture))[0, 0, 0])
            found[grey] = part, [line.split() for line in rows.read_text().splitlines()]
    assert sorted(found) == [10 * number for number in range(11)]
    parts = [part for part, _ in found.values()]
    assert {part: parts.count(part) for part in parts} == training.items["id"].map(
        training.parts
    ).value_counts().to_dict()
    corners = np.array(found[10][1][0][1:], float).reshape(-1, 2) * (64, 48)
    assert corners.min(0) == pytest.approx([4, 6])
    assert corners.max(0) == pytest.approx([24, 16])
    assert found[10][1][0][0] == "0"


def test_ultralytics_may_get_copies_and_frames(video: Project, tmp_path: Path) -> None:
    training = video.training_set(states=None, unlabelled=True)
    path = Path(training.to_ultralytics(tmp_path / "yolo", link=False))
    pictures = (path.parent / "train.txt").read_text().split()
    assert len(pictures) == 12
    assert all((path.parent / one).is_file() for one in pictures)
    assert len(list(path.parent.glob("labels/**/*.txt"))) == 3
    again = training.to_ultralytics(tmp_path / "yolo", link=False)
    assert Path(again) == path
    with pytest.raises(SchemaError, match="'boxes'"):
        training.to_ultralytics(tmp_path / "yolo", task="boxes")


def test_ultralytics_gets_several_pictures_at_once(
    training: TrainingSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    both, data = threading.Barrier(2), PictureFiles.data
    first = iter([True, True])

    def slow(self: PictureFiles, sample: Sample) -> bytes:
        if next(first, False):
            both.wait(timeout=20)
        return data(self, sample)

    monkeypatch.setattr(PictureFiles, "data", slow)
    training.to_ultralytics(tmp_path / "yolo", link=False)
    found = [path for path in (tmp_path / "yolo" / "images").rglob("*") if path.is_file()]
    assert len(found) == len(training.samples) > 1
    assert not both.n_waiting


def test_ultralytics_reads_chosen_classes_from_zero(project: Project, tmp_path: Path) -> None:
    training = project.training_set(classes=["tree"])
    with pytest.warns(UserWarning, match="polygon"):
        path = Path(training.to_ultralytics(tmp_path / "yolo"))
    assert yaml.safe_load(path.read_text())["names"] == {0: "tree"}
    rows = [text for one in path.parent.glob("labels/**/*.txt") if (text := one.read_text())]
    assert len(rows) == 4
    assert all(text.startswith("0 ") for text in rows)


def test_detectron2_gets_dicts(training: TrainingSet, photos: Path, tmp_path: Path) -> None:
    from pycocotools import mask as coco

    dicts = training.to_detectron2()
    assert len(dicts) == 11
    one = dicts[3]
    assert one["file_name"] == str(photos / "b" / "03.png")
    assert (one["height"], one["width"], one["image_id"]) == (48, 64, 3)
    car, tree = one["annotations"]
    assert car == {
        "bbox": [4, 6, 24, 16],
        "bbox_mode": 0,
        "category_id": 0,
        "iscrowd": 0,
        "segmentation": [[4, 6, 24, 6, 24, 16, 4, 16]],
    }
    assert tree["category_id"] == 1
    assert abs(int(coco.decode(tree["segmentation"]).sum()) - 850) < 12, "a hole needs pixels"
    assert len(dicts[0]["annotations"][1]["segmentation"][0]) > 20, "an ellipse is a polygon"
    linked = training.to_detectron2(tmp_path / "pictures")[3]["file_name"]
    assert Path(linked).is_symlink()
    assert Path(linked).samefile(photos / "b" / "03.png")


def test_detectron2_finds_masks_and_joints_in_all_of_a_picture_or_in_none(tmp_path: Path) -> None:
    Image.new("RGB", (100, 50)).save(tmp_path / "one.png")
    sides = Skeleton(["nose", "left_eye", "right_eye"], [(0, 1), (0, 2)])
    hand = ObjectClass("face", "#ff8000", tool="keypoints", skeleton=sides)
    dataset = Dataset.open(tmp_path / "one.png", progress=False)
    ontology = Ontology([hand, ObjectClass("car", "#000102", tool="polygon")])
    with Project.create(tmp_path / "one.db", dataset, ontology, user="ana") as project:
        item = next(iter(dataset))
        joints = Keypoints([(50, 25, 2), (60.5, 20, 1), (0, 0, 0)])
        project.add(Annotation(item_id=item, class_name="face", geometry=joints))
        training = project.training_set(states=None)
        (alone,) = training.to_detectron2()
        assert "segmentation" not in alone["annotations"][0]
        project.add(Annotation(item_id=item, class_name="car", geometry=Rectangle(1, 2, 3, 4)))
        training = project.training_set(states=None)
    (one,) = training.to_detectron2()
    face, car = one["annotations"]
    # As annotations_to_instances of Detectron2 looks for them: by the first one.
    assert face["segmentation"] == []
    assert car["segmentation"] == [[1, 2, 4, 2, 4, 6, 1, 6]]
    assert face["keypoints"] == [50, 25, 2, 60.5, 20, 1, 0, 0, 0]
    assert car["keypoints"] == [0] * 9
    assert detectron2_metadata(training) == {
        "thing_classes": ["face", "car"],
        "thing_colors": [(255, 128, 0), (0, 1, 2)],
        "keypoint_names": ["nose", "left_eye", "right_eye"],
        "keypoint_flip_map": [("left_eye", "right_eye")],
        "keypoint_connection_rules": [
            ("nose", "left_eye", (255, 128, 0)),
            ("nose", "right_eye", (255, 128, 0)),
        ],
    }


def test_frames_need_a_folder(video: Project, tmp_path: Path) -> None:
    training = video.training_set(states=None)
    with pytest.raises(FormatError, match="folder="):
        training.to_detectron2()
    names = [one["file_name"] for one in training.to_detectron2(tmp_path / "frames")]
    assert [Path(name).name for name in names] == [f"frame_{at:06d}.png" for at in (2, 3, 4)]
    assert all(Image.open(name).size == (64, 48) for name in names)


def test_supervision_gets_detections(training: TrainingSet) -> None:
    sv = pytest.importorskip("supervision")
    pictures = training.to_supervision()
    assert pictures.classes == ["car", "tree"]
    name, picture, made = pictures[3]
    assert name == "b/03.png"
    assert picture.shape == (48, 64, 3)
    assert isinstance(made, sv.Detections)
    assert made.xyxy.tolist() == [[4, 6, 24, 16], [30, 10, 60, 40]]
    assert made.class_id.tolist() == [0, 1]
    assert made.mask.shape == (2, 48, 64)
    assert made.confidence is None
    assert made["class_name"].tolist() == ["car", "tree"]
    assert len(made[made.class_id == 1]) == 1
    # As its own data set has them.
    kept = sv.DetectionDataset(
        classes=pictures.classes,
        images={name: picture for name, picture, _ in pictures},
        annotations={name: found for name, _, found in pictures},
    )
    assert len(kept) == 11


def test_supervision_knows_tracks(video: Project) -> None:
    pytest.importorskip("supervision")
    pictures = video.training_set(states=None).to_supervision()
    assert [made.tracker_id.tolist() for _, _, made in pictures] == [[1], [1], [1]]


def test_monai_gets_scans_with_their_place(tmp_path: Path) -> None:
    monai = pytest.importorskip("monai.transforms")
    make_ct(tmp_path / "scan")
    dataset, item = open_scan(tmp_path / "scan", progress=False)
    ontology = Ontology([ObjectClass("nodule", tool="volumemask")])
    with Project.create(tmp_path / "scan.db", dataset, ontology, user="ana") as project:
        mask = np.zeros(SHAPE, bool)
        mask[1:3, 2:5, 3:9] = True
        project.add(label(item, "nodule", mask))
        items = project.training_set(states=None).to_monai()
        volume = project.volume(item)
        assert len(items) == 1
        one = items[0]
        assert one["image"].shape == (1, *reversed(SHAPE))
        assert np.array_equal(np.asarray(one["label"])[0].T, mask)
        assert np.array_equal(np.asarray(one["image"])[0].T, volume.values)
        assert one["image"].pixdim.tolist() == pytest.approx(list(reversed(SPACING)))
        # The same place, in the coordinates of NIfTI.
        corner = one["image"].affine.numpy() @ [3, 2, 1, 1]
        assert volume.affine is not None
        there = volume.affine @ [3, 2, 1, 1]
        assert corner[:3] == pytest.approx(there[:3] * [-1, -1, 1])
        turned = monai.Orientationd(keys=["image", "label"], axcodes="RAS", labels=None)(one)
        assert int(turned["label"].sum()) == 36


def test_monai_gets_pictures(training: TrainingSet) -> None:
    pytest.importorskip("monai")
    from monai.data import DataLoader
    from monai.data import Dataset as MonaiDataset
    from monai.transforms import RandFlipd

    items = training.to_monai()
    flip = RandFlipd(keys=["image", "label"], prob=1, spatial_axis=1)
    made = MonaiDataset(items, flip)
    batch = next(iter(DataLoader(made, batch_size=4, num_workers=0)))
    assert batch["image"].shape == (4, 3, 48, 64)
    assert batch["label"].shape == (4, 1, 48, 64)
    assert batch["label"][3, 0, 10, 45] == 1


def test_fiftyone_gets_parts_of_the_picture(training: TrainingSet, photos: Path) -> None:
    one = list(fiftyone_dicts(training))[3]
    assert one["filepath"] == str(photos / "b" / "03.png")
    assert one["tags"] == [training.parts[training.samples[3].item]]
    car, tree = one["ground_truth"]
    assert car == {"label": "car", "bounding_box": [4 / 64, 6 / 48, 20 / 64, 10 / 48]}
    assert tree["mask"].shape == (30, 30)
    assert not tree["mask"][12, 18]


@given(st.data())
@settings(max_examples=40)
def test_fiftyone_lays_masks_on_their_own_pixels(data: st.DataObject) -> None:
    width = data.draw(st.integers(1, 9000))
    start = data.draw(st.integers(0, width - 1))
    length = data.draw(st.integers(1, width - start))
    first, part = fiftyone.part_of(start, length, width)
    # As eta.core.geometry.RelativePoint.coords_in does it.
    assert (int(width * first), int(width * (first + part))) == (start, start + length)
    assert first == pytest.approx(start / width)
    assert part == pytest.approx(length / width)


def test_fiftyone_gets_the_box_of_the_pixels_of_a_mask(tmp_path: Path) -> None:
    Image.new("RGB", (37, 29)).save(tmp_path / "one.png")
    dataset = Dataset.open(tmp_path / "one.png", progress=False)
    shapes: list[Geometry] = [
        Polygon([[[(3.4, 5.6), (12.6, 5.6), (12.6, 9.4), (3.4, 9.4)]]]),
        Rectangle(20, 10, 10, 4, angle=45),
        Polygon([[[(8.1, 8.1), (8.3, 8.1), (8.3, 8.3), (8.1, 8.3)]]]),
        Rectangle(1.25, 2.5, 5, 5),
    ]
    with Project.create(tmp_path / "one.db", dataset, ["bar"], user="ana") as project:
        item = next(iter(dataset))
        project.add(
            [Annotation(item_id=item, class_name="bar", geometry=shape) for shape in shapes]
        )
        (one,) = fiftyone_dicts(project.training_set(states=None))
    bar, turned, speck, box = one["ground_truth"]
    assert bar["mask"].shape == (3, 10)
    assert bar["mask"].all()
    assert bar["bounding_box"] == pytest.approx([3 / 37, 6 / 29, 10 / 37, 3 / 29])
    assert turned["mask"].sum() == pytest.approx(40, abs=4)
    assert "mask" not in speck, "no centre of a pixel is in it"
    assert speck["bounding_box"] == pytest.approx([8.1 / 37, 8.1 / 29, 0.2 / 37, 0.2 / 29], 1e-4)
    assert box["bounding_box"] == [1.25 / 37, 2.5 / 29, 5 / 37, 5 / 29]
    assert "mask" not in box


def test_tracks_have_a_number_each_in_fiftyone_and_in_supervision(tmp_path: Path) -> None:
    pytest.importorskip("supervision")
    (tmp_path / "clips").mkdir()
    for name in ("day.mp4", "night.mp4"):
        small_video(tmp_path / "clips" / name)
    dataset = Dataset.open(tmp_path / "clips", progress=False)
    with Project.create(tmp_path / "fly.db", dataset, ["fly"], user="ana") as made:
        for item in dataset:
            keys = {2: Keyframe(Rectangle(0, 0, 8, 8)), 3: Keyframe(Rectangle(4, 0, 8, 8))}
            track = Track({**keys, 4: Keyframe(Rectangle(4, 0, 8, 8), outside=True)})
            made.add(Annotation(item_id=item, class_name="fly", geometry=track, track_id="1"))
        training = made.training_set(states=None)
        found = list(fiftyone_dicts(training, tmp_path / "frames"))
        assert [one["ground_truth"][0]["index"] for one in found] == [1, 1, 2, 2]
        numbers = [one.tracker_id.tolist() for _, _, one in training.to_supervision()]
        assert numbers == [[1], [1], [2], [2]], "two clips have two flies, whatever they are called"


def test_fiftyone_gets_joints_tags_and_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Image.new("RGB", (100, 50)).save(tmp_path / "one.png")
    hand = ObjectClass("hand", tool="keypoints", skeleton=Skeleton(["a", "b"]))
    ontology = Ontology([hand, ObjectClass("night", tool="tag")])
    dataset = Dataset.open(tmp_path / "one.png", progress=False)
    with Project.create(tmp_path / "one.db", dataset, ontology, user="ana") as project:
        item = next(iter(dataset))
        joints = Keypoints([(50, 25, 2), (0, 0, 0)])
        project.add(
            [
                Annotation(item_id=item, class_name="hand", geometry=joints, confidence=0.5),
                Annotation(item_id=item, class_name="night", geometry=Tag()),
            ]
        )
        training = project.training_set(states=None)
        (one,) = fiftyone_dicts(training)
        assert one["keypoints"][0]["points"][0] == (0.5, 0.5)
        assert np.isnan(one["keypoints"][0]["points"][1]).all()
        assert one["classification"] == [{"label": "night"}]
        assert one["ground_truth"] == []
        kinds = ("Sample", "Detections", "Detection", "Keypoints", "Keypoint")
        fake = SimpleNamespace(
            **{name: named(name) for name in (*kinds, "Classifications", "Classification")}
        )
        monkeypatch.setattr(fiftyone, "library", lambda *_: fake)
        (sample,) = training.to_fiftyone()
        assert sample["of"] == "Sample"
        assert sample["keypoints"]["keypoints"][0]["of"] == "Keypoint"
        assert sample["keypoints"]["keypoints"][0]["confidence"] == 0.5
        assert sample["classification"]["classifications"] == [
            {"of": "Classification", "label": "night"}
        ]


def test_questions_may_have_names_that_fiftyone_has_not(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("lit", "clean", "a.b", "$x", "_id", "attributes", "by what")
    car = ObjectClass("car", attributes=[Text(name) for name in names])
    project.update_ontology(Ontology([car, project.ontology["tree"]]))
    item = project.tasks["item_id"].iloc[-1]
    answers = dict.fromkeys(names, "yes")
    box = Rectangle(1, 2, 3, 4)
    project.add(Annotation(item_id=item, class_name="car", geometry=box, attributes=answers))

    class Label:
        """As MongoEngine's documents: they have methods, and take any other field."""

        def __init__(self, **fields: Any) -> None:
            self.fields = fields

        def clean(self) -> None:
            """What a document has."""

    kinds = ("Sample", "Detections", "Keypoints", "Keypoint", "Classifications", "Classification")
    fake = SimpleNamespace(Detection=Label, **{name: named(name) for name in kinds})
    monkeypatch.setattr(fiftyone, "library", lambda *_: fake)
    sample = project.training_set(states=None).to_fiftyone()[-1]
    made = sample["ground_truth"]["detections"][-1].fields
    others = {"answer_clean", "answer_a_b", "answer__x", "answer__id", "answer_attributes"}
    assert set(made) == {"label", "bounding_box", "lit", "by what"} | others


def test_crowds_are_told(tmp_path: Path) -> None:
    pytest.importorskip("supervision")
    Image.new("RGB", (100, 50)).save(tmp_path / "one.png")
    dataset = Dataset.open(tmp_path / "one.png", progress=False)
    with Project.create(tmp_path / "one.db", dataset, ["car"], user="ana") as project:
        item = next(iter(dataset))
        crowd = Origin("import", "coco", parameters={"iscrowd": 1})
        for origin in (Origin(), crowd):
            box = Rectangle(1, 2, 3, 4)
            project.add(Annotation(item_id=item, class_name="car", geometry=box, origin=origin))
        training = project.training_set(states=None)
        ((_, _, found),) = training.to_supervision()
        assert found["iscrowd"].tolist() == [0, 1]
        assert found["area"].tolist() == [12, 12]
        (one,) = fiftyone_dicts(training)
        assert [made.get("iscrowd") for made in one["ground_truth"]] == [None, True]
        with pytest.warns(FormatWarning, match="Ultralytics has no place for 1 crowd, left out"):
            path = Path(training.to_ultralytics(tmp_path / "yolo"))
        (rows,) = path.parent.glob("labels/**/*.txt")
        assert len(rows.read_text().splitlines()) == 1
        with pytest.raises(FormatError, match="1 crowd"):
            training.to_ultralytics(tmp_path / "strict", strict=True)


def named(kind: str) -> Callable[..., dict[str, Any]]:
    """Return what notes what it was called with, in the place of a class."""
    return lambda **fields: {"of": kind, **fields}


def test_rows_for_hugging_face(training: TrainingSet, photos: Path) -> None:
    rows = list(huggingface.Rows(training)())
    assert len(rows) == 11
    assert rows[3]["image"]["bytes"] == (photos / "b" / "03.png").read_bytes(), "as it is"
    assert rows[3]["objects"]["bbox"] == [[4, 6, 20, 10], [30, 10, 30, 30]]
    assert rows[3]["objects"]["category"] == [0, 1]
    assert (rows[3]["width"], rows[3]["height"]) == (64, 48)


def test_a_batch_of_hugging_face_is_what_image_processors_take(training: TrainingSet) -> None:
    rows = list(huggingface.Rows(training)())[3:5]
    wide = Image.fromarray(np.array([[0, 65535], [30000, 100]], np.uint16))
    batch = {name: [row[name] for row in rows] for name in ("image_id", "objects")}
    made = huggingface.detection_inputs({**batch, "image": [Image.new("L", (2, 2)), wide]})
    assert [one.mode for one in made["images"]] == ["RGB", "RGB"]
    assert np.asarray(made["images"][1])[0].tolist() == [[0, 0, 0], [255, 255, 255]]
    first, second = made["annotations"]
    assert first["image_id"] == 3
    assert [one["bbox"] for one in first["annotations"]] == [[4, 6, 20, 10], [30, 10, 30, 30]]
    assert second["annotations"] == [
        {"image_id": 4, "bbox": [4, 6, 20, 10], "category_id": 0, "area": 200, "iscrowd": 0}
    ]


@pytest.mark.parametrize("streaming", [False, True])
def test_hugging_face_gets_typed_columns(
    training: TrainingSet, streaming: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    datasets = pytest.importorskip("datasets", reason="datasets pins an older fsspec")
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    made = training.to_huggingface(streaming)
    row = list(made)[3]
    assert row["image"].size == (64, 48)
    assert np.asarray(row["image"])[0, 0, 0] == 30
    assert row["objects"]["bbox"] == [[4, 6, 20, 10], [30, 10, 30, 30]]
    assert made.features["objects"]["category"].feature.names == ["car", "tree"]
    if not streaming:
        assert len(made) == 11


def fake_tensorflow() -> Any:
    """What is used of TensorFlow, which is too large for tests: shapes and types are checked."""

    def check(value: Any, spec: Any) -> None:
        if isinstance(spec, dict):
            assert set(value) == set(spec)
            for name in spec:
                check(value[name], spec[name])
            return
        shape, kind = spec
        assert np.asarray(value).dtype == kind
        assert np.ndim(value) == len(shape)
        assert all(want in (None, is_) for want, is_ in zip(shape, np.shape(value), strict=True))

    class Data(list[Any]):
        def apply(self, change: Any) -> Any:
            return change(self)

    def from_generator(rows: Any, output_signature: Any) -> Data:
        made = Data(rows())
        for picture, target in made:
            check(picture, output_signature[0])
            check(target, output_signature[1])
        return made

    def assert_cardinality(count: int) -> Any:
        def change(made: Data) -> Data:
            assert len(made) == count
            return made

        return change

    return SimpleNamespace(
        TensorSpec=lambda shape, kind: (shape, kind),
        **{name: np.dtype(name) for name in ("float32", "uint8", "int64")},
        data=SimpleNamespace(
            Dataset=SimpleNamespace(from_generator=from_generator),
            experimental=SimpleNamespace(assert_cardinality=assert_cardinality),
        ),
    )


@pytest.mark.parametrize("target", ["detection", "semantic"])
def test_tensorflow_gets_what_its_signature_says(
    training: TrainingSet, target: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    try:
        import tensorflow as _  # type: ignore[import-not-found]  # noqa: F401
    except ImportError:
        monkeypatch.setattr(tensorflow, "library", lambda *_: fake_tensorflow())
    picture, made = list(training.to_tensorflow(target))[3]
    assert picture.shape == (48, 64, 3)
    assert int(np.max(picture)) == 30
    if target == "semantic":
        assert np.unique(made).tolist() == [0, 1, 2]
    else:
        assert np.asarray(made["boxes"]).tolist() == [[4, 6, 24, 16], [30, 10, 60, 40]]
        assert np.asarray(made["labels"]).tolist() == [1, 2]
    with pytest.raises(SchemaError, match="'tags'"):
        training.to_tensorflow("tags")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("call", "command"),
    [
        ("to_huggingface", r"labelwidgets\[huggingface\]"),
        ("to_tensorflow", "tensorflow"),
        ("to_monai", r"labelwidgets\[monai\]"),
        ("to_supervision", "supervision"),
        ("to_fiftyone", "fiftyone"),
        ("to_torch", r"labelwidgets\[torch\]"),
    ],
)
def test_a_library_that_is_missing_is_named(
    training: TrainingSet, call: str, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from labelwidgets import extras

    def missing(name: str) -> Any:
        raise ImportError(f"No module named {name!r}")

    monkeypatch.setattr(extras, "import_module", missing)
    with pytest.raises(MissingExtraError, match=f'pip install "{command}"'):
        getattr(training, call)()
