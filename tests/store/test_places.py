"""Where a store may lie, and what is never touched."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from labelwidgets.errors import (
    NotAStoreError,
    SchemaError,
    StoreError,
    StoreFullError,
    StoreLockedError,
    StoreReadOnlyError,
    StoreVersionError,
)
from labelwidgets.store.location import Location
from labelwidgets.store.store import Store
from labelwidgets.workflow.presets import maker_only
from tests.store.making import ONTOLOGY, applied, create, items, make_store, rows


def listing(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


FOREIGN = {
    "empty": b"",
    "text": b"my holiday notes\n" * 100,
    "short": b"SQLite format 3\x00",
    "zip": b"PK\x03\x04" + bytes(200),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_a_file_that_is_no_store_is_left_alone(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "notes.db"
    path.write_bytes(FOREIGN[kind])
    before = listing(tmp_path)
    with pytest.raises(NotAStoreError, match=r"notes\.db.*not a labelwidgets store"):
        Store.open(path)
    with pytest.raises(StoreError, match=r"notes\.db.*there already"):
        make_store(path)
    assert listing(tmp_path) == before


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE meta (schema_version)")
    other.close()
    before = listing(tmp_path)
    with pytest.raises(NotAStoreError, match="not a labelwidgets store"):
        Store.open(path)
    assert listing(tmp_path) == before


def test_a_folder_and_a_missing_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(NotAStoreError, match="is a folder"):
        Store.open(tmp_path)
    with pytest.raises(StoreError, match="there already"):
        make_store(tmp_path)
    with pytest.raises(NotAStoreError, match=r"gone\.db: There is no such file"):
        Store.open(tmp_path / "gone.db")
    with pytest.raises(NotAStoreError, match="folder is missing"):
        make_store(tmp_path / "no" / "cars.db")
    with pytest.raises(NotAStoreError, match="no such file"):
        Store.open(tmp_path / "gone.db" / "more.db")
    assert listing(tmp_path) == {}


@pytest.mark.parametrize("place", ["", "  ", "a\x00b", "sqlite://", "mysql://h/d", "://", "x://y"])
def test_what_is_no_place_is_refused(place: str) -> None:
    with pytest.raises(NotAStoreError):
        Location.of(place)


def test_a_password_is_never_shown() -> None:
    assert "s3cret" not in str(Location.of("postgresql://ana:s3cret@db.example/labels"))
    for wrong in ("mysql://ana:s3cret@h/d", "postgresql://ana:s3cret@h:port/d", "://s3cret"):
        with pytest.raises(NotAStoreError) as caught:
            Location.of(wrong)
        assert "s3cret" not in repr(caught.value) + str(caught.value)


def test_a_url_and_a_path_are_one_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    absolute = Location.of(tmp_path / "a.db")
    for same in ("a.db", "./x/../a.db", "~/a.db", f"sqlite:///{tmp_path}/a.db"):
        assert Location.of(same) == absolute


def test_a_store_is_made_whole_or_not_at_all(tmp_path: Path) -> None:
    frame = items(3)
    frame.loc[2, "id"] = "item0"
    with pytest.raises(SchemaError, match="row 2"):
        Store.create(
            tmp_path / "cars.db",
            ontology=ONTOLOGY,
            items=frame,
            workflow={},
            initial=maker_only().initial,
            actor="ana",
        )
    assert listing(tmp_path) == {}


def test_a_store_is_never_overwritten(tmp_path: Path) -> None:
    with make_store(tmp_path / "cars.db") as store:
        store.apply([create(store.task_ids()[0])], "ana")
    before = listing(tmp_path)
    with pytest.raises(StoreError, match="there already"):
        make_store(tmp_path / "cars.db")
    assert listing(tmp_path) == before


def test_of_two_that_make_one_store_one_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.link

    def link(draft: str, target: str) -> None:
        monkeypatch.setattr(os, "link", real)
        make_store(tmp_path / "cars.db", count=1).close()
        real(draft, target)

    monkeypatch.setattr(os, "link", link)
    with pytest.raises(StoreError, match="there already"):
        make_store(tmp_path / "cars.db", count=3)
    assert len(Store.open(tmp_path / "cars.db").task_ids()) == 1
    assert not list(tmp_path.glob(".*"))


def test_a_file_system_without_links_will_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def link(draft: str, target: str) -> None:
        raise OSError("not supported")

    monkeypatch.setattr(os, "link", link)
    with make_store(tmp_path / "cars.db") as store:
        applied(store.apply([create(store.task_ids()[0])], "ana")[0])


def test_a_newer_store_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "cars.db"
    make_store(path).close()
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE meta SET schema_version = 999")
    raw.close()
    with pytest.raises(StoreVersionError, match=r"cars\.db.*version 999.*pip install --upgrade"):
        Store.open(path)
    raw = sqlite3.connect(path)
    assert raw.execute("SELECT schema_version FROM meta").fetchone() == (999,)
    raw.close()


def test_a_damaged_store_is_named(tmp_path: Path) -> None:
    path = tmp_path / "cars.db"
    make_store(path, count=200).close()
    content = bytearray(path.read_bytes())
    content[4096:] = bytes(len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(NotAStoreError, match=r"cars\.db: is damaged"):
        Store.open(path)


def test_a_locked_store_says_so(tmp_path: Path) -> None:
    path = tmp_path / "cars.db"
    make_store(path).close()
    with Store.open(path, wait=0.05) as store:
        task = store.task_ids()[0]
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreLockedError, match=r"cars\.db: is locked"):
            store.apply([create(task)], "ana")
        assert store.annotations.empty, "reading goes on"
        other.execute("ROLLBACK")
        other.close()
        applied(store.apply([create(task)], "ana")[0])


def test_a_store_that_another_holds_alone_is_locked_at_opening(tmp_path: Path) -> None:
    path = tmp_path / "cars.db"
    make_store(path).close()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    try:
        with pytest.raises(StoreLockedError, match=r"cars\.db"):
            Store.open(path, wait=0.05)
    finally:
        other.close()


def frozen(path: Path) -> bool:
    """Make a file or folder immutable, for root too; say whether that worked."""
    done = subprocess.run(["chattr", "+i", str(path)], capture_output=True, check=False)  # noqa: S607
    return done.returncode == 0


def thaw(path: Path) -> None:
    subprocess.run(["chattr", "-i", str(path)], capture_output=True, check=False)  # noqa: S607


def test_a_read_only_file_can_be_read_and_not_written(tmp_path: Path) -> None:
    path = tmp_path / "cars.db"
    make_store(path).close()
    if os.geteuid() == 0:
        if not frozen(path):
            pytest.skip("root writes anything, and chattr does not work here")
    else:
        path.chmod(0o444)
    try:
        with Store.open(path) as store:
            task = store.task_ids()[0]
            with pytest.raises(StoreReadOnlyError, match=r"cars\.db.*read-only.*copy"):
                store.apply([create(task)], "ana")
    finally:
        thaw(path)


def test_a_read_only_folder_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    folder.mkdir()
    make_store(folder / "cars.db").close()
    if os.geteuid() == 0:
        if not frozen(folder):
            pytest.skip("root writes anything, and chattr does not work here")
    else:
        folder.chmod(0o555)
    try:
        with pytest.raises(StoreReadOnlyError, match="read-only"):
            make_store(folder / "new.db")
        with pytest.raises(StoreReadOnlyError, match=r"cars\.db"):
            Store.open(folder / "cars.db")
    finally:
        thaw(folder)
        folder.chmod(0o755)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("SQLITE_READONLY_DIRECTORY", StoreReadOnlyError),
        ("SQLITE_CANTOPEN", StoreReadOnlyError),
        ("SQLITE_FULL", StoreFullError),
        ("SQLITE_BUSY_SNAPSHOT", StoreLockedError),
        ("SQLITE_NOTADB", NotAStoreError),
        ("SQLITE_IOERR_READ", StoreError),
    ],
)
def test_what_the_driver_says_becomes_an_error_of_ours(
    tmp_path: Path, name: str, kind: type[StoreError], monkeypatch: pytest.MonkeyPatch
) -> None:
    error = sqlite3.OperationalError("something")
    error.sqlite_errorname = name
    with make_store(tmp_path / "cars.db") as store:

        def fail(*_: object) -> None:
            raise error

        monkeypatch.setattr("sqlalchemy.engine.default.DefaultDialect.do_execute", fail)
        with pytest.raises(kind, match=r"cars\.db") as caught:
            store.task_ids()
        assert type(caught.value) is kind
        monkeypatch.undo()
        assert store.task_ids()


@pytest.fixture
def tiny_disk(tmp_path: Path):  # type: ignore[no-untyped-def]
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount here")
    if done.returncode:
        pytest.skip(f"no file system of a known size can be mounted: {done.stderr.decode()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)  # noqa: S607


def fill(store: Store) -> set[str]:
    """Write until the disk is full; return the annotations that were acknowledged."""
    task, kept = store.task_ids()[0], set()
    for _ in range(5000):
        edits = [create(task, gesture=f"g{len(kept)}") for _ in range(3)]
        try:
            store.apply(edits, "ana")
        except StoreFullError as error:
            assert str(store.location) in str(error)  # noqa: PT017
            return kept
        kept |= {edit.annotation for edit in edits}
    pytest.fail("the disk never got full")


def check_sound(store: Store, kept: set[str]) -> None:
    assert {made.id for made in store.read()} == kept
    assert store.events["annotation_id"].dropna().nunique() == len(kept)
    raw = sqlite3.connect(str(store.location))
    assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    raw.close()


def test_a_full_disk_loses_nothing_acknowledged(tiny_disk: Path) -> None:
    store = make_store(tiny_disk / "cars.db")
    ballast = tiny_disk / "ballast"
    ballast.write_bytes(bytes(100_000))
    kept = fill(store)
    assert kept
    ballast.unlink()
    check_sound(store, kept)
    applied(store.apply([create(store.task_ids()[0])], "ana")[0])
    store.close()


def test_a_store_that_may_not_grow_loses_nothing_acknowledged(store: Store) -> None:
    from sqlalchemy import event

    @event.listens_for(store._engine, "checkout")
    def limit(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute("PRAGMA max_page_count = 60")

    kept = fill(store)
    assert kept
    check_sound(store, kept)


def test_a_forked_process_gets_a_connection_of_its_own(tmp_path: Path) -> None:
    if not hasattr(os, "fork"):
        pytest.skip("there is no fork here")
    script = """
