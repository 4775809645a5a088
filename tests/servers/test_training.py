"""Loaders of PyTorch over a bucket, in processes that know the keys and in some that do not."""

from __future__ import annotations

import io
import json
import os
from functools import partial
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from torch.utils.data import DataLoader

from labelwidgets.errors import LabelwidgetsError, SourceError
from labelwidgets.media import Dataset
from labelwidgets.project import Project
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Rectangle
from tests.servers.s3 import S3, SECRET

OPTIONS = "LABELWIDGETS_TEST_OPTIONS"


def asked() -> dict[str, Any]:
    """What the environment of a process says, as scripts of people do it."""
    found: dict[str, Any] = json.loads(os.environ[OPTIONS])
    return found


def said_in(path: Path) -> dict[str, Any]:
    """What a file says: a fork server has the environment of when it was started."""
    found: dict[str, Any] = json.loads(path.read_bytes())
    return found


@pytest.fixture
def project(s3: S3, tmp_path: Path) -> Any:
    bucket = s3.bucket()
    for number in range(8):
        file = io.BytesIO()
        Image.fromarray(np.full((32, 40, 3), 20 * number, np.uint8)).save(file, "PNG")
        bucket.write(f"{number}.png", file.getvalue())
    dataset = Dataset.open(f"{bucket.url}/*.png", progress=False, **bucket.options)
    with Project.create(tmp_path / "cars.db", dataset, ["car"], user="ana") as made:
        box = Rectangle(1, 2, 3, 4)
        made.add([Annotation(item_id=one, class_name="car", geometry=box) for one in dataset])
        yield made


def shades(pictures: Any, how: str) -> list[int]:
    loader = DataLoader(
        pictures,
        4,
        num_workers=2,
        multiprocessing_context=how,
        collate_fn=pictures.collate,
        timeout=90,
    )
    return [int(image.max()) for images, _ in loader for image in images]


def passes(pictures: Any, how: str) -> list[list[int]]:
    """Return the shades that two epochs of the same workers see."""
    loader = DataLoader(
        pictures,
        2,
        num_workers=2,
        multiprocessing_context=how,
        collate_fn=pictures.collate,
        persistent_workers=True,
        timeout=90,
    )
    return [[int(one.max()) for images, _ in loader for one in images] for _ in range(2)]


@pytest.mark.parametrize("how", ["fork", "forkserver"])
def test_workers_that_stay_see_every_picture_once_an_epoch(
    project: Project, s3: S3, tmp_path: Path, how: str
) -> None:
    path = tmp_path / "options.json"
    path.write_text(json.dumps(s3.options))
    known = partial(said_in, path)
    shades = [20 * number for number in range(8)]
    pictures = project.to_torch(states=None, storage_options=known)
    assert passes(pictures, how) == [shades] * 2
    stream = project.to_torch(states=None, storage_options=known, iterable=True, shuffle=True)
    for epoch in passes(stream, how):
        assert sorted(epoch) == shades
    for one in (pictures, stream):
        assert SECRET.encode() not in bytes(ForkingPickler.dumps(one))


@pytest.mark.parametrize(("how", "stream"), [("fork", False), ("spawn", True)])
def test_a_picture_that_is_broken_in_a_bucket_is_named(
    project: Project, s3: S3, monkeypatch: pytest.MonkeyPatch, how: str, stream: bool
) -> None:
    monkeypatch.setenv(OPTIONS, json.dumps(s3.options))
    url = str(project.dataset.items["urls"].iloc[5][0])
    s3.filesystem().pipe_file(url, s3.filesystem().cat_file(url)[:60])
    pictures = project.to_torch(states=None, storage_options=asked, iterable=stream)
    with pytest.raises(LabelwidgetsError) as caught:
        passes(pictures, how)
    assert url in str(caught.value)
    assert SECRET not in str(caught.value)


def test_forked_workers_know_the_keys_and_open_connections_of_their_own(project: Project) -> None:
    pictures = project.to_torch(states=None)
    _ = pictures[0], pictures.__getitems__([1, 2, 3])
    assert shades(pictures, "fork") == [20 * number for number in range(8)]
    assert int(pictures[2][0].max()) == 40, "and so does this process still"


def test_spawned_workers_ask_for_the_keys(
    project: Project, s3: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(OPTIONS, json.dumps(s3.options))
    pictures = project.to_torch(states=None, storage_options=asked)
    assert shades(pictures, "spawn") == [20 * number for number in range(8)]


def test_spawned_workers_are_not_told_the_keys(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What they try to reach instead is no server of ours.
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(SourceError) as caught:
        shades(project.to_torch(states=None), "spawn")
    assert SECRET not in str(caught.value)
