import threading

import fsspec
import numpy as np
import pytest
from fsspec.implementations.memory import MemoryFileSystem
from PIL import Image

import labelwidgets as lw
from labelwidgets.errors import ImageError, SourceError, StoreError
from labelwidgets.media import Dataset
from labelwidgets.media.pages import SIZE, pages
from tests.media.builders import gradient, save

PNG = save(Image.fromarray(gradient()), "PNG")
COUNT = 5 * SIZE + 17


class PagedFileSystem(MemoryFileSystem):
    """A bucket that speaks as s3fs does, a page at a time, once `turns` lets it."""

    protocol = "s3"
    store: dict = {}  # noqa: RUF012
    pseudo_dirs = [""]  # noqa: RUF012
    turns = threading.Semaphore(0)
    calls: list = []  # noqa: RUF012
    fails_at: int | None = None

    @classmethod
    def _strip_protocol(cls, path):
        return path.removeprefix("s3://").strip("/")

    def isdir(self, path):
        return not path.endswith(".png")

    def isfile(self, path):
        return path.endswith(".png")

    def cat_file(self, path, start=None, end=None, **kwargs):
        return PNG[start:end]

    def call_s3(self, method, Bucket, Prefix, MaxKeys, ContinuationToken="0"):  # noqa: N803
        assert method == "list_objects_v2"
        assert self.turns.acquire(timeout=60)
        start = int(ContinuationToken)
        self.calls.append(start)
        if self.fails_at == start:
            raise PermissionError("hunter2")
        keys = [f"{Prefix}{number:06d}.png" for number in range(start, min(start + MaxKeys, COUNT))]
        more = start + MaxKeys < COUNT
        token = {"NextContinuationToken": str(start + MaxKeys)} if more else {}
        return {"Contents": [{"Key": key} for key in keys], "IsTruncated": more, **token}


@pytest.fixture
def bucket(monkeypatch):
    def found(url, options):
        return fs

    PagedFileSystem.turns = threading.Semaphore(0)
    PagedFileSystem.calls.clear()
    PagedFileSystem.fails_at = None
    fs = PagedFileSystem(skip_instance_cache=True)
    monkeypatch.setattr(
        "labelwidgets.media.access.Access.locate",
        lambda self, url: (fs, _Location(url.removeprefix("s3://"))),
    )
    return PagedFileSystem


class _Location:
    protocol = "s3"

    def __init__(self, path):
        self.path = path

    def url_of(self, path):
        return f"s3://{path}"


def release(bucket, count):
    for _ in range(count):
        bucket.turns.release()


def test_the_first_page_of_a_bucket_is_usable_while_the_rest_is_listed(bucket):
    release(bucket, 1)
    dataset = Dataset.open("s3://b/set", validate=False)
    assert len(dataset) == SIZE
    assert not dataset.listing.done
    assert repr(dataset) == f"Dataset({SIZE} items: {SIZE} unchecked, more are being listed)"
    assert dataset.items.urls[0] == ["s3://b/set/000000.png"]
    assert dataset.read(dataset.items.id[0]) == PNG
    assert dataset.listing.wait(timeout=0.01) is False
    release(bucket, 9)
    assert dataset.listing.wait(timeout=60)
    assert len(dataset) == len(dataset.items) == dataset.listing.count == COUNT
    assert dataset.items.id.is_unique
    last = dataset.items.id.iloc[-1]
    assert dataset[last].title == f"{COUNT - 1:06d}.png"
    assert repr(dataset.listing) == f"Listing({COUNT:,} items, done)"


def test_not_lazy_waits_for_all_and_sorts(bucket):
    release(bucket, 9)
    dataset = Dataset.open("s3://b/set", validate=False, lazy=False)
    assert len(dataset) == COUNT
    assert dataset.listing.done


def test_a_project_takes_in_what_comes(bucket, tmp_path):
    release(bucket, 1)
    dataset = Dataset.open("s3://b/set", validate=False)
    with lw.Project.create(tmp_path / "p.db", dataset, ["car"]) as project:
        assert len(project.tasks) == SIZE
        task = project.session().next_task()
        assert task == project.tasks.id[0]
        release(bucket, 9)
        assert dataset.listing.wait(timeout=120)
        assert len(project.tasks) == COUNT
        assert list(project.tasks.item_id) == list(dataset.items.id)
        events = project.events
        counts = [made["count"] for made in events.payload[events.kind == "tasks"]]
        assert counts[0] == SIZE
        assert sum(counts) == COUNT
    again = Dataset.from_items(dataset.items)
    with lw.Project.create(tmp_path / "p.db", again, ["car"], exist_ok=True) as project:
        assert len(project.tasks) == COUNT


