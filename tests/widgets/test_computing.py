"""What a page asks of the kernel's tools, damaged or in haste."""

from __future__ import annotations

import asyncio
import math
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from labelwidgets.errors import LinkError
from labelwidgets.store.store import Store
from labelwidgets.widgets.link import Link
from labelwidgets.workflow.session import Session
from tests.store.making import make_store
from tests.workflow.pictures import BlankPictures

COMPUTE = {
    "type": "compute",
    "request": 7,
    "item": "item0",
    "tool": "wand",
    "prompt": {},
    "parameters": {},
}


class Pictures(BlankPictures):
    """Black pictures that come when the gate is open."""

    def __init__(self) -> None:
        self.gate = threading.Event()

    def pixels(self, item_id: str, /, frame: int = 0) -> npt.NDArray[Any]:
        self.gate.wait(20)
        return np.zeros((480, 640), np.uint8)


@pytest.fixture
def pictures() -> Pictures:
    return Pictures()


@pytest.fixture
def session(tmp_path: Path, pictures: Pictures) -> Iterator[Session]:
    with make_store(tmp_path / "cars.db") as store:
        yield Session(store, pictures, "ana")


def one_of(store: Store) -> list[str]:
    return store.task_ids()[:1]


@pytest.mark.parametrize(
    ("prompt", "why"),
    [
        ({"clicks": [{"x": math.nan, "y": 1}]}, "no place on an image"),
        ({"clicks": [{"x": 1, "y": -math.inf}]}, "no place on an image"),
        ({"scribbles": [{"points": [[0, 1e300]]}]}, "no place on an image"),
        ({"scribbles": [{"points": []}]}, "length >= 1"),
        ({"box": [5, 5, 0, 3]}, "wider and higher than 0"),
        ({"box": [5, 5, 3, -1]}, "wider and higher than 0"),
        ({"clicks": [{"x": 1, "y": 1}] * 1001}, "length <= 1000"),
    ],
)
def test_a_prompt_that_is_none_is_answered(
    session: Session, prompt: dict[str, Any], why: str
) -> None:
    heard: list[dict[str, Any]] = []
    link = Link(session, lambda content, _: heard.append(content), find_loop=lambda: None)
    with pytest.raises(LinkError, match=why):
        link.receive({**COMPUTE, "prompt": prompt})
    (answer,) = heard
    assert (answer["type"], answer["request"]) == ("failed", 7)
    assert why in answer["error"]["message"]


def test_the_pixels_of_others_work_are_not_computed_on(session: Session) -> None:
    narrow = Session(session.store, Pictures(), "ana", one_of(session.store))
    heard: list[dict[str, Any]] = []
    link = Link(narrow, lambda content, _: heard.append(content), find_loop=lambda: None)
    link.receive({**COMPUTE, "item": "item1", "prompt": {"clicks": [{"x": 1, "y": 1}]}})
    assert "work list" in heard[0]["error"]["message"]


def run(work: Callable[[], Any]) -> None:
    asyncio.run(asyncio.wait_for(work(), 60))


def test_getting_ready_for_many_slow_pictures_is_not_complained_of(
    session: Session, pictures: Pictures
) -> None:
    heard: list[dict[str, Any]] = []

    async def work() -> None:
        link = Link(session, lambda content, _: heard.append(content))
        for _ in range(50):
            link.receive({"type": "prepare", "item": "item0", "tool": "wand"})
        link.receive({"type": "prepare", "item": "item0", "tool": "taken out since"})
        running = [it for it in threading.enumerate() if it.name.endswith("wand, ahead")]
        assert 0 < len(running) <= 4
        pictures.gate.set()
        link.close()

    run(work)
    assert heard == []


def test_a_page_hears_when_a_tool_is_ready_and_when_there_is_none(
    session: Session, pictures: Pictures
) -> None:
    heard: list[dict[str, Any]] = []
    ready = asyncio.Event()

    def hear(content: dict[str, Any], _: object) -> None:
        heard.append(content)
        if content["request"] == 7:
            ready.set()

    async def work() -> None:
        link = Link(session, hear)
        link.receive({"type": "prepare", "item": "item0", "tool": "taken out since", "request": 6})
        link.receive({"type": "prepare", "item": "item0", "tool": "wand", "request": 7})
        assert heard == [{"type": "prepared", "request": 6}]
        pictures.gate.set()
        await ready.wait()
        link.close()

    run(work)
    assert heard[1:] == [{"type": "prepared", "request": 7}]


def test_the_last_of_quick_strokes_is_computed_when_there_is_room(
    session: Session, pictures: Pictures, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The first call may have to compile.
    monkeypatch.setattr("labelwidgets.widgets.computing.PATIENCE", 60)
    heard: list[dict[str, Any]] = []

    async def work() -> None:
        link = Link(session, lambda content, _: heard.append(content))
        for request in range(1, 21):
            prompt = {"clicks": [{"x": request, "y": 1}]}
            link.receive({**COMPUTE, "request": request, "prompt": prompt})
            if request < 20:
                link.receive({"type": "cancel", "cancels": request})
        await asyncio.sleep(0.05)
        assert heard == []
        pictures.gate.set()
        while not heard:
            await asyncio.sleep(0.005)
        await asyncio.sleep(0.05)
        link.close()

    run(work)
    assert [(one["type"], one["request"]) for one in heard] == [("computed", 20)]


def test_runs_that_never_come_back_are_told_of(
    session: Session, pictures: Pictures, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labelwidgets.widgets.computing.PATIENCE", 0.05)
    heard: list[dict[str, Any]] = []

    async def work() -> None:
        link = Link(session, lambda content, _: heard.append(content))
        for request in range(1, 8):
            link.receive({**COMPUTE, "request": request})
        while len(heard) < 3:
            await asyncio.sleep(0.005)
        link.close()
        pictures.gate.set()

    run(work)
    assert [one["request"] for one in heard] == [5, 6, 7]
    assert all("4 earlier runs" in one["error"]["message"] for one in heard)
