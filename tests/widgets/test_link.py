"""The link without a browser: every message, every refusal, and what it says of its own accord."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from labelwidgets.errors import ImageError, LinkError, StoreFullError
from labelwidgets.media.cancellation import current
from labelwidgets.store.edits import Edit
from labelwidgets.store.store import Store
from labelwidgets.widgets.link import Link
from labelwidgets.workflow.session import Session
from tests.store.making import create, delete, make_store, mask, patch, rectangle, update
from tests.workflow.pictures import BlankPicture, BlankPictures

WEATHER = {
    "class_name": None,
    "geometry": {"type": "tag"},
    "attributes": {"weather": "rain"},
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with make_store(tmp_path / "cars.db") as made:
        yield made


class Page:
    """A page that sends what a test wants and keeps all that it hears."""

    def __init__(self, session: Session, *, alone: bool = True) -> None:
        self.heard: list[dict[str, Any]] = []
        self.buffers: list[list[bytes]] = []
        self.session = session
        loop: Callable[[], None] = lambda: None  # noqa: E731
        self.link = Link(session, self._hear, **({"find_loop": loop} if alone else {}))

    def _hear(self, content: dict[str, Any], buffers: list[bytes]) -> None:
        # As on the wire: JSON.
        self.heard.append(json.loads(msgspec.json.encode(content)))
        self.buffers.append(buffers)

    def say(self, **content: Any) -> list[dict[str, Any]]:
        """Send a message; return what is heard by then."""
        before = len(self.heard)
        self.link.receive(content)
        return self.heard[before:]

    def edit(self, *edits: Edit) -> list[dict[str, Any]]:
        return self.say(type="edits", client="here", edits=[msgspec.to_builtins(e) for e in edits])

    def kinds(self) -> list[str]:
        return [message["type"] for message in self.heard]


@pytest.fixture
def page(store: Store) -> Page:
    return Page(Session(store, BlankPictures(), "ana"))


@pytest.fixture
def task(store: Store) -> str:
    return store.task_ids()[0]


def only(answers: list[dict[str, Any]]) -> dict[str, Any]:
    assert len(answers) == 1, answers
    return answers[0]


def test_how_much_waits_is_told_and_nothing_claimed(page: Page, store: Store) -> None:
    told = only(page.say(type="queue", request=7))
    assert told == {"type": "queue", "request": 7, "waiting": 4}
    assert set(store.tasks["state"]) == {"queued"}


# Masks


def test_strokes_reach_other_views_as_small_as_they_are(
    page: Page, store: Store, task: str
) -> None:
    other = Page(page.session)
    for view in (page, other):
        view.say(type="open", request=1, task=task)
    whole = mask(0, 640, 480)
    tool = {"kind": "tool", "name": "wand", "parameters": {"tolerance": 8}}
    made = create(task, after={"geometry": whole, "origin": tool})
    stroke = update(task, made.annotation, 1, {"geometry": patch(600, 400, 3, 2, 0b101101)})
    page.edit(made)
    page.edit(stroke)
    assert other.heard[-2]["edits"][0]["after"]["origin"] == tool
    assert other.heard[-1]["edits"][0]["after"] == stroke.after
    assert len(json.dumps(other.heard[-1])) < 500
    page.say(type="undo", request=2, task=task, gesture=stroke.id)
    assert other.heard[-1]["edits"][0]["after"] == {"geometry": patch(600, 400, 3, 2, 0)}
    page.say(type="redo", request=3, task=task, gesture=stroke.id)
    assert other.heard[-1]["edits"][0]["after"] == stroke.after
    fresh = Page(page.session)
    fresh.say(type="open", request=1, task=task)
    (record,) = json.loads(fresh.buffers[-1][0])["annotations"]
    assert record["origin"] == tool
    (kept,) = store.read()
    assert record["geometry"] == json.loads(msgspec.json.encode(kept.geometry))
    assert kept.geometry.area == 4


def test_a_stroke_on_what_is_no_mask_is_refused_with_what_is_there(page: Page, task: str) -> None:
    page.say(type="open", request=1, task=task)
    made = create(task)
    page.edit(made)
    answer = page.edit(update(task, made.annotation, 1, {"geometry": patch(0, 0, 3, 2, 1)}))
    refusal = only(only(answer)["edits"])
    assert refusal["reason"] == "invalid"
    assert "is a patch of a mask, and the annotation is a rectangle" in refusal["message"]
    assert refusal["current"]["geometry"]["type"] == "rectangle"


# Every message


def test_open_gives_all_that_a_page_shows(page: Page, store: Store, task: str) -> None:
    made, gone = create(task), create(task)
    page.edit(made, gone, delete(task, gone.annotation, 1))
    answer = only(page.say(type="open", request=7))
    assert answer["request"] == 7
    assert (answer["index"], answer["total"]) == (0, 4)
    assert answer["task"]["id"] == task
    assert answer["task"]["state"] == "in_progress"
    size = {"width": 640, "height": 480}
    assert answer["item"] == {"id": "item0", "title": "0.jpg", "kind": "image", **size}
    body = json.loads(page.buffers[-1][0])
    assert [label["id"] for label in body["annotations"]] == [made.annotation]
    assert body["deleted"] == {gone.annotation: 2}
    assert len(body["undo"]) == 3
    assert body["redo"] == []


def test_open_by_name_and_by_step(page: Page, store: Store) -> None:
    first, second, third, fourth = store.task_ids()
    assert only(page.say(type="open", request=1, task=third))["task"]["id"] == third
    for step, wanted in [(1, fourth), (-1, second), (-2, first), (5, third), (0, third)]:
        answer = only(page.say(type="open", request=1, task=third, step=step))
        assert answer["task"]["id"] == wanted


def test_open_says_when_nothing_is_left(page: Page, store: Store) -> None:
    for name in store.task_ids():
        page.session.skip(name, "dark")
    answer = only(page.say(type="open", request=3))
    assert (answer["task"], answer["item"], answer["total"]) == (None, None, 4)


def test_edits_are_acknowledged_once_they_are_durable(page: Page, store: Store, task: str) -> None:
    page.say(type="open", request=1)
    made = create(task)
    answer = only(page.edit(made))
    assert answer["type"] == "applied"
    applied = only(answer["edits"])
    assert (applied["id"], applied["revision"], applied["actor"]) == (made.id, 1, "ana")
    assert applied["client"] == "here"
    assert applied["after"]["class_name"] == "car"
    assert "author" not in applied["after"]
    assert len(store.read()) == 1


def test_edits_of_a_task_that_is_not_open_are_acknowledged_too(page: Page, task: str) -> None:
    made = create(task)
    assert only(only(page.edit(made))["edits"])["id"] == made.id


def test_an_edit_that_comes_again_is_acknowledged_again(page: Page, task: str) -> None:
    page.say(type="open", request=1)
    made = create(task)
    first, again = page.edit(made), page.edit(made)
    assert first == again
    assert only(again)["type"] == "applied"


def test_values_of_long_edits_come_as_bytes(page: Page, task: str) -> None:
    page.say(type="open", request=1)
    made = create(task)
    short = only(page.edit(made))
    assert short["edits"][0]["after"]["geometry"] == made.after["geometry"]
    many = [create(task) for _ in range(900)]
    told = only(page.edit(*many))["edits"]
    assert [edit["id"] for edit in told] == [edit.id for edit in many]
    assert all("after" not in edit for edit in told)
    (values,) = page.buffers[-1]
    geometries = [after["geometry"] for after in json.loads(values)]
    assert geometries == [edit.after["geometry"] for edit in many]


def test_edits_in_one_message_may_be_applied_and_refused(
    page: Page, store: Store, task: str
) -> None:
    page.say(type="open", request=1)
    good = create(task)
    stale = update(task, good.annotation, 1, {"geometry": rectangle(9)})
    page.edit(good, stale)
    wrong, late = create(task, after={"class_name": "boat"}), create(task)
    old = update(task, good.annotation, 1, {"geometry": rectangle(5)})
    early = update(task, good.annotation, 7, {"geometry": rectangle(5)})
    applied, refused = page.edit(wrong, late, old, early)
    assert [edit["id"] for edit in applied["edits"]] == [late.id]
    assert {edit["id"]: edit["reason"] for edit in refused["edits"]} == {
        wrong.id: "invalid",
        old.id: "conflict",
        early.id: "early",
    }
    conflict = next(edit for edit in refused["edits"] if edit["reason"] == "conflict")
    assert conflict["current"]["geometry"]["x"] == 9
    assert conflict["current"]["revision"] == conflict["revision"] == 2


def test_tasks_gives_pages_of_the_navigator(page: Page, store: Store) -> None:
    ids = store.task_ids()
    answer = only(page.say(type="tasks", request=1, limit=3))
    assert [row["id"] for row in answer["rows"]] == ids[:3]
    assert (answer["total"], answer["offset"], answer["index"]) == (4, 0, None)
    assert answer["folders"] == ["even", "odd"]
    around = only(page.say(type="tasks", request=1, limit=3, around=ids[3]))
    assert (around["offset"], around["index"]) == (3, 3)
    odd = only(page.say(type="tasks", request=1, folder="odd", around=ids[3]))
    assert [row["id"] for row in odd["rows"]] == [ids[1], ids[3]]
    assert odd["index"] == 1
    beyond = only(page.say(type="tasks", request=1, offset=10**6, limit=10**6))
    assert beyond["rows"] == []
    assert only(page.say(type="tasks", request=1, offset=-5, limit=-5))["rows"][0]["id"] == ids[0]


def test_pixels_and_thumbnails(page: Page) -> None:
    answer = only(page.say(type="pixels", request=5, item="item1"))
    assert answer == {
        "type": "pixels",
        "request": 5,
        "item": "item1",
        "frame": 0,
        "mime": "image/png",
        "width": 640,
        "height": 480,
    }
    assert page.buffers[-1] == [b"item1"]
    answers = page.say(type="thumbnails", request=6, items=["item2", "item0"])
    assert [(one["item"], one["request"]) for one in answers] == [("item2", 6), ("item0", 6)]


def test_a_picture_that_cannot_be_read_is_told_in_its_place(store: Store) -> None:
    class Broken(BlankPictures):
        def thumbnail(self, item_id: str, /, edge: int = 96) -> BlankPicture:
            if item_id == "item1":
                raise ImageError("is empty (0 bytes).", where="1.jpg")
            return super().thumbnail(item_id, edge)

        def encoded(self, item_id: str, /, frame: int = 0, raw: bool = True) -> BlankPicture:
            raise ImageError("is empty (0 bytes).", where="1.jpg")

    page = Page(Session(store, Broken(), "ana"))
    answers = page.say(type="thumbnails", request=1, items=["item0", "item1", "item2"])
    assert [one.get("error") for one in answers] == [None, "1.jpg: is empty (0 bytes).", None]
    failed = only(page.say(type="pixels", request=2, item="item1"))
    assert (failed["type"], failed["request"]) == ("failed", 2)
    assert failed["error"] == {"kind": "ImageError", "message": "1.jpg: is empty (0 bytes)."}


def test_a_picture_of_another_size_is_not_shown_under_its_labels(store: Store) -> None:
    class Swapped(BlankPictures):
        def encoded(self, item_id: str, /, frame: int = 0, raw: bool = True) -> BlankPicture:
            return BlankPicture("image/png", b"", 480, 640)

    failed = only(
        Page(Session(store, Swapped(), "ana")).say(type="pixels", request=2, item="item1")
    )
    assert failed["error"]["kind"] == "ImageError"
    assert "item 1.jpg: is 480 x 640 pixels now and was 640 x 480" in failed["error"]["message"]


def test_a_surprise_is_named_to_the_page_and_told_in_full_to_the_log(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    class Odd(BlankPictures):
        def encoded(self, item_id: str, /, frame: int = 0, raw: bool = True) -> BlankPicture:
            raise ZeroDivisionError("key=hunter2")

    with caplog.at_level(logging.ERROR, "labelwidgets"):
        failed = only(
            Page(Session(store, Odd(), "ana")).say(type="pixels", request=2, item="item1")
        )
    assert failed["error"]["kind"] == "ZeroDivisionError"
    assert "hunter2" not in str(failed)
    assert "ZeroDivisionError: key=hunter2" in caplog.text


def test_steps_back_and_again(page: Page, store: Store, task: str) -> None:
    page.say(type="open", request=1)
    made = create(task)
    page.edit(made)
    applied, stepped = page.say(type="undo", request=2, task=task, gesture=made.id)
    assert only(applied["edits"])["undoes"] == made.id
    assert stepped == {"type": "stepped", "request": 2, "annotations": [made.annotation]}
    assert store.read() == []
    applied, stepped = page.say(type="redo", request=3, task=task, gesture=made.id)
    assert only(applied["edits"])["redoes"] == made.id
    assert stepped["request"] == 3
    assert len(store.read()) == 1


def test_moves_of_a_task(page: Page, task: str) -> None:
    page.edit(create(task, f"{task}:image", after=WEATHER))
    for kind, more, state in [
        ("submit", {}, "submitted"),
        ("reopen", {}, "in_progress"),
        ("skip", {"reason": "dark"}, "skipped"),
    ]:
        moved = only(page.say(type=kind, request=4, task=task, **more))
        assert (moved["type"], moved["request"], moved["task"]["state"]) == ("moved", 4, state)


def test_a_task_that_becomes_ones_own_keeps_what_the_page_knows_of_it(
    page: Page, task: str
) -> None:
    page.say(type="open", request=1, task=task, ahead=True)
    page.edit(create(task))
    (moved,) = [message for message in page.heard if message["type"] == "moved"]
    assert moved["task"]["state"] == "in_progress"
    # Its folder and its count are not in the row of a task: nothing is said of them.
    assert moved["task"].keys() == {"id", "item_id", "title", "state", "position"}
    row = only(page.say(type="tasks", request=2, around=task))["rows"][0]
    assert (row["folder"], row["n_annotations"]) == ("even", 1)


# Every refusal


def refusals(task: str) -> dict[str, tuple[dict[str, Any], str]]:
    return {
        "a task that is not": (dict(type="open", request=1, task="x"), "no such task"),
        "submit without answers": (dict(type="submit", request=1, task=task), "image: weather"),
        "skip without a reason": (
            dict(type="skip", request=1, task=task, reason=" "),
            "needs a reason",
        ),
        "a long reason": (dict(type="skip", request=1, task=task, reason="x" * 1001), "1001"),
        "reopen of what is open": (dict(type="reopen", request=1, task=task), "cannot reopen"),
        "undo of nothing": (
            dict(type="undo", request=1, task=task, gesture="g"),
            "no longer the last",
        ),
        "redo of nothing": (
            dict(type="redo", request=1, task=task, gesture="g"),
            "no longer the last",
        ),
    }


@pytest.mark.parametrize("name", refusals(""))
def test_a_refusal_says_why_and_changes_nothing(
    page: Page, store: Store, task: str, name: str
) -> None:
    content, words = refusals(task)[name]
    before = len(store.events)
    failed = only(page.say(**content))
    assert (failed["type"], failed["request"]) == ("failed", 1)
    assert words in failed["error"]["message"]
    assert len(store.events) == before


EDIT = {"id": "e1", "task": "t", "kind": "delete", "annotation": "a", "base": 1}
MALFORMED: dict[str, Any] = {
    "nothing": None,
    "a list": [],
    "a number": 5,
    "no type": {},
    "an unknown type": {"type": "become", "user": "admin"},
    "a type that is a list": {"type": ["open"]},
    "a constructor": {"type": "__proto__"},
    "no request": {"type": "open"},
    "a request that is text": {"type": "open", "request": "1"},
    "a request that is true": {"type": "open", "request": True},
    "a request that is NaN": {"type": "open", "request": float("nan")},
    "a request past all numbers": {"type": "open", "request": 2**100},
    "a step past all numbers": {"type": "open", "request": 1, "step": -(2**63)},
    "an offset past all numbers": {"type": "tasks", "request": 1, "offset": 2**80},
    "half a character in a task": {"type": "open", "request": 1, "task": "\ud800"},
    "half a character in a folder": {"type": "tasks", "request": 1, "folder": "\udfff"},
    "half a character in an item": {"type": "thumbnails", "request": 1, "items": ["\ud800"]},
    "half a character in a reason": {"type": "skip", "request": 1, "task": "t", "reason": "\ud800"},
    "too many thumbnails": {"type": "thumbnails", "request": 1, "items": ["item0"] * 501},
    "edits that are text": {"type": "edits", "client": "c", "edits": "all"},
    "too many edits": {"type": "edits", "client": "c", "edits": [EDIT] * 100_001},
    "an edit that is text": {"type": "edits", "client": "c", "edits": ["e1"]},
    "an edit without a name": {"type": "edits", "client": "c", "edits": [EDIT | {"id": 5}]},
    "a client that is a book": {"type": "edits", "client": "c" * 65, "edits": []},
    "half a character in a client": {"type": "edits", "client": "\ud800", "edits": []},
    "no number to cancel": {"type": "cancel", "cancels": None},
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_message_raises_and_tells_the_page(page: Page, store: Store, name: str) -> None:
    content = MALFORMED[name]
    before = len(store.events)
    sent: list[dict[str, Any]] = []
    link = Link(page.session, lambda content, _: sent.append(content), lambda: None)
    with pytest.raises(LinkError, match="message from the browser"):
        link.receive(content)
    failed = only(sent)
    assert failed["type"] == "failed"
    assert failed["error"]["kind"] == "LinkError"
    if (
        isinstance(content, dict)
        and content.get("request") is not True
        and content.get("request") == 1
    ):
        assert failed["request"] == 1, "who waits for the answer hears of it"
    assert len(store.events) == before


@pytest.mark.parametrize(
    "wrong",
    [{"author": "ben"}, {"base": "1"}, {"kind": "upsert"}, {"task": None}, {"after": "\ud800"}],
    ids=str,
)
def test_a_malformed_edit_holds_no_other_up(
    page: Page, store: Store, task: str, wrong: dict[str, Any]
) -> None:
    # A page sends all that is not acknowledged together: one that can never be would keep
    # the others from the store for ever.
    page.say(type="open", request=1)
    good, with_it = create(task), create(task, gesture="g")
    bad = msgspec.to_builtins(create(task, gesture="g")) | wrong
    before = len(page.heard)
    raw = [bad, msgspec.to_builtins(with_it), msgspec.to_builtins(good)]
    with pytest.raises(LinkError, match=f"edit '{bad['id']}': The edit is malformed"):
        page.say(type="edits", client="here", edits=raw)
    applied, refused = page.heard[before:]
    assert [edit["id"] for edit in applied["edits"]] == [good.id]
    assert [edit["id"] for edit in refused["edits"]] == [bad["id"], with_it.id]
    assert {edit["reason"] for edit in refused["edits"]} == {"invalid"}
    assert [made.id for made in store.read()] == [good.annotation]


def test_nesting_without_end_is_refused(page: Page, task: str) -> None:
    deep: Any = {}
    for _ in range(100_000):
        deep = {"a": deep}
    edit = msgspec.to_builtins(create(task))
    edit["after"]["origin"] = {"kind": "hand", "parameters": deep}
    refused = only(page.say(type="edits", client="here", edits=[edit]))
    assert only(refused["edits"])["reason"] == "invalid"
    assert "too deeply" in only(refused["edits"])["message"]
    with pytest.raises(LinkError):
        page.link.receive({"type": "open", "request": 1, "task": deep})


def test_a_store_that_cannot_take_edits_leaves_them_to_the_page(
    page: Page, task: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StoreFullError("cannot grow: the disk is full.", where="cars.db")

    monkeypatch.setattr(page.session, "apply", full)
    failed = only(page.edit(create(task)))
    assert (failed["type"], failed["request"]) == ("failed", None)
    assert failed["error"]["message"] == "cars.db: cannot grow: the disk is full."


def test_a_fault_of_ours_is_raised_and_told(
    page: Page, task: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(page.session, "submit", broken)
    with pytest.raises(ZeroDivisionError):
        page.say(type="submit", request=9, task=task)
    assert page.heard[-1]["request"] == 9
    assert "log says more" in page.heard[-1]["error"]["message"]


# A work list


def test_a_work_list_leaks_nothing_of_other_tasks(store: Store) -> None:
    mine, other = store.task_ids()[:2]
    secret = create(other, after={"geometry": rectangle(123)})
    store.apply([secret], "ben")
    picture = create(other, f"{other}:image", after=WEATHER)
    store.apply([picture], "ana")
    before = len(store.events)
    page = Page(Session(store, BlankPictures(), "ana", [mine]))
    for content in [
        dict(type="open", request=1, task=other),
        dict(type="open", request=1, task=other, step=1),
        dict(type="open", request=1, task=mine, step=1),
        dict(type="tasks", request=1),
        dict(type="tasks", request=1, around=other),
        dict(type="tasks", request=1, folder="odd"),
        dict(type="pixels", request=1, item="item1"),
        dict(type="thumbnails", request=1, items=["item1", "item3"]),
        dict(type="undo", request=1, task=other, gesture=picture.id),
        dict(type="redo", request=1, task=other, gesture=picture.id),
        dict(type="submit", request=1, task=other),
        dict(type="skip", request=1, task=other, reason="mine"),
        dict(type="reopen", request=1, task=other),
    ]:
        page.say(**content)
    for edit in [
        secret,
        picture,
        create(other),
        create(other, secret.annotation),
        create(other, id=secret.id),
        create(mine, secret.annotation),
        create(mine, id=secret.id),
        update(mine, secret.annotation, 1, {"geometry": rectangle()}),
        update(other, secret.annotation, 1, {"geometry": rectangle()}),
        delete(mine, picture.annotation, 1),
    ]:
        refused = only(page.edit(edit))
        assert refused["type"] == "refused", edit
        assert only(refused["edits"])["current"] is None
    # To look at my own task was the one thing that was allowed, and it leaves no trace.
    assert store.events["kind"].tolist()[before:] == []
    said = json.dumps(page.heard)
    assert "123" not in said
    assert "item1" not in said.replace('"item": "item1", "error"', "").replace("item 'item1'", "")
    for sent in page.buffers:
        assert all(b"123" not in buffer and buffer != b"item1" for buffer in sent)
    assert all(m.get("total", 1) <= 1 for m in page.heard)


def test_a_gesture_that_reaches_out_of_the_work_list_is_refused_whole(store: Store) -> None:
    mine, other = store.task_ids()[:2]
    page = Page(Session(store, BlankPictures(), "ana", [mine]))
    refused = only(page.edit(create(mine, gesture="g"), create(other, gesture="g")))
    assert [edit["reason"] for edit in refused["edits"]] == ["forbidden", "forbidden"]
    assert store.read() == []


# With an event loop


class SlowPictures(BlankPictures):
    """Pictures that come when the test lets them."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.begun: list[str] = []

    def encoded(self, item_id: str, /, frame: int = 0, raw: bool = True) -> BlankPicture:
        self.begun.append(item_id)
        assert self.gate.wait(20)
        return super().encoded(item_id)

    def thumbnail(self, item_id: str, /, edge: int = 96) -> BlankPicture:
        self.begun.append(item_id)
        assert self.gate.wait(20)
        return super().thumbnail(item_id, edge)


