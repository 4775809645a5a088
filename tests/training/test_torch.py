"""Training sets for PyTorch: targets, workers, and what is not sent to them."""

from __future__ import annotations

from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.data import DataLoader
from torchvision import tv_tensors
from torchvision.transforms import v2

from labelwidgets import extras
from labelwidgets.algorithms.masks import encode_rle
from labelwidgets.errors import FormatError, MissingExtraError, SchemaError, SourceError
from labelwidgets.media import Dataset
from labelwidgets.project import Project
from labelwidgets.schema.annotation import Annotation, Origin
from labelwidgets.schema.geometry import RLE, Keypoints, Mask, Point, Polyline, Rectangle, Tag
from labelwidgets.schema.ontology import ObjectClass, Ontology, Skeleton
from labelwidgets.training.choice import Choice
from labelwidgets.training.records import label_version
from labelwidgets.training.samples import Sample
from labelwidgets.training.targets import objects_of

SECRET = "s3cr3t-7781"  # noqa: S105 of no account


def test_a_sample_is_a_picture_with_boxes_and_masks(project: Project) -> None:
    pictures = project.to_torch()
    assert len(pictures) == 11, "that of the task that is not done is left out"
    image, target = pictures[3]
    assert isinstance(image, tv_tensors.Image)
    assert image.dtype == torch.uint8
    assert image.shape == (3, 48, 64)
    assert image.unique().tolist() == [30]
    boxes = target["boxes"]
    assert isinstance(boxes, tv_tensors.BoundingBoxes)
    assert boxes.format is tv_tensors.BoundingBoxFormat.XYXY
    assert boxes.canvas_size == (48, 64)
    assert boxes.tolist() == [[4, 6, 24, 16], [30, 10, 60, 40]]
    assert target["labels"].tolist() == [1, 2]
    assert target["iscrowd"].tolist() == [0, 0]
    assert target["area"].tolist() == [200, 850]
    assert target["image_id"] == 3
    masks = target["masks"]
    assert isinstance(masks, tv_tensors.Mask)
    assert masks.shape == (2, 48, 64)
    assert masks[0].sum() == 200
    assert abs(int(masks[1].sum()) - 850) < 12
    assert masks[1, 22, 48] == 0, "a hole is a hole"
    assert "keypoints" not in target


def test_what_torchvision_does_to_pictures_it_does_to_targets(project: Project) -> None:
    turn = v2.Compose([v2.RandomHorizontalFlip(1), v2.ToDtype(torch.float32, scale=True)])
    image, target = project.to_torch(transforms=turn)[0]
    assert image.dtype == torch.float32
    assert target["boxes"].tolist()[0] == [40, 6, 60, 16]
    assert target["masks"][0, 10, 45] == 1


def test_the_pixels_of_classes(project: Project) -> None:
    _, mask = project.to_torch(target="semantic")[3]
    assert mask.dtype == torch.int64
    assert mask.unique().tolist() == [0, 1, 2]
    assert int((mask == 1).sum()) == 200
    _, trees = project.to_torch(target="semantic", classes=["tree"])[3]
    assert trees.unique().tolist() == [0, 1]


def test_only_what_is_chosen(project: Project) -> None:
    project.split({"train": 0.5, "test": 0.5})
    train, test = project.to_torch("train"), project.to_torch("test", states=None)
    assert len(train) + len(test) in (11, 12)
    found = {sample.item for sample in train.samples}
    assert found.isdisjoint(sample.item for sample in test.samples)
    trees = project.to_torch(query="class_name == 'tree'", states=None)
    assert len(trees) == 4
    assert trees[0][1]["labels"].tolist() == [1, 2], "all that is on the picture"
    some = project.tasks["id"].tolist()[:2]
    assert len(project.to_torch(query=some)) == 2


@pytest.fixture
def odd(tmp_path: Path) -> Any:
    """A project of one picture with a shape of each of the rarer kinds."""
    Image.fromarray(np.zeros((40, 60), np.uint16) + 3000).save(tmp_path / "deep.png")
    ontology = Ontology(
        [
            ObjectClass("hand", tool="keypoints", skeleton=Skeleton(["a", "b", "c"])),
            ObjectClass("spot", tool="point"),
            ObjectClass("blob", tool="mask"),
            ObjectClass("night", tool="tag"),
        ]
    )
    dataset = Dataset.open(tmp_path / "deep.png", progress=False)
    with Project.create(tmp_path / "odd.db", dataset, ontology, user="ana") as made:
        yield made


