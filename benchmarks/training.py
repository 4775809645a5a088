"""Loaders of PyTorch over S3 on this machine, beside plain reads of fsspec and decoding."""

from __future__ import annotations

import io
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from skimage import data
from torch.utils.data import DataLoader, Dataset

import labelwidgets as lw
from benchmarks.report import Report, main, ratio
from tests.servers.s3 import S3

COUNT = 400
BATCH = 8
SIZE = (640, 480)
TURNS = 5


class Plain(Dataset[Any]):
    """What one writes by hand: a file, decoded, as a tensor; no labels.

    Parameters
    ----------
    urls
        Of the pictures.
    options
        Of s3fs.
    together
        Whether the files of a batch are read beside each other.
    """

    def __init__(self, urls: Sequence[str], options: dict[str, Any], together: bool) -> None:
        self.urls, self.options = list(urls), options
        self._fs: Any = None
        if together:
            self.__getitems__ = self._several

    def __len__(self) -> int:
        return len(self.urls)

    def __getitem__(self, index: int) -> torch.Tensor:
        return _decoded(self._filesystem().cat_file(self.urls[index]))

    def _several(self, indices: list[int]) -> list[torch.Tensor]:
        urls = [self.urls[index] for index in indices]
        found = self._filesystem().cat(urls)
        return [_decoded(found[url.removeprefix("s3://")]) for url in urls]

    def _filesystem(self) -> Any:
        import s3fs

        # One of each process.
        if self._fs is None or self._fs[0] != os.getpid():
            self._fs = os.getpid(), s3fs.S3FileSystem(**self.options)
        return self._fs[1]


def _decoded(content: bytes) -> torch.Tensor:
    pixels = np.array(Image.open(io.BytesIO(content)).convert("RGB"))
    return torch.from_numpy(pixels).permute(2, 0, 1).contiguous()


def measure(report: Report) -> None:
    count = COUNT // 5 if report.quick else COUNT
    home = Path(tempfile.mkdtemp(prefix="lw"))
    server = S3(home)
    try:
        bucket = server.bucket()
        photos = [data.astronaut(), data.coffee(), data.chelsea(), data.rocket()]
        names = [f"{number:04}.jpg" for number in range(count)]
        for number, name in enumerate(names):
            file = io.BytesIO()
            Image.fromarray(photos[number % 4]).resize(SIZE).save(file, "JPEG", quality=90)
            bucket.write(name, file.getvalue())
        urls = [f"{bucket.url}/{name}" for name in names]
        dataset = lw.Dataset.open(f"{bucket.url}/*.jpg", progress=False, **bucket.options)
        ontology = lw.Ontology([lw.ObjectClass("thing")])
        with lw.Project.create(home / "things.db", dataset, ontology, user="ana") as project:
            items = list(dataset)
            project.add(
                [
                    lw.Annotation(item_id=item, class_name="thing", geometry=_box(at))
                    for item in items
                    for at in range(10)
                ]
            )
            ours = project.to_torch(states=None)
            _compare(report, ours, urls, bucket.options)
    finally:
        server.stop()


def _box(at: int) -> lw.Rectangle:
    return lw.Rectangle(10.0 * at, 20.0 + at, 100, 80)


def _compare(report: Report, ours: Any, urls: list[str], options: dict[str, Any]) -> None:
    table = report.table(
        f"A pass over {len(urls)} JPEGs of {SIZE[0]} x {SIZE[1]} on S3, in batches of {BATCH}",
        *("workers", "who", "pictures a second", "their time / ours"),
    )
    loaders = {
        "labelwidgets, with 10 boxes each": ours,
        "fsspec and Pillow, one by one, no labels": Plain(urls, options, together=False),
        "fsspec and Pillow, a batch at once, no labels": Plain(urls, options, together=True),
    }
    for workers in (0, 2):
        times: dict[str, list[float]] = {who: [] for who in loaders}
        for turn in range(TURNS + 1):
            # In turn, so that what else the machine does is shared; the first pass warms up.
            for who, pictures in loaders.items():
                took = _pass(pictures, workers)
                if turn:
                    times[who].append(took)
        middles = {who: statistics.median(found) for who, found in times.items()}
        for who, middle in middles.items():
            mine = middles["labelwidgets, with 10 boxes each"]
            table.add(workers, who, round(len(urls) / middle, 1), ratio(middle, mine))
    table.notes = [
        f"Medians of {TURNS} passes in turn. The server is moto on the same machine, which takes",
        "most of the time of each request. From 0.91 on our overhead is less than 10 %.",
    ]


def _pass(pictures: Any, workers: int) -> float:
    loader = DataLoader(pictures, BATCH, num_workers=workers, collate_fn=list)
    start = time.perf_counter()
    seen = sum(len(batch) for batch in loader)
    took = time.perf_counter() - start
    if seen != len(pictures):
        raise ValueError(f"{seen} pictures of {len(pictures)}.")
    return took


if __name__ == "__main__":
    main("training", measure)
