"""Reading and listing: little, bounded, and with errors that name the file."""

import io
import os
import sys

import fsspec
import numpy as np
import pytest
from fsspec.implementations.memory import MemoryFileSystem
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from labelwidgets.errors import ImageError, LimitError, MissingExtraError, SourceError
from labelwidgets.media import Dataset, Limits, open_image
from labelwidgets.media.access import Access
from labelwidgets.media.listing import list_files, natural
from labelwidgets.media.range_file import HEADERS, Plan, RangeFile
from labelwidgets.media.sources import reported
from labelwidgets.media.validation import header_of
from tests.media.builders import exif, gradient, noise, save, tiff_claiming

RGB = gradient()
PNG = save(Image.fromarray(RGB), "PNG")
SECRET = "hunter2"  # noqa: S105
AT = {"endpoint_url": "https://h"}


class CountingFileSystem(MemoryFileSystem):
    """Memory that counts the bytes of every range and file that was asked for."""

    protocol = "counting"
    store: dict = {}  # noqa: RUF012
    pseudo_dirs = [""]  # noqa: RUF012
    fetched: list = []  # noqa: RUF012
    opened: list = []  # noqa: RUF012

    @classmethod
    def _strip_protocol(cls, path):
        return "/" + path.removeprefix(f"{cls.protocol}://").strip("/")

    def cat_file(self, path, start=None, end=None, **kwargs):
        data = super().cat_file(path, start=start, end=end, **kwargs)
        self.fetched.append(len(data))
        return data

    def open(self, path, mode="rb", **kwargs):
        if mode == "rb":
            self.opened.append(path)
        return super().open(path, mode, **kwargs)


class BrokenFileSystem(MemoryFileSystem):
    """A bucket in which each folder is broken in its own way."""

    protocol = "broken"
    store: dict = {}  # noqa: RUF012
    failures = {  # noqa: RUF012
        "denied": PermissionError("Access Denied for key hunter2?X-Amz-Signature=hunter2"),
        "gone": FileNotFoundError("nothing"),
        "slow": TimeoutError("hunter2"),
        "odd": RuntimeError("GET https://h/?sig=hunter2 said 503"),
        "net": OSError("connection reset"),
    }

    def __init__(self, **options):
        super().__init__()

    @classmethod
    def _strip_protocol(cls, path):
        return "/" + path.removeprefix(f"{cls.protocol}://").strip("/")

    def _fail(self, path):
        raise self.failures[path.strip("/").split("/")[0]]

    def cat_file(self, path, start=None, end=None, **kwargs):
        self._fail(path)

    def info(self, path, **kwargs):
        self._fail(path)

    def isdir(self, path):
        return not path.endswith(".jpg")

    def find(self, path, **kwargs):
        self._fail(path)

    def glob(self, path, **kwargs):
        self._fail(path)


@pytest.fixture(autouse=True)
def _protocols():
    fsspec.register_implementation("counting", CountingFileSystem, clobber=True)
    fsspec.register_implementation("broken", BrokenFileSystem, clobber=True)
    CountingFileSystem.fetched.clear()
    CountingFileSystem.opened.clear()
    CountingFileSystem.store.clear()


@pytest.fixture
def memory():
    fs = fsspec.filesystem("memory")
    fs.store.clear()
    fs.pseudo_dirs[:] = [""]
    yield fs
    fs.store.clear()
    fs.pseudo_dirs[:] = [""]


def names(source, **options):
    def fail(path, error):
        raise error

    pages = list_files(source, Access(options), fail)
    return [
        (found.folder, found.url.rpartition("/")[2])
        for found in sorted((one for page in pages for one in page), key=natural)
    ]


def put(folder, *paths, data=PNG):
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)


def test_a_folder_is_searched_through_in_natural_order(tmp_path):
    put(
        tmp_path, "b10.JPG", "b9.jpeg", "B2.png", "z/1.tif", "z/y/2.webp", "a/10/x.gif", "a/9/x.bmp"
    )
    put(tmp_path, "notes.txt", "noext", ".hidden.png", ".ipynb_checkpoints/b9-checkpoint.jpg")
    (tmp_path / "folder.jpg").mkdir()
    put(tmp_path, "folder.jpg/inside.png")
    assert names(tmp_path) == [
        ("", "B2.png"),
        ("", "b9.jpeg"),
        ("", "b10.JPG"),
        ("a/9", "x.bmp"),
        ("a/10", "x.gif"),
        ("folder.jpg", "inside.png"),
        ("z", "1.tif"),
        ("z/y", "2.webp"),
    ]