def add(project: Project, *labels: tuple[str, Any], **more: Any) -> None:
    item = str(project.tasks["item_id"][0])
    made = [Annotation(item_id=item, class_name=n, geometry=g, **more) for n, g in labels]
    project.add(made)


def test_joints_and_points(odd: Project) -> None:
    hand = Keypoints([(1, 2, 2), (5, 9, 1), (0, 0, 0)])
    add(odd, ("hand", hand), ("spot", Point(30, 0)), ("blob", Polyline([(2, 7), (9, 7)])))
    image, target = odd.to_torch(states=None)[0]
    assert image.dtype == torch.float32
    assert image.unique().tolist() == [3000]
    assert isinstance(target["keypoints"], tv_tensors.KeyPoints)
    assert target["keypoints"].shape == (3, 3, 2)
    assert target["keypoints"][0].tolist() == [[1, 2], [5, 9], [0, 0]]
    assert target["visibility"].tolist() == [[2, 1, 0], [2, 0, 0], [0, 0, 0]]
    assert target["boxes"].tolist() == [[1, 2, 5, 9], [29.5, 0, 30.5, 1], [2, 6.5, 9, 7.5]]
    assert (target["boxes"][:, 2:] > target["boxes"][:, :2]).all()
    assert target["masks"].sum() == 0


def test_joints_have_the_box_that_came_with_them_while_it_holds_them() -> None:
    person = Keypoints([(20, 10, 2), (30, 25, 1)])
    labels = [
        Annotation(
            item_id="one",
            class_name="a",
            geometry=person,
            origin=Origin("import", "coco", parameters={"bbox": box}),
        )
        for box in ([15, 5, 20, 50], [22, 5, 20, 50], "none", [15, 5, 20])
    ]
    found = objects_of(Sample("one", None, "one.png", None, labels), (60, 40), {"a": 1})
    assert found.boxes.tolist() == [[15, 5, 35, 40], *[[20, 10, 30, 25]] * 3]
    assert found.areas.tolist() == [20 * 35, *[150] * 3]
    versions = [label_version([label], "", None, Choice()) for label in labels]
    assert len(set(versions)) == 2
    assert versions[0] not in versions[1:], "another box is another training set"


def test_what_is_outside_of_its_picture_is_left_out_or_cut() -> None:
    shapes = [Rectangle(50, 30, 100, 100), Rectangle(60, 0, 9, 9), Point(61, 3), Point(60, 40)]
    labels = [Annotation(item_id="one", class_name="a", geometry=shape) for shape in shapes]
    found = objects_of(Sample("one", None, "one.png", None, labels), (60, 40), {"a": 1})
    assert found.boxes.tolist() == [[50, 30, 60, 40], [59, 39, 60, 40]]
    assert found.labels == [labels[0], labels[3]]


def test_tags_of_pictures(odd: Project) -> None:
    add(odd, ("night", Tag()))
    _, tags = odd.to_torch(states=None, target="tags")[0]
    assert tags.tolist() == [0, 0, 0, 1]
    _, target = odd.to_torch(states=None)[0]
    assert target["boxes"].shape == (0, 4)
    assert target["labels"].dtype == torch.int64


def test_crowds_are_said(odd: Project) -> None:
    mask = np.zeros((40, 60), bool)
    mask[5:9, 5:25] = True
    code = encode_rle(mask)
    shape = Mask(RLE(tuple(code["size"]), code["counts"]))
    add(odd, ("blob", shape), origin=Origin("import", "coco", parameters={"iscrowd": 1}))
    _, target = odd.to_torch(states=None)[0]
    assert target["iscrowd"].tolist() == [1]
    assert np.array_equal(target["masks"][0].numpy(), mask)


