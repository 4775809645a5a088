import csv
import io
import threading
from concurrent.futures import ThreadPoolExecutor
from inspect import signature
from pathlib import Path

import fsspec
import fsspec.implementations.local
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from labelwidgets.errors import ImageError, LabelwidgetsError, LimitError, SourceError
from labelwidgets.media import Dataset, Encoded, Limits, UrlPolicy, sample_photos
from labelwidgets.media.failures import Failures
from labelwidgets.media.thumbnails import ThumbnailCache
from labelwidgets.media.urls import url_id
from tests.media.builders import exif, gradient, save, tiff_claiming

RGB = gradient()
PNG = save(Image.fromarray(RGB), "PNG")
COLUMNS = ["id", "kind", "title", "folder", "urls", "metadata", "status", "trusted"]


@pytest.fixture
def folder(tmp_path):
    for name in ("1.png", "2.png", "10.png", "sub/3.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(PNG)
    return tmp_path


def test_a_folder_becomes_items(folder):
    dataset = Dataset.open(folder)
    items = dataset.items
    assert list(items.columns) == COLUMNS
    assert list(items.title) == ["1.png", "2.png", "10.png", "3.png"]
    assert list(items.folder) == ["", "", "", "sub"]
    assert set(items.kind) == {"image"}
    assert set(items.status) == {"ok"}
    assert items.urls[3] == [f"{folder}/sub/3.png"]
    assert items.metadata[0] == {"width": 40, "height": 24, "mime": "image/png", "bits": 8}
    assert items.id[0] == url_id(f"{folder}/1.png")
    assert items.id.is_unique
    assert len(dataset) == 4
    assert list(dataset) == list(items.id)
    assert dataset.errors.empty
    assert list(dataset.errors.columns) == ["row", "place", "id", "url", "reason"]


def test_reading_an_item(folder):
    dataset = Dataset.open(folder)
    item = dataset.items.id[2]
    assert dataset[item].title == "10.png"
    assert item in dataset
    assert dataset.read(item) == PNG
    np.testing.assert_array_equal(dataset.pixels(item), RGB)
    assert dataset.encoded(item) == Encoded("image/png", PNG, 40, 24)
    assert dataset.thumbnail(item, 20).width == 20
    assert dataset.thumbnail(item, 20) is dataset.thumbnail(item, 20)


def test_an_unknown_item_is_an_error(folder):
    dataset = Dataset.open(folder)
    for attempt in (dataset.__getitem__, dataset.read, dataset.pixels, dataset.thumbnail):
        for bad in ("nope", 3, None, ["x"]):
            with pytest.raises(SourceError, match="has no item"):
                attempt(bad)
    assert "nope" not in dataset


def test_frames_are_copies(folder):
    dataset = Dataset.open(folder)
    frame = dataset.items
    frame.loc[0, "title"] = "changed"
    assert dataset.items.title[0] == "1.png"


def test_without_validation_nothing_is_read(tmp_path):
    dataset = Dataset.open([tmp_path / "a.png", "s3://nowhere/b.png"], validate=False)
    assert list(dataset.items.status) == ["unchecked"] * 2
    assert list(dataset.items.metadata) == [{}, {}]
    assert list(dataset.items.title) == ["a.png", "b.png"]


def test_a_list_is_taken_as_it_is(folder):
    (folder / "no suffix").write_bytes(PNG)
    dataset = Dataset.open([folder / "no suffix", str(folder / "1.png"), f"file://{folder}/2.png"])
    assert list(dataset.items.title) == ["no suffix", "1.png", "2.png"]
    assert set(dataset.items.status) == {"ok"}
    one = Dataset.open(folder / "no suffix")
    assert len(one) == 1


def bad_files(folder):
    (folder / "html.png").write_bytes(b"<!doctype html>")
    (folder / "zero.png").touch()
    (folder / "bomb.tif").write_bytes(tiff_claiming(99_999, 99_999))
    (folder / "half.png").write_bytes(PNG[:20])


def test_the_first_error_is_raised(folder):
    bad_files(folder)
    with pytest.raises(LimitError, match=r"bomb\.tif"):
        Dataset.open(folder)


def test_errors_are_collected(folder):
    bad_files(folder)
    (folder / "folder.jpg").mkdir()
    dataset = Dataset.open(folder, errors="collect")
    items, errors = dataset.items, dataset.errors
    assert len(dataset) == 8
    failed = items[items.status == "failed"]
    assert sorted(failed.title) == ["bomb.tif", "half.png", "html.png", "zero.png"]
    assert list(errors.id) == list(failed.id)
    assert [items.id[row] for row in errors.row] == list(errors.id)
    assert [url[0] for url in failed.urls] == list(errors.url)
    assert all(title in reason for title, reason in zip(failed.title, errors.reason, strict=True))
    assert list(failed.metadata) == [{}] * 4
    assert repr(dataset) == "Dataset(8 items: 4 ok, 4 failed)"
    rows = list(csv.DictReader(io.StringIO(errors.to_csv(index=False))))
    assert [row["url"] for row in rows] == list(errors.url)
    with pytest.raises(ImageError):
        dataset.pixels(failed.id.iloc[1])


def test_a_file_that_came_to_be_broken_raises_when_read(folder):
    dataset = Dataset.open(folder)
    (folder / "1.png").unlink()
    with pytest.raises(SourceError, match="does not exist"):
        dataset.read(dataset.items.id[0])


def test_turned_pictures_have_upright_sizes(tmp_path):
    (tmp_path / "a.jpg").write_bytes(save(Image.fromarray(RGB), "JPEG", exif=exif(6)))
    dataset = Dataset.open(tmp_path)
    item = dataset.items.iloc[0]
    assert (item.metadata["width"], item.metadata["height"]) == (24, 40)
    assert dataset.pixels(item.id).shape == (40, 24, 3)
    assert (dataset.encoded(item.id).width, dataset.encoded(item.id).height) == (24, 40)


def test_a_url_twice_is_refused_by_row(folder):
    urls = [folder / "1.png", folder / "2.png", f"file://{folder}/sub/../1.png"]
    with pytest.raises(SourceError, match="row 2: has the URL of row 0 once more"):
        Dataset.open(urls)
    dataset = Dataset.open(urls, errors="collect")
    assert list(dataset.items.title) == ["1.png", "2.png"]
    assert list(dataset.errors.row) == [2]


def test_a_frame_becomes_items(folder):
    frame = pd.DataFrame(
        {
            "url": [folder / "1.png", str(folder / "2.png"), f"{folder}/10.png"],
            "title": ["one", None, "ten"],
            "folder": ["a/b", float("nan"), "/c/"],
            "id": ["first", None, pd.NA],
            "metadata": [{"camera": "x", "deep": [1, np.int64(2)]}, None, {}],
            "site": ["A", None, "C"],
            "count": np.array([1, 2, 3]),
            "when": pd.to_datetime(["2020-01-02", None, "2020-01-04"]),
        }
    )
    items = Dataset.open(frame, validate=False).items
    assert list(items.title) == ["one", "2.png", "ten"]
    assert list(items.folder) == ["a/b", "", "c"]
    assert list(items.id) == ["first", url_id(f"{folder}/2.png"), url_id(f"{folder}/10.png")]
    assert items.metadata[0] == {
        "site": "A",
        "count": 1,
        "when": "2020-01-02T00:00:00",
        "camera": "x",
        "deep": [1, 2],
    }
    assert items.metadata[1] == {"count": 2}
    assert type(items.metadata[1]["count"]) is int


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (pd.DataFrame({"path": ["a"]}), "no column 'url', only 'path'"),
        (pd.DataFrame({"url": []}), "is empty"),
        (pd.DataFrame({"url": ["/a.png", None]}), "row 1, url: must be a path"),
        (pd.DataFrame({"url": ["/a.png", " "]}), "row 1, url: is empty"),
        (pd.DataFrame({"url": ["/a", "/b"], "id": ["x", "x"]}), "row 1: has the id of row 0"),
        (pd.DataFrame({"url": ["/a"], "id": ["a b"]}), "row 0, id: 'a b' is not an identifier"),
        (pd.DataFrame({"url": ["/a"], "metadata": ["x"]}), "row 0, metadata: must be a dict"),
        (pd.DataFrame({"url": ["/a"], "x": [object()]}), "row 0, x: is a object"),
        (pd.DataFrame({"url": ["/a"], "x": [float("inf")]}), "row 0, x: is infinite"),
        (pd.DataFrame([["/a", "/b"]], columns=["url", "url"]), "several columns"),
        ([], "is empty"),
        ([[]], "row 0, urls: must be a list of at least one"),
        ([["/a.png", 5]], "row 0, url: must be a path"),
        ([["/a.png", "/b.png"], ["/a.png", "/b.png"]], "row 1: has the URL of row 0"),
        ([["/a.png"] * 1001], "row 0, urls: holds 1001 files"),
        (pd.DataFrame({"urls": ["/a.png"]}), "row 0, urls: must be a list"),
        (b"/a.png", "must be a path"),
        (42, "must be a path"),
        ({"url": "/a.png"}, "another shape: an object"),
        ("  ", "is empty"),
    ],
)
def test_wrong_sources_are_named(frame, words):
    with pytest.raises(SourceError, match=words):
        Dataset.open(frame, validate=False)