def run(work: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        await asyncio.wait_for(work(), 60)

    asyncio.run(bounded())


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.005)


def test_slow_pictures_hold_nothing_up(store: Store) -> None:
    pictures = SlowPictures()

    async def work() -> None:
        page = Page(Session(store, pictures, "ana"), alone=False)
        assert page.say(type="pixels", request=1, item="item0") == []
        await until(lambda: pictures.begun == ["item0"])
        assert only(page.say(type="tasks", request=2))["request"] == 2
        assert only(page.edit(create(store.task_ids()[0])))["type"] == "applied"
        pictures.gate.set()
        await until(lambda: page.kinds()[-1] == "pixels")
        page.link.close()

    run(work)


def test_what_is_cancelled_is_not_answered(store: Store) -> None:
    pictures = SlowPictures()

    async def work() -> None:
        page = Page(Session(store, pictures, "ana"), alone=False)
        for request, item in enumerate(["item0", "item1", "item2", "item3"]):
            page.say(type="pixels", request=request, item=item)
        await until(lambda: len(pictures.begun) == 2)
        begun = list(pictures.begun)
        for request in range(3):
            page.say(type="cancel", cancels=request)
        await asyncio.sleep(0)
        pictures.gate.set()
        await until(lambda: "pixels" in page.kinds())
        await asyncio.sleep(0.05)
        assert [one["request"] for one in page.heard] == [3]
        assert pictures.begun == [*begun, "item3"], "what had not begun never did"
        page.link.close()

    run(work)


