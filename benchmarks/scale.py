"""Long jobs: superpixels, pre-labels and masks of many photos, here and on workers, one and two."""

from __future__ import annotations

import shutil
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image
from skimage import data, transform

import labelwidgets as lw
from benchmarks import surroundings
from benchmarks.report import Report, main, ratio
from labelwidgets.algorithms import label_runs, superpixels
from labelwidgets.scale import superpixels_ahead

SIZE = 32
PHOTO = (480, 640)
MASK = (1080, 1920)


def measure(report: Report) -> None:
    """Time the same jobs on one and on two workers."""
    surroundings.WORK.mkdir(exist_ok=True)
    _superpixels(report)
    _predictions(report)
    _masks(report)


def _superpixels(report: Report) -> None:
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
            with _cluster(workers) as client:
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


def _predictions(report: Report) -> None:
    count = 24 if report.quick else 400
    table = report.table(
        f"project.predict over {count:,} photos of {PHOTO[1]} x {PHOTO[0]}, a model of numpy",
        *("where", "seconds", "photos a second", "one worker / this"),
    )
    model = lw.assistant(busy, name="busy", version="1")
    ontology = lw.Ontology([lw.ObjectClass("bright", tool="polygon")])
    with tempfile.TemporaryDirectory(dir=surroundings.WORK) as home:
        dataset = _photos(Path(home), count)

        def predict(**options: Any) -> float:
            file = Path(home) / "labels.db"
            with lw.Project.create(file, dataset, ontology, user="ana") as project:
                seconds = _timed(lambda: project.predict(model, progress=False, **options))
            for part in Path(home).glob("labels.db*"):
                part.unlink()
            return seconds

        rows = [
            ("the model alone, in a loop", _timed(lambda: _ask(dataset))),
            ("this kernel", predict()),
            ("1 process", predict(workers=1)),
            ("2 processes", predict(workers=2)),
        ]
        one = 0.0
        for workers in (1, 2):
            with _cluster(workers) as client:
                predict(client=client)
                seconds = predict(client=client)
            one = one or seconds
            rows.append((f"Dask, {workers} worker{'s' * (workers > 1)}", seconds))
        for where, seconds in rows:
            table.add(where, seconds, count / seconds, ratio(one, seconds))
    table.notes = [
        "Read, asked, checked, thinned to outlines and written to SQLite as one gesture. Processes",
        "are started in that time, the clusters before. The labels are the same.",
    ]


def busy(pixels: Any) -> Any:
    """Return what is brighter than its surroundings, by much arithmetic on one core."""
    from scipy.ndimage import gaussian_filter

    grey = pixels.mean(axis=-1)
    for _ in range(4):
        grey = gaussian_filter(grey, 16)
    return grey > np.quantile(grey, 0.95)


def _ask(dataset: lw.Dataset) -> None:
    for item in dataset.items["id"]:
        busy(dataset.pixels(item))


def _masks(report: Report) -> None:
    count = 48 if report.quick else 1000
    table = report.table(
        f"{count:,} masks of {MASK[1]} x {MASK[0]} pixels, 20 objects each",
        *("where", "seconds", "pictures a second", "one worker / this"),
    )
    labels, items = _objects(count)
    ontology = lw.Ontology([lw.ObjectClass("car")])

    def export(**options: Any) -> float:
        with tempfile.TemporaryDirectory(dir=surroundings.WORK) as out:
            return _timed(
                lambda: lw.formats.write(
                    labels,
                    f"file://{out}/masks",
                    "masks",
                    items=items,
                    ontology=ontology,
                    **options,
                )
            )

    with warnings.catch_warnings():
        # What lies under later objects.
        warnings.simplefilter("ignore")
        rows = [("this kernel", export()), ("2 processes", export(workers=2))]
        one = 0.0
        for workers in (1, 2):
            with _cluster(workers) as client:
                export(client=client)
                seconds = export(client=client)
            one = one or seconds
            rows.append((f"Dask, {workers} worker{'s' * (workers > 1)}", seconds))
    for where, seconds in rows:
        table.add(where, seconds, count / seconds, ratio(one, seconds))
    table.notes = ["Into a folder of this machine: workers send back what they made."]


def _objects(count: int) -> tuple[list[lw.Annotation], pd.DataFrame]:
    draw = np.random.default_rng(0)
    ids = [f"i{number}" for number in range(count)]
    corners = draw.uniform(0, 0.7, (count, 20, 2)) * np.array(MASK[::-1])
    labels = [
        lw.Annotation(
            item_id=item,
            class_name="car",
            geometry=lw.Polygon([[[(x, y), (x + 150, y + 20), (x + 90, y + 130)]]]),
        )
        for item, some in zip(ids, corners.tolist(), strict=True)
        for x, y in some
    ]
    size = {"width": MASK[1], "height": MASK[0]}
    return labels, pd.DataFrame(
        {
            "id": ids,
            "kind": "image",
            "title": ids,
            "folder": "",
            "urls": [[f"{item}.jpg"] for item in ids],
            "metadata": [size] * count,
            "status": "ok",
            "trusted": True,
        }
    )


@contextmanager
def _cluster(workers: int) -> Iterator[Any]:
    from distributed import Client, LocalCluster

    with (
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address=None,
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


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
