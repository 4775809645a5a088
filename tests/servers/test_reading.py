"""Reading by range from real servers: what it costs, and what has changed meanwhile."""

from __future__ import annotations

import random

import pytest

from labelwidgets.errors import SourceError
from labelwidgets.media import Dataset
from labelwidgets.media.access import Access
from tests.media.archives.making import tarred, zipped
from tests.servers.storage import Storage

NOISE = random.Random(3).randbytes(400_000)
MEMBERS = [(f"photos/{n}.jpg", NOISE) for n in range(60)]


@pytest.mark.parametrize("storage", ["s3", "azure", "gcs", "web"], indirect=True)
@pytest.mark.parametrize(("kind", "make"), [("zip", zipped), ("tar", tarred)])
def test_a_member_of_an_archive_costs_its_bytes_and_the_index(storage: Storage, kind, make) -> None:
    bucket = storage.bucket()
    bucket.write(f"photos.{kind}", make(MEMBERS))
    dataset = Dataset.open(
        f"{bucket.url}/photos.{kind}", validate=False, progress=False, **bucket.options
    )
    assert len(dataset) == len(MEMBERS)
    item = list(dataset)[40]
    assert dataset.read(item) == NOISE
    traffic = dataset.traffic
    assert traffic.bytes.sum() <= 1.3 * len(NOISE) + 256_000
    assert traffic.set_index("item_id").requests[item] == 1


@pytest.mark.parametrize("storage", ["s3"], indirect=True)
def test_an_object_that_was_replaced_between_two_ranges_is_refused(storage: Storage) -> None:
    bucket = storage.bucket()
    bucket.write("a.bin", NOISE)
    place = Access(bucket.options).place(f"{bucket.url}/a.bin")
    assert place.size() == len(NOISE)
    assert place.fetch(0, 100) == NOISE[:100]
    bucket.write("a.bin", NOISE[::-1])
    with pytest.raises(SourceError, match="was changed while it was read"):
        place.fetch(100, 200)


@pytest.mark.parametrize("storage", ["s3", "azure", "gcs", "web"], indirect=True)
def test_reading_ahead_is_one_request_a_picture(storage: Storage) -> None:
    bucket = storage.bucket()
    for number in range(3):
        bucket.write(f"{number}.bin", NOISE)
    access = Access(bucket.options)
    with access.traffic.of("all"):
        for number in range(3):
            assert access.read(f"{bucket.url}/{number}.bin") == NOISE
    assert access.traffic.frame().values.tolist() == [["all", 3, 3 * len(NOISE)]]