def test_a_read_that_is_cancelled_is_told_so_on_its_way(store: Store) -> None:
    class Remote(SlowPictures):
        given_up = False

        def encoded(self, item_id: str, /, frame: int = 0, raw: bool = True) -> BlankPicture:
            self.begun.append(item_id)
            wanted = current()
            assert wanted is not None
            while not wanted.cancelled:
                assert not self.gate.wait(0.005)
            self.given_up = True
            wanted.check()
            raise AssertionError("It went on.")

    pictures = Remote()

    async def work() -> None:
        page = Page(Session(store, pictures, "ana"), alone=False)
        page.say(type="pixels", request=1, item="item0")
        await until(lambda: pictures.begun == ["item0"])
        page.say(type="cancel", cancels=1)
        await until(lambda: pictures.given_up)
        assert page.heard == []
        page.link.close()

    run(work)


def test_what_is_likely_to_be_next_is_read_when_a_task_is_opened(store: Store) -> None:
    pictures = BlankPictures()

    async def work() -> None:
        page = Page(Session(store, pictures, "ana"), alone=False)
        opened = only(page.say(type="open", request=1))
        assert opened["next"] == [f"item{n}" for n in (1, 2, 3)]
        assert pictures.ahead[:4] == ["item0", "item1", "item2", "item3"]
        states = [row["state"] for row in page.session.tasks()[0]]
        assert states == ["in_progress", "queued", "queued", "queued"], "nothing else is claimed"
        page.link.close()
        assert pictures.ahead == [], "nothing is read for a widget that is gone"

    run(work)


