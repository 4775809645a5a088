"""Listing 100,000 files, and the first item that can be labelled."""

from __future__ import annotations

import io
import os
import resource
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import fsspec
from fsspec.implementations.memory import MemoryFileSystem
from PIL import Image

import labelwidgets as lw
from benchmarks import surroundings
from benchmarks.report import Report, Table, main, ratio
from labelwidgets.media import Dataset

COUNT = 100_000
FOLDERS = 100


def measure(report: Report) -> None:
    count = COUNT // 10 if report.quick else COUNT
    surroundings.WORK.mkdir(exist_ok=True)
    home = Path(tempfile.mkdtemp(prefix="listing-", dir=surroundings.WORK))
    try:
        source = home / "photos"
        _make(source, count)
        _listing(report, source, count)
        _labelling(report, home, source, count)
    finally:
        shutil.rmtree(home)


def _make(folder: Path, count: int) -> None:
    """Fill folders with small pictures."""
    made = io.BytesIO()
    Image.new("RGB", (8, 8)).save(made, "JPEG")
    for number in range(FOLDERS):
        (folder / f"f{number:03d}").mkdir(parents=True)
    for number in range(count):
        place = folder / f"f{number % FOLDERS:03d}" / f"{number:06d}.jpg"
        place.write_bytes(made.getvalue())


class BucketFileSystem(MemoryFileSystem):
    """A bucket on loopback: a thousand keys a request, each of which takes 20 ms."""

    protocol = "s3"
    count = COUNT
    calls = 0

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return path.removeprefix("s3://").strip("/")

    def isdir(self, path: str) -> bool:
        return not path.endswith(".jpg")

    def isfile(self, path: str) -> bool:
        return path.endswith(".jpg")

    def keys(self, start: int) -> list[str]:
        return [f"set/{number:06d}.jpg" for number in range(start, min(start + 1000, self.count))]

    def call_s3(self, method: str, **asked: Any) -> dict[str, Any]:
        """Answer as ``list_objects_v2`` does."""
        time.sleep(0.02)
        type(self).calls += 1
        start = int(asked.get("ContinuationToken", "0"))
        page: dict[str, Any] = {"Contents": [{"Key": key} for key in self.keys(start)]}
        if start + 1000 < self.count:
            page |= {"IsTruncated": True, "NextContinuationToken": str(start + 1000)}
        return page

    def find(self, path: str, **options: Any) -> dict[str, Any]:
        """List as s3fs does: all pages, with the details of each key, before the first name."""
        found: dict[str, Any] = {}
        for start in range(0, self.count, 1000):
            time.sleep(0.02)
            for key in self.keys(start):
                name = f"bucket/{key}"
                found[name] = {"Key": key, "name": name, "type": "file", "size": 9, "ETag": name}
        return found


def _listing(report: Report, source: Path, count: int) -> None:
    table = report.table(
        f"Listing {count:,} files", "who", "first item, s", "all, s", "s / ours", "peak, MB"
    )
    fsspec.register_implementation("s3", BucketFileSystem, clobber=True)
    BucketFileSystem.count = count
    ways: list[tuple[str, Callable[[], Iterator[None]]]] = [
        ("Dataset.open, local", lambda: _whole(str(source))),
        ("Path.rglob alone, local", lambda: _rglob(source)),
        ("Dataset.open, bucket", _lazily),
        ("fsspec find alone, bucket", _find),
    ]
    took: dict[str, float] = {}
    for name, way in ways:
        first, whole, peak = _in_child(way)
        took[name] = whole
        place = name.rpartition(", ")[2]
        beside = f"Dataset.open, {place}"
        table.add(name, first, whole, ratio(whole, took[beside]), peak)
    table.notes = [
        "Nothing is validated. Natural order on this machine, and an item with identity, kind,",
        "title and folder for each file; the others give names. A bucket gives a thousand keys a",
        "request, each of which takes 20 ms here. Peak is the whole process, the interpreter and",
        "its packages included.",
    ]


def _whole(source: str) -> Iterator[None]:
    dataset = Dataset.open(source, validate=False, progress=False)
    yield
    dataset.items  # noqa: B018 the frame is part of the work
    yield


def _rglob(source: Path) -> Iterator[None]:
    found = sorted(source.rglob("*.jpg"))
    yield
    if not found:
        raise RuntimeError("Nothing was found.")
    yield


def _lazily() -> Iterator[None]:
    dataset = Dataset.open("s3://bucket/set", validate=False, progress=False)
    dataset[next(iter(dataset))]
    yield
    dataset.listing.wait()
    dataset.items  # noqa: B018 the frame is part of the work
    yield


def _find() -> Iterator[None]:
    found = BucketFileSystem(skip_instance_cache=True).find("bucket/set")
    yield
    sorted(found)
    yield


def _in_child(way: Callable[[], Iterator[None]]) -> tuple[float, float, float]:
    """Return the seconds until the first item and until all is there, and the peak in MB.

    In a process of its own where that can be forked, so that each peak is its own.
    """
    receive, send = os.pipe()
    child = os.fork()
    if child == 0:
        began = time.perf_counter()
        steps = way()
        next(steps)
        first = time.perf_counter() - began
        next(steps)
        whole = time.perf_counter() - began
        os.write(send, f"{first} {whole} {_peak()}".encode())
        os._exit(0)
    os.close(send)
    with os.fdopen(receive) as answer:
        said = answer.read().split()
    os.waitpid(child, 0)
    first, whole, peak = (float(number) for number in said)
    return first, whole, peak


def _peak() -> float:
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


class _Steps:
    """Adds a row to a table for each step: how long it took, and since the beginning."""

    def __init__(self, table: Table, place: str) -> None:
        self._table, self._place = table, place
        self._began = self._last = time.perf_counter()

    def __call__(self, step: str) -> None:
        now = time.perf_counter()
        self._table.add(self._place, step, now - self._last, now - self._began)
        self._last = now


def _labelling(report: Report, home: Path, source: Path, count: int) -> None:
    table = report.table(
        f"From {count:,} files to the first picture", "where", "step", "s", "s since the start"
    )
    for place, url in (("local", str(source)), ("bucket", "s3://bucket/set")):
        done = _Steps(table, place)
        dataset = Dataset.open(url, validate=False, progress=False)
        done("Dataset.open")
        with lw.Project.create(home / f"{place}.db", dataset, ["car"]) as project:
            done("Project.create")
            task = project.session().next_task()
            done("the next task")
            dataset.listing.wait()
            done(f"all {len(project.tasks):,} tasks")
            if task != project.tasks["id"].iloc[0]:
                raise RuntimeError("The first task is not the first of the dataset.")
    table.notes = [
        "Until the next task is what a person waits for; a bucket goes on being listed, and the",
        f"project takes in what comes. Threads at the end: {threading.active_count()}.",
    ]


if __name__ == "__main__":
    main("listing", measure)
