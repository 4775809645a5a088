"""Archives as sources of a dataset, on this machine and elsewhere, with what they cost."""

import gzip
import random
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor

import fsspec
import numpy as np
import pytest
from PIL import Image

from labelwidgets.errors import LimitError, SourceError
from labelwidgets.media import Dataset, Limits
from labelwidgets.media.access import Access
from labelwidgets.media.ranges import AT_ONCE, fetch_ranges
from tests.media.archives.making import Counted, tarred, zipped
from tests.media.builders import gradient, noise, save
from tests.media.range_server import RangeServer

PNG = save(Image.fromarray(gradient()), "PNG")
PHOTOS = {
    f"{folder}{name}": save(Image.fromarray(noise(60, 80, 3, dtype=np.uint8, seed=n)), "PNG")
    for n, (folder, name) in enumerate(
        [("", "10.png"), ("", "2.png"), ("day 1/", "ü#?%20.png"), ("day 1/front/", "a.png")]
    )
}
ARCHIVES = {
    "photos.zip": zipped(PHOTOS.items()),
    "deflated.zip": zipped(PHOTOS.items(), zipfile.ZIP_DEFLATED),
    "photos.tar": tarred(PHOTOS.items()),
    "photos.tar.gz": tarred(PHOTOS.items(), "w:gz"),
    "photos.tgz": tarred(PHOTOS.items(), "w:gz"),
    "PHOTOS.ZIP": zipped(PHOTOS.items()),
}


@pytest.fixture(params=["local", "memory", "http"])
def home(request, tmp_path):
    """A place that the archives lie in: what it is called, and what to put there."""
    if request.param == "local":
        for name, data in ARCHIVES.items():
            (tmp_path / name).write_bytes(data)
        yield str(tmp_path)
    elif request.param == "memory":
        fs = fsspec.filesystem("memory")
        for name, data in ARCHIVES.items():
            fs.pipe(f"/archives/{name}", data)
        yield "memory://archives"
        fs.rm("/archives", recursive=True)
    else:
        with RangeServer(ARCHIVES).serving() as server:
            yield server.url


@pytest.mark.parametrize("name", ARCHIVES)
def test_photographs_are_read_where_they_lie_with_their_folders(home, name):
    dataset = Dataset.open(f"{home}/{name}", progress=False)
    kind = "zip" if name.lower().endswith("zip") else "tar"
    found = {}
    for item in dataset.items.itertuples():
        member = f"{item.folder}/{item.title}".lstrip("/")
        (url,) = item.urls
        assert url.startswith(f"{kind}://{member}::")
        assert item.metadata["width"] == 80
        found[member] = dataset.read(item.id)
    assert found == PHOTOS
    assert list(dataset.items.title)[:2] == ["2.png", "10.png"]


def test_a_dataset_made_of_its_items_reads_the_same_members(home):
    dataset = Dataset.open(f"{home}/photos.tar", validate=False)
    again = Dataset.from_items(dataset.items)
    assert [again.read(item) for item in again] == [dataset.read(item) for item in dataset]


@pytest.mark.parametrize(
    ("member", "titles"),
    [
        ("day 1", ["ü#?%20.png", "a.png"]),
        ("day 1/", ["ü#?%20.png", "a.png"]),
        ("*.png", ["2.png", "10.png"]),
        ("**/a.png", ["a.png"]),
        ("day 1/front/a.png", ["a.png"]),
        ("", ["2.png", "10.png", "ü#?%20.png", "a.png"]),
    ],
)
def test_a_folder_a_pattern_or_a_member_can_be_named(home, member, titles):
    dataset = Dataset.open(f"zip://{member}::{home}/photos.zip", progress=False)
    assert list(dataset.items.title) == titles


def test_members_stand_in_a_list_beside_other_files(tmp_path):
    (tmp_path / "a.zip").write_bytes(ARCHIVES["photos.zip"])
    (tmp_path / "b.png").write_bytes(PNG)
    dataset = Dataset.open([f"zip://2.png::{tmp_path}/a.zip", str(tmp_path / "b.png")])
    assert list(dataset.items.title) == ["2.png", "b.png"]
    assert dataset.pixels(dataset.items.id[0]).shape == (60, 80, 3)


def test_a_gzipped_picture_is_one_item(tmp_path):
    (tmp_path / "scan.png.gz").write_bytes(gzip.compress(PNG))
    dataset = Dataset.open(tmp_path / "scan.png.gz")
    assert dataset.items.urls[0] == [f"gzip://scan.png::{tmp_path}/scan.png.gz"]
    assert list(dataset.items.title) == ["scan.png"]
    assert dataset.read(dataset.items.id[0]) == PNG


def test_an_archive_in_a_folder_is_not_opened(tmp_path):
    (tmp_path / "a.zip").write_bytes(ARCHIVES["photos.zip"])
    (tmp_path / "b.png").write_bytes(PNG)
    assert list(Dataset.open(tmp_path).items.title) == ["b.png"]


def test_an_archive_in_an_archive_is_refused(tmp_path):
    outer = zipped([("inner.zip", ARCHIVES["photos.zip"]), ("a.png", PNG)])
    (tmp_path / "outer.zip").write_bytes(outer)
    assert list(Dataset.open(tmp_path / "outer.zip").items.title) == ["a.png"]
    with pytest.raises(SourceError, match="archive within an archive"):
        Dataset.open([f"zip://2.png::zip://inner.zip::{tmp_path}/outer.zip"])


