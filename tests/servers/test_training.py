"""Loaders of PyTorch over a bucket, in processes that know the keys and in some that do not."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from torch.utils.data import DataLoader

from labelwidgets.errors import SourceError
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