import os, sys
from labelwidgets.store.store import Store
from tests.store.making import create
store = Store.open(sys.argv[1])
task = store.task_ids()[0]
store.changes(0)
child = os.fork()
if child == 0:
    for _ in range(20):
        store.apply([create(task)], "child")
        store.changes(10**9)
    os._exit(0)
for _ in range(20):
    store.apply([create(task)], "parent")
assert os.waitpid(child, 0)[1] == 0
print(len(store.read()))
"""
    make_store(tmp_path / "cars.db").close()
    command = [sys.executable, "-W", "ignore", "-c", script, str(tmp_path / "cars.db")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "40", done.stderr


def test_everything_is_in_one_file_once_closed(tmp_path: Path) -> None:
    with make_store(tmp_path / "cars.db") as store:
        store.apply([create(store.task_ids()[0])], "ana")
        store.changes(0)
    assert set(listing(tmp_path)) == {"cars.db"}
    assert len(rows(store, "annotations")) == 1


@pytest.mark.parametrize("suffix", ["-wal", "-journal"])
def test_what_is_left_of_a_deleted_store_is_named_and_stays(tmp_path: Path, suffix: str) -> None:
    left = tmp_path / f"cars.db{suffix}"
    left.write_bytes(b"what was not yet in the file")
    with pytest.raises(StoreError, match="left over from a database") as caught:
        make_store(tmp_path / "cars.db")
    assert left.name in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == [left.name]
    left.unlink()
    make_store(tmp_path / "cars.db").close()
