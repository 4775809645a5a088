"""Servers that break, lie, stall or send elsewhere: each costs a bounded time and memory."""

from __future__ import annotations

import asyncio
import gzip
import threading
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest

from labelwidgets.errors import LimitError, SourceError
from labelwidgets.formats import coco
from labelwidgets.media import Dataset, Limits, UrlPolicy
from labelwidgets.media.access import Access
from labelwidgets.media.network import sessions
from labelwidgets.media.network.client import MAX_REDIRECTS, MAX_SKIPPED, WebClient
from labelwidgets.media.network.patience import Patience
from labelwidgets.media.network.web import WebFileSystem, WebPlace
from labelwidgets.media.urls import canonical_url
from tests.media.network.unruly import (
    HERE,
    THERE,
    Behaviour,
    Reply,
    Request,
    Unruly,
    good,
    in_turn,
    status,
)

SHORT = Patience(connect=0.5, silence=0.5, wait=0.05)
DATA = bytes(range(256)) * 64
# What may lie in the buffers of two sockets when the reader turns away.
BUFFERS = 16 << 20
pytestmark = pytest.mark.timeout(30)


@pytest.fixture
def server() -> Iterator[Unruly]:
    with Unruly() as made:
        yield made


@pytest.fixture
def public_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make one address of loopback a public one; the other stays private."""
    monkeypatch.setattr(sessions, "is_public", lambda address: address == HERE)


def client(
    trusted: bool = True,
    policy: UrlPolicy | None = None,
    options: dict[str, Any] | None = None,
    resolver: Any = None,
) -> WebFileSystem:
    return WebFileSystem(WebClient(policy or UrlPolicy(), trusted, options or {}, SHORT, resolver))


def place(url: str, **how: Any) -> WebPlace:
    return WebPlace(canonical_url(url), client(**how))


def test_ranges_are_what_they_should_be(server: Unruly) -> None:
    server.paths["/a"] = good(DATA)
    file = place(f"{server.url}/a")
    assert file.size() == len(DATA)
    assert file.fetch(0, 10) == DATA[:10]
    assert file.fetch(100, 1000) == DATA[100:1000]
    assert file.fetch(len(DATA) - 5, len(DATA) + 100) == DATA[-5:]
    assert file.fetch(len(DATA), len(DATA) + 1) == b""
    assert file.fetch(5, 5) == b""
    assert [it.range for it in server.requests][:3] == [(0, 0), (0, 9), (100, 999)]
    assert {it.headers["accept-encoding"] for it in server.requests} == {"identity"}
    server.paths["/none"] = good(b"")
    assert place(f"{server.url}/none").fetch(0, 10) == b""


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (401, "may not be read"),
        (403, "may not be read"),
        (404, "does not exist"),
        (410, "does not exist"),
        (418, "HTTP 418"),
        (204, "HTTP 204"),
        (304, "HTTP 304"),
    ],
)
def test_a_refusal_is_told_and_not_repeated(server: Unruly, code: int, words: str) -> None:
    server.paths["/a"] = status(code, b"" if code in (204, 304) else b"<html>no</html>")
    with pytest.raises(SourceError, match=rf"/a: .*{words}"):
        place(f"{server.url}/a").fetch(0, 10)
    assert server.count("/a") == 1


@pytest.mark.parametrize("code", [429, 500, 502, 503, 504])
def test_a_busy_server_is_asked_again_a_few_times(server: Unruly, code: int) -> None:
    server.paths["/a"] = in_turn(status(code), status(code, Retry_After=0), good(DATA))
    assert place(f"{server.url}/a").fetch(0, 10) == DATA[:10]
    assert server.count("/a") == 3
    server.paths["/b"] = status(code)
    with pytest.raises(SourceError, match=rf"too busy or broken \(HTTP {code}\)"):
        place(f"{server.url}/b").fetch(0, 10)
    assert server.count("/b") == SHORT.tries


@pytest.mark.parametrize("after", ["3600", "Fri, 31 Dec 2100 23:59:59 GMT"])
def test_who_asks_for_an_hour_is_not_waited_for(server: Unruly, after: str) -> None:
    server.paths["/a"] = status(503, Retry_After=after)
    with pytest.raises(SourceError, match="too busy"):
        place(f"{server.url}/a").fetch(0, 10)
    assert server.count("/a") == 1


@pytest.mark.parametrize("after", ["", "soon", "-5", "Wed, 21 Oct 2015 07:28:00 GMT"])
def test_an_odd_time_to_wait_is_a_short_one(server: Unruly, after: str) -> None:
    server.paths["/a"] = in_turn(status(429, Retry_After=after), good(DATA))
    assert place(f"{server.url}/a").fetch(0, 10) == DATA[:10]


async def silent(request: Request, reply: Reply) -> None:
    await asyncio.sleep(60)


async def stalling(request: Request, reply: Reply) -> None:
    await reply.head(206, Content_Length=10_000, Content_Range="bytes 0-9999/20000")
    await reply.send(b"x")
    await asyncio.sleep(60)


async def trickling(request: Request, reply: Reply) -> None:
    await reply.head(200)
    while True:
        await reply.send(b"x")
        await asyncio.sleep(0.02)


async def trickling_headers(request: Request, reply: Reply) -> None:
    await reply.send(b"HTTP/1.1 200 OK\r\n")
    while True:
        await reply.send(b"X-More: 1\r\n")
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("behaviour", [silent, stalling, trickling, trickling_headers])
def test_a_slow_server_is_given_up(server: Unruly, behaviour: Behaviour) -> None:
    server.paths["/a"] = behaviour
    with pytest.raises(SourceError, match=r"did not answer in time|cannot be read"):
        place(f"{server.url}/a").fetch(0, 10_000)


async def endless(request: Request, reply: Reply) -> None:
    await reply.head(200)
    while True:
        await reply.send(bytes(1 << 16))


async def huge(request: Request, reply: Reply) -> None:
    await reply.head(200, Content_Length=10 << 30)
    while True:
        await reply.send(bytes(1 << 16))


async def lying_part(request: Request, reply: Reply) -> None:
    first, last = request.range or (0, 0)
    span = f"bytes {first}-{last}/{10 << 30}"
    await reply.head(206, Content_Length=10 << 30, Content_Range=span)
    while True:
        await reply.send(bytes(1 << 16))


@pytest.mark.parametrize("behaviour", [endless, huge, lying_part])
def test_what_was_not_asked_for_is_not_taken(server: Unruly, behaviour: Behaviour) -> None:
    server.paths["/a"] = behaviour
    assert place(f"{server.url}/a").fetch(0, 1 << 16) == bytes(1 << 16)
    assert server.replies[-1].sent < (1 << 16) + BUFFERS
    server.paths["/a.png"] = behaviour
    dataset = Dataset.open(
        [f"{server.url}/a.png"], validate=False, limits=Limits(file_bytes=1 << 20)
    )
    with pytest.raises(LimitError):
        dataset.read(dataset.items.id[0])
    assert server.replies[-1].sent < (1 << 20) + BUFFERS


def test_a_server_without_ranges_is_read_from_the_start(server: Unruly) -> None:
    server.paths["/a"] = status(200, DATA)
    file = place(f"{server.url}/a")
    assert file.size() == len(DATA)
    assert file.fetch(0, 10) == DATA[:10]
    assert file.fetch(1000, 1010) == DATA[1000:1010]
    server.paths["/b"] = huge
    with pytest.raises(SourceError, match="cannot send a part"):
        place(f"{server.url}/b").fetch(MAX_SKIPPED + 1, MAX_SKIPPED + 10)
    assert server.replies[-1].sent < BUFFERS


@pytest.mark.parametrize(
    "span",
    [
        "bytes 0-9/100",
        "bytes 11-19/100",
        "bytes 10-20/100",
        "bytes 10-15/100",
        "bytes 10-19/15",
        "bytes 19-10/100",
        "bytes */100",
        "lines 10-19/100",
        "bytes 10-19",
        "bytes -10-19/100",
        "bytes 10-19/99999999999999999999999999",
        "",
    ],
)
def test_another_range_than_was_asked_for_is_refused(server: Unruly, span: str) -> None:
    server.paths["/a"] = status(206, bytes(10), Content_Range=span)
    with pytest.raises(SourceError, match="was answered with"):
        place(f"{server.url}/a").fetch(10, 20)


async def cut(request: Request, reply: Reply) -> None:
    await reply.head(206, Content_Range="bytes 0-9/100")
    await reply.send(b"12345")


async def cut_with_length(request: Request, reply: Reply) -> None:
    await reply.head(206, Content_Length=10, Content_Range="bytes 0-9/100")
    await reply.send(b"12345")


@pytest.mark.parametrize("behaviour", [cut, cut_with_length])
def test_half_an_answer_is_none(server: Unruly, behaviour: Behaviour) -> None:
    server.paths["/a"] = behaviour
    with pytest.raises(SourceError, match=r"cut short|cannot be read"):
        place(f"{server.url}/a").fetch(0, 10)


def test_what_is_no_http_is_refused(server: Unruly) -> None:
    async def noise(request: Request, reply: Reply) -> None:
        await reply.send(b"SSH-2.0-OpenSSH_9.2\r\n" * 100)

    server.paths["/a"] = noise
    with pytest.raises(SourceError, match="cannot be read"):
        place(f"{server.url}/a").fetch(0, 10)


def test_a_compressed_answer_is_not_unpacked(server: Unruly) -> None:
    bomb = gzip.compress(bytes(50 << 20))
    server.paths["/a"] = status(200, bomb, Content_Encoding="gzip")
    with pytest.raises(SourceError, match=r"comes compressed \(gzip\)"):
        place(f"{server.url}/a").fetch(0, 100 << 20)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"ETag": '"1"'}, {"ETag": '"2"'}),
        ({"Last_Modified": "Mon, 01 Jan 2024 00:00:00 GMT"}, {"Last_Modified": "Tue"}),
        ({}, {"size": 100}),
    ],
)
def test_a_file_that_changes_between_two_ranges_is_refused(
    server: Unruly, before: dict[str, Any], after: dict[str, Any]
) -> None:
    size = after.pop("size", len(DATA))
    server.paths["/a"] = in_turn(good(DATA, **before), good(DATA[:size], **after))
    access = Access()
    with access.open(f"{server.url}/a") as file:
        assert file.read(10) == DATA[:10]
    server.paths["/a"] = in_turn(good(DATA, **before), good(DATA[:size], **after))
    held = access.place(f"{server.url}/a")
    assert held.fetch(0, 10) == DATA[:10]
    with pytest.raises(SourceError, match="was changed while it was read"):
        held.fetch(10, 20)
    assert access.place(f"{server.url}/a").fetch(10, 20) == DATA[10:20], "a new reading may go on"


@pytest.mark.parametrize(
    "body",
    [
        b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>",
        b"<Code>AuthenticationFailed</Code> Signature not valid in the specified time frame",
        b"<Code>ExpiredToken</Code>",
    ],
)
def test_an_expired_signature_is_named(server: Unruly, body: bytes) -> None:
    server.paths["/a?X-Amz-Signature=hunter2"] = status(403, body)
    with pytest.raises(SourceError, match="signature that has expired") as caught:
        place(f"{server.url}/a?X-Amz-Signature=hunter2").fetch(0, 10)
    assert "hunter2" not in str(caught.value)


def redirect(target: str, code: int = 302) -> Behaviour:
    return status(code, Location=target)


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_redirects_are_followed(server: Unruly, code: int) -> None:
    server.paths |= {
        "/a": redirect("/b", code),
        "/b": redirect(f"{server.url}/c"),
        "/c": good(DATA),
    }
    assert place(f"{server.url}/a").fetch(3, 10) == DATA[3:10]


def test_but_not_without_end(server: Unruly) -> None:
    server.paths["/a"] = redirect("/a")
    with pytest.raises(SourceError, match="redirects more than"):
        place(f"{server.url}/a").fetch(0, 10)
    assert server.count("/a") == MAX_REDIRECTS + 1


@pytest.mark.parametrize(
    "target",
    [
        "file:///etc/passwd",
        "ftp://example.org/a",
        "data:text/plain,x",
        "http://0x7f.1/a",
        "http://2130706433/a",
        "http://good.example@127.0.0.1/a",
        "http://ana:hunter2@127.0.0.1/a",
        "http://[::1/a",
    ],
)
def test_redirects_to_what_is_no_plain_url_are_refused(server: Unruly, target: str) -> None:
    server.paths["/a"] = redirect(target)
    with pytest.raises(SourceError, match=r"redirects to") as caught:
        place(f"{server.url}/a").fetch(0, 10)
    assert "hunter2" not in str(caught.value)


def test_https_is_never_left_for_http() -> None:
    web = client().client
    with pytest.raises(SourceError, match="redirects to http"):
        web._redirected("https://example.org/a", "http://example.org/a")
    assert web._redirected("http://example.org/a", "https://example.org/b").startswith("https:")


@pytest.mark.usefixtures("public_here")
@pytest.mark.parametrize("trusted", [True, False])
def test_a_redirect_from_a_public_address_to_a_private_one_is_refused(
    server: Unruly, trusted: bool
) -> None:
    server.paths |= {"/a": redirect(f"{server.other}/b"), "/b": good(DATA)}
    with pytest.raises(SourceError, match="private or local address"):
        place(f"{server.url}/a", trusted=trusted).fetch(0, 10)
    assert server.count("/b") == 0
    allowed = UrlPolicy(allow_private=True)
    file = place(f"{server.url}/a", trusted=trusted, policy=allowed)
    assert file.fetch(0, 10) == DATA[:10]


@pytest.mark.usefixtures("public_here")
def test_what_the_author_names_may_be_private_and_stay_there(server: Unruly) -> None:
    server.paths |= {
        "/a": redirect(f"{server.other}/c"),
        "/b": redirect(f"{server.url}/d"),
        "/c": good(DATA),
        "/d": redirect(f"{server.other}/c"),
    }
    assert place(f"{server.other}/a").fetch(0, 10) == DATA[:10]
    with pytest.raises(SourceError, match="private or local"):
        place(f"{server.other}/b").fetch(0, 10)
    with pytest.raises(SourceError, match="private or local"):
        place(f"{server.other}/c", trusted=False).fetch(0, 10)


class Resolver:
    """Answers with other addresses every time, as whoever owns a name may."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers = list(answers)

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[dict[str, Any]]:
        found = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return [
            {"hostname": host, "host": it, "port": port, "family": 2, "proto": 0, "flags": 0}
            for it in found
        ]

    async def close(self) -> None:
        """Nothing is held."""


