"""The client of model servers, against servers that do what they should not."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable
from typing import Any

import pytest

from labelwidgets.assist.cancelling import while_wanted
from labelwidgets.errors import AssistantError, ToolError
from labelwidgets.model_servers.client import Client
from labelwidgets.model_servers.multipart import MOST_PARTS, read_parts
from tests.model_servers.loopback import Answer, Asked, Loopback, as_json, in_parts


def serving(answer: Callable[[Asked], Answer]) -> Loopback:
    return Loopback(answer)


def test_a_server_that_never_answers_is_waited_for_only_so_long() -> None:
    with serving(as_json) as server:  # type: ignore[arg-type]
        server.answer = server.never
        began = time.monotonic()
        with pytest.raises(AssistantError, match=r"(within 0\.2 seconds|in time)") as caught:
            Client(server.url, timeout=0.2).ask("GET", "/x")
        assert server.url in str(caught.value)
        assert time.monotonic() - began < 5


def test_whoever_gives_up_does_not_wait() -> None:
    with serving(as_json) as server:  # type: ignore[arg-type]
        server.answer = server.never
        began = time.monotonic()
        until = began + 0.15
        with (
            while_wanted(lambda: time.monotonic() < until),
            pytest.raises(ToolError, match="given"),
        ):
            Client(server.url).ask("POST", "/x", json={})
        assert time.monotonic() - began < 5


def test_a_server_that_is_not_there_is_told_and_0_0_0_0_is_nowhere() -> None:
    with pytest.raises(AssistantError, match=r"cannot be reached.*running"):
        Client("http://127.0.0.1:9", connect=1).ask("GET", "/")
    with pytest.raises(AssistantError, match=r"127\.0\.0\.1 for this machine"):
        Client("http://0.0.0.0:8000")
    for url in ("file:///etc/passwd", "127.0.0.1:8000", "http://", "http://a:99999"):
        with pytest.raises(AssistantError, match="no address"):
            Client(url)


def test_secrets_are_in_no_message() -> None:
    client = Client("http://ana:secret@127.0.0.1:9", headers={"X-Key": "hidden"}, connect=1)
    with pytest.raises(AssistantError) as caught:
        client.ask("GET", "/")
    assert "secret" not in str(caught.value)
    assert "hidden" not in str(caught.value) + repr(client)


@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_no_more_is_taken_than_allowed_also_after_decompression(coding: str) -> None:
    body = bytes(3_000_000)
    sent = body if coding == "identity" else gzip.compress(gzip.compress(body * 10) + body)
    head = (("Content-Encoding", coding),)
    refused = pytest.raises(AssistantError, match="more than 100000 bytes")
    with serving(lambda _: Answer(200, "application/json", sent, head)) as server, refused:
        Client(server.url, most=100_000).ask("GET", "/")


def test_a_compressed_reply_is_read() -> None:
    packed = Answer(
        200, "application/json", gzip.compress(b'{"a": 1}'), (("Content-Encoding", "gzip"),)
    )
    with serving(lambda _: packed) as server:
        assert Client(server.url).ask("GET", "/").json() == {"a": 1}


def test_it_goes_on_only_to_the_same_server() -> None:
    with serving(lambda _: as_json({"secret": 1})) as other:

        def answer(asked: Asked) -> Answer:
            if asked.path == "/there":
                return as_json(asked.query | {"method": asked.method})
            target = f"{other.url}/x" if asked.path == "/away" else "/there?a=1"
            return Answer(302 if asked.path == "/get" else 307, "", b"", (("Location", target),))

        with serving(answer) as server:
            client = Client(server.url)
            with pytest.raises(AssistantError, match="another server"):
                client.ask("GET", "/away")
            assert client.ask("GET", "/here").json() == {"a": "1", "method": "GET"}
            assert client.ask("POST", "/here", json={}).json()["method"] == "POST"
            with pytest.raises(AssistantError, match="sends one on with 302"):
                client.ask("POST", "/get", json={})
        assert other.asked == []
    turning = Answer(307, "", b"", (("Location", "/"),))
    with serving(lambda _: turning) as server, pytest.raises(AssistantError, match="more than 3"):
        Client(server.url).ask("GET", "/")


def test_only_what_changes_nothing_is_asked_again() -> None:
    with serving(lambda _: Answer(503, "text/plain", b"busy")) as server:
        client = Client(server.url)
        for method, times in (("GET", 2), ("POST", 1), ("PUT", 1), ("DELETE", 1)):
            with pytest.raises(AssistantError, match="503: busy"):
                client.ask(method, "/")
            assert len(server.paths(method)) == times


def test_a_line_that_breaks_is_told() -> None:
    refused = pytest.raises(AssistantError, match="broke off after")
    with serving(lambda _: Answer(200, "application/json", b"{}", cut=100)) as server, refused:
        Client(server.url).ask("POST", "/", json={})


@pytest.mark.parametrize("body", [b"\r\n\r\n--b0a--", bytes(range(256)), b"", b"\r", b"--b0"])
def test_parts_are_the_bytes_that_were_sent(body: bytes) -> None:
    sent = in_parts(("a", "", "text/plain", b"x"), ("image", "m.nii.gz", "x/y", body))
    if b"\r\n--b0a" in body:
        return
    first, second = read_parts(sent.kind, sent.body)
    assert (first.name, first.filename, first.kind, first.body) == ("a", "", "text/plain", b"x")
    assert (second.name, second.filename, second.body) == ("image", "m.nii.gz", body)


def test_half_of_a_multipart_is_told_wherever_it_ends() -> None:
    sent = in_parts(("a", "", "text/plain", b"x"), ("image", "m.nii.gz", "x/y", bytes(50)))
    for end in range(len(sent.body) - 4):
        with pytest.raises(AssistantError):
            read_parts(sent.kind, sent.body[:end])


def test_a_reply_of_many_parts_is_refused() -> None:
    many: Any = [("a", "", "text/plain", b"")] * (MOST_PARTS + 1)
    sent = in_parts(*many)
    with pytest.raises(AssistantError, match="more than"):
        read_parts(sent.kind, sent.body)
