"""kill -9 at any moment: what was acknowledged is there, no gesture is half, the file is sound."""

from __future__ import annotations

import random
import signal
import sqlite3
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from labelwidgets.store.log import read_log
from labelwidgets.store.past import replay_annotations
from labelwidgets.store.store import Store
from tests.store.killing import killed
from tests.store.making import applied, create, make_store
from tests.store.writer import move_for_ever, paint_for_ever, write_for_ever

ROUNDS = 50
WRITERS = 4


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here")
def test_two_hundred_kills(tmp_path: Path) -> None:
    path = tmp_path / "cars.db"
    make_store(path, count=1).close()
    dice = random.Random(20260101)
    acknowledged: set[str] = set()
    for _ in range(ROUNDS):
        # However busy the machine is, two of them have got something done.
        acknowledged |= killed(write_for_ever, str(path), dice, count=WRITERS, within=0.02, sure=2)
    raw = sqlite3.connect(path)
    assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert raw.execute("PRAGMA foreign_key_check").fetchall() == []
    raw.close()
    with Store.open(path) as store:
        events = store.events.query("kind in ('create', 'update')")
        sizes = events.groupby("gesture").size()
        assert set(sizes.unique()) == {4}, "no gesture is half"
        assert acknowledged <= set(sizes.index), "nothing acknowledged is lost"
        assert len(acknowledged) > ROUNDS
        annotations = store.annotations
        assert set(annotations["id"]) == set(events["annotation_id"])
        assert annotations["revision"].sum() == len(events)
        applied(store.apply([create(store.task_ids()[0])], "ana")[0])


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here")
@pytest.mark.parametrize("work", [paint_for_ever, move_for_ever])
def test_patches_survive_kills_as_far_as_they_were_acknowledged(
    tmp_path: Path, work: Callable[[str, Connection], None]
) -> None:
    path = tmp_path / "patches.db"
    make_store(path, count=1).close()
    dice = random.Random(20260202)
    acknowledged: set[str] = set()
    for _ in range(4):
        acknowledged |= killed(work, str(path), dice, count=2, within=0.1)
    assert acknowledged
    with Store.open(path) as store:
        held = store.held([name for name in store.annotations["id"]])
        for said in acknowledged:
            name, revision = said.split()
            assert held[name].annotation.revision >= int(revision)
        with store.reading() as connection:
            assert replay_annotations(read_log(connection)) == held, "state is what the log says"
        names = sorted({said.split()[0] for said in acknowledged})[:2]
        task = store.task_ids()[0]
        for name in names:
            now = held[name].annotation
            before = now.geometry
            (edit,) = store.taking_back("ana", task)
            applied(store.apply([edit], "ana")[0])
            (again,) = store.bringing_again("ana", task)
            applied(store.apply([again], "ana")[0])
            assert store.held([name])[name].annotation.geometry == before