@pytest.mark.usefixtures("public_here")
def test_a_name_that_is_bound_anew_reaches_no_private_address(
    server: Unruly, monkeypatch: pytest.MonkeyPatch
) -> None:
    import aiohttp

    server.paths["/a"] = good(DATA)
    real = aiohttp.TCPConnector
    monkeypatch.setattr(aiohttp, "TCPConnector", lambda **how: real(**how, use_dns_cache=False))
    url = f"http://rebound.example:{server.port}/a"
    file = place(url, trusted=False, resolver=Resolver([HERE], [THERE]))
    assert UrlPolicy().check(url) == url
    assert file.fetch(0, 10) == DATA[:10]
    with pytest.raises(SourceError, match="private or local address"):
        file.fetch(10, 20)
    assert {request.host for request in server.requests} == {HERE}


@pytest.mark.usefixtures("public_here")
def test_of_several_addresses_only_public_ones_are_connected_to(server: Unruly) -> None:
    server.paths["/a"] = good(DATA)
    url = f"http://both.example:{server.port}/a"
    for answers in ([THERE, HERE], [HERE, THERE]):
        file = place(url, trusted=False, resolver=Resolver(answers))
        assert file.fetch(0, 10) == DATA[:10]
    assert {request.host for request in server.requests} == {HERE}
    with pytest.raises(SourceError, match="private or local"):
        place(url, trusted=False, resolver=Resolver([THERE])).fetch(0, 10)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_what_a_data_file_names_reaches_nothing_here(server: Unruly, host: str) -> None:
    server.paths["/a.png"] = good(DATA)
    url = f"http://{host}:{server.port}/a.png"
    frame = pd.DataFrame({"id": ["a"], "urls": [[url]], "trusted": [False]})
    with pytest.raises(SourceError, match="private or local address"):
        Dataset.from_items(frame).read("a")
    assert server.requests == []
    if host == HERE:
        allowed = Dataset.from_items(frame, policy=UrlPolicy(allow_private=True))
        assert allowed.read("a") == DATA


