"""Edits in pieces: lost, doubled, forged and too large ones, and what a page is told."""

from __future__ import annotations

import json
import random
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from labelwidgets.algorithms import encode_rle
from labelwidgets.errors import LimitError, LinkError
from labelwidgets.store.edits import Edit
from labelwidgets.store.store import Store
from labelwidgets.widgets import uploads as uploads_module
from labelwidgets.widgets.link import Link
from labelwidgets.widgets.uploads import MOST_BYTES, MOST_UPLOADS, PATIENCE, PIECE_BYTES, Uploads
from labelwidgets.workflow.session import Session
from tests.store.making import create, make_store, rectangle
from tests.workflow.pictures import BlankPictures


class Page:
    """A page that sends edits in pieces."""

    def __init__(self, store: Store) -> None:
        self.heard: list[dict[str, Any]] = []
        session = Session(store, BlankPictures(), "ana")
        self.link = Link(session, lambda content, _: self.heard.append(content), lambda: None)

    def say(self, *buffers: Any, **content: Any) -> list[dict[str, Any]]:
        before = len(self.heard)
        self.link.receive(content, buffers)
        return self.heard[before:]

    def offer(self, data: bytes, name: str = "u", client: str = "here") -> list[dict[str, Any]]:
        about = {"size": len(data), "checksum": zlib.crc32(data), "client": client}
        return self.say(type="offer", upload=name, **about)

    def piece(self, data: bytes, number: int, name: str = "u") -> list[dict[str, Any]]:
        part = data[number * PIECE_BYTES : (number + 1) * PIECE_BYTES]
        return self.say(memoryview(part), type="piece", upload=name, number=number)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with make_store(tmp_path / "cars.db") as made:
        yield made


@pytest.fixture
def page(store: Store) -> Page:
    return Page(store)


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads_module, "PIECE_BYTES", 64)
    monkeypatch.setitem(globals(), "PIECE_BYTES", 64)


def edits_of(store: Store, count: int = 3) -> tuple[list[Edit], bytes]:
    task = store.task_ids()[0]
    edits = [create(task, f"a{n}", after={"geometry": rectangle(n)}) for n in range(count)]
    return edits, msgspec.json.encode(edits)