def test_links_are_followed_once(tmp_path):
    put(tmp_path, "data/a.png", "other/b.png")
    (tmp_path / "data" / "loop").symlink_to(tmp_path / "data")
    (tmp_path / "data" / "more").symlink_to(tmp_path / "other")
    assert names(tmp_path / "data") == [("", "a.png"), ("more", "b.png")]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.png", [("", "1.png")]),
        ("**/*.png", [("", "1.png"), ("x", "2.png"), ("x/y", "3.png")]),
        ("x/**", [("", "2.png"), ("y", "3.png")]),
        ("?/[0-9].png", [("x", "2.png")]),
    ],
)
def test_patterns(tmp_path, memory, pattern, expected):
    put(tmp_path, "1.png", "x/2.png", "x/y/3.png", "x/y/notes.txt")
    for path in ("1.png", "x/2.png", "x/y/3.png", "x/y/notes.txt"):
        memory.pipe(f"/set/{path}", PNG)
    (tmp_path / "x" / "folder.png").mkdir()
    assert names(f"{tmp_path}/{pattern}") == expected
    assert names(f"memory://set/{pattern}") == expected


def test_a_name_that_looks_like_a_pattern_is_a_name(tmp_path, memory):
    put(tmp_path, "photo[1].png", "photo1.png")
    memory.pipe("/photo[1].png", PNG)
    assert names(tmp_path / "photo[1].png") == [("", "photo[1].png")]
    assert names("memory://photo[1].png") == [("", "photo[1].png")]


def test_a_bucket_is_listed_like_a_folder(memory):
    for path in ("10.png", "9.png", "sub/a.jpg", "sub/.b.jpg", "readme.md"):
        memory.pipe(f"/set/{path}", PNG)
    assert names("memory://set") == [("", "9.png"), ("", "10.png"), ("sub", "a.jpg")]
    assert names("memory://set/9.png") == [("", "9.png")]
    dataset = Dataset.open("memory://set")
    assert [len(dataset.read(item)) for item in dataset] == [len(PNG)] * 3
    np.testing.assert_array_equal(open_image("memory://set/9.png"), RGB)


def test_an_empty_listing_says_so(tmp_path, memory):
    for source in (tmp_path, f"{tmp_path}/*.png", "memory://nothing/*.png"):
        with pytest.raises(SourceError, match="holds no picture"):
            names(source)


def test_a_folder_that_may_not_be_read_is_told(tmp_path, monkeypatch):
    put(tmp_path, "a.png", "closed/b.png")
    scandir = os.scandir

    def guarded(path):
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", guarded)
    with pytest.raises(SourceError, match=r"closed: cannot be listed \(Permission denied\)"):
        Dataset.open(tmp_path)
    dataset = Dataset.open(tmp_path, errors="collect")
    assert list(dataset.items.title) == ["a.png"]
    assert "cannot be listed" in dataset.errors.reason[0]
    assert dataset.errors.row.isna().all()


def test_names_that_are_not_unicode_are_told(tmp_path):
    put(tmp_path, "a.png")
    try:
        with open(os.fsencode(tmp_path) + b"/caf\xe9.png", "wb") as file:
            file.write(PNG)
    except OSError:
        pytest.skip("this file system takes Unicode names only")
    with pytest.raises(SourceError, match="not Unicode"):
        Dataset.open(tmp_path)
    dataset = Dataset.open(tmp_path, errors="collect")
    assert len(dataset) == 1
    assert "not Unicode" in dataset.errors.reason[0]
    dataset.errors.to_csv(io.StringIO())


def test_a_header_costs_one_range():
    fs = fsspec.filesystem("counting")
    big = save(Image.fromarray(noise(300, 400, 3, dtype="u1")), "PNG")
    assert len(big) > 3 * HEADERS.block
    fs.pipe("/big.png", big)
    CountingFileSystem.fetched.clear()
    header = header_of("counting://big.png", Access())
    assert (header.width, header.height) == (400, 300)
    assert CountingFileSystem.fetched == [HEADERS.block]
    assert CountingFileSystem.opened == []


