"""What opening and showing a series costs where each byte has to be fetched."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import fsspec
import numpy as np
import pytest

from labelwidgets.media import Dataset, DicomSeries
from tests.media.dicom.made import content, dataset

COUNT, SIZE = 12, 512
SLICE = SIZE * SIZE * 2


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    fs = fsspec.filesystem("memory")
    for number in range(COUNT):
        made = dataset(number * 2.0, number, rows=SIZE, columns=SIZE)
        noise = np.random.default_rng(number).integers(0, 4096, (SIZE, SIZE)).astype("<u2")
        made.PixelData = noise.tobytes()
        fs.pipe(f"/series/{(number * 5) % COUNT}.dcm", content(made))
    yield "memory://series"
    fs.rm("/series", recursive=True)


def cost(opened: Any) -> int:
    return int(opened.traffic["bytes"].sum())


def test_a_slice_is_shown_before_pixels_of_others_are_read(bucket: str) -> None:
    opened = Dataset.open(bucket, validate=False)
    item = opened.items.id[0]
    assert cost(opened) == 0
    volume = opened.volume(item)
    headers = cost(opened)
    # A block of 64 KiB a file, of which the headers are a few thousand bytes.
    assert headers <= COUNT * (1 << 16)
    opened.pixels(item, 7)
    assert cost(opened) - headers <= SLICE * 1.02
    before = cost(opened)
    volume.box((4, 0, 0), (6, SIZE, SIZE))
    assert cost(opened) - before <= 2 * SLICE * 1.02


def test_validating_reads_headers_alone(bucket: str) -> None:
    opened = Dataset.open(bucket)
    assert opened.items.metadata[0]["slices"] == COUNT
    assert cost(opened) <= COUNT * (1 << 16)
    assert opened.traffic.item_id.notna().all()


def test_order_is_that_of_space_not_of_names(bucket: str) -> None:
    series = DicomSeries(bucket)
    assert list(series.slices.instance_number) == list(range(COUNT))
    assert series.volume().shape == (COUNT, SIZE, SIZE)