def test_pieces_in_any_order_and_twice_make_the_edits(page: Page, store: Store) -> None:
    edits, data = edits_of(store)
    count = -(-len(data) // PIECE_BYTES)
    (answer,) = page.offer(data)
    assert answer == {"type": "wanted", "upload": "u", "numbers": list(range(count))}
    order = list(range(count))
    random.Random(0).shuffle(order)
    for place, number in enumerate(order[:-1]):
        page.piece(data, number)
        (answer,) = page.piece(data, number)
        assert answer["numbers"] == sorted(order[place + 1 :])
    (answer,) = page.piece(data, order[-1])
    assert answer["type"] == "applied"
    assert [made["id"] for made in answer["edits"]] == [edit.id for edit in edits]
    assert {made["client"] for made in answer["edits"]} == {"here"}
    # One that comes late is of nothing that is known.
    assert page.piece(data, 0) == [{"type": "wanted", "upload": "u", "numbers": None}]


def test_an_upload_goes_on_after_a_reload(page: Page, store: Store) -> None:
    _, data = edits_of(store)
    page.offer(data)
    page.piece(data, 0)
    (answer,) = page.offer(data, client="another")
    assert answer["numbers"][0] == 1
    for number in answer["numbers"]:
        last = page.piece(data, number)
    assert {made["client"] for made in last[0]["edits"]} == {"another"}


def test_the_same_edits_sent_twice_are_one(page: Page, store: Store) -> None:
    _, data = edits_of(store)
    for _ in range(2):
        for number in page.offer(data)[0]["numbers"]:
            last = page.piece(data, number)
        assert last[0]["type"] == "applied"
    assert len(store.annotations) == 3


@pytest.mark.parametrize(
    "content",
    [
        {"type": "piece", "upload": "u", "number": 99},
        {"type": "piece", "upload": "u", "number": -1},
        {"type": "piece", "upload": "u", "number": 1.5},
        {"type": "piece", "upload": "", "number": 0},
        {"type": "offer", "upload": "u", "client": "c", "size": 65, "checksum": 1},
        {"type": "offer", "upload": "u", "client": "c", "size": 10, "checksum": -1},
        {"type": "offer", "upload": "u", "client": "c" * 65, "size": 10, "checksum": 1},
        {"type": "offer", "upload": "u" * 201, "client": "c", "size": 10, "checksum": 1},
    ],
)
def test_forged_messages_are_refused_and_change_nothing(
    page: Page, store: Store, content: dict[str, Any]
) -> None:
    _, data = edits_of(store)
    page.offer(data)
    before = len(page.heard)
    with pytest.raises(LinkError):
        page.say(b"x" * PIECE_BYTES, **content)
    assert [message["type"] for message in page.heard[before:]] == ["failed"]
    assert page.offer(data)[0]["numbers"] == list(range(-(-len(data) // PIECE_BYTES)))


@pytest.mark.parametrize("buffers", [(), (b"",), (b"x" * 63,), (b"x" * 65,), (b"x" * 64,) * 2])
def test_pieces_of_another_length_are_refused(
    page: Page, store: Store, buffers: tuple[bytes, ...]
) -> None:
    _, data = edits_of(store)
    page.offer(data)
    with pytest.raises(LinkError):
        page.say(*buffers, type="piece", upload="u", number=0)
    assert page.offer(data)[0]["numbers"][0] == 0


def test_a_damaged_upload_is_refused_and_can_be_sent_again(page: Page, store: Store) -> None:
    _, data = edits_of(store)
    numbers = page.offer(data)[0]["numbers"]
    page.say(b"x" * PIECE_BYTES, type="piece", upload="u", number=0)
    for number in numbers[1:-1]:
        page.piece(data, number)
    with pytest.raises(LinkError, match="damaged"):
        page.piece(data, numbers[-1])
    assert len(store.annotations) == 0
    for number in page.offer(data)[0]["numbers"]:
        page.piece(data, number)
    assert len(store.annotations) == 3


@pytest.mark.parametrize(
    "data",
    [
        b"{",
        b'"text"',
        b'{"type": "submit", "request": 1, "task": "t"}',
        b"\xff\xfe",
        b"[" * 20_000,
        b"[1]",
        b'[{"id": 3}]',
    ],
)
def test_what_holds_no_edits_is_refused(page: Page, store: Store, data: bytes) -> None:
    numbers = page.offer(data)[0]["numbers"]
    for number in numbers[:-1]:
        page.piece(data, number)
    with pytest.raises(LinkError):
        page.piece(data, numbers[-1])
    assert page.heard[-1]["type"] == "failed"
    assert len(store.annotations) == 0


def test_what_is_too_large_is_refused_for_good(page: Page) -> None:
    for size in (MOST_BYTES + 1, 2**53, 0, -5):
        (answer,) = page.say(type="offer", upload="u", client="c", size=size, checksum=1)
        assert (answer["type"], answer["numbers"]) == ("wanted", [])
        assert "at most" in answer["error"]


def test_few_uploads_are_on_their_way_at_once_and_old_ones_make_room() -> None:
    now = 0.0
    uploads = Uploads(lambda: now)
    for number in range(MOST_UPLOADS):
        uploads.offer(f"u{number}", 100, 1, "c")
    with pytest.raises(LinkError, match="wait"):
        uploads.offer("one more", 100, 1, "c")
    now = PATIENCE / 2
    uploads.take("u0", 0, b"x" * PIECE_BYTES)
    now = PATIENCE + 1
    assert uploads.offer("one more", 100, 1, "c") == [0, 1]
    assert uploads.take("u1", 0, b"x" * PIECE_BYTES) is None
    assert uploads.offer("u0", 100, 1, "c") == [1]


def test_all_together_hold_no_more_than_one_may() -> None:
    uploads = Uploads()
    uploads.offer("a", MOST_BYTES - 10, 1, "c")
    with pytest.raises(LinkError, match="wait"):
        uploads.offer("b", 11, 1, "c")
    uploads.offer("b", 10, 1, "c")
    with pytest.raises(LimitError):
        uploads.offer("c", MOST_BYTES + 1, 1, "c")


def test_many_large_masks_open_in_one_message(store: Store) -> None:
    task = store.task_ids()[0]
    session = Session(store, BlankPictures(), "ana")
    noise = np.random.default_rng(0).random((600, 800)) < 0.5
    geometry = {"type": "mask", "rle": encode_rle(noise)}
    store.apply(
        [create(task, f"m{n}", after={"geometry": geometry}) for n in range(40)], actor="ana"
    )
    sent: list[tuple[dict[str, Any], list[bytes]]] = []
    link = Link(session, lambda content, buffers: sent.append((content, buffers)), lambda: None)
    link.receive({"type": "open", "request": 1, "task": task})
    content, buffers = next(one for one in sent if one[0]["type"] == "opened")
    body = json.loads(buffers[0])
    assert len(buffers[0]) > 5 * 2**20
    assert len(body["annotations"]) == 40
    # What is long is in the buffer, which no server limits.
    assert len(json.dumps(content)) < 10_000