@pytest.mark.parametrize("kind", ["TIFF", "WEBP", "JPEG"])
def test_a_header_that_lies_far_behind_is_found(kind):
    fs = fsspec.filesystem("counting")
    image = Image.fromarray(noise(300, 400, 3, dtype="u1"))
    if kind == "TIFF":
        head = save(image, "TIFF")
        layout_at = int.from_bytes(head[4:8], "little")
        moved = len(head)
        data = head[:4] + moved.to_bytes(4, "little") + head[8:] + head[layout_at : layout_at + 600]
    elif kind == "JPEG":
        data = save(image, "JPEG")
        filler = b"\xff\xe5\xff\xff" + bytes(0xFFFD)
        data = data[:2] + filler * 3 + data[2:]
    else:
        data = save(image, "WEBP", lossless=True, exif=exif(6))
    assert len(data) > HEADERS.block
    fs.pipe("/far.img", data)
    header = header_of("counting://far.img", Access())
    expected = (300, 400) if kind == "WEBP" else (400, 300)
    assert (header.width, header.height, header.format) == (*expected, kind)


class BytesPlace:
    """A file in memory that remembers what was fetched."""

    url = "memory://file"

    def __init__(self, data):
        self.data, self.fetched = data, []

    def size(self):
        self.fetched.append("size")
        return len(self.data)

    def fetch(self, start, stop):
        self.fetched.append((start, stop))
        return self.data[start:stop]


def test_a_range_file_is_like_the_file():
    data = bytes(range(256)) * 4
    place = BytesPlace(data)
    with RangeFile(place, Plan(block=100, kept=3)) as file:
        assert file.read(50) == data[:50]
        assert file.seek(90) == 90
        assert file.read(10) == data[90:100]
        assert place.fetched == [(0, 100)]
        assert file.read(205) == data[100:305]
        assert place.fetched == [(0, 100), (100, 400)]
        assert file.tell() == 305
        assert file.seek(-6, io.SEEK_END) == len(data) - 6
        assert file.read(100) == data[-6:]
        assert place.fetched[2:] == ["size", (1000, 1100)]
        assert file.seek(0) == 0
        assert file.read() == data
        assert file.read(1) == b""
        with pytest.raises(ValueError, match="negative"):
            file.seek(-1)


@given(
    data=st.binary(max_size=300),
    block=st.integers(1, 40),
    kept=st.integers(1, 6),
    steps=st.lists(st.tuples(st.integers(0, 320), st.integers(-1, 320)), max_size=12),
)
def test_any_reading_of_a_range_file_is_as_of_the_file(data, block, kept, steps):
    with RangeFile(BytesPlace(data), Plan(block, kept)) as file, io.BytesIO(data) as plain:
        for position, count in steps:
            assert file.seek(position) == plain.seek(position)
            assert file.read(count) == plain.read(count)
            assert file.tell() == plain.tell()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("broken://denied/a.jpg", "may not be read"),
        ("broken://gone/a.jpg", "does not exist"),
        ("broken://slow/a.jpg", "did not answer in time"),
        ("broken://odd/a.jpg", "cannot be read"),
        ("broken://net/a.jpg", "connection reset"),
        ("memory://nowhere/a.jpg", "does not exist"),
    ],
)
def test_a_bucket_that_cannot_be_read(url, words):
    for attempt in (
        lambda: open_image(url, password=SECRET) if url[0] == "b" else open_image(url),
        lambda: header_of(url, Access()),
        lambda: Dataset.open([url]),
    ):
        with pytest.raises(SourceError, match=words) as caught:
            attempt()
        assert str(caught.value).startswith(url)
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__
        assert f"sig={SECRET}" not in str(caught.value)
        assert f"Signature={SECRET}" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "family", "name", "said", "hint"),
    [
        ("s3://b/a", "botocore.exceptions", "EndpointConnectionError", AT, "endpoint_url"),
        ("s3://b/a", "botocore.exceptions", "ReadTimeoutError", AT, "endpoint_url"),
        ("s3://b/a", "botocore.exceptions", "ProfileNotFound", {"profile": "p"}, "the storage"),
        ("s3://b/a", "builtins", "ValueError", "Invalid endpoint: h:9000", "begins with https://"),
        ("s3://b/a", "builtins", "TypeError", "an unexpected keyword argument 'k'", "spelling"),
        ("https://h/a", "aiohttp", "ServerDisconnectedError", "gone", "address and the network"),
        ("ftp://h/a", "builtins", "ConnectionRefusedError", "no", "address and the network"),
    ],
)
def test_a_server_that_is_not_reached_or_not_asked_rightly_has_a_way_out(
    url, family, name, said, hint
):
    kind = getattr(pytest.importorskip(family), name)
    error = kind(**said) if isinstance(said, dict) else kind(said)
    with pytest.raises(SourceError) as caught, reported(url):
        raise error
    assert hint in str(caught.value.hint)