def test_a_neighbour_is_looked_at_before_anybody_goes_there(page: Page, store: Store) -> None:
    first, second, *_ = store.task_ids()
    page.say(type="open", request=1)
    seen = only(page.say(type="open", request=2, task=first, step=1, ahead=True))
    assert seen["task"]["id"] == second
    assert "next" not in seen
    assert page.session.task(second)["state"] == "queued", "looking claims nothing"
    nobody = only(page.say(type="open", request=3, task=first, step=-1, ahead=True))
    assert (nobody["task"], nobody["total"]) == (None, 4)
    opened = only(page.say(type="open", request=4, task=first, step=1))
    assert {**seen, "request": 4} == {name: opened[name] for name in opened if name != "next"}


def test_pictures_that_are_read_ahead_do_not_hold_up_the_one_that_is_waited_for(
    store: Store,
) -> None:
    class Slow(SlowPictures):
        def encoded(self, item_id: str, /, frame: int = 0, raw: bool = True) -> BlankPicture:
            wait = item_id != "item3"
            return super().encoded(item_id) if wait else BlankPictures.encoded(self, item_id)

    pictures = Slow()

    async def work() -> None:
        page = Page(Session(store, pictures, "ana"), alone=False)
        for request in range(9):
            page.say(type="pixels", request=request, item=f"item{request % 3}", ahead=True)
        page.say(type="pixels", request=99, item="item3")
        await until(lambda: page.kinds() == ["pixels"])
        assert page.heard[0]["request"] == 99
        pictures.gate.set()
        await until(lambda: len(page.heard) == 10)
        page.link.close()

    run(work)