def test_a_mask_of_another_size_is_refused(odd: Project) -> None:
    add(odd, ("blob", Rectangle(1, 1, 2, 2)))
    training = odd.training_set(states=None)
    code = encode_rle(np.ones((4, 6), bool))
    odd.delete(odd.annotations)
    wrong = Mask(RLE(tuple(code["size"]), code["counts"]))
    training.labels[0] = Annotation(  # type: ignore[index]
        item_id=training.labels[0].item_id, class_name="blob", geometry=wrong
    )
    with pytest.raises(FormatError, match=r"6 x 4 .* 60 x 40"):
        training.to_torch()[0]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"target": "boxes"}, "'boxes'"),
        ({"shuffle": True}, "DataLoader"),
        ({"volumes": True, "iterable": True}, "by number"),
        ({"volumes": True, "target": "tags"}, "by number"),
        ({"classes": ["blob"], "keypoints": True}, "no class has joints"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    odd: Project, options: dict[str, Any], words: str
) -> None:
    with pytest.raises(SchemaError, match=words):
        odd.to_torch(states=None, **options)


@pytest.mark.parametrize("how", ["fork", "spawn"])
def test_workers_read_what_this_process_would(project: Project, how: str) -> None:
    pictures = project.to_torch()
    loader = DataLoader(
        pictures,
        3,
        num_workers=2,
        collate_fn=pictures.collate,
        multiprocessing_context=how,
        timeout=60,
    )
    grey = [int(image[0, 0, 0]) for images, _ in loader for image in images]
    assert grey == [10 * number for number in range(11)]
    # This process goes on with what it has opened.
    assert int(pictures[1][0][0, 0, 0]) == 10


@pytest.mark.parametrize("workers", [0, 2])
def test_a_stream_has_each_picture_once(project: Project, workers: int) -> None:
    stream = project.to_torch(iterable=True, shuffle=True, seed=3)
    loader = DataLoader(stream, None, num_workers=workers)
    first = [target["image_id"] for _, target in loader]
    stream.set_epoch(1)
    second = [target["image_id"] for _, target in loader]
    assert sorted(first) == sorted(second) == list(range(11))
    assert first != second
    stream.set_epoch(0)
    assert [target["image_id"] for _, target in loader] == first


@pytest.mark.parametrize("how", ["fork", "spawn"])
def test_workers_that_stay_are_told_which_epoch_comes(project: Project, how: str) -> None:
    stream = project.to_torch(iterable=True, shuffle=True, seed=3)
    loader = DataLoader(
        stream, None, num_workers=2, persistent_workers=True, multiprocessing_context=how
    )
    orders = []
    for epoch in (0, 1, 0):
        stream.set_epoch(epoch)
        assert stream.epoch == epoch
        orders.append([target["image_id"] for _, target in loader])
    assert all(sorted(order) == list(range(11)) for order in orders)
    assert orders[0] == orders[2] != orders[1]


def options() -> dict[str, Any]:
    return {"key": "AKIA-OF-A-TEST", "secret": SECRET}


def test_no_key_is_in_what_is_sent_to_workers(project: Project, tmp_path: Path) -> None:
    with Project.open(tmp_path / "cars.db", user="ana", **options()) as opened:
        pictures = opened.to_torch()
        _ = pictures[0]
        sent = bytes(ForkingPickler.dumps(pictures))
        assert SECRET.encode() not in sent
        assert b"AKIA" not in sent
        again = ForkingPickler.loads(sent)
        assert torch.equal(again[3][0], pictures[3][0])
        held = again._pixels.dataset._access._connections.options
        assert held == {}
        asked = opened.to_torch(storage_options=options)
        sent = bytes(ForkingPickler.dumps(asked))
        assert SECRET.encode() not in sent
        held = ForkingPickler.loads(sent)._pixels.dataset._access._connections.options
        assert held == options()


def test_options_themselves_are_refused(project: Project) -> None:
    with pytest.raises(SourceError, match="a function that returns them"):
        project.to_torch(storage_options=options())  # type: ignore[arg-type]


def test_a_file_that_is_gone_is_named(project: Project, photos: Path) -> None:
    pictures = project.to_torch()
    (photos / "a" / "01.png").unlink()
    with pytest.raises(SourceError, match=r"01\.png"):
        pictures[1]
    loader = DataLoader(pictures, 2, num_workers=1, collate_fn=pictures.collate)
    with pytest.raises(SourceError, match=r"01\.png"):
        list(loader)


def test_what_is_missing_is_named(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Any:
        raise ImportError(f"No module named {name!r}")

    monkeypatch.setattr(extras, "import_module", missing)
    with pytest.raises(MissingExtraError, match=r'pip install "labelwidgets\[torch\]"'):
        project.to_torch()
