"""A file takes the place of another when it is complete, and not before."""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest
from fsspec.implementations.local import LocalFileSystem
from fsspec.implementations.memory import MemoryFileSystem

from labelwidgets.errors import SourceError
from labelwidgets.media import replacing as replacing_room
from labelwidgets.media.replacing import Replacement, replacing
from labelwidgets.media.whole_files import write_bytes


class Bucket(LocalFileSystem):  # type: ignore[misc]
    """A store that is not on this machine, as far as anyone can tell."""

    protocol = ("bucket",)
    puts: tuple[str, ...] = ()

    def put_file(self, lpath: str, rpath: str, **kwargs: Any) -> None:
        type(self).puts += (rpath,)
        super().put_file(lpath, rpath, **kwargs)


@pytest.fixture
def memory() -> Iterator[MemoryFileSystem]:
    """The file system in memory, empty."""
    fs = fsspec.filesystem("memory")
    fs.store.clear()
    yield fs
    fs.store.clear()


def interrupted(path: Path | str, error: type[BaseException]) -> None:
    """Write some of a file, but not to the end."""
    with replacing(path) as file:
        file.write(b"x" * (3 << 20))
        raise error


def test_what_is_written_in_pieces_is_there_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "labels.json"
    path.write_text("old")
    path.chmod(0o640)
    with replacing(path) as file:
        file.write(b"new ")
        file.write(b"labels")
        assert path.read_text() == "old"
    assert path.read_text() == "new labels"
    assert path.stat().st_mode & 0o777 == 0o640
    assert os.listdir(tmp_path) == ["labels.json"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, SystemExit])
def test_whoever_interrupts_keeps_the_old_file(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "labels.json"
    path.write_text("old")
    with pytest.raises(error):
        interrupted(path, error)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["labels.json"]


def test_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "real.json").write_text("old")
    (tmp_path / "link.json").symlink_to("real.json")
    with replacing(tmp_path / "link.json") as file:
        file.write(b"new")
    assert (tmp_path / "link.json").is_symlink()
    assert (tmp_path / "real.json").read_text() == "new"


def test_a_full_disk_is_said_and_changes_nothing(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    path = tmp_path / "labels.json"
    path.write_text("old")
    made = Replacement(path)
    os.unlink(made._part)
    full = os.open("/dev/full", os.O_RDWR)
    os.dup2(full, made.file.fileno())
    os.close(full)
    with pytest.raises(SourceError, match=rf"labels.json: .*{os.strerror(errno.ENOSPC)}"):
        made.file.write(b"x" * (3 << 20))
    made.discard()
    assert path.read_text() == "old"


def test_errors_of_what_is_read_meanwhile_are_their_own(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="of the reader"), replacing(tmp_path / "a") as _:
        raise OSError("of the reader")


@pytest.mark.parametrize("name", ["", "missing/a.json"])
def test_no_place_for_it_is_said_before_anything_is_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(SourceError), replacing(tmp_path / name):
        pytest.fail("There is nothing to write to.")  # pragma: no cover


def test_what_others_would_see_grow_is_renamed_at_the_end(memory: MemoryFileSystem) -> None:
    memory.pipe_file("/a.json", b"old")
    with replacing("memory://a.json") as file:
        file.write(b"new")
        assert memory.cat_file("/a.json") == b"old"
    assert memory.cat_file("/a.json") == b"new"
    with pytest.raises(KeyboardInterrupt):
        interrupted("memory://a.json", KeyboardInterrupt)
    assert memory.find("/") == ["/a.json"]
    assert memory.cat_file("/a.json") == b"new"


def test_a_place_that_renames_onto_nothing_is_cleared_first(
    memory: MemoryFileSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    move = MemoryFileSystem.mv

    def careful(self: Any, one: str, other: str, **options: Any) -> None:
        if self.exists(other):
            raise FileExistsError(other)
        move(self, one, other, **options)

    monkeypatch.setattr(MemoryFileSystem, "mv", careful)
    memory.pipe_file("/a.json", b"old")
    write_bytes("memory://a.json", b"new")
    assert memory.cat_file("/a.json") == b"new"
    assert memory.find("/") == ["/a.json"]


def test_a_sending_that_fails_leaves_nothing(
    memory: MemoryFileSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Any, lpath: str, rpath: str, **options: Any) -> None:
        self.pipe_file(rpath, b"ha")
        raise ConnectionError

    monkeypatch.setattr(MemoryFileSystem, "put_file", broken)
    memory.pipe_file("/a.json", b"old")
    with (
        pytest.raises(SourceError, match="ConnectionError"),
        replacing("memory://a.json") as file,
    ):
        file.write(b"new")
    assert memory.cat_file("/a.json") == b"old"
    assert memory.find("/") == ["/a.json"]


def test_to_a_bucket_it_is_sent_once_it_is_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Beside the local file system, which it is a kind of, it must count as another.
    fsspec.register_implementation("bucket", Bucket, clobber=True)
    monkeypatch.setattr(
        "fsspec.implementations.local.LocalFileSystem", type("Local", (), {"protocol": "file"})
    )
    Bucket.puts = ()
    with replacing(f"bucket://{tmp_path}/a.json") as file:
        file.write(b"new")
        assert not Bucket.puts
    assert len(Bucket.puts) == 1
    assert (tmp_path / "a.json").read_bytes() == b"new"


def test_a_long_file_goes_to_the_disk_while_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, waited = threading.Event(), []

    def slow(number: int, real: Any = os.fsync) -> None:
        if threading.current_thread() is not threading.main_thread():
            begun.set()
            time.sleep(0.05)
        waited.append(threading.current_thread() is threading.main_thread())
        real(number)

    monkeypatch.setattr(replacing_room, "_AHEAD", 1 << 20)
    monkeypatch.setattr(os, "fsync", slow)
    with replacing(tmp_path / "a.bin") as file:
        file.write(b"1" * (3 << 20))
        assert begun.wait(5)
        file.write(b"2" * 10)
    # What is still on its way is waited for, and the end is asked for by itself.
    assert waited[0] is False
    assert waited[-1] is True
    assert (tmp_path / "a.bin").read_bytes() == b"1" * (3 << 20) + b"2" * 10


@pytest.mark.parametrize("stops", [False, True])
def test_what_the_disk_says_meanwhile_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stops: bool
) -> None:
    def full(number: int) -> None:
        # Once, as Linux does.
        if threading.current_thread() is not threading.main_thread():
            raise OSError(errno.ENOSPC, "No space left on device")

    def write() -> None:
        with replacing(path) as file:
            file.write(b"1" * (3 << 20))
            if stops:
                raise KeyboardInterrupt

    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    monkeypatch.setattr(replacing_room, "_AHEAD", 1 << 20)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(KeyboardInterrupt if stops else SourceError):
        write()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_without_threads_all_is_waited_for_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(replacing_room, "_AHEAD", 1 << 20)
    monkeypatch.setattr(threading.Thread, "start", none)
    with replacing(tmp_path / "a.bin") as file:
        file.write(b"1" * (3 << 20))
    assert (tmp_path / "a.bin").stat().st_size == 3 << 20