def test_what_fails_is_listed_by_name_and_the_others_go_on(tmp_path):
    data = zipped([("../evil.png", PNG), ("good.png", PNG), ("broken.png", b"no picture")])
    (tmp_path / "a.zip").write_bytes(data)
    with pytest.raises(SourceError, match=r"member '\.\./evil\.png': has a path"):
        Dataset.open(tmp_path / "a.zip")
    dataset = Dataset.open(tmp_path / "a.zip", errors="collect")
    assert dict(zip(dataset.items.title, dataset.items.status, strict=True)) == {
        "good.png": "ok",
        "broken.png": "failed",
    }
    reasons = " ".join(dataset.errors.reason)
    assert "member '../evil.png': has a path with '..'" in reasons
    assert "zip://broken.png" in reasons


def test_a_member_that_is_not_there_is_named(tmp_path):
    (tmp_path / "a.zip").write_bytes(ARCHIVES["photos.zip"])
    with pytest.raises(SourceError, match=r"a\.zip, member 'no\.png': does not exist"):
        Dataset.open([f"zip://no.png::{tmp_path}/a.zip"])
    with pytest.raises(SourceError, match="does not exist"):
        Dataset.open([f"zip://no.png::{tmp_path}/b.zip"])


def test_limits_are_those_of_the_dataset(tmp_path):
    (tmp_path / "a.zip").write_bytes(ARCHIVES["photos.zip"])
    with pytest.raises(LimitError, match="at most 3 are allowed"):
        Dataset.open(tmp_path / "a.zip", limits=Limits(members=3))
    dataset = Dataset.open(tmp_path / "a.zip", validate=False, limits=Limits(file_bytes=1000))
    with pytest.raises(LimitError, match="at most 1000 are allowed"):
        dataset.read(dataset.items.id[0])


def test_the_index_is_read_once_however_many_threads_ask():
    place = Counted(ARCHIVES["photos.zip"])
    access = Access()
    begun = threading.Barrier(8)
    access._bare = lambda url: place  # type: ignore[method-assign]

    def read(_):
        begun.wait(20)
        return access.read("zip://2.png::/data/archive")

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(read, range(8))) == [PHOTOS["2.png"]] * 8
    # The directory, and each member in one request.
    assert len(place.log) == 1 + 8


@pytest.mark.parametrize("name", ["photos.zip", "deflated.zip", "photos.tar", "photos.tar.gz"])
def test_the_traffic_is_what_the_server_sent(name):
    with RangeServer(ARCHIVES).serving() as server:
        dataset = Dataset.open(f"{server.url}/{name}", validate=False, progress=False)
        index = dataset.traffic
        assert list(index.item_id) == [None]
        for item in dataset:
            dataset.read(item)
        sent, asked = server.settled()
        traffic = dataset.traffic
        assert traffic.bytes.sum() == pytest.approx(sent, abs=len(ARCHIVES))
        assert traffic.requests.sum() == asked
        assert set(traffic.item_id) == {None, *dataset}
        assert traffic.set_index("item_id").loc[list(dataset), "requests"].tolist() == [1] * 4


def test_the_traffic_of_plain_files_is_what_the_server_sent():
    with RangeServer(PHOTOS | {"bad.png": b"no picture"}).serving() as server:
        names = ["2.png", "10.png", "bad.png"]
        dataset = Dataset.open(
            [f"{server.url}/{name}" for name in names], errors="collect", progress=False
        )
        items = list(dataset)
        dataset.read(items[0])
        dataset.pixels(items[1])
        dataset.thumbnail(items[1])
        sent, asked = server.settled()
        traffic = dataset.traffic.set_index("item_id")
        assert (traffic.bytes.sum(), traffic.requests.sum()) == (sent, asked)
        for name, item in zip(names, items, strict=True):
            own = [entry for entry in server.log if entry["name"] == name]
            assert traffic.requests[item] == len(own)
            assert traffic.bytes[item] == sum(entry["sent"] for entry in own)


class TestRanges:
    def test_they_come_in_the_order_asked_for_with_neighbours_as_one(self):
        data = random.Random(2).randbytes(100_000)
        place = Counted(data)
        ranges = [(90_000, 91_000), (10, 20), (15, 40), (50, 60), (99_990, 100_100), (5, 5)]
        assert fetch_ranges(place, ranges, gap=20) == [data[a:b] for a, b in ranges]
        assert sorted(place.log) == [(5, 60), (90_000, 91_000), (99_990, 100_000)]

    def test_they_are_read_beside_each_other_but_not_all_at_once(self):
        with RangeServer({"a": bytes(10_000_000)}).serving() as server:
            server.latency = 0.05
            access = Access()
            with access.traffic.of("item"):
                ranges = [(n * 100_000, n * 100_000 + 10) for n in range(60)]
                found = access.read_ranges(f"{server.url}/a", ranges)
            assert found == [bytes(10)] * 60
            assert 4 <= server.most_at_once <= AT_ONCE
            assert access.traffic.frame().values.tolist() == [["item", 60, 600]]

    def test_an_error_in_one_is_raised(self):
        with RangeServer({}).serving() as server, pytest.raises(SourceError, match="not exist"):
            Access().read_ranges(f"{server.url}/a", [(0, 10), (100_000, 100_010)])

    def test_none_is_none(self):
        assert fetch_ranges(Counted(b""), []) == []


def test_headers_of_many_remote_files_come_beside_each_other():
    with RangeServer({f"{n}.png": PNG for n in range(100)}).serving() as server:
        server.latency = 0.05
        urls = [f"{server.url}/{n}.png" for n in range(100)]
        dataset = Dataset.open(urls, progress=False)
        assert (dataset.items.status == "ok").all()
        assert len(server.log) == 100
        assert 8 <= server.most_at_once <= 64