@pytest.mark.parametrize("folder", ["denied", "slow", "odd"])
def test_a_bucket_that_cannot_be_listed(folder):
    for source in (f"broken://{folder}/", f"broken://{folder}/*.jpg"):
        with pytest.raises(SourceError, match=f"broken://{folder}"):
            Dataset.open(source, errors="collect")


def test_an_unknown_protocol_is_named():
    with pytest.raises(SourceError, match="teleport"):
        open_image("teleport://box/a.jpg")


def test_a_missing_package_is_named(monkeypatch):
    def missing(protocol, **options):
        raise ImportError("Install s3fs to access S3")

    monkeypatch.setattr(fsspec, "filesystem", missing)
    with pytest.raises(MissingExtraError, match="Install s3fs"):
        open_image("s3://bucket/a.jpg")


def test_an_empty_file_far_away(memory):
    memory.pipe("/empty.png", b"")
    with pytest.raises(ImageError, match="is empty"):
        open_image("memory://empty.png")
    with pytest.raises(ImageError, match="is empty"):
        Dataset.open("memory://empty.png")


def test_an_empty_object_whose_store_refuses_ranges(monkeypatch, memory):
    memory.pipe("/empty.png", b"")

    def refuse(self, path, start=None, end=None, **kwargs):
        raise OSError("416 Requested Range Not Satisfiable")

    monkeypatch.setattr(MemoryFileSystem, "cat_file", refuse)
    assert Access().read("memory://empty.png") == b""


def test_a_remote_folder_with_the_name_of_a_picture(memory):
    memory.pipe("/set/folder.jpg/a.png", PNG)
    with pytest.raises(SourceError, match=r"folder\.jpg"):
        open_image("memory://set/folder.jpg")
    assert names("memory://set") == [("folder.jpg", "a.png")]


def test_a_file_that_is_too_large_is_refused(memory):
    memory.pipe("/big.png", bytes(5000))
    with pytest.raises(LimitError, match=r"memory://big\.png: has 4001 bytes or more"):
        Access(limits=Limits(file_bytes=4000)).read("memory://big.png")
    assert len(Access(limits=Limits(file_bytes=5000)).read("memory://big.png")) == 5000


def test_a_remote_bomb_is_refused_by_its_header(memory):
    memory.pipe("/bomb.tif", tiff_claiming(999_999_999, 999_999_999))
    with pytest.raises(LimitError, match=r"bomb\.tif: claims 999999999 x 999999999"):
        Dataset.open("memory://bomb.tif")


def test_over_http(tmp_path):
    pytest.importorskip("aiohttp")
    import threading
    from functools import partial
    from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

    put(tmp_path, "a.png", "sub/b 1.png")
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        base = f"http://127.0.0.1:{server.server_port}"
        np.testing.assert_array_equal(open_image(f"{base}/a.png"), RGB)
        dataset = Dataset.open([f"{base}/a.png", f"{base}/none.png"], errors="collect")
        assert list(dataset.items.status) == ["ok", "failed"]
        server.shutdown()


def test_a_missing_package_is_named_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "s3fs", None)
    # fsspec remembers what it has imported.
    monkeypatch.delitem(sys.modules["fsspec.registry"]._registry, "s3", raising=False)
    with pytest.raises(MissingExtraError, match=r"pip install \"labelwidgets\[s3\]\""):
        open_image("s3://bucket/a.jpg")
