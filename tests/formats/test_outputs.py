"""Several files are written all or none, an archive without being held in memory."""

from __future__ import annotations

import contextlib
import os
import signal
import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest

from labelwidgets.errors import FormatError
from labelwidgets.formats import pending_files
from labelwidgets.formats.file_names import safe_name
from labelwidgets.formats.outputs import Output
from labelwidgets.media.replacing import Replacement


def tree(folder: Path) -> list[str]:
    """Return all that is in a folder."""
    return sorted(str(one.relative_to(folder)) for one in folder.rglob("*"))


def interrupted(path: Path) -> None:
    """Write some files, but not to the end."""
    with Output(path, (".txt",)) as output:
        output.add("a/old", b"new")
        if not output.single:
            output.add("b/c/new", b"new")
        raise KeyboardInterrupt


@pytest.mark.parametrize("name", ["labels", "labels.zip", "one.txt"])
def test_whoever_interrupts_keeps_what_was_there(tmp_path: Path, name: str) -> None:
    with Output(tmp_path / name, (".txt",)) as output:
        output.add("a/old", b"old")
    before = tree(tmp_path)
    target = next(one for one in sorted(tmp_path.rglob("*"), reverse=True) if one.is_file())
    content = target.read_bytes()
    with pytest.raises(KeyboardInterrupt):
        interrupted(tmp_path / name)
    assert tree(tmp_path) == before
    assert target.read_bytes() == content


def test_files_of_a_folder_appear_together(tmp_path: Path) -> None:
    with Output(tmp_path / "labels", (".txt",)) as output:
        assert output.add("a/one", b"1") == "a/one.txt"
        assert output.add("a/one", b"2") == "a/one_2.txt"
        assert output.add_pieces("two", (b"%d" % k for k in range(3)), ".csv") == "two.csv"
        assert not [one for one in tree(tmp_path) if one.endswith((".txt", ".csv"))]
    assert tree(tmp_path / "labels") == ["a", "a/one.txt", "a/one_2.txt", "two.csv"]
    assert (tmp_path / "labels/two.csv").read_text() == "012"


def test_who_does_not_come_to_the_end_leaves_nothing(tmp_path: Path) -> None:
    output = Output(tmp_path / "labels", (".txt",))
    output.add("a/one", b"1")
    del output
    assert tree(tmp_path) == []


@pytest.fixture
def interrupts() -> Iterator[None]:
    """SIGINT is what it is in a terminal, also where the tests run behind one."""
    former = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, former)


@pytest.mark.usefixtures("interrupts")
@pytest.mark.parametrize("place", ["", "memory://"])
def test_what_is_being_put_in_its_place_is_not_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    path = f"{place}{tmp_path}/labels"
    for content in (b"old", b"new"):
        with monkeypatch.context() as patched, contextlib.ExitStack() as stack:
            if content == b"new":
                real = Replacement.commit

                def commit(self: Replacement, real: Any = real) -> None:
                    if self._shown.endswith("0.txt"):
                        signal.raise_signal(signal.SIGINT)
                    real(self)

                patched.setattr(Replacement, "commit", commit)
                stack.enter_context(pytest.raises(KeyboardInterrupt))
            with Output(path, (".txt",)) as output:
                for number in range(3):
                    output.add(str(number), content)
    fs, top = fsspec.core.url_to_fs(path)
    found = fs.find(top)
    assert [fs.cat_file(one) for one in found] == [b"new"] * 3
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize("limit", [0, 1 << 30])
def test_what_replaces_files_elsewhere_waits_for_the_end(
    monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    monkeypatch.setattr(pending_files, "_WAITING_BYTES", limit)
    fs = fsspec.filesystem("memory")
    fs.store.clear()
    fs.pseudo_dirs[:] = [""]
    fs.pipe({"/labels/a[1].txt": b"old", "/labels/b.txt": b"old"})

    def write(error: type[BaseException] | None) -> None:
        with Output("memory://labels", (".txt",)) as output:
            output.add("a[1]", b"new", exact=True)
            output.add("c", b"new")
            output.add("deep/er/d[1]", b"new", exact=True)
            assert fs.cat_file("/labels/a[1].txt") == b"old"
            assert fs.cat_file("/labels/c.txt") == b"new"
            assert any(one.endswith(".part") for one in fs.store) == (limit == 0)
            if error is not None:
                raise error

    for error in (KeyboardInterrupt, ValueError):
        with pytest.raises(error):
            write(error)
        assert fs.find("/labels") == ["/labels/a[1].txt", "/labels/b.txt"]
        assert not fs.exists("/labels/deep")
        assert fs.cat_file("/labels/a[1].txt") == b"old"
    write(None)
    assert sorted(fs.store) == [
        "/labels/a[1].txt", "/labels/b.txt", "/labels/c.txt", "/labels/deep/er/d[1].txt",
    ]  # fmt: skip
    assert fs.cat_file("/labels/a[1].txt") == b"new"
    fs.store.clear()


def test_an_archive_is_not_held_in_memory(tmp_path: Path) -> None:
    piece = os.urandom(1 << 20)
    with Output(tmp_path / "labels.zip", (".bin",)) as output:
        output.add("first", piece)
        tracemalloc.start()
        output.add_pieces("noise", (piece for _ in range(24)))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 8 << 20
    with zipfile.ZipFile(tmp_path / "labels.zip") as archive:
        assert archive.testzip() is None
        assert archive.read("noise.bin") == piece * 24


def test_the_same_labels_give_the_same_archive(tmp_path: Path) -> None:
    made = []
    for name in ("a.zip", "b.zip"):
        with Output(tmp_path / name, (".txt",)) as output:
            output.add("x", b"1")
        made.append((tmp_path / name).read_bytes())
    assert made[0] == made[1]


def test_an_archive_of_nothing_is_one(tmp_path: Path) -> None:
    with Output(tmp_path / "a.zip", (".txt",)):
        pass
    assert zipfile.ZipFile(tmp_path / "a.zip").namelist() == []


def test_a_folder_elsewhere_takes_files_as_they_come() -> None:
    fs = fsspec.filesystem("memory")
    fs.store.clear()
    with Output("memory://labels", (".txt",)) as output:
        output.add("one", b"1")
        assert fs.cat_file("/labels/one.txt") == b"1"
    assert fs.find("/") == ["/labels/one.txt"]
    fs.store.clear()


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("masks/😀", "masks/unnamed"),
        ("../../up/a", "up/a"),
        ("a/..", "a/unnamed"),
        ("", "unnamed"),
        ("a b/c:d", "a_b/c_d"),
    ],
)
def test_a_name_of_signs_alone_is_a_file_in_its_folder(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_one_file_has_no_place_for_two(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="there are 2 videos"):
        Output(tmp_path / "a.txt", (".txt",)).check(2, "videos")