def test_a_closed_project_takes_in_no_more(bucket, tmp_path):
    release(bucket, 1)
    dataset = Dataset.open("s3://b/set", validate=False)
    lw.Project.create(tmp_path / "p.db", dataset, ["car"]).close()
    release(bucket, 9)
    assert dataset.listing.wait(timeout=60)
    with lw.Project.open(tmp_path / "p.db") as project:
        assert len(project.tasks) == SIZE


def test_a_store_that_fails_ends_the_listing_with_its_error(bucket, tmp_path, monkeypatch):
    release(bucket, 1)
    dataset = Dataset.open("s3://b/set", validate=False)
    with lw.Project.create(tmp_path / "p.db", dataset, ["car"]) as project:

        def full(*_):
            raise StoreError("is full.")

        monkeypatch.setattr(project.store, "add_items", full)
        release(bucket, 9)
        with pytest.raises(StoreError, match="is full"):
            dataset.listing.wait(timeout=60)
    assert "ended by StoreError: is full." in repr(dataset.listing)


def test_a_listing_can_be_stopped(bucket):
    release(bucket, 1)
    dataset = Dataset.open("s3://b/set", validate=False)
    dataset.listing.stop()
    release(bucket, 1)
    assert dataset.listing.wait(timeout=60)
    assert len(dataset) == SIZE
    assert bucket.calls in ([0], [0, SIZE])
    assert "stopped" in repr(dataset.listing)


def test_ctrl_c_while_waiting_stops_the_listing(bucket, monkeypatch):
    release(bucket, 1)
    dataset = Dataset.open("s3://b/set", validate=False)

    def interrupted(predicate, timeout=None):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(dataset.listing._changed, "wait_for", interrupted)
        with pytest.raises(KeyboardInterrupt):
            dataset.listing.wait()
    release(bucket, 9)
    assert dataset.listing.wait(timeout=60)
    assert len(dataset) == SIZE


def test_an_error_before_the_first_page_is_raised_and_a_later_one_is_told(bucket):
    bucket.fails_at = 0
    release(bucket, 1)
    with pytest.raises(
        SourceError, match=r"s3://b/set: may not be read \(PermissionError"
    ) as caught:
        Dataset.open("s3://b/set", validate=False)
    assert caught.value.__cause__ is None
    bucket.fails_at = 2 * SIZE
    release(bucket, 3)
    dataset = Dataset.open("s3://b/set", validate=False)
    for _ in range(2):
        with pytest.raises(SourceError, match="may not be read"):
            dataset.listing.wait(timeout=60)
    assert len(dataset) == 2 * SIZE
    assert "ended by SourceError" in repr(dataset.listing)


def test_lazy_pages_are_checked_too(tmp_path):
    for number in range(SIZE + 5):
        (tmp_path / f"{number}.png").write_bytes(PNG if number != 700 else b"broken")
    dataset = Dataset.open(tmp_path, lazy=True, errors="collect")
    assert dataset.listing.wait(timeout=120)
    assert len(dataset) == SIZE + 5
    assert dict(dataset.items.status.value_counts()) == {"ok": SIZE + 4, "failed": 1}
    assert len(dataset.errors) == 1
    with pytest.raises(ImageError):
        Dataset.open(tmp_path, lazy=True)


def test_a_small_folder_is_whole_at_once_though_lazy(tmp_path):
    for name in ("1.png", "2.png"):
        (tmp_path / name).write_bytes(PNG)
    dataset = Dataset.open(tmp_path, lazy=True, validate=False)
    assert len(dataset) == 2
    with pytest.raises(SourceError, match="holds no picture"):
        Dataset.open(tmp_path / "*.jpg", lazy=True, validate=False)


def test_pages_of_a_file_system_without_pages_are_its_folders():
    fs = fsspec.filesystem("memory")
    for number in range(3):
        fs.pipe(f"/paged/{number}/a.png", PNG)
    fs.pipe("/paged/b.png", PNG)
    found = list(pages(fs, "/paged"))
    assert found[0] == ["/paged/b.png"]
    assert [name for page in found[1:] for name in page] == [f"/paged/{n}/a.png" for n in range(3)]
    fs.rm("/paged", recursive=True)


def test_pages_of_google_are_asked_for_by_their_tokens():
    class Google:
        protocol = ("gs", "gcs")
        asked: list = []  # noqa: RUF012

        def call(self, method, path, bucket, **query):
            self.asked.append((method, path, bucket, query["prefix"], query["pageToken"]))
            if query["pageToken"] is None:
                return {"items": [{"name": "set/a.png"}, {"name": "set/"}], "nextPageToken": "t"}
            return {}

    fs = Google()
    assert list(pages(fs, "bucket/set")) == [["bucket/set/a.png"], []]
    first, second = fs.asked
    assert first == ("GET", "b/{}/o", "bucket", "set/", None)
    assert second[-1] == "t"


# What was checked before