def test_errors_is_one_of_two(folder):
    with pytest.raises(SourceError, match="must be 'raise' or 'collect'"):
        Dataset.open(folder, errors="ignore")


def test_credentials_are_nowhere(folder):
    secret = "hunter2"  # noqa: S105
    urls = [
        str(folder / "1.png"),
        f"https://ana:{secret}@h.org/a.png",
        f"memory://gone.png?X-Amz-Signature={secret}",
    ]
    with pytest.raises(SourceError) as caught:
        Dataset.open(urls[:2])
    assert secret not in str(caught.value)
    dataset = Dataset.open(urls, errors="collect", progress=False)
    assert len(dataset) == 2
    texts = [repr(dataset), dataset._repr_html_(), dataset.errors.to_csv(), str(caught.value)]
    assert all(secret not in text for text in texts)
    assert dataset.items.id[1] == url_id("memory://gone.png")
    hidden = Dataset.open(folder, secret=secret)
    texts = [repr(hidden), hidden._repr_html_(), hidden.items.to_json(), hidden.errors.to_csv()]
    assert all(secret not in text for text in texts)


def test_storage_options_reach_the_file_system(folder):
    seen = []

    class Keyed(fsspec.implementations.local.LocalFileSystem):
        protocol = "keyed"

        def __init__(self, key=None, **options):
            seen.append(key)
            super().__init__(**options)

        @classmethod
        def _strip_protocol(cls, path):
            return super()._strip_protocol(path.replace("keyed://", ""))

    fsspec.register_implementation("keyed", Keyed, clobber=True)
    Keyed.clear_instance_cache()
    dataset = Dataset.open([f"keyed://{folder}/1.png"], key="k1")
    assert dataset.read(dataset.items.id[0]) == PNG
    assert set(seen) == {"k1"}


