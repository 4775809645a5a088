"""Files of one writing, complete and not yet in their places, or put there before its end."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import zipfile
from collections.abc import Collection, Iterable, Iterator
from functools import cached_property
from types import FrameType
from typing import Any, TypeAlias

from labelwidgets.media.replacing import Replacement, has_folders, told
from labelwidgets.media.sources import filesystem
from labelwidgets.media.whole_files import make_folder, shown

Pieces: TypeAlias = Iterable[bytes | memoryview]
# What may wait on the disk of this machine for a place that is not on it.
_WAITING_BYTES = 1 << 30


class PendingFiles:
    """The files that are written to a path, and the folders that were made for them.

    Those of this machine wait beside their places. Another disk may not have the room for all of
    them: new files go to their places at once, and are taken away if the writing does not come to
    its end; what replaces a file waits.

    Parameters
    ----------
    path
        Of the one file, the archive or the folder.
    options
        For fsspec.
    """

    def __init__(self, path: str, options: dict[str, Any]) -> None:
        self._path, self._options = path, options
        self._waiting: list[Replacement] = []
        self._bytes = 0
        self._sent: list[Replacement] = []
        self._expected: Collection[str] = ()
        self._there: set[str] = set()
        self._made: list[str] = []
        self._zip: zipfile.ZipFile | None = None
        self._process = os.getpid()

    def begin(self, path: str, *, durable: bool) -> Replacement:
        """Return a file to write."""
        self._waiting.append(Replacement(path, durable=durable, **self._options))
        return self._waiting[-1]

    def archive(self) -> zipfile.ZipFile:
        """Return the archive, begun where it is not yet."""
        if self._zip is None:
            made = self.begin(self._path, durable=True)
            self._zip = zipfile.ZipFile(made.file, "w", zipfile.ZIP_DEFLATED)
        return self._zip

    def add_single(self, pieces: Pieces) -> None:
        """Write the one file."""
        self._fill(self.begin(self._path, durable=True), pieces)

    def add(self, place: str, pieces: Pieces) -> None:
        """Write a file of the folder."""
        self.make(place.rpartition("/")[0])
        made = self.begin(f"{self._path}/{place}", durable=False)
        self._fill(made, pieces)
        if made.local:
            return
        if self.may_replace and made.replaces():
            self._bytes += made.size
            if self._bytes > _WAITING_BYTES:
                made.send_ahead()
            return
        self._sent.append(made)
        made.commit()
        self._waiting.pop()

    @cached_property
    def may_replace(self) -> bool:
        """Whether there was something in the folder, as far as one may know."""
        fs, place = filesystem(self._path, self._options)
        with told(shown(self._path)):
            # Others may have written since somebody looked.
            fs.invalidate_cache()
            try:
                there = bool(fs.exists(place))
                # A bucket is there also when it is empty.
                return there and ("/" in place or bool(fs.ls(place, detail=False)))
            except PermissionError:
                # Of those who may write and not read.
                return False

    def expect(self, places: Collection[str]) -> None:
        """Note the files of the new folder, also those that somebody else writes, as they grow."""
        self._expected = places

    def make(self, folder: str) -> None:
        """Make a folder in the folder, unless that is done."""
        path = f"{self._path}/{folder}".rstrip("/")
        if path in self._there:
            return
        fs, place = filesystem(path, self._options)
        if has_folders(fs):
            missing = []
            while place.strip("/") and not fs.isdir(place):
                missing.append(place)
                place = fs._parent(place)
            self._made += reversed(missing)
        if not self._there:
            # Looked up before there is anything.
            _ = self.may_replace
        make_folder(path, **self._options)
        self._there.add(path)

    def commit(self) -> None:
        """Put all files in their places; whoever interrupts that does so at its end."""
        with _finished():
            for made in self._waiting:
                made.commit()
            self._forget()

    def discard(self) -> None:
        """Leave nothing of what is not in its place, nor of what is new there."""
        if self._process != os.getpid():
            # Of a process that was forked meanwhile, which it is none of the business of.
            return
        if self._zip is not None:
            # Before its file: it writes to it when it is closed, and so when it is forgotten.
            with contextlib.suppress(OSError, ValueError):
                self._zip.close()
        for made in self._waiting:
            made.discard()
        for made in self._sent:
            with contextlib.suppress(Exception):
                made.withdraw()
        if self._expected or self._made:
            fs, top = filesystem(self._path, self._options)
            for gone in [f"{top}/{place}" for place in self._expected]:
                with contextlib.suppress(Exception):
                    fs.rm_file(gone)
            for folder in reversed(self._made):
                with contextlib.suppress(Exception):
                    fs.rmdir(folder)
        self._forget()

    def _forget(self) -> None:
        for some in (self._waiting, self._sent, self._made):
            some.clear()
        self._expected = ()

    def _fill(self, made: Replacement, pieces: Pieces) -> None:
        for piece in pieces:
            made.file.write(piece)
        made.complete()


@contextlib.contextmanager
def _finished() -> Iterator[None]:
    """Let Ctrl-C wait for the end of the block; the second one does not."""
    former = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(former):
        yield
        return
    asked: list[tuple[int, FrameType | None]] = []

    def wait(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, former)
        asked.append((number, frame))

    signal.signal(signal.SIGINT, wait)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, former)
    if asked:
        former(*asked[0])
