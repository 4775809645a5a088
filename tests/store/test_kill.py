"""kill -9 at any moment: what was acknowledged is there, no gesture is half, the file is sound."""

from __future__ import annotations

import multiprocessing
import random
import signal
import sqlite3
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from labelwidgets.store.log import read_log
from labelwidgets.store.past import replay_annotations
from labelwidgets.store.store import Store
from tests.store.making import applied, create, make_store
from tests.store.writer import move_for_ever, paint_for_ever, write_for_ever

ROUNDS = 50
WRITERS = 4


def heard(connection: Connection) -> set[str]:
    """Everything that came through whole; what was cut off was acknowledged to nobody."""
    said = set()
    while True:
        try:
            said.add(connection.recv_bytes().decode())
        except (EOFError, OSError):
            return said - {"ready"}


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here")
def test_two_hundred_kills(tmp_path: Path) -> None:
    path = tmp_path / "cars.db"
    make_store(path, count=1).close()
    # A server that has everything imported and forks: two hundred interpreters would take minutes.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.store.writer"])
    dice = random.Random(20260101)
    acknowledged: set[str] = set()
    for _ in range(ROUNDS):
        writers = []
        for _ in range(WRITERS):
            ours, theirs = context.Pipe(duplex=False)
            process = context.Process(target=write_for_ever, args=(str(path), theirs), daemon=True)
            process.start()
            theirs.close()
            writers.append((process, ours))
        for _, ours in writers:
            assert ours.recv_bytes() == b"ready"
        # However busy the machine is, two of them have got something done.
        assert all(ours.poll(30) for _, ours in writers[:2])
        # They compete until the last moment, each killed wherever it is.
        for process, _ in writers:
            time.sleep(dice.random() * 0.02)
            process.kill()
        for process, ours in writers:
            acknowledged |= heard(ours)
            process.join()
            assert process.exitcode == -signal.SIGKILL
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
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.store.writer"])
    dice = random.Random(20260202)
    acknowledged: set[str] = set()
    for _ in range(4):
        writers = []
        for _ in range(2):
            ours, theirs = context.Pipe(duplex=False)
            process = context.Process(target=work, args=(str(path), theirs), daemon=True)
            process.start()
            theirs.close()
            writers.append((process, ours))
        assert all(ours.recv_bytes() == b"ready" and ours.poll(30) for _, ours in writers)
        for process, _ in writers:
            time.sleep(dice.random() * 0.1)
            process.kill()
        for process, ours in writers:
            acknowledged |= heard(ours)
            process.join()
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
