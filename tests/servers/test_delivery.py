"""A page that fetches pictures by itself, from real stores, in a real browser."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

import labelwidgets as lw
from labelwidgets.errors import SourceError, WorkflowError
from labelwidgets.media import delivery
from tests.browser.annotator import AnnotatorPage
from tests.browser.host import HostPage
from tests.browser.kernel_end import KernelEnd
from tests.servers.azure import Azure
from tests.servers.ceph import Ceph
from tests.servers.s3 import S3
from tests.servers.storage import Bucket, Storage
from tests.servers.web import Web

SIZE = (400, 300)
GREYS = (90, 150)
STORES = pytest.mark.parametrize("storage", ["s3", "s3_signed", "azure", "web"], indirect=True)
CHECKED = pytest.mark.parametrize("storage", ["s3_signed", "azure"], indirect=True)


def picture(grey: int, kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.full((SIZE[1], SIZE[0], 3), grey, np.uint8)).save(buffer, kind)
    return buffer.getvalue()


def allow_pages(storage: Storage, bucket: Bucket) -> None:
    """Let pages of other origins read, as the owner of a bucket does."""
    name = bucket.url.rpartition("/")[2]
    rule = {"AllowedMethods": ["GET"], "AllowedOrigins": ["*"], "AllowedHeaders": ["*"]}
    if isinstance(storage, Ceph | S3):
        storage.filesystem().call_s3(
            "put_bucket_cors", Bucket=name, CORSConfiguration={"CORSRules": [rule]}
        )
    if isinstance(storage, Azure):
        storage.allow_pages()


class Desk:
    """An annotator on a page, over a store, and what was asked of whom."""

    def __init__(self, host_page: HostPage, project: lw.Project, host: str) -> None:
        self.kernel = KernelEnd(project)
        self.fetched: list[tuple[str, int]] = []
        page = host_page.page
        page.on(
            "response",
            lambda it: (
                self.fetched.append((it.url, it.status))
                if urlsplit(it.url).netloc == host
                else None
            ),
        )
        self.host_page, self.project = host_page, project
        host_page.kernel = self.kernel

    def open(self) -> AnnotatorPage:
        self.host_page.mount("image", self.kernel.traits())
        return AnnotatorPage(self.host_page.page, SIZE).ready()

    @property
    def asked_for_bytes(self) -> list[dict[str, Any]]:
        """Requests for a picture itself, after its URL was of no use."""
        return [one for one in self.kernel.received if one["type"] == "pixels" and one.get("bytes")]


Make = Callable[..., Desk]


@pytest.fixture
def desk(host_page: HostPage, tmp_path: Path, ontology: lw.Ontology) -> Iterator[Make]:
    """Makes a desk over pictures by their URLs."""
    # The host page is of no address of this machine, whose browser guards its own.
    host_page.page.context.grant_permissions(["local-network-access"])
    with ExitStack() as stack:

        def make(urls: list[str], host: str, **options: Any) -> Desk:
            dataset = lw.Dataset.open(urls, progress=False, **{"delivery": "direct", **options})
            project = lw.Project.create(tmp_path / "labels.db", dataset, ontology, user="ana")
            return Desk(host_page, stack.enter_context(project), host)

        yield make


@pytest.fixture
def greys(storage: Storage) -> tuple[Bucket, list[str]]:
    """Two pictures in a bucket that pages may read, with awkward names."""
    bucket = storage.bucket()
    allow_pages(storage, bucket)
    names = ("one & 1.png", "zwei #2.png")
    return bucket, [
        bucket.put(name, picture(grey)) for name, grey in zip(names, GREYS, strict=True)
    ]


def host_of(bucket: Bucket) -> str:
    return urlsplit(bucket.web).netloc


def shows(annotator: AnnotatorPage, grey: int) -> bool:
    return all(abs(channel - grey) <= 1 for one in annotator.pixels((200, 150)) for channel in one)


@STORES
def test_a_page_fetches_pictures_from_the_store_itself(
    greys: tuple[Bucket, list[str]], desk: Make
) -> None:
    bucket, urls = greys
    made = desk(urls, host_of(bucket), **bucket.options)
    annotator = made.open()
    assert shows(annotator, GREYS[0])
    annotator.hover()
    annotator.key("d")
    annotator.title("zwei #2.png").ready()
    assert shows(annotator, GREYS[1])
    assert {status for _, status in made.fetched} == {200}
    assert len({urlsplit(url).path for url, _ in made.fetched}) == 2
    assert made.asked_for_bytes == []
    expect(annotator.notices).to_have_count(0)


@STORES
def test_by_default_the_kernel_sends_them(greys: tuple[Bucket, list[str]], desk: Make) -> None:
    bucket, urls = greys
    made = desk(urls, host_of(bucket), delivery="kernel", **bucket.options)
    assert shows(made.open(), GREYS[0])
    assert made.fetched == []


@CHECKED
def test_a_signature_that_has_expired_is_renewed(
    greys: tuple[Bucket, list[str]], desk: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket, urls = greys
    made = desk(urls, host_of(bucket), **bucket.options)
    late: list[str] = []

    def hold(route: Any) -> None:
        if not late:
            late.append(route.request.url)
            time.sleep(4)
            monkeypatch.setattr(delivery, "SECONDS", 300)
        route.continue_()

    monkeypatch.setattr(delivery, "SECONDS", 1)
    made.host_page.page.route(lambda url: urlsplit(url).netloc == host_of(bucket), hold)
    annotator = made.open()
    assert shows(annotator, GREYS[0])
    # A store that leaves CORS out of a refusal lets a page see no status at all.
    assert [status for url, status in made.fetched if url == late[0]] in ([403], [])
    renewed = [(url, status) for url, status in made.fetched if url != late[0]]
    assert (urlsplit(late[0]).path, 200) in [(urlsplit(url).path, it) for url, it in renewed]
    assert made.asked_for_bytes == []
    expect(annotator.notices).to_have_count(0)


def check_falls_back(made: Desk) -> None:
    annotator = made.open()
    assert shows(annotator, GREYS[0])
    notice = annotator.notices.filter(has_text="cannot fetch pictures from")
    expect(notice).to_have_count(1)
    expect(notice).to_contain_text("The kernel sends them.")
    annotator.hover()
    annotator.key("d")
    annotator.title("two.png").ready()
    assert shows(annotator, GREYS[1])
    assert len(made.asked_for_bytes) >= 2
    # The second is not tried at all.
    assert len({urlsplit(url).path for url, _ in made.fetched}) <= 1
    expect(annotator.notices.filter(has_text="cannot fetch")).to_have_count(0)


def test_where_a_bucket_refuses_pages_the_kernel_sends_them_and_it_is_said_once(
    s3_without_cors: S3, desk: Make
) -> None:
    bucket = s3_without_cors.bucket()
    urls = [
        bucket.put(f"{name}.png", picture(grey))
        for name, grey in zip(("one", "two"), GREYS, strict=True)
    ]
    check_falls_back(desk(urls, host_of(bucket), **bucket.options))


def test_where_a_web_server_refuses_pages_the_kernel_sends_them(web: Web, desk: Make) -> None:
    bucket = web.bucket()
    for name, grey in zip(("one", "two"), GREYS, strict=True):
        bucket.put(f"{name}.png", picture(grey))
    closed = bucket.url.replace(web.server.url, f"{web.server.url}/closed")
    check_falls_back(desk([f"{closed}/one.png", f"{closed}/two.png"], host_of(bucket)))


def test_what_a_browser_cannot_show_and_what_is_cut_short_goes_through_the_kernel(
    s3: S3, desk: Make
) -> None:
    bucket = s3.bucket()
    allow_pages(s3, bucket)
    urls = [
        bucket.put("one.tif", picture(GREYS[0], "TIFF")),
        bucket.put("two.jpg", picture(GREYS[1], "JPEG")[:-200]),
    ]
    made = desk(urls, host_of(bucket), **bucket.options)
    annotator = made.open()
    assert shows(annotator, GREYS[0])
    assert not [url for url, _ in made.fetched if ".tif" in url]
    annotator.hover()
    annotator.key("d")
    expect(annotator.root.locator(".lw-cover")).to_contain_text("cut short")


@CHECKED
def test_a_signed_url_is_nowhere_but_on_its_way(
    greys: tuple[Bucket, list[str]],
    desk: Make,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    bucket, urls = greys
    made = desk(urls, host_of(bucket), **bucket.options)
    caplog.set_level("DEBUG", "labelwidgets")
    annotator = made.open()
    annotator.draw_box((50, 50), (100, 100))
    annotator.saved()
    words = {
        part.partition("=")[2]
        for url, _ in made.fetched
        for part in urlsplit(url).query.split("&")
        if part.lower().startswith(("x-amz-signature=", "signature=", "sig="))
    }
    assert words
    made.project.export("coco", tmp_path / "labels.json")
    seen = [path.read_bytes().decode("latin-1") for path in tmp_path.rglob("labels*")]
    seen += [made.project.dataset.items.to_csv(), repr(made.project.dataset), caplog.text]
    seen += [*made.host_page.console, str(made.host_page.saved), str(made.host_page.sent)]
    seen += [made.host_page.page.content(), repr(made.project.dataset.direct(annotated(made)))]
    assert [word for word in words for text in seen if word in text] == []


def annotated(made: Desk) -> str:
    return str(made.project.annotations["item_id"].iloc[0])


@CHECKED
def test_a_signed_url_is_short_lived_and_lets_nobody_write(
    storage: Storage, greys: tuple[Bucket, list[str]]
) -> None:
    import urllib.error
    import urllib.request

    bucket, urls = greys
    dataset = lw.Dataset.open(urls, delivery="direct", **bucket.options)
    direct = dataset.direct(next(iter(dataset)))
    assert direct is not None
    with urllib.request.urlopen(direct.url) as answer:
        assert answer.read() == picture(GREYS[0])
    put = urllib.request.Request(direct.url, b"gone", method="PUT")
    put.add_header("x-ms-blob-type", "BlockBlob")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(put)
    assert refused.value.code == 403


def test_a_work_list_says_no_urls_of_other_tasks(s3: S3, tmp_path: Path) -> None:
    bucket = s3.bucket()
    urls = [bucket.put(f"{name}.png", picture(90)) for name in ("one", "two")]
    dataset = lw.Dataset.open(urls, delivery="direct", **bucket.options)
    with lw.Project.create(tmp_path / "labels.db", dataset, ["car"], user="ana") as project:
        mine, other = project.tasks["item_id"]
        session = project.session(query=f"item_id == '{mine}'")
        assert session.direct(mine) is not None
        with pytest.raises(WorkflowError):
            session.direct(other)


def test_a_page_is_not_sent_to_web_addresses_that_data_name(web: Web) -> None:
    bucket = web.bucket()
    url = bucket.put("one.png", picture(90))
    items = lw.Dataset.open([url]).items
    policy = lw.media.UrlPolicy(allow_private=True)
    for trusted in (True, False):
        items["trusted"] = trusted
        dataset = lw.Dataset.from_items(items, policy=policy, delivery="direct")
        assert (dataset.direct(next(iter(dataset))) is not None) is trusted


def test_what_cannot_be_signed_is_sent_and_said_once(
    gcs: Storage, caplog: pytest.LogCaptureFixture
) -> None:
    bucket = gcs.bucket()
    urls = [bucket.put(f"{name}.png", picture(90)) for name in ("one", "two")]
    dataset = lw.Dataset.open(urls, delivery="direct", **bucket.options)
    assert [dataset.direct(item_id) for item_id in dataset] == [None, None]
    assert caplog.text.count("URLs of gs:// cannot be signed") == 1


def test_files_of_this_machine_are_sent(tmp_path: Path) -> None:
    (tmp_path / "one.png").write_bytes(picture(90))
    dataset = lw.Dataset.open(tmp_path, delivery="direct")
    assert dataset.direct(next(iter(dataset))) is None


def test_another_way_of_delivery_is_refused() -> None:
    with pytest.raises(SourceError, match="delivery: must be 'kernel' or 'direct', not 'post'"):
        lw.Dataset.open(["a.png"], delivery="post")  # type: ignore[arg-type]
