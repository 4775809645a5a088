"""Servers that go down, lines that are cut, people who are killed: nothing is lost."""

from __future__ import annotations

import contextlib
import multiprocessing
import random
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from labelwidgets.errors import (
    NotAStoreError,
    SchemaError,
    StoreError,
    StoreLockedError,
    StoreUnreachableError,
)
from labelwidgets.store.engine import make_engine
from labelwidgets.store.location import Location
from labelwidgets.store.log import read_log
from labelwidgets.store.past import replay_annotations
from labelwidgets.store.store import Store
from tests.servers.conftest import running
from tests.servers.postgres import Postgres
from tests.servers.process import HOST
from tests.store.claimer import claim_all
from tests.store.killing import killed
from tests.store.making import NewPlace, applied, create, make_store
from tests.store.test_leases import begin
from tests.store.writer import write_for_ever


@pytest.fixture
def own_server() -> Iterator[Postgres]:
    """A server that a test may break."""
    yield from running(Postgres)


class Line:
    """Passes on what goes to a server, until it is cut."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._ends: list[socket.socket] = []
        self.port = 0
        self.mend()

    def mend(self) -> None:
        self._door = socket.create_server((HOST, self.port))
        self.port = int(self._door.getsockname()[1])
        threading.Thread(target=self._accept, args=(self._door,), daemon=True).start()

    def cut(self) -> None:
        for end in [self._door, *self._ends]:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._ends.clear()

    def _accept(self, door: socket.socket) -> None:
        while True:
            try:
                near, _ = door.accept()
                far = socket.create_connection((HOST, self._to))
            except OSError:
                return
            self._ends += [near, far]
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._pass, args=(one, other), daemon=True).start()

    def _pass(self, one: socket.socket, other: socket.socket) -> None:
        try:
            while data := one.recv(65536):
                other.sendall(data)
            other.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def test_a_line_that_is_cut_is_named_and_taken_up_again(
    postgres: Postgres, new_place: NewPlace
) -> None:
    place = new_place()
    make_store(place).close()
    line = Line(postgres.port)
    with Store.open(postgres.url(place.rsplit("/", 1)[1], line.port), wait=2) as store:
        task = store.task_ids()[0]
        first, second = create(task), create(task)
        applied(store.apply([first], "ana")[0])
        line.cut()
        for _ in range(2):
            with pytest.raises(StoreUnreachableError, match="Nothing acknowledged is lost"):
                store.apply([second], "ana")
        with pytest.raises(StoreUnreachableError):
            store.changes(0)
        line.mend()
        applied(store.apply([second], "ana")[0])
        applied(store.apply([first], "ana")[0])
        assert [made.id for made in store.read()] == [first.annotation, second.annotation]
    line.cut()


@pytest.mark.parametrize("crash", [False, True])
def test_a_server_that_is_restarted_has_all_that_was_acknowledged(
    own_server: Postgres, crash: bool
) -> None:
    place = own_server.database()
    make_store(place).close()
    acknowledged: list[str] = []
    stop = threading.Event()
    # Who has not opened the store yet would fail to.
    all_there = threading.Barrier(4)

    def work(number: int) -> int:
        troubles = 0
        with Store.open(place, wait=5) as store:
            task = store.task_ids()[number % 4]
            all_there.wait()
            edit = create(task)
            while not stop.is_set():
                try:
                    applied(store.apply([edit], f"person{number}")[0])
                except StoreUnreachableError:
                    # Sent again as it was: whether it got there, nobody knows.
                    troubles += 1
                    time.sleep(0.05)
                    continue
                acknowledged.append(edit.annotation)
                edit = create(task)
        return troubles

    with ThreadPoolExecutor(4) as pool:
        workers = [pool.submit(work, number) for number in range(4)]
        while len(acknowledged) < 20:
            time.sleep(0.01)
        (own_server.crash if crash else own_server.stop)()
        time.sleep(0.3)
        own_server.start()
        before = len(acknowledged)
        while len(acknowledged) < before + 20:
            time.sleep(0.01)
        stop.set()
        assert sum(worker.result() for worker in workers) > 0
    with Store.open(place) as store:
        names = store.annotations["id"].tolist()
        assert len(names) == len(set(names))
        assert set(acknowledged) <= set(names)
        log = store.events["seq"].tolist()
        assert log == list(range(1, len(log) + 1))


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here")
def test_kills_of_people_lose_nothing_and_hold_nobody_up(new_place: NewPlace) -> None:
    place = new_place()
    make_store(place, count=1).close()
    dice = random.Random(20260303)
    acknowledged: set[str] = set()
    for _ in range(5):
        acknowledged |= killed(write_for_ever, place, dice, count=4, within=0.02, patience=60)
    with Store.open(place) as store:
        events = store.events.query("kind in ('create', 'update')")
        sizes = events.groupby("gesture").size()
        assert set(sizes.unique()) == {4}, "no gesture is half"
        assert acknowledged
        assert acknowledged <= set(sizes.index), "nothing acknowledged is lost"
        with store.reading() as connection:
            held = replay_annotations(read_log(connection))
        assert {name: one.annotation for name, one in held.items()} == {
            made.id: made for made in store.read()
        }


@pytest.mark.parametrize("kind", ["server", "file"])
def test_sixteen_processes_never_get_one_task_twice(
    new_place: NewPlace, tmp_path: Path, kind: str
) -> None:
    place = new_place() if kind == "server" else str(tmp_path / "cars.db")
    make_store(place, count=64).close()
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.store.claimer"])
    pipes = [context.Pipe() for _ in range(16)]
    people = [
        context.Process(target=claim_all, args=(place, number, theirs), daemon=True)
        for number, (_, theirs) in enumerate(pipes)
    ]
    for person in people:
        person.start()
    for ours, _ in pipes:
        ours.recv()
    for ours, _ in pipes:
        ours.send("go")
    got = [name for ours, _ in pipes for name in ours.recv()]
    for person in people:
        person.join()
    assert len(got) == 64
    assert len(set(got)) == 64


def test_a_store_that_somebody_holds_says_so(postgres: Postgres, new_place: NewPlace) -> None:
    import psycopg

    place = new_place()
    make_store(place).close()
    with Store.open(place, wait=0.2) as store, psycopg.connect(place) as other:
        other.execute("SELECT id FROM meta FOR UPDATE")
        with pytest.raises(StoreLockedError):
            store.apply([create(store.task_ids()[0])], "ana")
        other.rollback()
        applied(store.apply([create(store.task_ids()[0])], "ana")[0])


def test_what_is_no_project_and_nobody_there_are_named(
    postgres: Postgres, new_place: NewPlace
) -> None:
    place = new_place()
    with pytest.raises(NotAStoreError, match="holds no project"):
        Store.open(place)
    with pytest.raises(StoreUnreachableError, match="does not exist"):
        Store.open(postgres.url("nothing_here"))
    with pytest.raises(StoreUnreachableError, match="cannot be reached"):
        Store.open(postgres.url("nobody", port=1), wait=1)
    make_store(place).close()
    with pytest.raises(StoreError, match="is there already"):
        make_store(place)


def test_text_that_the_server_does_not_keep_is_refused(store: Store, task: str) -> None:
    with pytest.raises(SchemaError, match="NUL"):
        store.apply([create(task)], "a\x00b")
    applied(store.apply([create(task)], "ana")[0])


def test_the_clock_of_a_person_does_not_matter(
    store: Store, task: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = store.events["time"].iloc[-1]
    monkeypatch.setattr(time, "time_ns", lambda: 4_000_000_000 * 10**9)
    made: Any = applied(store.apply([create(task)], "ana")[0])
    assert (made.time - before.to_pydatetime()).total_seconds() < 3600
    mine = store.claim("ana", ["in_progress"], ["queued"], begin("ana"))
    theirs = store.claim("ben", ["in_progress"], ["queued"], begin("ben"))
    assert mine is not None
    assert theirs is not None
    assert mine["id"] != theirs["id"], "the lease has not ended"


def test_without_the_driver_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from labelwidgets.errors import MissingExtraError

    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'labelwidgets\[team\]'"):
        make_engine(Location.of("postgresql://h/d"), 1)