def test_headers_go_to_the_server_that_was_named_and_to_no_other(server: Unruly) -> None:
    server.paths |= {
        "/a": redirect(f"{server.other}/b"),
        "/b": good(DATA),
        "/c": redirect("/b"),
    }
    options = {
        "headers": {"X-Api-Key": "hunter2"},
        "client_kwargs": {"headers": {"Authorization": "hunter3"}, "cookies": {"s": "hunter4"}},
    }
    place(f"{server.url}/a", options=options).fetch(0, 10)
    first, second = server.requests
    assert first.headers["x-api-key"] == "hunter2"
    assert first.headers["authorization"] == "hunter3"
    assert "hunter" not in str(second.headers)
    place(f"{server.url}/c", options=options).fetch(0, 10)
    assert server.requests[-1].headers["x-api-key"] == "hunter2"


def test_headers_go_to_no_server_that_a_data_file_names(server: Unruly) -> None:
    server.paths["/a.png"] = good(DATA)
    url = f"{server.url}/a.png"
    for trusted, hosts, sent in (
        (True, (), True),
        (False, (), False),
        (False, (f"{HERE}:{server.port}",), True),
        (False, (f"{HERE}:1",), False),
    ):
        policy = UrlPolicy(allow_private=True, login_hosts=hosts)
        access = Access({"headers": {"Authorization": "hunter2"}}, policy=policy).of(trusted)
        assert access.read(url) == DATA
        assert ("authorization" in server.requests[-1].headers) is sent