@pytest.fixture
def reads(monkeypatch):
    from labelwidgets.media import validation

    seen = []
    real = validation.facts_of

    def counted(kind, url, access):
        seen.append(url.rpartition("/")[2])
        return real(kind, url, access)

    monkeypatch.setattr(validation, "facts_of", counted)
    return seen


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "set"
    place.mkdir()
    for number in range(6):
        (place / f"{number}.png").write_bytes(PNG)
    (place / "3.png").write_bytes(b"broken")
    return place


def test_what_a_dataset_has_checked_is_not_read_again(folder, reads):
    first = Dataset.open(folder, errors="collect")
    assert len(reads) == 6
    (folder / "6.png").write_bytes(PNG)
    reads.clear()
    for known in (first, first.items, Dataset.from_items(first.items)):
        again = Dataset.open(folder, errors="collect", known=known)
        assert sorted(reads) == ["3.png", "6.png"]
        reads.clear()
        assert list(again.items.status) == ["ok"] * 3 + ["failed"] + ["ok"] * 3
        assert again.items.metadata[0] == first.items.metadata[0]
    with pytest.raises(SourceError, match="known: has no column 'kind'"):
        Dataset.open(folder, known=first.items[["id"]])


def test_what_a_project_knows_need_not_be_checked(folder, reads, tmp_path):
    first = Dataset.open(folder, errors="collect")
    with lw.Project.create(tmp_path / "p.db", first, ["car"]) as project:
        reads.clear()
        Dataset.open(folder, errors="collect", known=project.dataset)
        assert reads == ["3.png"]
        # A listing without a look makes nobody forget what was seen.
        unseen = Dataset.open(folder, validate=False)
    with lw.Project.create(tmp_path / "p.db", unseen, ["car"], exist_ok=True) as project:
        items = project.store.items()
        assert list(items.status) == list(first.items.status)
        assert list(items.metadata) == list(first.items.metadata)


def test_an_interrupted_run_goes_on_where_it_stopped(folder, reads, tmp_path):
    journal = tmp_path / "checked.jsonl"
    with pytest.raises(ImageError, match=r"3\.png"):
        Dataset.open(folder, journal=journal)
    (folder / "3.png").write_bytes(PNG)
    reads.clear()
    dataset = Dataset.open(folder, journal=journal)
    assert set(dataset.items.status) == {"ok"}
    assert sorted(reads) == ["3.png", "4.png", "5.png"]
    reads.clear()
    again = Dataset.open(folder, journal=journal)
    assert reads == []
    assert list(again.items.metadata) == list(dataset.items.metadata)
    assert str(folder) not in journal.read_text()


def test_a_journal_that_was_cut_off_is_read_as_far_as_it_is_whole(folder, reads, tmp_path):
    journal = tmp_path / "checked.jsonl"
    (folder / "3.png").write_bytes(PNG)
    Dataset.open(folder, journal=journal)
    data = journal.read_bytes()
    lines = data.splitlines(keepends=True)
    for cut in (len(data) - 1, len(data) - 30, len(b"".join(lines[:3])) + 7, len(lines[0]), 5, 0):
        journal.write_bytes(data[:cut])
        reads.clear()
        if cut == 5:
            with pytest.raises(SourceError, match="is a file of another kind"):
                Dataset.open(folder, journal=journal)
            continue
        assert set(Dataset.open(folder, journal=journal).items.status) == {"ok"}
        whole = max(0, data[:cut].count(b"\n") - 1)
        assert len(reads) == 6 - whole
        assert sorted(journal.read_bytes().splitlines()) == sorted(data.splitlines())


def test_a_file_of_another_kind_is_no_journal_and_stays_as_it_is(folder, tmp_path):
    other = tmp_path / "notes.txt"
    other.write_text("my notes\n")
    with pytest.raises(SourceError, match=r"notes\.txt: is a file of another kind"):
        Dataset.open(folder, journal=other)
    assert other.read_text() == "my notes\n"
    with pytest.raises(SourceError, match="cannot be opened"):
        Dataset.open(folder, journal=tmp_path)
    with pytest.raises(SourceError, match="cannot be opened"):
        Dataset.open(folder, journal=tmp_path / "nowhere" / "j")


def test_jobs_bring_batch_and_priority_of_their_tasks(tmp_path):
    jobs = [
        {"image_url": "s3://b/1.png", "batch_id": "first", "priority_weight": 7},
        {"image_url": "s3://b/2.png"},
    ]
    dataset = Dataset.open(jobs[0], validate=False)
    with lw.Project.create(tmp_path / "p.db", dataset, ["car"]) as project:
        assert project.tasks.batch[0] == "first"
        assert project.tasks.priority[0] == 7
    np.testing.assert_array_equal(Dataset.open(jobs[1], validate=False).items.metadata[0], {})
