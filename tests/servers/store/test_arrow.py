"""Frames of many rows come as Arrow, and are the same as those that come row by row."""

from __future__ import annotations

import sys
from typing import Any

import pandas as pd
import pytest

from labelwidgets.store import arrow, frames
from labelwidgets.store.store import Store
from tests.store.making import create, mask, rectangle, volume


@pytest.fixture
def full(store: Store) -> Store:
    task = store.task_ids()[0]
    answers = {"class_name": None, "geometry": {"type": "tag"}, "attributes": {"weather": "dry"}}
    store.apply(
        [
            create(task),
            create(task, after={"frame": 3, "confidence": 0.25, "track_id": "t1"}),
            create(task, after={"geometry": mask(0b1011), "attributes": {"occluded": "ja: ü 漢"}}),
            create(task, after={"geometry": volume({1: 7}), "origin": {"kind": "tool"}}),
            create(task, f"{task}:image", after=answers),
            *(create(task, after={"geometry": rectangle(n)}) for n in range(50)),
        ],
        "ana",
    )
    return store


def test_frames_by_arrow_equal_those_by_sqlalchemy(
    full: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("adbc_driver_postgresql")
    plain = full.annotations
    read = []

    def counted(*given: Any) -> Any:
        read.append(arrow.read_arrow(*given))
        return read[-1]

    monkeypatch.setattr(frames, "MANY", 5)
    monkeypatch.setattr(frames, "read_arrow", counted)
    by_arrow = full.annotations
    assert read[-1] is not None, "it was read by ADBC"
    pd.testing.assert_frame_equal(by_arrow, plain)
    first, second = by_arrow["attributes"].iloc[:2]
    assert first is not second, "no two rows share an answer"


def test_without_adbc_frames_come_all_the_same(
    full: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = full.annotations
    monkeypatch.setattr(frames, "MANY", 5)
    monkeypatch.setitem(sys.modules, "adbc_driver_postgresql", None)
    pd.testing.assert_frame_equal(full.annotations, plain)