def test_a_connector_of_one_s_own_is_refused() -> None:
    with pytest.raises(SourceError, match="connector"):
        Access({"client_kwargs": {"connector": object()}}).filesystem("https://example.org/a")


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("/a/%2e%2e/b", "/b"),
        ("/a/../../b", "/b"),
        ("/what%3F%23.jpg#part", "/what%3F%23.jpg"),
        ("/a.jpg?x=%2F&y=a+b", "/a.jpg?x=%2F&y=a+b"),
        ("/my photo.jpg", "/my%20photo.jpg"),
        ("/100%.jpg", "/100%25.jpg"),
        ("/a%2Fb.jpg", "/a%2Fb.jpg"),
    ],
)
def test_servers_are_asked_by_the_canonical_spelling(
    server: Unruly, written: str, asked: str
) -> None:
    server.paths[asked] = good(DATA)
    assert place(f"{server.url}{written}").fetch(0, 10) == DATA[:10]


def test_a_page_lists_what_lies_under_it(server: Unruly) -> None:
    page = b"""<a href="../">up</a> <a href="a.jpg">a</a> <A HREF='/x/my%20b.jpg'>b</A>
    <a href="?C=N;O=D">sort</a> <a href="sub/">sub</a> <a href="/y/c.jpg">no</a>
    <a href="http://evil.example/x/d.jpg">no</a> <a href="javascript:alert(1)">no</a>
    <a href="%2e%2e/e.jpg">no</a> <a href="a.jpg">again</a> <a>none</a> <a href="http://[">no</a>"""
    server.paths["/x/"] = status(200, page, Content_Type="text/html")
    server.paths["/x/sub/"] = status(200, b'<a href="c.png">c</a>', Content_Type="text/html")
    dataset = Dataset.open(f"{server.url}/x/", validate=False)
    assert list(dataset.items.title) == ["a.jpg", "my b.jpg", "c.png"]
    assert list(dataset.items.folder) == ["", "", "sub"]