def test_limits_are_kept(folder):
    with pytest.raises(LimitError):
        Dataset.open(folder, limits=Limits(pixels=10))
    dataset = Dataset.open(folder, validate=False, limits=Limits(file_bytes=10))
    with pytest.raises(LimitError, match=r"1\.png"):
        dataset.read(dataset.items.id[0])


def test_formulas_are_defused():
    failures = Failures()
    for row, start in enumerate("=+-@\t\rx"):
        failures.add(row, "", "i", f"{start}cmd", LabelwidgetsError(f"{start}1+1"))
    frame = failures.frame()
    for text in [*frame.url[:-1], *frame.reason[:-1]]:
        assert text[0] == "'"
    assert frame.url.iloc[-1] == "xcmd"


def test_html_is_escaped(tmp_path):
    frame = pd.DataFrame({"url": ["/a.png"], "title": ["<img src=x onerror=alert(1)>"]})
    text = Dataset.open(frame, validate=False)._repr_html_()
    assert "<img" not in text
    assert "&lt;img" in text


def test_items_go_round(folder):
    dataset = Dataset.open(folder)
    again = Dataset.from_items(dataset.items)
    pd.testing.assert_frame_equal(again.items, dataset.items)
    some = Dataset.from_items(dataset.items[dataset.items.folder == "sub"])
    assert len(some) == 1
    assert some.read(some.items.id[0]) == PNG
    assert len(Dataset.from_items(dataset.items[:0])) == 0
    least = Dataset.from_items(dataset.items[["id", "urls"]])
    assert list(least.items.title) == list(dataset.items.title)
    assert set(least.items.status) == {"unchecked"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"id": "a b"}, "row 0, id: 'a b' is not"),
        ({"id": 3}, "row 0, id: must be text"),
        ({"kind": "opera"}, "row 0, kind"),
        ({"status": "fine"}, "row 0, status"),
        ({"urls": "/a.png"}, "row 0, urls: must be a list"),
        ({"urls": []}, "row 0, urls: must be a list of one"),
        ({"urls": ["/a", "/b"], "kind": "image"}, "row 0, kind: must be one of .* 2 files"),
        ({"urls": ["https://a:b@h/x"]}, "carries a user name or password"),
        ({"metadata": "x"}, "row 0, metadata"),
    ],
)
def test_wrong_items_are_named(change, words):
    good = {"id": "a", "urls": ["/a.png"], "metadata": {}}
    with pytest.raises(SourceError, match=words):
        Dataset.from_items(pd.DataFrame([{**good, **change}]))
    with pytest.raises(SourceError, match="row 1, id: repeats 'a'"):
        Dataset.from_items(pd.DataFrame([good, good]))
    with pytest.raises(SourceError, match="no column 'urls'"):
        Dataset.from_items(pd.DataFrame({"id": ["a"]}))