def test_cancelling_what_is_not_there_does_nothing(page: Page) -> None:
    for number in (0, -1, 99, 2**53):
        assert page.say(type="cancel", cancels=number) == []


def test_a_number_used_twice_is_answered_twice(store: Store) -> None:
    async def work() -> None:
        page = Page(Session(store, BlankPictures(), "ana"), alone=False)
        for item in ("item0", "item1"):
            page.say(type="pixels", request=1, item=item)
        await until(lambda: len(page.heard) == 2)
        assert {one["item"] for one in page.heard} == {"item0", "item1"}
        page.link.close()

    run(work)


def test_a_picture_does_not_wait_for_thumbnails(store: Store) -> None:
    class Slow(SlowPictures):
        def encoded(self, item_id: str, /, frame: int = 0, raw: bool = True) -> BlankPicture:
            return BlankPictures.encoded(self, item_id)

    pictures = Slow()

    async def work() -> None:
        page = Page(Session(store, pictures, "ana"), alone=False)
        for request in range(10):
            page.say(type="thumbnails", request=request, items=["item0"] * 500)
        page.say(type="pixels", request=99, item="item1")
        await until(lambda: page.kinds() == ["pixels"])
        for request in range(10):
            page.say(type="cancel", cancels=request)
        pictures.gate.set()
        await asyncio.sleep(0.05)
        assert page.kinds() == ["pixels"]
        page.link.close()

    run(work)


