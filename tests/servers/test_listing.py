"""Buckets of real servers are listed page by page."""

from __future__ import annotations

import threading

import pytest

import labelwidgets as lw
from labelwidgets.media import pages
from tests.servers.storage import Storage

KEYS = [
    *(f"set/{number:03d}.png" for number in range(20)),
    "set/notes.txt",
    "set/sub/a b.png",
    "set/sub/.hidden.png",
    "set2/other.png",
]


@pytest.mark.parametrize("storage", ["s3", "azure", "gcs", "folder"], indirect=True)
def test_pages_are_those_of_the_store_and_together_all_there_is(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "SIZE", 7)
    sizes: list[int] = []
    listed = pages.pages

    def counted(fs: object, path: str) -> object:
        for page in listed(fs, path):
            sizes.append(len(page))
            yield page

    monkeypatch.setattr("labelwidgets.media.listing.pages", counted)
    bucket = storage.bucket()
    for key in KEYS:
        bucket.put(key, b"nothing of a picture")
    url = f"{bucket.url}/set"
    dataset = lw.Dataset.open(url, validate=False, progress=False, **bucket.options)
    assert dataset.listing.wait(60)
    titles = [*(f"{number:03d}.png" for number in range(20)), "a b.png"]
    assert list(dataset.items.title) == titles
    assert list(dataset.items.folder) == [""] * 20 + ["sub"]
    if storage.name in ("s3", "azure"):  # The emulator of Google gives everything at once.
        assert sizes == [7, 7, 7, 2]
    one = dataset.items.id.iloc[-1]
    assert dataset.read(one) == b"nothing of a picture"
    whole = lw.Dataset.open(url, validate=False, lazy=False, progress=False, **bucket.options)
    assert sorted(whole) == sorted(dataset)
    pattern = f"{bucket.url}/set/**/0*.png"
    some = lw.Dataset.open(pattern, validate=False, lazy=False, progress=False, **bucket.options)
    assert list(some.items.title) == titles[:20]


def test_a_stopped_listing_asks_the_store_no_more(
    s3: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "SIZE", 5)
    monkeypatch.setattr("labelwidgets.media.progress.SIZE", 5)
    bucket = s3.bucket()
    for number in range(30):
        bucket.put(f"{number:02d}.png", b"x")
    dataset = lw.Dataset.open(bucket.url, validate=False, progress=False, **bucket.options)
    dataset.listing.stop()
    assert dataset.listing.wait(60)
    assert 5 <= len(dataset) <= 30
    assert not any(one.name == "labelwidgets-listing" for one in threading.enumerate())
