"""One file, several hands: what is acknowledged stays, or the person is told."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from labelwidgets.errors import NotAStoreError, StoreError
from labelwidgets.store.store import Store
from tests.store.making import applied, create, make_store

OTHER_PROCESS = """
import sys
from labelwidgets.store.store import Store
from tests.store.making import create
with Store.open(sys.argv[1]) as store:
    store.apply([create(store.task_ids()[0])], "ben")
    print(len(store.read()))
"""


def label_elsewhere(path: Path) -> int:
    """Add a label in a process of its own, and return how many it sees then."""
    run = subprocess.run(
        [sys.executable, "-c", OTHER_PROCESS, str(path)],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    return int(run.stdout)


@pytest.mark.parametrize("opened_again", [False, True])
def test_a_store_opened_twice_keeps_its_locks(tmp_path: Path, opened_again: bool) -> None:
    # A second look at the file must not drop the locks of the first: the other process would
    # take the write-ahead log away at its end, and with it what is acknowledged later.
    path = tmp_path / "cars.db"
    with make_store(path) as store:
        task = store.task_ids()[0]
        store.apply([create(task)], "ana")
        if opened_again:
            Store.open(path).close()
            with pytest.raises(StoreError, match="there already"):
                make_store(path)
        assert label_elsewhere(path) == 2
        applied(store.apply([create(task)], "ana")[0])
        assert label_elsewhere(path) == 4


def delete(path: Path) -> None:
    for part in path.parent.glob(f"{path.name}*"):
        part.unlink()


def move(path: Path) -> None:
    path.rename(path.with_name("moved.db"))


def replace(path: Path) -> None:
    other = path.with_name("other.db")
    make_store(other).close()
    other.replace(path)


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("harm", [delete, move, replace, empty])
@pytest.mark.parametrize("closed", [False, True])
def test_nothing_is_acknowledged_into_a_file_that_is_gone(
    tmp_path: Path, harm: Callable[[Path], None], closed: bool
) -> None:
    path = tmp_path / "cars.db"
    store = make_store(path)
    task = store.task_ids()[0]
    store.apply([create(task)], "ana")
    if closed:
        store.close()
    harm(path)
    before = sorted(os.listdir(tmp_path))
    with pytest.raises(StoreError, match=r"cars\.db: was moved, deleted or replaced"):
        store.apply([create(task)], "ana")
    assert sorted(os.listdir(tmp_path)) == before, "nothing new lies in its place"
    if not closed:
        assert len(store.read()) == 1, "what it still holds can be read, and so be saved"
    store.close()


def test_a_file_that_is_put_back_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "cars.db"
    with make_store(path) as store:
        task = store.task_ids()[0]
        store.apply([create(task)], "ana")
        path.rename(tmp_path / "away.db")
        with pytest.raises(StoreError, match="moved"):
            store.apply([create(task)], "ana")
        (tmp_path / "away.db").rename(path)
        applied(store.apply([create(task)], "ana")[0])
        assert label_elsewhere(path) == 3


def test_a_closed_store_can_be_copied_and_moved(tmp_path: Path) -> None:
    with make_store(tmp_path / "cars.db") as store:
        store.apply([create(store.task_ids()[0])], "ana")
        uid = store.uid
    shutil.copy(tmp_path / "cars.db", tmp_path / "copy.db")
    (tmp_path / "cars.db").rename(tmp_path / "moved.db")
    for name in ("copy.db", "moved.db"):
        with Store.open(tmp_path / name) as store:
            assert (len(store.read()), store.uid) == (1, uid)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_no_store(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.db")
    with pytest.raises(NotAStoreError, match=r"pipe\.db.*not a labelwidgets store"):
        Store.open(tmp_path / "pipe.db")


def test_a_name_that_no_file_can_have(tmp_path: Path) -> None:
    with pytest.raises(NotAStoreError, match="cannot be read"):
        Store.open(tmp_path / ("x" * 5000))
    for odd in ("what?.db", "a#b%20c.db", "\u202egpj.db"):
        make_store(tmp_path / odd).close()
        with Store.open(tmp_path / odd) as store:
            assert len(store.task_ids()) == 4
