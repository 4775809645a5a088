"""Superpixels of many photos: by hand, here, and on a Dask cluster of one and of two workers."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from skimage import data, transform

import labelwidgets as lw
from benchmarks import surroundings
from benchmarks.report import Report, main, ratio
from labelwidgets.algorithms import label_runs, superpixels
from labelwidgets.scale import superpixels_ahead

SIZE = 32
PHOTO = (480, 640)


def measure(report: Report) -> None:
    """Time the same job on one and on two workers."""
    from distributed import Client, LocalCluster

    count = 100 if report.quick else 1000
    table = report.table(
        f"Superpixels of {count:,} photos of {PHOTO[1]} x {PHOTO[0]}, read from a bucket's files",
        *("where", "seconds", "photos a second", "one worker / this"),
    )
    with tempfile.TemporaryDirectory(dir=surroundings.WORK) as home:
        dataset = _photos(Path(home), count)

        def ahead(**options: object) -> Callable[[], None]:
            def run() -> None:
                out = Path(home) / "out"
                superpixels_ahead(dataset, out, SIZE, batch=25, **options)
                shutil.rmtree(out)

            return run

        by_hand = _timed(lambda: _loop(dataset))
        rows = [("a loop of ours over the same pictures, one process", by_hand)]
        one = 0.0
        for workers in (1, 2):
            with (
                LocalCluster(
                    n_workers=workers,
                    threads_per_worker=1,
                    host="127.0.0.1",
                    dashboard_address=None,
                ) as cluster,
                Client(cluster) as client,
            ):
                # The first piece loads what a worker needs.
                _timed(ahead(client=client, items=dataset.items["id"].tolist()[: 25 * workers]))
                seconds = _timed(ahead(client=client))
                one = seconds if workers == 1 else one
                rows.append((f"Dask, {workers} worker{'s' * (workers > 1)}", seconds))
        for where, seconds in rows:
            table.add(where, seconds, count / seconds, ratio(one, seconds))
    table.notes = [
        "Read, computed and written as Parquet; the loop writes nothing. Results are those of the",
        "serial run to the last pixel (tests/servers/test_scale.py).",
    ]


def _timed(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def _photos(home: Path, count: int) -> lw.Dataset:
    photo = transform.resize(data.astronaut(), PHOTO, preserve_range=True).astype(np.uint8)
    for number in range(count):
        shifted = np.roll(photo, (number * 7, number * 13), (0, 1))
        Image.fromarray(shifted).save(home / f"{number:04d}.jpg", quality=90)
    return lw.Dataset.open(str(home / "*.jpg"))


def _loop(dataset: lw.Dataset) -> None:
    for item in dataset.items["id"]:
        pixels = dataset.pixels(item)
        label_runs(superpixels(pixels, pixels.shape[0] * pixels.shape[1] // SIZE**2))


if __name__ == "__main__":
    main("scale", measure)