def test_a_page_without_end_is_refused(server: Unruly, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labelwidgets.media.network.web.MAX_PAGE", 1 << 16)
    server.paths["/x/"] = endless
    with pytest.raises(SourceError, match="has more than 65536 bytes"):
        Dataset.open(f"{server.url}/x/", validate=False)
    assert server.replies[-1].sent < BUFFERS


def test_folders_that_are_made_up_without_end_are_refused(server: Unruly) -> None:
    page = status(200, b'<a href="more/">more</a>', Content_Type="text/html")
    server.paths |= {"/x/" + "more/" * depth: page for depth in range(100)}
    with pytest.raises(SourceError, match="too deep"):
        Dataset.open(f"{server.url}/x/", validate=False)
    assert len(server.requests) < 100


@pytest.mark.parametrize(("code", "words"), [(403, "may not be read"), (404, "does not exist")])
def test_a_folder_that_cannot_be_listed_is_told(server: Unruly, code: int, words: str) -> None:
    server.paths["/x/"] = status(code)
    with pytest.raises(SourceError, match=words):
        Dataset.open(f"{server.url}/x/", validate=False)
    server.paths["/y/"] = status(
        200, b'<a href="a.jpg">a</a> <a href="gone/">gone</a>', Content_Type="text/html"
    )
    assert list(Dataset.open(f"{server.url}/y/", validate=False).items.title) == ["a.jpg"]


def test_many_threads_ask_at_once(server: Unruly) -> None:
    server.paths["/a"] = good(DATA)
    file, found = place(f"{server.url}/a"), []
    threads = [
        threading.Thread(
            target=lambda at=at: found.append(file.fetch(at, at + 10) == DATA[at : at + 10])
        )
        for at in range(0, 2000, 100)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert found == [True] * len(threads)


def test_label_files_come_by_the_same_door_in_one_request(server: Unruly) -> None:
    server.paths["/none.json"] = status(404)
    server.paths["/labels.json"] = endless
    with pytest.raises(SourceError, match="is not there"):
        coco.read(f"{server.url}/none.json")
    with pytest.raises(LimitError, match="more than 1000 bytes"):
        coco.read(f"{server.url}/labels.json", max_bytes=1000)
    assert server.count("/labels.json") == 1
    assert server.replies[-1].sent < BUFFERS