def test_many_files_are_listed_and_checked(tmp_path):
    count = 12_000
    for index in range(count):
        place = tmp_path / f"f{index % 100}"
        if index < 100:
            place.mkdir()
        (place / f"{index}.png").symlink_to("../one.png")
    (tmp_path / "one.png").write_bytes(PNG)
    dataset = Dataset.open(tmp_path)
    assert len(dataset) == count + 1
    assert set(dataset.items.status) == {"ok"}
    assert dataset.items.folder[1] == "f0"
    assert list(dataset.items.title[:3]) == ["one.png", "0.png", "100.png"]


def test_the_first_error_stops_the_rest(folder, monkeypatch):
    started, stopped = [], threading.Event()

    def failing(url, access):
        started.append(url)
        if not url.endswith("/0.png"):
            stopped.wait(60)
        raise SourceError("is broken", where=url)

    monkeypatch.setattr("labelwidgets.media.validation.header_of", failing)
    with pytest.raises(SourceError, match=r"/0\.png: is broken") as caught:
        Dataset.open([folder / f"{index}.png" for index in range(1000)])
    assert caught.tb is not None
    stopped.set()
    for thread in threading.enumerate():
        if thread.name.startswith("labelwidgets-header"):
            thread.join(10)
    assert len(started) <= 10


def test_ctrl_c_stops_the_rest(folder, monkeypatch):
    started, stopped = [], threading.Event()

    def interrupted(url, access):
        started.append(url)
        if url.endswith("/0.png"):
            raise KeyboardInterrupt
        stopped.wait(60)
        raise SourceError("came too late")

    monkeypatch.setattr("labelwidgets.media.validation.header_of", interrupted)
    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        Dataset.open([folder / f"{index}.png" for index in range(1000)])
    stopped.set()
    for thread in threading.enumerate():
        if thread.name.startswith("labelwidgets-header"):
            thread.join(10)
    assert threading.active_count() <= before
    assert len(started) <= 10
    monkeypatch.undo()
    assert len(Dataset.open(folder)) == 4


def test_reading_from_many_threads(folder):
    dataset = Dataset.open(folder)
    ids = list(dataset) * 50
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(dataset.read, ids)) == {PNG}
        small = list(pool.map(lambda item: dataset.thumbnail(item, 10), ids))
    assert {(one.width, one.height) for one in small} == {(10, 6)}


@given(st.lists(st.tuples(st.sampled_from("abcde"), st.integers(0, 60)), max_size=40))
def test_the_cache_of_thumbnails_stays_small(puts):
    cache = ThumbnailCache(capacity=100)
    for name, size in puts:
        cache.put(name, 96, Encoded("image/png", bytes(size), 1, 1))
        assert cache.get(name, 96) is not None
        kept = [cache.get(other, 96) for other in "abcde"]
        assert cache.size == sum(len(one.data) for one in kept if one) <= 100
    assert cache.get("a", 95) is None


