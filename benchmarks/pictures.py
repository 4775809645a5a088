"""Pictures: what the browser gets, thumbnails, and opening a large folder."""

from __future__ import annotations

import io
import os
import tempfile
from pathlib import Path

from PIL import Image

import labelwidgets as lw
from benchmarks import surroundings
from benchmarks.report import Report, Table, main, ratio
from benchmarks.timing import timed

FILES = 10_000


def measure(report: Report) -> None:
    table = report.table("Pictures", "what", "ours, ms", "beside", "beside, ms", "beside / ours")
    _one_picture(surroundings.picture(), table)
    with tempfile.TemporaryDirectory(prefix="labelwidgets-bench-") as folder:
        count = FILES // 10 if report.quick else FILES
        _many(Path(folder), count, table)
    table.notes = [
        "The photograph is the JPEG of 4000 x 3000 pixels and 3.4 MB. Encoded is what the browser",
        "gets: a JPEG's own bytes, checked to be whole. The folder holds small JPEGs, warm in the",
        "disk's cache; both sides read each header's size.",
    ]


def _one_picture(path: Path, table: Table) -> None:
    data = path.read_bytes()
    dataset = lw.Dataset.open([str(path)])
    item = str(dataset.items["id"].iloc[0])

    def decode_and_encode() -> bytes:
        buffer = io.BytesIO()
        Image.open(path).save(buffer, "JPEG", quality=90)
        return buffer.getvalue()

    def plain_thumbnail() -> bytes:
        image = Image.open(io.BytesIO(data))
        image.thumbnail((128, 128))
        buffer = io.BytesIO()
        image.save(buffer, "JPEG")
        return buffer.getvalue()

    def our_thumbnail() -> bytes:
        # A dataset keeps thumbnails: a new one has none.
        return lw.Dataset.from_items(dataset.items).thumbnail(item, edge=128).data

    for name, ours, beside, other in (
        ("Dataset.encoded", lambda: dataset.encoded(item), "read the file", path.read_bytes),
        (
            "Dataset.encoded",
            lambda: dataset.encoded(item),
            "Pillow: decode, encode",
            decode_and_encode,
        ),
        ("Dataset.thumbnail, 128 px", our_thumbnail, "Pillow: thumbnail", plain_thumbnail),
    ):
        mine, theirs = timed(ours, 9).median, timed(other, 9).median
        table.add(name, mine, beside, theirs, ratio(theirs, mine))


def _many(folder: Path, count: int, table: Table) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(buffer, "JPEG")
    for number in range(count):
        place = folder / f"{number // 500:03}"
        place.mkdir(exist_ok=True)
        (place / f"{number:05}.jpg").write_bytes(buffer.getvalue())

    def headers() -> list[tuple[str, tuple[int, int]]]:
        found = []
        for parent, _, names in os.walk(folder):
            for name in names:
                path = os.path.join(parent, name)
                with Image.open(path) as image:
                    found.append((path, image.size))
        return found

    def walk() -> list[str]:
        return [
            os.path.join(parent, name) for parent, _, names in os.walk(folder) for name in names
        ]

    opened = len(lw.Dataset.open(str(folder)))
    if opened != count:
        raise AssertionError(f"{opened} of {count} files were found.")
    for name, ours, beside, other in (
        ("Dataset.open", lambda: lw.Dataset.open(str(folder)), "os.walk, Pillow headers", headers),
        (
            "Dataset.open, validate=False",
            lambda: lw.Dataset.open(str(folder), validate=False),
            "os.walk",
            walk,
        ),
    ):
        mine, theirs = timed(ours, 3).median, timed(other, 3).median
        table.add(f"{name}, {count:,} files", mine, beside, theirs, ratio(theirs, mine))


if __name__ == "__main__":
    main("pictures", measure)
