"""Training sets of videos, sequences and scans."""

from __future__ import annotations

from collections.abc import Iterator
from multiprocessing.reduction import ForkingPickler
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from labelwidgets.errors import SourceError
from labelwidgets.media import Dataset
from labelwidgets.project import Project
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Rectangle
from labelwidgets.schema.ontology import ObjectClass
from labelwidgets.schema.tracks import Interval, Keyframe, Track
from tests.formats.scans import SHAPE, SPACING, label, make_ct, open_scan
from tests.media.videos import shade, small_video


@pytest.fixture
def video(tmp_path: Path) -> Iterator[Project]:
    """A fly that is on frames 2 to 8 of twelve, and a cat on frame 10."""
    dataset = Dataset.open(small_video(tmp_path / "fly.mp4"), progress=False)
    with Project.create(tmp_path / "fly.db", dataset, ["fly", "cat"], user="ana") as made:
        item = next(iter(dataset))
        keys = {
            2: Keyframe(Rectangle(0, 0, 10, 10)),
            8: Keyframe(Rectangle(30, 6, 10, 10)),
            9: Keyframe(Rectangle(30, 6, 10, 10), outside=True),
        }
        made.add(
            [
                Annotation(item_id=item, class_name="fly", geometry=Track(keys)),
                Annotation(
                    item_id=item, class_name="cat", frame=10, geometry=Rectangle(1, 2, 3, 4)
                ),
            ]
        )
        yield made


def test_frames_of_a_video_are_samples(video: Project) -> None:
    pictures = video.to_torch(states=None)
    assert [sample.frame for sample in pictures.samples] == [2, 3, 4, 5, 6, 7, 8, 10]
    image, target = pictures[3]
    assert abs(float(image.float().mean()) - shade(5)) < 3
    assert target["boxes"].tolist() == [[15, 3, 25, 13]]
    assert pictures[7][1]["labels"].tolist() == [2]


def test_some_frames_or_all_of_them(video: Project) -> None:
    def frames(**chosen: object) -> list[int | None]:
        return [one.frame for one in video.training_set(states=None, **chosen).samples]  # type: ignore[arg-type]

    assert frames(frames="keyframes") == [2, 8, 10]
    assert frames(frames=4) == [4, 8]
    assert frames(unlabelled=True) == list(range(12))
    assert frames(unlabelled=True, frames=4) == [0, 4, 8]


@pytest.mark.parametrize("sent", [False, True])
def test_each_worker_opens_the_video(video: Project, sent: bool) -> None:
    stream = video.to_torch(states=None, unlabelled=True, iterable=True)
    _ = next(iter(stream))
    if sent:
        # As to a worker that is spawned.
        stream = ForkingPickler.loads(bytes(ForkingPickler.dumps(stream)))
    loader = DataLoader(stream, None, num_workers=2, multiprocessing_context="fork", timeout=60)
    found = {target["image_id"]: float(image.float().mean()) for image, target in loader}
    assert sorted(found) == list(range(12))
    assert all(abs(mean - shade(number)) < 3 for number, mean in found.items())


def test_a_stretch_of_time_is_on_no_picture_and_said_so(video: Project) -> None:
    item = video.tasks["item_id"][0]
    video.add(Annotation(item_id=item, class_name="cat", geometry=Interval(1, 3)))
    with pytest.warns(UserWarning, match="1 event"):
        assert len(video.training_set(states=None)) == 8


@pytest.fixture
def scan(tmp_path: Path) -> Iterator[Project]:
    """A scan of four slices with a nodule on two of them."""
    make_ct(tmp_path / "scan")
    dataset, item = open_scan(tmp_path / "scan", progress=False)
    nodule = ObjectClass("nodule", tool="volumemask")
    with Project.create(tmp_path / "scan.db", dataset, ["lung", nodule], user="ana") as made:
        mask = np.zeros(SHAPE, bool)
        mask[1:3, 2:5, 3:9] = True
        made.add(label(item, "nodule", mask))
        yield made


def test_slices_of_a_scan_are_samples(scan: Project) -> None:
    pictures = scan.to_torch(states=None)
    assert [sample.frame for sample in pictures.samples] == [1, 2]
    image, target = pictures[0]
    assert image.shape == (1, 11, 13)
    assert image.dtype == torch.float32
    assert np.array_equal(image[0].numpy(), scan.dataset.pixels(next(iter(scan.dataset)), 1))
    assert target["boxes"].tolist() == [[3, 2, 9, 5]]
    assert int(target["masks"].sum()) == 18
    every = scan.to_torch(states=None, unlabelled=True, target="semantic")
    assert len(every) == 4
    assert [int(mask.max()) for _, mask in (every[at] for at in range(4))] == [0, 2, 2, 0]


def test_a_whole_scan_is_a_sample(scan: Project) -> None:
    volumes = scan.to_torch(states=None, volumes=True, classes=["nodule"])
    assert len(volumes) == 1
    values, target = volumes[0]
    assert values.shape == (1, *SHAPE)
    assert target["mask"].shape == SHAPE
    assert target["mask"].unique().tolist() == [0, 1]
    assert int(target["mask"].sum()) == 36
    assert target["spacing"].tolist() == list(SPACING)
    again = ForkingPickler.loads(bytes(ForkingPickler.dumps(volumes)))
    loader = DataLoader(again, 1, num_workers=1, multiprocessing_context="fork", timeout=60)
    (batch,) = loader
    assert torch.equal(batch[0][0], values)


def test_where_there_is_no_scan_that_is_said(video: Project) -> None:
    with pytest.raises(SourceError, match="no scan"):
        video.to_torch(states=None, volumes=True)
