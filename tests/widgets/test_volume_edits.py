"""What a page asks to be done with volume masks as wholes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np
import pytest

from labelwidgets.errors import LinkError
from labelwidgets.media.volumes import Facts, Grid
from labelwidgets.widgets.link import Link
from labelwidgets.workflow.session import Session
from tests.store.making import applied, create, make_store, mask, update, volume, volume_patch
from tests.workflow.pictures import BlankPictures

SHAPE = (5, 4, 5)


class Scans(BlankPictures):
    def volume(self, item_id: str, /) -> Any:
        return SimpleNamespace(
            grid=Grid(SHAPE, (2.0, 1.0, 1.0)),
            facts=Facts("CT", "HU"),
            values=lambda k: np.full(SHAPE[1:], 100 * k, np.int16),
        )


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with make_store(tmp_path / "cars.db") as store:
        store_session = Session(store, Scans(), "ana")
        yield store_session


def ask(session: Session, task: str, name: str, operation: str, **numbers: float) -> Any:
    heard: list[tuple[dict[str, Any], list[bytes]]] = []
    link = Link(session, lambda content, data: heard.append((content, list(data))), lambda: None)
    message = {"type": "operate", "request": 3, "task": task, "annotations": [name]}
    link.receive({**message, "operation": operation, "numbers": numbers})
    content, buffers = heard[-1]
    if content["type"] == "failed":
        return content["error"]["message"]
    assert content == {"type": "operated", "request": 3}
    return msgspec.json.decode(buffers[0])


def started(session: Session, geometry: dict[str, Any]) -> tuple[str, str]:
    task = session.store.task_ids()[0]
    edit = create(task, after={"geometry": geometry, "attributes": {"occluded": "no"}})
    # The pictures of these tasks are said to be larger than the slices: the store alone is asked.
    applied(session.store.apply([edit], "ana")[0])
    return task, edit.annotation


def test_a_patch_comes_back_that_makes_it_so(session: Session) -> None:
    task, name = started(session, volume({0: 0b1111, 2: 0b1111}))
    before = session.store.read(ids=[name])[0]
    (found,) = ask(session, task, name, "interpolate")
    assert (found["annotation"], found["revision"]) == (name, 1)
    assert found["patch"]["slices"].keys() == {"1"}
    assert session.store.read(ids=[name])[0] == before, "nothing is changed by asking"
    edit = update(task, name, 1, {"geometry": found["patch"]})
    applied(session.store.apply([edit], "ana")[0])
    assert ask(session, task, name, "interpolate") == [
        {"annotation": name, "revision": 2, "patch": None}
    ]


def test_values_are_measured(session: Session) -> None:
    task, name = started(session, volume({1: 0b1, 3: 0b111}))
    (found,) = ask(session, task, name, "measure")
    assert found["statistics"]["voxels"] == 4
    assert found["statistics"]["millilitres"] == pytest.approx(4 * 2 / 1000)
    assert found["statistics"]["mean"] == pytest.approx((100 + 3 * 300) / 4)


def test_what_is_impossible_is_said(session: Session) -> None:
    task, name = started(session, volume({1: 0b1}))
    _, flat = started(session, mask(5))
    assert "no operation" in ask(session, task, name, "melt")
    assert "margin" in ask(session, task, name, "grow")
    assert "0 to 500 mm" in ask(session, task, name, "grow", margin=1e9)
    assert "no volume mask of this task" in ask(session, task, flat, "fill")
    assert "no volume mask of this task" in ask(session, task, "nobody", "fill")
    assert "no volume mask of this task" in ask(session, session.store.task_ids()[1], name, "fill")
    with pytest.raises(LinkError):
        ask(session, task, name, "grow", margin="wide")  # type: ignore[arg-type]


def test_the_masks_of_others_work_are_out_of_reach(session: Session) -> None:
    task, name = started(session, volume({1: 0b1}))
    narrow = Session(session.store, Scans(), "ben", session.store.task_ids()[1:])
    assert "work list" in ask(narrow, task, name, "measure")


def test_edits_made_meanwhile_are_told_by_the_revision(session: Session) -> None:
    task, name = started(session, volume({1: 0b1}))
    edit = update(task, name, 1, {"geometry": volume_patch({2: 1})})
    applied(session.store.apply([edit], "ben")[0])
    (found,) = ask(session, task, name, "grow", margin=2)
    assert found["revision"] == 2
    assert found["patch"]["slices"].keys() == {"0", "1", "2", "3"}