def test_the_cache_lets_go_of_what_was_not_used():
    cache = ThumbnailCache(capacity=30)
    for name in "abc":
        cache.put(name, 1, Encoded("image/png", bytes(10), 1, 1))
    cache.get("a", 1)
    cache.put("d", 1, Encoded("image/png", bytes(10), 1, 1))
    assert [name for name in "abcd" if cache.get(name, 1)] == ["a", "c", "d"]
    cache.put("huge", 1, Encoded("image/png", bytes(31), 1, 1))
    assert cache.get("huge", 1) is None
    assert cache.size == 0


def test_a_bar_is_shown_when_asked_for(folder, capsys):
    Dataset.open(folder, progress=True)
    assert "Checking files" in capsys.readouterr().err
    Dataset.open(folder, progress=False)
    Dataset.open(folder)
    assert capsys.readouterr().err == ""


def test_real_photos(shared_data):
    dataset = Dataset.open(shared_data / "coco")
    items = dataset.items
    assert len(items) >= 20
    assert set(items.status) == {"ok"}
    assert set(items.folder) == {"images"}
    for item in items.itertuples():
        encoded = dataset.encoded(item.id)
        assert encoded.data == Path(item.urls[0]).read_bytes()
        assert (encoded.width, encoded.height) == (item.metadata["width"], item.metadata["height"])
        assert dataset.pixels(item.id).shape[:2] == (encoded.height, encoded.width)


def test_sample_photos_are_photos():
    pytest.importorskip("skimage")
    paths = sample_photos()
    assert len(paths) >= 6
    dataset = Dataset.open(paths)
    assert set(dataset.items.status) == {"ok"}
    assert all(len(np.unique(dataset.pixels(item))) > 100 for item in dataset)


def test_sample_photos_without_scikit_image(monkeypatch):
    monkeypatch.setattr("labelwidgets.media.samples.find_spec", lambda name: None)
    with pytest.raises(LabelwidgetsError, match="pip install scikit-image"):
        sample_photos()


def test_what_a_data_file_named_is_held_to_the_policy(tmp_path):
    (tmp_path / "a.png").write_bytes(PNG)
    link = tmp_path / "link.png"
    link.symlink_to("a.png")
    for trusted in (True, False):
        frame = pd.DataFrame({"id": ["a"], "urls": [[str(link)]], "trusted": [trusted]})
        dataset = Dataset.from_items(frame)
        assert dataset.items.trusted.tolist() == [trusted]
        if trusted:
            assert dataset.pixels("a").shape == RGB.shape
        else:
            for read in (dataset.pixels, dataset.encoded, dataset.thumbnail):
                with pytest.raises(SourceError, match="link"):
                    read("a")
    with pytest.raises(SourceError, match=r"row 0, trusted: must be True or False"):
        Dataset.from_items(pd.DataFrame({"id": ["a"], "urls": [["/a.png"]], "trusted": ["no"]}))
    far = pd.DataFrame({"id": ["a"], "urls": [["memory://a.png"]], "trusted": [False]})
    with pytest.raises(SourceError, match="scheme"):
        Dataset.from_items(far).read("a")
    wide = pd.DataFrame({"id": ["a"], "urls": [[str(tmp_path / "a.png")]], "trusted": [False]})
    assert Dataset.from_items(wide).read("a")
    with pytest.raises(SourceError, match="outside"):
        Dataset.from_items(wide, policy=UrlPolicy(roots=())).read("a")


@pytest.mark.parametrize("wrong", ["erors", "error", "limit", "validated", "delivry", "Errors"])
def test_a_misspelt_parameter_is_no_storage_option(tmp_path, wrong):
    with pytest.raises(SourceError, match=f"{wrong}: is not known. Did you mean"):
        Dataset.open(tmp_path, **{wrong: None})


def test_options_of_file_systems_are_not_taken_for_misspelt_parameters():
    from labelwidgets import Project
    from labelwidgets.media.option_names import check_names

    names = ["account_name", "anon", "cache_timeout", "client_kwargs", "endpoint_url", "headers"]
    names += ["key", "loop", "password", "port", "profile", "project", "secret", "session", "size"]
    names += ["size_policy", "timeout", "tls", "token", "use_ssl", "username", "version_aware"]
    for function in (Dataset.open, Project.open):
        check_names([*names, "s3", "gs", "http"], signature(function).parameters)