def test_thousands_of_thumbnails_are_all_answered(store: Store) -> None:
    async def work() -> None:
        page = Page(Session(store, BlankPictures(), "ana"), alone=False)
        for request in range(10):
            page.say(type="thumbnails", request=request, items=["item0"] * 499 + ["item9"])
        await until(lambda: len(page.heard) == 5000)
        # A task is forgotten one turn of the loop after it has answered.
        await until(lambda: not page.link._pictures._reader._running)
        page.link.close()

    run(work)


def test_edits_of_another_process_are_told_to_pages_that_show_the_task(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labelwidgets.widgets.elsewhere.POLL", 0.01)
    shown, hidden = store.task_ids()[:2]

    async def work() -> None:
        page = Page(Session(store, BlankPictures(), "ana"), alone=False)
        page.say(type="open", request=1, task=shown)
        with Store.open(str(store.location)) as elsewhere:
            unseen, seen = create(hidden), create(shown)
            elsewhere.apply([unseen], "ben")
            elsewhere.apply([seen], "ben")
        await until(lambda: page.kinds()[-1] == "applied")
        told = only(page.heard[-1]["edits"])
        assert (told["id"], told["actor"]) == (seen.id, "ben")
        await asyncio.sleep(0.05)
        assert page.kinds().count("applied") == 1, "each is told once"
        page.link.close()

    run(work)


def test_issues_of_another_process_are_told_to_pages_that_show_the_task_and_what_became_of_them(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labelwidgets.widgets.elsewhere.POLL", 0.01)
    shown, hidden = store.task_ids()[:2]

    async def work() -> None:
        pages = [Page(Session(store, BlankPictures(), who), alone=False) for who in ("ana", "ben")]
        for page in pages:
            page.say(type="open", request=1, task=shown)
        with Store.open(str(store.location)) as elsewhere:
            theirs = Session(elsewhere, BlankPictures(), "cy").issues
            theirs.raise_issue(hidden, "Not here.")
            made = theirs.raise_issue(shown, "Too small.", at=(5, 6))
            for page in pages:
                await until(lambda page=page: page.kinds()[-1] == "issue")  # type: ignore[misc]
                told = page.heard[-1]
                assert (told["request"], told["issue"]["id"]) == (None, made.id)
                assert told["issue"]["thread"][0]["text"] == "Too small."
            theirs.resolve(made.id, "It is not.")
        for page in pages:
            await until(lambda page=page: page.kinds().count("issue") == 2)  # type: ignore[misc]
            told = page.heard[-1]["issue"]
            assert (told["state"], told["resolved_by"], len(told["thread"])) == (
                "resolved",
                "cy",
                2,
            )
        await asyncio.sleep(0.05)
        for page in pages:
            assert page.kinds().count("issue") == 2, "each is told once"
            page.link.close()

    run(work)


def test_looking_for_others_goes_on_after_a_trouble_and_ends_with_the_link(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("labelwidgets.widgets.elsewhere.POLL", 0.01)
    session = Session(store, BlankPictures(), "ana")
    asked = 0
    changes = session.changes

    def troubled(after: int) -> Any:
        nonlocal asked
        asked += 1
        if asked == 1:
            raise StoreFullError("cannot grow.", where="cars.db")
        return changes(after)

    monkeypatch.setattr(session, "changes", troubled)

    async def work() -> None:
        page = Page(session, alone=False)
        page.say(type="open", request=1)
        await until(lambda: asked > 2)
        page.link.close()
        await asyncio.sleep(0.03)
        before = asked
        await asyncio.sleep(0.05)
        assert asked == before
        page.say(type="open", request=2)
        await asyncio.sleep(0.05)
        assert asked == before, "a closed link does not begin again"

    run(work)
    assert "cars.db: cannot grow." in caplog.text


def test_pages_of_one_kernel_hear_of_one_another_until_they_close(store: Store, task: str) -> None:
    first, second = (Page(Session(store, BlankPictures(), user)) for user in ("ana", "ben"))
    for page in (first, second):
        page.say(type="open", request=1, task=task)
    made = create(task)
    first.edit(made)
    assert only(second.heard[-1]["edits"])["actor"] == "ana"
    assert only(second.heard[-1]["edits"])["client"] == "here"
    second.link.close()
    before = len(second.heard)
    first.edit(create(task))
    assert len(second.heard) == before
    second.link.close()


def test_closing_gives_up_what_is_being_read(store: Store) -> None:
    pictures = SlowPictures()

    async def work() -> None:
        page = Page(Session(store, pictures, "ana"), alone=False)
        page.say(type="pixels", request=1, item="item0")
        await until(lambda: pictures.begun == ["item0"])
        page.link.close()
        pictures.gate.set()
        await asyncio.sleep(0.05)
        assert page.heard == []

    run(work)


def test_the_client_of_another_is_only_a_label(store: Store, task: str) -> None:
    page = Page(Session(store, BlankPictures(), "ana"))
    edit = msgspec.to_builtins(create(task))
    answer = only(page.say(type="edits", client="ben", edits=[edit]))
    assert only(answer["edits"])["actor"] == "ana"
    assert store.annotations["author"].tolist() == ["ana"]


def test_a_model_that_a_click_asks_is_told_of_the_labels_of_what_is_shown(
    page: Page, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    import numpy as np

    import labelwidgets as lw
    from labelwidgets.assist import registry

    blank = np.zeros((480, 640, 3), np.uint8)
    monkeypatch.setattr(Session, "pixels", lambda self, item, frame: blank)

    seen: list[list[str]] = []

    def net(pixels: Any, context: lw.Context) -> None:
        seen.append([one.id for one in context.labels])

    first, second = store.task_ids()[:2]
    page.say(type="open", request=1, task=second)
    page.edit(create(second))
    page.say(type="open", request=2, task=first)
    page.edit(one := create(first), two := create(first))
    asked = {"type": "compute", "tool": "net", "prompt": {}, "parameters": {}, "as": "mask"}
    try:
        registry.register(lw.assistant(net))
        for number, task in enumerate((first, second), 3):
            item = page.session.item_of(task)
            assert only(page.say(**asked, request=number, item=item))["type"] == "computed"
    finally:
        registry._made.clear()
    assert seen[0] == [one.annotation, two.annotation]
    assert len(seen[1]) == 1, "another page may still show what was opened before"
